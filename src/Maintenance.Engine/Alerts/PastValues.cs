using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Alerts;

/// <summary>What the history knows of the values of metrics: those of runs, and those that were sampled. Each metric is read once, however many rules there are.</summary>
/// <param name="store">The history.</param>
/// <param name="target">Name of the target.</param>
/// <param name="since">The earliest time.</param>
/// <param name="sampled">What was sampled, by metric.</param>
/// <param name="watched">What the health monitoring measured, by metric and labels.</param>
internal sealed class PastValues(
    IHistoryStore store, string target, DateTimeOffset since, IReadOnlyDictionary<string, IReadOnlyList<SeriesPoint>> sampled, IReadOnlyDictionary<string, IReadOnlyList<SeriesPoint>> watched)
{
    /// <summary>How long before it was kept a value was measured at the most: as long as the monitoring may take.</summary>
    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, IReadOnlyList<Metric>> _read = new(StringComparer.OrdinalIgnoreCase);

    // What runs have kept of the time that the sandbox made up was made up with it.
    private readonly DateTimeOffset? _madeUpUntil = sampled.Values.Concat(watched.Values).SelectMany(points => points).Where(point => point.IsMadeUp).Select(point => (DateTimeOffset?)point.To).Max();

    /// <summary>The values of a rule's metric by series, each oldest first.</summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<PastValue>>> OfAsync(AlertRule rule, CancellationToken cancellationToken)
    {
        var values = (await ReadAsync(rule.Metric, cancellationToken))
            .Where(metric => AlertSeries.Matches(rule, metric))
            .Select(metric => (Series: AlertSeries.Of(metric.Labels), Value: new PastValue(metric.ObservedAt, AlertSeries.InUnitOf(rule, metric).Value, IsMadeUp: metric.ObservedAt <= _madeUpUntil)));
        if (rule.Labels.Count == 0 && sampled.TryGetValue(rule.Metric, out var points))
        {
            values = values.Concat(points.Select(point => ("", Value(point))));
        }

        // A run of the monitoring that is on record has left a sample as well: what it measured counts once.
        var samples = HealthSamples.Of(rule, watched).ToList();
        var looked = samples.Select(sample => sample.Value.At).Distinct().Order().ToList();
        values = values.Where(value => !IsIn(looked, value.Value.At)).Concat(samples);
        return values.GroupBy(value => value.Series, StringComparer.Ordinal)
            .ToDictionary(series => series.Key, series => (IReadOnlyList<PastValue>)[.. series.Select(value => value.Value).OrderBy(value => value.At)], StringComparer.Ordinal);
    }

    private static bool IsIn(List<DateTimeOffset> looked, DateTimeOffset at)
    {
        var index = looked.BinarySearch(at);
        index = index < 0 ? ~index : index;
        return index < looked.Count && looked[index] - at < LongestRun;
    }

    /// <summary>What a sample says: one value, or what many came to.</summary>
    internal static PastValue Value(SeriesPoint point) =>
        new(point.To, point.Value.Mean, point.Value.Count > 1 ? new PastRange(point.From, point.Value.Minimum, point.Value.Maximum) : null, point.IsMadeUp);

    private async Task<IReadOnlyList<Metric>> ReadAsync(string name, CancellationToken cancellationToken)
    {
        if (!_read.TryGetValue(name, out var metrics))
        {
            var all = new List<Metric>();
            foreach (var alias in (ThresholdCatalogue.Find(name)?.Aliases ?? []).Prepend(name))
            {
                all.AddRange(await store.ReadMetricsAsync(target, alias, since, cancellationToken));
            }

            _read[name] = metrics = all;
        }

        return metrics;
    }
}
