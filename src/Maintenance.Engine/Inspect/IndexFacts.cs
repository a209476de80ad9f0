namespace Maintenance.Engine.Inspect;

/// <summary>What the catalogues and statistics of one database say about its indexes, before any judgement.</summary>
internal sealed record IndexFacts
{
    public required string Database { get; init; }

    public required DateTimeOffset ServerTime { get; init; }

    /// <summary>Nothing that was counted since then was discarded.</summary>
    public DateTimeOffset? StatisticsSince { get; init; }

    /// <summary>The target is itself a standby: it counts its own queries alone, and nothing can be changed on it.</summary>
    public bool IsStandby { get; init; }

    /// <summary>False if the role may not see what others do: builds that are under way, and what standbys are for.</summary>
    public bool SeesAll { get; init; } = true;

    public int Standbys { get; init; }

    /// <summary>Physical replication slots nobody is connected to: a standby that is away has its own queries too.</summary>
    public int IdleSlots { get; init; }

    public IReadOnlyList<IndexFact> Indexes { get; init; } = [];

    public IReadOnlyDictionary<long, TableFact> Tables { get; init; } = new Dictionary<long, TableFact>();

    public IReadOnlyList<ForeignKeyFact> ForeignKeys { get; init; } = [];

    public IReadOnlyList<IndexBuild> Builds { get; init; } = [];

    /// <summary>Who counted the use of the indexes: this server first, then the replicas.</summary>
    public IReadOnlyList<ScanSource> Sources { get; init; } = [];
}

/// <summary>An index that is being built. 0 is what the server does not say.</summary>
internal sealed record IndexBuild(int ProcessId, long TableOid, long IndexOid);

/// <summary>A table, with what was written to it since the statistics began.</summary>
internal sealed record TableFact
{
    public required long Oid { get; init; }

    public required string Schema { get; init; }

    public required string Name { get; init; }

    public bool IsPartitioned { get; init; }

    /// <summary>A foreign table, as a partition can be: it has no indexes of ours.</summary>
    public bool IsForeign { get; init; }

    public long? ParentOid { get; init; }

    /// <summary>Size without indexes and TOAST; null where it could not be read.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>Estimated rows; negative if the table was never analysed.</summary>
    public double Rows { get; init; }

    public long Inserted { get; init; }

    public long Updated { get; init; }

    public long HotUpdated { get; init; }

    public long Deleted { get; init; }

    /// <summary>Entries written to each full index: an update that is not heap-only writes to all of them.</summary>
    public long IndexWrites => Inserted + Math.Max(0, Updated - HotUpdated);
}

/// <summary>One index.</summary>
internal sealed record IndexFact
{
    public required long Oid { get; init; }

    public required string Name { get; init; }

    public required long TableOid { get; init; }

    /// <summary>An index of a partitioned table, which holds nothing itself.</summary>
    public bool IsPartitioned { get; init; }

    /// <summary>The index of the partitioned table that it is attached to.</summary>
    public long? ParentOid { get; init; }

    public string Method { get; init; } = "btree";

    /// <summary>Column numbers of the table, keys first; 0 is an expression.</summary>
    public required IReadOnlyList<short> Columns { get; init; }

    /// <summary>How many of the columns are keys; the others are only stored (INCLUDE).</summary>
    public required int KeyCount { get; init; }

    /// <summary>Operator classes of the keys; aliases are resolved.</summary>
    public required IReadOnlyList<long> OperatorClasses { get; init; }

    public required IReadOnlyList<long> Collations { get; init; }

    /// <summary>Order of the keys: 1 descending, 2 nulls first.</summary>
    public required IReadOnlyList<short> Options { get; init; }

    /// <summary>Text of each column that is an expression, as the server writes it; empty for others. Null if there are none.</summary>
    public IReadOnlyList<string>? Expressions { get; init; }

    public bool IsPartial { get; init; }

    /// <summary>The condition of a partial index as the server writes it; null if it could not be read.</summary>
    public string? Predicate { get; init; }

    /// <summary>Options of operator classes, and of the index where they change more than how full its pages are.</summary>
    public string Extras { get; init; } = "";

    public bool IsUnique { get; init; }

    public bool IsPrimary { get; init; }

    public bool IsExclusion { get; init; }

    /// <summary>False for a deferrable constraint: it is checked at the end, and no foreign key can refer to it.</summary>
    public bool IsImmediate { get; init; } = true;

    public bool NullsNotDistinct { get; init; }

    public bool IsClustered { get; init; }

    public bool IsReplicaIdentity { get; init; }

    public bool IsValid { get; init; } = true;

    public bool IsReady { get; init; } = true;

    public bool IsLive { get; init; } = true;

    /// <summary>The primary key, unique or exclusion constraint that it belongs to.</summary>
    public string? Constraint { get; init; }

    /// <summary>How many foreign keys refer to it.</summary>
    public int References { get; init; }

    /// <summary>It, or its table, belongs to an extension.</summary>
    public bool IsExtensions { get; init; }

    /// <summary>Somebody holds it locked as those do who build or drop it.</summary>
    public bool IsWorkedOn { get; init; }

    public long? SizeBytes { get; init; }

    /// <summary>When the transaction committed that made it, where the server keeps such times.</summary>
    public DateTimeOffset? CreatedBy { get; init; }

    public bool IsUsable => IsValid && IsReady && IsLive;

    public bool HasExpressions => Expressions is not null;

    /// <summary>A key or stored column by which two indexes of a table can be compared.</summary>
    public (short Column, string Expression) ColumnAt(int position) => (Columns[position], Expressions is null ? "" : Expressions[position]);
}

/// <summary>A foreign key. For partitioned tables each partition has a constraint too, whose parent is set.</summary>
internal sealed record ForeignKeyFact
{
    public required long Oid { get; init; }

    public long ParentOid { get; init; }

    public required string Name { get; init; }

    public required long TableOid { get; init; }

    public required long ReferencedOid { get; init; }

    public required IReadOnlyList<short> Columns { get; init; }

    /// <summary>Names of the columns, quoted by the server.</summary>
    public required IReadOnlyList<string> ColumnNames { get; init; }

    public required IReadOnlyList<long> Collations { get; init; }
}

/// <summary>A server that counted how often indexes were used.</summary>
internal sealed record ScanSource
{
    /// <summary>Name of the target.</summary>
    public required string Target { get; init; }

    public bool IsStandby { get; init; }

    public DateTimeOffset? StatisticsSince { get; init; }

    /// <summary>By OID.</summary>
    public required IReadOnlyDictionary<long, long> Scans { get; init; }

    /// <summary>By OID; only of those that were used. Null where the server does not keep it (before PostgreSQL 16).</summary>
    public IReadOnlyDictionary<long, DateTimeOffset>? LastScans { get; init; }

    /// <summary>By OID: what earlier runs saw. Empty without a history.</summary>
    public IReadOnlyDictionary<long, QuietTime> Quiet { get; init; } = new Dictionary<long, QuietTime>();

    /// <summary>Why there is no history; null if there is one.</summary>
    public string? HistoryReason { get; init; }
}

/// <summary>Since when runs have seen an index unused.</summary>
/// <param name="Since">When it was first seen, or last seen to have been used.</param>
/// <param name="Gap">How much of the time since then nobody can tell: between a run and a reset of the statistics.</param>
internal sealed record QuietTime(DateTimeOffset Since, TimeSpan Gap);
