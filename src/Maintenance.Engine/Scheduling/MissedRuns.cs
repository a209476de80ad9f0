using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Scheduling;

/// <summary>Which scheduled runs did not happen. Pure.</summary>
internal static class MissedRuns
{
    private static readonly TimeSpan LongestGrace = TimeSpan.FromHours(1);

    /// <summary>How early a run may begin and still be the one of its time: clocks differ.</summary>
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(30);

    /// <summary>From so many on, with none since, nobody is at work any more.</summary>
    private const int Many = 5;

    /// <summary>How late a run may begin before it counts as missed: as long as its schedule's own interval, an hour at most.</summary>
    public static TimeSpan Grace(Recurrence recurrence, DateTimeOffset now) =>
        recurrence.Next(now) is { } next && recurrence.Next(next) is { } after && after - next < LongestGrace ? after - next : LongestGrace;

    /// <summary>What so many missed runs mean where none came since.</summary>
    public static HealthStatus Verdict(int missed) => missed > Many ? HealthStatus.Critical : missed > 0 ? HealthStatus.Warning : HealthStatus.Ok;

    /// <summary>Finds them.</summary>
    /// <param name="target">Name of the target.</param>
    /// <param name="plan">When the task runs.</param>
    /// <param name="began">When it began, in any order. A run counts for the last time before it, however late.</param>
    /// <param name="since">The earliest time that is looked at.</param>
    /// <param name="now">The time; what is due within the grace before it may still come.</param>
    /// <returns>One for each stretch of missed times, oldest first.</returns>
    public static IReadOnlyList<MissedRun> Find(string target, TaskPlan plan, IEnumerable<DateTimeOffset> began, DateTimeOffset since, DateTimeOffset now)
    {
        if (!plan.Enabled)
        {
            return [];
        }

        var runs = began.Order().ToList();
        var found = new List<MissedRun>();
        var missed = new List<DateTimeOffset>();
        var run = 0;
        var until = now - Grace(plan.Recurrence, now);
        for (var due = plan.Recurrence.Next(since); due is { } time && time <= until;)
        {
            var next = plan.Recurrence.Next(time);
            while (run < runs.Count && runs[run] < time - Early)
            {
                run++;
            }

            // The run that begins before the next time is the one of this time.
            if (run < runs.Count && (next is null || runs[run] < next.Value - Early))
            {
                Close(runs[run]);
            }
            else
            {
                missed.Add(time);
            }

            due = next;
        }

        Close(runs.Count > 0 && missed.Count > 0 && runs[^1] >= missed[^1] - Early ? runs[^1] : null);
        return found;

        void Close(DateTimeOffset? ranNext)
        {
            if (missed.Count > 0)
            {
                found.Add(Of(target, plan.Task, missed, ranNext, now));
                missed.Clear();
            }
        }
    }

    /// <summary>Finds those of a task, and says from when on it cannot be told.</summary>
    /// <param name="target">Name of the target.</param>
    /// <param name="plan">When the task runs.</param>
    /// <param name="known">When it began.</param>
    /// <param name="since">The earliest time asked for, from which on anything is on record.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<MissedRun> Find(string target, TaskPlan plan, RunBegins known, DateTimeOffset since, DateTimeOffset now)
    {
        var found = Find(target, plan, known.Began, known.From, now);
        // Where nothing was due in the time that is not known, there is nothing to tell.
        return plan.Enabled && known.Gap is { } gap && plan.Recurrence.Next(since) < known.From
            ? [Unknown(target, plan.Task, since, known.From, Say.Text($"{gap}: whether {plan.Task} ran when due before {known.From.UtcDateTime:yyyy-MM-dd HH:mm} UTC is not known."), now), .. found]
            : found;
    }

    /// <summary>That nothing is known.</summary>
    public static MissedRun Unknown(string target, string task, DateTimeOffset from, DateTimeOffset until, string message, DateTimeOffset now) => new()
    {
        Target = target,
        Task = task,
        From = from,
        Until = until,
        Message = message,
        Status = HealthStatus.Unknown,
        CollectedAt = now,
    };

    private static MissedRun Of(string target, string task, List<DateTimeOffset> missed, DateTimeOffset? ranNext, DateTimeOffset now) => new()
    {
        Target = target,
        Task = task,
        From = missed[0],
        Until = missed[^1],
        Count = missed.Count,
        RanNext = ranNext,
        Message = missed.Count == 1
            ? Say.Text($"{task} did not run on {missed[0]:yyyy-MM-dd} at {missed[0]:HH:mm} UTC{After(ranNext)}.")
            : Say.Text($"{task} did not run {missed.Count:#,0} times from {missed[0]:yyyy-MM-dd HH:mm} to {missed[^1]:yyyy-MM-dd HH:mm} UTC{After(ranNext)}."),
        Status = ranNext is null ? Verdict(missed.Count) : HealthStatus.Warning,
        CollectedAt = now,
    };

    private static string After(DateTimeOffset? ranNext) => ranNext is { } time ? Say.Text($"; it ran next on {time:yyyy-MM-dd} at {time:HH:mm}") : ", and not since";
}
