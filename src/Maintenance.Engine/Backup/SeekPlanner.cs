namespace Maintenance.Engine.Backup;

/// <summary>
/// Decides which part of a listing sorted by name need not be read, because all backups in it are older than a day.
/// </summary>
/// <remarks>
/// <para>
/// Stores list by name. After <c>app-20240101.dump</c> come only names that begin with <c>app-</c> until a name from
/// <c>app-20250530</c> on: both ends share that head, so everything sorted between them does too. The head is also what
/// tells the database, so nothing of another database is left out. The other ways to write a date after the same head
/// (<c>app-2025-05-30</c>) sort elsewhere, and each is visited on the way.
/// </para>
/// <para>
/// Where what follows the date could tell the database (<c>20240101/app.dump</c>, <c>2024-01-01_app.sql</c>) nothing is
/// left out. One thing escapes: a database whose own name is that of another followed by a year
/// (<c>app-2024x-20250601.dump</c> beside <c>app-20240101.dump</c>). Reading everything finds it.
/// </para>
/// </remarks>
internal static class SeekPlanner
{
    /// <summary>The first name worth reading after one that was read.</summary>
    /// <param name="last">The name read last.</param>
    /// <param name="oldest">Backups of this day and later matter.</param>
    /// <returns>The name to go on from, or null if the very next name matters.</returns>
    public static string? Next(string last, DateOnly oldest)
    {
        // Only from a backup: its database is then known to the caller, though its newest backups may be left out.
        if (BackupName.Parse(last)?.Date is not { } date || date.Day >= oldest || !HeadTellsDatabase(last, date))
        {
            return null;
        }

        var head = last[..date.Index];
        return NameDate.Separators
            .Select(separator => head + NameDate.Write(oldest, separator))
            .Where(target => string.CompareOrdinal(target, last) > 0)
            .Min(StringComparer.Ordinal);
    }

    private static bool HeadTellsDatabase(string name, NameDate date)
    {
        var segment = name.LastIndexOf('/', Math.Max(0, date.Index - 1)) + 1;
        if (segment > date.Index || !name[segment..date.Index].Any(char.IsLetter))
        {
            return false;
        }

        // A folder named by the date that is itself the backup, or holds nothing else.
        var slash = name.IndexOf('/', date.Index + date.Length);
        return slash < 0 || name[(slash + 1)..] is "toc.dat" || BackupName.IsBaseMarker(name[(slash + 1)..]);
    }
}
