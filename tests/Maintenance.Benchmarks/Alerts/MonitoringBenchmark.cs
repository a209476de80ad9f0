using System.Globalization;
using Maintenance.Engine;
using Maintenance.Engine.Alerts;
using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Benchmarks.Alerts;

/// <summary>What one run of the health monitoring costs, and what a month of them every five minutes takes in a SQLite history.</summary>
internal sealed class MonitoringBenchmark : IBenchmark
{
    private const string Run = "HealthMonitoring, one run";
    private const string Month = "a month of samples, read for a replay";
    private const int Runs = 30 * 24 * 12;
    private const int Recorded = 100;

    private readonly MaintenanceEngine _engine = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-benchmark-").FullName;
    private MaintenanceSandbox? _sandbox;

    public string Name => "monitoring";

    public string Title => "The health monitoring of a sandbox, and a month of it in the history.";

    public IReadOnlyList<Goal> Goals => [new(Run, null, 5000), new(Month, null, 1000)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox");
        _sandbox = await _engine.Sandboxes.StartAsync(new SandboxOptions { Name = "monitoring", ResourcePath = Tools.SandboxResources }, SilentCall.Context, cancellationToken);
        var run = await MonitorAsync(cancellationToken);
        tell($"keeping {Runs} samples");
        var month = Target("month");
        var now = TimeProvider.System.GetUtcNow();
        var store = _engine.History.StoreOf(month, SilentCall.Context)!;
        for (var number = Runs; number > 0; number--)
        {
            var metrics = run.Metrics.Select(metric => metric with { Value = metric.Value * (1 + 0.1 * Math.Sin(number * 0.7 + metric.Name.Length)) });
            await store.RecordAsync(new Sample(month.Name, SampleKinds.Health, SampleResolution.Raw, now - number * SampleService.Spacing, SampleService.Spacing, HealthSamples.Payload(metrics)), cancellationToken);
        }

        await SampleThinner.ThinAsync(store, month.Name, new HealthSamples(), month.Performance, now, cancellationToken);
        var samples = Size("month");

        tell($"recording {Recorded} runs as though each were news");
        var all = Target("runs");
        var records = _engine.History.StoreOf(all, SilentCall.Context)!;
        await records.RecordAsync(run with { Id = Guid.CreateVersion7(now) }, cancellationToken);
        var first = Size("runs");
        for (var number = 1; number <= Recorded; number++)
        {
            await records.RecordAsync(run with { Id = Guid.CreateVersion7(now), StartedAt = now - number * SampleService.Spacing }, cancellationToken);
        }

        var each = (Size("runs") - first) / (double)Recorded;
        var logs = run.Artifacts.Sum(artifact => artifact.SizeBytes);
        var note = string.Create(
            CultureInfo.InvariantCulture,
            $"{samples / 1e6:0.0} MB for {Runs} samples of {run.Metrics.Count} metrics; recorded, each run would take {each / 1e3:0.0} kB, and its log {logs / 1e3:0.0} kB: {(each + logs) * Runs / 1e6:0} MB a month");
        return
        [
            new(Run, async token => new Outcome(null, (await MonitorAsync(token)).Status.ToString()), $"PostgreSQL {_sandbox.PostgresVersion}"),
            new(Month, async token => new Outcome(null, $"{(await new SampleReader(store).ReadAsync(month.Name, SampleKinds.Health, now.AddDays(-31), now.AddDays(1), token)).Count} series; {note}"), "SQLite"),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        if (_sandbox is not null)
        {
            await _engine.Sandboxes.StopAsync(_sandbox.Id, SilentCall.Context, CancellationToken.None);
        }

        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<MaintenanceRun> MonitorAsync(CancellationToken cancellationToken) => _engine.Tasks.RunAsync(_sandbox!.Target, "HealthMonitoring", new(), SilentCall.Context, cancellationToken);

    private MaintenanceTarget Target(string name) => new() { Name = name, History = new HistorySettings { Path = Path.Combine(_folder, $"{name}.db") } };

    private long Size(string name) => new[] { $"{name}.db", $"{name}.db-wal" }.Select(file => Path.Combine(_folder, file)).Where(File.Exists).Sum(file => new FileInfo(file).Length);
}
