using Maintenance.Engine.Inspect;
using Maintenance.Engine.Tasks;
using Quartz;

namespace Maintenance.Engine.Scheduling.Agent;

/// <summary>
/// Brings what is stored in line with the schedules of targets. What is there already and unchanged stays, with its next time: another agent may be at it. Whoever calls this
/// holds the cluster's lock, so that two agents that begin at once do not undo each other's work.
/// </summary>
/// <param name="scheduler">The scheduler.</param>
/// <param name="options">The agent's options.</param>
/// <param name="changingTasks">Names of the tasks that change the system.</param>
/// <param name="log">The agent's log.</param>
/// <param name="sink">Whom to warn.</param>
/// <param name="time">The clock.</param>
internal sealed class AgentSchedule(IScheduler scheduler, AgentOptions options, IReadOnlyList<string> changingTasks, AgentLog log, IMaintenanceSink sink, TimeProvider time)
{
    /// <summary>How much later than expected a stored time may be: the clocks of two agents differ, and one of them may just have moved it on.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(2);

    /// <summary>So many times of a schedule are tried for one inside a maintenance window.</summary>
    private const int MostTimes = 400;

    private readonly HashSet<string> _changing = new(changingTasks, StringComparer.OrdinalIgnoreCase);

    /// <summary>Stores what is new or changed, and removes what is not wanted any more.</summary>
    public async Task ApplyAsync(CancellationToken cancellationToken)
    {
        foreach (var target in options.Targets.Where(target => target.Windows.Count > 0))
        {
            await scheduler.AddCalendar(CalendarOf(target)!, new WindowCalendar(target.Windows), AddCalendarOptions.ReplacingAndUpdatingTriggers, cancellationToken);
        }

        var stored = await StoreAsync(cancellationToken);
        await RemoveAsync(stored, cancellationToken);
        await TellIdleAsync(stored, cancellationToken);
    }

    /// <summary>Stores again what would come too late by a clock that was set back.</summary>
    public Task AlignAsync(CancellationToken cancellationToken) => StoreAsync(cancellationToken);

    private async Task<IReadOnlySet<JobKey>> StoreAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var wanted = options.Targets.SelectMany(target => Entries(target, now)).ToDictionary(entry => entry.Trigger.Key);
        var known = (await scheduler.GetTriggers([.. wanted.Keys], cancellationToken)).ToDictionary(trigger => trigger.Key);
        var changed = wanted.Values.Where(entry => !(known.TryGetValue(entry.Trigger.Key, out var trigger) && AgentTriggers.IsSame(trigger, entry.Trigger) && trigger.NextFireTimeUtc <= entry.Latest)).ToList();
        if (changed.Count > 0)
        {
            await scheduler.ScheduleJobs(changed.ToDictionary(entry => entry.Job, entry => (IReadOnlyCollection<ITrigger>)[entry.Trigger]), ScheduleJobOptions.Replacing, cancellationToken);
        }

        return wanted.Values.Select(entry => entry.Job.Key).ToHashSet();
    }

    private async Task RemoveAsync(IReadOnlySet<JobKey> wanted, CancellationToken cancellationToken)
    {
        var targets = options.Targets.Select(target => target.Name).ToHashSet(StringComparer.Ordinal);
        var others = (await scheduler.QueryJobs(new JobQuery { Take = PagedQuery.All }, cancellationToken)).Items.Select(job => job.Key).Where(key => !wanted.Contains(key)).ToList();
        // An agent of some tasks leaves the others to those that run all.
        var gone = others.Where(key => targets.Contains(key.Group) && (options.Tasks.Count == 0 || !IsEnabled(key))).ToList();
        var strangers = others.Where(key => !targets.Contains(key.Group)).ToList();
        if (strangers.Count > 0)
        {
            // Nobody else is there who could know them: the targets are no longer maintained.
            var isAlone = (await scheduler.QueryClusterNodes(cancellationToken)).All(node => node.IsCurrentNode || node.State == ClusterNodeState.Failed);
            if (isAlone)
            {
                gone.AddRange(strangers);
            }
            else
            {
                sink.Warning($"Other agents of the cluster '{options.Cluster}' maintain what this one does not know: {string.Join(", ", strangers.Select(key => key.Group).Distinct().Order())}. All agents of a cluster need the same targets.");
            }
        }

        if (gone.Count > 0)
        {
            await scheduler.DeleteJobs(gone, cancellationToken);
            foreach (var key in gone)
            {
                log.Write("unscheduled", key.Group, key.Name, []);
            }
        }
    }

    // An agent that looks well and does nothing is found out when it is too late.
    private async Task TellIdleAsync(IReadOnlySet<JobKey> stored, CancellationToken cancellationToken)
    {
        var unscheduled = options.Tasks.Where(task => !stored.Any(key => key.Name.Equals(task, StringComparison.OrdinalIgnoreCase))).ToList();
        var idle = options.Targets.Select(target => target.Name).Where(name => !stored.Any(key => key.Group == name)).ToList();
        const string advice = "A task is scheduled by naming it in schedule.tasks of maintenance.json; Get-MaintenanceSchedule lists those that are.";
        if (stored.Count == 0)
        {
            var what = unscheduled.Count > 0 ? string.Join(", ", unscheduled) : "No task";
            var message = $"{what} {(unscheduled.Count > 1 ? "are not" : unscheduled.Count == 1 ? "is not" : "is")} scheduled for {string.Join(", ", idle.Take(5).Select(name => $"'{name}'"))}{(idle.Count > 5 ? Say.Text($" and {idle.Count - 5} more targets") : "")}";
            // Where others keep the job store filled, it has their work to do.
            if ((await scheduler.QueryJobs(new JobQuery { Take = 1 }, cancellationToken)).Items.Count == 0)
            {
                throw new MaintenanceException(MaintenanceErrorCode.NotConfigured, $"The agent has nothing to do: {message}.", advice);
            }

            sink.Warning($"{message}: this agent only helps with what others of the cluster '{options.Cluster}' have scheduled. {advice}");
            return;
        }

        if (unscheduled.Count > 0)
        {
            sink.Warning($"{string.Join(", ", unscheduled)} {(unscheduled.Count == 1 ? "is" : "are")} not scheduled for any target, and {(unscheduled.Count == 1 ? "does" : "do")} not run. {advice}");
        }

        if (idle.Count > 0)
        {
            sink.Warning($"Nothing that this agent is to run is scheduled for {string.Join(", ", idle.Take(5).Select(name => $"'{name}'"))}{(idle.Count > 5 ? Say.Text($" and {idle.Count - 5} more targets") : "")}. {advice}");
        }
    }

    private bool IsEnabled(JobKey key) =>
        options.Targets.Any(target => target.Name == key.Group && TaskPlan.Of(target.Schedule).Any(plan => plan.Enabled && plan.Task.Equals(key.Name, StringComparison.OrdinalIgnoreCase)));

    private IEnumerable<Entry> Entries(MaintenanceTarget target, DateTimeOffset now)
    {
        foreach (var plan in TaskPlan.Of(target.Schedule).Where(plan => plan.Enabled && (options.Tasks.Count == 0 || options.Tasks.Contains(plan.Task, StringComparer.OrdinalIgnoreCase))))
        {
            var changes = _changing.Contains(plan.Task);
            // Days and windows do not count where time is compressed.
            var windows = changes && options.TimeScale == 1 ? target.Windows : [];
            var trigger = AgentTriggers.Trigger(target.Name, plan, changes, windows.Count == 0 ? null : CalendarOf(target), options.TimeScale, time);
            yield return new Entry(AgentTriggers.Job(target.Name, plan.Task), trigger, Latest(plan, windows, now));
        }
    }

    /// <summary>The latest next time that a stored trigger can have by this clock.</summary>
    private DateTimeOffset Latest(TaskPlan plan, IReadOnlyList<MaintenanceWindow> windows, DateTimeOffset now)
    {
        if (options.TimeScale != 1)
        {
            return now + AgentTriggers.Interval(plan, options.TimeScale, now) + Slack;
        }

        var next = plan.Recurrence.Next(now + Slack);
        for (var i = 0; windows.Count > 0 && next is not null && !MaintenanceWindows.At(windows, next.Value).IsOpen; i++)
        {
            next = i < MostTimes ? plan.Recurrence.Next(next.Value) : null;
        }

        return next ?? DateTimeOffset.MaxValue;
    }

    private static string? CalendarOf(MaintenanceTarget target) => target.Windows.Count == 0 ? null : $"windows of {target.Name}";

    private sealed record Entry(IJobDetail Job, ITrigger Trigger, DateTimeOffset Latest);
}
