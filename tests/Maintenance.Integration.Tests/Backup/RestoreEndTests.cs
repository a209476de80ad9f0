using System.Diagnostics;
using Maintenance.Engine.Backup.Restore;
using Maintenance.Engine.Programs;
using Maintenance.IntegrationTests.Infrastructure;
using static Maintenance.IntegrationTests.Backup.RestoreScene;

namespace Maintenance.IntegrationTests.Backup;

/// <summary>Restores that do not come to their end, and restores on somebody's server: nothing is left of either.</summary>
public sealed class RestoreEndTests(SandboxFixture fixture)
{
    private const string ForEver = "SELECT pg_catalog.pg_sleep(600);";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cancelled_restore_leaves_nothing()
    {
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), "restore_cancel");
        var backup = await scene.WriteTextAsync(ForEver);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var test = scene.TestAsync(backup, cancellationToken: cancel.Token);
        await UntilAsync(() => scene.Sink.ProgressUpdates.Any(update => update.Status == "Restore"));
        Assert.NotEmpty(scene.Remains());
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => test);
        Assert.Empty(scene.Remains());
    }

    [Fact]
    public async Task A_scratch_folder_that_is_not_there_is_made_and_goes_again()
    {
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), "restore_made");
        var backup = await scene.DumpAsync();
        var made = Path.Combine(scene.Scratch, "made");
        var verification = await scene.TestAsync(backup, new BackupTestOptions { Level = BackupLevel.Full, ScratchPath = Path.Combine(made, "for", "this") });
        Assert.True(verification.Verdict == BackupVerdict.Verified, Text(verification));
        Assert.False(Directory.Exists(made));
    }

    [Fact]
    public async Task A_scratch_folder_that_the_servers_account_may_not_enter_is_refused_at_once()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), "restore_closed");
        var backup = await scene.DumpAsync();
        using var home = new TemporaryFolder();
        var closed = Directory.CreateDirectory(Path.Combine(home.Path, "closed"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var verification = await scene.TestAsync(backup, new BackupTestOptions { Level = BackupLevel.Full, ScratchPath = closed.FullName });
        Assert.Empty(closed.GetFileSystemInfos());
        if (!Environment.IsPrivilegedProcess)
        {
            // Servers run as ourselves, whom it lets in.
            Assert.True(verification.Verdict == BackupVerdict.Verified, Text(verification));
            return;
        }

        Assert.Equal((BackupVerdict.CannotDetermine, MaintenanceErrorCode.SandboxStartFailed), (verification.Verdict, verification.Error));
        Assert.Contains("may not enter", verification.Message, StringComparison.Ordinal);
        Assert.Contains("-ScratchPath", verification.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_that_claims_petabytes_ends_the_test_before_anything_is_written()
    {
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), "restore_space");
        var backup = await scene.DumpAsync();
        await scene.NoteAsync(backup, databaseBytes: long.MaxValue);
        var verification = await scene.TestAsync(backup);
        Assert.Equal((BackupVerdict.CannotDetermine, BackupFault.NoSpace), (verification.Verdict, verification.Fault));
        Assert.Contains("free", verification.Message, StringComparison.Ordinal);
        Assert.Contains("-ScratchPath", verification.Recommendation, StringComparison.Ordinal);
        Assert.DoesNotContain(verification.Phases, phase => phase.Name == "Start a server");
    }

    [Fact]
    public async Task A_disk_that_fills_up_in_the_middle_says_nothing_about_the_backup()
    {
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), "restore_full", "CREATE TABLE filler AS SELECT n, repeat('x', 700) FROM generate_series(1, 550000) AS n;");
        var backup = await scene.DumpAsync();
        // So small that the estimate lets it pass: the rows compress well.
        var disk = Path.Combine(scene.Store, "disk");
        Directory.CreateDirectory(disk);
        if (!await MountAsync(disk))
        {
            // Without the right to mount, what the server says of a full disk has to do.
            var errors = new RestoreErrors();
            errors.Read("pg_restore: error: COPY failed for table \"filler\": ERROR:  could not extend file \"base/16384/16402\": No space left on device");
            Assert.True(errors.NoSpace);
            return;
        }

        try
        {
            var verification = await scene.TestAsync(backup, new BackupTestOptions { ScratchPath = disk });
            Assert.True((verification.Verdict, verification.Fault) == (BackupVerdict.CannotDetermine, BackupFault.NoSpace), Text(verification));
            Assert.Contains("was full", verification.Message, StringComparison.Ordinal);
            Assert.Null(verification.RecoveryTime);
            Assert.Empty(Directory.EnumerateFileSystemEntries(disk));
        }
        finally
        {
            await RunAsync("umount", disk);
        }
    }

    [Fact]
    public async Task A_backup_is_restored_into_a_new_database_of_a_given_server_that_is_dropped_again()
    {
        var other = await fixture.PostgresAsync(18);
        await using var scene = await CreateAsync(await fixture.PostgresAsync(15), "restore_given");
        // What a test has left that was killed where nobody watched.
        const string Leftover = "maintenance_restore_0123456789ab";
        await SandboxDatabase.CreateAsync(other, Leftover);
        var verification = await scene.TestAsync(await scene.DumpAsync(), new BackupTestOptions { ScratchTarget = other.Target });
        Assert.True(verification.Verdict == BackupVerdict.Verified, Text(verification));
        Assert.Contains("without owners and privileges", Check(verification, "Restore").Message, StringComparison.Ordinal);
        // The policy is for a role that only the other server has.
        Assert.Contains("Reader's", Check(verification, "Left out").Message, StringComparison.Ordinal);
        Assert.NotNull(verification.RecoveryTime);
        Assert.DoesNotContain(Leftover, await DatabasesAsync(other));
        await using var connection = await SandboxDatabase.OpenAsync(other);
        Assert.Equal(0, await connection.ScalarAsync<long>("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'restore_given%'"));
    }

    [Fact]
    public async Task A_database_is_dropped_when_the_pipe_of_its_watcher_closes()
    {
        var sandbox = await fixture.PostgresAsync(15);
        const string Database = "maintenance_restore_watched";
        await SandboxDatabase.CreateAsync(sandbox, Database);
        await using var user = await SandboxDatabase.OpenAsync(sandbox, Database);
        var watcher = (await DatabaseWatcher.StartAsync(Database, ToolConnection.EnvironmentOf(SandboxFixture.ConnectionString(sandbox)), null, new RecordingSink(), Token))!;
        await watcher.EndAsync();
        Assert.DoesNotContain(Database, await DatabasesAsync(sandbox));
    }

    [Fact]
    public async Task A_role_that_may_make_no_databases_is_told_so()
    {
        var sandbox = await fixture.PostgresAsync(15);
        await using var scene = await CreateAsync(sandbox, "restore_denied");
        var verification = await scene.TestAsync(await scene.DumpAsync(), new BackupTestOptions { ScratchTarget = sandbox.Target.As(user: sandbox.MonitorUsername) });
        Assert.Equal(MaintenanceErrorCode.PermissionDenied, verification.Error);
        Assert.Contains("CREATEDB", verification.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sql_text_is_not_run_on_somebodys_server()
    {
        var sandbox = await fixture.PostgresAsync(15);
        await using var scene = await CreateAsync(sandbox, "restore_text");
        var backup = await scene.WriteTextAsync("DROP DATABASE restore_text;");
        var verification = await scene.TestAsync(backup, new BackupTestOptions { ScratchTarget = sandbox.Target });
        Assert.Equal((BackupVerdict.CannotDetermine, MaintenanceErrorCode.InvalidArgument), (verification.Verdict, verification.Error));
        Assert.Contains("restore_text", await DatabasesAsync(sandbox));
    }

    [Fact]
    public async Task A_cancelled_restore_leaves_no_database_on_a_given_server()
    {
        var sandbox = await fixture.PostgresAsync(15);
        // pg_dump writes the function as it is in the end: each row takes five seconds to come back.
        const string Slow = """
            CREATE FUNCTION slow(int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT pg_sleep(0.0) IS NOT NULL';
            ALTER TABLE customers ADD CHECK (slow(id));
            CREATE OR REPLACE FUNCTION slow(int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT pg_sleep(5) IS NOT NULL';
            """;
        await using var scene = await CreateAsync(sandbox, "restore_stop", Slow);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var test = scene.TestAsync(await scene.DumpAsync(), new BackupTestOptions { ScratchTarget = sandbox.Target }, cancellationToken: cancel.Token);
        await UntilAsync(() => scene.Sink.ProgressUpdates.Any(update => update.Status == "Restore") || test.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => test);
        await using var connection = await SandboxDatabase.OpenAsync(sandbox);
        Assert.Equal(0, await connection.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'maintenance_restore_%' AND query LIKE '%customers%'"));
    }

    private static async Task<IReadOnlyList<string>> DatabasesAsync(MaintenanceSandbox sandbox)
    {
        await using var connection = await SandboxDatabase.OpenAsync(sandbox);
        return await connection.ScalarAsync<string[]>("SELECT array_agg(datname::text) FROM pg_database");
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromMinutes(2), "It did not come to that.");
            await Task.Delay(50, Token);
        }
    }

    private static async Task<bool> MountAsync(string folder) =>
        OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && await RunAsync("mount", "-t", "tmpfs", "-o", "size=340m,mode=755", "tmpfs", folder);

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode == 0;
    }
}
