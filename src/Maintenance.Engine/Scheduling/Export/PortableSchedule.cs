using System.Globalization;

namespace Maintenance.Engine.Scheduling.Export;

/// <summary>
/// A schedule for a scheduler that knows less than it says. The entries start at all its times, and where they start at others too, the task has to ask
/// whether it is due. Pure.
/// </summary>
/// <param name="Entries">When to start.</param>
/// <param name="TimeZone">The zone of the entries.</param>
/// <param name="AsksWhetherDue">True if the entries start at other times too.</param>
/// <param name="IsThinned">True if they start less often than it says, since the scheduler cannot.</param>
internal sealed record PortableSchedule(IReadOnlyList<CronEntry> Entries, string TimeZone, bool AsksWhetherDue, bool IsThinned)
{
    private const int MinutesPerDay = 24 * 60;

    /// <summary>How often it starts within an hour in which it does, for people: "every 15 min", or the minutes.</summary>
    public string Pace => string.Join(" and ", Entries.Select(entry => Steps(entry.Minutes)).Distinct());

    /// <summary>How far ahead the changes of a zone's clocks are looked at.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(3 * 366);

    /// <summary>For schedulers that count in UTC and know five fields.</summary>
    /// <param name="recurrence">The schedule.</param>
    /// <param name="shortest">How many minutes lie between two starts at the least.</param>
    /// <param name="now">From when on it is to be right.</param>
    public static PortableSchedule InUtc(Recurrence recurrence, int shortest, DateTimeOffset now)
    {
        var fields = CronFields.Of(recurrence);
        var (bases, either) = Bases(fields.Entry);
        int[] offsets = [.. Offsets(recurrence.Zone, now)];
        var shifted = bases.SelectMany(entry => offsets.SelectMany(offset => Shift(entry, offset))).ToList();
        var moves = shifted.Any(item => item.IsWider);
        var merged = Merge(shifted.Select(item => item.Entry));
        var thinned = Merge(merged.Select(entry => entry with { Minutes = Thin(entry.Minutes, shortest) }));
        // The first moment after a time that was left out is an hour's beginning, and what comes by the hour comes then or soon after.
        var isThinned = !thinned.SequenceEqual(merged);
        var byTheHour = fields.Entry.IsByTheHour && merged.Count == 1;
        var entries = byTheHour || isThinned || offsets.Length == 1 ? thinned : Complete(thinned, recurrence, now);
        return new(entries, "UTC", fields.IsWider || either || moves || (offsets.Length > 1 && !byTheHour), isThinned);
    }

    /// <summary>For schedulers that know time zones, but not the nth weekday.</summary>
    /// <param name="recurrence">The schedule.</param>
    /// <param name="now">From when on it is to be right.</param>
    public static PortableSchedule InItsZone(Recurrence recurrence, DateTimeOffset now)
    {
        var fields = CronFields.Of(recurrence);
        var varies = Offsets(recurrence.Zone, now).Skip(1).Any();
        if (fields.Entry.Hours == CronEntry.AllHours && varies)
        {
            // The hour that comes twice has to count twice, which only UTC is sure of.
            return InUtc(recurrence, 1, now);
        }

        var (bases, either) = Bases(fields.Entry);
        var wider = bases;
        if (varies)
        {
            // The time that summer time leaves out is passed over by such schedulers. The first moment after it is an hour of its own.
            foreach (var time in Times(recurrence, now).Select(time => TimeZoneInfo.ConvertTime(time, recurrence.Zone).DateTime).Where(time => !wider.Any(entry => entry.Covers(time))).Take(50).ToList())
            {
                wider = [.. wider.Select(entry => entry with { Hours = entry.Hours | CronEntry.Bit(time.Hour), Minutes = entry.Minutes | CronEntry.Bit(time.Minute) })];
            }
        }

        var comesTwice = varies && Times(recurrence, now).Any(time => recurrence.Zone.IsAmbiguousTime(time));
        return new(wider, recurrence.Zone.Id, fields.IsWider || either || comesTwice || !wider.SequenceEqual(bases), false);
    }

    // Enough of those that come often, whose hours meet the change of clocks anyway.
    private static IEnumerable<DateTimeOffset> Times(Recurrence recurrence, DateTimeOffset now) => recurrence.Between(now, now + Ahead).Take(50_000);

    // Days of the month and of the week together mean either to some, and both to others.
    private static (IReadOnlyList<CronEntry> Entries, bool AreTwo) Bases(CronEntry entry) =>
        entry.Days == CronEntry.AllDays || entry.Weekdays == CronEntry.AllWeekdays
            ? ([entry], false)
            : ([entry with { Weekdays = CronEntry.AllWeekdays }, entry with { Days = CronEntry.AllDays }], true);

    private static IEnumerable<int> Offsets(TimeZoneInfo zone, DateTimeOffset now) =>
        Enumerable.Range(0, 800).Select(half => (int)zone.GetUtcOffset(now.AddHours(12 * half)).TotalMinutes).Distinct();

    private static IEnumerable<(CronEntry Entry, bool IsWider)> Shift(CronEntry entry, int offset) =>
        from hour in CronEntry.Values(entry.Hours)
        from minute in CronEntry.Values(entry.Minutes)
        let utc = (hour * 60) + minute - offset
        let day = (int)Math.Floor(utc / (double)MinutesPerDay)
        let time = utc - (day * MinutesPerDay)
        group time by (day, time / 60) into hours
        group (Hour: hours.Key.Item2, Minutes: hours.Aggregate(0UL, (set, time) => set | CronEntry.Bit(time % 60))) by (Day: hours.Key.day, Minutes: hours.Aggregate(0UL, (set, time) => set | CronEntry.Bit(time % 60))) into same
        select (
            MoveDays(entry with { Minutes = same.Key.Minutes, Hours = same.Aggregate(0UL, (set, item) => set | CronEntry.Bit(item.Hour)) }, same.Key.Day),
            same.Key.Day != 0 && (entry.Days != CronEntry.AllDays || entry.Months != CronEntry.AllMonths));

    // Over the ends of months it takes in all days that can be meant.
    private static CronEntry MoveDays(CronEntry entry, int by)
    {
        if (by == 0)
        {
            return entry;
        }

        var crosses = by < 0 ? (entry.Days & CronEntry.Bit(1)) != 0 : (entry.Days & CronEntry.Range(28, 31)) != 0;
        return entry with
        {
            Weekdays = Rotate(entry.Weekdays, by, 0, 7),
            Days = (by < 0 ? (entry.Days >> 1) | (crosses ? CronEntry.Range(28, 31) : 0) : (entry.Days << 1) | (crosses ? CronEntry.Bit(1) : 0)) & CronEntry.AllDays,
            Months = crosses ? entry.Months | Rotate(entry.Months, by, 1, 12) : entry.Months,
        };
    }

    private static ulong Rotate(ulong set, int by, int least, int count) =>
        CronEntry.Values(set).Aggregate(0UL, (moved, value) => moved | CronEntry.Bit(((value - least + by + count) % count) + least));

    private static string Steps(ulong minutes)
    {
        int[] values = [.. CronEntry.Values(minutes)];
        return values is [0, var step, ..] && 60 % step == 0 && values.SequenceEqual(Enumerable.Range(0, 60 / step).Select(i => i * step))
            ? string.Create(CultureInfo.InvariantCulture, $"every {step} min")
            : values is [var one] ? string.Create(CultureInfo.InvariantCulture, $"once an hour, at minute {one}")
            : string.Create(CultureInfo.InvariantCulture, $"at the minutes {string.Join(", ", values[..^1])} and {values[^1]} of an hour");
    }

    private static ulong Thin(ulong minutes, int shortest)
    {
        var kept = new List<int>();
        foreach (var minute in CronEntry.Values(minutes))
        {
            if (kept.Count == 0 || (minute - kept[^1] >= shortest && kept[0] + 60 - minute >= shortest))
            {
                kept.Add(minute);
            }
        }

        return kept.Aggregate(0UL, (set, minute) => set | CronEntry.Bit(minute));
    }

    private static IReadOnlyList<CronEntry> Merge(IEnumerable<CronEntry> entries) =>
    [
        .. entries.GroupBy(entry => entry with { Hours = 0 })
            .Select(same => same.Key with { Hours = same.Aggregate(0UL, (set, entry) => set | entry.Hours) })
            .OrderBy(entry => entry.ToString(), StringComparer.Ordinal),
    ];

    // The first moment after a time that summer time leaves out is at no offset's time of day.
    private static IReadOnlyList<CronEntry> Complete(IReadOnlyList<CronEntry> entries, Recurrence recurrence, DateTimeOffset now) => Merge(
    [
        .. entries,
        .. Times(recurrence, now).Select(time => time.UtcDateTime).Where(time => !entries.Any(entry => entry.Covers(time)))
            .Select(time => new CronEntry(CronEntry.Bit(time.Minute), CronEntry.Bit(time.Hour), CronEntry.AllDays, CronEntry.Bit(time.Month), CronEntry.Bit((int)time.DayOfWeek))),
    ]);
}
