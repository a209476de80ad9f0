namespace Maintenance;

/// <summary>A backup that is about to be made.</summary>
public sealed record BackupPlan
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>The database.</summary>
    public required string Database { get; init; }

    /// <summary>The format.</summary>
    public required BackupKind Kind { get; init; }

    /// <summary>Full name in the store.</summary>
    public required string Name { get; init; }

    /// <summary>The store, without secrets.</summary>
    public required string Store { get; init; }

    /// <summary>The program that makes it, and its version.</summary>
    public required string Program { get; init; }

    /// <summary>Version of the server.</summary>
    public required string ServerVersion { get; init; }

    /// <summary>Identifier of the cluster, which tells its backups from those of others; null where it may not be read.</summary>
    public string? SystemIdentifier { get; init; }

    /// <summary>Size of the database in bytes.</summary>
    public required long DatabaseSizeBytes { get; init; }

    /// <summary>Size in bytes that is expected, from the backup before and the growth of the database since; null where there is none to go by.</summary>
    public long? EstimatedBytes { get; init; }

    /// <summary>Older backups that no rule would keep then, the oldest first.</summary>
    public IReadOnlyList<DatabaseBackup> Expired { get; init => field = Readable.Copy(value); } = Readable.List<DatabaseBackup>.Empty;

    /// <summary>When it was planned (UTC).</summary>
    public DateTimeOffset CollectedAt { get; init; }
}
