using System.Runtime.CompilerServices;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup;

/// <summary>Lists the backups of one store, by looking for names where that is enough and by reading everything where it is not.</summary>
/// <param name="place">The store.</param>
/// <param name="query">Which backups.</param>
internal sealed class BackupLister(BackupPlace place, BackupQuery query)
{
    private readonly BackupScan _scan = new(place.Listing, withProtection: true);

    /// <summary>Lists backups, as they come or the newest first.</summary>
    public IAsyncEnumerable<DatabaseBackup> ListAsync(CancellationToken cancellationToken) => query.Newest is { } count
        ? NewestAsync(query.Since, count, cancellationToken)
        : SinceAsync(query.Since, cancellationToken);

    private bool Fits(DatabaseBackup backup) =>
        (query.Databases.Count == 0 || query.Databases.Contains(backup.Database, StringComparer.OrdinalIgnoreCase))
        && (query.Kinds.Count == 0 || query.Kinds.Contains(backup.Kind));

    private async IAsyncEnumerable<DatabaseBackup> SinceAsync(DateTimeOffset? since, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = place.Reader();
        var given = new HashSet<string>(StringComparer.Ordinal);
        if (since is { } start && place is { Listing.CanSeek: true, Naming.Pattern: null or { SortsByDay: true } })
        {
            await using var found = reader.ReadAsync(_scan.SeekAsync(start, cancellationToken), cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await MoveNextAsync(found) is { } more)
            {
                if (!more)
                {
                    yield break;
                }

                if (found.Current.TakenAt >= start && Fits(found.Current))
                {
                    given.Add(found.Current.Name);
                    yield return found.Current;
                }
            }

            place.Sink.Verbose($"The store {place.Listing.Name} cannot be read from the middle; reading all of it.");
            reader = place.Reader();
        }

        await foreach (var backup in reader.ReadAsync(ReadAllAsync(cancellationToken), cancellationToken))
        {
            if (!(backup.TakenAt < since) && Fits(backup) && !given.Contains(backup.Name))
            {
                yield return backup;
            }
        }

        place.Tell(reader);
    }

    // Null: the store refused to be read from the middle.
    private static async Task<bool?> MoveNextAsync(IAsyncEnumerator<DatabaseBackup> backups)
    {
        try
        {
            return await backups.MoveNextAsync();
        }
        catch (SeekRefusedException)
        {
            return null;
        }
    }

    private async IAsyncEnumerable<DatabaseBackup> NewestAsync(
        DateTimeOffset? since, int count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Most stores get a backup a day: the newest lie within about as many days, and everything in them is found by name.
        var recent = place.Now.AddDays(-1 - Math.Min(count, 365));
        var newest = since is not null || !place.Listing.CanSeek ? [] : await NewestAsync(RecentAsync(recent, cancellationToken), count);
        if (newest.Count < count)
        {
            newest = await NewestAsync(SinceAsync(since, cancellationToken), count);
        }

        foreach (var backup in newest)
        {
            yield return backup;
        }
    }

    private IAsyncEnumerable<DatabaseBackup> RecentAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        // Where names follow a pattern and the databases are given, theirs alone are asked for.
        var databases = place.Naming.Pattern is { NamesDatabase: false } ? (IReadOnlyList<string?>)[null] : query.Databases;
        var probe = new PatternProbe(place.Listing, place.Naming, databases, place.Now);
        return probe.CanFind(since) && query.Kinds.Count == 0 && place.Naming.Kinds.Count == 0
            ? place.Reader().ReadAsync(FoundAsync(probe, since, cancellationToken), cancellationToken).Where(backup => backup.TakenAt >= since && Fits(backup))
            : SinceAsync(since, cancellationToken);
    }

    // A store that refuses to start in the middle has told nothing of use: everything is read after that.
    private static async IAsyncEnumerable<StoreEntry> FoundAsync(PatternProbe probe, DateTimeOffset since, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var found = probe.FindAsync(since, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await found.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (SeekRefusedException)
            {
                yield break;
            }

            yield return found.Current;
        }
    }

    private static async Task<List<DatabaseBackup>> NewestAsync(IAsyncEnumerable<DatabaseBackup> backups, int count)
    {
        var newest = new PriorityQueue<DatabaseBackup, (DateTimeOffset, DateTimeOffset)>();
        await foreach (var backup in backups)
        {
            newest.Enqueue(backup, (backup.TakenAt, backup.LastModified));
            if (newest.Count > count)
            {
                newest.Dequeue();
            }
        }

        return [.. newest.UnorderedItems.OrderByDescending(item => item.Priority).Select(item => item.Element)];
    }

    private async IAsyncEnumerable<StoreEntry> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var count = 0L;
        await foreach (var file in _scan.ReadAllAsync(cancellationToken))
        {
            if (++count % 5000 == 0)
            {
                place.Sink.Progress(new ProgressUpdate("Reading backups", FormattableString.Invariant($"{place.Listing.Name}: {count} files")));
            }

            yield return file;
        }
    }
}
