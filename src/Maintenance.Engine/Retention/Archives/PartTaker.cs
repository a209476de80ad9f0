using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Retention;

/// <summary>
/// Deletes the rows of a part and puts the part on record in one transaction, if the rows deleted are the very versions that were
/// exported. So a row is in its table until it is on record in which file it is.
/// </summary>
/// <param name="work">The policy being carried out.</param>
/// <param name="archive">The archive.</param>
/// <param name="statements">Its statements.</param>
/// <param name="exporter">Writes rows that are taken first.</param>
internal sealed class PartTaker(RetentionWork work, ArchiveRecord archive, ArchiveStatements statements, PartExporter exporter)
{
    /// <summary>Deletes what was exported.</summary>
    /// <returns>How long locks were held; null if somebody changed rows meanwhile, and nothing was deleted.</returns>
    public async Task<TimeSpan?> TakeAsync(ExportedPart exported, CancellationToken cancellationToken)
    {
        var part = exported.Part!;
        var attempt = new Attempt(work.Time.GetTimestamp());
        try
        {
            await WatchAsync(
                statements.Delete(exported.Range.ByPages),
                async (connection, token) =>
                {
                    await using var transaction = await connection.BeginTransactionAsync(token);
                    var gone = await DeleteAsync(connection, exported.Range, token);
                    if (gone == (exported.Summary.Rows, exported.Summary.Versions))
                    {
                        await CommitAsync(connection, transaction, part, attempt, token);
                    }
                },
                cancellationToken);
        }
        catch
        {
            await SettleAsync(attempt, part);
            throw;
        }

        if (attempt.IsCommitted)
        {
            Count(part, attempt);
            return attempt.Held;
        }

        await exporter.DiscardAsync(part.Name);
        return null;
    }

    /// <summary>
    /// Takes rows that others change again and again: they are moved out of the table first, and exported from there. They stay locked
    /// until the file is in the store, so it should be few.
    /// </summary>
    /// <param name="range">The range.</param>
    /// <param name="prover">The session in which the file is read back.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task TakeFirstAsync(ArchiveRange range, DatabaseSession prover, CancellationToken cancellationToken)
    {
        var attempt = new Attempt(work.Time.GetTimestamp());
        ArchivePart? part = null;
        try
        {
            await WatchAsync(
                statements.Take(range.ByPages),
                async (connection, token) =>
                {
                    await ExecuteAsync(connection, statements.MakeTable(ArchiveStatements.Taken), token);
                    await using var transaction = await connection.BeginTransactionAsync(token);
                    await ExecuteAsync(connection, $"TRUNCATE {ArchiveStatements.Taken}", token);
                    await ExecuteAsync(connection, statements.Take(range.ByPages), token, ArchiveRanges.Values(range));
                    var summary = await SummariseAsync(connection, token);
                    if (summary.Rows > 0)
                    {
                        part = await exporter.StoreAsync(connection, statements.CopyTaken, summary, token);
                        if (work.Options.Verify)
                        {
                            await exporter.ProveAsync(prover, part, token);
                        }

                        await ExecuteAsync(connection, $"TRUNCATE {ArchiveStatements.Taken}", token);
                        await CommitAsync(connection, transaction, part, attempt, token);
                    }
                },
                cancellationToken);
        }
        catch when (part is not null)
        {
            await SettleAsync(attempt, part);
            throw;
        }

        if (part is not null)
        {
            Count(part, attempt);
        }
    }

    private Task<bool> WatchAsync(string sql, Func<NpgsqlConnection, CancellationToken, Task> take, CancellationToken cancellationToken) => work.Watchdog.RunAsync(
        work.Session,
        sql,
        async (connection, token) =>
        {
            await take(connection, token);
            return true;
        },
        cancellationToken);

    private async Task CommitAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, ArchivePart part, Attempt attempt, CancellationToken cancellationToken)
    {
        await ArchiveJournal.RecordPartAsync(connection, archive, part, cancellationToken);
        await work.Reached(FaultPoint.PartTaken);
        attempt.IsUndecided = true;
        await transaction.CommitAsync(cancellationToken);
        attempt.IsUndecided = false;
        attempt.IsCommitted = true;
        attempt.Held = work.Time.GetElapsedTime(attempt.Started);
        await work.Reached(FaultPoint.PartCommitted);
    }

    // A transaction that was not told to commit is undone by the server, and the file goes. Of one whose answer got lost nobody here
    // knows: the database does. Where it cannot be asked the file stays, and the next run asks.
    private async Task SettleAsync(Attempt attempt, ArchivePart part)
    {
        if (attempt.IsUndecided)
        {
            if (await IsOnRecordAsync(part) is not { } known)
            {
                work.Tally.Notes.Add($"Whether the rows of {part.Name} left their table is not known yet; the next run finds out.");
                return;
            }

            attempt.IsCommitted = known;
            attempt.Held = work.Time.GetElapsedTime(attempt.Started);
        }

        if (attempt.IsCommitted)
        {
            Count(part, attempt);
        }
        else
        {
            await exporter.DiscardAsync(part.Name);
        }
    }

    private async Task<bool?> IsOnRecordAsync(ArchivePart part)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), work.Time);
        try
        {
            await using var session = await RetentionService.OpenAsync(work.Connector, work.Target, work.Call, null, limit.Token);
            // It waits for the transaction in question, which holds a lock on the archive until it is decided.
            return !await ArchiveJournal.HoldAsync(session, archive, limit.Token)
                ? null
                : (await ArchiveJournal.PartsAsync(session, archive.Id, limit.Token)).Exists(recorded => recorded.Number == part.Number);
        }
        catch (Exception exception) when (exception is MaintenanceException or OperationCanceledException)
        {
            return null;
        }
    }

    private void Count(ArchivePart part, Attempt attempt)
    {
        work.Tally.Add(part.Rows, part.Bytes, attempt.Held, part.StoredBytes);
        work.Progress.Tell(work.Tally.Rows);
    }

    private async Task<(long, string?)> DeleteAsync(NpgsqlConnection connection, ArchiveRange range, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, statements.Delete(range.ByPages), ArchiveRanges.Values(range));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.GetString(1));
    }

    private async Task<RangeSummary> SummariseAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SqlText.Marked(statements.SummaryOfTaken), connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await PartExporter.ReadSummaryAsync(reader, cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params string[] values)
    {
        await using var command = Command(connection, sql, values);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, string[] values)
    {
        var command = new NpgsqlCommand(SqlText.Marked(sql), connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }

    /// <summary>How far a deletion came.</summary>
    private sealed class Attempt(long started)
    {
        public long Started => started;

        public bool IsUndecided { get; set; }

        public bool IsCommitted { get; set; }

        public TimeSpan Held { get; set; }
    }
}
