using System.Collections.Concurrent;

namespace Maintenance.Engine.Scheduling.Agent;

/// <summary>
/// Counts the runs on each target, and lets go of its connections when the last is over: hundreds of targets must not keep hundreds of idle connections open until their
/// next run. A run that begins meanwhile waits for that: it must not find its connections closed under it.
/// </summary>
/// <param name="release">Closes the idle connections to a target.</param>
internal sealed class TargetUses(Func<MaintenanceTarget, ValueTask> release)
{
    private readonly ConcurrentDictionary<string, Use> _uses = new(StringComparer.Ordinal);

    /// <summary>Notes that a run begins. It ends with <see cref="EndAsync"/>.</summary>
    public async Task BeginAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var use = _uses.GetOrAdd(target.Name, _ => new Use());
        await use.Gate.WaitAsync(cancellationToken);
        use.Count++;
        use.Gate.Release();
    }

    /// <summary>Notes that a run is over.</summary>
    public async Task EndAsync(MaintenanceTarget target)
    {
        var use = _uses[target.Name];
        await use.Gate.WaitAsync(CancellationToken.None);
        try
        {
            if (--use.Count == 0)
            {
                await release(target);
            }
        }
        finally
        {
            use.Gate.Release();
        }
    }

    private sealed class Use
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public int Count { get; set; }
    }
}
