using Maintenance.Engine.Maintain;
using Maintenance.Engine.Performance.Baselines;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statements;

namespace Maintenance.Engine.Sandbox.SampleHistory;

/// <summary>
/// The baselines that were measured every thirty days of a sandbox's past: from the very figures of that past, without its weekly maintenance, and by what
/// measures those of any target. Pure.
/// </summary>
/// <param name="target">Whose.</param>
/// <param name="now">The end of the past.</param>
/// <param name="window">The time that a baseline is of.</param>
/// <param name="runs">The runs of the past.</param>
/// <param name="texts">What the statements say.</param>
internal sealed class SampleBaselines(string target, DateTimeOffset now, TimeSpan window, IReadOnlyList<MaintenanceRun> runs, IReadOnlyDictionary<StatementKey, string> texts)
{
    private const int EveryDays = 30;

    private readonly SortedDictionary<DateTimeOffset, Window> _windows = [];

    /// <summary>The end of the window that a time falls into; null if none was measured then.</summary>
    private DateTimeOffset? EndOf(DateTimeOffset at)
    {
        var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        var back = (int)Math.Floor((today - at).TotalDays / EveryDays);
        var end = today.AddDays(-EveryDays * back);
        return back >= 1 && end - window <= at && at < end ? end : null;
    }

    /// <summary>Adds what was measured in a time, if it is in a window.</summary>
    public void Add(DateTimeOffset from, DateTimeOffset to, IReadOnlyDictionary<string, double> figures, IReadOnlyDictionary<StatementKey, StatementCounts> statements)
    {
        if (EndOf(from) is not { } end)
        {
            return;
        }

        if (!_windows.TryGetValue(end, out var measured))
        {
            _windows[end] = measured = new Window();
        }

        foreach (var (name, value) in figures)
        {
            if (!measured.Figures.TryGetValue(name, out var points))
            {
                measured.Figures[name] = points = [];
            }

            points.Add(new SeriesPoint(from, to, SampleValue.Of(value), IsMadeUp: true));
        }

        if (statements.Count > 0)
        {
            measured.Statements.Add((from, to, new StatementSample(statements, default, null) { IsMadeUp = true, Texts = texts }));
        }
    }

    /// <summary>The baselines, oldest first.</summary>
    public IReadOnlyList<PerformanceBaseline> All() => [.. _windows.SelectMany(pair => Of(pair.Key, pair.Value))];

    private IEnumerable<PerformanceBaseline> Of(DateTimeOffset end, Window measured)
    {
        var maintenance = runs.Where(run => run.Task == DbMaintenanceTask.Weekly)
            .Select(run => new BaselineExclusion { From = run.StartedAt, To = run.StartedAt + run.Duration, Reason = run.Task });
        var time = new BaselineWindow(target, end - window, end, MaintenanceIntervals.Merge(maintenance, end - window, end));
        return
        [
            .. Performance.Baselines.SampleBaselines.Of(measured.Figures.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<SeriesPoint>)pair.Value), time),
            .. measured.Statements.Count > 0 ? StatementBaselines.Of(measured.Statements, time, StatementTexts.None with { Texts = texts }) : [],
        ];
    }

    private sealed class Window
    {
        public Dictionary<string, List<SeriesPoint>> Figures { get; } = [];

        public List<(DateTimeOffset From, DateTimeOffset To, StatementSample Sample)> Statements { get; } = [];
    }
}
