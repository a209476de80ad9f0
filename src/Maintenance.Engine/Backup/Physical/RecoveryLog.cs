using System.Globalization;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>What a server's log tells about a recovery. Pure.</summary>
/// <param name="LastCommit">The last transaction that was replayed; null if none was.</param>
/// <param name="EndedBefore">True if the log ended before the moment that was asked for.</param>
/// <param name="Incomplete">True if the log ended before the backup was consistent.</param>
/// <param name="NoSpace">True if the disk was full.</param>
/// <param name="Replayed">Up to where it was replayed.</param>
/// <param name="Failure">The last thing that ended the server; null if nothing did.</param>
internal sealed partial record RecoveryLog(DateTimeOffset? LastCommit, bool EndedBefore, bool Incomplete, bool NoSpace, string? Replayed, string? Failure)
{
    /// <summary>True if the recovery came to its end, and the server is open to everyone.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Reads a log.</summary>
    public static RecoveryLog Parse(string text) => new(
        Commit().Matches(text) is { Count: > 0 } commits
            && DateTimeOffset.TryParse(commits[^1].Groups[1].ValueSpan, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null,
        text.Contains("recovery ended before configured recovery target was reached", StringComparison.Ordinal),
        Inconsistent().IsMatch(text),
        text.Contains("No space left on device", StringComparison.Ordinal),
        Redo().Matches(text) is { Count: > 0 } redo ? redo[^1].Groups[1].Value : null,
        Fatal().Matches(text) is { Count: > 0 } failures ? failures[^1].Groups[1].Value.Trim() : null)
    {
        IsOpen = text.Contains("database system is ready to accept connections", StringComparison.Ordinal),
    };

    [GeneratedRegex(@"last completed transaction was at log time (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?\+00)")]
    private static partial Regex Commit();

    [GeneratedRegex("WAL ends before (?:end of online backup|consistent recovery point)|could not (?:locate|find) (?:required|a valid) checkpoint record|could not locate required checkpoint|could not find redo location")]
    private static partial Regex Inconsistent();

    [GeneratedRegex(@"redo done at ([0-9A-F]+/[0-9A-F]+)")]
    private static partial Regex Redo();

    [GeneratedRegex("(?:FATAL|PANIC):  (.*)")]
    private static partial Regex Fatal();
}
