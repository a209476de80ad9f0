namespace Maintenance.Engine.Retention;

/// <summary>
/// The steps between which a process, a connection or a store may fail. Each leaves the rows in one place, or tells the next run enough
/// to bring them there. Tests break the work at each of them.
/// </summary>
internal enum FaultPoint
{
    /// <summary>A batch has taken its rows; the transaction is open.</summary>
    BatchTaken = 0,

    /// <summary>A batch is committed.</summary>
    BatchCommitted,

    /// <summary>An archive is on record in the database; nothing is in the store yet.</summary>
    ArchiveRegistered,

    /// <summary>Blocks of a part are in the store, but no blob of them.</summary>
    PartStaged,

    /// <summary>A part is in the store; its rows are still in the table.</summary>
    PartStored,

    /// <summary>The rows of a part are deleted and the part is on record; the transaction is open.</summary>
    PartTaken,

    /// <summary>The part is committed.</summary>
    PartCommitted,

    /// <summary>The manifest is in the store; the archive is not marked as finished.</summary>
    ManifestStored,

    /// <summary>The archive is finished.</summary>
    ArchiveFinished,

    /// <summary>The move of a partition is on record; nothing was done.</summary>
    PartitionRegistered,

    /// <summary>A partition is detached, and in neither table.</summary>
    PartitionDetached,

    /// <summary>A partition has arrived or is dropped; the transaction is open.</summary>
    PartitionPlaced,

    /// <summary>The move of a partition is over.</summary>
    PartitionMoved,

    /// <summary>Rows of a part were written back; the transaction is open.</summary>
    PartRestored,

    /// <summary>A restored part is committed.</summary>
    RestoreCommitted,
}

/// <summary>Called at each step; does nothing outside of tests.</summary>
/// <param name="point">The step that was reached.</param>
internal delegate ValueTask FaultPointReached(FaultPoint point);
