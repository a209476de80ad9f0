namespace Maintenance.Engine.Maintain;

/// <summary>An action that waits for its turn.</summary>
/// <param name="Action">The action.</param>
/// <param name="TableOid">Its table: one action at a time, since each takes a lock that excludes the other.</param>
/// <param name="Alone">
/// Nothing else may run meanwhile: its rebuild waits for the snapshots of others, and they for its. That is so for indexes with
/// expressions or a predicate, and for all before PostgreSQL 14.
/// </param>
internal sealed record QueuedAction(DbAction Action, long TableOid, bool Alone);

/// <summary>Hands out actions in their order, as far as those that run allow it.</summary>
internal sealed class ReindexQueue(IEnumerable<QueuedAction> actions)
{
    private readonly Lock _gate = new();
    private readonly List<QueuedAction> _waiting = [.. actions];
    private readonly List<QueuedAction> _running = [];
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>The next action; null when there is none left. Waits while those that run forbid all that are left.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<QueuedAction?> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_waiting.Count == 0)
                {
                    return null;
                }

                if (_waiting.Find(MayRun) is { } next)
                {
                    _waiting.Remove(next);
                    _running.Add(next);
                    return next;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Says that an action is over.</summary>
    public void Release(QueuedAction action)
    {
        lock (_gate)
        {
            _running.Remove(action);
            Signal();
        }
    }

    /// <summary>Empties the queue.</summary>
    /// <returns>What was left.</returns>
    public IReadOnlyList<QueuedAction> Drain()
    {
        lock (_gate)
        {
            var left = _waiting.ToList();
            _waiting.Clear();
            Signal();
            return left;
        }
    }

    private bool MayRun(QueuedAction action) =>
        _running.TrueForAll(other => other.TableOid != action.TableOid && !other.Alone) && (!action.Alone || _running.Count == 0);

    private void Signal()
    {
        var changed = _changed;
        _changed = NewSignal();
        changed.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
