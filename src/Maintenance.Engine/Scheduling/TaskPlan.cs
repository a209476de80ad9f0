namespace Maintenance.Engine.Scheduling;

/// <summary>When and how one task of a target runs: the matrix, as the target's configuration changes it.</summary>
/// <param name="Row">Its row.</param>
/// <param name="Recurrence">When it runs.</param>
/// <param name="Settings">What the configuration says of it.</param>
/// <param name="IsConfigured">True if the time comes from the configuration.</param>
internal sealed record TaskPlan(MatrixRow Row, Recurrence Recurrence, TaskSchedule Settings, bool IsConfigured)
{
    /// <summary>Name of the task.</summary>
    public string Task => Row.Task;

    /// <summary>True if it is scheduled.</summary>
    public bool Enabled => Settings.Enabled;

    /// <summary>The plans of a target: every row of the matrix, and the bundles and other tasks that the configuration names.</summary>
    /// <param name="policy">The target's policy.</param>
    /// <exception cref="MaintenanceException">InvalidArgument for a schedule that cannot be read.</exception>
    public static IReadOnlyList<TaskPlan> Of(SchedulePolicy policy)
    {
        var named = new Dictionary<string, TaskSchedule>(policy.Tasks, StringComparer.OrdinalIgnoreCase);
        var others = named.Keys.Where(task => MaintenanceMatrix.Find(task) is null)
            .Select(task => new MatrixRow(task, named[task].Cron ?? "0 * * * *", AutomationLevel.Full, ScheduleImpact.None, null, null, IsComposite: true));
        return
        [
            .. MaintenanceMatrix.Rows.Concat(others)
                .Where(row => !row.IsComposite || named.ContainsKey(row.Task))
                .Select(row => Of(row, named.GetValueOrDefault(row.Task), policy)),
        ];
    }

    private static TaskPlan Of(MatrixRow row, TaskSchedule? settings, SchedulePolicy policy) => new(
        row,
        Recurrence.Parse(settings?.Cron ?? row.Cron, settings?.TimeZone ?? policy.TimeZone),
        settings ?? new TaskSchedule(),
        settings is { Cron: not null } or { TimeZone: not null } || policy.TimeZone != "UTC");
}
