using System.IO.Compression;
using Maintenance.IntegrationTests.Infrastructure;
using static Maintenance.IntegrationTests.Backup.RestoreScene;

namespace Maintenance.IntegrationTests.Backup;

/// <summary>Good dumps by the real pg_dump that are out of the ordinary: a restore must not call them bad.</summary>
public sealed class RestoreOddDumpTests(SandboxFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(BackupKind.Custom, "")]
    [InlineData(BackupKind.Plain, "")]
    [InlineData(BackupKind.Plain, "--use-set-session-authorization")]
    public async Task What_only_superusers_may_own_is_restored(BackupKind kind, string argument)
    {
        var name = $"odd_owners_{kind}{(argument.Length > 0 ? "_session" : "")}".ToLowerInvariant();
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), name, $$"""
            ALTER ROLE {{name}}_owner SUPERUSER;
            CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN RAISE EXCEPTION 'nobody changes anything here'; END $f$;
            CREATE FOREIGN DATA WRAPPER wrapper;
            CREATE SUBSCRIPTION subscription CONNECTION 'host=192.0.2.1' PUBLICATION nothing WITH (connect = false);
            CREATE PUBLICATION everything FOR ALL TABLES;
            ALTER FOREIGN DATA WRAPPER wrapper OWNER TO {{name}}_owner;
            ALTER SUBSCRIPTION subscription OWNER TO {{name}}_owner;
            ALTER PUBLICATION everything OWNER TO {{name}}_owner;
            CREATE EVENT TRIGGER sentry ON ddl_command_start EXECUTE FUNCTION refuse();
            ALTER EVENT TRIGGER sentry OWNER TO {{name}}_owner;
            """);
        try
        {
            var verification = await scene.TestAsync(await scene.DumpAsync(kind, argument.Length == 0 ? [] : [argument]));
            Assert.True(verification.Verdict == BackupVerdict.Verified, Text(verification));
            Assert.Equal(FindingOutcome.Pass, Check(verification, "Structure (amcheck)").Outcome);
        }
        finally
        {
            // A database with a subscription cannot be dropped.
            await using var connection = await SandboxDatabase.OpenAsync(scene.Sandbox, name);
            await connection.ExecuteAsync("""
                SET session_replication_role = replica;
                ALTER SUBSCRIPTION subscription SET (slot_name = NONE);
                DROP SUBSCRIPTION subscription;
                """);
        }
    }

    [Theory]
    [InlineData(BackupKind.Custom, BackupLevel.Full, false, "")]
    [InlineData(BackupKind.Custom, BackupLevel.Sample, false, "--clean")]
    [InlineData(BackupKind.Directory, BackupLevel.Full, true, "")]
    [InlineData(BackupKind.Plain, BackupLevel.Full, false, "")]
    [InlineData(BackupKind.Plain, BackupLevel.Full, false, "--clean")]
    [InlineData(BackupKind.Plain, BackupLevel.Full, false, "--clean --create")]
    public async Task Tablespaces_partitioned_indexes_and_removals_of_what_is_not_there_are_no_faults(BackupKind kind, BackupLevel level, bool isOnTarget, string arguments)
    {
        var sandbox = await fixture.PostgresAsync(15);
        var name = $"odd_places_{kind}_{level}{arguments.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal)}".ToLowerInvariant();
        await using (var connection = await SandboxDatabase.OpenAsync(sandbox))
        {
            await connection.ExecuteAsync("SET allow_in_place_tablespaces = on");
            await connection.ExecuteAsync($"CREATE TABLESPACE {name} LOCATION ''");
        }

        await using (var scene = await CreateAsync(sandbox, name, $$"""
            CREATE TABLE elsewhere (id integer PRIMARY KEY USING INDEX TABLESPACE {{name}}) TABLESPACE {{name}};
            CREATE INDEX ON customers (id) TABLESPACE {{name}};
            CREATE TABLE measured (at date, value integer) PARTITION BY RANGE (at);
            CREATE TABLE measured_2025 PARTITION OF measured FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
            CREATE INDEX measured_at ON ONLY measured (at);
            CREATE VIEW circle AS SELECT id, email FROM customers GROUP BY id;
            COMMENT ON DATABASE {{name}} IS 'two
            lines; of it';
            GRANT CONNECT ON DATABASE {{name}} TO {{name}}_owner;
            ALTER DATABASE {{name}} SET work_mem = '5MB';
            """))
        {
            var backup = await scene.DumpAsync(kind, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            var verification = await scene.TestAsync(backup, new BackupTestOptions { Level = level, ScratchTarget = isOnTarget ? sandbox.Target : null });

            Assert.True(verification.Verdict == BackupVerdict.Verified, Text(verification));
            Assert.Contains(name, Check(verification, "Tablespaces").Message, StringComparison.Ordinal);
            Assert.Contains("measured_at", Check(verification, "Partitioned indexes not finished").Message, StringComparison.Ordinal);
            // With --create it is the database that is removed, and that is left out.
            Assert.Equal(kind == BackupKind.Plain && arguments == "--clean", verification.Checks.Any(check => check.Name == "Clean"));
        }

        await SandboxDatabase.ExecuteAsync(sandbox, $"DROP TABLESPACE {name}");
    }

    [Fact]
    public async Task Text_that_looks_like_rows_hides_no_owner_and_two_compressed_members_are_one_file()
    {
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), "odd_text", """
            CREATE FUNCTION aaa() RETURNS text LANGUAGE sql AS $f$ SELECT '
            COPY orders FROM stdin;
            \connect nowhere
            '::text $f$;
            COMMENT ON FUNCTION aaa() IS 'It''s
            COPY orders FROM stdin;
            ';
            """);
        var backup = await scene.DumpAsync(BackupKind.Plain);
        var verification = await scene.TestAsync(backup, new BackupTestOptions
        {
            Assertions = [new RecoveryAssertion { Name = "Body", Sql = "SELECT aaa() LIKE '%connect nowhere%'" }],
        });
        Assert.True(verification.Verdict == BackupVerdict.Verified, Text(verification));

        // The last member is small, or empty as of bgzip.
        var text = await File.ReadAllBytesAsync(Path.Combine(scene.Store, backup.Name), Token);
        await File.WriteAllBytesAsync(Path.Combine(scene.Store, "odd_text.sql.gz"), [.. Gzip(text[..^20]), .. Gzip(text[^20..]), .. Gzip([])], Token);
        var packed = scene.BackupOf("odd_text.sql.gz", BackupKind.PlainCompressed);
        verification = await scene.TestAsync(packed, new BackupTestOptions { Level = BackupLevel.Toc });
        Assert.True(verification.Verdict == BackupVerdict.Verified, Text(verification));
        verification = await scene.TestAsync(packed);
        Assert.True(verification.Verdict == BackupVerdict.Verified, Text(verification));
    }

    [Fact]
    public async Task A_name_of_two_lines_is_a_name()
    {
        const string Name = "odd\nname";
        var sandbox = await fixture.PostgresAsync(15);
        await SandboxDatabase.ExecuteAsync(sandbox, $"DROP DATABASE IF EXISTS \"{Name}\"");
        await SandboxDatabase.ExecuteAsync(sandbox, $"CREATE DATABASE \"{Name}\" TEMPLATE template0");
        try
        {
            await SandboxDatabase.ExecuteAsync(sandbox, "CREATE TABLE \"a\nb\" (\"it's\nso\" integer); INSERT INTO \"a\nb\" VALUES (1)", Name);
            await using var scene = (await CreateAsync(sandbox, "odd_name")).Dumping(Name);
            foreach (var kind in new[] { BackupKind.Custom, BackupKind.Directory, BackupKind.Plain })
            {
                var verification = await scene.TestAsync(await scene.DumpAsync(kind));
                Assert.True(verification.Verdict == BackupVerdict.Verified, Text(verification));
                Assert.Contains("1 table with 1 row", Check(verification, "Rows").Message, StringComparison.Ordinal);
                Assert.DoesNotContain(verification.Checks, check => check.Message.Contains('\n', StringComparison.Ordinal));
            }
        }
        finally
        {
            await SandboxDatabase.ExecuteAsync(sandbox, $"DROP DATABASE \"{Name}\" WITH (FORCE)");
        }
    }

    [Fact]
    public async Task Rows_alone_and_whole_clusters_are_not_called_bad()
    {
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), "odd_rows");
        foreach (var (kind, argument) in new[] { (BackupKind.Custom, "--data-only"), (BackupKind.Plain, "--data-only"), (BackupKind.Plain, "--inserts") })
        {
            var verification = await scene.TestAsync(await scene.DumpAsync(kind, "--data-only", argument));
            Assert.True((verification.Verdict, verification.Fault) == (BackupVerdict.CannotDetermine, BackupFault.None), Text(verification));
            Assert.Contains("data only", verification.Message, StringComparison.Ordinal);
            Assert.Contains("--data-only", verification.Recommendation, StringComparison.Ordinal);
        }

        var cluster = await scene.TestAsync(await scene.DumpClusterAsync());
        Assert.True(cluster.Verdict == BackupVerdict.CannotDetermine, Text(cluster));
        Assert.Contains("New-DatabaseBackup", cluster.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_psql_takes_for_statements_are_not_told()
    {
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), "odd_words");
        var verification = await scene.TestAsync(await scene.WriteTextAsync("""
            CREATE TABLE public.numbers (id integer);
            COPY public.numbers (id) FROM stdin;
            Somebody
            \.
            COPY public.missing (name) FROM stdin;
            Somebody lives here;
            SELECT Somebody;
            \.
            SELECT 'the end' FROM Somebody;
            """));
        Assert.Equal((BackupVerdict.Failed, BackupFault.RestoreFailed), (verification.Verdict, verification.Fault));
        Assert.Contains("\"public.missing\" does not exist", verification.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("somebody", Text(verification), StringComparison.OrdinalIgnoreCase);
    }

    private static byte[] Gzip(byte[] content)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return memory.ToArray();
    }
}
