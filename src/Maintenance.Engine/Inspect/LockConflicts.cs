namespace Maintenance.Engine.Inspect;

/// <summary>Which table-level lock modes exclude each other, as PostgreSQL's manual has it. Row, advisory and other locks use the same modes.</summary>
internal static class LockConflicts
{
    public const string AccessExclusive = "AccessExclusiveLock";

    // Weakest first. A digit stands for a mode by its place.
    private static readonly string[] Modes =
    [
        "AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock",
        "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", AccessExclusive,
    ];

    private static readonly string[] Excluded = ["7", "67", "4567", "34567", "23567", "234567", "1234567", "01234567"];

    /// <summary>True if the two cannot be held by different transactions at once. Modes that are not in the table (SIReadLock) exclude nobody.</summary>
    public static bool Exclude(string one, string other)
    {
        var (first, second) = (Array.IndexOf(Modes, one), Array.IndexOf(Modes, other));
        return first >= 0 && second >= 0 && Excluded[first].Contains((char)('0' + second), StringComparison.Ordinal);
    }
}
