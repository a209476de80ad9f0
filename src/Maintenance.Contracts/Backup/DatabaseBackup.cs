namespace Maintenance;

/// <summary>One backup found in a store.</summary>
public sealed record DatabaseBackup
{
    /// <summary>Full name in the store.</summary>
    public required string Name { get; init; }

    /// <summary>The store, without secrets.</summary>
    public required string Store { get; init; }

    /// <summary>Format, told by the name.</summary>
    public BackupKind Kind { get; init; }

    /// <summary>Database it is of, told by the name; null if the name does not tell.</summary>
    public string? Database { get; init; }

    /// <summary>When it was taken (UTC): from the name where it carries a time, else when the store received it.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>True if <see cref="TakenAt"/> was read from the name.</summary>
    public bool TakenAtFromName { get; init; }

    /// <summary>When the store last received it (UTC).</summary>
    public required DateTimeOffset LastModified { get; init; }

    /// <summary>Size in bytes.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Access tier of the blob: Hot, Cool, Cold, Archive; null in a folder.</summary>
    public string? Tier { get; init; }

    /// <summary>Entity tag of the blob; null in a folder.</summary>
    public string? ETag { get; init; }

    /// <summary>Name of the maintained system.</summary>
    public string? Target { get; init; }

    /// <summary>When it was listed (UTC).</summary>
    public DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
