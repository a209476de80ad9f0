using System.Globalization;
using Maintenance.Engine.Health;

namespace Maintenance.Engine.Tasks;

/// <summary>The steps of a task that measures the whole system: one for each part, and one for all together. Pure.</summary>
internal static class HealthSteps
{
    /// <summary>Name of the step that puts the parts together.</summary>
    public const string OverallStep = "Overall health";

    /// <summary>Name of the step that asks the functions for their own score.</summary>
    public const string FunctionScoreStep = "Function score";

    /// <summary>What is planned.</summary>
    public static IReadOnlyList<PlannedStep> Plan(HealthService health, MaintenanceTarget target) =>
    [
        .. health.ProbesFor(target).Select(probe => new PlannedStep(probe.Component, probe.Describe(target))),
        .. FunctionOpinion.IsAsked(target)
            ? new[] { new PlannedStep(FunctionScoreStep, "Ask production-monitoring for its own score, and compare") }
            : [],
        new PlannedStep(OverallStep, "Score the parts by their weights"),
    ];

    /// <summary>What was done.</summary>
    public static IReadOnlyList<MaintenanceStep> Of(SystemMeasurement measured) =>
    [
        .. measured.Parts.Select(ToStep),
        .. measured.Opinion is { } opinion ? new[] { Told(measured.System, opinion) } : [],
        Overall(measured.System),
    ];

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
        // One in trouble may have gaps besides.
        var gaps = system.Components.Where(part => part.Status == HealthStatus.Unknown || part.CoveragePercent < 100).Select(part => part.Name).ToList();
        return new MaintenanceStep
        {
            Name = OverallStep,
            State = StepState.Done,
            Status = system.Status,
            Message = gaps.Count == 0
                ? $"{score}; every part was measured."
                : string.Create(CultureInfo.InvariantCulture, $"{score}, over {system.CoveragePercent:0} % of the system; not fully measured: {string.Join(", ", gaps)}."),
            StartedAt = system.CollectedAt,
        };
    }
}
