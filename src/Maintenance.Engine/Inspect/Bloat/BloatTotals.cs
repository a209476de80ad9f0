namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>Sums up what belongs together: partitions in their parents, indexes and TOAST beside their tables. Pure.</summary>
internal static class BloatTotals
{
    /// <summary>Rows for partitioned tables and indexes: sums over the leaves below them, unknown if one of them is.</summary>
    /// <param name="facts">Everything that was read.</param>
    /// <param name="leaves">The rows of everything that has a file.</param>
    /// <param name="rows">Makes rows.</param>
    public static IEnumerable<DbBloat> Partitioned(BloatFacts facts, IReadOnlyDictionary<long, DbBloat> leaves, BloatRows rows)
    {
        var below = new Dictionary<long, List<DbBloat>>();
        foreach (var leaf in leaves.Values)
        {
            for (var parent = facts.Relations[leaf.Oid].ParentOid; parent is { } oid; parent = facts.Relations.GetValueOrDefault(oid)?.ParentOid)
            {
                if (!below.TryGetValue(oid, out var list))
                {
                    below[oid] = list = [];
                }

                list.Add(leaf);
            }
        }

        return facts.Relations.Values
            .Where(relation => relation.Kind is DbRelationKind.PartitionedTable or DbRelationKind.PartitionedIndex)
            .Select(relation => Sum(rows.Empty(relation), below.GetValueOrDefault(relation.Oid, []), rows));
    }

    /// <summary>Tables with what their indexes and TOAST tables could give back.</summary>
    public static IEnumerable<DbBloat> WithParts(IEnumerable<DbBloat> rows)
    {
        var all = rows.ToList();
        var parts = all.Where(row => row.Oid != row.TableOid).ToLookup(row => row.TableOid);
        return all.Select(row => row.Kind is not (DbRelationKind.Table or DbRelationKind.MaterializedView or DbRelationKind.PartitionedTable) ? row : row with
        {
            IndexBytes = Sum(parts[row.Oid].Where(part => part.Kind is DbRelationKind.Index or DbRelationKind.PartitionedIndex), part => part.Reclaimable),
            ToastBytes = parts[row.Oid].FirstOrDefault(part => part.Kind == DbRelationKind.Toast)?.Reclaimable,
        });
    }

    private static DbBloat Sum(DbBloat parent, List<DbBloat> leaves, BloatRows rows)
    {
        var unknown = leaves.FirstOrDefault(leaf => leaf.Reclaimable is null);
        var sum = parent with
        {
            DeadTuples = Sum(leaves, leaf => leaf.DeadTuples),
            LiveTuples = Sum(leaves, leaf => leaf.LiveTuples),
            DeadTupleBytes = Sum(leaves, leaf => leaf.DeadTupleBytes),
            FreeSpaceBytes = Sum(leaves, leaf => leaf.FreeSpaceBytes),
            TailTruncatableBytes = leaves.Count == 0 ? null : Sum(leaves, leaf => leaf.TailTruncatableBytes),
            FillfactorReservedBytes = Sum(leaves, leaf => leaf.FillfactorReservedBytes),
            Method = leaves.Count == 0 ? parent.Method : leaves.Min(leaf => leaf.Method),
            Reason = unknown is null ? null : $"{leaves.Count(leaf => leaf.Reclaimable is null)} of {leaves.Count} partitions are unknown, {unknown.QualifiedName} for one: {unknown.Reason}",
            Recommendation = unknown?.Recommendation,
            HeldBackBy = leaves.Select(leaf => leaf.HeldBackBy).FirstOrDefault(holder => holder is not null),
        };
        return rows.WithFigures(sum, Sum(leaves, leaf => leaf.SizeBytes), Sum(leaves, leaf => leaf.Reclaimable), Sum(leaves, leaf => leaf.ErrorBytes));
    }

    // A sum with an unknown part is unknown.
    private static long? Sum(IEnumerable<DbBloat> rows, Func<DbBloat, long?> value) =>
        rows.Aggregate((long?)0, (sum, row) => sum + value(row));
}
