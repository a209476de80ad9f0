using Maintenance.Engine.Health;

namespace Maintenance.Engine.Tasks;

/// <summary>The daily check: every part of the system at once, under one deadline, and the score over all of them.</summary>
internal sealed class DailyTask(HealthService health) : IMaintenanceTask
{
    /// <summary>Name of the step that puts the parts together.</summary>
    public const string OverallStep = "Overall health";

    public string Name => "Daily";

    public string Description => "Checks the database and the backups, and scores the system's health.";

    public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(120);

    public IReadOnlyList<PlannedStep> Plan(MaintenanceTarget target) =>
    [
        .. health.ProbesFor(target).Select(probe => new PlannedStep(probe.Component, probe.Describe(target))),
        new PlannedStep(OverallStep, "Score the parts by their weights"),
    ];

    public async Task<TaskOutcome> RunAsync(TaskContext context, CancellationToken cancellationToken)
    {
        var startedAt = context.Time.GetUtcNow();
        var started = context.Time.GetTimestamp();
        var outcomes = await health.ProbeAsync(context.Target, context.Call, context.Deadline, cancellationToken);
        var duration = context.Time.GetElapsedTime(started);
        var system = HealthScore.Combine(context.Target, outcomes, duration, context.Time.GetUtcNow());
        return new TaskOutcome(
            [.. outcomes.Select(ToStep), Overall(system, startedAt + duration)],
            system.Metrics,
            system.Findings);
    }

    private static MaintenanceStep ToStep(ProbeOutcome outcome) => new()
    {
        Name = outcome.Component,
        State = outcome.Result.Error is null ? StepState.Done : StepState.Failed,
        Status = outcome.Result.Status,
        Message = outcome.Result.Message,
        Error = outcome.Result.Error,
        Recommendation = outcome.Result.Recommendation,
        StartedAt = outcome.StartedAt,
        Duration = outcome.Duration,
    };

    private static MaintenanceStep Overall(SystemHealth system, DateTimeOffset startedAt)
    {
        var score = system.Score is { } value
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Health score {value:0.#} of 100")
            : "No health score";
        return new MaintenanceStep
        {
            Name = OverallStep,
            State = StepState.Done,
            Status = system.Status,
            Message = system.Unknown.Count == 0
                ? $"{score}; every part was measured."
                : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{score}, over {system.CoveragePercent:0} % of the system; not fully measured: {string.Join(", ", system.Unknown)}."),
            StartedAt = startedAt,
        };
    }
}
