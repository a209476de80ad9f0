using Maintenance.Engine;
using Maintenance.IntegrationTests.Analytics;

namespace Maintenance.IntegrationTests.Infrastructure;

/// <summary>A server of a test's own, for what would disturb others, such as a reset of statistics; with an engine whose clock can be put forward, and a history in a file.</summary>
internal sealed class OwnSandbox(SandboxFixture fixture) : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private MaintenanceEngine? _engine;
    private MaintenanceSandbox? _sandbox;
    private SandboxOptions? _options;

    public ShiftedTime Time { get; } = new();

    public MaintenanceEngine Engine => _engine!;

    public MaintenanceSandbox Sandbox => _sandbox!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_engine is not null)
        {
            await _engine.DisposeAsync();
        }

        if (_sandbox is not null)
        {
            await fixture.Service.StopAsync(_sandbox.Id, Calls.Silent(), CancellationToken.None);
        }

        _folder.Dispose();
    }

    /// <summary>Starts it, without data, and tells how to reach it.</summary>
    public async Task<MaintenanceTarget> StartAsync(string name, int major)
    {
        _options = new SandboxOptions { Name = $"{name}{major}", PostgresVersion = major, Scale = 0, ResourcePath = SandboxFixture.ResourcePath };
        _sandbox = await SandboxFixture.OrSkipAsync(() => fixture.Service.StartAsync(_options, Calls.Silent(), Token));
        _engine = new MaintenanceEngine(Time);
        return _sandbox.Target with { History = new HistorySettings { Kind = HistoryKind.Sqlite, Path = Path.Combine(_folder.Path, "history.db") } };
    }

    public Task ExecuteAsync(string sql) => SandboxDatabase.ExecuteAsync(Sandbox, sql);

    /// <summary>Stops all processes of the server, so that it takes connections and says nothing, until what is returned is disposed of.</summary>
    public async Task<IAsyncDisposable> FreezeAsync(bool postmasterAlone = false) => await (await OwnServer.OfAsync(Sandbox, _options!)).FreezeAsync(postmasterAlone);

    /// <summary>Restarts the server, as for a setting that needs it, and forgets the engine's connections to it.</summary>
    public async Task RestartAsync(MaintenanceTarget target, string mode = "fast")
    {
        await (await OwnServer.OfAsync(Sandbox, _options!)).RestartAsync(mode);
        await Engine.CloseAsync(target);
    }
}
