using Maintenance.Engine.Inspect;
using Maintenance.Engine.Repair;
using Maintenance.Engine.Repair.Issues;

namespace Maintenance.Engine.Tasks;

/// <summary>What a search for issues and its repairs came to, as steps of a run and as what people are told. The status of the run is that of what remains. Pure.</summary>
internal static class TroubleshootingSteps
{
    /// <summary>Whether a remedy was carried out.</summary>
    public static bool IsDone(SystemRepair repair) => repair.State is not (RepairState.Refused or RepairState.AlreadyGone);

    /// <summary>Issues were looked for. That there are some is told by their own steps; what could not be looked at is told here.</summary>
    public static MaintenanceStep Found(IReadOnlyList<Finding> found, DateTimeOffset startedAt, TimeSpan duration)
    {
        var failed = Incident.Of(found.Select(finding => new RepairedIssue(finding, null)), []).Count;
        var unknown = found.Where(finding => finding.Status == HealthStatus.Unknown).ToList();
        var message = failed == 0 && unknown.Count == 0
            ? "There is no issue."
            : $"{(failed == 0 ? "No issue was" : Say.Count(failed, "issue was", "issues were"))} found.{(unknown.Count == 0 ? "" : $" Not known: {string.Join(" ", Issue.Gaps(unknown).Select(gap => gap.Sentence))}")}";
        return Step(TroubleshootingTask.FindStep, StepState.Done, unknown.Count > 0 ? HealthStatus.Unknown : HealthStatus.Ok, message, startedAt, duration) with
        {
            Recommendation = unknown.FirstOrDefault()?.Recommendation,
        };
    }

    /// <summary>Issues could not be looked for.</summary>
    public static MaintenanceStep NotFound(MaintenanceException problem, DateTimeOffset startedAt, TimeSpan duration) =>
        Step(TroubleshootingTask.FindStep, StepState.Failed, HealthStatus.Unknown, problem.Message, startedAt, duration) with { Error = problem.Code, Recommendation = problem.Recommendation };

    /// <summary>An issue for which there is no remedy.</summary>
    public static MaintenanceStep Left(Finding finding, DateTimeOffset now) =>
        Step(NameOf(finding), StepState.Skipped, finding.Status, $"Left to people: {finding.Message}", now, TimeSpan.Zero) with { Recommendation = finding.Recommendation };

    /// <summary>An issue with what its repair came to.</summary>
    public static MaintenanceStep Repaired(Finding finding, SystemRepair repair) => Step(
        NameOf(finding),
        repair.State switch
        {
            RepairState.Refused => StepState.Skipped,
            RepairState.Failed => StepState.Failed,
            _ => StepState.Done,
        },
        repair.State switch
        {
            RepairState.Resolved or RepairState.AlreadyGone => HealthStatus.Ok,
            RepairState.Unknown or RepairState.Running => HealthStatus.Unknown,
            // It is as bad as it was found.
            _ => finding.Status,
        },
        $"{repair.State}: {(repair.State == RepairState.Refused ? $"{finding.Message} {repair.Message}" : repair.Message)}",
        repair.StartedAt,
        repair.Duration) with
    {
        Error = repair.State is RepairState.Refused ? null : repair.Error,
        Recommendation = repair.Recommendation,
    };

    /// <summary>An alert that fired before, and does not now.</summary>
    public static MaintenanceStep Quiet(Finding finding, string figure, DateTimeOffset now) => Step(NameOf(finding), StepState.Done, HealthStatus.Ok, $"It fires no more: {figure}", now, TimeSpan.Zero);

    /// <summary>What people are told (guide TS): nothing where there is nothing, a summary, and what remains and is critical on the second channel.</summary>
    public static IReadOnlyList<NotificationMessage> Messages(MaintenanceTarget target, RepairReport report)
    {
        if (report.Incidents.Count + report.Gaps.Count == 0)
        {
            return [];
        }

        return RepairMessages.Of(target, report, "Default", TroubleshootingTask.TaskName);
    }

    private static string NameOf(Finding finding) => finding.Subject is { Length: > 0 } subject ? $"{finding.Id} {subject}" : finding.Id;

    private static MaintenanceStep Step(string name, StepState state, HealthStatus status, string message, DateTimeOffset startedAt, TimeSpan duration) => new()
    {
        Name = RunLog.OneLine(name),
        State = state,
        Status = status,
        Message = RunLog.OneLine(message),
        StartedAt = startedAt,
        Duration = duration,
    };
}
