using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Maintenance.Formatting;

/// <summary>How views show sizes, durations, shares and times: the same everywhere, whatever the culture. Null is shown as nothing.</summary>
public static partial class DisplayText
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

    /// <summary>A size: <c>12.3 MB</c>. Units are powers of 1024, as those of PowerShell and pg_size_pretty are.</summary>
    /// <param name="bytes">Bytes.</param>
    public static string Size(long? bytes)
    {
        if (bytes is not { } size)
        {
            return "";
        }

        var (value, unit) = ((double)size, 0);
        // 1023.95 would be shown as 1024.0 of the smaller unit.
        while (Math.Abs(value) >= (unit == 0 ? 1024 : 1023.95) && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return value.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    /// <summary>A duration in its two largest units: <c>3 h 12 min</c>, <c>5 d 2 h</c>, <c>1.25 s</c>, <c>12.3 ms</c>.</summary>
    /// <param name="duration">The duration.</param>
    public static string Duration(TimeSpan? duration)
    {
        if (duration is not { } time)
        {
            return "";
        }

        var (sign, span) = time < TimeSpan.Zero ? ("-", time.Negate()) : ("", time);
        return sign + span switch
        {
            { TotalDays: >= 1 } => Two(span.Days, "d", span.Hours, "h"),
            { TotalHours: >= 1 } => Two(span.Hours, "h", span.Minutes, "min"),
            { TotalMinutes: >= 1 } => Two(span.Minutes, "min", span.Seconds, "s"),
            { TotalSeconds: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(span.TotalMilliseconds / 10) / 100:0.##} s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0.#} ms"),
        };
    }

    /// <summary>A share: <c>12.3 %</c>.</summary>
    /// <param name="percent">The share in percent, 0 to 100.</param>
    public static string Percent(double? percent) =>
        percent is { } value ? string.Create(CultureInfo.InvariantCulture, $"{value:0.#} %") : "";

    /// <summary>
    /// Text from outside without what would move the cursor, colour the screen, forge a line, turn the direction of what follows, or be a command to the agent
    /// of a pipeline that reads the screen.
    /// </summary>
    /// <param name="text">The text.</param>
    public static string Harmless(string? text)
    {
        var visible = text is null || !text.Any(IsHarmful) ? text ?? "" : string.Concat(text.Select(character => IsHarmful(character) ? '\uFFFD' : character));
        // Azure Pipelines obeys ##vso[ and ##[ wherever they stand, GitHub ##[ and a line that begins with two colons.
        var parted = visible.Contains("##", StringComparison.Ordinal) ? PipelineCommand().Replace(visible, "# #") : visible;
        return parted.AsSpan().TrimStart().StartsWith("::", StringComparison.Ordinal) ? parted.Replace("::", ": :", StringComparison.Ordinal) : parted;
    }

    /// <summary>A number with at most one decimal: <c>12.5</c>.</summary>
    /// <param name="number">The number.</param>
    public static string Number(double? number) =>
        number is { } value ? value.ToString("0.#", CultureInfo.InvariantCulture) : "";

    /// <summary>A time in UTC: <c>2025-06-01 03:00:00Z</c>.</summary>
    /// <param name="time">The time; also as it comes out of a file in which a row was kept.</param>
    public static string Time(object? time) =>
        TimeOf(time) is { } known ? known.UtcDateTime.ToString("u", CultureInfo.InvariantCulture) : "";

    /// <summary>A time in UTC to the minute: <c>2025-06-01 03:00</c>.</summary>
    /// <param name="time">The time, as for <see cref="Time"/>.</param>
    public static string Minute(object? time) => TimeOf(time)?.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "";

    /// <summary>How long it is from one time to another.</summary>
    /// <param name="from">The first, as for <see cref="Time"/>.</param>
    /// <param name="to">The last.</param>
    public static string Between(object? from, object? to) => Duration(TimeOf(to) - TimeOf(from));

    /// <summary>A word such as a state. In quotes PowerShell would show the number of one that was kept in a file.</summary>
    /// <param name="word">The word.</param>
    public static string Word(PSObject? word) => word?.ToString() ?? "";

    /// <summary>A day in UTC: <c>2025-06-01</c>.</summary>
    /// <param name="time">The day, or a time as for <see cref="Time"/>.</param>
    public static string Day(object? time) =>
        time is DateOnly day ? day.ToString("O", CultureInfo.InvariantCulture) : TimeOf(time)?.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";

    [GeneratedRegex(@"##(?=(vso)?\[)", RegexOptions.IgnoreCase)]
    private static partial Regex PipelineCommand();

    private static bool IsHarmful(char character) =>
        char.IsControl(character) || character is (>= '\u2028' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u200E' or '\u200F';

    /// <summary>A time; also as it comes out of a file in which a row was kept: there it is an object with fields, or a text without the fractions of its second.</summary>
    /// <param name="time">The time.</param>
    internal static DateTimeOffset? TimeOf(object? time) => time switch
    {
        null => null,
        DateTimeOffset known => known,
        PSObject { BaseObject: DateTimeOffset known } => known,
        PSObject kept when kept.Properties["UtcTicks"]?.Value is long ticks => new DateTimeOffset(ticks, TimeSpan.Zero),
        DateTime known => known,
        _ => DateTimeOffset.TryParse(time.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var read) ? read : null,
    };

    private static string Two(int large, string largeUnit, int small, string smallUnit) =>
        small == 0 ? $"{large} {largeUnit}" : $"{large} {largeUnit} {small} {smallUnit}";
}
