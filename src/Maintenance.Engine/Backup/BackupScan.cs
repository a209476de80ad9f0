using System.Runtime.CompilerServices;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup;

/// <summary>Reads the files of a store: all of them, or those that can hold a backup of a given time and later.</summary>
/// <param name="store">The store.</param>
/// <param name="withProtection">True to ask also what keeps files from being deleted.</param>
internal sealed class BackupScan(IBackupStore store, bool withProtection = false)
{
    private const int FirstPage = 50;
    private const int PageGrowth = 4;
    private const int LargestPage = 5000;

    /// <summary>True if files were left out because of their names.</summary>
    public bool Skipped { get; private set; }

    /// <summary>True once anything was read.</summary>
    public bool WasUsed { get; private set; }

    /// <summary>Every file, in the order of the store.</summary>
    public IAsyncEnumerable<StoreEntry> ReadAllAsync(CancellationToken cancellationToken)
    {
        (WasUsed, Skipped) = (true, false);
        return store.ListAsync(new StoreRange { WithProtection = withProtection }, cancellationToken);
    }

    /// <summary>
    /// Every file that can hold a backup taken at a time or later, and some older ones; a few pages instead of all, where the
    /// names carry dates.
    /// </summary>
    /// <remarks>
    /// At the end of each page the planner says from which name to go on. Pages grow, so that a store whose names tell nothing
    /// costs little more than reading all of it at once.
    /// </remarks>
    /// <exception cref="SeekRefusedException">The store cannot start in the middle, or does not list in the order of names.</exception>
    public async IAsyncEnumerable<StoreEntry> SeekAsync(DateTimeOffset since, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A day of margin: names may be written in any time zone. No name carries a date before 1970.
        var oldest = since.Year > 1970 ? DateOnly.FromDateTime(since.UtcDateTime.AddDays(-1)) : DateOnly.MinValue;
        WasUsed = true;
        string? from = null;
        string? last = null;
        for (var pageSize = FirstPage; ; pageSize = Math.Min(pageSize * PageGrowth, LargestPage))
        {
            var (count, next) = (0, (string?)null);
            await foreach (var entry in store.ListAsync(new StoreRange { StartFrom = from, PageSize = pageSize, WithProtection = withProtection }, cancellationToken))
            {
                count++;
                if (entry.Name == last)
                {
                    continue;
                }

                if (string.CompareOrdinal(entry.Name, last ?? "") < 0 || string.CompareOrdinal(entry.Name, from ?? "") < 0)
                {
                    throw new SeekRefusedException();
                }

                last = entry.Name;
                yield return entry;
                if (count % pageSize == 0)
                {
                    next = SeekPlanner.Next(last, oldest);
                    Skipped |= next is not null;
                    next ??= pageSize < LargestPage ? last : null;
                    if (next is not null)
                    {
                        break;
                    }
                }
            }

            if (next is null)
            {
                yield break;
            }

            from = next;
        }
    }
}

/// <summary>A store cannot be read from the middle. Never leaves the area: everything is read instead.</summary>
internal sealed class SeekRefusedException : Exception;
