namespace Maintenance.Engine.Stores;

/// <summary>One file of a store.</summary>
/// <param name="Name">Name in the store, with <c>/</c> between folders.</param>
/// <param name="SizeBytes">Size in bytes.</param>
/// <param name="LastModified">When the store received it (UTC).</param>
/// <param name="Tier">Access tier of a blob.</param>
/// <param name="ETag">Entity tag of a blob; in a folder of backups, made of size and time of the last change.</param>
internal readonly record struct StoreEntry(
    string Name, long SizeBytes, DateTimeOffset LastModified, string? Tier = null, string? ETag = null)
{
    /// <summary>What was noted at a blob; null where that was not asked for or is not known.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>True for a blob whose blocks were sent, but never put together.</summary>
    public bool IsUncommitted { get; init; }

    /// <summary>Until when the store refuses to delete it (UTC).</summary>
    public DateTimeOffset? ImmutableUntil { get; init; }

    /// <summary>Whether a legal hold keeps it; null where that is not known.</summary>
    public bool? LegalHold { get; init; }
}
