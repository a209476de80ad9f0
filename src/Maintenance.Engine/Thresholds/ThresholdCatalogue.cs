namespace Maintenance.Engine.Thresholds;

/// <summary>
/// The one catalogue of metrics with limits: names, aliases, units, and where each limit comes from.
/// "Guide" is the operations guide this module replaces, with its row ids; "ours" is our own judgement.
/// </summary>
internal static class ThresholdCatalogue
{
    /// <summary>A statement is slow when its mean execution time is above this (guide Q1).</summary>
    public static readonly TimeSpan SlowQuery = TimeSpan.FromMilliseconds(1000);

    /// <summary>How old the newest backup may be, unless the store says otherwise (guide D6).</summary>
    public static readonly TimeSpan BackupMaximumAge = TimeSpan.FromHours(24);

    /// <summary>A relation that could give back less than this is not bloated, whatever its share: a rewrite costs more than it saves.</summary>
    public const long BloatWorthwhileBytes = 10L << 20;

    /// <summary>All metrics that have limits.</summary>
    public static IReadOnlyList<Threshold> All { get; } =
    [
        // The guide's daily run and its alert rules disagree in places (health 95 and 90, compliance 100, 95 and 90).
        // Here stands the limit at which the daily run warns; the alert rules keep their own.
        Below("overall_health_percent", MetricUnit.Percent, 95, null, "guide D1"),
        Below("function_health_percent", MetricUnit.Percent, 95, null, "guide D1, of the function's own score"),
        Below("health_coverage_percent", MetricUnit.Percent, 100, null, "ours: what was not measured may hide anything"),
        Above("avg_response_time", MetricUnit.Milliseconds, 1000, 2000, "guide A2, A3"),
        Above("error_rate", MetricUnit.Percent, 2, 5, "guide D3, A4, A5"),
        Above("critical_errors_count", MetricUnit.Count, 0, null, "guide D3"),
        Below("gdpr_compliance_score", MetricUnit.Percent, 95, 90, "guide A9, A10", "compliance_score"),
        Above("storage_usage_percent", MetricUnit.Percent, 80, null, "guide D5, A8"),
        Above("bandwidth_usage_percent", MetricUnit.Percent, 90, null, "guide D5"),
        Above("avg_query_time", MetricUnit.Milliseconds, 200, null, "guide D2"),
        Above("slow_queries_count", MetricUnit.Count, 10, null, "guide T2"),
        Above("connection_pool_usage", MetricUnit.Percent, 80, 95, "guide D2, A6, A7", "usage_percentage"),
        Above("backup_age_seconds", MetricUnit.Seconds, null, BackupMaximumAge.TotalSeconds, "guide D6"),
        Below("cache_hit_percent", MetricUnit.Percent, 90, null, "ours: below this most reads of a working set go to disk"),
        Above("checksum_failures", MetricUnit.Count, null, 0, "ours: any damaged page is an emergency"),
        Above("sequence_usage_percent", MetricUnit.Percent, 80, 95, "ours: leaves time to widen the column"),
        Above("invalid_objects_count", MetricUnit.Count, 0, null, "ours: an invalid index is written but never read"),
        Above("blocked_sessions", MetricUnit.Count, 0, null, "ours: somebody waits for a lock right now"),
        Above("oldest_transaction_seconds", MetricUnit.Seconds, 3600, null, "ours: holds back vacuum for the whole server"),
        Above("relation_bloat_percent", MetricUnit.Percent, 30, null, "ours: fillfactor and ordinary churn stay below this"),
        Above("deadlocks_per_day", MetricUnit.Count, 10, null, "ours: more than an occasional clash"),
        Above("temp_bytes_per_day", MetricUnit.Bytes, 10L << 30, null, "ours: sorts and hashes that do not fit work_mem"),
    ];

    private static readonly Dictionary<string, Threshold> ByName = All
        .SelectMany(threshold => threshold.Aliases.Append(threshold.Metric).Select(name => (name, threshold)))
        .ToDictionary(pair => pair.name, pair => pair.threshold, StringComparer.OrdinalIgnoreCase);

    /// <summary>The limits of a metric, found by its name or an alias; null for a metric without limits.</summary>
    public static Threshold? Find(string nameOrAlias) => ByName.GetValueOrDefault(nameOrAlias);

    /// <summary>The limits of a metric as they hold for a target: the catalogue's, changed by its configuration.</summary>
    public static Threshold? For(MaintenanceTarget target, string nameOrAlias)
    {
        if (Find(nameOrAlias) is not { } threshold)
        {
            return null;
        }

        foreach (var name in threshold.Aliases.Prepend(threshold.Metric))
        {
            if (target.Thresholds.TryGetValue(name, out var change))
            {
                return threshold with
                {
                    Warning = change.Warning ?? threshold.Warning,
                    Critical = change.Critical ?? threshold.Critical,
                    Source = "configuration",
                };
            }
        }

        return threshold;
    }

    private static Threshold Above(string metric, MetricUnit unit, double? warning, double? critical, string source, params string[] aliases) =>
        New(metric, unit, ThresholdDirection.Above, warning, critical, source, aliases);

    private static Threshold Below(string metric, MetricUnit unit, double? warning, double? critical, string source, params string[] aliases) =>
        New(metric, unit, ThresholdDirection.Below, warning, critical, source, aliases);

    private static Threshold New(
        string metric, MetricUnit unit, ThresholdDirection direction, double? warning, double? critical, string source, string[] aliases) => new()
        {
            Metric = metric,
            Unit = unit,
            Direction = direction,
            Warning = warning,
            Critical = critical,
            Source = source,
            Aliases = aliases,
        };
}
