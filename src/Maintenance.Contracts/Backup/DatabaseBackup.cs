namespace Maintenance;

/// <summary>Whether a backup is all there, as far as a store tells without its being read.</summary>
public enum BackupCompleteness
{
    /// <summary>It has bytes; whether these are all, only a test can tell.</summary>
    Unknown = 0,

    /// <summary>It has the size that was noted when it was made.</summary>
    Complete,

    /// <summary>It has no bytes.</summary>
    Empty,

    /// <summary>It is still being written, was left half written, or has another size than was noted.</summary>
    Partial,

    /// <summary>A blob whose blocks were sent, but never put together.</summary>
    Uncommitted,
}

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

    /// <summary>What changes with the content: the entity tag of the blob; in a folder, made of size and time of the last change.</summary>
    public string? ETag { get; init; }

    /// <summary>Whether it is all there, as far as the store tells without reading it.</summary>
    public BackupCompleteness Completeness { get; init; }

    /// <summary>SHA-256 that was noted when it was made; null where none was.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Until when the store refuses to delete it (UTC); null if it does not, or if that is not known (in a folder).</summary>
    public DateTimeOffset? ImmutableUntil { get; init; }

    /// <summary>True if a legal hold keeps it; null in a folder, where there is no such thing.</summary>
    public bool? LegalHold { get; init; }

    /// <summary>Name of the maintained system.</summary>
    public string? Target { get; init; }

    /// <summary>When it was listed (UTC).</summary>
    public DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
