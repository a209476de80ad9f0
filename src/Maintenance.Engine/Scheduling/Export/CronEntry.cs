using System.Globalization;
using System.Numerics;

namespace Maintenance.Engine.Scheduling.Export;

/// <summary>One line of a crontab's times: sets of values, a bit each. What every cron understands, and nothing else.</summary>
/// <param name="Minutes">Minutes, 0 to 59.</param>
/// <param name="Hours">Hours, 0 to 23.</param>
/// <param name="Days">Days of the month, 1 to 31.</param>
/// <param name="Months">Months, 1 to 12.</param>
/// <param name="Weekdays">Days of the week, 0 (Sunday) to 6.</param>
internal readonly record struct CronEntry(ulong Minutes, ulong Hours, ulong Days, ulong Months, ulong Weekdays)
{
    /// <summary>All values of a field.</summary>
    public static readonly ulong AllMinutes = Range(0, 59), AllHours = Range(0, 23), AllDays = Range(1, 31), AllMonths = Range(1, 12), AllWeekdays = Range(0, 6);

    /// <summary>True if it starts at every hour of every day.</summary>
    public bool IsByTheHour => Hours == AllHours && Days == AllDays && Months == AllMonths && Weekdays == AllWeekdays;

    /// <summary>A bit.</summary>
    public static ulong Bit(int value) => 1UL << value;

    /// <summary>The bits of a range, both ends included.</summary>
    public static ulong Range(int from, int to) => Values(ulong.MaxValue).Where(value => value >= from && value <= to).Aggregate(0UL, (set, value) => set | Bit(value));

    /// <summary>The values of a set, smallest first.</summary>
    public static IEnumerable<int> Values(ulong set) => Enumerable.Range(0, 64).Where(value => (set & Bit(value)) != 0);

    /// <summary>True if it starts at a time.</summary>
    public bool Covers(DateTime time) =>
        (Minutes & Bit(time.Minute)) != 0 && (Hours & Bit(time.Hour)) != 0 && (Days & Bit(time.Day)) != 0 && (Months & Bit(time.Month)) != 0 && (Weekdays & Bit((int)time.DayOfWeek)) != 0;

    /// <summary>How many starts a week it makes, at the most.</summary>
    public int StartsPerWeek => BitOperations.PopCount(Minutes) * BitOperations.PopCount(Hours) * BitOperations.PopCount(Weekdays);

    /// <summary>The five fields.</summary>
    public override string ToString() =>
        $"{Field(Minutes, AllMinutes)} {Field(Hours, AllHours)} {Field(Days, AllDays)} {Field(Months, AllMonths)} {Field(Weekdays, AllWeekdays)}";

    private static string Field(ulong set, ulong all)
    {
        if (set == all)
        {
            return "*";
        }

        int[] values = [.. Values(set)];
        // A step only where it means the same for everybody: from zero, and dividing the hour.
        if (all == AllMinutes && values.Length > 2 && values[0] == 0 && 60 % values[1] == 0 && values.Length == 60 / values[1] && values.Index().All(item => item.Item == item.Index * values[1]))
        {
            return string.Create(CultureInfo.InvariantCulture, $"*/{values[1]}");
        }

        var parts = new List<string>();
        for (var i = 0; i < values.Length; i++)
        {
            var first = i;
            while (i + 1 < values.Length && values[i + 1] == values[i] + 1)
            {
                i++;
            }

            parts.Add(i - first > 1
                ? string.Create(CultureInfo.InvariantCulture, $"{values[first]}-{values[i]}")
                : string.Join(',', values[first..(i + 1)].Select(value => value.ToString(CultureInfo.InvariantCulture))));
        }

        return string.Join(',', parts);
    }
}
