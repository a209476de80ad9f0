using System.Globalization;
using System.Text.RegularExpressions;

namespace Maintenance;

/// <summary>
/// Reads durations as people write them: <c>24h</c>, <c>30d</c>, <c>1.00:00:00</c>, <c>24:00:00</c>.
/// Unlike TimeSpan.Parse, which takes 24:00:00 for 24 days, hours may be more than 23.
/// </summary>
public static partial class Durations
{
    /// <summary>Reads a duration.</summary>
    /// <param name="text">A number with its unit (ms, s, m, h, d, w), or [days.]hours:minutes:seconds.</param>
    /// <param name="duration">The duration, if the text is one.</param>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        if (NumberAndUnit().Match(text) is { Success: true } simple)
        {
            duration = Number(simple.Groups[1]) * UnitOf(simple.Groups[2].Value);
            return true;
        }

        if (Clock().Match(text) is { Success: true } clock)
        {
            duration = TimeSpan.FromDays(clock.Groups[1].Success ? Number(clock.Groups[1]) : 0)
                + TimeSpan.FromSeconds((Number(clock.Groups[2]) * 3600L) + (Number(clock.Groups[3]) * 60L) + Number(clock.Groups[4]));
            return true;
        }

        duration = default;
        return false;
    }

    private static TimeSpan UnitOf(string unit) => unit switch
    {
        "ms" => TimeSpan.FromMilliseconds(1),
        "s" => TimeSpan.FromSeconds(1),
        "m" => TimeSpan.FromMinutes(1),
        "h" => TimeSpan.FromHours(1),
        "d" => TimeSpan.FromDays(1),
        _ => TimeSpan.FromDays(7),
    };

    private static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A([0-9]{1,6})(ms|s|m|h|d|w)\z")]
    private static partial Regex NumberAndUnit();

    [GeneratedRegex(@"\A(?:([0-9]{1,5})\.)?([0-9]{1,4}):([0-5][0-9]):([0-5][0-9])\z")]
    private static partial Regex Clock();
}
