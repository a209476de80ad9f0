using Maintenance.Engine;
using Maintenance.Engine.Sandbox;

namespace Maintenance.Benchmarks.Tasks;

/// <summary>Does a long history slow a run down?</summary>
internal sealed class HistoryBenchmark : IBenchmark
{
    private const int Runs = 10_000;
    private const string Empty = "daily run, new history";
    private const string Full = "daily run, 10,000 runs in the history";

    private readonly SandboxService _sandboxes = new(TimeProvider.System);
    private readonly MaintenanceEngine _engine = new();
    private MaintenanceSandbox? _sandbox;

    public string Name => "history";

    public string Title => $"The daily run (functions at 300 ms) with and without {Runs} runs in its history (SQLite).";

    public IReadOnlyList<Goal> Goals => [new(Full, Empty, 1.05)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox");
        _sandbox = await _sandboxes.StartAsync(new SandboxOptions { Name = "history", FunctionLatency = TimeSpan.FromMilliseconds(300), ResourcePath = Tools.SandboxResources }, SilentCall.Context, cancellationToken);
        var empty = _sandbox.Target with { ArtifactStore = null, History = new HistorySettings { Path = Path.Combine(_sandbox.Path, "empty", "history.db") } };
        var full = empty with { History = new HistorySettings { Path = Path.Combine(_sandbox.Path, "full", "history.db") } };
        tell($"recording {Runs} runs");
        var sample = await _engine.Tasks.RunAsync(full, "Daily", new(), SilentCall.Context, cancellationToken);
        for (var hour = 1; hour <= Runs; hour++)
        {
            var at = sample.StartedAt.AddHours(-hour);
            await _engine.History.RecordAsync(full, sample with { Id = Guid.CreateVersion7(at), StartedAt = at, Metrics = [.. sample.Metrics.Select(metric => metric with { ObservedAt = at })] }, SilentCall.Context, cancellationToken);
        }

        var version = typeof(MaintenanceEngine).Assembly.GetName().Version!.ToString(3);
        return [new Contender(Full, token => RunAsync(full, token), version), new Contender(Empty, token => RunAsync(empty, token), version)];
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        if (_sandbox is not null)
        {
            await _sandboxes.StopAsync(_sandbox.Id, SilentCall.Context, CancellationToken.None);
        }
    }

    private async Task<Outcome> RunAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var run = await _engine.Tasks.RunAsync(target, "Daily", new(), SilentCall.Context, cancellationToken);
        return new Outcome(string.Join(",", run.Steps.Select(step => step.Name)));
    }
}
