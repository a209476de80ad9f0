using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Inspect;

/// <summary>Reads the facts behind <see cref="IndexAdvice"/>: a pass over the catalogues, and nothing of the tables themselves.</summary>
internal sealed class IndexProbe(DatabaseSession session)
{
    /// <summary>Reads everything. What counts the use of the indexes is this server alone.</summary>
    public async Task<IndexFacts> ReadAsync(CancellationToken cancellationToken)
    {
        await session.ExecuteAsync("Inspect/Sql/WithoutJit.sql", cancellationToken);
        var aliases = (await session.QueryAsync("Inspect/Sql/OperatorClassAliases.sql", row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken))
            .ToDictionary(pair => pair.Item1, pair => pair.Item2);
        var nullsNotDistinct = session.MajorVersion >= 15
            ? (await session.QueryAsync("Inspect/Sql/IndexesNullsNotDistinct.sql", row => row.GetInt64(0), cancellationToken)).ToHashSet()
            : [];
        var indexes = new List<IndexFact>();
        var scans = new Dictionary<long, long>();
        await session.QueryAsync(
            "Inspect/Sql/Indexes.sql",
            row =>
            {
                var index = ToIndex(row, aliases, nullsNotDistinct);
                indexes.Add(index);
                if (!index.IsPartitioned)
                {
                    scans[index.Oid] = row.GetInt64(28);
                }

                return true;
            },
            cancellationToken);
        var tables = await session.QueryAsync("Inspect/Sql/IndexedTables.sql", ToTable, cancellationToken);
        var builds = await session.QueryAsync("Inspect/Sql/IndexBuilds.sql", row => new IndexBuild(row.GetInt32(0), row.GetInt64(1), row.GetInt64(2)), cancellationToken);
        var keys = await session.QueryAsync("Inspect/Sql/ForeignKeys.sql", ToForeignKey, cancellationToken);
        var server = await ReadServerAsync(cancellationToken);
        return server with
        {
            Indexes = indexes,
            Tables = tables.DistinctBy(table => table.Oid).ToDictionary(table => table.Oid),
            Builds = builds,
            ForeignKeys = keys,
            Sources =
            [
                new ScanSource
                {
                    Target = session.Target.Name,
                    IsStandby = session.IsStandby,
                    StatisticsSince = server.StatisticsSince,
                    Scans = scans,
                    LastScans = await ReadLastScansAsync(cancellationToken),
                },
            ],
        };
    }

    /// <summary>Reads how often a replica used the indexes that the primary has.</summary>
    /// <param name="facts">What the primary says.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<ScanSource> ReadScansAsync(IndexFacts facts, CancellationToken cancellationToken)
    {
        var names = facts.Indexes.ToDictionary(index => index.Oid, index => index.Name);
        var scans = await session.QueryAsync("Inspect/Sql/IndexScans.sql", row => (Oid: row.GetInt64(0), Name: row.GetString(1), Scans: row.GetInt64(2)), cancellationToken);
        return new ScanSource
        {
            Target = session.Target.Name,
            IsStandby = session.IsStandby,
            StatisticsSince = (await ReadServerAsync(cancellationToken)).StatisticsSince,
            // An OID alone would do for a standby; a name that differs is one that was renamed just now.
            Scans = scans.Where(row => names.GetValueOrDefault(row.Oid) == row.Name).ToDictionary(row => row.Oid, row => row.Scans),
            LastScans = await ReadLastScansAsync(cancellationToken),
        };
    }

    /// <summary>The number that a server shares with its standbys and nobody else; null where the role may not ask.</summary>
    public async Task<long?> ReadIdentityAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await session.QueryAsync("Inspect/Sql/SystemIdentifier.sql", row => row.GetInt64(0), cancellationToken))[0];
        }
        catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.PermissionDenied)
        {
            return null;
        }
    }

    private async Task<IndexFacts> ReadServerAsync(CancellationToken cancellationToken) =>
        (await session.QueryAsync(
            "Inspect/Sql/IndexServer.sql",
            row => new IndexFacts
            {
                Database = session.Database,
                StatisticsSince = Time(row, 0),
                ServerTime = row.GetFieldValue<DateTimeOffset>(1),
                IsStandby = row.GetBoolean(2),
                SeesAll = row.GetBoolean(3),
                Standbys = row.GetInt32(4),
                IdleSlots = row.GetInt32(5),
            },
            cancellationToken))[0];

    private async Task<IReadOnlyDictionary<long, DateTimeOffset>?> ReadLastScansAsync(CancellationToken cancellationToken) =>
        session.MajorVersion < 16
            ? null
            : (await session.QueryAsync("Inspect/Sql/IndexLastScans.sql", row => (row.GetInt64(0), row.GetFieldValue<DateTimeOffset>(1)), cancellationToken))
                .ToDictionary(pair => pair.Item1, pair => pair.Item2);

    private static IndexFact ToIndex(NpgsqlDataReader row, Dictionary<long, long> aliases, HashSet<long> nullsNotDistinct)
    {
        var oid = row.GetInt64(0);
        return new IndexFact
        {
            Oid = oid,
            Name = row.GetString(1),
            TableOid = row.GetInt64(2),
            IsPartitioned = row.GetBoolean(3),
            Method = row.GetString(4),
            Columns = row.GetFieldValue<short[]>(5),
            OperatorClasses = [.. row.GetFieldValue<long[]>(6).Select(operators => aliases.GetValueOrDefault(operators, operators))],
            Collations = row.GetFieldValue<long[]>(7),
            Options = row.GetFieldValue<short[]>(8),
            KeyCount = row.GetInt32(9),
            Expressions = row.IsDBNull(10) ? null : row.GetFieldValue<string[]>(10),
            IsPartial = row.GetBoolean(11),
            Predicate = row.IsDBNull(12) ? null : row.GetString(12),
            Extras = row.GetString(13),
            IsUnique = row.GetBoolean(14),
            IsPrimary = row.GetBoolean(15),
            IsExclusion = row.GetBoolean(16),
            IsImmediate = row.GetBoolean(17),
            NullsNotDistinct = nullsNotDistinct.Contains(oid),
            IsClustered = row.GetBoolean(18),
            IsReplicaIdentity = row.GetBoolean(19),
            IsValid = row.GetBoolean(20),
            IsReady = row.GetBoolean(21),
            IsLive = row.GetBoolean(22),
            Constraint = row.IsDBNull(23) ? null : row.GetString(23),
            References = row.GetInt32(24),
            ParentOid = row.IsDBNull(25) ? null : row.GetInt64(25),
            IsExtensions = row.GetBoolean(26),
            IsWorkedOn = row.GetBoolean(29),
            SizeBytes = row.IsDBNull(27) ? null : row.GetInt64(27),
            CreatedBy = Time(row, 30),
        };
    }

    private static TableFact ToTable(NpgsqlDataReader row) => new()
    {
        Oid = row.GetInt64(0),
        Schema = row.GetString(1),
        Name = row.GetString(2),
        IsPartitioned = row.GetString(3) == "p",
        IsForeign = row.GetString(3) == "f",
        ParentOid = row.IsDBNull(4) ? null : row.GetInt64(4),
        SizeBytes = row.IsDBNull(5) ? null : row.GetInt64(5),
        Rows = row.GetDouble(6),
        Inserted = row.GetInt64(7),
        Updated = row.GetInt64(8),
        HotUpdated = row.GetInt64(9),
        Deleted = row.GetInt64(10),
    };

    private static ForeignKeyFact ToForeignKey(NpgsqlDataReader row) => new()
    {
        Oid = row.GetInt64(0),
        ParentOid = row.GetInt64(1),
        Name = row.GetString(2),
        TableOid = row.GetInt64(3),
        ReferencedOid = row.GetInt64(4),
        Columns = row.GetFieldValue<short[]>(5),
        ColumnNames = row.GetFieldValue<string[]>(6),
        Collations = row.GetFieldValue<long[]>(7),
    };

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
}
