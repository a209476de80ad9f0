using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>Makes the rows of the report: what a relation takes, less what it needs, by cause. Pure.</summary>
internal sealed class BloatRows(MaintenanceTarget target, string database, BloatFacts facts, DateTimeOffset now)
{
    private readonly SpaceEstimator _estimator = new(facts);
    private readonly Threshold _threshold = ThresholdCatalogue.For(target, "relation_bloat_percent")!;

    /// <summary>The estimate.</summary>
    public DbBloat Estimated(RelationFacts relation)
    {
        var estimate = _estimator.Estimate(relation);
        return Row(relation, relation.SizeBytes, estimate, BloatMethod.Estimate, (relation.Counters?.Dead, estimate.Slot));
    }

    /// <summary>A partitioned table or index: no file of its own.</summary>
    public DbBloat Empty(RelationFacts relation) =>
        Row(relation, 0, new SpaceEstimate { Needed = 0, Tuples = 0 }, BloatMethod.Estimate, (null, 0));

    /// <summary>A table that was measured.</summary>
    public DbBloat Measured(RelationFacts table, TableMeasurement measured, BloatMethod method)
    {
        var space = MeasuredSpace.Of(measured, table, _estimator.Estimate(table), _estimator.Page);
        var dead = measured.DeadRows > 0 ? (measured.DeadBytes / measured.DeadRows) + PageLayout.ItemPointer : 0;
        var row = Row(table, measured.Size, space, method, ((long)measured.DeadRows, dead));
        return measured.LastUsedPage is not { } last ? row : row with
        {
            TailTruncatableBytes = Math.Min(row.Reclaimable ?? 0, Math.Max(0, measured.Size - (last * _estimator.Page.BlockSize))),
        };
    }

    /// <summary>A b-tree that was measured.</summary>
    /// <param name="index">The index.</param>
    /// <param name="measured">What was found in it.</param>
    /// <param name="heap">What was found in its table, if that was measured too.</param>
    public DbBloat Measured(RelationFacts index, IndexMeasurement measured, TableMeasurement? heap)
    {
        var counters = facts.Relations[index.HeapOid].Counters ?? new CounterFacts();
        var dead = (heap?.DeadRows ?? counters.Dead) * counters.IndexedShare;
        var rows = dead + (heap?.Rows ?? counters.Live);
        var space = MeasuredSpace.Of(measured, index, _estimator.Estimate(index), rows > 0 ? dead / rows : 0, _estimator.Page);
        return Row(index, measured.Size, space, BloatMethod.Exact, (null, 0));
    }

    /// <summary>An index of another type, of which only the free space can be measured.</summary>
    public static DbBloat WithFreeSpace(DbBloat row, TableMeasurement measured) => row with
    {
        SizeBytes = measured.Size,
        FreeSpaceBytes = (long)measured.FreeBytes,
        Reason = $"Its free space was measured; how much of it a rebuild would give back is not known for type {row.AccessMethod}.",
    };

    private DbBloat Row(RelationFacts relation, long? size, SpaceEstimate space, BloatMethod method, (long? Rows, double Slot) dead)
    {
        var table = facts.Relations[relation.TableOid];
        long? reclaimable = size is { } bytes && space.Needed is { } needed ? Math.Max(0, bytes - needed) : null;
        long? deadBytes = reclaimable is null || dead.Rows is null ? null
            : Math.Min(reclaimable.Value, dead is { Rows: > 0, Slot: 0 } ? reclaimable.Value : (long)(dead.Rows.Value * dead.Slot));
        // The last page of a file may be nearly empty; of a single page nothing can be given back.
        long? error = reclaimable is null ? null : size <= _estimator.Page.BlockSize ? 0 : Math.Min(size!.Value, (long)(space.Needed!.Value * space.RelativeError) + (method == BloatMethod.Estimate ? _estimator.Page.BlockSize : 0));
        var row = new DbBloat
        {
            Target = target.Name,
            Database = database,
            Schema = relation.Schema,
            Name = relation.Name,
            Oid = relation.Oid,
            Kind = relation.Kind,
            QualifiedName = relation.QualifiedName,
            Table = table.QualifiedName,
            TableOid = table.Oid,
            AccessMethod = relation.AccessMethod,
            DeadTuples = dead.Rows,
            LiveTuples = space.Tuples is { } tuples ? (long)Math.Round(tuples) : relation.Counters is { IsAnchored: true } counters ? counters.Live : null,
            DeadTupleBytes = deadBytes,
            FreeSpaceBytes = reclaimable - (deadBytes ?? 0),
            FillfactorReservedBytes = reclaimable is null ? null : space.Reserved,
            Method = method,
            Confidence = BloatConfidence.None,
            Reason = space.Reason ?? (relation.Index?.IsValid == false ? "The index is not valid: it is maintained, but not used." : null),
            Recommendation = space.Recommendation ?? (relation.Index?.IsValid == false ? $"REINDEX INDEX CONCURRENTLY {relation.QualifiedName}; or drop it." : null),
            LastVacuum = relation.Counters?.LastVacuum,
            LastAutovacuum = relation.Counters?.LastAutovacuum,
            LastAnalyze = relation.Counters?.LastAnalyze,
            Autovacuum = relation.IsHeap ? AutovacuumOutlooks.Of(relation, facts.Server.Autovacuum, table) : null,
            HeldBackBy = dead.Rows > 0 ? facts.Holders.Oldest : null,
            Status = HealthStatus.Unknown,
            CollectedAt = now,
        };
        return WithFigures(row, size, reclaimable, error);
    }

    /// <summary>Size, share, error, confidence and verdict: they follow from one another.</summary>
    public DbBloat WithFigures(DbBloat row, long? size, long? reclaimable, long? error)
    {
        double? Share(long? bytes) => bytes is null || size is null ? null : size == 0 ? 0 : Math.Round(100.0 * bytes.Value / size.Value, 2);
        var points = Share(error);
        return row with
        {
            SizeBytes = size,
            Reclaimable = reclaimable,
            ReclaimablePercent = Share(reclaimable),
            ErrorBytes = error,
            ErrorPoints = points,
            Confidence = points switch
            {
                null => BloatConfidence.None,
                <= 5 => BloatConfidence.High,
                <= 15 => BloatConfidence.Medium,
                _ => BloatConfidence.Low,
            },
            Status = reclaimable is null ? HealthStatus.Unknown
                : reclaimable < ThresholdCatalogue.BloatWorthwhileBytes ? HealthStatus.Ok
                : _threshold.Evaluate(Share(reclaimable)),
        };
    }
}
