namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>Picks the estimator for a relation, gives it what it needs, and says in words what is missing. Pure.</summary>
internal sealed class SpaceEstimator(BloatFacts facts)
{
    private static readonly IReadOnlyList<ColumnFacts> NoColumns = [];

    private readonly Dictionary<long, SpaceEstimate> _estimates = [];

    public PageLayout Page { get; } = new(facts.Server.BlockSize);

    /// <summary>What the relation would take if it were newly written.</summary>
    public SpaceEstimate Estimate(RelationFacts relation)
    {
        if (!_estimates.TryGetValue(relation.Oid, out var estimate))
        {
            _estimates[relation.Oid] = estimate = Compute(relation);
        }

        return estimate;
    }

    private SpaceEstimate Compute(RelationFacts relation) => relation switch
    {
        { SizeBytes: null } => SpaceEstimate.Unknown("Somebody holds an exclusive lock on it, so that its size cannot be read without waiting.", "Try again when they are done."),
        { SizeBytes: 0 } => new SpaceEstimate { Needed = 0, Tuples = 0 },
        { Kind: DbRelationKind.Index } => Index(relation),
        { Kind: DbRelationKind.Toast } => Toast(relation),
        _ => Explain(relation, TableEstimator.Estimate(relation, ColumnsOf(relation.Oid), Page)),
    };

    private SpaceEstimate Toast(RelationFacts toast)
    {
        var owner = facts.Relations[toast.TableOid];
        var estimate = ToastEstimator.Estimate(toast, ColumnsOf(owner.Oid), Rows(owner), Page);
        return estimate.Needed is not null ? estimate : estimate with { Recommendation = $"VACUUM {owner.QualifiedName};" };
    }

    private SpaceEstimate Index(RelationFacts index)
    {
        if (index.AccessMethod != "btree" || index.Index is not { } shape)
        {
            return SpaceEstimate.Unknown(
                $"How much an index of type {index.AccessMethod} could give back cannot be told from statistics.",
                "Watch its size against the rows of its table. Mode Exact measures the free space of hash and gist indexes.");
        }

        var heap = facts.Relations[index.HeapOid];
        if (Entries(index, shape, heap) is not { } entries)
        {
            return Explain(index, SpaceEstimate.Unknown("The rows it has entries for were never counted."));
        }

        var columns = heap.Kind == DbRelationKind.Toast ? ToastEstimator.IndexColumns : Columns(index, shape);
        var estimate = IndexEstimator.Estimate(index, columns, entries, Page);
        return Explain(index, heap.Kind == DbRelationKind.Toast ? estimate : estimate with { RelativeError = estimate.RelativeError + TableEstimator.Staleness(heap.Counters, entries) });
    }

    private double? Entries(RelationFacts index, IndexFacts shape, RelationFacts heap)
    {
        var rows = Rows(heap);
        if (!shape.IsPartial)
        {
            return rows;
        }

        // What share of the rows a partial index has is known from when it was last counted.
        return rows is null || index.CatalogueTuples < 0 ? null
            : heap.CatalogueTuples > 0 ? rows * Math.Min(1, index.CatalogueTuples / heap.CatalogueTuples)
            : Math.Min(rows.Value, index.CatalogueTuples);
    }

    // The estimate of the table has found out which count to believe.
    private double? Rows(RelationFacts heap) =>
        Estimate(heap).Tuples ?? (heap.Kind == DbRelationKind.Toast ? RowCount.OfToast(heap, Page) : RowCount.Of(heap, Page.BlockSize));

    // Statistics of a column are those of the table; of an expression they are kept for the index.
    private List<ColumnFacts> Columns(RelationFacts index, IndexFacts shape)
    {
        var (own, ofTable) = (ColumnsOf(index.Oid), ColumnsOf(index.HeapOid));
        return [.. shape.Columns.Select((number, position) =>
            (number > 0 ? ofTable.ElementAtOrDefault(number - 1) : own.ElementAtOrDefault(position)) is { } column
                ? column with { Number = (short)(position + 1) }
                : new ColumnFacts((short)(position + 1), -1, 1))];
    }

    private IReadOnlyList<ColumnFacts> ColumnsOf(long oid) => facts.Columns.TryGetValue(oid, out var columns) ? columns : NoColumns;

    private SpaceEstimate Explain(RelationFacts relation, SpaceEstimate estimate)
    {
        if (estimate.Needed is not null)
        {
            return estimate;
        }

        var table = facts.Relations[relation.TableOid];
        var (reason, recommendation) = table switch
        {
            { IsReadable: false } => (
                $"The role may not read {table.QualifiedName}, so the server hides its statistics.",
                $"GRANT SELECT ON {table.QualifiedName} TO {facts.Server.QuotedUser}; or, for all tables: GRANT pg_read_all_data TO {facts.Server.QuotedUser};"),
            { IsRowSecured: true } => (
                $"Row-level security applies to the role on {table.QualifiedName}, so the server hides its statistics.",
                $"ALTER ROLE {facts.Server.QuotedUser} BYPASSRLS; or connect as the owner of the table."),
            { Counters.LastAnalyze: null } => ($"{table.QualifiedName} was never analyzed.", $"ANALYZE {table.QualifiedName};"),
            _ when relation.Index?.Columns.Contains((short)0) == true => (
                $"{estimate.Reason} Statistics of an expression are shown to the owner alone, and to members of pg_read_all_data.",
                $"ANALYZE {table.QualifiedName}; and if that does not help: GRANT pg_read_all_data TO {facts.Server.QuotedUser};"),
            _ => (estimate.Reason, $"ANALYZE {table.QualifiedName};"),
        };
        return estimate with { Reason = reason, Recommendation = recommendation };
    }
}
