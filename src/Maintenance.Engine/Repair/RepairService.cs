using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Maintenance.Engine.Repair.Issues;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Repair;

/// <summary>
/// Carries out remedies: measures whether the issue is still there, does what was confirmed, waits, and measures again. What a remedy
/// says of itself resolves nothing.
/// </summary>
public sealed class RepairService
{
    internal const string TaskName = "Repair-SystemIssue";

    private readonly DatabaseConnector _connector;
    private readonly RepairPlanner _planner;
    private readonly RepairMemory _memory;
    private readonly TimeProvider _time;

    internal RepairService(DatabaseConnector connector, IReadOnlyList<IRemedyAction> actions, IIssueLooker? looker, HistoryService history, TimeProvider time)
    {
        _connector = connector;
        _memory = new RepairMemory(history, time);
        _planner = new RepairPlanner(actions, looker, _memory, time);
        _time = time;
    }

    /// <summary>Says what would be done about an issue. Changes nothing.</summary>
    /// <param name="target">The target.</param>
    /// <param name="finding">The issue.</param>
    /// <param name="options">How far it may go.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<RepairPlan> PlanAsync(MaintenanceTarget target, Finding finding, RepairOptions options, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(finding);
        using var deadline = new Deadline(call.Timeout, _time, cancellationToken);
        var (plan, _) = await deadline.RunAsync($"Looking at {finding.Id}", token => _planner.PlanAsync(target, finding, options, call, token));
        return plan;
    }

    /// <summary>Carries a plan out, as far as it still holds, and measures what came of it. What it came to is recorded, whatever happens.</summary>
    /// <param name="target">The target.</param>
    /// <param name="plan">What was confirmed: no step beyond it is taken.</param>
    /// <param name="options">How far it may go.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it; the remedy is told to stop.</param>
    public Task<SystemRepair> ExecuteAsync(MaintenanceTarget target, RepairPlan plan, RepairOptions options, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.Decided is { } decided ? KeepAsync(target, decided, call) : RunAsync(target, plan.Finding, plan.Steps, options, call, cancellationToken);
    }

    /// <summary>Plans and carries out at once, for work that nobody watches.</summary>
    /// <param name="target">The target.</param>
    /// <param name="finding">The issue.</param>
    /// <param name="options">How far it may go.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it; the remedy is told to stop.</param>
    public Task<SystemRepair> RepairAsync(MaintenanceTarget target, Finding finding, RepairOptions options, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(finding);
        return RunAsync(target, finding, null, options, call, cancellationToken);
    }

    /// <summary>What people are told of repairs of one target: what was found, resolved, and is left to them; what of that is critical on the second channel, too.</summary>
    /// <param name="target">The target.</param>
    /// <param name="issues">The issues, and what came of each.</param>
    /// <param name="channel">Channel to tell it on.</param>
    public static IReadOnlyList<NotificationMessage> Summarize(MaintenanceTarget target, IReadOnlyList<RepairedIssue> issues, string channel) =>
        RepairMessages.Of(target, new RepairReport(issues, []), channel, TaskName);

    /// <summary>Says which of several plans for one target does already what another would do: with that carried out, nothing is left to the other.</summary>
    /// <param name="plan">The other.</param>
    /// <param name="earlier">What is carried out before it.</param>
    public static RepairPlan? DoneBefore(RepairPlan plan, IEnumerable<RepairPlan> earlier)
    {
        ArgumentNullException.ThrowIfNull(plan);
        // Steps that end sessions name the very sessions.
        return plan.Remedy?.Kind != IssueRemedies.EndIdleSessions || plan.Steps.Count == 0 ? null
            : earlier.FirstOrDefault(other => other.Remedy?.Kind == plan.Remedy.Kind && plan.Steps.All(step => other.Steps.Any(known => known.Command == step.Command)));
    }

    private async Task<SystemRepair> RunAsync(
        MaintenanceTarget target, Finding finding, IReadOnlyList<RepairStep>? confirmed, RepairOptions options, CallContext call, CancellationToken cancellationToken)
    {
        // Without a lock two repairers would each undo or double what the other does.
        await using var held = await RepairLock.AcquireAsync(_connector, target, call, cancellationToken);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, held.Lost);
        using var deadline = new Deadline(call.Timeout, _time, ending.Token);
        var (plan, action) = await deadline.RunAsync($"Looking at {finding.Id}", token => _planner.PlanAsync(target, finding, options, call, token));
        if (plan.Decided is { } decided)
        {
            return await KeepAsync(target, decided, call);
        }

        // Between the question and the answer the world goes on: what was not confirmed is not done, and neither is what no longer fits.
        IReadOnlyList<RepairStep> steps = confirmed is null ? plan.Steps : [.. plan.Steps.Where(step => confirmed.Any(known => known.Command == step.Command))];
        if (steps.Count == 0)
        {
            return await KeepAsync(target, _planner.Decide(target, finding, plan.Remedy!, RepairState.Refused, "What was confirmed does not fit any more: the system has changed meanwhile.", "Look again: -WhatIf shows what would be done now.", MaintenanceErrorCode.RemedyRefused, call) with { Before = plan.Before }, call);
        }

        return await new RepairRun(target, plan, action!, steps, options, call, _planner, _memory, _time).RunAsync(held, deadline, cancellationToken);
    }

    // What is refused again and again for the same reason is kept once.
    private async Task<SystemRepair> KeepAsync(MaintenanceTarget target, SystemRepair decided, CallContext call)
    {
        var (past, isComplete) = await _memory.ReadAsync(target, decided.StartedAt - TimeSpan.FromDays(1), call, CancellationToken.None);
        var newest = past.Where(repair => repair.Fingerprint == decided.Fingerprint && RepairCoolDown.IsSame(repair.Remedy, decided.Remedy)).MaxBy(repair => repair.StartedAt);
        if (isComplete && (newest?.State != decided.State || newest.Message != decided.Message))
        {
            await _memory.RecordAsync(target, decided, call);
        }

        return decided;
    }
}
