namespace Maintenance.Engine.Scheduling;

/// <summary>One task of the matrix.</summary>
/// <param name="Task">Name of the task.</param>
/// <param name="Cron">When, as five crontab fields in UTC.</param>
/// <param name="Automation">How much happens without a person.</param>
/// <param name="Impact">How much people may notice.</param>
/// <param name="Duration">The longest it is expected to take.</param>
/// <param name="DurationText">The same, as people say it.</param>
/// <param name="IsComposite">True for a bundle of tasks, which is scheduled only where the configuration says so.</param>
internal sealed record MatrixRow(
    string Task, string Cron, AutomationLevel Automation, ScheduleImpact Impact, TimeSpan? Duration, string? DurationText, bool IsComposite = false)
{
    /// <summary>Names of the tasks that it runs one after another; none for what is no bundle of tasks.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];
}

/// <summary>
/// The operations guide's maintenance matrix (its rows S1 to S10), and the bundles beside it. The times are the guide's; some of them are in each other's
/// way (its defect 47), which <see cref="ScheduleConflicts"/> finds. It says no time for monitoring ("continuous": every minute here) nor for
/// disaster recovery tests ("quarterly": the third Sunday of a quarter, which no other row uses).
/// </summary>
internal static class MaintenanceMatrix
{
    /// <summary>The rows, in the guide's order; then the bundles.</summary>
    public static readonly IReadOnlyList<MatrixRow> Rows =
    [
        new("HealthMonitoring", "* * * * *", AutomationLevel.Full, ScheduleImpact.None, null, "ongoing"),
        new("PerformanceMetrics", "*/5 * * * *", AutomationLevel.Full, ScheduleImpact.None, TimeSpan.FromSeconds(30), "under 30 s"),
        new("LogRotation", "0 * * * *", AutomationLevel.Full, ScheduleImpact.None, TimeSpan.FromMinutes(2), "under 2 min"),
        new("DatabaseOptimization", "0 2 * * *", AutomationLevel.Semi, ScheduleImpact.Minimal, TimeSpan.FromMinutes(30), "15 to 30 min"),
        new("SecurityScan", "0 3 * * *", AutomationLevel.Full, ScheduleImpact.None, TimeSpan.FromMinutes(20), "10 to 20 min"),
        new("BackupVerification", "0 4 * * *", AutomationLevel.Full, ScheduleImpact.None, TimeSpan.FromMinutes(15), "5 to 15 min"),
        new("IndexOptimization", "0 1 * * SUN", AutomationLevel.Semi, ScheduleImpact.Low, TimeSpan.FromHours(2), "1 to 2 h"),
        new("PerformanceBaseline", "0 2 * * SUN#1", AutomationLevel.ManualReview, ScheduleImpact.Medium, TimeSpan.FromHours(4), "2 to 4 h"),
        new("SecurityAudit", "0 3 * * SUN#2", AutomationLevel.ManualReview, ScheduleImpact.Medium, TimeSpan.FromHours(6), "3 to 6 h"),
        new("DisasterRecoveryTest", "0 6 * 1,4,7,10 SUN#3", AutomationLevel.Manual, ScheduleImpact.High, TimeSpan.FromHours(8), "4 to 8 h"),
        new("Daily", "0 2 * * *", AutomationLevel.Full, ScheduleImpact.None, null, null, IsComposite: true),
        new("Weekly", "0 1 * * SUN", AutomationLevel.Semi, ScheduleImpact.Low, TimeSpan.FromHours(2), "1 to 2 h", IsComposite: true),
        new("Monthly", "0 2 * * SUN#1", AutomationLevel.ManualReview, ScheduleImpact.Medium, null, null, IsComposite: true) { Members = ["PerformanceBaseline", "SecurityAudit"] },
        new("Quarterly", "0 6 * 1,4,7,10 SUN#3", AutomationLevel.Manual, ScheduleImpact.High, null, null, IsComposite: true) { Members = ["BackupVerification", "DisasterRecoveryTest"] },
    ];

    /// <summary>Names of all tasks that can be scheduled. That of troubleshooting, which the matrix does not have, wants a time of its own.</summary>
    public static IEnumerable<string> Tasks => [.. Rows.Select(row => row.Task), "Troubleshooting"];

    /// <summary>True for the name of a task.</summary>
    public static bool IsTask(string name) => Tasks.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The row of a task; null for one that the matrix does not have, such as Troubleshooting.</summary>
    public static MatrixRow? Find(string task) => Rows.FirstOrDefault(row => row.Task.Equals(task, StringComparison.OrdinalIgnoreCase));
}
