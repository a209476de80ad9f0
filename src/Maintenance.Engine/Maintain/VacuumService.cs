using System.Runtime.CompilerServices;
using Maintenance.Engine.Database;
using Maintenance.Engine.History;

namespace Maintenance.Engine.Maintain;

/// <summary>VACUUM and ANALYZE where they are due: planned, then confirmed by whoever calls, then carried out.</summary>
public sealed class VacuumService
{
    /// <summary>What we are called in pg_stat_activity and in the advisory lock.</summary>
    internal const string Task = "Invoke-DbVacuum";

    private static readonly TimeSpan PlanningTimeout = TimeSpan.FromSeconds(60);

    private readonly DatabaseConnector _connector;
    private readonly ActionHistory _history;
    private readonly TimeProvider _time;

    internal VacuumService(DatabaseConnector connector, HistoryService history, TimeProvider time)
    {
        _connector = connector;
        _history = new ActionHistory(history, time);
        _time = time;
    }

    /// <summary>Says what would be done. Changes nothing.</summary>
    /// <param name="target">The target.</param>
    /// <param name="options">What the caller wants.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <exception cref="MaintenanceException">DatabaseReadOnly on a standby, or what the server reports.</exception>
    public async Task<VacuumPlan> PlanAsync(MaintenanceTarget target, VacuumOptions options, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var remembering = _history.ReadAsync(target, call, cancellationToken);
        await using var session = await _connector.OpenAsync(target, new SessionOptions(Task, PlanningTimeout), call, cancellationToken);
        if (session.IsStandby)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.DatabaseReadOnly, $"The server of '{target.Name}' is a standby, which cannot be maintained by itself.", "Connect to the primary server.");
        }

        var facts = await VacuumProbe.ReadAsync(session, cancellationToken);
        if (!facts.CountsRows && !options.All)
        {
            call.Sink.Warning($"The server of '{target.Name}' counts no rows (track_counts is off): what is due is not known. Use -All.");
        }

        var requested = options.Objects.Count == 0 ? null : await new VacuumRequests(session, facts, _time.GetUtcNow()).ResolveAsync(options.Objects, cancellationToken);
        var plan = VacuumPlanner.Plan(target.Name, facts, requested, options, await remembering, _time.GetUtcNow());
        call.Sink.Verbose(FormattableString.Invariant($"{plan.Actions.Count(action => action.State == StepState.Planned)} of {plan.TablesConsidered} tables of {plan.Database} on '{target.Name}' are due (PostgreSQL {plan.ServerVersion}, role {session.User})."));
        return plan;
    }

    /// <summary>Carries actions of a plan out. Those that are not Planned are passed through, and recorded.</summary>
    /// <param name="target">The target.</param>
    /// <param name="actions">What was planned and confirmed.</param>
    /// <param name="options">What the caller wants.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <exception cref="MaintenanceException">AlreadyRunning, PoolerNotSupported, UnsafeNow, or what the server reports before the first action.</exception>
    public async IAsyncEnumerable<DbAction> ExecuteAsync(
        MaintenanceTarget target, IReadOnlyList<DbAction> actions, VacuumOptions options, CallContext call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var held = await AdvisoryLock.AcquireAsync(_connector, target, Task, call, cancellationToken);
        await foreach (var action in held.GuardAsync(token => ExecuteAsync(held, target, actions, options, call, token), cancellationToken))
        {
            yield return action;
        }
    }

    /// <summary>The same for a caller who holds the lock of this work, or of a larger one that it is part of.</summary>
    internal IAsyncEnumerable<DbAction> ExecuteAsync(
        AdvisoryLock held, MaintenanceTarget target, IReadOnlyList<DbAction> actions, VacuumOptions options, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(held);
        return new VacuumRun(_connector, _history, _time, target, options, call).RunAsync(actions, cancellationToken);
    }
}
