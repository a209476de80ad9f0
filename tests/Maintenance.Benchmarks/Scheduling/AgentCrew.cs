using System.Globalization;
using Maintenance.Engine;
using Maintenance.Engine.Scheduling.Agent;
using Maintenance.Engine.Tasks;

namespace Maintenance.Benchmarks.Scheduling;

/// <summary>Agents that run a task once on each of many targets, and are timed from the first run's beginning to the last one's end.</summary>
/// <param name="agents">How many agents, each with an engine of its own.</param>
/// <param name="concurrency">How many runs at once on each.</param>
/// <param name="task">The task; null for the real one.</param>
internal sealed class AgentCrew(int agents, int concurrency, Func<IMaintenanceTask>? task)
{
    private readonly Lock _counting = new();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left;
    private DateTimeOffset _first = DateTimeOffset.MaxValue;
    private long _last;

    /// <summary>What went wrong with a run, if anything did.</summary>
    public string? Problem { get; private set; }

    /// <summary>Runs the task once on each target.</summary>
    public async Task<TimeSpan> RunAsync(IReadOnlyList<MaintenanceTarget> targets, string name, MaintenanceTarget? store, CancellationToken cancellationToken)
    {
        _left = targets.Count;
        // A cluster of its own each time: with nothing in the store yet, everything comes once, and then not for an hour.
        var cluster = Guid.NewGuid().ToString("n")[..12];
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = Enumerable.Range(1, agents).Select(number => RunOneAsync(targets, name, store, cluster, number.ToString(CultureInfo.InvariantCulture), ending.Token)).ToList();
        if (await Task.WhenAny([_done.Task, .. running]) is var ended && ended != _done.Task)
        {
            await ended;
        }

        await ending.CancelAsync();
        await Task.WhenAll(running);
        return TimeSpan.FromTicks(_last - _first.UtcTicks);
    }

    private async Task RunOneAsync(IReadOnlyList<MaintenanceTarget> targets, string name, MaintenanceTarget? store, string cluster, string instance, CancellationToken cancellationToken)
    {
        await using var engine = new MaintenanceEngine();
        engine.Agents.Tuning = new AgentTuning { CheckIn = TimeSpan.FromSeconds(2), Task = _ => task?.Invoke() };
        await engine.Agents.RunAsync(
            new AgentOptions { Targets = targets, Tasks = [name], JobStore = store, Cluster = cluster, Instance = instance, MaximumConcurrency = concurrency, TimeScale = 1.01 },
            _ => Task.CompletedTask,
            run =>
            {
                lock (_counting)
                {
                    Problem ??= run.Steps.FirstOrDefault(step => step.State == StepState.Failed)?.Message;
                    _first = run.StartedAt < _first ? run.StartedAt : _first;
                    _last = TimeProvider.System.GetUtcNow().UtcTicks;
                    if (--_left == 0)
                    {
                        _done.TrySetResult();
                    }
                }

                return Task.CompletedTask;
            },
            SilentCall.Context,
            cancellationToken);
    }
}

/// <summary>A task that takes a known time, and asks no database.</summary>
/// <param name="name">Its name.</param>
/// <param name="work">How long it takes.</param>
internal sealed class IdleTask(string name, TimeSpan work) : IMaintenanceTask
{
    public string Name => name;

    public string Description => "Takes its time.";

    public bool ChangesSystem => false;

    public string? LockName => null;

    public string LogFolder => "benchmark-logs";

    public TimeSpan DefaultTimeout => TimeSpan.FromMinutes(5);

    public IReadOnlyList<PlannedStep> Plan(MaintenanceTarget target) => [];

    public async Task<TaskOutcome> RunAsync(TaskContext context, CancellationToken cancellationToken)
    {
        await Task.Delay(work, cancellationToken);
        // No news: neither a log nor a record, so that scheduling alone is measured.
        return new TaskOutcome([], [], []) { IsNews = false };
    }

    public IReadOnlyList<NotificationMessage> MessagesFor(MaintenanceRun run) => [];
}
