using Maintenance.Engine.Alerts;
using Maintenance.Engine.History;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Resilience;
using Maintenance.Engine.Scheduling.Export;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Scheduling;

/// <summary>The maintenance matrix of a target: what runs when, how that went, and what is in whose way.</summary>
public sealed class ScheduleService
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How far back runs are looked at.</summary>
    private static readonly TimeSpan Back = TimeSpan.FromDays(400);

    /// <summary>How long after its time a task is still due.</summary>
    private static readonly TimeSpan DueFor = TimeSpan.FromDays(1);

    /// <summary>How many runs durations are made of.</summary>
    private const int RunsRead = 100;

    /// <summary>How far back missed runs are counted in the list.</summary>
    private static readonly TimeSpan MissedFor = TimeSpan.FromDays(30);

    /// <summary>How far back missed runs are looked for unless somebody says otherwise.</summary>
    private static readonly TimeSpan MissedLately = TimeSpan.FromDays(7);

    /// <summary>Stands for all tasks.</summary>
    private const string AllTasks = "*";

    private readonly HistoryService _history;
    private readonly Func<IReadOnlyList<string>> _changingTasks;
    private readonly Func<string, TimeSpan?> _limitOf;
    private readonly TimeProvider _time;

    internal ScheduleService(HistoryService history, Func<IReadOnlyList<string>> changingTasks, Func<string, TimeSpan?> limitOf, TimeProvider time)
    {
        _history = history;
        _changingTasks = changingTasks;
        _limitOf = limitOf;
        _time = time;
    }

    /// <summary>Names of all tasks that can be scheduled.</summary>
    public static IReadOnlyList<string> Tasks => [.. MaintenanceMatrix.Tasks];

    /// <summary>Names of the tasks that are scheduled for a target.</summary>
    /// <param name="target">The target.</param>
    /// <exception cref="MaintenanceException">InvalidArgument for a schedule that cannot be read.</exception>
    public static IReadOnlyList<string> TasksOf(MaintenanceTarget target) => [.. TaskPlan.Of(target.Schedule).Where(plan => plan.Enabled).Select(plan => plan.Task)];

    /// <summary>The matrix of a target, in the operations guide's order. Nothing is changed. Without a history, or where it cannot be read, what is known of runs is nothing, and says so.</summary>
    /// <param name="target">The target.</param>
    /// <param name="next">How many of the next runs to name.</param>
    /// <param name="call">What the call brings along; default timeout 30 s.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MaintenanceException">InvalidArgument for a schedule that cannot be read.</exception>
    public async Task<IReadOnlyList<ScheduledTask>> ListAsync(MaintenanceTarget target, int next, CallContext call, CancellationToken cancellationToken)
    {
        var plans = TaskPlan.Of(target.Schedule);
        var now = _time.GetUtcNow();
        var past = await ReadAsync(target, plans, call, now, cancellationToken);
        var changing = _changingTasks().ToHashSet(StringComparer.OrdinalIgnoreCase);
        ScheduledWork[] all = [.. plans.Select(plan => ScheduledWork.Of(plan, changing.Contains(plan.Task), row => past.Of(row.Task).Expected(row)))];
        var conflicts = ScheduleConflicts.Of(all, target.Windows, now);
        return [.. all.Select((work, i) => Row(target, work, conflicts[i], past, next, now))];
    }

    /// <summary>
    /// Whether a task's time has come: its schedule has a time since its last run, no longer than a day ago. For schedulers that know no nth weekday or no time zones, and so start
    /// it too often.
    /// </summary>
    /// <param name="target">The target.</param>
    /// <param name="task">Name of the task.</param>
    /// <param name="request">How it is to be run. Where it would do its work, runs that waited for approval and did nothing do not count.</param>
    /// <param name="call">What the call brings along; default timeout 30 s.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>True and the time that has come, or false and the next one.</returns>
    /// <exception cref="MaintenanceException">NotConfigured for a task that is not scheduled; InvalidArgument for a schedule that cannot be read; the history's errors: whether it ran already has to be known.</exception>
    public async Task<(bool IsDue, DateTimeOffset At)> DueAsync(MaintenanceTarget target, string task, TaskRequest request, CallContext call, CancellationToken cancellationToken)
    {
        if (TaskPlan.Of(target.Schedule).FirstOrDefault(known => known.Task.Equals(task, StringComparison.OrdinalIgnoreCase)) is not { Enabled: true } plan)
        {
            throw NeverDue(target, task);
        }

        var now = _time.GetUtcNow();
        DateTimeOffset? last = null;
        if (_history.StoreOf(target, call) is { } store)
        {
            using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
            last = await deadline.RunAsync("Reading when it ran last", async token => ApprovalCheck.Of(target.Schedule, plan.Task, request.Approval, now) is { IsWanted: true, StopsBefore: false }
                ? await LastWorkAsync(store, target.Name, plan.Task, now, token)
                : (await LastRuns.ReadAsync(store, target.Name, [plan.Task], token)).GetValueOrDefault(plan.Task));
        }

        var (isDue, at) = Due(plan.Recurrence, last, now);
        return at is { } time ? (isDue, time) : throw NeverDue(target, task);
    }

    /// <summary>Scheduled runs that did not happen, and the times of which that is not known, oldest first.</summary>
    /// <param name="target">The target.</param>
    /// <param name="tasks">True for the names of tasks to look at.</param>
    /// <param name="since">The earliest time; null for a week ago.</param>
    /// <param name="call">What the call brings along; default timeout 30 s.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MaintenanceException">NotConfigured without a history; InvalidArgument for a schedule that cannot be read and a time in the future; the history's errors.</exception>
    public async Task<IReadOnlyList<MissedRun>> MissedAsync(MaintenanceTarget target, Func<string, bool> tasks, DateTimeOffset? since, CallContext call, CancellationToken cancellationToken)
    {
        TaskPlan[] plans = [.. TaskPlan.Of(target.Schedule).Where(plan => plan.Enabled && tasks(plan.Task))];
        var store = _history.StoreOf(target, call) ?? throw HistoryService.NotConfigured(target);
        var now = _time.GetUtcNow();
        if (since > now)
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, Say.Text($"Nothing can have been missed since {since.Value.UtcDateTime:yyyy-MM-dd HH:mm} UTC: that is in the future."), "Name an earlier time, such as 30d for thirty days ago.");
        }

        using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
        var from = since ?? now - MissedLately;
        return await deadline.RunAsync<IReadOnlyList<MissedRun>>("Reading what ran", async token =>
        {
            if (await RunBegins.FirstAsync(store, target.Name, token) is not { } first || first >= now)
            {
                return [MissedRuns.Unknown(target.Name, AllTasks, from, now, $"Nothing is on record of '{target.Name}', so whether tasks ran when due is not known.", now)];
            }

            var known = await RunBegins.ReadAsync(store, target.Name, [.. plans.Select(plan => plan.Task)], first > from ? first : from, now, token);
            MissedRun[] early = first <= from ? [] : [MissedRuns.Unknown(target.Name, AllTasks, from, first, Say.Text($"Nothing is on record of '{target.Name}' before {first.UtcDateTime:yyyy-MM-dd HH:mm} UTC, so whether tasks ran before is not known."), now)];
            return [.. early, .. plans.SelectMany(plan => MissedRuns.Find(target.Name, plan, known[plan.Task], first > from ? first : from, now)).OrderBy(missed => missed.From)];
        });
    }

    /// <summary>How the runs of a target's tasks went: how many, how they ended, how long they took; in the order of the matrix, then others by name.</summary>
    /// <param name="target">The target.</param>
    /// <param name="tasks">True for the names of tasks to look at.</param>
    /// <param name="since">The earliest time.</param>
    /// <param name="until">Only runs that began before this.</param>
    /// <param name="call">What the call brings along; default timeout 30 s.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MaintenanceException">NotConfigured without a history; the history's errors.</exception>
    public async Task<IReadOnlyList<TaskStatistics>> StatisticsAsync(
        MaintenanceTarget target, Func<string, bool> tasks, DateTimeOffset since, DateTimeOffset until, CallContext call, CancellationToken cancellationToken)
    {
        var store = _history.StoreOf(target, call) ?? throw HistoryService.NotConfigured(target);
        using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
        var runs = await deadline.RunAsync("Reading what ran", token => store.ReadRunTimesAsync(target.Name, since, int.MaxValue, token));
        return RunStatistics.Of(target.Name, [.. runs.Where(run => run.StartedAt < until && tasks(run.Task))], _time.GetUtcNow());
    }

    /// <summary>Whether a schedule has a time since the last run. Pure.</summary>
    internal static (bool IsDue, DateTimeOffset? At) Due(Recurrence recurrence, DateTimeOffset? last, DateTimeOffset now)
    {
        var come = recurrence.Between(now - DueFor, now).Select(time => (DateTimeOffset?)time).LastOrDefault();
        return come is { } at && !(last >= at) ? (true, at) : (false, recurrence.Next(now));
    }

    private static MaintenanceException NeverDue(MaintenanceTarget target, string task) => new(
        MaintenanceErrorCode.NotConfigured,
        $"{task} is not scheduled for '{target.Name}', so it is never due, and did not run.",
        $"Schedule it (schedule.tasks.{task} of maintenance.json), run it without -WhenDue, or take it out of the scheduler that starts it.");

    // Somebody may have approved since it said what it would do. What is longer ago than a day does not matter.
    private static async Task<DateTimeOffset?> LastWorkAsync(IHistoryStore store, string target, string task, DateTimeOffset now, CancellationToken token)
    {
        await foreach (var run in store.ReadAsync(new HistoryQuery { Targets = [target], Tasks = [task], Since = now - DueFor }, token))
        {
            if (!TaskPreview.IsPreview(run))
            {
                return run.StartedAt;
            }
        }

        return null;
    }

    /// <summary>Writes the files with which another scheduler runs what is scheduled. Pure; nothing is read or written.</summary>
    /// <param name="tasks">What is scheduled, of one target or of many. What is not enabled is left out.</param>
    /// <param name="format">The scheduler.</param>
    /// <param name="targets">What is known of the targets of the tasks: where they come from, and which secrets they have.</param>
    /// <param name="secrets">Names of the environment variables that the targets' secrets are in; null for those that the targets refer to.</param>
    /// <exception cref="MaintenanceException">InvalidArgument for a schedule that cannot be read, and for what is no name of a variable, or that of one that is taken.</exception>
    public ScheduleExport Export(IReadOnlyList<ScheduledTask> tasks, ScheduleFormat format, IReadOnlyList<MaintenanceTarget> targets, IReadOnlyList<string>? secrets = null) =>
        ScheduleExporter.Export(tasks, format, targets, secrets, _time.GetUtcNow());

    private ScheduledTask Row(MaintenanceTarget target, ScheduledWork work, IReadOnlyList<ScheduleConflict> conflicts, PastRuns past, int next, DateTimeOffset now)
    {
        var (row, recurrence, settings, _) = work.Plan;
        var known = past.Of(row.Task);
        var missed = Missed(target, work.Plan, known, past, now);
        var ofMissed = missed is null ? HealthStatus.Unknown : missed.Select(stretch => stretch.Status).DefaultIfEmpty().Max();
        return new ScheduledTask
        {
            Target = target.Name,
            Task = row.Task,
            Enabled = settings.Enabled,
            Frequency = settings.Enabled ? recurrence.Describe() : "not scheduled",
            Cron = recurrence.Cron,
            TimeZone = recurrence.Zone.Id,
            Source = work.Plan.IsConfigured || !settings.Enabled ? "Configuration" : "Matrix",
            Automation = row.Automation,
            Impact = row.Impact,
            ChangesSystem = work.ChangesSystem,
            Approval = settings.Approval?.HoldsAt(now) == true ? settings.Approval : null,
            NextRuns = settings.Enabled ? Take(recurrence, now, next) : [],
            Limit = settings.Timeout ?? _limitOf(row.Task),
            GuideDuration = row.Duration,
            GuideDurationText = row.DurationText,
            TypicalDuration = known.Durations.Typical,
            LongDuration = known.Durations.Long,
            RunsOnRecord = known.Durations.Count,
            LastRun = known.Began,
            LastStatus = known.Last?.Status ?? HealthStatus.Unknown,
            LastMessage = known.Last?.Message ?? past.Gap ?? (known.Began is null ? "No run of it is on record." : "Its runs are on record where something changed alone; none is."),
            MissedRuns = missed?.Sum(stretch => stretch.Count),
            Conflicts = conflicts,
            Status = Judge(settings.Enabled, known, ofMissed, conflicts),
            CollectedAt = now,
        };
    }

    // What never ran has been missed since anything is on record: the matrix is in force unless the configuration says otherwise.
    private static IReadOnlyList<MissedRun>? Missed(MaintenanceTarget target, TaskPlan plan, PastRuns.OfTask known, PastRuns past, DateTimeOffset now)
    {
        if (!plan.Enabled)
        {
            return [];
        }

        if ((known.Began ?? past.First) is not { } since)
        {
            return null;
        }

        var earliest = now - MissedFor;
        return MissedRuns.Find(target.Name, plan, known.Began is { } began ? [began] : [], since > earliest ? since : earliest, now);
    }

    // The worst of all that is known; what never ran and was not due yet is nothing to be green about.
    private static HealthStatus Judge(bool enabled, PastRuns.OfTask known, HealthStatus missed, IReadOnlyList<ScheduleConflict> conflicts)
    {
        if (!enabled)
        {
            return HealthStatus.Ok;
        }

        HealthStatus[] all = [missed, conflicts.Count > 0 ? HealthStatus.Warning : HealthStatus.Ok, known.Last?.Status ?? HealthStatus.Ok];
        return all.Max() is var worst && worst == HealthStatus.Ok && known.Began is null ? HealthStatus.Unknown : worst;
    }

    private static IReadOnlyList<DateTimeOffset> Take(Recurrence recurrence, DateTimeOffset now, int count) =>
        [.. recurrence.Between(now, DateTimeOffset.MaxValue.AddYears(-1)).Take(count)];

    private async Task<PastRuns> ReadAsync(MaintenanceTarget target, IReadOnlyList<TaskPlan> plans, CallContext call, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (_history.StoreOf(target, call) is not { } store)
        {
            return PastRuns.Unknown($"No history is kept for '{target.Name}', so nothing is known of its runs.");
        }

        try
        {
            using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
            return await deadline.RunAsync("Reading what ran", async token =>
            {
                var runs = await store.ReadRunTimesAsync(target.Name, now - Back, RunsRead, token);
                return PastRuns.Of(runs, await LastRuns.ReadAsync(store, target.Name, plans.Select(plan => plan.Task), token), await RunBegins.FirstAsync(store, target.Name, token));
            });
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            return PastRuns.Unknown($"What ran is not known: {exception.Message}");
        }
    }
}
