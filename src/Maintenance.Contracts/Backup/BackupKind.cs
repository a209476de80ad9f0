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
}
