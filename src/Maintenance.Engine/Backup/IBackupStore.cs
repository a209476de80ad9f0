using Maintenance.Engine.Stores;

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
