namespace Maintenance;

/// <summary>What is wrong with a backup.</summary>
public enum BackupFault
{
    /// <summary>Nothing that was found.</summary>
    None = 0,

    /// <summary>It has no bytes.</summary>
    Empty,

    /// <summary>It ends before it should, or parts of it are missing.</summary>
    Truncated,

    /// <summary>Its first bytes are those of its format, but what follows makes no sense.</summary>
    HeaderDamaged,

    /// <summary>Its table of contents makes no sense.</summary>
    ContentsDamaged,

    /// <summary>Its data are damaged: a checksum inside, the compression or the structure does not fit.</summary>
    DataDamaged,

    /// <summary>Its hash is not the one that was noted when it was made.</summary>
    ChecksumMismatch,

    /// <summary>It was made by a newer version than can be read or restored here.</summary>
    NewerVersion,

    /// <summary>It is encrypted: what is inside cannot be seen.</summary>
    Encrypted,

    /// <summary>It is no backup, or in a format that is not known.</summary>
    UnknownFormat,

    /// <summary>It lies in the Archive tier, and has to be rehydrated before it can be read.</summary>
    Archived,

    /// <summary>There is not enough space to restore it.</summary>
    NoSpace,

    /// <summary>It could not be restored.</summary>
    RestoreFailed,

    /// <summary>A table has another number of rows than was noted when it was made, or is missing.</summary>
    RowsDiffer,

    /// <summary>A constraint does not hold for the rows that were restored, or is not valid.</summary>
    ConstraintInvalid,

    /// <summary>amcheck found a damaged table or index.</summary>
    RelationDamaged,

    /// <summary>A statement of the user's did not give what was expected.</summary>
    AssertionFailed,

    /// <summary>Write-ahead log that it needs is missing.</summary>
    WalMissing,

    /// <summary>It holds tables and the rows of none: a dump of the schema alone.</summary>
    NoRows,
}
