using System.Globalization;

namespace Maintenance.Engine.Scheduling.Export;

/// <summary>The fields of a schedule, taken apart.</summary>
/// <param name="Entry">What plain cron can say of it. With both days of the month and of the week, either is enough.</param>
/// <param name="Weekday">Which weekday of a month: its number, and first to fifth, or 0 for the last. Null for no such.</param>
/// <param name="IsLastDay">True for the last day of a month.</param>
/// <param name="IsWider">True if the entry has more days than the schedule.</param>
internal sealed record CronFields(CronEntry Entry, (int Day, int Nth)? Weekday, bool IsLastDay, bool IsWider)
{
    private static readonly string[] MonthNames = ["", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] DayNames = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    /// <summary>Takes a schedule apart. What plain cron cannot say (the nth weekday, the last day, the weekday nearest to one) becomes all the days it can be.</summary>
    public static CronFields Of(Recurrence recurrence)
    {
        var fields = recurrence.Cron.Split(' ');
        var weekday = NthWeekday(fields[4]);
        var days = Set(fields[2], 1, 31, []);
        var lastDay = fields[2] == "L";
        var weekdays = weekday is { } nth ? CronEntry.Bit(nth.Day) : Set(fields[4], 0, 7, DayNames);
        var entry = new CronEntry(
            Set(fields[0], 0, 59, []) ?? CronEntry.AllMinutes,
            Set(fields[1], 0, 23, []) ?? CronEntry.AllHours,
            lastDay ? CronEntry.Range(28, 31) : days ?? CronEntry.AllDays,
            Set(fields[3], 1, 12, MonthNames) ?? CronEntry.AllMonths,
            weekdays is { } set ? (set | (set >> 7)) & CronEntry.AllWeekdays : CronEntry.AllWeekdays);
        return new CronFields(entry, weekday, lastDay, weekday is not null || days is null || weekdays is null);
    }

    private static (int Day, int Nth)? NthWeekday(string field)
    {
        var (name, nth) = field.Split('#') is [var day, var number] && int.TryParse(number, CultureInfo.InvariantCulture, out var n) ? (day, n)
            : field.Length > 1 && field.EndsWith('L') ? (field[..^1], 0)
            : (field, -1);
        return nth >= 0 && Value(name, DayNames) is { } value ? (value % 7, nth) : null;
    }

    // Null for what is no plain set.
    private static ulong? Set(string field, int least, int most, string[] names)
    {
        var set = 0UL;
        foreach (var part in field.Split(','))
        {
            var (range, step) = part.Split('/') is [var before, var after] && int.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var every) && every > 0 ? (before, every) : (part, 0);
            var last = names == DayNames ? 6 : most;
            var (from, to) = range is "*" or "?" ? (least, last)
                : range.Split('-') is [var low, var high] ? (Value(low, names), Value(high, names))
                : (Value(range, names), step > 0 ? last : Value(range, names));
            if (from is not { } first || to is not { } end || first < least || end > most)
            {
                return null;
            }

            // A range may go round the end: FRI-MON.
            var length = end >= first ? end - first : end - first + last - least + 1;
            for (var i = 0; i <= length; i += Math.Max(step, 1))
            {
                set |= CronEntry.Bit(first + i <= most ? first + i : first + i - (last - least + 1));
            }
        }

        return set;
    }

    private static int? Value(string text, string[] names) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : Array.IndexOf(names, text) is >= 0 and var index && text.Length > 0 ? index
        : null;
}
