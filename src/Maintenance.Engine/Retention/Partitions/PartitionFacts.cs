namespace Maintenance.Engine.Retention;

/// <summary>A partition, of whatever level, and what decides whether it can go as a whole.</summary>
internal sealed record PartitionFacts
{
    public required long Oid { get; init; }

    /// <summary>The table it is a partition of.</summary>
    public required long ParentOid { get; init; }

    public required string QuotedName { get; init; }

    /// <summary>Its name for people: schema.name.</summary>
    public required string Name { get; init; }

    /// <summary>Its bound as the server writes it, to attach it with.</summary>
    public required string BoundText { get; init; }

    public required PartitionBound? Bound { get; init; }

    /// <summary>Somebody has begun to detach it: no query on the table sees it any more.</summary>
    public required bool IsPending { get; init; }

    /// <summary>A table of this database, no foreign one.</summary>
    public required bool IsTable { get; init; }

    public required bool IsOurs { get; init; }

    public required bool HidesRows { get; init; }

    public required bool HasForeignKeys { get; init; }

    /// <summary>Triggers that run when rows of it are deleted.</summary>
    public required bool HasTriggers { get; init; }

    /// <summary>Views that read it by its own name.</summary>
    public required bool HasViews { get; init; }

    public required bool IsPublished { get; init; }

    /// <summary>Whether its columns and constraints are those that the archive asks of its partitions; true without an archive.</summary>
    public required bool FitsArchive { get; init; }

    /// <summary>The server says that no row of it can be as young as the cut-off.</summary>
    public bool IsPast { get; init; }

    /// <summary>The server says that it begins before the cut-off and ends after it.</summary>
    public bool HoldsCutOff { get; init; }

    /// <summary>When it begins, in microseconds since 1970 (for a column without a zone as if its clock hung at Greenwich); null where it has no begin.</summary>
    public long? BeginMicroseconds { get; init; }

    /// <summary>The archive has a partition for some of its range already.</summary>
    public bool IsTaken { get; init; }

    /// <summary>Its place when all are put in the order of their begin.</summary>
    public long Rank { get; init; }

    /// <summary>Whether rows without an age (-infinity) can be in it.</summary>
    public bool MayHoldAgeless => Bound?.Lower is null or "-infinity";
}

/// <summary>A partitioned table: the policy's, one of its partitions that has partitions itself, or the archive.</summary>
internal sealed record PartitionedFacts
{
    public required long Oid { get; init; }

    public required string QuotedName { get; init; }

    public required bool IsOurs { get; init; }

    /// <summary>By range, and the first column of the key is the time column, in its usual order.</summary>
    public required bool IsByTime { get; init; }

    public required bool HasDefault { get; init; }

    /// <summary>A partition of it is being detached; until that is over, no other can be.</summary>
    public required bool HasPending { get; init; }

    /// <summary>Its key as the server writes it.</summary>
    public required string Key { get; init; }

    public required bool HasForeignKeys { get; init; }

    public required bool IsPublished { get; init; }
}

/// <summary>Everything that is known of the partitions of a policy's table.</summary>
internal sealed record PartitioningFacts
{
    public required IReadOnlyList<PartitionFacts> Partitions { get; init; }

    /// <summary>The partitioned tables among them, and the policy's table, by OID.</summary>
    public required IReadOnlyDictionary<long, PartitionedFacts> Tables { get; init; }

    /// <summary>The archive, if it is partitioned.</summary>
    public required PartitionedFacts? Archive { get; init; }

    /// <summary>Whether what is on its way can be written down where the next run finds it.</summary>
    public required bool HasJournal { get; init; }
}
