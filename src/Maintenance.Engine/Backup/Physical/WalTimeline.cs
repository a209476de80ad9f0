using System.Globalization;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>One line of a timeline's history: the timeline that was left, and where.</summary>
/// <param name="Timeline">The timeline that was left.</param>
/// <param name="SwitchAt">Where.</param>
/// <param name="Reason">What the server noted.</param>
internal sealed record WalTimelineEntry(uint Timeline, ulong SwitchAt, string Reason);

/// <summary>A part of the log that belongs to one timeline, by the numbers of its segments.</summary>
/// <param name="Timeline">The timeline.</param>
/// <param name="First">The first segment.</param>
/// <param name="End">The segment after the last; null for the newest timeline, which has no end yet.</param>
internal readonly record struct WalStretch(uint Timeline, ulong First, ulong? End);

/// <summary>Understands how timelines came from each other. Pure.</summary>
internal static class WalTimeline
{
    /// <summary>History files hold a line for each promotion; nothing that is longer is one.</summary>
    public const int LongestHistory = 64 * 1024;

    /// <summary>Reads a history file; null if it makes no sense.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="timeline">The timeline it is of.</param>
    public static IReadOnlyList<WalTimelineEntry>? Parse(string text, uint timeline)
    {
        var entries = new List<WalTimelineEntry>();
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#'))
        {
            var fields = line.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 2
                || !uint.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var left)
                || WalPosition.Parse(fields[1]) is not { } at
                || left >= timeline
                || (entries.Count > 0 && (left <= entries[^1].Timeline || at < entries[^1].SwitchAt)))
            {
                return null;
            }

            entries.Add(new WalTimelineEntry(left, at, fields.Length > 2 ? fields[2] : ""));
        }

        return entries.Count > 0 ? entries : null;
    }

    /// <summary>
    /// The way through the log to a timeline: which timeline each segment has to be of. A new timeline begins with a copy of the
    /// segment in which the old one was left, so that segment is its own.
    /// </summary>
    /// <param name="timeline">The timeline.</param>
    /// <param name="history">Its history; empty for the first.</param>
    /// <param name="segmentSize">Size of a segment.</param>
    public static IReadOnlyList<WalStretch> Way(uint timeline, IReadOnlyList<WalTimelineEntry> history, long segmentSize)
    {
        var stretches = new List<WalStretch>();
        var first = 0UL;
        foreach (var entry in history)
        {
            var end = WalPosition.NumberAt(entry.SwitchAt, segmentSize);
            stretches.Add(new WalStretch(entry.Timeline, first, end));
            first = end;
        }

        stretches.Add(new WalStretch(timeline, first, null));
        return stretches;
    }
}
