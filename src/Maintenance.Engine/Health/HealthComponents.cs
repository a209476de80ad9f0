namespace Maintenance.Engine.Health;

/// <summary>The parts of a system that are watched, and their weights in the overall score.</summary>
/// <remarks>
/// The weights are our judgement: without its database the system does not work at all, without a backup it works until
/// the day it is needed; functions and errors are what users feel, resources and compliance leave time to act.
/// </remarks>
internal static class HealthComponents
{
    public const string Database = "Database";

    public const string Backups = "Backups";

    public const string Functions = "Functions";

    public const string Errors = "Errors";

    public const string Resources = "Resources";

    public const string Compliance = "Compliance";

    /// <summary>Name of the metric that says how a part is.</summary>
    public const string StatusMetric = "component_status";

    /// <summary>Name of the metric that says how much of a part was measured.</summary>
    public const string CoverageMetric = "component_coverage_percent";

    /// <summary>The label that says which part it is.</summary>
    public const string Label = "component";

    /// <summary>What rules watch of each part: where it could not be measured these have no value, and say why.</summary>
    public static ILookup<string, string> Watched { get; } = new[]
    {
        (Database, "avg_query_time"), (Database, "slow_queries_count"), (Database, "connection_pool_usage"),
        (Functions, "failed_functions_count"),
        (Errors, "critical_errors_count"),
        (Resources, "storage_usage_percent"), (Resources, "bandwidth_usage_percent"),
        (Compliance, "gdpr_compliance_score"),
    }.ToLookup(one => one.Item1, one => one.Item2, StringComparer.OrdinalIgnoreCase);

    /// <summary>The parts that measure a metric, whatever kinds of labels it has; empty for those that no part measures alone.</summary>
    private static readonly ILookup<string, string> Sources = new[]
    {
        (Database, "avg_query_time"), (Database, "slow_queries_count"), (Database, "connection_pool_usage"), (Database, "database_size_bytes"), (Database, "sequence_usage_percent"),
        (Database, "invalid_objects_count"), (Database, "blocked_sessions"), (Database, "oldest_transaction_seconds"), (Database, "cache_hit_percent"), (Database, "deadlocks_per_day"),
        (Database, "temp_bytes_per_day"), (Database, "checksum_failures"),
        (Backups, "backup_age_seconds"),
        (Functions, "failed_functions_count"), (Functions, "function_response_time"), (Functions, "function_health_percent"),
        (Errors, "error_rate"), (Errors, "critical_errors_count"), (Errors, "avg_response_time"),
        (Resources, "storage_usage_percent"), (Resources, "bandwidth_usage_percent"), (Resources, "database_size_bytes"),
        (Compliance, "gdpr_compliance_score"), (Compliance, "gdpr_consent_percent"), (Compliance, "gdpr_access_request_percent"), (Compliance, "gdpr_deletion_percent"),
        (Compliance, "gdpr_audit_percent"), (Compliance, "gdpr_retention_percent"), (Compliance, "gdpr_overdue_requests"), (Compliance, "function_compliance_score"),
    }.ToLookup(one => one.Item2, one => one.Item1, StringComparer.OrdinalIgnoreCase);

    /// <summary>The parts whose exclusion is why a metric was not asked for; empty where it was asked for.</summary>
    /// <param name="target">The target.</param>
    /// <param name="metric">Name of the metric.</param>
    public static IReadOnlyList<string> ExcludedSources(MaintenanceTarget target, string metric)
    {
        var sources = Sources[metric].ToList();
        return sources.Count > 0 && sources.TrueForAll(source => target.ExcludedComponents.Contains(source, StringComparer.OrdinalIgnoreCase)) ? sources : [];
    }

    /// <summary>The parts that are computed from the database where no function tells of them.</summary>
    private static readonly HashSet<string> Computed = new(StringComparer.OrdinalIgnoreCase) { Errors, Resources, Compliance };

    /// <summary>Whether the database was tried, and is down.</summary>
    public static bool IsDatabaseDown(IEnumerable<ProbeOutcome> outcomes) =>
        outcomes.Any(outcome => outcome.Component == Database && outcome.Result is { Status: HealthStatus.Critical, Error: MaintenanceErrorCode.DatabaseUnreachable });

    /// <summary>The same of a part: where the database is down, whoever waited for it in vain has no reason of its own.</summary>
    public static string? Behind(ProbeOutcome outcome, bool isDatabaseDown) =>
        isDatabaseDown && Computed.Contains(outcome.Component) && outcome.Result.Error == MaintenanceErrorCode.DeadlineExceeded ? Database : Behind(outcome.Result.Error);

    /// <summary>The part that keeps others from being measured, by what came of that; null where each has reasons of its own.</summary>
    public static string? Behind(MaintenanceErrorCode? error) =>
        error is MaintenanceErrorCode.DatabaseUnreachable or MaintenanceErrorCode.AuthenticationFailed or MaintenanceErrorCode.DatabaseNotFound ? Database : null;

    /// <summary>Weight of each part; only their ratio matters.</summary>
    public static IReadOnlyDictionary<string, double> Weights { get; } = new Dictionary<string, double>(StringComparer.OrdinalIgnoreCase)
    {
        [Database] = 30,
        [Backups] = 20,
        [Functions] = 15,
        [Errors] = 15,
        [Resources] = 10,
        [Compliance] = 10,
    };
}
