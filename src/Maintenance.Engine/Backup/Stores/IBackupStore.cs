namespace Maintenance.Engine.Backup;

/// <summary>Where backups lie. One object serves one call.</summary>
internal interface IBackupStore
{
    /// <summary>The place, without secrets.</summary>
    string Name { get; }

    /// <summary>True if a listing is sorted by name and may start in the middle.</summary>
    bool CanSeek { get; }

    /// <summary>How many requests were made so far; folders that were read, for a folder.</summary>
    int Requests { get; }

    /// <summary>Lists files under the store's prefix, as they come.</summary>
    /// <param name="startFrom">The first name wanted, inclusive; null for the beginning. Only if <see cref="CanSeek"/>.</param>
    /// <param name="pageSize">Files per request; null for as many as the store gives.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <exception cref="MaintenanceException">StoreNotFound, StoreUnreachable, StoreAuthenticationFailed, ...</exception>
    IAsyncEnumerable<StoreEntry> ListAsync(string? startFrom, int? pageSize, CancellationToken cancellationToken);
}

/// <summary>One file of a store.</summary>
/// <param name="Name">Name in the store, with <c>/</c> between folders.</param>
/// <param name="SizeBytes">Size in bytes.</param>
/// <param name="LastModified">When the store received it (UTC).</param>
/// <param name="Tier">Access tier of a blob.</param>
/// <param name="ETag">Entity tag of a blob.</param>
internal readonly record struct StoreEntry(
    string Name, long SizeBytes, DateTimeOffset LastModified, string? Tier = null, string? ETag = null);
