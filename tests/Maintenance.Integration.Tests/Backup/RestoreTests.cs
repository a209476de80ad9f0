using System.Net;
using Azure.Storage.Blobs;
using Maintenance.Engine.Backup.Testing;
using Maintenance.Engine.Sandbox;
using Maintenance.IntegrationTests.Infrastructure;
using static Maintenance.IntegrationTests.Backup.RestoreScene;

namespace Maintenance.IntegrationTests.Backup;

/// <summary>Dumps by the real pg_dump, restored into real scratch servers.</summary>
public sealed class RestoreTests(SandboxFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(BackupKind.Custom)]
    [InlineData(BackupKind.Directory)]
    [InlineData(BackupKind.Tar)]
    [InlineData(BackupKind.Plain)]
    [InlineData(BackupKind.PlainCompressed)]
    public async Task A_dump_of_any_format_is_restored_and_verified(BackupKind kind)
    {
        var sandbox = await fixture.PostgresAsync(15);
        await using var scene = await CreateAsync(sandbox, $"restore_{kind}".ToLowerInvariant());
        var backup = await scene.DumpAsync(kind);
        var verification = await scene.TestAsync(backup, new BackupTestOptions
        {
            Assertions = [new RecoveryAssertion { Name = "Last order", Sql = "SELECT max(total) FROM \"Sales & Co\".orders", Expected = "500" }],
        });

        Assert.True(verification.Verdict == BackupVerdict.Verified, Text(verification));
        Assert.Equal(FindingOutcome.Manual, Check(verification, "Rows").Outcome);
        Assert.Contains("600 rows", Check(verification, "Rows").Message, StringComparison.Ordinal);
        Assert.Equal(FindingOutcome.Pass, Check(verification, "Structure (amcheck)").Outcome);
        Assert.Equal(FindingOutcome.Pass, Check(verification, "Assertion Last order").Outcome);

        // The recovery time is the sum of what a recovery would have to wait for, and no check is in it.
        var counted = verification.Phases.Where(phase => phase.CountsAsRecovery).ToList();
        Assert.Equal(counted.Aggregate(TimeSpan.Zero, (sum, phase) => sum + phase.Duration), verification.RecoveryTime);
        Assert.Contains(counted, phase => phase.Name == "Restore");
        Assert.DoesNotContain(counted, phase => phase.Name.StartsWith("Check", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rows_are_compared_with_what_was_noted()
    {
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), "restore_rows");
        var backup = await scene.DumpAsync();
        await scene.NoteAsync(backup);
        var verification = await scene.TestAsync(backup);
        Assert.True(verification.Verdict == BackupVerdict.Verified, Text(verification));
        Assert.Equal(FindingOutcome.Pass, Check(verification, "Rows").Outcome);

        await scene.NoteAsync(backup, customers: 101);
        verification = await scene.TestAsync(backup);
        Assert.Equal((BackupVerdict.Failed, BackupFault.RowsDiffer), (verification.Verdict, verification.Fault));
        Assert.Contains("public.customers has 100 rows, and 101 were noted", verification.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sample_restores_the_schema_and_the_rows_of_some_tables()
    {
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), "restore_sample");
        var backup = await scene.DumpAsync();
        await scene.NoteAsync(backup);
        var verification = await scene.TestAsync(backup, new BackupTestOptions { Level = BackupLevel.Sample, SampleTables = 1 });
        Assert.True(verification.Verdict == BackupVerdict.Verified, Text(verification));
        Assert.Null(verification.RecoveryTime);
        Assert.Contains("1 table", Check(verification, "Restore").Message, StringComparison.Ordinal);
        Assert.Contains(Check(verification, "Rows").Message, new[] { "100", RestoreScene.Orders.ToString(System.Globalization.CultureInfo.InvariantCulture) }.Select(rows => $"1 table with the rows that were noted, {rows} in all."));
    }

    [Fact]
    public async Task A_row_that_points_to_nothing_is_found()
    {
        const string Orphan = """
            SET session_replication_role = replica;
            INSERT INTO "Sales & Co".orders (customer_id, total) VALUES (4711, 1);
            """;
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), "restore_orphan", Orphan);
        var verification = await scene.TestAsync(await scene.DumpAsync());
        Assert.Equal((BackupVerdict.Failed, BackupFault.ConstraintInvalid), (verification.Verdict, verification.Fault));
        Assert.Contains("orders_customer_id_fkey", verification.Message, StringComparison.Ordinal);
        // Which row it is stays with the server.
        Assert.DoesNotContain("4711", Text(verification), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_constraint_that_was_never_validated_is_told_and_no_fault()
    {
        const string NotValid = """
            ALTER TABLE "Sales & Co".orders DROP CONSTRAINT orders_customer_id_fkey;
            INSERT INTO "Sales & Co".orders (customer_id, total) VALUES (4711, 1);
            ALTER TABLE "Sales & Co".orders ADD CONSTRAINT late FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;
            """;
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), "restore_notvalid", NotValid);
        var verification = await scene.TestAsync(await scene.DumpAsync());
        Assert.True(verification.Verdict == BackupVerdict.Verified, Text(verification));
        Assert.Contains("late", Check(verification, "Constraints not validated").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_only_claims_to_be_valid_is_counted()
    {
        // pg_dump with triggers disabled would give the same: the server believes what it is told.
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), "restore_claim");
        var verification = await scene.TestAsync(await scene.WriteTextAsync("""
            CREATE TABLE public.parents (id integer PRIMARY KEY);
            CREATE TABLE public.children (parent integer);
            ALTER TABLE ONLY public.children
                ADD CONSTRAINT children_fkey FOREIGN KEY (parent) REFERENCES public.parents(id);
            SET session_replication_role = replica;
            COPY public.children (parent) FROM stdin;
            1
            2
            \.
            SET session_replication_role = origin;
            """));
        Assert.Equal((BackupVerdict.Failed, BackupFault.ConstraintInvalid), (verification.Verdict, verification.Fault));
        Assert.Contains("2 rows point to nothing", verification.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_index_that_does_not_fit_its_table_is_found()
    {
        const string Lying = """
            CREATE FUNCTION whim(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT (random() * 1000000)::int + $1';
            CREATE INDEX whimsical ON customers (whim(id));
            """;
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), "restore_index", Lying);
        var verification = await scene.TestAsync(await scene.DumpAsync());
        Assert.Equal((BackupVerdict.Failed, BackupFault.RelationDamaged), (verification.Verdict, verification.Fault));
        Assert.Contains("public.whimsical", verification.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_assertion_that_is_not_met_fails_the_backup()
    {
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), "restore_assert");
        var backup = await scene.DumpAsync();
        var target = scene.Sandbox.Target with
        {
            Recovery = new RecoverySettings
            {
                Assertions =
                [
                    new RecoveryAssertion { Name = "Enough", Sql = "SELECT count(*) > 1000 FROM customers" },
                    new RecoveryAssertion { Name = "Elsewhere", Sql = "SELECT false", Database = "another" },
                ],
            },
        };
        var verification = await scene.TestAsync(
            backup, new BackupTestOptions { Assertions = [new RecoveryAssertion { Name = "Writes", Sql = "DELETE FROM customers RETURNING true" }] }, target);
        Assert.Equal((BackupVerdict.Failed, BackupFault.AssertionFailed), (verification.Verdict, verification.Fault));
        Assert.Equal("Enough gave f, and true was expected.", Check(verification, "Assertion Enough").Message);
        Assert.Contains("read-only", Check(verification, "Assertion Writes").Message, StringComparison.Ordinal);
        Assert.DoesNotContain(verification.Checks, check => check.Name == "Assertion Elsewhere");
    }

    [Fact]
    public async Task An_extension_that_is_not_here_leaves_the_backup_undetermined()
    {
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), "restore_extension");
        var verification = await scene.TestAsync(await scene.WriteTextAsync("""
            CREATE EXTENSION IF NOT EXISTS stars WITH SCHEMA public;
            CREATE TABLE public.sky (star public.star);
            CREATE TABLE public.ground (stone integer);
            """), new BackupTestOptions { Assertions = [new RecoveryAssertion { Name = "Sky", Sql = "SELECT count(*) = 0 FROM public.sky" }] });
        Assert.Equal(BackupVerdict.CannotDetermine, verification.Verdict);
        Assert.Contains("stars", Check(verification, "Extensions").Message, StringComparison.Ordinal);
        Assert.Contains("1 table", Check(verification, "Rows").Message, StringComparison.Ordinal);
        Assert.Equal(FindingOutcome.Unknown, Check(verification, "Assertion Sky").Outcome);
    }

    [Fact]
    public async Task Commands_of_psql_in_a_dump_are_not_run()
    {
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), "restore_hostile");
        var witness = Path.Combine(scene.Store, "witness");
        if (!OperatingSystem.IsWindows())
        {
            // Anybody could write it.
            File.SetUnixFileMode(scene.Store, (UnixFileMode)0b111_111_111);
        }

        var verification = await scene.TestAsync(await scene.WriteTextAsync($$"""
            \unrestrict guess
            \! touch {{witness}}
            CREATE TABLE public.t (i integer); \! touch {{witness}}
            \o | touch {{witness}}
            \copy public.t from program 'touch {{witness}}'
            \set x `touch {{witness}}`
            \restrict mine
            SELECT 1 \g | touch {{witness}}
            \unrestrict mine
            \! touch {{witness}}
            """));
        Assert.False(File.Exists(witness));
        Assert.Equal((BackupVerdict.Failed, BackupFault.RestoreFailed), (verification.Verdict, verification.Fault));
        Assert.Contains("backslash commands are restricted", verification.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dump_of_a_newer_server_than_is_here_says_nothing_about_the_backup()
    {
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), "restore_newer");
        var verification = await scene.TestAsync(await scene.WriteTextAsync("CREATE TABLE public.t (i integer);", "99.1"));
        Assert.Equal((BackupVerdict.CannotDetermine, BackupFault.NewerVersion), (verification.Verdict, verification.Fault));
    }

    [Fact]
    public async Task A_dump_is_restored_into_a_newer_server()
    {
        await fixture.PostgresAsync(18);
        var newer = (await ScratchBinaries.FindAsync(18, null, Token))!;
        Assert.Equal(18, newer.Major);
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), "restore_upgrade");
        var verification = await scene.TestAsync(await scene.DumpAsync(), new BackupTestOptions { PostgresPath = newer.BinPath });
        Assert.True(verification.Verdict == BackupVerdict.Verified, Text(verification));
        Assert.Contains("PostgreSQL 18", Check(verification, "Restore").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BackupKind.Custom)]
    [InlineData(BackupKind.Directory)]
    public async Task A_backup_in_a_container_is_fetched_once_hashed_and_restored(BackupKind kind)
    {
        const string Noise = "CREATE TABLE noise AS SELECT n, gen_random_bytes(1000) AS bytes FROM generate_series(1, 6000) AS n; SELECT lo_create(0);";
        var azurite = await fixture.AzuriteAsync();
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), $"restore_blob_{kind}".ToLowerInvariant(), Noise);
        // An empty large object that is not compressed is a file of no bytes.
        var local = await scene.DumpAsync(kind, "--compress=0");
        var settings = azurite.Target.BackupStore! with { Container = $"restore-{kind}".ToLowerInvariant(), Prefix = "" };
        var container = new BlobContainerClient(new NetworkCredential("", settings.ConnectionString!.ToSecureString()).Password, settings.Container);
        await container.CreateAsync(cancellationToken: Token);
        var path = Path.Combine(scene.Store, local.Name);
        foreach (var file in kind == BackupKind.Directory ? Directory.GetFiles(path) : [path])
        {
            await container.UploadBlobAsync(Path.GetRelativePath(scene.Store, file).Replace('\\', '/'), new BinaryData(await File.ReadAllBytesAsync(file, Token)), Token);
        }

        var target = azurite.Target with { BackupStore = settings };
        var verification = await scene.TestAsync(local with { Store = settings.ToString() }, target: target);
        Assert.True(verification.Verdict == BackupVerdict.Verified, Text(verification));
        Assert.Contains(verification.Phases, phase => phase is { Name: "Fetch the backup", CountsAsRecovery: true });
        Assert.InRange(verification.BytesRead, local.SizeBytes, local.SizeBytes * 1.2);
        Assert.Equal(FindingOutcome.Pass, Check(verification, "Data").Outcome);
        Assert.Equal(kind == BackupKind.Directory, verification.Sha256 is null);

        // Without room for the restore it is read in the store, once too.
        var claim = new BackupManifest { Name = local.Name, Database = scene.Database, Kind = kind, TakenAt = local.TakenAt, SizeBytes = local.SizeBytes, DatabaseSizeBytes = 1L << 55 };
        await Engine.Backup.BackupManifests.WriteAsync(new Engine.Stores.BlobFileStore(container, "", () => { }), claim, Token);
        var cramped = await scene.TestAsync(local with { Store = settings.ToString() }, target: target);
        Assert.Equal((BackupVerdict.CannotDetermine, BackupFault.NoSpace), (cramped.Verdict, cramped.Fault));
        Assert.Equal(FindingOutcome.Pass, Check(cramped, "Data").Outcome);
        Assert.InRange(cramped.BytesRead, local.SizeBytes, local.SizeBytes * 1.2);
    }

    [Fact]
    public async Task A_copy_that_is_not_what_came_says_nothing_about_the_backup()
    {
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), "restore_copy");
        var backup = await scene.DumpAsync();
        var work = new TestWork(new BackupFile(new Engine.Stores.FolderFileStore(scene.Store, ""), backup), null, new BackupTestOptions { Level = BackupLevel.Full }, Calls.To(scene.Sink), TimeProvider.System);
        var seen = await LogicalExamination.LookAsync(work, Token);
        var copy = new BackupCopy(scene.Store, backup.Name, new Dictionary<string, string> { [backup.Name] = new('0', 64) });
        var failure = await Assert.ThrowsAsync<MaintenanceException>(() => LogicalExamination.ReadAllAsync(work, seen, copy, Token));
        Assert.Equal(MaintenanceErrorCode.FileUnavailable, failure.Code);
        Assert.False(work.HasFailed);
    }
}
