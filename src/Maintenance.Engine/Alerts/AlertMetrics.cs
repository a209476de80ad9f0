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
    // What Get-SystemHealth measures besides, and has no limits of its own.
    private static readonly (string Name, MetricUnit Unit)[] Measured =
    [
        ("gdpr_consent_percent", MetricUnit.Percent), ("gdpr_access_request_percent", MetricUnit.Percent), ("gdpr_deletion_percent", MetricUnit.Percent),
        ("gdpr_audit_percent", MetricUnit.Percent), ("gdpr_retention_percent", MetricUnit.Percent), ("function_compliance_score", MetricUnit.Percent),
        ("gdpr_overdue_requests", MetricUnit.Count),
    ];

    // Shares of a whole. Others go beyond 100: what is used of a quota, an age of the one at which autovacuum freezes.
    private static readonly HashSet<string> Shares = new(StringComparer.OrdinalIgnoreCase)
    {
        "overall_health_percent", "function_health_percent", "health_coverage_percent", "component_coverage_percent", "error_rate", "connection_pool_usage",
        "cache_hit_percent", "sequence_usage_percent", "gdpr_compliance_score", "gdpr_consent_percent", "gdpr_access_request_percent", "gdpr_deletion_percent",
        "gdpr_audit_percent", "gdpr_retention_percent", "function_compliance_score",
    };

    private static readonly Dictionary<string, AlertMetric> ByName = Known();

    /// <summary>Their names, without aliases.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ByName.Values.Select(metric => metric.Name).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>A metric by its name or an alias; null if there is none.</summary>
    public static AlertMetric? Find(string nameOrAlias) => ByName.GetValueOrDefault(nameOrAlias);

    /// <summary>Why a value cannot be one of this metric; null if it can.</summary>
    public static string? WhyImpossible(string name, MetricUnit unit, double value) =>
        value < 0 && unit is (MetricUnit.Percent or MetricUnit.Count or MetricUnit.Milliseconds or MetricUnit.Bytes) ? "less than nothing"
        : value > 100 && Shares.Contains(name) ? "more than the whole"
        : null;

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

        foreach (var (name, unit) in Measured)
        {
            known.TryAdd(name, new AlertMetric(name, unit));
        }

        foreach (var sampled in SampledMetrics.All)
        {
            known.TryAdd(sampled.Name, new AlertMetric(sampled.Name, sampled.Unit));
        }

        return known;
    }
}
