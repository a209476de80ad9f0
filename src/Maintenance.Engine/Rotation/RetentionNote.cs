using System.Globalization;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Rotation;

/// <summary>
/// What the metadata of an artefact says about how long it must be kept: <c>retention=7years</c> (guide M8), <c>retainUntil=2033-01-01</c>,
/// <c>legalHold=true</c>. What names a retention and cannot be read is kept for good: better too long than too short. Pure.
/// </summary>
/// <param name="Until">Not deleted before; null for never.</param>
/// <param name="Text">The words of the metadata.</param>
internal sealed partial record RetentionNote(DateTimeOffset? Until, string Text)
{
    private const int MostWords = 60;

    /// <summary>What the metadata says; null if it names no retention.</summary>
    /// <param name="metadata">The metadata.</param>
    /// <param name="written">When the artefact was written, where a retention counts from.</param>
    public static RetentionNote? Read(IEnumerable<KeyValuePair<string, string>> metadata, DateTimeOffset written) => metadata
        .Where(entry => NamesRetention(Plain(entry.Key)))
        .Select(entry => new RetentionNote(UntilOf(Plain(entry.Key), Unescaped(entry.Value), written), Words(entry)))
        .OrderByDescending(note => note.Until ?? DateTimeOffset.MaxValue)
        .FirstOrDefault();

    /// <summary>Whether the metadata puts the artefact under a legal hold.</summary>
    public static bool IsHeld(IEnumerable<KeyValuePair<string, string>> metadata) =>
        metadata.Any(entry => Plain(entry.Key) == "LEGALHOLD" && Unescaped(entry.Value).Trim().ToUpperInvariant() is not ("FALSE" or "0" or "NO" or ""));

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();

    private static bool NamesRetention(string plain) =>
        plain.Contains("RETENTION", StringComparison.Ordinal) || plain.Contains("RETAIN", StringComparison.Ordinal) || plain is "KEEPUNTIL";

    private static string Words(KeyValuePair<string, string> entry)
    {
        var words = $"{entry.Key}={entry.Value}";
        return words.Length > MostWords ? words[..MostWords] + "..." : words;
    }

    private static DateTimeOffset? UntilOf(string plain, string value, DateTimeOffset written)
    {
        var text = value.Trim();
        try
        {
            return plain is "RETENTION" or "RETENTIONPERIOD" && Period().Match(text) is { Success: true } period
                ? Later(written, int.Parse(period.Groups[1].Value, CultureInfo.InvariantCulture), char.ToUpperInvariant(period.Groups[2].Value[0]))
                : plain is "RETENTION" or "RETENTIONPERIOD" && Durations.TryParse(text, out var duration) ? written + duration
                : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date) ? EndOf(date, text)
                : null;
        }
        catch (ArgumentOutOfRangeException)
        {
            // Beyond the end of the calendar is never.
            return null;
        }
    }

    // A day is kept to its end.
    private static DateTimeOffset EndOf(DateTimeOffset date, string text) => text.Contains(':', StringComparison.Ordinal) ? date : date.AddDays(1);

    private static DateTimeOffset Later(DateTimeOffset written, int number, char unit) => unit switch
    {
        'D' => written.AddDays(number),
        'W' => written.AddDays(7.0 * number),
        'M' => written.AddMonths(number),
        _ => written.AddYears(number),
    };

    private static string Unescaped(string value) => value.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(value) : value;

    [GeneratedRegex(@"\A(?:P)?([0-9]{1,5})[ _-]?(d|days?|w|weeks?|months?|y|years?|(?<=P[0-9]{1,5})M)\z", RegexOptions.IgnoreCase)]
    private static partial Regex Period();
}
