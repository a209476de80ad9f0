using Maintenance.Engine.Health;

namespace Maintenance.Engine.Alerts;

/// <summary>
/// The operations guide's ten rules (A1 to A10), with its names, metrics, limits, severities and messages, and two of ours: the ten watch figures,
/// and none of them says which part of the system is down, or that nobody knows.
/// </summary>
internal static class BuiltInRules
{
    /// <summary>The guide's.</summary>
    public static IReadOnlyList<AlertRule> Guide { get; } =
    [
        Below("A1", "system_health", "overall_health_percent", 90, AlertSeverity.Warning, "System health score below 90%"),
        Above("A2", "response_time", "avg_response_time", 1000, AlertSeverity.Warning, "Average response time exceeds 1000ms"),
        Above("A3", "critical_response_time", "avg_response_time", 2000, AlertSeverity.Critical, "Average response time exceeds 2000ms - immediate action required"),
        Above("A4", "error_rate_warning", "error_rate", 2, AlertSeverity.Warning, "Error rate above 2%"),
        Above("A5", "error_rate_critical", "error_rate", 5, AlertSeverity.Critical, "Error rate above 5% - system degradation detected"),
        Above("A6", "db_connections_high", "connection_pool_usage", 80, AlertSeverity.Warning, "Database connection pool usage above 80%"),
        Above("A7", "db_connections_critical", "connection_pool_usage", 95, AlertSeverity.Critical, "Database connection pool near capacity"),
        Above("A8", "storage_usage_high", "storage_usage_percent", 80, AlertSeverity.Warning, "Storage usage above 80%"),
        Below("A9", "gdpr_compliance_low", "gdpr_compliance_score", 95, AlertSeverity.Warning, "GDPR compliance score below 95%"),
        Below("A10", "gdpr_compliance_critical", "gdpr_compliance_score", 90, AlertSeverity.Critical, "GDPR compliance critical - immediate action required"),
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<AlertRule> All { get; } =
    [
        .. Guide,
        // That nobody knows it is told by the other one, once.
        Ours(Above("", "component_critical", HealthComponents.StatusMetric, 1, AlertSeverity.Critical, "{label.component} is critical")) with { NoData = NoDataPolicy.Keep },
        Ours(Below("", "component_unknown", HealthComponents.CoverageMetric, 100, AlertSeverity.Warning, "{label.component} was not measured as a whole, and may be worse than it looks")),
    ];

    private static AlertRule Ours(AlertRule rule) => rule with { Source = "ours" };

    private static AlertRule Above(string row, string name, string metric, double threshold, AlertSeverity severity, string message) =>
        New(row, name, metric, AlertOperator.GreaterThan, threshold, severity, message);

    private static AlertRule Below(string row, string name, string metric, double threshold, AlertSeverity severity, string message) =>
        New(row, name, metric, AlertOperator.LessThan, threshold, severity, message);

    private static AlertRule New(string row, string name, string metric, AlertOperator comparison, double threshold, AlertSeverity severity, string message) => new()
    {
        Name = name,
        Metric = metric,
        Operator = comparison,
        Threshold = threshold,
        Unit = AlertMetrics.Find(metric)!.Unit,
        Severity = severity,
        Message = message,
        Source = $"guide {row}",
    };
}
