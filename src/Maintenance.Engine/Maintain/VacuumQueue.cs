namespace Maintenance.Engine.Maintain;

/// <summary>What is still to be done, in order. What met a lock comes once more, at the end.</summary>
internal sealed class VacuumQueue(IEnumerable<DbAction> actions, TimeProvider time)
{
    /// <summary>A lock is given at least so long to go away before the second attempt.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Queue<DbAction> _first = new(actions);
    private readonly Queue<(DbAction Action, long Since)> _again = new();

    /// <summary>The next action; null if there is none.</summary>
    public async Task<DbAction?> TakeAsync(CancellationToken cancellationToken)
    {
        (DbAction Action, long Since) again;
        lock (_gate)
        {
            if (_first.TryDequeue(out var action))
            {
                return action;
            }

            if (!_again.TryDequeue(out again))
            {
                return null;
            }
        }

        var left = Pause - time.GetElapsedTime(again.Since);
        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left, time, cancellationToken);
        }

        return again.Action;
    }

    /// <summary>Puts an action back.</summary>
    public void TryAgain(DbAction action)
    {
        lock (_gate)
        {
            _again.Enqueue((action, time.GetTimestamp()));
        }
    }

    /// <summary>Everything that nobody took.</summary>
    public IReadOnlyList<DbAction> Drain()
    {
        lock (_gate)
        {
            DbAction[] left = [.. _first, .. _again.Select(again => again.Action)];
            _first.Clear();
            _again.Clear();
            return left;
        }
    }
}
