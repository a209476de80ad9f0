using System.Text;
using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Performance.Statements;

/// <summary>Texts of statements, without literals.</summary>
/// <param name="Texts">The texts.</param>
/// <param name="Own">Statements of this module: they are not the workload.</param>
/// <param name="Reason">Why texts are missing; null if nothing went wrong.</param>
internal sealed record StatementTexts(IReadOnlyDictionary<StatementKey, string> Texts, IReadOnlySet<StatementKey> Own, string? Reason = null)
{
    public static StatementTexts None { get; } = new(new Dictionary<StatementKey, string>(), new HashSet<StatementKey>());
}

/// <summary>Reads pg_stat_statements, whatever its schema and version. It changes nothing: above all, it resets nothing.</summary>
internal sealed class StatementReader(DatabaseSession session)
{
    // 1.8 came with PostgreSQL 13.
    private const int OldestVersion = 8;

    private int _version;

    /// <summary>What the server tracks; known after a reading.</summary>
    public StatementTracking? Tracking { get; private set; }

    /// <summary>Reads all counters, and no texts.</summary>
    /// <param name="at">When, by our clock.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <exception cref="MaintenanceException">ExtensionMissing, PermissionDenied, …</exception>
    public async Task<StatementReading> ReadAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        _version = await FindAsync(cancellationToken);
        var (reading, tracking) = (await session.QueryAsync($"Performance/Statements/Sql/State.{Math.Min(_version, 9)}.sql", row => State(row, at), cancellationToken))[0];
        var (statements, hidden) = (new Dictionary<StatementKey, StatementCounter>(), new Dictionary<long, long>());
        await session.QueryAsync(
            $"Performance/Statements/Sql/Counters.{Math.Min(_version, 11)}.sql",
            row =>
            {
                if (row.IsDBNull(2))
                {
                    hidden[row.GetInt64(1)] = hidden.GetValueOrDefault(row.GetInt64(1)) + 1;
                }

                Add(statements, row);
                return true;
            },
            cancellationToken);
        Tracking = tracking with { Hidden = hidden.Values.Sum(), HiddenOf = hidden };
        return reading with { Statements = statements, Hidden = Tracking.Hidden };
    }

    /// <summary>Texts of some statements. The server reads all texts for it, however few are wanted.</summary>
    /// <exception cref="MaintenanceException">What the server reports.</exception>
    public async Task<StatementTexts> ReadTextsAsync(IReadOnlyCollection<StatementKey> keys, CancellationToken cancellationToken)
    {
        var wanted = keys.Where(key => key.QueryId != StatementReading.HiddenQueryId).ToList();
        if (wanted.Count == 0)
        {
            return StatementTexts.None;
        }

        _version = _version == 0 ? await FindAsync(cancellationToken) : _version;
        var (texts, own) = (new Dictionary<StatementKey, string>(), new HashSet<StatementKey>());
        try
        {
            await session.QueryAsync(
                $"Performance/Statements/Sql/Texts.{Math.Min(_version, 9)}.sql",
                row =>
                {
                    var key = Key(row);
                    // Only here the server's text is seen; what leaves has no literals. Bytes that are no characters become one that says so.
                    var text = Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(4));
                    return text.Contains(SqlText.Mark, StringComparison.Ordinal) ? own.Add(key) : texts.TryAdd(key, StatementKinds.Redact(text));
                },
                cancellationToken,
                wanted.Select(key => key.UserId).ToArray(),
                wanted.Select(key => key.DatabaseId).ToArray(),
                wanted.Select(key => key.QueryId).ToArray(),
                wanted.Select(key => key.TopLevel).ToArray(),
                QueryText.FetchLength);
            return new StatementTexts(texts, own);
        }
        catch (MaintenanceException exception) when (exception.Detail is PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter)
        {
            return StatementTexts.None with { Reason = "A statement of another database has characters that this database's encoding lacks, so the server gives out no texts at all." };
        }
    }

    /// <summary>Names of roles and databases by OID; those that are gone are missing.</summary>
    public async Task<(IReadOnlyDictionary<long, string> Roles, IReadOnlyDictionary<long, string> Databases)> ReadNamesAsync(
        IEnumerable<StatementKey> keys, CancellationToken cancellationToken)
    {
        var all = keys.ToList();
        var rows = await session.QueryAsync(
            "Performance/Statements/Sql/Names.sql",
            row => (IsRole: row.GetBoolean(0), Id: row.GetInt64(1), Name: row.GetString(2)),
            cancellationToken,
            all.Select(key => key.UserId).Distinct().ToArray(),
            all.Select(key => key.DatabaseId).Distinct().ToArray());
        return (rows.Where(row => row.IsRole).ToDictionary(row => row.Id, row => row.Name), rows.Where(row => !row.IsRole).ToDictionary(row => row.Id, row => row.Name));
    }

    /// <summary>Names of all databases that can be connected to.</summary>
    public async Task<IReadOnlyList<string>> ReadDatabasesAsync(CancellationToken cancellationToken) =>
        await session.QueryAsync("Performance/Statements/Sql/Databases.sql", row => row.GetString(0), cancellationToken);

    /// <summary>What runs this moment, and how much of it waits for locks; nothing before PostgreSQL 14, which does not tell what runs.</summary>
    public async Task<IReadOnlyDictionary<(long User, long Database, long Query), RunningStatements>> ReadRunningAsync(CancellationToken cancellationToken) =>
        session.MajorVersion < 14 ? new Dictionary<(long, long, long), RunningStatements>() : (await session.QueryAsync(
            "Performance/Statements/Sql/Running.sql",
            row => (Key: (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), Running: new RunningStatements(row.GetInt64(3), row.GetInt64(4))),
            cancellationToken)).ToDictionary(row => row.Key, row => row.Running);

    private async Task<int> FindAsync(CancellationToken cancellationToken)
    {
        var found = await StatementsExtension.RequireAsync(
            session, $"The extension pg_stat_statements is not installed in the database '{session.Database}', so nobody counts what statements take.", cancellationToken);

        // The extension stays what it was when a server is upgraded.
        return Version.TryParse(found, out var version) && (version.Major > 1 || version.Minor >= OldestVersion)
            ? version.Major > 1 ? int.MaxValue : version.Minor
            : throw new MaintenanceException(
                MaintenanceErrorCode.ExtensionMissing,
                $"The extension pg_stat_statements is of version {found}, older than the server.",
                "Run: ALTER EXTENSION pg_stat_statements UPDATE;");
    }

    private (StatementReading Reading, StatementTracking Tracking) State(NpgsqlDataReader row, DateTimeOffset at) => (
        new StatementReading
        {
            At = at,
            ResetAt = row.IsDBNull(0) ? null : row.GetFieldValue<DateTimeOffset>(0),
            Discarded = row.IsDBNull(1) ? null : row.GetInt64(1),
            Started = row.GetFieldValue<DateTimeOffset>(2),
            System = row.IsDBNull(9) ? null : row.GetInt64(9),
            Statements = new Dictionary<StatementKey, StatementCounter>(),
        },
        new StatementTracking
        {
            IoTiming = row.GetBoolean(3),
            Planning = row.GetBoolean(4),
            JitAndTemporaryFiles = _version >= 10,
            BlockSize = row.GetInt32(7),
            DatabaseId = row.GetInt64(8),
            Hidden = 0,
            Idle = row.GetString(5) == "none" ? "pg_stat_statements.track is none, so nothing is counted."
                : row.GetString(6) == "off" ? "compute_query_id is off, so nothing is counted."
                : null,
        });

    private static StatementKey Key(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetInt64(1), row.IsDBNull(2) ? StatementReading.HiddenQueryId : row.GetInt64(2), row.GetBoolean(3));

    private static void Add(Dictionary<StatementKey, StatementCounter> statements, NpgsqlDataReader row)
    {
        var counts = new StatementCounts
        {
            Calls = row.GetDouble(4), Time = row.GetDouble(5), Squares = row.GetDouble(6), PlanTime = row.GetDouble(7), Rows = row.GetDouble(8), BlocksHit = row.GetDouble(9),
            BlocksRead = row.GetDouble(10), BlocksWritten = row.GetDouble(11), TemporaryBlocks = row.GetDouble(12), IoTime = row.GetDouble(13), WalBytes = row.GetDouble(14),
            JitTime = row.GetDouble(15), TemporaryIoTime = row.GetDouble(16),
        };
        var key = Key(row);
        if (key.QueryId == StatementReading.HiddenQueryId)
        {
            // Many statements under one key: each has a time of its own since when it counts, so that none is kept.
            key = key with { TopLevel = true };
            statements[key] = new StatementCounter(statements.GetValueOrDefault(key).Counts + counts);
            return;
        }

        statements[key] = new StatementCounter(counts, row.IsDBNull(17) ? null : row.GetFieldValue<DateTimeOffset>(17).ToUnixTimeMilliseconds());
    }
}
