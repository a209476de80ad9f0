using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>Everything that was read.</summary>
/// <param name="Server">Of the server.</param>
/// <param name="Relations">Of the relations, by their identifier.</param>
/// <param name="Columns">Of the columns, by relation, in their order.</param>
/// <param name="Holders">Who keeps dead rows.</param>
internal sealed record BloatFacts(
    ServerFacts Server,
    IReadOnlyDictionary<long, RelationFacts> Relations,
    IReadOnlyDictionary<long, List<ColumnFacts>> Columns,
    XminHolders Holders);

/// <summary>Reads the facts behind <see cref="DbBloat"/>: a handful of statements, none of them for a single relation.</summary>
internal sealed class BloatReader(DatabaseSession session)
{
    private HashSet<long> _sharable = [];
    private HashSet<long> _ambiguous = [];

    public async Task<BloatFacts> ReadAsync(BloatQuery query, CancellationToken cancellationToken)
    {
        var server = (await session.QueryAsync("Inspect/Sql/BloatServer.sql", Server, cancellationToken))[0];
        var rules = (await session.QueryAsync("Inspect/Sql/BloatDeduplication.sql", row => (row.GetString(0), row.GetInt64(1)), cancellationToken)).ToLookup(rule => rule.Item1, rule => rule.Item2);
        (_sharable, _ambiguous) = ([.. rules["class"]], [.. rules["collation"]]);
        var relations = await RelationsAsync(query, cancellationToken);

        // Without a choice of tables everything is wanted, and the server need not look for identifiers.
        var wanted = query.Tables.Count + query.Schemas.Count > 0 ? relations.Select(relation => relation.Oid).ToArray() : null;
        var counters = (await session.QueryAsync("Inspect/Sql/BloatCounters.sql", row => (row.GetInt64(0), Counters(row)), cancellationToken, [wanted])).ToDictionary();
        var frozen = session.MajorVersion >= 18
            ? (await session.QueryAsync("Inspect/Sql/BloatFrozen.18.sql", row => (row.GetInt64(0), row.GetInt32(1)), cancellationToken)).ToDictionary()
            : [];
        return new BloatFacts(
            server,
            relations.ToDictionary(relation => relation.Oid, relation => relation with
            {
                Counters = relation.IsHeap ? counters.GetValueOrDefault(relation.Oid) : null,
                AllFrozenPages = frozen.GetValueOrDefault(relation.Oid),
            }),
            await ColumnsAsync(query, server, wanted, cancellationToken),
            await XminHolders.ReadAsync(session, cancellationToken));
    }

    private async Task<List<RelationFacts>> RelationsAsync(BloatQuery query, CancellationToken cancellationToken)
    {
        Task<List<RelationFacts>> Read() => session.QueryAsync(
            "Inspect/Sql/BloatRelations.sql", Relation, cancellationToken, Patterns(query.Tables), Patterns(query.Schemas), query.IncludeSystem);
        try
        {
            return await Read();
        }
        catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.LockTimeout)
        {
            // Somebody took an exclusive lock between the look at the locks and that at the size. The second look sees it.
            return await Read();
        }
    }

    private async Task<Dictionary<long, List<ColumnFacts>>> ColumnsAsync(BloatQuery query, ServerFacts server, long[]? wanted, CancellationToken cancellationToken)
    {
        var columns = new Dictionary<long, List<ColumnFacts>>();
        foreach (var (oid, column) in await session.QueryAsync(
            server.ReadsStatistics ? "Inspect/Sql/BloatColumns.Superuser.sql" : "Inspect/Sql/BloatColumns.sql",
            row => (row.GetInt64(0), Column(row)), cancellationToken, wanted, query.IncludeSystem))
        {
            if (!columns.TryGetValue(oid, out var list))
            {
                columns[oid] = list = [];
            }

            list.Add(column);
        }

        foreach (var (oid, number, common) in await session.QueryAsync(
            server.ReadsStatistics ? "Inspect/Sql/BloatCommonKeys.Superuser.sql" : "Inspect/Sql/BloatCommonKeys.sql",
            row => (row.GetInt64(0), row.GetInt16(1), Common(row)), cancellationToken, wanted, query.IncludeSystem))
        {
            if (columns.TryGetValue(oid, out var list) && list.FindIndex(column => column.Number == number) is >= 0 and var place)
            {
                list[place] = list[place] with { Common = common };
            }
        }

        foreach (var list in columns.Values)
        {
            list.Sort((one, other) => one.Number.CompareTo(other.Number));
        }

        return columns;
    }

    private static ServerFacts Server(NpgsqlDataReader row) => new(
        row.GetInt32(0),
        new AutovacuumThresholds
        {
            Enabled = row.GetBoolean(1),
            VacuumThreshold = row.GetDouble(2),
            VacuumScaleFactor = row.GetDouble(3),
            VacuumMaximum = row.GetDouble(4),
            InsertThreshold = row.GetDouble(5),
            InsertScaleFactor = row.GetDouble(6),
            AnalyzeThreshold = row.GetDouble(7),
            AnalyzeScaleFactor = row.GetDouble(8),
        },
        row.GetBoolean(9),
        row.GetString(10));

    private RelationFacts Relation(NpgsqlDataReader row) => new()
    {
        Oid = row.GetInt64(0),
        TableOid = row.GetInt64(1),
        HeapOid = row.GetInt64(2),
        Schema = row.GetString(3),
        Name = row.GetString(4),
        QualifiedName = row.GetString(5),
        Kind = Kind(row.GetString(6)),
        AccessMethod = row.IsDBNull(7) ? null : row.GetString(7),
        SizeBytes = row.IsDBNull(8) ? null : row.GetInt64(8),
        CataloguePages = row.GetInt32(9),
        CatalogueTuples = row.GetDouble(10),
        AllVisiblePages = row.GetInt32(11),
        Options = row.IsDBNull(12) ? NoOptions : Options(row.GetFieldValue<string[]>(12)),
        ParentOid = row.IsDBNull(13) ? null : row.GetInt64(13),
        IsReadable = row.GetBoolean(14),
        IsRowSecured = row.GetBoolean(15),
        Index = row.IsDBNull(16) ? null : Index(row),
    };

    private IndexFacts Index(NpgsqlDataReader row) => new()
    {
        IsUnique = row.GetBoolean(16),
        IsValid = row.GetBoolean(17),
        IsPartial = row.GetBoolean(18),
        KeyColumns = row.GetInt16(19),
        Columns = row.GetFieldValue<short[]>(20),
        HasSharedKeys = row.GetFieldValue<long[]>(21).All(_sharable.Contains) && !row.GetFieldValue<long[]>(22).Any(_ambiguous.Contains),
    };

    private static CounterFacts Counters(NpgsqlDataReader row) => new()
    {
        Live = row.GetInt64(1),
        Dead = row.GetInt64(2),
        ModifiedSinceAnalyze = row.GetInt64(3),
        InsertedSinceVacuum = row.GetInt64(4),
        Inserted = row.GetInt64(5),
        Updated = row.GetInt64(6),
        HotUpdated = row.GetInt64(7),
        Deleted = row.GetInt64(8),
        LastVacuum = Time(row, 9),
        LastAutovacuum = Time(row, 10),
        LastAnalyze = Time(row, 11),
    };

    private static ColumnFacts Column(NpgsqlDataReader row) => new(row.GetInt16(1), row.GetInt16(3), Alignment(row.GetString(4)))
    {
        IsDropped = row.GetBoolean(2),
        IsPackable = row.GetBoolean(5),
        IsPadded = row.GetBoolean(6),
        Width = row.IsDBNull(7) ? null : row.GetInt32(7),
        NullShare = row.IsDBNull(8) ? null : row.GetFloat(8),
        Distinct = row.IsDBNull(9) ? null : row.GetFloat(9),
    };

    private static CommonKeys Common(NpgsqlDataReader row) => new(row.GetDouble(2), row.GetInt32(3), row.IsDBNull(4) ? null : row.GetDouble(4), row.GetInt32(5));

    private static readonly Dictionary<string, string> NoOptions = [];

    private static Dictionary<string, string> Options(string[] options) =>
        options.Select(option => option.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair.Length > 1 ? pair[1] : "true");

    private static DbRelationKind Kind(string kind) => kind switch
    {
        "r" => DbRelationKind.Table,
        "m" => DbRelationKind.MaterializedView,
        "t" => DbRelationKind.Toast,
        "p" => DbRelationKind.PartitionedTable,
        "I" => DbRelationKind.PartitionedIndex,
        _ => DbRelationKind.Index,
    };

    private static int Alignment(string code) => code switch { "d" => 8, "i" => 4, "s" => 2, _ => 1 };

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);

    private static string[]? Patterns(IReadOnlyList<string> names) => names.Count == 0 ? null : [.. names.Select(LikePattern.Of)];
}
