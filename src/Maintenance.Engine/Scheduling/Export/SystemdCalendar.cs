using System.Globalization;

namespace Maintenance.Engine.Scheduling.Export;

/// <summary>A schedule as systemd's calendar events, which know time zones, the nth weekday and the last day of a month.</summary>
internal static class SystemdCalendar
{
    private static readonly string[] Days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

    /// <summary>The events, and whether the task has to ask whether it is due.</summary>
    /// <param name="recurrence">The schedule.</param>
    /// <param name="now">From when on it is to be right.</param>
    public static (IReadOnlyList<string> Events, bool AsksWhetherDue) Of(Recurrence recurrence, DateTimeOffset now)
    {
        var fields = CronFields.Of(recurrence);
        var exact = fields.Weekday is not null || fields.IsLastDay;
        if (!exact && recurrence.Zone.Id != "UTC" && fields.Entry.Hours == CronEntry.AllHours)
        {
            // The hour that comes twice has to count twice, which only UTC is sure of.
            var utc = PortableSchedule.InUtc(recurrence, 1, now);
            return ([.. utc.Entries.Select(entry => Event(entry, null, false, utc.TimeZone))], utc.AsksWhetherDue);
        }

        var entry = fields.Entry;
        var isBoth = !exact && entry.Days != CronEntry.AllDays && entry.Weekdays != CronEntry.AllWeekdays;
        CronEntry[] entries = isBoth ? [entry with { Weekdays = CronEntry.AllWeekdays }, entry with { Days = CronEntry.AllDays }] : [entry];
        // systemd passes over a time that summer time leaves out; the first moment after it is an event of its own.
        string[] left =
        [
            .. Left(recurrence, entry, now)
                .Select(time => Event(new CronEntry(CronEntry.Bit(time.Minute), CronEntry.Bit(time.Hour), CronEntry.AllDays, CronEntry.Bit(time.Month), CronEntry.Bit((int)time.DayOfWeek)), null, false, "UTC"))
                .Distinct(),
        ];
        return ([.. entries.Select(each => Event(each, fields.Weekday, fields.IsLastDay, recurrence.Zone.Id)), .. left], (fields.IsWider && !exact) || isBoth || left.Length > 0);
    }

    private static IEnumerable<DateTime> Left(Recurrence recurrence, CronEntry entry, DateTimeOffset now) =>
        recurrence.Between(now, now.AddDays(3 * 366)).Take(50_000)
            .Where(time => TimeZoneInfo.ConvertTime(time, recurrence.Zone) is var local && ((entry.Minutes & CronEntry.Bit(local.Minute)) == 0 || (entry.Hours & CronEntry.Bit(local.Hour)) == 0))
            .Select(time => time.UtcDateTime);

    private static string Event(CronEntry entry, (int Day, int Nth)? weekday, bool isLastDay, string zone)
    {
        var day = weekday is { Nth: 0 } ? "~07/1"
            : weekday is { Nth: var nth } ? string.Create(CultureInfo.InvariantCulture, $"-{(7 * nth) - 6:00}..{Math.Min(7 * nth, 31):00}")
            : isLastDay ? "~01"
            : $"-{List(entry.Days, CronEntry.AllDays)}";
        var weekdays = entry.Weekdays == CronEntry.AllWeekdays ? "" : string.Join(',', CronEntry.Values(entry.Weekdays).Select(value => Days[value])) + " ";
        return $"{weekdays}*-{List(entry.Months, CronEntry.AllMonths)}{day} {List(entry.Hours, CronEntry.AllHours)}:{List(entry.Minutes, CronEntry.AllMinutes)}:00 {zone}";
    }

    private static string List(ulong set, ulong all) =>
        set == all ? "*" : string.Join(',', CronEntry.Values(set).Select(value => value.ToString("00", CultureInfo.InvariantCulture)));
}
