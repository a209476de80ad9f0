namespace Maintenance;

/// <summary>What was noted when a backup was made. It lies beside it, as <c>NAME.manifest.json</c>.</summary>
public sealed record BackupManifest
{
    /// <summary>Version of this form.</summary>
    public int FormatVersion { get; init; } = 1;

    /// <summary>Name of the backup in the store.</summary>
    public required string Name { get; init; }

    /// <summary>The database.</summary>
    public required string Database { get; init; }

    /// <summary>Its format.</summary>
    public BackupKind Kind { get; init; }

    /// <summary>Version of the server.</summary>
    public string? ServerVersion { get; init; }

    /// <summary>Identifier of the cluster, which tells it from others; null where it may not be read.</summary>
    public string? SystemIdentifier { get; init; }

    /// <summary>The program that made it, and its version.</summary>
    public string? Program { get; init; }

    /// <summary>Version of this module.</summary>
    public string? ModuleVersion { get; init; }

    /// <summary>The moment whose state it holds (UTC): that of its snapshot.</summary>
    public DateTimeOffset TakenAt { get; init; }

    /// <summary>When it was whole in the store (UTC).</summary>
    public DateTimeOffset FinishedAt { get; init; }

    /// <summary>Size in bytes; of all its files together.</summary>
    public long SizeBytes { get; init; }

    /// <summary>SHA-256 of its content in hexadecimal digits; null for one of several files.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Its files, for one of several.</summary>
    public IReadOnlyList<BackupFileEntry> Files { get; init => field = Readable.Copy(value); } = Readable.List<BackupFileEntry>.Empty;

    /// <summary>Size of the database in bytes, which a restore needs at least; null if it is not known.</summary>
    public long? DatabaseSizeBytes { get; init; }

    /// <summary>Rows of each table, counted in the same snapshot; null where they were not counted.</summary>
    public IReadOnlyList<BackupTableEntry>? Tables { get; init => field = value?.ToArray(); }
}

/// <summary>A file of a backup of several.</summary>
/// <param name="Name">Its name below that of the backup.</param>
/// <param name="SizeBytes">Size in bytes.</param>
/// <param name="Sha256">SHA-256 of its content in hexadecimal digits.</param>
public sealed record BackupFileEntry(string Name, long SizeBytes, string Sha256)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Name}: {SizeBytes} bytes");
}

/// <summary>A table in a backup.</summary>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">Its name.</param>
/// <param name="Rows">How many rows it holds; null if this role may not read it.</param>
public sealed record BackupTableEntry(string Schema, string Name, long? Rows)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Schema}.{Name}: {(Rows is { } rows ? FormattableString.Invariant($"{rows} rows") : "not counted")}");
}
