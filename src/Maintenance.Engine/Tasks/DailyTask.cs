using Maintenance.Engine.Health;

namespace Maintenance.Engine.Tasks;

/// <summary>The daily check: every part of the system at once, under one deadline, and the score over all of them.</summary>
internal sealed class DailyTask(HealthService health) : IMaintenanceTask
{
    public string Name => "Daily";

    public string Description => "Checks database, backups, functions, errors, resources and compliance, scores the system's health, tells people, and publishes the log.";

    public bool ChangesSystem => false;

    public string LockName => Name;

    public string Announcement => "Tell the summary on Default, and missing backups on Emergency";

    public string? OverallStep => HealthSteps.OverallStep;

    public string LogFolder => "daily-logs";

    public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(120);

    public IReadOnlyList<PlannedStep> Plan(MaintenanceTarget target) => HealthSteps.Plan(health, target);

    public async Task<TaskOutcome> RunAsync(TaskContext context, CancellationToken cancellationToken)
    {
        var measured = await health.MeasureAsync(context.Target, context.Call, context.Deadline, cancellationToken);
        return new TaskOutcome(
            HealthSteps.Of(measured),
            measured.System.Metrics,
            measured.System.Findings);
    }

    public IReadOnlyList<NotificationMessage> MessagesFor(MaintenanceRun run) => DailyMessages.Of(run);
}
