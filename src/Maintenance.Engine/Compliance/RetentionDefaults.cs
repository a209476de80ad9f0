namespace Maintenance.Engine.Compliance;

/// <summary>The policies that rows are held against.</summary>
internal static class RetentionDefaults
{
    /// <summary>Those of the guide (W5), where a target has none of its own.</summary>
    public static IReadOnlyList<RetentionPolicy> Guide { get; } =
    [
        new() { Table = "public.performance_alerts", TimeColumn = "created_at", Age = TimeSpan.FromDays(30) },
        new() { Table = "public.error_logs", TimeColumn = "timestamp", Age = TimeSpan.FromDays(90) },
    ];

    public static IReadOnlyList<RetentionPolicy> Of(MaintenanceTarget target) => target.Retention.Count > 0 ? target.Retention : Guide;
}
