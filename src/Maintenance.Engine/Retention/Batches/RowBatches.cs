using System.Globalization;
using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Retention;

/// <summary>
/// Takes rows in batches, oldest first where an index on their time leads the way. What comes late, below the point that was passed
/// already, is taken by going through again; what cannot be had is counted and told.
/// </summary>
internal sealed class RowBatches : IRowMover
{
    /// <summary>How often to go through once more for rows that came late. Ours: whoever keeps writing old rows would never let it end.</summary>
    private const int Sweeps = 3;

    /// <summary>The first version that finds a range of blocks without reading the whole table.</summary>
    private const int FirstWithBlockRanges = 14;

    private static readonly TimeSpan ShortestLockTimeout = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestLockTimeout = TimeSpan.FromMilliseconds(200);

    public async Task RunAsync(RetentionWork work, CancellationToken cancellationToken)
    {
        var isIndexed = work.Facts.TimeIndexes.Count > 0;
        var readsWhole = !isIndexed && work.Facts.MajorVersion < FirstWithBlockRanges;
        if (readsWhole)
        {
            work.Tally.Notes.Add(string.Create(CultureInfo.InvariantCulture, $"PostgreSQL {work.Facts.MajorVersion} reads the whole table for each batch, because it has no index on {work.Facts.Time!.QuotedName}."));
        }

        var proof = new BatchProof(work.Policy.Action, work.Facts.Table.QuotedName, work.Options.Verify);
        var lockTimeout = TimeSpan.FromTicks(Math.Clamp(work.BatchTarget.Ticks, ShortestLockTimeout.Ticks, LongestLockTimeout.Ticks));
        await work.Session.ExecuteAsync("Retention/Sql/BatchSession.sql", cancellationToken, Milliseconds(lockTimeout), readsWhole ? "on" : "off");
        try
        {
            var wal = await WalMeter.StartAsync(work.Session, cancellationToken);
            await using var taker = new BatchTaker(work, isIndexed ? new BatchSize(work.BatchTarget) : new BatchSize(work.BatchTarget, first: 20, smallest: 1), proof);
            try
            {
                await SweepAsync(work, taker, isIndexed, cancellationToken);
            }
            // Not single rows, which were left out: the table itself is somebody else's for longer.
            catch (MaintenanceException exception) when (BatchErrors.IsContention(exception))
            {
                work.Tally.PutOff = exception;
            }

            work.Tally.AddWal(await wal.MeasureAsync(cancellationToken));
        }
        finally
        {
            work.Tally.Prove(proof.Verified, proof.Describe(work.Planned, work.Tally.RowsLeft));
            await RestoreAsync(work);
        }
    }

    private static async Task SweepAsync(RetentionWork work, BatchTaker taker, bool isIndexed, CancellationToken cancellationToken)
    {
        var throttle = new BatchThrottle(work);
        var first = "-infinity";
        for (var sweep = 0; ; sweep++)
        {
            var rows = work.Tally.Rows;
            work.Tally.RowsLeft = null;
            IBatchWalk walk = isIndexed ? new TimeWalk(work, first) : new BlockWalk(work, await BlocksAsync(work, cancellationToken));
            if (!await WalkAsync(walk, taker, throttle, cancellationToken))
            {
                return;
            }

            (work.Tally.RowsLeft, var oldest) = await RemainderAsync(work, cancellationToken);
            if (oldest is null)
            {
                return;
            }

            if (sweep == Sweeps || work.Tally.Rows == rows)
            {
                work.Tally.Notes.Add(string.Create(CultureInfo.InvariantCulture, $"{work.Tally.RowsLeft:N0} row(s) could not be taken: others had locked them, a trigger kept them, or they came while it ran."));
                return;
            }

            first = oldest;
        }
    }

    // False: it ended early, and the tally says why.
    private static async Task<bool> WalkAsync(IBatchWalk walk, BatchTaker taker, BatchThrottle throttle, CancellationToken cancellationToken)
    {
        bool more;
        do
        {
            if (!await throttle.MayGoOnAsync(cancellationToken))
            {
                return false;
            }

            more = await walk.StepAsync(taker, cancellationToken);
        }
        while (more);
        return true;
    }

    private static Task<(long Left, string? First)> RemainderAsync(RetentionWork work, CancellationToken cancellationToken) => work.Session.RunAsync(
        work.Statements.Batches.Remainder,
        remainder => $"{remainder.Item1} row(s) left",
        async (connection, token) =>
        {
            await using var command = new NpgsqlCommand(SqlText.Marked(work.Statements.Batches.Remainder), connection);
            command.Parameters.Add(new() { Value = work.CutOff.Value });
            await using var reader = await command.ExecuteReaderAsync(token);
            await reader.ReadAsync(token);
            return (reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetString(1));
        },
        cancellationToken);

    private static async Task<long> BlocksAsync(RetentionWork work, CancellationToken cancellationToken) =>
        (await work.Session.QueryAsync("Retention/Sql/TableBlocks.sql", row => row.GetInt64(0), cancellationToken, work.Facts.Table.Oid))[0];

    // The session goes on with the next policy; if it is gone, there is nothing to restore.
    private static async Task RestoreAsync(RetentionWork work)
    {
        try
        {
            await work.Session.ExecuteAsync("Retention/Sql/BatchSessionEnd.sql", CancellationToken.None, Milliseconds(new SessionOptions(RetentionService.Task).LockTimeout));
        }
        catch (Exception exception) when (exception is MaintenanceException or InvalidOperationException)
        {
            work.Call.Sink.Verbose($"The session could not be set back: {exception.Message}");
        }
    }

    private static string Milliseconds(TimeSpan time) => ((long)Math.Ceiling(time.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture);
}
