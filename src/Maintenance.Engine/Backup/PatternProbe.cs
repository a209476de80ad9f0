using System.Runtime.CompilerServices;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup;

/// <summary>
/// Finds the backups of known databases since a day by what their names begin with: one listing for each where names sort by day, else
/// one for each day, from tomorrow backwards.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="naming">How its backups are named.</param>
/// <param name="databases">The databases; null for names that tell none.</param>
/// <param name="now">The time it is read at (UTC).</param>
internal sealed class PatternProbe(IBackupStore store, BackupNaming naming, IReadOnlyList<string?> databases, DateTimeOffset now)
{
    // More requests than this cost more than reading everything mostly does.
    private const int MostDays = 40;

    /// <summary>True if the names allow it, back to a day.</summary>
    public bool CanFind(DateTimeOffset since) => store.CanSeek && naming.Pattern is { } pattern && databases.Count > 0
        && databases.All(database => pattern.Prefix(database, DateOnly.FromDateTime(now.UtcDateTime)) is not null)
        && (pattern.SortsByDay || (DayOf(now) - DayOf(since) + 3) * databases.Count <= MostDays);

    /// <summary>The files, and perhaps some older ones.</summary>
    /// <exception cref="SeekRefusedException">The store cannot start in the middle.</exception>
    public async IAsyncEnumerable<StoreEntry> FindAsync(DateTimeOffset since, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Names that sort by day and tell the database only behind it are those of all databases: one listing gives them all.
        var heads = databases.Select(database => (Database: database, Head: naming.Pattern!.Head(database))).DistinctBy(head => naming.Pattern!.SortsByDay ? head.Head : head.Database, StringComparer.Ordinal).ToList();
        // The names of one database may begin with those of another.
        var given = heads.Count > 1 ? new HashSet<string>(StringComparer.Ordinal) : null;
        foreach (var (database, head) in heads)
        {
            foreach (var range in Ranges(database, head, since))
            {
                await foreach (var entry in store.ListAsync(range, cancellationToken))
                {
                    if (given?.Add(entry.Name) is not false)
                    {
                        yield return entry;
                    }
                }
            }
        }
    }

    // A day of margin on both sides: names may be written in any time zone.
    private IEnumerable<StoreRange> Ranges(string? database, string head, DateTimeOffset since)
    {
        var (first, last) = (DayOf(since) - 1, DayOf(now) + 1);
        if (naming.Pattern!.SortsByDay)
        {
            yield return new StoreRange { Begin = naming.Prefix + head, StartFrom = naming.Prefix + naming.Pattern.Prefix(database, DateOnly.FromDayNumber(first)) };
            yield break;
        }

        for (var day = last; day >= first; day--)
        {
            yield return new StoreRange { Begin = naming.Prefix + naming.Pattern.Prefix(database, DateOnly.FromDayNumber(day)) };
        }
    }

    private static int DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime).DayNumber;
}
