using System.Globalization;
using System.Numerics;
using Maintenance.Engine.Database;

namespace Maintenance.Engine.Retention;

/// <summary>
/// Moves rows into files of the archive store. A part of them is exported and is in the store before its rows are deleted, in a
/// transaction that also puts the part on record; while one part is deleted the next is exported.
/// </summary>
/// <param name="stores">Opens the store.</param>
internal sealed class BlobArchive(ArchiveStores stores) : IRowMover
{
    /// <summary>After so many conflicts with others about one range it is not tried again.</summary>
    private const int MostTries = 8;

    private static Task<ExportedPart?> Nothing => Task.FromResult<ExportedPart?>(null);

    public async Task RunAsync(RetentionWork work, CancellationToken cancellationToken)
    {
        var store = await stores.OpenAsync(work.Target, work.Call, cancellationToken);
        var statements = new ArchiveStatements(work.Statements, work.Facts);
        await using var exporting = await RetentionService.OpenAsync(work.Connector, work.Target, work.Call, null, cancellationToken);
        await exporting.ExecuteAsync("Retention/Sql/ExportSession.sql", cancellationToken);
        var size = new PartSize(work.BatchTarget);
        var ranges = new ArchiveRanges(exporting, statements, size);
        await ranges.StartAsync(work.CutOff.Value, work.Facts.TimeIndexes.Count > 0, cancellationToken);
        if (!ranges.HasMore)
        {
            return;
        }

        await ArchiveJournal.EnsureAsync(work.Session, cancellationToken);
        var archive = ArchiveRecord.Of(work, store);
        // The first archive makes the folder. If it was there before and is not now, a disk or share is not mounted.
        if (!await ArchiveJournal.HasArchivesInAsync(work.Session, archive.Store, cancellationToken))
        {
            await store.RunAsync(() => store.PrepareAsync(cancellationToken), cancellationToken);
        }

        await store.RunAsync(() => store.CheckAsync(cancellationToken), cancellationToken);
        await ArchiveJournal.RegisterAsync(work.Session, archive, cancellationToken);
        await work.Reached(FaultPoint.ArchiveRegistered);
        var exporter = new PartExporter(work, archive, store, statements);
        var taker = new PartTaker(work, archive, statements, exporter);
        var finisher = new ArchiveFinisher(store, work.Reached, work.Time);
        var wal = await WalMeter.StartAsync(work.Session, cancellationToken);
        try
        {
            await work.Session.ExecuteAsync("Retention/Sql/ArchiveSession.sql", cancellationToken, LockTimeout(work.BatchTarget));
            await PartsAsync(work, exporting, ranges, size, exporter, taker, cancellationToken);
        }
        catch (Exception exception)
        {
            await TryFinishAsync(work, archive, finisher, exception);
            throw;
        }

        work.Tally.WalBytes = await wal.MeasureAsync(cancellationToken);
        Tell(work, await finisher.FinishAsync(work.Session, archive, cancellationToken));
        await work.Session.ExecuteAsync("Retention/Sql/BatchSessionEnd.sql", cancellationToken, LockTimeout(new SessionOptions(RetentionService.Task).LockTimeout));
    }

    private static string LockTimeout(TimeSpan time) => ((long)Math.Ceiling(Math.Clamp(time.TotalMilliseconds, 10, 2000))).ToString(CultureInfo.InvariantCulture);

    private static async Task PartsAsync(
        RetentionWork work, DatabaseSession session, ArchiveRanges ranges, PartSize size, PartExporter exporter, PartTaker taker, CancellationToken cancellationToken)
    {
        var throttle = new BatchThrottle(work);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var next = NextAsync(session, ranges, size, exporter, stop.Token);
        try
        {
            while (true)
            {
                var exported = await next;
                if (exported is { Part: not null })
                {
                    next = ranges.HasMore && await throttle.MayGoOnAsync(cancellationToken) ? NextAsync(session, ranges, size, exporter, stop.Token) : Nothing;
                    await TakeAsync(work, exported, ranges, size, taker, cancellationToken);
                }
                else if (exported is not null)
                {
                    await TakeFirstAsync(work, exported.Range, session, ranges, size, taker, cancellationToken);
                    next = Nothing;
                }
                else if (ranges.HasMore && await throttle.MayGoOnAsync(cancellationToken))
                {
                    next = NextAsync(session, ranges, size, exporter, stop.Token);
                }
                else
                {
                    return;
                }
            }
        }
        finally
        {
            await stop.CancelAsync();
            await AbandonAsync(next, exporter);
        }
    }

    // The next range that holds rows, exported; or one that is to be taken first. Null if there is none left.
    private static async Task<ExportedPart?> NextAsync(DatabaseSession session, ArchiveRanges ranges, PartSize size, PartExporter exporter, CancellationToken cancellationToken)
    {
        while (await ranges.NextAsync(cancellationToken) is { } range)
        {
            if (range.TakeFirst)
            {
                return new ExportedPart(range, new RangeSummary(0, null, null, null, null), null);
            }

            var halves = range.Halves();
            var exported = await exporter.ExportAsync(session, range, halves is null ? long.MaxValue : 2L * size.Rows, cancellationToken);
            if (exported.Part is { } part)
            {
                size.LearnBytes(part.Rows, part.Bytes);
                return exported;
            }

            if (exported.Summary.Rows > 0)
            {
                ranges.PutBack(halves!.Value.First);
                ranges.PutBack(halves.Value.Second);
            }
        }

        return null;
    }

    private static async Task TakeAsync(RetentionWork work, ExportedPart exported, ArchiveRanges ranges, PartSize size, PartTaker taker, CancellationToken cancellationToken)
    {
        try
        {
            if (await taker.TakeAsync(exported, cancellationToken) is { } held)
            {
                size.Learn(exported.Summary.Rows, held);
            }
            else
            {
                work.Call.Sink.Verbose($"Somebody changed rows of {work.Facts.Table.QuotedName} while they were exported; they are exported again.");
                ranges.PutBack(exported.Range with { Tries = exported.Range.Tries + 1 });
            }
        }
        catch (MaintenanceException exception) when (IsInTheWay(exception) && exported.Range.Tries < MostTries)
        {
            await GiveWayAsync(work, exported.Range, ranges, size, exception, cancellationToken);
        }
    }

    private static async Task TakeFirstAsync(
        RetentionWork work, ArchiveRange range, DatabaseSession session, ArchiveRanges ranges, PartSize size, PartTaker taker, CancellationToken cancellationToken)
    {
        try
        {
            await taker.TakeFirstAsync(range, session, cancellationToken);
        }
        catch (MaintenanceException exception) when (IsInTheWay(exception) && range.Tries < MostTries)
        {
            await GiveWayAsync(work, range, ranges, size, exception, cancellationToken);
        }
    }

    private static bool IsInTheWay(MaintenanceException exception) => exception.Code is MaintenanceErrorCode.BlockedOthers or MaintenanceErrorCode.LockTimeout;

    private static Task GiveWayAsync(RetentionWork work, ArchiveRange range, ArchiveRanges ranges, PartSize size, MaintenanceException exception, CancellationToken cancellationToken)
    {
        work.Call.Sink.Verbose($"{exception.Message} It is tried again with fewer rows.");
        size.Shrink();
        ranges.PutBack(range with { Tries = range.Tries + 1 });
        return Task.Delay(TimeSpan.FromMilliseconds(50 << Math.Min(range.Tries, 5)), work.Time, cancellationToken);
    }

    // What was exported while the work failed: its rows are still in the table.
    private static async Task AbandonAsync(Task<ExportedPart?> next, PartExporter exporter)
    {
        await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (next.IsCompletedSuccessfully && await next is { Part: { } part })
        {
            await exporter.DiscardAsync(part.Name);
        }
    }

    // What is in the archive so far gets its manifest. Where that is not possible, the next run does it.
    private static async Task TryFinishAsync(RetentionWork work, ArchiveRecord archive, ArchiveFinisher finisher, Exception failure)
    {
        if (failure is MaintenanceException { Code: MaintenanceErrorCode.StoreUnreachable or MaintenanceErrorCode.StoreAuthenticationFailed or MaintenanceErrorCode.StoreNotFound or MaintenanceErrorCode.StoreError or MaintenanceErrorCode.PermissionDenied })
        {
            return;
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), work.Time);
        try
        {
            await using var session = await RetentionService.OpenAsync(work.Connector, work.Target, work.Call, null, limit.Token);
            Tell(work, await finisher.FinishAsync(session, archive, limit.Token));
        }
        catch (Exception exception) when (exception is MaintenanceException or OperationCanceledException)
        {
            work.Call.Sink.Verbose($"The archive {archive.Prefix} could not be finished ({exception.Message}); the next run does it.");
        }
    }

    private static void Tell(RetentionWork work, (ArchiveManifest Manifest, string Name, string Sha256)? finished)
    {
        if (finished is not { } archive)
        {
            return;
        }

        (work.Tally.Manifest, work.Tally.Sha256) = (archive.Name, archive.Sha256);
        if (work.Options.Verify)
        {
            var sum = archive.Manifest.Parts.Aggregate(BigInteger.Zero, (sum, part) => sum + BigInteger.Parse(part.Checksum!, CultureInfo.InvariantCulture));
            work.Tally.Verified = true;
            work.Tally.Verification = string.Create(
                CultureInfo.InvariantCulture,
                $"{archive.Manifest.Rows:N0} row(s) in {archive.Manifest.Parts.Count} file(s) were read back from the store and loaded before they were deleted: SHA-256, count and checksum ({sum}) are those of the table.");
        }
    }
}
