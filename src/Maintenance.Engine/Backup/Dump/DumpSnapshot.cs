using System.Data;
using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Backup.Dump;

/// <summary>
/// A read-only transaction that holds one state of the database, for pg_dump to dump and for us to count. Disposing ends it.
/// </summary>
internal sealed class DumpSnapshot : IAsyncDisposable
{
    private readonly DatabaseSession _session;
    private readonly NpgsqlTransaction _transaction;

    private DumpSnapshot(DatabaseSession session, NpgsqlTransaction transaction, string id, DateTimeOffset takenAt)
    {
        (_session, _transaction) = (session, transaction);
        (Id, TakenAt) = (id, takenAt);
    }

    /// <summary>What pg_dump takes it by.</summary>
    public string Id { get; }

    /// <summary>The moment whose state it is (UTC), or a little before.</summary>
    public DateTimeOffset TakenAt { get; }

    /// <summary>Takes a snapshot.</summary>
    /// <param name="session">A session that may be idle in a transaction; stays the caller's.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static async Task<DumpSnapshot> TakeAsync(DatabaseSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        var transaction = await session.RunAsync((connection, token) => connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, token).AsTask(), cancellationToken);
        try
        {
            await session.ExecuteAsync("Backup/Dump/Sql/ReadOnly.sql", cancellationToken);
            await session.ExecuteAsync("Backup/Dump/Sql/Gentle.sql", cancellationToken);
            var now = time.GetUtcNow();
            var (id, replayed) = (await session.QueryAsync(
                "Backup/Dump/Sql/Snapshot.sql",
                row => (row.GetString(0), row.IsDBNull(1) ? (DateTimeOffset?)null : new DateTimeOffset(row.GetDateTime(1), TimeSpan.Zero)),
                cancellationToken))[0];
            return new DumpSnapshot(session, transaction, id, replayed < now ? replayed.Value : now);
        }
        catch
        {
            await transaction.DisposeAsync();
            throw;
        }
    }

    /// <summary>Counts the rows of every table whose rows are dumped.</summary>
    /// <param name="onTable">Told of each number of tables that were counted, and of how many there are.</param>
    /// <param name="cancellationToken">Cancels the count on the server.</param>
    public async Task<IReadOnlyList<BackupTableEntry>> CountAsync(Action<int, int> onTable, CancellationToken cancellationToken)
    {
        var tables = await _session.QueryAsync(
            "Backup/Dump/Sql/Tables.sql", row => (Schema: row.GetString(0), Name: row.GetString(1), Count: row.GetString(2), MayRead: row.GetBoolean(3)), cancellationToken);
        var counted = new List<BackupTableEntry>(tables.Count);
        foreach (var table in tables)
        {
            counted.Add(new BackupTableEntry(table.Schema, table.Name, table.MayRead ? await CountAsync(table.Count, cancellationToken) : null));
            onTable(counted.Count, tables.Count);
        }

        return counted;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _transaction.DisposeAsync();
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException or IOException)
        {
            // The connection is gone, and the transaction with it.
        }
    }

    // The server wrote the statement, with its own quoting.
    private Task<long> CountAsync(string statement, CancellationToken cancellationToken) => _session.RunAsync(
        statement,
        rows => $"{rows} row(s)",
        async (connection, token) =>
        {
            await using var command = new NpgsqlCommand(SqlText.Marked(statement), connection);
            return (long)(await command.ExecuteScalarAsync(token))!;
        },
        cancellationToken);
}
