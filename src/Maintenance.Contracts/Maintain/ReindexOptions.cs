namespace Maintenance;

/// <summary>Which indexes are rebuilt, and within which limits.</summary>
public sealed record ReindexOptions
{
    /// <summary>How old a snapshot or a lock may be that a rebuild would have to wait for, unless the caller says otherwise.</summary>
    public static readonly TimeSpan DefaultMaximumSnapshotAge = TimeSpan.FromSeconds(5);

    /// <summary>Indexes, by name, by OID, or as another cmdlet wrote them. A partitioned index stands for those of its partitions.</summary>
    public IReadOnlyList<DbObjectReference> Index { get; init => field = Readable.Copy(value); } = Readable.List<DbObjectReference>.Empty;

    /// <summary>Tables of which every b-tree index is rebuilt. A partitioned table stands for its partitions.</summary>
    public IReadOnlyList<DbObjectReference> Table { get; init => field = Readable.Copy(value); } = Readable.List<DbObjectReference>.Empty;

    /// <summary>Whether invalid indexes of the database are looked for, and remains of concurrent builds are dropped.</summary>
    public bool RepairInvalid { get; init; }

    /// <summary>Whether each rebuilt b-tree is checked with amcheck's <c>bt_index_check</c>.</summary>
    public bool Check { get; init; }

    /// <summary>Indexes of different tables that are rebuilt at the same time.</summary>
    public int Parallel { get; init; } = 1;

    /// <summary>When all must be over (UTC): what is not predicted to end by then is put off. Null for no end.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>How long anybody may wait for us before we give way. Null for one second.</summary>
    public TimeSpan? MaximumBlock { get; init; }

    /// <summary>
    /// How old a snapshot of the database, or a lock on the table, may be for a rebuild to begin. Null for
    /// <see cref="DefaultMaximumSnapshotAge"/>.
    /// </summary>
    public TimeSpan? MaximumSnapshotAge { get; init; }
}
