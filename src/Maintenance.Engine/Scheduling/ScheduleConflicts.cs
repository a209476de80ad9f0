using Maintenance.Engine.Inspect;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Scheduling;

/// <summary>A task as far as it can be in another's way.</summary>
/// <param name="Plan">When it runs.</param>
/// <param name="ChangesSystem">True if it changes the system.</param>
/// <param name="Expected">How long it is expected to take.</param>
internal sealed record ScheduledWork(TaskPlan Plan, bool ChangesSystem, TimeSpan Expected)
{
    /// <summary>The task that measures what is usual.</summary>
    private const string Measuring = "PerformanceBaseline";

    /// <summary>For how long after it begins what is usual may be measured; null for a task that does not measure it.</summary>
    public TimeSpan? Measures { get; private init; } = Plan.Task.Equals(Measuring, StringComparison.OrdinalIgnoreCase) ? Expected : null;

    /// <summary>That of a task, or of a bundle of tasks.</summary>
    /// <param name="plan">When it runs.</param>
    /// <param name="changesSystem">True if it changes the system.</param>
    /// <param name="expected">How long a task is expected to take.</param>
    public static ScheduledWork Of(TaskPlan plan, bool changesSystem, Func<MatrixRow, TimeSpan> expected)
    {
        var work = new ScheduledWork(plan, changesSystem, expected(plan.Row));
        MatrixRow[] members = [.. plan.Row.Members.Select(MaintenanceMatrix.Find).OfType<MatrixRow>()];
        var at = Array.FindIndex(members, member => member.Task == Measuring);
        // Nobody knows how long those before it take: it measures at the latest when all of them took as long as expected.
        return at < 0 ? work : work with { Measures = members.Take(at + 1).Aggregate(TimeSpan.Zero, (sum, member) => sum + expected(member)) };
    }
}

/// <summary>Which tasks get in each other's way, and what would help. Pure.</summary>
internal static class ScheduleConflicts
{
    /// <summary>How far ahead is looked: every row of the matrix comes at least once.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(100);

    /// <summary>In what steps another time of day is looked for.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(30);

    /// <summary>The conflicts of each task, in the order of the tasks. What is proposed for one counts on what is proposed for those before it.</summary>
    /// <param name="all">The tasks of a target.</param>
    /// <param name="windows">The target's maintenance windows.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<IReadOnlyList<ScheduleConflict>> Of(IReadOnlyList<ScheduledWork> all, IReadOnlyList<MaintenanceWindow> windows, DateTimeOffset now)
    {
        ScheduledWork[] moved = [.. all];
        var found = new List<IReadOnlyList<ScheduleConflict>>();
        for (var i = 0; i < all.Count; i++)
        {
            ScheduleConflict[] conflicts = all[i].Plan.Enabled ? [.. Find(all[i], all, windows, now)] : [];
            var proposal = conflicts.Length == 0 ? null : Propose(i, moved, windows, now);
            // What is scheduled twice would be so at any time of day.
            ScheduleConflict[] twice = all[i].Plan.Enabled ? [.. Twice(all[i], all, now)] : [];
            if (proposal is not null)
            {
                moved[i] = proposal;
            }

            found.Add([.. twice, .. conflicts.Select(conflict => conflict with { ProposedCron = proposal?.Plan.Recurrence.Cron })]);
        }

        return found;
    }

    private static IEnumerable<ScheduleConflict> Twice(ScheduledWork work, IReadOnlyList<ScheduledWork> all, DateTimeOffset now) =>
        from member in work.Plan.Row.Members
        where all.Any(other => other.Plan.Enabled && other.Plan.Task.Equals(member, StringComparison.OrdinalIgnoreCase))
        select new ScheduleConflict
        {
            Kind = ScheduleConflictKind.Twice,
            With = member,
            At = work.Plan.Recurrence.Next(now) ?? now,
            Message = Say.Text($"{work.Plan.Task} runs {member}, which is scheduled by itself too, and so runs twice. Leave one of them out: \"enabled\": false for schedule.tasks.{member}, or no schedule.tasks.{work.Plan.Task}."),
        };

    private static IEnumerable<ScheduleConflict> Find(ScheduledWork work, IReadOnlyList<ScheduledWork> all, IReadOnlyList<MaintenanceWindow> windows, DateTimeOffset now)
    {
        foreach (var other in all.Where(other => other != work && other.Plan.Enabled && Kind(work, other) is not null))
        {
            if (FirstMeeting(work, other, now) is { } at)
            {
                var kind = Kind(work, other)!.Value;
                yield return new ScheduleConflict
                {
                    Kind = kind,
                    With = other.Plan.Task,
                    At = at,
                    Message = kind == ScheduleConflictKind.Overlap
                        ? Say.Text($"{work.Plan.Task} and {other.Plan.Task} both change the database, and are at it together on {at:yyyy-MM-dd} from {at:HH:mm} UTC.")
                        : Say.Text($"{work.Plan.Task} may be measuring what is usual on {at:yyyy-MM-dd} at {at:HH:mm} UTC, while {other.Plan.Task} makes it unusual."),
                };
            }
        }

        if (work.ChangesSystem && windows.Count > 0 && WindowConflict(work, windows, now) is { } conflict)
        {
            yield return conflict;
        }
    }

    // Who is in whose way: of two that change the system, the one that begins later meets the other at work; of a measurement and a change, the measurement suffers.
    private static ScheduleConflictKind? Kind(ScheduledWork work, ScheduledWork other) =>
        !other.ChangesSystem ? null
        : work.ChangesSystem ? ScheduleConflictKind.Overlap
        : work.Measures is not null ? ScheduleConflictKind.MeasuredUnderLoad
        : null;

    // The first time at which a run begins while the other is at work; of a measurement, also at which the other begins while it measures.
    private static DateTimeOffset? FirstMeeting(ScheduledWork work, ScheduledWork other, DateTimeOffset now)
    {
        foreach (var begin in work.Plan.Recurrence.Between(now, now + Ahead))
        {
            foreach (var theirs in other.Plan.Recurrence.Between(begin - other.Expected, begin + (work.Measures ?? TimeSpan.Zero)))
            {
                if (work.Measures is { } measures)
                {
                    if (theirs <= begin || theirs < begin + measures)
                    {
                        return theirs > begin ? theirs : begin;
                    }

                    continue;
                }

                // Of two that begin at once, one meets the other: the one that comes later in the list of names.
                if (theirs < begin || string.CompareOrdinal(other.Plan.Task, work.Plan.Task) < 0)
                {
                    return begin;
                }
            }
        }

        return null;
    }

    private static ScheduleConflict? WindowConflict(ScheduledWork work, IReadOnlyList<MaintenanceWindow> windows, DateTimeOffset now)
    {
        foreach (var begin in work.Plan.Recurrence.Between(now, now + Ahead))
        {
            var (isOpen, closesAt) = MaintenanceWindows.At(windows, begin);
            if (!isOpen)
            {
                return new ScheduleConflict
                {
                    Kind = ScheduleConflictKind.OutsideWindow,
                    At = begin,
                    Message = Say.Text($"{work.Plan.Task} changes the system, and no maintenance window is open on {begin:yyyy-MM-dd} at {begin:HH:mm} UTC: the run is refused."),
                };
            }

            if (closesAt - begin < work.Expected)
            {
                return new ScheduleConflict
                {
                    Kind = ScheduleConflictKind.LongerThanWindow,
                    At = begin,
                    Message = Say.Text($"{work.Plan.Task} may take {Say.Duration(work.Expected)}, and the maintenance window closes {Say.Duration(closesAt!.Value - begin)} after it begins on {begin:yyyy-MM-dd}: what does not fit comes first the next time."),
                };
            }
        }

        return null;
    }

    // The nearest later time of day, in its own zone, at which nothing is in its way, and it is in nobody's in whose it was not before: those have a proposal of their own.
    private static ScheduledWork? Propose(int index, ScheduledWork[] all, IReadOnlyList<MaintenanceWindow> windows, DateTimeOffset now)
    {
        var work = all[index];
        if (work.Plan.Recurrence.TimeOfDay is not { } time)
        {
            return null;
        }

        ScheduledWork[] others = [.. all.Where((_, i) => i != index)];
        ScheduledWork[] suffering = [.. others.Where(other => other.Plan.Enabled && Kind(other, work) is not null && FirstMeeting(other, work, now) is null)];
        for (var shift = Step; shift < TimeSpan.FromDays(1); shift += Step)
        {
            var moved = work with { Plan = work.Plan with { Recurrence = work.Plan.Recurrence.At(time.Add(shift)) } };
            if (!Find(moved, [.. others, moved], windows, now).Any()
                && !suffering.Any(other => FirstMeeting(other, moved, now) is not null))
            {
                return moved;
            }
        }

        return null;
    }
}
