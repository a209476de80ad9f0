using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Alerts;

/// <summary>
/// What the health monitoring measured, kept as samples: some hundred bytes each time, and coarser as they grow old. A record of each run would
/// be a hundred times that, and bury the runs of all other tasks. Pure.
/// </summary>
internal sealed class HealthSamples : ISampleKind
{
    /// <summary>Always there, and so tells when one looked.</summary>
    private const string Coverage = "health_coverage_percent";

    public string Kind => SampleKinds.Health;

    public string Merge(IReadOnlyList<Sample> samples) => MetricSample.Merge(samples);

    /// <summary>The sample of what was measured. What could not be measured is missing.</summary>
    public static string Payload(IEnumerable<Metric> metrics) => MetricSample.Write(metrics
        .Where(metric => metric.Value is { } value && double.IsFinite(value))
        .DistinctBy(NameOf)
        .ToDictionary(NameOf, metric => SampleValue.Of(metric.Value!.Value)));

    /// <summary>The values of a rule's metric by series, with the times at which one looked and did not find it.</summary>
    public static IEnumerable<(string Series, PastValue Value)> Of(AlertRule rule, IReadOnlyDictionary<string, IReadOnlyList<SeriesPoint>> samples)
    {
        var looked = samples.GetValueOrDefault(Coverage) ?? [];
        var names = (ThresholdCatalogue.Find(rule.Metric)?.Aliases ?? []).Prepend(rule.Metric).ToList();
        foreach (var (key, points) in samples)
        {
            var (name, series) = key.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space ? (key[..space], key[(space + 1)..]) : (key, "");
            if (!names.Contains(name, StringComparer.OrdinalIgnoreCase) || !AlertSeries.HasLabels(rule, series))
            {
                continue;
            }

            foreach (var point in points)
            {
                yield return (series, PastValues.Value(point));
            }

            var found = points.Select(point => point.To).ToHashSet();
            foreach (var time in looked.Where(point => point.To >= points[0].To && !found.Contains(point.To)))
            {
                yield return (series, new PastValue(time.To, null));
            }
        }
    }

    private static string NameOf(Metric metric) => AlertSeries.Of(metric.Labels) is { Length: > 0 } series ? $"{metric.Name} {series}" : metric.Name;
}
