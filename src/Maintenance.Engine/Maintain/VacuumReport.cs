using System.Globalization;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Maintain;

/// <summary>A message that the server sent beside its answer.</summary>
/// <param name="IsWarning">A warning; else information.</param>
/// <param name="SqlState">Its code.</param>
/// <param name="Text">Its text, with its detail below; in the server's language.</param>
internal sealed record ServerNotice(bool IsWarning, string SqlState, string Text);

/// <summary>
/// What the server says of one VACUUM or ANALYZE with VERBOSE. Whether it ran at all is told without reading the words: it
/// says something when it works, and merely warns when it does not. The figures are read from its words where they are English; elsewhere
/// they are null, and the statistics have to do. Pure.
/// </summary>
internal sealed partial class VacuumReport
{
    private const string LockNotAvailable = "55P03";
    private const string UndefinedTable = "42P01";

    private readonly List<ServerNotice> _notices;
    private readonly List<string> _heaps;

    public VacuumReport(IEnumerable<ServerNotice> notices)
    {
        _notices = [.. notices];
        // The table first, then its TOAST table.
        _heaps = [.. _notices.Select(notice => notice.Text).Where(text => Tuples().IsMatch(text) || OldTuples().IsMatch(text))];
    }

    /// <summary>The server did something.</summary>
    public bool Ran => _notices.Exists(notice => !notice.IsWarning);

    /// <summary>It left something out because others hold a lock.</summary>
    public bool MetLock => _notices.Exists(notice => notice.IsWarning && notice.SqlState == LockNotAvailable);

    /// <summary>The table is gone.</summary>
    public bool MetNothing => _notices.Exists(notice => notice.IsWarning && notice.SqlState == UndefinedTable);

    /// <summary>The first thing it warned of.</summary>
    public string? Warning => _notices.Find(notice => notice.IsWarning)?.Text;

    /// <summary>Rows of the table that were still there whole and are removed.</summary>
    public long? Removed => Sum(Tuples(), "removed", 1) ?? Sum(OldTuples(), "removed", 1);

    /// <summary>Dead rows of table and TOAST that somebody may still have to see.</summary>
    public long? NotRemovable => Sum(Tuples(), "dead") ?? Sum(OldDead(), "dead");

    public long? ToastRemoved => _heaps.Count < 2 ? null : (Sum(Tuples(), "removed") ?? Sum(OldTuples(), "removed")) - Removed;

    /// <summary>
    /// Line pointers of the table that are removed, and with them the entries of its indexes: those of rows that were removed now, and
    /// of rows that a query that came by, or an earlier VACUUM, had pruned. Null if it does not say.
    /// </summary>
    public long? ItemIdentifiersRemoved => Sum(Identifiers(), "removed", 1) ?? OldIdentifiers(isToast: false);

    public long? ToastItemIdentifiersRemoved => _heaps.Count < 2 ? null : (Sum(Identifiers(), "removed") - Sum(Identifiers(), "removed", 1)) ?? OldIdentifiers(isToast: true);

    /// <summary>Line pointers that are left for a later VACUUM, because the server thought a pass over the indexes not worth it, or had no time for it.</summary>
    public long? ItemIdentifiersLeft => Sum(IdentifiersLeft(), "left");

    public long? PagesRemoved => Sum(Pages(), "removed", 1);

    public long? PagesScanned => Sum(Pages(), "scanned", 1) ?? Sum(OldTuples(), "scanned", 1);

    /// <summary>Pages of the table there are.</summary>
    public long? PagesRemaining => Sum(Pages(), "remain", 1);

    public long? WalBytes => Sum(Wal(), "bytes");

    /// <summary>Rows of the table that died before this transaction could be removed.</summary>
    public long? Cutoff => Sum(CutoffText(), "xid", 1) ?? Sum(OldDead(), "xid", 1);

    private long? Sum(Regex pattern, string group, int heaps = int.MaxValue)
    {
        var matches = _heaps.Take(heaps).Select(text => pattern.Match(text)).Where(match => match.Success && match.Groups[group].Success).ToList();
        return matches.Count == 0 ? null : matches.Sum(match => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture));
    }

    // They come before the report of their heap, one for each pass over the indexes.
    private long? OldIdentifiers(bool isToast)
    {
        var matches = _notices.Select(notice => OldIdentifiersText().Match(notice.Text)).Where(match => match.Success && match.Groups["toast"].Success == isToast).ToList();
        return matches.Count == 0 ? null : matches.Sum(match => long.Parse(match.Groups["removed"].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"tuples: (?<removed>\d+) removed, \d+ remain, (?<dead>\d+) are dead but not yet removable")]
    private static partial Regex Tuples();

    // "needed" with indexes; "not needed" where there are none.
    [GeneratedRegex(@"index scan (?:not )?needed: \d+ pages from table \([^)]*\) had (?<removed>\d+) dead item identifiers removed")]
    private static partial Regex Identifiers();

    [GeneratedRegex(@"index scan bypassed(?: by failsafe)?: \d+ pages from table \([^)]*\) have (?<left>\d+) dead item identifiers")]
    private static partial Regex IdentifiersLeft();

    [GeneratedRegex(@"pages: (?<removed>\d+) removed, (?<remain>\d+) remain, (?<scanned>\d+) scanned")]
    private static partial Regex Pages();

    [GeneratedRegex(@"removable cutoff: (?<xid>\d+)")]
    private static partial Regex CutoffText();

    [GeneratedRegex(@"WAL usage: \d+ records, \d+ full page images, (?<bytes>\d+) bytes")]
    private static partial Regex Wal();

    // PostgreSQL 13 and 14.
    [GeneratedRegex(@"found (?<removed>\d+) removable, \d+ nonremovable row versions in (?<scanned>\d+) out of \d+ pages")]
    private static partial Regex OldTuples();

    [GeneratedRegex(@"^(?:table )?""(?<toast>pg_toast_\d+)?[^""]*"": removed (?<removed>\d+) (?:dead item identifiers|row versions) in \d+ pages", RegexOptions.Multiline)]
    private static partial Regex OldIdentifiersText();

    [GeneratedRegex(@"(?<dead>\d+) dead row versions cannot be removed yet, oldest xmin: (?<xid>\d+)")]
    private static partial Regex OldDead();
}
