using System.Globalization;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>What <c>backup_label</c> says: from where on a base backup needs write-ahead log, and when it began. Pure.</summary>
/// <param name="Start">Where the log that it needs begins.</param>
/// <param name="Timeline">The timeline it was made on.</param>
/// <param name="StartedAt">When it was begun; null where the server's time zone is none that can be read.</param>
/// <param name="Label">What it was called.</param>
internal sealed partial record BackupLabel(ulong Start, uint Timeline, DateTimeOffset? StartedAt, string Label)
{
    /// <summary>No label is longer.</summary>
    public const int Longest = 8192;

    /// <summary>Reads a label; null if it makes no sense.</summary>
    public static BackupLabel? Parse(string text)
    {
        if (StartLine().Match(text) is not { Success: true } start
            || WalPosition.Parse(start.Groups["lsn"].ValueSpan) is not { } position
            || !uint.TryParse(start.Groups["file"].ValueSpan[..8], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var fromFile))
        {
            return null;
        }

        var timeline = TimelineLine().Match(text) is { Success: true } line && uint.TryParse(line.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var told) ? told : fromFile;
        var time = TimeLine().Match(text) is { Success: true } at && at.Groups["zone"].Value is "UTC" or "GMT" or "Etc/UTC"
            && DateTimeOffset.TryParseExact(at.Groups["time"].ValueSpan, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var utc)
            ? utc
            : (DateTimeOffset?)null;
        return new BackupLabel(position, timeline, time, LabelLine().Match(text) is { Success: true } label ? label.Groups[1].Value : "");
    }

    [GeneratedRegex(@"^START WAL LOCATION: (?<lsn>[0-9A-F]+/[0-9A-F]+) \(file (?<file>[0-9A-F]{24})\)", RegexOptions.ExplicitCapture)]
    private static partial Regex StartLine();

    [GeneratedRegex(@"^START TIMELINE: (\d+)", RegexOptions.Multiline)]
    private static partial Regex TimelineLine();

    [GeneratedRegex(@"^START TIME: (?<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?<zone>\S+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex TimeLine();

    [GeneratedRegex(@"^LABEL: (.*)$", RegexOptions.Multiline)]
    private static partial Regex LabelLine();
}
