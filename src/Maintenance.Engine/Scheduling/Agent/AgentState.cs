using System.Collections.Concurrent;

namespace Maintenance.Engine.Scheduling.Agent;

/// <summary>What became of something that fired, other than a run that came to its end.</summary>
internal enum AgentEventKind
{
    /// <summary>Somebody else is at it, or no window is open.</summary>
    Refused,

    /// <summary>It could not be run at all.</summary>
    Failed,

    /// <summary>The agent was asked to end.</summary>
    Cancelled,

    /// <summary>Its agent died.</summary>
    Lost,

    /// <summary>Its time went by with no agent there.</summary>
    Missed,
}

/// <summary>What an agent has done and does. Safe to read while it works.</summary>
internal sealed class AgentState(TimeProvider time)
{
    private readonly ConcurrentDictionary<(string Task, HealthStatus Status), long> _runs = new();
    private readonly ConcurrentDictionary<(AgentEventKind Kind, string Task), long> _events = new();
    private readonly ConcurrentDictionary<string, (long Count, double Seconds)> _durations = new();
    private readonly ConcurrentDictionary<long, RunningTask> _running = new();
    private readonly ConcurrentQueue<MaintenanceRun> _last = new();
    private long _next;

    /// <summary>When the agent began.</summary>
    public DateTimeOffset StartedAt { get; } = time.GetUtcNow();

    /// <summary>What is wrong with the scheduler itself; null for nothing.</summary>
    public string? Trouble { get; set; }

    /// <summary>True once it is asked to end.</summary>
    public bool IsDraining { get; set; }

    /// <summary>Runs by task and status.</summary>
    public IReadOnlyDictionary<(string Task, HealthStatus Status), long> Runs => _runs;

    /// <summary>Events by kind and task.</summary>
    public IReadOnlyDictionary<(AgentEventKind Kind, string Task), long> Events => _events;

    /// <summary>How long runs took altogether, by task.</summary>
    public IReadOnlyDictionary<string, (long Count, double Seconds)> Durations => _durations;

    /// <summary>What runs now, oldest first.</summary>
    public IReadOnlyList<RunningTask> Running => [.. _running.Values.OrderBy(running => running.StartedAt)];

    /// <summary>The last runs, newest first.</summary>
    public IReadOnlyList<MaintenanceRun> Last => [.. _last.Reverse()];

    /// <summary>Notes that a run begins; disposing notes that it is over.</summary>
    public IDisposable Begin(string target, string task, DateTimeOffset scheduled, DateTimeOffset startedAt)
    {
        var id = Interlocked.Increment(ref _next);
        _running[id] = new RunningTask(target, task, scheduled, startedAt);
        return new End(() => _running.TryRemove(id, out _));
    }

    /// <summary>Notes a run that came to its end.</summary>
    public void Ended(MaintenanceRun run)
    {
        _runs.AddOrUpdate((run.Task, run.Status), 1, (_, count) => count + 1);
        _durations.AddOrUpdate(run.Task, (1, run.Duration.TotalSeconds), (_, sum) => (sum.Count + 1, sum.Seconds + run.Duration.TotalSeconds));
        // Metrics and findings are in the history; here they would only pile up.
        _last.Enqueue(run with { Metrics = [], Findings = [], Actions = [] });
        while (_last.Count > 50 && _last.TryDequeue(out _))
        {
        }
    }

    /// <summary>Counts something else.</summary>
    public void Count(AgentEventKind kind, string task) => _events.AddOrUpdate((kind, task), 1, (_, count) => count + 1);

    private sealed class End(Action over) : IDisposable
    {
        public void Dispose() => over();
    }
}

/// <summary>A run in the middle.</summary>
/// <param name="Target">The target.</param>
/// <param name="Task">The task.</param>
/// <param name="Scheduled">When its time was.</param>
/// <param name="StartedAt">When it began.</param>
internal sealed record RunningTask(string Target, string Task, DateTimeOffset Scheduled, DateTimeOffset StartedAt);
