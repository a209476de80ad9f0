namespace Maintenance;

/// <summary>The format of a backup.</summary>
public enum BackupKind
{
    /// <summary>Not recognised by its name.</summary>
    Unknown = 0,

    /// <summary>pg_dump, custom format.</summary>
    Custom,

    /// <summary>pg_dump, directory format.</summary>
    Directory,

    /// <summary>pg_dump, tar format.</summary>
    Tar,

    /// <summary>Plain SQL.</summary>
    Plain,

    /// <summary>Plain SQL, compressed.</summary>
    PlainCompressed,

    /// <summary>A physical base backup.</summary>
    BaseBackup,

    /// <summary>Archived write-ahead log: no backup by itself, but what brings a base backup up to date.</summary>
    WalArchive,
}
