using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup;

/// <summary>
/// Judges the newest backups of one store with as few requests as that takes: by the pattern of their names, else by seeking, else by
/// reading everything.
/// </summary>
/// <param name="place">The store.</param>
/// <param name="rules">What they are judged by.</param>
internal sealed class RecencyJudge(BackupPlace place, RecencyRules rules)
{
    private readonly BackupScan _scan = new(place.Listing);

    // What is within the window of the newest backup, which itself may be as old as is allowed, must be seen: what else there is
    // cannot change the verdict of one that is young enough.
    private DateTimeOffset Since => place.Now - rules.MaximumAge < DateTimeOffset.UnixEpoch + rules.Window ? DateTimeOffset.UnixEpoch : place.Now - rules.MaximumAge - rules.Window;

    /// <summary>One record for each database and kind; at least one.</summary>
    /// <remarks>
    /// What a few requests find fresh is fresh. Anything else may wake somebody at night, and is confirmed by reading everything.
    /// </remarks>
    public async Task<IReadOnlyList<BackupRecency>> JudgeAsync(CancellationToken cancellationToken)
    {
        var records = await ProbeAsync(cancellationToken) ?? await SeekAsync(cancellationToken)
            ?? await JudgeAsync(_scan.ReadAllAsync(cancellationToken), isWhole: true, cancellationToken);
        var requests = 0;
        if (place.Files is { } files)
        {
            var content = new ContentProbe((_, _) => Task.FromResult(files));
            var looked = new List<BackupRecency>();
            foreach (var record in records)
            {
                looked.Add(await content.LookAsync(record, cancellationToken));
            }

            (records, requests) = (looked, content.Requests);
        }

        return [.. records.Select(record => record with { Requests = place.Listing.Requests + requests })];
    }

    private async Task<IReadOnlyList<BackupRecency>?> ProbeAsync(CancellationToken cancellationToken)
    {
        var known = rules.KnownDatabases;
        var probe = new PatternProbe(place.Listing, place.Naming, known, place.Now);
        if (!probe.CanFind(Since))
        {
            return null;
        }

        try
        {
            var found = await JudgeAsync(probe.FindAsync(Since, cancellationToken), isWhole: false, cancellationToken);
            if (IsGreen(found) && known.All(database => found.Any(record => database is null || string.Equals(record.Database, database, StringComparison.OrdinalIgnoreCase))))
            {
                return found;
            }

            place.Sink.Verbose($"Looking by the pattern of names in {place.Listing.Name} did not find a fresh backup of every database and kind; reading all of it.");
            return await JudgeAsync(_scan.ReadAllAsync(cancellationToken), isWhole: true, cancellationToken);
        }
        catch (SeekRefusedException)
        {
            TellRefused();
            return null;
        }
    }

    private async Task<IReadOnlyList<BackupRecency>?> SeekAsync(CancellationToken cancellationToken)
    {
        // Where a pattern puts the day elsewhere, words and dates in names tell too little to leave any out.
        if (!place.Listing.CanSeek || place.Naming.Pattern is { SortsByDay: false })
        {
            return null;
        }

        try
        {
            var found = await JudgeAsync(_scan.SeekAsync(Since, cancellationToken), isWhole: false, cancellationToken);
            if (!_scan.Skipped || IsGreen(found))
            {
                return found;
            }

            place.Sink.Verbose($"Seeking by name in {place.Listing.Name} did not find a fresh backup of every database and kind; reading all of it.");
        }
        catch (SeekRefusedException)
        {
            TellRefused();
        }

        return null;
    }

    private static bool IsGreen(IEnumerable<BackupRecency> records) =>
        records.All(record => record.State is BackupRecencyState.Fresh or BackupRecencyState.Shrunk);

    private async Task<IReadOnlyList<BackupRecency>> JudgeAsync(IAsyncEnumerable<StoreEntry> files, bool isWhole, CancellationToken cancellationToken)
    {
        var reader = place.Reader();
        var evaluator = new RecencyEvaluator(rules, place.Now);
        await foreach (var backup in reader.ReadAsync(files, cancellationToken))
        {
            evaluator.Add(backup);
        }

        evaluator.AddUnfinished(reader.Unfinished);
        if (isWhole)
        {
            place.Tell(reader);
        }

        return evaluator.Evaluate(
            new StoreReading(place.Listing.Name, place.Target, place.Listing.Requests, isWhole || (_scan.WasUsed && !_scan.Skipped), reader.OtherFiles, reader.Misnamed),
            place.Sink.Verbose);
    }

    private void TellRefused() => place.Sink.Verbose($"The store {place.Listing.Name} cannot be read from the middle; reading all of it.");
}
