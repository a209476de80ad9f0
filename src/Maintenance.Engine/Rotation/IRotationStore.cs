namespace Maintenance.Engine.Rotation;

/// <summary>
/// A place with logs. Each action looks at its file again first and leaves alone what is not as it was listed; it is done whole or not at
/// all. What goes wrong with one file is its outcome; only what no other file would escape is thrown.
/// </summary>
internal interface IRotationStore
{
    /// <summary>Where it is, without secrets.</summary>
    string Place { get; }

    /// <summary>What is there.</summary>
    /// <exception cref="MaintenanceException">StoreNotFound, StoreUnreachable and others.</exception>
    Task<RotationListing> ListAsync(CancellationToken cancellationToken);

    /// <summary>Compresses a file and, once what was written has been read back and is the same, deletes the original.</summary>
    Task<RotationOutcome> CompressAsync(RotationEntry entry, LogTier? tier, CancellationToken cancellationToken);

    /// <summary>Moves a file to a tier.</summary>
    Task<RotationOutcome> TierAsync(RotationEntry entry, LogTier tier, CancellationToken cancellationToken);

    /// <summary>Deletes a file.</summary>
    Task<RotationOutcome> DeleteAsync(RotationEntry entry, CancellationToken cancellationToken);
}
