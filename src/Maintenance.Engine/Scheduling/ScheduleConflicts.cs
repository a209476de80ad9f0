using Maintenance.Engine.Inspect;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Scheduling;

/// <summary>A task as far as it can be in another's way.</summary>
/// <param name="Plan">When it runs.</param>
/// <param name="ChangesSystem">True if it changes the system.</param>
/// <param name="Expected">How long it is expected to take.</param>
internal sealed record ScheduledWork(TaskPlan Plan, bool ChangesSystem, TimeSpan Expected);

/// <summary>Which tasks get in each other's way, and what would help. Pure.</summary>
internal static class ScheduleConflicts
{
    /// <summary>The task that measures what is usual.</summary>
    private const string Measuring = "PerformanceBaseline";

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
            if (proposal is not null)
            {
                moved[i] = proposal;
            }

            found.Add([.. conflicts.Select(conflict => conflict with { ProposedCron = proposal?.Plan.Recurrence.Cron })]);
        }

        return found;
    }

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
                        : Say.Text($"{work.Plan.Task} measures what is usual on {at:yyyy-MM-dd} at {at:HH:mm} UTC, while {other.Plan.Task} makes it unusual."),
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
        : work.Plan.Task.Equals(Measuring, StringComparison.OrdinalIgnoreCase) ? ScheduleConflictKind.MeasuredUnderLoad
        : null;

    // The first time at which a run begins while the other is at work.
    private static DateTimeOffset? FirstMeeting(ScheduledWork work, ScheduledWork other, DateTimeOffset now)
    {
        foreach (var begin in work.Plan.Recurrence.Between(now, now + Ahead))
        {
            foreach (var theirs in other.Plan.Recurrence.Between(begin - other.Expected, begin))
            {
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

    // The nearest later time of day, in its own zone, at which nothing is in its way, and it is in nobody's.
    private static ScheduledWork? Propose(int index, ScheduledWork[] all, IReadOnlyList<MaintenanceWindow> windows, DateTimeOffset now)
    {
        var work = all[index];
        if (work.Plan.Recurrence.TimeOfDay is not { } time)
        {
            return null;
        }

        ScheduledWork[] others = [.. all.Where((_, i) => i != index)];
        for (var shift = Step; shift < TimeSpan.FromDays(1); shift += Step)
        {
            var moved = work with { Plan = work.Plan with { Recurrence = work.Plan.Recurrence.At(time.Add(shift)) } };
            if (!Find(moved, [.. others, moved], windows, now).Any()
                && !others.Any(other => other.Plan.Enabled && Kind(other, moved) is not null && FirstMeeting(other, moved, now) is not null))
            {
                return moved;
            }
        }

        return null;
    }
}
