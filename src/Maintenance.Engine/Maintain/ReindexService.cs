using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Maintain;

/// <summary>Rebuilds indexes while everybody goes on reading and writing, and leaves nothing behind.</summary>
public sealed class ReindexService
{
    private readonly DatabaseConnector _connector;
    private readonly ActionHistory _history;
    private readonly TimeProvider _time;

    // What the last plan of a target found: its execution need not read the whole history again.
    private readonly ConcurrentDictionary<string, IReadOnlyList<InterruptedRebuild>> _interrupted = new(StringComparer.OrdinalIgnoreCase);

    internal ReindexService(DatabaseConnector connector, HistoryService history, TimeProvider time)
    {
        _connector = connector;
        _history = new ActionHistory(history, time);
        _time = time;
    }

    /// <summary>
    /// Says what would be done, in the order in which it would: remains of an interrupted run, remains of others if asked for, then what
    /// was put off last time, then the largest gain. Changes nothing. Default timeout 30 s.
    /// </summary>
    /// <param name="target">The target.</param>
    /// <param name="options">Which indexes, and within which limits.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the planning.</param>
    /// <returns>Actions in the states Planned, Skipped, Deferred and, for what cannot be found, Failed.</returns>
    /// <exception cref="MaintenanceException">InvalidArgument, DatabaseReadOnly, PoolerNotSupported, or what the server reports.</exception>
    public async Task<IReadOnlyList<DbAction>> PlanAsync(MaintenanceTarget target, ReindexOptions options, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options is { Index.Count: 0, Table.Count: 0, RepairInvalid: false })
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                "Nothing was named that should be rebuilt.",
                "Pipe what is bloated: Get-DbBloat | Where-Object Reclaimable -gt 10MB | Invoke-DbReindex. Or name indexes with -Index, tables with -Table, or give -RepairInvalid.");
        }

        using var deadline = new Deadline(call.Timeout ?? TimeSpan.FromSeconds(30), _time, cancellationToken);
        return await deadline.RunAsync($"Planning the rebuilds of '{target.Name}'", async token =>
        {
            // The history lies elsewhere, so it is read meanwhile.
            var past = _history.ReadAsync(target, call, token);
            try
            {
                await using var session = await _connector.OpenAsync(target, new SessionOptions($"{ReindexRun.TaskName} plan", deadline.Remaining), call, token);
                var planning = new ReindexPlanning(target, options, call, _time);
                var plan = await planning.PlanAsync(session, past, token);
                _interrupted[target.Name] = planning.Interrupted;
                return plan;
            }
            finally
            {
                await ((Task)past).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });
    }

    /// <summary>
    /// Does what was planned, under the lock of this task. Each action is looked at again right before its turn, since the world has
    /// changed meanwhile. Results come as they are there; whoever stops reading stops the work.
    /// </summary>
    /// <param name="target">The target.</param>
    /// <param name="actions">Actions of <see cref="PlanAsync"/>, without those that were declined. Others than planned ones pass through.</param>
    /// <param name="options">Within which limits.</param>
    /// <param name="call">What the call brings along; its timeout ends what runs.</param>
    /// <param name="cancellationToken">Ends the work; remains are dropped before it returns.</param>
    /// <exception cref="MaintenanceException">AlreadyRunning, naming who has the lock; PoolerNotSupported; or what the server reports.</exception>
    public async IAsyncEnumerable<DbAction> ExecuteAsync(
        MaintenanceTarget target,
        IReadOnlyList<DbAction> actions,
        ReindexOptions options,
        CallContext call,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var held = await AdvisoryLock.AcquireAsync(_connector, target, ReindexRun.TaskName, call, cancellationToken);
        await foreach (var action in held.GuardAsync(token => ExecuteAsync(held, target, actions, options, call, token), cancellationToken))
        {
            yield return action;
        }
    }

    /// <summary>Does what was planned, under a lock that the caller holds.</summary>
    /// <param name="held">The lock: nobody else may rebuild indexes of this database while it is held.</param>
    /// <param name="target">The target.</param>
    /// <param name="actions">Actions of the plan.</param>
    /// <param name="options">Within which limits.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    internal async IAsyncEnumerable<DbAction> ExecuteAsync(
        AdvisoryLock held,
        MaintenanceTarget target,
        IReadOnlyList<DbAction> actions,
        ReindexOptions options,
        CallContext call,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(held);
        foreach (var decided in actions.Where(action => action.State != StepState.Planned))
        {
            if (decided.State is StepState.Deferred or StepState.Failed)
            {
                await _history.RecordAsync(target, decided, call);
            }

            yield return decided;
        }

        var planned = actions.Where(action => action.State == StepState.Planned).ToList();
        if (planned.Count == 0)
        {
            yield break;
        }

        using var deadline = new Deadline(Limit(options, call), _time, cancellationToken);
        await using var run = await ReindexRun.StartAsync(_connector, target, options, call, _history, _time, cancellationToken);
        await foreach (var action in run.ExecuteAsync(await QueueAsync(run, planned, cancellationToken), deadline, cancellationToken))
        {
            yield return action;
        }

        await SettleAsync(run, cancellationToken);
    }

    private TimeSpan? Limit(ReindexOptions options, CallContext call)
    {
        var window = options.Deadline - _time.GetUtcNow() is { } left ? left > TimeSpan.Zero ? left : TimeSpan.Zero : (TimeSpan?)null;
        return call.Timeout is { } timeout && !(window < timeout) ? timeout : window;
    }

    private static async Task<IReadOnlyList<QueuedAction>> QueueAsync(ReindexRun run, List<DbAction> planned, CancellationToken cancellationToken)
    {
        await using var session = await run.OpenAsync("", LockTimeoutLadder.Shortest, cancellationToken);
        var known = (await session.QueryAsync(
            "Maintain/Sql/IndexesByOid.sql",
            row => (Oid: row.GetInt64(0), TableOid: row.GetInt64(4), IsPlain: row.GetBoolean(5)),
            cancellationToken,
            planned.Select(action => action.Oid).ToArray())).ToDictionary(index => index.Oid);
        return
        [
            .. planned.Select(action => known.TryGetValue(action.Oid, out var index)
                ? new QueuedAction(action, index.TableOid, action.Kind == DbActionKind.Reindex && (!index.IsPlain || session.MajorVersion < 14))
                // It is gone: its turn says so.
                : new QueuedAction(action, -action.Oid, Alone: false)),
        ];
    }

    // Interrupted rebuilds of which nothing is left by now are closed in the history.
    private async Task SettleAsync(ReindexRun run, CancellationToken cancellationToken)
    {
        if (!_interrupted.TryRemove(run.Target.Name, out var interrupted) || interrupted.Count == 0)
        {
            return;
        }

        await using var session = await run.OpenAsync("", LockTimeoutLadder.Shortest, cancellationToken);
        var now = await IndexState.OfTablesAsync(session, interrupted.Select(rebuild => rebuild.Origin.TableOid).Distinct(), run.Ours, cancellationToken);
        var closed = interrupted
            .Where(rebuild => InvalidIndexLineage.LeftBy(rebuild.Origin, now).Count == 0)
            .Select(rebuild => InterruptedRebuilds.Close(rebuild, InvalidIndexLineage.Successor(rebuild.Origin, now, rebuild.Action.Name)))
            .ToList();
        if (closed.Count > 0)
        {
            await _history.RecordAsync(run.Target, closed, run.Call);
        }
    }
}
