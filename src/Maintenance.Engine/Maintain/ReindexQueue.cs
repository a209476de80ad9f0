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
    /// <summary>What is predicted to take no longer shares questions and records with others: those would take longer than the work.</summary>
    private static readonly TimeSpan Small = TimeSpan.FromMilliseconds(50);

    /// <summary>So much predicted work shares them: they are no older than that by the end of it.</summary>
    private static readonly TimeSpan BatchTime = TimeSpan.FromMilliseconds(500);

    private const int LargestBatch = 50;

    private readonly Lock _gate = new();
    private readonly List<QueuedAction> _waiting = [.. actions];
    private readonly List<QueuedAction> _running = [];
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>
    /// The next action, with further ones if they are all small; nothing when there is none left. Waits while those that run forbid all
    /// that are left.
    /// </summary>
    /// <param name="workers">How many take from the queue: each gets its share.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<IReadOnlyList<QueuedAction>> TakeAsync(int workers, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_waiting.Count == 0)
                {
                    return [];
                }

                if (_waiting.Find(MayRun) is { } next)
                {
                    var taken = With(next, workers);
                    _waiting.RemoveAll(taken.Contains);
                    _running.AddRange(taken);
                    return taken;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Says that actions are over.</summary>
    public void Release(IReadOnlyList<QueuedAction> actions)
    {
        lock (_gate)
        {
            _running.RemoveAll(actions.Contains);
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

    // In their order, up to the first that is large.
    private List<QueuedAction> With(QueuedAction first, int workers)
    {
        var taken = new List<QueuedAction> { first };
        var share = Math.Min(LargestBatch, (_waiting.Count + workers - 1) / workers);
        var time = first.Action.PredictedDuration ?? BatchTime;
        foreach (var action in _waiting.SkipWhile(waiting => waiting != first).Skip(1).TakeWhile(IsSmall))
        {
            if (!IsSmall(first) || taken.Count >= share || time >= BatchTime)
            {
                break;
            }

            if (MayRun(action))
            {
                taken.Add(action);
                time += action.Action.PredictedDuration!.Value;
            }
        }

        return taken;
    }

    private static bool IsSmall(QueuedAction action) => !action.Alone && action.Action.Kind == DbActionKind.Reindex && action.Action.PredictedDuration <= Small;

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
