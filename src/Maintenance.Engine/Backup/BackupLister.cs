using System.Runtime.CompilerServices;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup;

/// <summary>Reads the backups of one store, by seeking where that is enough and by reading everything where it is not.</summary>
/// <param name="store">The store.</param>
/// <param name="target">Name of the maintained system.</param>
/// <param name="now">The time it is read at (UTC).</param>
/// <param name="sink">Where to tell.</param>
internal sealed class BackupLister(IBackupStore store, string? target, DateTimeOffset now, IMaintenanceSink sink)
{
    private readonly BackupScan _scan = new(store);

    /// <summary>Lists backups, as they come or the newest first.</summary>
    public IAsyncEnumerable<DatabaseBackup> ListAsync(BackupQuery query, CancellationToken cancellationToken) => query.Newest is { } count
        ? NewestAsync(query.Since, count, cancellationToken)
        : SinceAsync(query.Since, cancellationToken);

    /// <summary>Judges the newest backup of each database.</summary>
    /// <remarks>
    /// What seeking finds fresh is fresh. Anything else may wake somebody at night, and is confirmed by reading everything.
    /// </remarks>
    public async Task<IReadOnlyList<BackupRecency>> JudgeAsync(TimeSpan maximumAge, CancellationToken cancellationToken)
    {
        if (store.CanSeek)
        {
            try
            {
                var found = await JudgeAsync(_scan.SeekAsync(now - maximumAge, cancellationToken), maximumAge);
                if (!_scan.Skipped || found.All(recency => recency.State == BackupRecencyState.Fresh))
                {
                    return found;
                }

                sink.Verbose($"Seeking by name in {store.Name} did not find a fresh backup of every database; reading all of it.");
            }
            catch (SeekRefusedException)
            {
                TellRefused();
            }
        }

        return await JudgeAsync(ReadAllAsync(cancellationToken), maximumAge);
    }

    private async Task<IReadOnlyList<BackupRecency>> JudgeAsync(IAsyncEnumerable<StoreEntry> files, TimeSpan maximumAge)
    {
        var reader = new BackupReader(store.Name, target, now);
        var evaluator = new RecencyEvaluator(maximumAge, now);
        await foreach (var backup in reader.ReadAsync(files))
        {
            evaluator.Add(backup);
        }

        return evaluator.Evaluate(new StoreReading(store.Name, target, store.Requests, !_scan.Skipped, reader.OtherFiles));
    }

    private async IAsyncEnumerable<DatabaseBackup> SinceAsync(DateTimeOffset? since, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = new BackupReader(store.Name, target, now);
        var given = new HashSet<string>(StringComparer.Ordinal);
        if (since is { } start && store.CanSeek)
        {
            await using var found = reader.ReadAsync(_scan.SeekAsync(start, cancellationToken)).GetAsyncEnumerator(cancellationToken);
            while (await MoveNextAsync(found) is { } more)
            {
                if (!more)
                {
                    yield break;
                }

                if (found.Current.TakenAt >= start)
                {
                    given.Add(found.Current.Name);
                    yield return found.Current;
                }
            }

            TellRefused();
        }

        await foreach (var backup in reader.ReadAsync(ReadAllAsync(cancellationToken)))
        {
            if (!(backup.TakenAt < since) && !given.Contains(backup.Name))
            {
                yield return backup;
            }
        }
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
        // Most stores get a backup a day: the newest lie within about as many days, and everything in them is found by seeking.
        var newest = since is null && store.CanSeek
            ? await NewestAsync(SinceAsync(now.AddDays(-1 - Math.Min(count, 365)), cancellationToken), count)
            : [];
        if (newest.Count < count)
        {
            newest = await NewestAsync(SinceAsync(since, cancellationToken), count);
        }

        foreach (var backup in newest)
        {
            yield return backup;
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
                sink.Progress(new ProgressUpdate("Reading backups", FormattableString.Invariant($"{store.Name}: {count} files")));
            }

            yield return file;
        }
    }

    private void TellRefused() => sink.Verbose($"The store {store.Name} cannot be read from the middle; reading all of it.");
}
