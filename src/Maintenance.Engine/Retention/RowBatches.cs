using Npgsql;

namespace Maintenance.Engine.Retention;

/// <summary>
/// Takes rows in ranges of their time, oldest first, each range one statement in one transaction. The statement that deletes a row is
/// the one that writes it to the archive, so a row that somebody changes meanwhile goes in its newest version or stays.
/// </summary>
internal sealed class RowBatches : IRowMover
{
    public async Task RunAsync(RetentionWork work, CancellationToken cancellationToken)
    {
        var size = new BatchSize(work.BatchTarget);
        var end = work.CutOff.Value;
        var from = await TextAsync(work, work.Statements.First, cancellationToken, "-infinity", end);
        while (from is not null && !work.MustStop())
        {
            var to = await TextAsync(work, work.Statements.Bound, cancellationToken, from, end, (long)size.Rows) ?? end;
            var started = work.Time.GetTimestamp();
            var (rows, bytes) = await TakeAsync(work, from, to, cancellationToken);
            var took = work.Time.GetElapsedTime(started);
            work.Tally.Add(rows, bytes, took);
            work.Progress.Tell(work.Tally.Rows);
            size.Learn(rows, took);
            from = to == end ? null : to;
        }
    }

    private static Task<(long Rows, long Bytes)> TakeAsync(RetentionWork work, string from, string to, CancellationToken cancellationToken) => work.Watchdog.RunAsync(
        work.Session,
        work.Statements.Batch,
        async (connection, token) =>
        {
            await using var transaction = await connection.BeginTransactionAsync(token);
            await using var command = new NpgsqlCommand(work.Statements.Batch, connection, transaction);
            command.Parameters.Add(new() { Value = from });
            command.Parameters.Add(new() { Value = to });
            long rows, bytes, arrived;
            await using (var reader = await command.ExecuteReaderAsync(token))
            {
                await reader.ReadAsync(token);
                (rows, bytes, arrived) = (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
            }

            if (arrived != rows)
            {
                throw new MaintenanceException(
                    MaintenanceErrorCode.ArchiveMismatch,
                    FormattableString.Invariant($"{rows} rows left {work.Facts.Table.QuotedName} and {arrived} arrived, so the batch was taken back."),
                    "Look for a trigger on the archive that keeps rows out.");
            }

            await work.Reached(FaultPoint.BatchTaken);
            await transaction.CommitAsync(token);
            await work.Reached(FaultPoint.BatchCommitted);
            return (rows, bytes);
        },
        cancellationToken);

    private static async Task<string?> TextAsync(RetentionWork work, string sql, CancellationToken cancellationToken, params object[] parameters) =>
        await work.Session.RunAsync(
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(sql, connection);
                foreach (var parameter in parameters)
                {
                    command.Parameters.Add(new() { Value = parameter });
                }

                return await command.ExecuteScalarAsync(token) as string;
            },
            cancellationToken);
}
