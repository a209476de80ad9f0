using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Inspect;

/// <summary>
/// Reads the sessions of a server over one connection: sessions, contended locks and prepared transactions in one round trip, and one
/// more where names of relations are not known yet. Several looks can be taken with the same reader.
/// </summary>
internal sealed class SessionReader(DatabaseSession session, Func<IReadOnlySet<int>> own, TimeProvider time)
{
    private readonly Dictionary<long, string?> _names = [];

    /// <summary>Takes a look.</summary>
    public async Task<SessionSnapshot> ReadAsync(CancellationToken cancellationToken)
    {
        var snapshot = await session.RunAsync(SqlText.Read("Inspect/Sql/Sessions.sql"), read => $"{read.Sessions.Count} session(s)", ReadOnceAsync, cancellationToken);
        await ReadNamesAsync(snapshot.Locks, cancellationToken);
        return snapshot with
        {
            RelationNames = _names.Where(name => name.Value is not null).ToDictionary(name => name.Key, name => name.Value!),
        };
    }

    private async Task<SessionSnapshot> ReadOnceAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var tellsWaits = session.MajorVersion >= 14;
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(SqlText.ReadMarked(tellsWaits ? "Inspect/Sql/ContendedLocks.14.sql" : "Inspect/Sql/ContendedLocks.13.sql")));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(SqlText.ReadMarked("Inspect/Sql/Sessions.sql")) { Parameters = { new() { Value = QueryText.FetchLength } } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(SqlText.ReadMarked("Inspect/Sql/PreparedTransactions.sql")));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var locks = await RowsAsync(reader, Lock, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var serverTime = time.GetUtcNow();
        var sessions = await RowsAsync(
            reader,
            row =>
            {
                serverTime = row.GetFieldValue<DateTimeOffset>(21);
                return Session(row);
            },
            cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var prepared = await RowsAsync(reader, Prepared, cancellationToken);
        return new SessionSnapshot
        {
            Target = session.Target.Name,
            ServerTime = serverTime,
            CollectedAt = time.GetUtcNow(),
            TellsWaits = tellsWaits,
            Sessions = sessions,
            Locks = locks,
            Prepared = prepared,
            Own = own(),
        };
    }

    // Reading names can itself wait for a lock, where somebody holds one on the catalogue: just then the rest must be seen.
    private async Task ReadNamesAsync(IReadOnlyList<LockRow> locks, CancellationToken cancellationToken)
    {
        var unknown = locks.Where(row => row is { IsLocal: true, RelationOid: not null } && !_names.ContainsKey(row.RelationOid.Value))
            .Select(row => row.RelationOid!.Value).Distinct().ToArray();
        if (unknown.Length == 0)
        {
            return;
        }

        try
        {
            foreach (var oid in unknown)
            {
                _names[oid] = null;
            }

            foreach (var (oid, name) in await session.QueryAsync("Inspect/Sql/QuotedRelations.sql", row => (row.GetInt64(0), row.GetString(1)), cancellationToken, unknown))
            {
                _names[oid] = name;
            }
        }
        catch (MaintenanceException exception) when (exception.Code is MaintenanceErrorCode.LockTimeout or MaintenanceErrorCode.PermissionDenied)
        {
            // The identifiers are there.
        }
    }

    private static async Task<List<T>> RowsAsync<T>(NpgsqlDataReader reader, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(map(reader));
        }

        return rows;
    }

    private static LockRow Lock(NpgsqlDataReader row) => new()
    {
        ProcessId = Number(row, 0),
        Owner = row.GetString(1),
        LockedObject = row.GetString(2),
        LockType = row.GetString(3),
        RelationOid = Long(row, 4),
        IsLocal = !row.IsDBNull(5) && row.GetBoolean(5),
        Mode = row.GetString(6),
        Granted = row.GetBoolean(7),
        WaitStart = Time(row, 8),
        Blockers = row.GetFieldValue<int[]>(9),
        TransactionId = Text(row, 10),
    };

    private static SessionRow Session(NpgsqlDataReader row) => new()
    {
        ProcessId = row.GetInt32(0),
        LeaderProcessId = Number(row, 1),
        Database = Text(row, 2),
        Role = Text(row, 3),
        ApplicationName = Text(row, 4),
        HasRole = row.GetBoolean(5),
        IsSuperuser = row.GetBoolean(6),
        ClientAddress = Text(row, 7),
        BackendStart = Time(row, 8),
        BackendType = Text(row, 9),
        State = Text(row, 10),
        StateChange = Time(row, 11),
        TransactionStart = Time(row, 12),
        QueryStart = Time(row, 13),
        WaitEventType = Text(row, 14),
        WaitEvent = Text(row, 15),
        XminAge = Long(row, 16),
        XidAge = Long(row, 17),
        Query = Text(row, 18),
        UsesSlot = row.GetBoolean(19),
        SendsBaseBackup = row.GetBoolean(20),
    };

    private static PreparedRow Prepared(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), Text(row, 2), Text(row, 3), row.GetFieldValue<DateTimeOffset>(4), row.GetString(5), row.GetInt64(6));

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static int? Number(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt32(column);

    private static long? Long(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
}
