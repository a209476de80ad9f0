using System.Globalization;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Backup;

/// <summary>A date, and perhaps a time, written in a name. Names are read as UTC unless they carry an offset.</summary>
/// <param name="Day">The day as it is written.</param>
/// <param name="Separator">What stands between year, month and day: nothing, or one character.</param>
/// <param name="Index">Where it begins in the name.</param>
/// <param name="Length">How long it is.</param>
/// <param name="From">First moment that the name can mean (UTC).</param>
/// <param name="Until">First moment that is too late: a day, an hour, a minute or a second after <paramref name="From"/>.</param>
internal sealed partial record NameDate(
    DateOnly Day, string Separator, int Index, int Length, DateTimeOffset From, DateTimeOffset Until)
{
    /// <summary>Every way of separating year, month and day that is understood. All sort by time, which seeking relies on.</summary>
    public static IReadOnlyList<string> Separators { get; } = ["", "-", "_", ".", "/"];

    /// <summary>
    /// The last date in a name: what comes before it may be a database that has a date in its own name
    /// (<c>app_20240101_2025060103.dump</c>).
    /// </summary>
    public static NameDate? FindLast(string name)
    {
        NameDate? last = null;
        for (var match = Pattern().Match(name); match.Success; match = match.NextMatch())
        {
            last = Read(match) ?? last;
        }

        return last;
    }

    /// <summary>The day as this name would write it.</summary>
    public static string Write(DateOnly day, string separator) =>
        string.Create(CultureInfo.InvariantCulture, $"{day.Year:0000}{separator}{day.Month:00}{separator}{day.Day:00}");

    private static NameDate? Read(Match match)
    {
        var (year, month, day) = (Number(match, "year") ?? 0, Number(match, "month") ?? 0, Number(match, "day") ?? 0);
        if (day > DateTime.DaysInMonth(year, month))
        {
            return null;
        }

        var (hour, minute, second) = (Number(match, "hour"), Number(match, "minute"), Number(match, "second"));
        var from = new DateTimeOffset(year, month, day, hour ?? 0, minute ?? 0, second ?? 0, TimeSpan.Zero) - Offset(match);
        var precision = second is not null ? TimeSpan.FromSeconds(1)
            : minute is not null ? TimeSpan.FromMinutes(1)
            : hour is not null ? TimeSpan.FromHours(1)
            : TimeSpan.FromDays(1);
        return new NameDate(
            new DateOnly(year, month, day), match.Groups["separator"].Value, match.Index, match.Length, from, from + precision);
    }

    private static int? Number(Match match, string group) =>
        match.Groups[group] is { Success: true } found ? int.Parse(found.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : null;

    private static TimeSpan Offset(Match match) =>
        match.Groups["offset"] is { Success: true } offset
            ? (offset.Value[0] == '-' ? -1 : 1) * new TimeSpan(
                int.Parse(offset.ValueSpan[1..3], NumberStyles.None, CultureInfo.InvariantCulture),
                int.Parse(offset.ValueSpan[^2..], NumberStyles.None, CultureInfo.InvariantCulture),
                0)
            : TimeSpan.Zero;

    // A time follows a date after a separator, or directly if the date has none inside. What follows is no time if it is
    // a second date. Hours may stand alone; minutes and seconds are separated as the hour and the minute are.
    [GeneratedRegex(
        """
        (?<!\d)
        (?<year>(?:19|20)\d\d) (?<separator>[-_./]?) (?<month>0[1-9]|1[0-2]) \k<separator> (?<day>0[1-9]|[12]\d|3[01])
        (?:
          (?:[Tt\ _./-]|(?<=\d{8}))
          (?! (?:19|20)\d\d (?<again>[-_./]?) (?:0[1-9]|1[0-2]) \k<again> (?:0[1-9]|[12]\d|3[01]) )
          (?<hour>[01]\d|2[0-3])
          (?: (?<colon>[-_.:]?) (?<minute>[0-5]\d) (?: \k<colon> (?<second>[0-5]\d) (?:[.,]\d{1,9})? )? )?
          (?: [Zz] | (?<offset>\+(?:0\d|1[0-4]):?[0-5]\d|-(?:0\d|1[0-4]):[0-5]\d) )?
        )?
        (?!\d)
        """,
        RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pattern();
}
