using System.Globalization;
using Maintenance.Engine.Health;

namespace Maintenance.Engine.Tasks;

/// <summary>The daily check: every part of the system at once, under one deadline, and the score over all of them.</summary>
internal sealed class DailyTask(HealthService health) : IMaintenanceTask
{
    /// <summary>Name of the step that puts the parts together.</summary>
    public const string OverallStep = "Overall health";

    /// <summary>Name of the step that asks the functions for their own score.</summary>
    public const string FunctionScoreStep = "Function score";

    public string Name => "Daily";

    public string Description => "Checks database, backups, functions, errors, resources and compliance, scores the system's health, tells people, and publishes the log.";

    public bool ChangesSystem => false;

    public string LockName => Name;

    string? IMaintenanceTask.OverallStep => OverallStep;

    public string LogFolder => "daily-logs";

    public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(120);

    public IReadOnlyList<PlannedStep> Plan(MaintenanceTarget target) =>
    [
        .. health.ProbesFor(target).Select(probe => new PlannedStep(probe.Component, probe.Describe(target))),
        .. FunctionOpinion.IsAsked(target)
            ? new[] { new PlannedStep(FunctionScoreStep, "Ask production-monitoring for its own score, and compare") }
            : [],
        new PlannedStep(OverallStep, "Score the parts by their weights"),
    ];

    public async Task<TaskOutcome> RunAsync(TaskContext context, CancellationToken cancellationToken)
    {
        var measured = await health.MeasureAsync(context.Target, context.Call, context.Deadline, cancellationToken);
        return new TaskOutcome(
            [
                .. measured.Parts.Select(ToStep),
                .. measured.Opinion is { } opinion ? new[] { Told(measured.System, opinion) } : [],
                Overall(measured.System),
            ],
            measured.System.Metrics,
            measured.System.Findings);
    }

    public IReadOnlyList<NotificationMessage> MessagesFor(MaintenanceRun run) => DailyMessages.Of(run);

    private static MaintenanceStep ToStep(ProbeOutcome outcome) => new()
    {
        Name = outcome.Component,
        // A part that is in trouble was measured all the same.
        State = outcome.Result.Error is null || outcome.Result.Status != HealthStatus.Unknown ? StepState.Done : StepState.Failed,
        Status = outcome.Result.Status,
        Message = outcome.Result.Message,
        Error = outcome.Result.Error,
        Recommendation = outcome.Result.Recommendation,
        StartedAt = outcome.StartedAt,
        Duration = outcome.Duration,
    };

    // Guide D1: what the functions think of the whole, beside what was measured.
    private static MaintenanceStep Told(SystemHealth system, FunctionOpinion opinion) => new()
    {
        Name = FunctionScoreStep,
        State = opinion.Error is null ? StepState.Done : StepState.Failed,
        Status = system.Findings
            .Where(finding => finding.Id is "FUNCTION-HEALTH-LOW" or "FUNCTION-SCORE-NOT-MEASURED" or "HEALTH-SCORES-DISAGREE")
            .Select(finding => finding.Status)
            .DefaultIfEmpty(HealthStatus.Ok)
            .Max(),
        Message = opinion.Score is { } score
            ? string.Create(CultureInfo.InvariantCulture, $"The functions score the system {score:0.#} of 100{(system.ScoreDifference is { } difference ? $", we {(system.Score ?? 0):0.#} (difference {difference:+0.#;-0.#;0})" : "")}.")
            : opinion.Error!.Message,
        Error = opinion.Error?.Code,
        Recommendation = opinion.Error?.Recommendation,
        StartedAt = opinion.StartedAt,
        Duration = opinion.Duration,
    };

    private static MaintenanceStep Overall(SystemHealth system)
    {
        var score = system.Score is { } value
            ? string.Create(CultureInfo.InvariantCulture, $"Health score {value:0.#} of 100")
            : "No health score";
        return new MaintenanceStep
        {
            Name = OverallStep,
            State = StepState.Done,
            Status = system.Status,
            Message = system.Unknown.Count == 0
                ? $"{score}; every part was measured."
                : string.Create(CultureInfo.InvariantCulture, $"{score}, over {system.CoveragePercent:0} % of the system; not fully measured: {string.Join(", ", system.Unknown)}."),
            StartedAt = system.CollectedAt,
        };
    }
}
