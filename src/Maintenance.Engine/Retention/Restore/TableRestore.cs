using Maintenance.Engine.Database;
using System.Globalization;
using Npgsql;

namespace Maintenance.Engine.Retention;

/// <summary>
/// Brings rows back out of an archive table, in ranges of their time, oldest first, each range one statement in one transaction: a row
/// is in exactly one of the two tables at any time.
/// </summary>
internal static class TableRestore
{
    private static readonly TimeSpan UnindexedTarget = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(RestoreWork work, TableRestoreJob job, CancellationToken cancellationToken)
    {
        var (start, end) = job.Limits;
        await SequenceAdvance.RunAsync(
            work.Session, job, $"{job.Archive.QuotedName} WHERE {InRange(job)}", column => column.Value(), [new() { Value = start }, new() { Value = end }], work.Tally.Notes, cancellationToken);
        // Without an index most of a batch's time is reading; and for rows that come back nobody waits.
        var size = job.IsIndexed ? new BatchSize(RetentionPolicy.DefaultBatchTarget) : new BatchSize(UnindexedTarget, first: 20_000);
        var from = await work.Session.ReadTextAsync(Times(job, ">="), cancellationToken, start, end, 0L);
        while (from is not null && !work.MustStop())
        {
            var (to, started, attempts, first) = ("", 0L, 0, from);
            var moved = await work.TryAsync(
                job.BatchSql,
                async (connection, token) =>
                {
                    if (attempts++ > 0)
                    {
                        size.Shrink();
                    }

                    to = await BoundAsync(work, job, first, end, size.Rows, token) ?? end;
                    started = work.Time.GetTimestamp();
                    return await BatchAsync(work, job, connection, first, to, token);
                },
                cancellationToken);
            if (moved is null)
            {
                return;
            }

            var took = work.Time.GetElapsedTime(started);
            work.Tally.Add(moved.Rows, took);
            work.Tally.Checksum += moved.Checksum;
            work.Tell(job.Source);
            size.Learn(size.Rows, took);
            from = to == end ? null : to;
        }

        if (work.Tally.PutOff is null && await CountAsync(work.Session, job, cancellationToken) is > 0 and var left)
        {
            if (work.Options.SkipExisting)
            {
                work.Tally.Skipped = left;
            }
            else
            {
                // They came while we were at it, or a trigger keeps them. It is not done.
                work.Tally.PutOff = new MaintenanceException(
                    MaintenanceErrorCode.ArchiveMismatch,
                    string.Create(CultureInfo.InvariantCulture, $"{left:N0} row(s) of the range are still in {job.Archive.QuotedName}."),
                    "Run it again; if they stay, look for a trigger that keeps them.");
            }
        }

        if (work.Options.Verify)
        {
            work.Tally.Prove($"left {job.Archive.QuotedName} and arrived in {job.Destination.QuotedName}, compared in each batch");
        }
    }

    /// <summary>How many rows of an archive table are in the range.</summary>
    public static Task<long> CountAsync(Database.DatabaseSession session, TableRestoreJob job, CancellationToken cancellationToken)
    {
        var sql = $"SELECT count(*) FROM {job.Archive.QuotedName} WHERE {InRange(job)}";
        return session.RunAsync(
            sql,
            rows => $"{rows} row(s)",
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(SqlText.Marked(sql), connection);
                command.Parameters.Add(new() { Value = job.Limits.From });
                command.Parameters.Add(new() { Value = job.Limits.To });
                return (long)(await command.ExecuteScalarAsync(token))!;
            },
            cancellationToken);
    }

    private static async Task<Moved?> BatchAsync(RestoreWork work, TableRestoreJob job, NpgsqlConnection connection, string from, string to, CancellationToken cancellationToken)
    {
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var command = new NpgsqlCommand(SqlText.Marked(job.BatchSql), connection, transaction);
            command.Parameters.Add(new() { Value = from });
            command.Parameters.Add(new() { Value = to });
            long gone, back;
            string? left, arrived;
            await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            {
                await reader.ReadAsync(cancellationToken);
                (gone, back) = (reader.GetInt64(0), reader.GetInt64(1));
                (left, arrived) = (Text(reader, 2), Text(reader, 3));
            }

            if (gone != back || left != arrived)
            {
                throw new MaintenanceException(
                    MaintenanceErrorCode.ArchiveMismatch,
                    gone != back
                        ? FormattableString.Invariant($"{gone} rows left {job.Archive.QuotedName} and {back} arrived in {job.Destination.QuotedName}, so the batch was taken back.")
                        : $"What arrived in {job.Destination.QuotedName} is not what left {job.Archive.QuotedName}, so the batch was taken back.",
                    $"Look for a trigger on {job.Destination.QuotedName} that changes rows or keeps them out.");
            }

            await work.Reached(FaultPoint.BatchTaken);
            await transaction.CommitAsync(cancellationToken);
            await work.Reached(FaultPoint.BatchCommitted);
            return new Moved(back, left is null ? 0 : decimal.Parse(left, CultureInfo.InvariantCulture));
        }
        catch (PostgresException exception) when (RestoreErrors.Of(exception, job.Destination) is { } refusal)
        {
            if (RestoreErrors.IsValue(exception))
            {
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                await ColumnProbe.RunAsync(
                    connection, job, $"{job.Archive.QuotedName} WHERE {InRange(job)}", column => column.Value(), () => [new() { Value = from }, new() { Value = to }], cancellationToken);
            }

            throw refusal;
        }
    }

    // Where so many rows are of one time that a batch would not get beyond it, it takes them all.
    private static async Task<string?> BoundAsync(RestoreWork work, TableRestoreJob job, string from, string end, int rows, CancellationToken cancellationToken)
    {
        var bound = await work.Session.ReadTextAsync(Times(job, ">="), cancellationToken, from, end, (long)rows);
        return bound == from ? await work.Session.ReadTextAsync(Times(job, ">"), cancellationToken, from, end, 0L) : bound;
    }

    // The order is that of the column: its bare name would mean the text.
    private static string Times(TableRestoreJob job, string after) =>
        $"SELECT {job.Time.QuotedName}::text FROM {job.Archive.QuotedName} WHERE {job.Time.QuotedName} > '-infinity' AND {job.Time.QuotedName} {after} $1::{job.Range.Type} AND {job.Time.QuotedName} < $2::{job.Range.Type} ORDER BY {job.Archive.QuotedName}.{job.Time.QuotedName} OFFSET $3::bigint LIMIT 1";

    private static string InRange(TableRestoreJob job) => RestoreStatements.InRange(job.Time.QuotedName, job.Range.Type);

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private sealed record Moved(long Rows, decimal Checksum);
}
