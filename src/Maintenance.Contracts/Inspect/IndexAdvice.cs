namespace Maintenance;

/// <summary>What is the matter with an index, or with a table that lacks one.</summary>
public enum IndexAdviceKind
{
    /// <summary>A build or rebuild failed or was broken off: the index is written but not read.</summary>
    Invalid = 0,

    /// <summary>Another index has the same columns in the same order, operator classes, collations and condition.</summary>
    Duplicate,

    /// <summary>Another b-tree index begins with the same columns and can answer everything this one can.</summary>
    Covered,

    /// <summary>No query has used the index in the time that is known.</summary>
    Unused,

    /// <summary>The index is written very often and used very seldom.</summary>
    RarelyUsed,

    /// <summary>Much of the index is empty or dead space: it wants to be rebuilt, not dropped.</summary>
    Bloated,

    /// <summary>No index leads with the columns of a foreign key: each delete of a referenced row reads the whole table.</summary>
    UnsupportedForeignKey,

    /// <summary>Statements that take much of the server's time would be answered from an index that is not there.</summary>
    Missing,
}

/// <summary>What to do about it, most decided first.</summary>
public enum IndexVerdict
{
    /// <summary>The evidence is enough: drop the index.</summary>
    Drop = 0,

    /// <summary>The evidence is enough: create the index that is missing.</summary>
    Create,

    /// <summary>Something speaks for a change, but the evidence is not enough, or what it costs is for a person to weigh. The reasons say what is missing.</summary>
    Observe,

    /// <summary>No query uses the index, and yet it must stay: the reasons say what it enforces or serves.</summary>
    Keep,
}

/// <summary>
/// Advice about one index, or about a table that lacks one: what to do, why, the statement that does it and those that undo it.
/// Name and Oid are those of the index; where an index is missing, those of the table.
/// </summary>
public sealed record IndexAdvice : IDbObject
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

    /// <summary>The table, unquoted; it lies in the same schema.</summary>
    public required string Table { get; init; }

    /// <summary>The table's identifier in <c>pg_class</c>.</summary>
    public required long TableOid { get; init; }

    /// <summary>What is the matter.</summary>
    public required IndexAdviceKind Kind { get; init; }

    /// <summary>What to do about it.</summary>
    public required IndexVerdict Verdict { get; init; }

    /// <summary>
    /// Warning where something is to be done; Unknown where the role may not see what the verdict depends on; else Ok.
    /// </summary>
    public required HealthStatus Status { get; init; }

    /// <summary>Why, a sentence each, the most important first.</summary>
    public required IReadOnlyList<string> Reasons { get; init => field = Readable.Copy(value); }

    /// <summary>Size of the index in bytes, with all partitions; for a missing one, of the table. Null if somebody holds it locked and it was never analysed.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>How often queries used the index, on this server and the replicas that were named, since the statistics began; null for a missing one.</summary>
    public long? Scans { get; init; }

    /// <summary>When it was last used (UTC); PostgreSQL 16 and later say so. Null if it was not since the statistics began.</summary>
    public DateTimeOffset? LastScan { get; init; }

    /// <summary>Since when the server has counted (UTC), as far as that is known.</summary>
    public DateTimeOffset? StatisticsSince { get; init; }

    /// <summary>How long the index is known to have existed without being used; null where it was used, or is missing.</summary>
    public TimeSpan? ObservedFor { get; init; }

    /// <summary>Entries written to the index a day: inserts, and updates that are not heap-only. Null for statistics younger than an hour.</summary>
    public double? WritesPerDay { get; init; }

    /// <summary>The index that does the same work, unquoted; it lies in the same schema.</summary>
    public string? ReplacedBy { get; init; }

    /// <summary>Its identifier in <c>pg_class</c>.</summary>
    public long? ReplacedByOid { get; init; }

    /// <summary>The statements that carry the advice out, in their order, each to be run by itself outside a transaction. Empty where there is nothing to run.</summary>
    public IReadOnlyList<string> Sql { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>The statements that undo it, in their order, each to be run by itself outside a transaction.</summary>
    public IReadOnlyList<string> RollbackSql { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>The measured facts behind the reasons.</summary>
    public IReadOnlyDictionary<string, object?> Evidence { get; init => field = Readable.Copy(value); } = Readable.Copy(new Dictionary<string, object?>());

    /// <summary>When it was found (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Verdict} {Schema}.{Name} ({Kind})";
}
