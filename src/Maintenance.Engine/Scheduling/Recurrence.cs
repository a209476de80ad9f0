using System.Globalization;
using Quartz;

namespace Maintenance.Engine.Scheduling;

/// <summary>
/// When a task runs: crontab fields in a time zone. What is shown, exported and fired comes from here. A time of day that the change to summer time leaves
/// out is the first moment after it; one that comes twice counts once, unless the schedule is by the hour or shorter.
/// </summary>
internal sealed class Recurrence
{
    private static readonly string[] Ordinals = ["first", "second", "third", "fourth", "fifth"];
    private static readonly string[] Days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    private const string OfMonth = " of the month";

    /// <summary>The months in which a quarter begins.</summary>
    private const string QuartersBegin = "1,4,7,10";

    /// <summary>The months in which a quarter ends.</summary>
    private const string QuartersEnd = "3,6,9,12";

    private readonly CronExpression _expression;

    private Recurrence(string cron, TimeZoneInfo zone, CronExpression expression)
    {
        Cron = cron;
        Zone = zone;
        _expression = expression;
    }

    /// <summary>The five fields.</summary>
    public string Cron { get; }

    /// <summary>The zone they are read in.</summary>
    public TimeZoneInfo Zone { get; }

    /// <summary>The same, as the agent's scheduler reads it.</summary>
    public CronExpression Expression => _expression;

    /// <summary>Reads a schedule.</summary>
    /// <param name="cron">Five crontab fields.</param>
    /// <param name="timeZone">IANA name of their zone.</param>
    /// <exception cref="MaintenanceException">InvalidArgument: not five fields, an impossible value, or an unknown zone.</exception>
    public static Recurrence Parse(string cron, string timeZone) =>
        Mistake(cron, timeZone) is { } mistake
            ? throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, mistake, "Five fields as in a crontab: minute, hour, day of month, month, day of week, such as '30 2 * * SUN' or '0 2 * * SUN#1' (the first Sunday), in an IANA zone such as Europe/Berlin.")
            : new Recurrence(Fields(cron), TimeZoneInfo.FindSystemTimeZoneById(timeZone), Read(cron)!.WithTimeZone(TimeZoneInfo.FindSystemTimeZoneById(timeZone)));

    /// <summary>What is wrong with a schedule; null if nothing is.</summary>
    public static string? Mistake(string cron, string timeZone) =>
        !IsZone(timeZone) ? $"'{timeZone}' names no IANA time zone that this machine knows."
        : Fields(cron).Split(' ').Length != 5 ? $"'{cron}' does not have the five fields of a schedule."
        : Read(cron) is not { } expression ? $"'{cron}' is no schedule: one of its fields has a value that cannot be."
        : expression.GetNextValidTimeAfter(DateTimeOffset.UnixEpoch.AddYears(60)) is null ? $"'{cron}' never comes."
        : null;

    /// <summary>True for the IANA name of a time zone that this machine knows. A name that Windows alone has is none: other schedulers would not know it.</summary>
    public static bool IsZone(string timeZone) =>
        TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var zone) && (zone.HasIanaId || timeZone == "UTC");

    /// <summary>The first time after another; null if there is none.</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        var next = _expression.GetNextValidTimeAfter(after)?.ToUniversalTime();
        return next is { } time && IsRepeated(time) ? Next(time) : next;
    }

    // Who asks within the hour that comes twice is told of the second time, though the first has counted: whether both count is what those say who ask before.
    private bool IsRepeated(DateTimeOffset time)
    {
        var local = TimeZoneInfo.ConvertTime(time, Zone).DateTime;
        if (!Zone.IsAmbiguousTime(local))
        {
            return false;
        }

        DateTimeOffset? at = new DateTimeOffset(local, Zone.GetAmbiguousTimeOffsets(local).Max());
        while (at < time)
        {
            at = _expression.GetNextValidTimeAfter(at.Value);
        }

        return at != time;
    }

    /// <summary>The times after one and up to another, in their order.</summary>
    public IEnumerable<DateTimeOffset> Between(DateTimeOffset after, DateTimeOffset until)
    {
        for (var next = Next(after); next is { } time && time <= until; next = Next(time))
        {
            yield return time;
        }
    }

    /// <summary>The time of day at which it comes; null where it has no single one.</summary>
    public TimeOnly? TimeOfDay => Cron.Split(' ') is [var minute, var hour, ..] && IsPlain(minute) && IsPlain(hour)
        ? new TimeOnly(int.Parse(hour, CultureInfo.InvariantCulture), int.Parse(minute, CultureInfo.InvariantCulture))
        : null;

    /// <summary>The same days at another time of day.</summary>
    public Recurrence At(TimeOnly time) =>
        Parse(string.Create(CultureInfo.InvariantCulture, $"{time.Minute} {time.Hour} {string.Join(' ', Cron.Split(' ')[2..])}"), Zone.Id);

    /// <summary>The schedule in words; the fields themselves where they say what few do.</summary>
    public string Describe()
    {
        var fields = Cron.Split(' ');
        var (minute, hour, day, month, weekday) = (fields[0], fields[1], fields[2], fields[3], fields[4]);
        if ((hour, day, month, weekday) is ("*", "*", "*", "*"))
        {
            return minute == "*" ? "every minute"
                : Step(minute) is { } minutes ? $"every {minutes} min{(60 % minutes == 0 ? "" : " from each full hour")}"
                : IsPlain(minute) ? minute == "0" ? "hourly" : string.Create(CultureInfo.InvariantCulture, $"hourly at :{int.Parse(minute, CultureInfo.InvariantCulture):00}")
                : $"cron {Cron}";
        }

        if (!IsPlain(minute) || !IsPlain(hour) || (month != "*" && Months(month) is null))
        {
            return $"cron {Cron}";
        }

        var at = string.Create(CultureInfo.InvariantCulture, $"{int.Parse(hour, CultureInfo.InvariantCulture):00}:{int.Parse(minute, CultureInfo.InvariantCulture):00}");
        var when = (day, Weekdays(weekday)) switch
        {
            ("*", { } days) => days,
            ("L", null) when weekday == "*" => $"last day{OfMonth}",
            (_, null) when weekday == "*" && IsPlain(day) => $"day {day}{OfMonth}",
            ("*", null) when weekday == "*" => month == "*" ? "daily" : "every day",
            _ => null,
        };
        return when is null ? $"cron {Cron}"
            : IsOfQuarter(when, month) ? $"{when[..^OfMonth.Length]} of the quarter at {at}"
            : $"{when}{(month == "*" ? "" : $" in {Months(month)}")} at {at}";
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Describe()} ({Zone.Id})";

    private static string Fields(string cron) => string.Join(' ', cron.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToUpperInvariant();

    private static CronExpression? Read(string cron) => CronExpression.TryParse(Fields(cron), CronFormat.Unix, out var expression) ? expression : null;

    private static bool IsPlain(string field) => field.All(char.IsAsciiDigit);

    private static int? Step(string minute) =>
        minute.StartsWith("*/", StringComparison.Ordinal) && IsPlain(minute[2..]) && int.TryParse(minute[2..], CultureInfo.InvariantCulture, out var step) && step is >= 1 and < 60 ? step : null;

    // The last of a quarter is that of its last month; counted from its beginning is what each of its first months has.
    private static bool IsOfQuarter(string when, string month) =>
        when.EndsWith(OfMonth, StringComparison.Ordinal)
        && (when.StartsWith("last ", StringComparison.Ordinal) ? month == QuartersEnd : month == QuartersBegin && !when.StartsWith(Ordinals[^1], StringComparison.Ordinal) && when != $"day 31{OfMonth}");

    private static string? Weekdays(string field)
    {
        if (field == "*")
        {
            return null;
        }

        if (field is "MON-FRI" or "1-5")
        {
            return "Monday to Friday";
        }

        var (day, nth) = field.Split('#') is [var first, var number] && int.TryParse(number, CultureInfo.InvariantCulture, out var n) && n is >= 1 and <= 5
            ? (first, Ordinals[n - 1])
            : field.EndsWith('L') && field.Length > 1 ? (field[..^1], "last") : (field, null);
        var names = day.Split(',').Select(Weekday).ToList();
        return names.Contains(null) ? null
            : nth is not null ? $"{nth} {names[0]}{OfMonth}"
            : $"every {string.Join(", ", names)}";
    }

    private static string? Weekday(string field)
    {
        var index = int.TryParse(field, CultureInfo.InvariantCulture, out var number) ? number % 7 : Array.IndexOf(Days, field);
        return index < 0 ? null : CultureInfo.InvariantCulture.DateTimeFormat.DayNames[index];
    }

    private static string? Months(string field)
    {
        var names = field.Split(',').Select(month => int.TryParse(month, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 12
            ? CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName(number)
            : null).ToList();
        return names.Contains(null) ? null : string.Join(", ", names);
    }
}
