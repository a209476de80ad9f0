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
    /// <param name="range">Which of them.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <exception cref="MaintenanceException">StoreNotFound, StoreUnreachable, StoreAuthenticationFailed, ...</exception>
    IAsyncEnumerable<StoreEntry> ListAsync(StoreRange range, CancellationToken cancellationToken);
}

/// <summary>A part of a store's files.</summary>
internal readonly record struct StoreRange
{
    /// <summary>All files.</summary>
    public static readonly StoreRange All;

    /// <summary>What their names begin with, the store's prefix included; null for the prefix alone.</summary>
    public string? Begin { get; init; }

    /// <summary>The first name wanted, inclusive; null for the beginning. Only if the store can seek.</summary>
    public string? StartFrom { get; init; }

    /// <summary>Files per request; null for as many as the store gives.</summary>
    public int? PageSize { get; init; }

    /// <summary>True to ask also what keeps them from being deleted.</summary>
    public bool WithProtection { get; init; }
}
