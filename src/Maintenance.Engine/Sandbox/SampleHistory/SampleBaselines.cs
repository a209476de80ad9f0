using MathNet.Numerics.Statistics;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statements;

namespace Maintenance.Engine.Sandbox.SampleHistory;

/// <summary>The baselines that were measured every thirty days of a sandbox's past, from the very figures of that past. Pure.</summary>
internal sealed class SampleBaselines(string target, DateTimeOffset now, TimeSpan window)
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

    /// <summary>Adds what was measured at a time, if it is in a window.</summary>
    public void Add(DateTimeOffset at, IReadOnlyDictionary<string, double> figures, IReadOnlyDictionary<StatementKey, StatementCounts> statements)
    {
        if (EndOf(at) is not { } end)
        {
            return;
        }

        if (!_windows.TryGetValue(end, out var measured))
        {
            _windows[end] = measured = new Window();
        }

        foreach (var metric in SampledMetrics.All)
        {
            if (figures.TryGetValue(metric.Name, out var value))
            {
                if (!measured.Figures.TryGetValue(metric, out var values))
                {
                    measured.Figures[metric] = values = [];
                }

                values.Add(value);
            }
        }

        foreach (var (key, counts) in statements)
        {
            measured.Statements[key] = measured.Statements.GetValueOrDefault(key) + counts;
        }
    }

    /// <summary>The baselines, oldest first.</summary>
    public IReadOnlyList<PerformanceBaseline> All() => [.. _windows.SelectMany(pair => Of(pair.Key, pair.Value))];

    private IEnumerable<PerformanceBaseline> Of(DateTimeOffset end, Window measured)
    {
        foreach (var (metric, values) in measured.Figures)
        {
            yield return new PerformanceBaseline
            {
                Target = target,
                Source = BaselineSource.Samples,
                Metric = metric.Name,
                Unit = metric.Unit,
                Count = values.Count,
                Mean = values.Mean(),
                P50 = values.Median(),
                P95 = values.Quantile(0.95),
                StandardDeviation = values.StandardDeviation(),
                From = end - window,
                To = end,
                CollectedAt = end,
            };
        }

        foreach (var (key, counts) in measured.Statements)
        {
            yield return new PerformanceBaseline
            {
                Target = target,
                Source = BaselineSource.Statements,
                Metric = "query_time",
                Subject = key.ToString(),
                Unit = MetricUnit.Milliseconds,
                Count = (long)counts.Calls,
                Mean = counts.Time / counts.Calls,
                StandardDeviation = counts.StandardDeviation,
                IsEstimated = true,
                From = end - window,
                To = end,
                CollectedAt = end,
            };
        }
    }

    private sealed class Window
    {
        public Dictionary<SampledMetric, List<double>> Figures { get; } = [];

        public Dictionary<StatementKey, StatementCounts> Statements { get; } = [];
    }
}
