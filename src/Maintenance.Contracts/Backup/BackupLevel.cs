namespace Maintenance;

/// <summary>How deeply a backup is tested. Each level includes those before it.</summary>
public enum BackupLevel
{
    /// <summary>Its first bytes: what it is, and that it is not empty. One request.</summary>
    Header = 1,

    /// <summary>Its table of contents: what it holds, and that nothing that it names is missing. A few requests; the data are not read.</summary>
    Toc,

    /// <summary>All of it, streamed: the hash, the checksums inside, and the structure to its very end.</summary>
    Checksum,

    /// <summary>Its schema and the rows of some tables, restored into a scratch server and checked there.</summary>
    Sample,

    /// <summary>All of it, restored into a scratch server and checked there.</summary>
    Full,
}
