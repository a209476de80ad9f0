using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Alerts;

/// <summary>What a rule can be about: every metric of the threshold catalogue, by its name or an alias, and every figure that is sampled.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Unit">Its unit.</param>
internal sealed record AlertMetric(string Name, MetricUnit Unit);

/// <summary>The metrics that rules know.</summary>
internal static class AlertMetrics
{
    private static readonly Dictionary<string, AlertMetric> ByName = Known();

    /// <summary>Their names, without aliases.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ByName.Values.Select(metric => metric.Name).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>A metric by its name or an alias; null if there is none.</summary>
    public static AlertMetric? Find(string nameOrAlias) => ByName.GetValueOrDefault(nameOrAlias);

    private static Dictionary<string, AlertMetric> Known()
    {
        var known = new Dictionary<string, AlertMetric>(StringComparer.OrdinalIgnoreCase);
        foreach (var threshold in ThresholdCatalogue.All)
        {
            foreach (var name in threshold.Aliases.Prepend(threshold.Metric))
            {
                known[name] = new AlertMetric(threshold.Metric, threshold.Unit);
            }
        }

        foreach (var sampled in SampledMetrics.All)
        {
            known.TryAdd(sampled.Name, new AlertMetric(sampled.Name, sampled.Unit));
        }

        return known;
    }
}
