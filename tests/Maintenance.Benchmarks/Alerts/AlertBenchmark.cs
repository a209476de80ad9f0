using System.Diagnostics;
using Maintenance.Engine;
using Maintenance.Engine.Alerts;

namespace Maintenance.Benchmarks.Alerts;

/// <summary>Ten thousand rules over a thousand metrics: the evaluation by itself, and with where each alert stands kept in a history.</summary>
internal sealed class AlertBenchmark : IBenchmark
{
    private const int Rules = 10_000;
    private const int Metrics = 1_000;
    private const string Alone = "evaluated";
    private const string Kept = "evaluated and kept, SQLite";
    private const string First = "evaluated and kept for the first time, SQLite";
    private const string Changed = "evaluated and kept, every tenth alert changes, SQLite";

    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-alerts-").FullName;
    private readonly MaintenanceEngine _engine = new();
    private readonly DateTimeOffset _begin = TimeProvider.System.GetUtcNow().AddDays(-1);
    private int _round;

    public string Name => "alerts";

    public string Title => $"{Rules} rules over {Metrics} metrics, each rule about one of them.";

    public IReadOnlyList<Goal> Goals => [new(Alone, null, 1000), new(Kept, null, 1000), new(First, null, 1000), new(Changed, null, 1000)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        IReadOnlyList<AlertRule> rules =
        [
            .. Enumerable.Range(0, Rules).Select(index => new AlertRule
            {
                Name = $"rule_{index}",
                Metric = $"metric_{index % Metrics}",
                Operator = AlertOperator.GreaterThan,
                Threshold = 10,
                Severity = index % 2 == 0 ? AlertSeverity.Warning : AlertSeverity.Critical,
                Message = "{metric} is {value}",
                Source = "benchmark",
            }),
        ];
        var target = new MaintenanceTarget { Name = "bench", History = new HistorySettings { Path = Path.Combine(_folder, "history.db") } };
        await _engine.Alerts.EvaluateAsync(target, rules, Values(0), false, SilentCall.Context, cancellationToken);
        var version = typeof(MaintenanceEngine).Assembly.GetName().Version!.ToString(3);
        return
        [
            new Contender(Alone, _ => Task.FromResult(Evaluate(rules)), version),
            new Contender(Kept, token => KeepAsync(target, rules, 0, token), version),
            new Contender(Changed, token => KeepAsync(target, rules, 10, token), version),
            new Contender(First, token => KeepAsync(target with { History = new HistorySettings { Path = Path.Combine(_folder, $"{Guid.NewGuid():N}.db") } }, rules, 0, token), version),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private List<Metric> Values(int changing)
    {
        var at = _begin.AddMinutes(++_round);
        return [.. Enumerable.Range(0, Metrics).Select(index => new Metric { Name = $"metric_{index}", Value = changing > 0 && index % changing == 0 && _round % 2 == 0 ? 20 : 1, Unit = MetricUnit.Percent, ObservedAt = at })];
    }

    private Outcome Evaluate(IReadOnlyList<AlertRule> rules)
    {
        var values = Values(0);
        var started = Stopwatch.GetTimestamp();
        var outcomes = AlertEvaluator.Evaluate(new AlertSituation(new MaintenanceTarget { Name = "bench" }, rules, [], null, values[0].ObservedAt), values, new Dictionary<AlertKey, AlertMemory>(), false);
        return new Outcome(Say(outcomes.Count), "", Stopwatch.GetElapsedTime(started));
    }

    private async Task<Outcome> KeepAsync(MaintenanceTarget target, IReadOnlyList<AlertRule> rules, int changing, CancellationToken cancellationToken)
    {
        var values = Values(changing);
        var started = Stopwatch.GetTimestamp();
        var alerts = await _engine.Alerts.EvaluateAsync(target, rules, values, false, SilentCall.Context, cancellationToken);
        return new Outcome(Say(alerts.Count), $"{alerts.Count(alert => alert.State != alert.PreviousState)} changed", Stopwatch.GetElapsedTime(started));
    }

    private static string Say(int alerts) => $"{alerts} alerts";
}
