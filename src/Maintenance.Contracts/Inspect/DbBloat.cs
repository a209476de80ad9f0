namespace Maintenance;

/// <summary>
/// How much space of one table, index, TOAST table or materialized view could be given back, why, and how sure that is. Partitioned
/// tables and indexes have a row of their own, which sums up their partitions.
/// </summary>
public sealed record DbBloat : IReclaimable
{
    /// <inheritdoc/>
    public required string Target { get; init; }

    /// <inheritdoc/>
    public required string Database { get; init; }

    /// <inheritdoc/>
    public required string Schema { get; init; }

    /// <inheritdoc/>
    public required string Name { get; init; }

    /// <inheritdoc/>
    public required long Oid { get; init; }

    /// <summary>What it is.</summary>
    public required DbRelationKind Kind { get; init; }

    /// <summary>Schema and name, quoted by the server, as they stand in SQL.</summary>
    public required string QualifiedName { get; init; }

    /// <summary>The table that an index or TOAST table belongs to, quoted by the server with its schema; of a table its own name.</summary>
    public required string Table { get; init; }

    /// <summary>Identifier of that table.</summary>
    public required long TableOid { get; init; }

    /// <summary>How an index is built (<c>btree</c>, <c>gin</c>, ...) or a table is stored (<c>heap</c>).</summary>
    public string? AccessMethod { get; init; }

    /// <summary>Size of its main file in bytes; null if it could not be read.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>
    /// Bytes that rewriting it (VACUUM FULL, pg_repack, REINDEX) would give back to the system: its size less what its live rows
    /// need when newly written with its fillfactor. Null if it is not known.
    /// </summary>
    public long? Reclaimable { get; init; }

    /// <summary><see cref="Reclaimable"/> of <see cref="SizeBytes"/>, in percent.</summary>
    public double? ReclaimablePercent { get; init; }

    /// <summary>The part of <see cref="Reclaimable"/> that dead rows take; VACUUM turns it into free space. Null for indexes.</summary>
    public long? DeadTupleBytes { get; init; }

    /// <summary>The part of <see cref="Reclaimable"/> that is free space inside pages: new rows can use it. Of an index also its empty pages.</summary>
    public long? FreeSpaceBytes { get; init; }

    /// <summary>
    /// The part of <see cref="Reclaimable"/> that plain VACUUM can give back, since it lies at the end of the file: known in the modes
    /// Verify and Exact where the extension pg_freespacemap is installed.
    /// </summary>
    public long? TailTruncatableBytes { get; init; }

    /// <summary>Of a table: what its indexes could give back, not counted in <see cref="Reclaimable"/>. Null if that is not known of each of them.</summary>
    public long? IndexBytes { get; init; }

    /// <summary>Of a table: what its TOAST table could give back, not counted in <see cref="Reclaimable"/>. Null if there is none, or it is not known.</summary>
    public long? ToastBytes { get; init; }

    /// <summary>Bytes that the fillfactor keeps free on purpose, once newly written. They are not reclaimable.</summary>
    public long? FillfactorReservedBytes { get; init; }

    /// <summary>Rows that are dead and not removed yet.</summary>
    public long? DeadTuples { get; init; }

    /// <summary>Live rows; of an index the rows it has entries for.</summary>
    public long? LiveTuples { get; init; }

    /// <summary>How <see cref="Reclaimable"/> came about.</summary>
    public required BloatMethod Method { get; init; }

    /// <summary>How far it can be trusted.</summary>
    public required BloatConfidence Confidence { get; init; }

    /// <summary>By how many bytes <see cref="Reclaimable"/> may be off either way.</summary>
    public long? ErrorBytes { get; init; }

    /// <summary>The same in percentage points of the size.</summary>
    public double? ErrorPoints { get; init; }

    /// <summary>Why it is not known, or not known better.</summary>
    public string? Reason { get; init; }

    /// <summary>What to do about it, or about the reason: SQL where there is some.</summary>
    public string? Recommendation { get; init; }

    /// <summary>Last VACUUM by somebody (UTC).</summary>
    public DateTimeOffset? LastVacuum { get; init; }

    /// <summary>Last VACUUM by autovacuum (UTC).</summary>
    public DateTimeOffset? LastAutovacuum { get; init; }

    /// <summary>Last ANALYZE, by somebody or by autovacuum (UTC).</summary>
    public DateTimeOffset? LastAnalyze { get; init; }

    /// <summary>When autovacuum will come; null for indexes and partitioned tables.</summary>
    public AutovacuumOutlook? Autovacuum { get; init; }

    /// <summary>Whoever holds the oldest snapshot and so keeps dead rows from being removed; null without dead rows, or if nobody is known to.</summary>
    public XminHolder? HeldBackBy { get; init; }

    /// <summary>Warning and Critical by share of the size, if it is worth the trouble; Unknown if it is not known.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>When it was measured (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }
}
