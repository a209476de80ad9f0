namespace Maintenance.Engine.Tasks;

/// <summary>The names of all tasks, for what is read before any of them is there.</summary>
internal static class TaskNames
{
    public static IReadOnlyList<string> All { get; } =
    [
        "BackupVerification", "Daily", "DisasterRecoveryTest", "HealthMonitoring", "LogRotation", "PerformanceBaseline", "PerformanceMetrics", "SecurityAudit", "SecurityScan", "Troubleshooting", "Weekly",
    ];
}
