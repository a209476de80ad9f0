using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Alerts;

/// <summary>What the history knows of the values of metrics: those of runs, and those that were sampled. Where hours or days of samples were put together, their mean stands for them.</summary>
internal static class PastValues
{
    /// <summary>The values of a rule's metric by series, each oldest first.</summary>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<PastValue>>> ReadAsync(
        IHistoryStore store, string target, AlertRule rule, IReadOnlyDictionary<string, IReadOnlyList<SeriesPoint>> sampled, IReadOnlyDictionary<string, IReadOnlyList<SeriesPoint>> watched, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, List<PastValue>>(StringComparer.Ordinal);
        var threshold = ThresholdCatalogue.Find(rule.Metric);
        foreach (var name in (threshold?.Aliases ?? []).Prepend(rule.Metric))
        {
            foreach (var metric in (await store.ReadMetricsAsync(target, name, since, cancellationToken)).Where(metric => AlertSeries.Matches(rule, metric)))
            {
                Of(AlertSeries.Of(metric.Labels)).Add(new PastValue(metric.ObservedAt, metric.Value));
            }
        }

        if (rule.Labels.Count == 0 && sampled.TryGetValue(rule.Metric, out var points))
        {
            Of("").AddRange(points.Select(point => new PastValue(point.To, point.Value.Mean)));
        }

        foreach (var (series, value) in HealthSamples.Of(rule, watched))
        {
            Of(series).Add(value);
        }

        return values.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<PastValue>)[.. pair.Value.OrderBy(value => value.At)], StringComparer.Ordinal);

        List<PastValue> Of(string series)
        {
            if (!values.TryGetValue(series, out var list))
            {
                values[series] = list = [];
            }

            return list;
        }
    }
}
