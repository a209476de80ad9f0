using Maintenance.Engine.Retention;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Retention;

/// <summary>Rows that go into files of a folder or of Azurite.</summary>
public sealed class BlobArchiveTests(SandboxFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_folder_that_was_there_and_is_away_is_not_made_anew()
    {
        await using var archive = await ArchiveBench.StartAsync(fixture, 18, ArchiveBench.Table(60));
        Assert.Equal((StepState.Done, 50L), (await archive.RunAllAsync(ArchiveBench.Policy)) is [var first] ? (first.State, first.Rows) : default);
        await archive.Bench.Admin.ExecuteAsync("INSERT INTO t VALUES (1001, now() - interval '50 days', 'late')");
        var folder = archive.Bench.Target.ArchiveStore!.Path!;
        Directory.Move(folder, $"{folder}.away");
        var refused = Assert.Single(await archive.RunAllAsync(ArchiveBench.Policy));
        Assert.Equal((StepState.Failed, MaintenanceErrorCode.StoreNotFound, 0L), (refused.State, refused.Error, refused.Rows));
        Assert.False(Directory.Exists(folder));
        Directory.Move($"{folder}.away", folder);
        Assert.Equal((StepState.Done, 1L), (await archive.RunAllAsync(ArchiveBench.Policy)) is [var again] ? (again.State, again.Rows) : default);
    }

    [Theory]
    [InlineData(15, false)]
    [InlineData(15, true)]
    [InlineData(18, false)]
    [InlineData(18, true)]
    public async Task Every_value_comes_back_as_it_was(int major, bool blob)
    {
        await using var archive = await ArchiveBench.StartAsync(fixture, major, """
            CREATE SCHEMA "od""d $1 ; schämä";
            CREATE TYPE mood AS ENUM ('sad', 'o''k "', 'happy');
            CREATE TABLE "od""d $1 ; schämä"."ta""ble
            'x'" (
                "id ""$2"" (" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "at,
            " timestamptz, a text, b bytea, c numeric[], d jsonb, e double precision, f timestamp, g mood, h interval, i inet, j date, k real[],
                l int GENERATED ALWAYS AS (length(a)) STORED, m xml, n tsrange, o uuid, p boolean, q char(5), r money);
            INSERT INTO "od""d $1 ; schämä"."ta""ble
            'x'" ("at,
            ", a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r)
            SELECT now() - interval '40 days' - n * interval '1 hour', t.a, decode(md5(n::text), 'hex'), ARRAY['NaN', 1.10, NULL, -0.00]::numeric[], jsonb_build_object('k"', t.a),
                CASE n % 4 WHEN 0 THEN 'NaN' WHEN 1 THEN '-Infinity' WHEN 2 THEN 0.1 + 0.2 END, CASE n % 3 WHEN 0 THEN 'infinity' WHEN 1 THEN '0044-03-15 BC'::timestamp END,
                'o''k "', '1 mon -2 days 03:04:05.6', '::1/64', 'infinity', ARRAY[1e-30, 'NaN'], '<a>&lt;</a>', '[2020-01-01,)', md5(n::text)::uuid, n % 2 = 0, 'x', 12.34
            FROM generate_series(1, 30) n,
                (VALUES (''), (NULL), (E'line\nbreak\r\n'), ('"quo""te'), ('\.'), ('\N'), (E'ta\tb\\'), ('ünï 漢字 🐘 ' || chr(8238)), ('NULL'), (' lead'), (repeat('1 MB "', 180000))) AS t (a);
            CREATE INDEX ON "od""d $1 ; schämä"."ta""ble
            'x'" ("at,
            ");
            CREATE TABLE before AS SELECT * FROM "od""d $1 ; schämä"."ta""ble
            'x'";
            """, blob);
        const string Name = "\"od\"\"d $1 ; schämä\".\"ta\"\"ble\n'x'\"";
        var policy = ArchiveBench.Policy with { Table = Name, TimeColumn = "at,\n" };
        var expected = await archive.Bench.SumAsync("SELECT * FROM before");
        var result = await archive.Bench.RunAsync(policy, new RetentionOptions { Verify = true });
        Assert.True(result.State == StepState.Done, result.Message);
        Assert.Equal((330, 0, true), (result.Rows, result.RowsLeft, result.Verified));
        Assert.Contains("330 row(s)", result.Verification, StringComparison.Ordinal);
        Assert.True(result.StoredBytes < result.Bytes && result.Bytes > 30_000_000, $"{result.Bytes} {result.StoredBytes}");
        Assert.Equal(330, await archive.LoadAsync(like: "before"));
        Assert.Equal(expected, await archive.Bench.SumAsync("SELECT * FROM back"));

        var manifest = await archive.ManifestAsync(result.Manifest!);
        Assert.Equal((330, "at,\n", "timestamp with time zone", archive.Bench.Name), (manifest.Rows, manifest.TimeColumn, manifest.TimeColumnType, manifest.Database));
        Assert.Equal(new ArchivedColumn("id \"$2\" (", "bigint", false), manifest.Columns[0]);
        Assert.Equal(await archive.Bench.Admin.ScalarAsync<string>("SELECT min(\"at,\n\")::timestamptz::text FROM before, set_config('TimeZone', 'UTC', false)"), manifest.Parts.Select(part => part.OldestTime).Min(StringComparer.Ordinal));
        Assert.Equal(result.Sha256, await archive.Bench.Admin.ScalarAsync<string>("SELECT manifest_sha256 FROM maintenance.archives WHERE finished_at IS NOT NULL"));
        await archive.Bench.AssertNothingRunsAsync();
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Only_what_is_due_goes_and_holds_are_kept(int major)
    {
        await using var archive = await ArchiveBench.StartAsync(fixture, major, ArchiveBench.Table(9000) + """
            CREATE TABLE held (id int PRIMARY KEY);
            INSERT INTO held SELECT n * 100 FROM generate_series(1, 50) n;
            INSERT INTO t VALUES (-1, NULL, 'none'), (-2, 'infinity', 'never'), (-3, '-infinity', 'always');
            """);
        var policy = ArchiveBench.Policy with { LegalHold = "id IN (SELECT held.id FROM public.held)", Destination = "logs/old" };
        var plan = await archive.Bench.PlanAsync(policy);
        Assert.Equal((8940, 50, 3), (plan.RowsDue, plan.RowsHeld, plan.RowsWithoutAge));
        Assert.Equal(["COPY", "WITH", "-- A"], plan.Sql.Select(sql => sql[..4]));
        var result = await archive.Bench.ExecuteAsync(plan);
        Assert.True(result.State == StepState.Done, result.Message);
        Assert.Equal((8940, 0), (result.Rows, result.RowsLeft));
        Assert.StartsWith("logs/old/", result.Manifest, StringComparison.Ordinal);
        Assert.True(result is { Batches: > 1, WorstBatch: not null, WalBytes: > 0 });
        Assert.Equal(8940, await archive.LoadAsync());
        Assert.Equal(63, await archive.Bench.CountAsync("t"));
        Assert.Equal(0, await archive.Bench.CountAsync("t JOIN back USING (id)"));

        // Nothing is due any more: nothing is written.
        var files = (await archive.FilesAsync()).Count;
        Assert.Equal(StepState.Skipped, (await archive.Bench.RunAsync(policy)).State);
        Assert.Equal((files, 1), ((await archive.FilesAsync()).Count, await archive.Bench.CountAsync("maintenance.archives")));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_row_that_somebody_changes_meanwhile_is_archived_in_its_newest_version_or_stays(int major)
    {
        await using var archive = await ArchiveBench.StartAsync(fixture, major, ArchiveBench.Table(3000) + "CREATE TABLE held (id int PRIMARY KEY)");
        archive.Bench.At(FaultPoint.PartStored, async time =>
        {
            if (time == 1)
            {
                await using var other = await SandboxDatabase.OpenAsync(archive.Bench.Sandbox, archive.Bench.Name);
                await other.ExecuteAsync("""
                    UPDATE t SET v = 'changed' WHERE id IN (2980, 5);
                    UPDATE t SET at = now() WHERE id = 2981;
                    DELETE FROM t WHERE id = 2982;
                    INSERT INTO t VALUES (-1, now() - interval '31 days' - interval '2983.5 minutes', 'late');
                    INSERT INTO held VALUES (2984)
                    """);
            }
        });
        var result = await archive.Bench.RunAsync(ArchiveBench.Policy with { LegalHold = "id IN (SELECT held.id FROM public.held)" });
        Assert.True(result.State == StepState.Done, result.Message);
        Assert.Equal(2988, result.Rows);
        Assert.Equal(2988, await archive.LoadAsync());
        Assert.Equal(2, await archive.Bench.CountAsync("back", "v = 'changed'"));
        Assert.Equal(1, await archive.Bench.CountAsync("back", "v = 'late'"));
        Assert.Equal(0, await archive.Bench.CountAsync("back", "id IN (2981, 2982, 2984)"));
        Assert.Equal(12, await archive.Bench.CountAsync("t"));
    }

    [Theory]
    [InlineData(15, false)]
    [InlineData(18, true)]
    public async Task Rows_that_change_each_time_are_taken_first(int major, bool verify)
    {
        await using var archive = await ArchiveBench.StartAsync(fixture, major, ArchiveBench.Table(1200));
        archive.Bench.At(FaultPoint.PartStored, async time =>
        {
            // After that they are locked, as this would find out.
            if (time <= ArchiveRange.MostTries)
            {
                await using var other = await SandboxDatabase.OpenAsync(archive.Bench.Sandbox, archive.Bench.Name);
                await other.ExecuteAsync($"UPDATE t SET v = 'changed {time}' WHERE at < now() - interval '30 days'");
            }
        });
        var result = await archive.Bench.RunAsync(ArchiveBench.Policy, new RetentionOptions { Verify = verify });
        Assert.True(result.State == StepState.Done, result.Message);
        Assert.Equal((1190, 0), (result.Rows, result.RowsLeft));
        Assert.Equal(1190, await archive.LoadAsync());
        Assert.Equal(1190, await archive.Bench.CountAsync("back", $"v = 'changed {ArchiveRange.MostTries}'"));
        Assert.Equal(verify ? true : null, result.Verified);
    }

    [Fact]
    public async Task A_trigger_that_keeps_rows_keeps_them_out_of_the_archive()
    {
        await using var archive = await ArchiveBench.StartAsync(fixture, 15, ArchiveBench.Table(500) + """
            CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.id % 10 = 0 THEN RETURN NULL; END IF; RETURN OLD; END $$;
            CREATE TRIGGER keep BEFORE DELETE ON t FOR EACH ROW EXECUTE FUNCTION keep();
            """);
        var result = await archive.Bench.RunAsync(ArchiveBench.Policy);
        Assert.Equal((441, 49), (result.Rows, result.RowsLeft));
        Assert.Equal(HealthStatus.Warning, result.Status);
        Assert.Equal(441, await archive.LoadAsync());
        Assert.Equal(0, await archive.Bench.CountAsync("back JOIN t USING (id)"));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Many_rows_of_one_day_become_several_parts(int major)
    {
        await using var archive = await ArchiveBench.StartAsync(fixture, major, """
            CREATE TABLE t (id int PRIMARY KEY, at date, v text);
            INSERT INTO t SELECT n, CASE WHEN n <= 12000 THEN current_date - 50 ELSE current_date - 40 - n % 3 END, repeat('x', n % 200) FROM generate_series(1, 12300) n;
            CREATE INDEX ON t (at); ANALYZE t;
            """);
        var result = await archive.Bench.RunAsync(ArchiveBench.Policy);
        Assert.True(result.State == StepState.Done, result.Message);
        Assert.Equal((12300, 0), (result.Rows, result.RowsLeft));
        Assert.True(result.Batches > 2, $"{result.Batches} parts");
        Assert.Equal(12300, await archive.LoadAsync());
        Assert.Equal(12300, await archive.Bench.Admin.ScalarAsync<long>("SELECT count(DISTINCT id) FROM back"));
    }

    [Theory]
    [InlineData(15, "")]
    [InlineData(18, "")]
    [InlineData(15, "PARTITION BY HASH (id)")]
    [InlineData(18, "PARTITION BY HASH (id)")]
    public async Task Without_an_index_it_goes_by_pages_when_forced(int major, string partitioning)
    {
        await using var archive = await ArchiveBench.StartAsync(fixture, major, $"""
            CREATE TABLE t (id int, at timestamp, v text) {partitioning};
            {(partitioning.Length == 0 ? "" : "CREATE TABLE t0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE t1 (v text, gone int, at timestamp, id int); ALTER TABLE t1 DROP gone; ALTER TABLE t ATTACH PARTITION t1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);")}
            INSERT INTO t SELECT n, now() - n * interval '1 hour', repeat('x', n % 300) FROM generate_series(1, 20000) n;
            """);
        Assert.Equal(MaintenanceErrorCode.RetentionRefused, (await archive.Bench.PlanAsync(ArchiveBench.Policy)).Error);
        var due = await archive.Bench.CountAsync("t", "at < now() AT TIME ZONE 'UTC' - interval '30 days'");
        var result = await archive.Bench.RunAsync(ArchiveBench.Policy, new RetentionOptions { Force = true });
        Assert.True(result.State == StepState.Done, result.Message);
        Assert.Equal((due, 0), (result.Rows, result.RowsLeft));
        Assert.True(result.Batches > 2, $"{result.Batches} parts");
        Assert.Equal(due, await archive.LoadAsync());
        Assert.Equal(20000, await archive.Bench.Admin.ScalarAsync<long>("SELECT count(*) FROM (SELECT id FROM back UNION SELECT id FROM t) AS everything"));
    }

    [Fact]
    public async Task Who_may_not_make_the_record_is_told_what_to_grant()
    {
        await using var archive = await ArchiveBench.StartAsync(fixture, 15, ArchiveBench.Table(100));
        var role = $"archiver_{Guid.NewGuid():N}";
        await archive.Bench.Admin.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'x'; GRANT SELECT, DELETE ON t TO {role}");
        try
        {
            archive.Bench.Target = archive.Bench.Target.As(role, "x");
            var result = await archive.Bench.RunAsync(ArchiveBench.Policy);
            Assert.Equal((StepState.Failed, MaintenanceErrorCode.PermissionDenied), (result.State, result.Error));
            await archive.Bench.Admin.ExecuteAsync(result.Recommendation!);
            var next = await archive.Bench.RunAsync(ArchiveBench.Policy);
            Assert.True(next.State == StepState.Done, next.Message);
        }
        finally
        {
            await archive.Bench.Engine.CloseAsync(archive.Bench.Target);
            await archive.Bench.Admin.ExecuteAsync($"DROP OWNED BY {role} CASCADE; DROP ROLE {role}");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stopping_ends_what_runs_on_the_server_and_finishes_what_is_there(bool whileExporting)
    {
        await using var archive = await ArchiveBench.StartAsync(fixture, 15, ArchiveBench.Table(6000));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        archive.Bench.At(whileExporting ? FaultPoint.PartStaged : FaultPoint.PartTaken, async time =>
        {
            if (time == 2)
            {
                await stop.CancelAsync();
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => archive.Bench.RunAsync(ArchiveBench.Policy, cancellationToken: stop.Token));
        await archive.Bench.AssertNothingRunsAsync();
        var archived = await archive.LoadAsync();
        Assert.Equal(5990, archived + await archive.Bench.CountAsync("t", "at < now() - interval '30 days'"));
        Assert.Equal(0, await archive.Bench.CountAsync("maintenance.archives", "finished_at IS NULL"));
    }

    [Fact]
    public async Task When_the_time_is_up_the_archive_is_finished_with_what_there_is()
    {
        await using var archive = await ArchiveBench.StartAsync(fixture, 15, ArchiveBench.Table(6000));
        var deadline = TimeProvider.System.GetUtcNow().AddSeconds(1.5);
        archive.Bench.At(FaultPoint.PartCommitted, time => time == 1 ? Task.Delay(TimeSpan.FromSeconds(2), Token) : Task.CompletedTask);
        var result = await archive.Bench.RunAsync(ArchiveBench.Policy, new RetentionOptions { Deadline = deadline });
        Assert.Equal((StepState.Deferred, MaintenanceErrorCode.DeadlineExceeded), (result.State, result.Error));
        Assert.InRange(result.Rows, 1, 5000);
        Assert.NotNull(result.Manifest);
        Assert.Equal(result.Rows, await archive.LoadAsync());
        Assert.Equal(StepState.Done, (await archive.Bench.RunAsync(ArchiveBench.Policy)).State);
        Assert.Equal(5990, await archive.LoadAsync());
    }

    [Fact]
    public async Task A_locked_row_makes_parts_smaller_and_holds_nobody_up()
    {
        await using var archive = await ArchiveBench.StartAsync(fixture, 15, ArchiveBench.Table(3000));
        var other = await archive.Bench.OpenAsync();
        await other.ExecuteAsync("BEGIN; UPDATE t SET v = 'mine' WHERE id = 2500");
        var times = 0;
        archive.Bench.At(FaultPoint.PartStored, async time =>
        {
            if (Interlocked.Increment(ref times) == 4)
            {
                await other.ExecuteAsync("COMMIT");
            }
        });
        var result = await archive.Bench.RunAsync(ArchiveBench.Policy);
        Assert.True(result.State == StepState.Done, result.Message);
        Assert.Equal(2990, await archive.LoadAsync());
        Assert.Equal(1, await archive.Bench.CountAsync("back", "v = 'mine'"));
    }
}
