namespace Maintenance.Engine.Thresholds;

/// <summary>
/// The one catalogue of metrics with limits: names, aliases, units, and where each limit comes from.
/// "Guide" is the operations guide this module replaces, with its row ids; "ours" is our own judgement.
/// </summary>
internal static class ThresholdCatalogue
{
    /// <summary>A statement is slow when its mean execution time is above this (guide Q1).</summary>
    public static readonly TimeSpan SlowQuery = TimeSpan.FromMilliseconds(1000);

    /// <summary>Connections run out when more of them than this are in use, in percent (guide T3).</summary>
    public const double ConnectionsRunOutPercent = 90;

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
        Above("component_status", MetricUnit.None, 0, 1, "ours: of one part of the system, 0 well, 1 a warning, 2 critical"),
        Below("component_coverage_percent", MetricUnit.Percent, 100, null, "ours: what was not measured may hide anything"),
        Above("failed_functions_count", MetricUnit.Count, null, 0, "ours: a function that does not answer, or says that it is ill, serves nobody"),
        Above("function_response_time", MetricUnit.Milliseconds, 2000, null, "guide T2: a response that takes longer is slow"),
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
        Above("xid_age_percent", MetricUnit.Percent, 50, 70, "ours: of the age at which the server stops; the failsafe's default is 75, a server that freezes in time stays near 10"),
        Above("xid_freeze_percent", MetricUnit.Percent, 120, null, "ours: at 100 autovacuum must freeze; by a fifth more it should have"),
        Above("multixact_age_percent", MetricUnit.Percent, 50, 70, "ours: as xid_age_percent"),
        Above("multixact_freeze_percent", MetricUnit.Percent, 120, null, "ours: as xid_freeze_percent"),
        Above("multixact_members_percent", MetricUnit.Percent, 50, 75, "PostgreSQL: from half on autovacuum freezes ever sooner, at three quarters at once"),
        Below("wraparound_days_left", MetricUnit.None, 30, 7, "ours: time to freeze large tables without haste"),
        Above("replication_lag_bytes", MetricUnit.Bytes, 128L << 20, 1L << 30, "ours: eight segments behind is no longer the network; a gigabyte takes minutes to catch up"),
        Above("replication_lag_seconds", MetricUnit.Seconds, 60, 600, "ours: readers of the standby see data of another time"),
        Above("slot_retained_bytes", MetricUnit.Bytes, 1L << 30, 10L << 30, "ours: more than max_wal_size keeps by default"),
        Below("slot_hours_until_lost", MetricUnit.None, 24, 4, "ours: time to bring its consumer back"),
        Above("slot_xmin_age", MetricUnit.Count, 100_000_000, null, "ours: half of the default of autovacuum_freeze_max_age"),
        Above("archive_ready_files", MetricUnit.Count, 32, null, "ours: half a gigabyte of segments waits"),
        Below("wal_hours_until_full", MetricUnit.None, 24, 4, "ours: time to act before the server stops"),
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
