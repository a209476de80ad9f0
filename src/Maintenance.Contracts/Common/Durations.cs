using System.Globalization;
using System.Text.RegularExpressions;

namespace Maintenance;

/// <summary>
/// Reads durations as people write them, and as views show them: <c>24h</c>, <c>30d</c>, <c>1.5h</c>, <c>1h30m</c>, <c>2 weeks</c>, <c>35 min 26 s</c>,
/// <c>1.00:00:00</c>, <c>24:00:00</c>. Unlike TimeSpan.Parse, which takes 24:00:00 for 24 days, hours may be more than 23.
/// </summary>
public static partial class Durations
{
    private const string Amount = @"[0-9]{1,6}(?:\.[0-9]{1,3})?";

    // Largest first, as they may follow each other. m is a minute; of months nobody could say how long they are.
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("w", TimeSpan.FromDays(7)),
        ("d", TimeSpan.FromDays(1)),
        ("h", TimeSpan.FromHours(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("ms", TimeSpan.FromMilliseconds(1)),
    ];

    /// <summary>Reads a duration.</summary>
    /// <param name="text">
    /// A number with its unit (ms, s, m, h, d, w, or their names: 2 weeks), several whole ones from the largest unit to the smallest (1h30m), or
    /// [days.]hours:minutes:seconds. maintenance.json keeps to a whole number with one unit, and the last.
    /// </param>
    /// <param name="duration">The duration, if the text is one.</param>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (Parts().Match(text) is { Success: true } parts)
        {
            foreach (var (name, length) in Units.Where(unit => parts.Groups[unit.Unit].Success))
            {
                duration += TimeSpan.FromTicks((long)(decimal.Parse(parts.Groups[name].Value, CultureInfo.InvariantCulture) * length.Ticks));
            }

            // Of several parts none is broken: 1.5h30m is as likely a slip as it is two hours.
            return !text.Contains('.', StringComparison.Ordinal) || Units.Count(unit => parts.Groups[unit.Unit].Success) == 1;
        }

        if (Clock().Match(text) is { Success: true } clock)
        {
            duration = TimeSpan.FromDays(clock.Groups[1].Success ? Number(clock.Groups[1]) : 0)
                + TimeSpan.FromSeconds((Number(clock.Groups[2]) * 3600L) + (Number(clock.Groups[3]) * 60L) + Number(clock.Groups[4]));
            return true;
        }

        return false;
    }

    private static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);

    // Each part takes the blank before it, so none stands at the end.
    [GeneratedRegex(
        @"\A(?=[0-9])(?: ?(?<w>" + Amount + @") ?(?:weeks?|w))?(?: ?(?<d>" + Amount + @") ?(?:days?|d))?(?: ?(?<h>" + Amount + @") ?(?:hours?|hrs?|h))?"
        + @"(?: ?(?<m>" + Amount + @") ?(?:minutes?|mins?|m))?(?: ?(?<s>" + Amount + @") ?(?:seconds?|secs?|s))?(?: ?(?<ms>" + Amount + @") ?(?:milliseconds?|ms))?\z")]
    private static partial Regex Parts();

    [GeneratedRegex(@"\A(?:([0-9]{1,5})\.)?([0-9]{1,4}):([0-5][0-9]):([0-5][0-9])\z")]
    private static partial Regex Clock();
}
