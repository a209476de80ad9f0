using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Backup;

/// <summary>
/// A server that archives, with base backups in each form and two rows that were inserted after them at different times. The tests share
/// it and change copies only.
/// </summary>
public sealed class ArchivingServer(SandboxFixture fixture) : IAsyncLifetime
{
    private OwnServer? _server;

    /// <summary>The archive: whole, up to the second row.</summary>
    public string Archive { get; private set; } = "";

    /// <summary>Folder of the base backups: <c>plain</c>, <c>archives</c> (gzip) and <c>base-streamed.tar</c>; without any log but the last.</summary>
    public string Backups { get; private set; } = "";

    /// <summary>Between the two rows.</summary>
    public DateTimeOffset Between { get; private set; }

    /// <summary>After the second row.</summary>
    public DateTimeOffset After { get; private set; }

    internal OwnServer Server => _server!;

    /// <summary>The server as a target, with its archive.</summary>
    public MaintenanceTarget Target => Server.Target with { WalArchive = new StoreSettings { Path = Archive } };

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "pg_ctl there belongs to a service.");
        var options = new SandboxOptions { Name = $"archiving-{Guid.NewGuid():N}", PostgresVersion = 15, Scale = 0, ResourcePath = SandboxFixture.ResourcePath };
        var sandbox = await SandboxFixture.OrSkipAsync(() => fixture.Service.StartAsync(options, Calls.Silent(), CancellationToken.None));
        var server = _server = await OwnServer.OfAsync(sandbox, options);
        Archive = await server.FolderAsync("wal archive");
        Backups = await server.FolderAsync("backups");
        await ExecuteAsync("ALTER SYSTEM SET archive_mode = 'on'");
        await ExecuteAsync($"ALTER SYSTEM SET archive_command = 'test ! -f \"{Archive}/%f\" && cp %p \"{Archive}/%f\"'");
        await ExecuteAsync("ALTER SYSTEM SET autovacuum = off");
        await server.RestartAsync();
        await ExecuteAsync("CREATE TABLE moments (n int PRIMARY KEY)");
        await server.BaseBackupAsync(Path.Combine(Backups, "plain"), "-Fp", "-X", "none");
        await server.BaseBackupAsync(Path.Combine(Backups, "archives"), "-Ft", "-z", "-X", "stream");
        await server.BaseBackupAsync(Path.Combine(Backups, "base-streamed.tar"), "-Ft", "-X", "fetch");
        await ExecuteAsync("INSERT INTO moments VALUES (1)");
        Between = await PauseAsync();
        await SwitchAsync();
        await ExecuteAsync("INSERT INTO moments VALUES (2)");
        After = await PauseAsync();
        await SwitchAsync();
        await SwitchAsync();
        await ArchivedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await fixture.Service.StopAsync(_server.Sandbox.Id, Calls.Silent(), CancellationToken.None);
        }
    }

    /// <summary>Completes the segment that is being written; something has to be in it.</summary>
    public async Task SwitchAsync()
    {
        await ExecuteAsync("SELECT pg_logical_emit_message(false, 'test', 'something')");
        await ExecuteAsync("SELECT pg_switch_wal()");
    }

    /// <summary>Waits until everything complete is archived.</summary>
    public async Task ArchivedAsync()
    {
        await using var connection = await SandboxDatabase.OpenAsync(Server.Sandbox);
        while (!await connection.ScalarAsync<bool>("SELECT coalesce(last_archived_wal >= pg_walfile_name(pg_current_wal_lsn() - 16777216), false) FROM pg_stat_archiver"))
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private Task ExecuteAsync(string sql) => SandboxDatabase.ExecuteAsync(Server.Sandbox, sql);

    // A moment of the server's clock that is clearly between what came before and what comes next.
    private async Task<DateTimeOffset> PauseAsync()
    {
        await using var connection = await SandboxDatabase.OpenAsync(Server.Sandbox);
        await connection.ExecuteAsync("SELECT pg_sleep(0.2)");
        var now = await connection.ScalarAsync<DateTime>("SELECT clock_timestamp()");
        await connection.ExecuteAsync("SELECT pg_sleep(0.2)");
        return new DateTimeOffset(now, TimeSpan.Zero);
    }
}
