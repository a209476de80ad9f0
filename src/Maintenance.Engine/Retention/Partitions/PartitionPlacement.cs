using Maintenance.Engine.Database;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Resilience;
using Npgsql;

namespace Maintenance.Engine.Retention;

/// <summary>What became of a partition that was detached.</summary>
/// <param name="IsPlaced">It is attached to the archive, or dropped; else it is a partition of its table again.</param>
/// <param name="Rows">Its rows, counted while nobody else could touch it.</param>
internal sealed record PlacedPartition(bool IsPlaced, long Rows);

/// <summary>
/// Puts a detached partition where it belongs, or back, in one transaction with the word in the journal that it is done. Once begun it
/// is not cancelled: until it is over nobody sees the rows.
/// </summary>
/// <param name="session">A session without a transaction.</param>
/// <param name="watchdog">Ends it when it keeps somebody waiting.</param>
/// <param name="time">The clock.</param>
/// <param name="call">What the call brings along.</param>
/// <param name="reached">Called between the steps.</param>
internal sealed class PartitionPlacement(DatabaseSession session, Watchdog watchdog, TimeProvider time, CallContext call, FaultPointReached reached)
{
    /// <summary>For each lock of it. Others queue behind whoever waits for a lock.</summary>
    private const string LockTimeoutMilliseconds = "2000";

    /// <summary>Attaches it to the archive or drops it; if a row in it has to stay, it goes back.</summary>
    /// <exception cref="MaintenanceException">Nothing was changed; it is still out.</exception>
    public Task<PlacedPartition> PlaceAsync(RetentionWork work, PartitionMove move)
    {
        var statements = new PartitionStatements(work.Facts, work.Statements);
        return InTransactionAsync(move, async (run, state) =>
        {
            var (rows, staying) = await run.CountAsync(statements.Count(move.PartitionName), work.CutOff.Value);
            if (staying > 0)
            {
                await run.ExecuteAsync(Return(move, state, work.Options.AllowAccessExclusive));
                return new PlacedPartition(false, rows);
            }

            var verified = work.Options.Verify && move.Destination is not null;
            var before = verified ? await run.ChecksumAsync(statements.Checksum(move.PartitionName)) : default;
            await run.ExecuteAsync(statements.Place(move.PartitionName, move.Bound));
            if (verified && await run.ChecksumAsync(statements.ArchivedChecksum(move)) != before)
            {
                throw new MaintenanceException(
                    MaintenanceErrorCode.ArchiveMismatch, $"The rows of {move.PartitionName} are not the same in the archive.", "Its indexes may be damaged: REINDEX them, and run it again.");
            }

            return new PlacedPartition(true, rows);
        });
    }

    /// <summary>Makes it a partition of its table again.</summary>
    /// <param name="move">The partition.</param>
    /// <param name="allowAccessExclusive">Whether the DEFAULT partition of its table may be locked and read.</param>
    /// <exception cref="MaintenanceException">Nothing was changed; it is still out.</exception>
    public Task PutBackAsync(PartitionMove move, bool allowAccessExclusive) => InTransactionAsync(move, async (run, state) =>
    {
        await run.ExecuteAsync(Return(move, state, allowAccessExclusive));
        return true;
    });

    private static string Return(PartitionMove move, PartitionState state, bool allowAccessExclusive) => !state.TableHasDefault || allowAccessExclusive
        ? PartitionStatements.Attach(state.TableName!, move.PartitionName, move.Bound)
        : throw new MaintenanceException(
            MaintenanceErrorCode.PartitionAdrift,
            $"{move.PartitionName} has to go back to {state.TableName}, whose DEFAULT partition would be locked and read for it.",
            "Run it again with -AllowAccessExclusive.");

    private async Task<T> InTransactionAsync<T>(PartitionMove move, Func<Statements, PartitionState, Task<T>> body) => await ResiliencePipelines.Lock(time, call.Sink).ExecuteAsync(
        async _ =>
        {
            await session.ExecuteAsync("Maintain/Sql/LockTimeout.sql", CancellationToken.None, LockTimeoutMilliseconds);
            var result = await watchdog.RunAsync(
                session,
                PartitionStatements.Lock(move.PartitionName),
                async (connection, token) =>
                {
                    await using var transaction = await connection.BeginTransactionAsync(token);
                    var run = new Statements(connection, transaction, token);
                    await run.ExecuteAsync(PartitionStatements.Lock(move.PartitionName));
                    var value = await body(run, await StateAsync(move));
                    await PartitionJournal.EndAsync(session, [move], token);
                    await reached(FaultPoint.PartitionPlaced);
                    await transaction.CommitAsync(token);
                    return value;
                },
                CancellationToken.None);
            await reached(FaultPoint.PartitionMoved);
            return result;
        },
        CancellationToken.None);

    // Under the lock: it is the table that was detached, and nobody has done anything with it.
    private async Task<PartitionState> StateAsync(PartitionMove move) =>
        await PartitionJournal.StateAsync(session, move, CancellationToken.None) is { IsOut: true, TableName: not null } state && state.Name == move.PartitionName
            ? state
            : throw new MaintenanceException(
                MaintenanceErrorCode.PartitionAdrift,
                $"{move.PartitionName}, which was taken out of {move.TableName}, was changed by somebody else, or that table was.",
                "Look where its rows are.");

    /// <summary>Statements of one transaction.</summary>
    private sealed class Statements(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        public async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(SqlText.Marked(sql), connection, transaction);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        public async Task<(long Rows, long Staying)> CountAsync(string sql, string cutOff)
        {
            await using var command = new NpgsqlCommand(SqlText.Marked(sql), connection, transaction);
            command.Parameters.Add(new() { Value = cutOff });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return (reader.GetInt64(0), reader.GetInt64(1));
        }

        public async Task<(long Rows, string? Sum)> ChecksumAsync(string sql)
        {
            await using var command = new NpgsqlCommand(SqlText.Marked(sql), connection, transaction);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return (reader.GetInt64(0), reader.GetString(1));
        }
    }
}
