using Maintenance.Engine.Scheduling;

namespace Maintenance.Engine.Tasks;

/// <summary>Whether a task may run without a person, and whether one has approved. Pure; the levels are the maintenance matrix's.</summary>
/// <param name="Level">How much happens without a person.</param>
/// <param name="Given">The approval that holds; null for none.</param>
internal sealed record ApprovalCheck(AutomationLevel Level, TaskApproval? Given)
{
    /// <summary>Name of the step that tells of it.</summary>
    public const string StepName = "Approval";

    /// <summary>What a run says that waits for a person.</summary>
    public const string NotApproved = "Nobody has approved this yet";

    /// <summary>What a run says whose result waits for a person.</summary>
    public const string NotReviewed = "Nobody has reviewed this yet";

    /// <summary>For a task that runs with nobody watching.</summary>
    public static readonly ApprovalCheck NotNeeded = new(AutomationLevel.Full, null);

    /// <summary>True for a task that wants a person.</summary>
    public bool IsWanted => Level != AutomationLevel.Full;

    /// <summary>True if nothing may be done before somebody approves.</summary>
    public bool StopsBefore => Level is AutomationLevel.Semi or AutomationLevel.Manual && Given is null;

    /// <summary>True if what comes of it counts: no review is wanted, or a person stands for it.</summary>
    public bool Counts => Level != AutomationLevel.ManualReview || Given is not null;

    /// <summary>Checks one run.</summary>
    /// <param name="schedule">The target's schedule, whose approval holds for runs to come.</param>
    /// <param name="task">Name of the task.</param>
    /// <param name="given">The approval of this run alone.</param>
    /// <param name="now">The time.</param>
    public static ApprovalCheck Of(SchedulePolicy schedule, string task, TaskApproval? given, DateTimeOffset now)
    {
        var standing = schedule.Tasks.FirstOrDefault(known => known.Key.Equals(task, StringComparison.OrdinalIgnoreCase)).Value?.Approval;
        return MaintenanceMatrix.Find(task) is not { Automation: not AutomationLevel.Full } row
            ? NotNeeded
            : new ApprovalCheck(row.Automation, Named(given) ?? (standing?.HoldsAt(now) == true ? Named(standing) : null));
    }

    /// <summary>The outcome of a run, with a step that says who has approved it, or that somebody has to look at it yet.</summary>
    public TaskOutcome Reviewed(IMaintenanceTask task, TaskOutcome outcome, DateTimeOffset now) =>
        !IsWanted ? outcome : outcome with { Steps = [.. outcome.Steps, Given is null ? Wanted(task, now) : Approved(Given, now)] };

    /// <summary>The step that waits for a person.</summary>
    public MaintenanceStep Wanted(IMaintenanceTask task, DateTimeOffset now) => new()
    {
        Name = StepName,
        State = StepState.Deferred,
        Status = HealthStatus.Warning,
        Message = Level == AutomationLevel.ManualReview
            ? $"{NotReviewed}, so nothing of it is passed on."
            : $"{NotApproved}, so nothing was done.",
        Recommendation = $"Look at it, then run Invoke-MaintenanceTask {task.Name} -Approve. schedule.tasks.{task.Name}.approval of maintenance.json approves runs to come.",
        StartedAt = now,
    };

    // An approval is a person's: without a name it is none.
    private static TaskApproval? Named(TaskApproval? approval) => string.IsNullOrWhiteSpace(approval?.By) ? null : approval;

    private static MaintenanceStep Approved(TaskApproval approval, DateTimeOffset now) => new()
    {
        Name = StepName,
        State = StepState.Done,
        Status = HealthStatus.Ok,
        Message = $"Approved by {approval.By}{(approval.Until is { } until ? FormattableString.Invariant($" until {until:yyyy-MM-dd}") : "")}{(approval.Reason is { } reason ? $": {reason}" : "")}.",
        StartedAt = now,
    };
}
