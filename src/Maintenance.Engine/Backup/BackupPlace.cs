using Azure;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup;

/// <summary>A store of backups, opened: its listing, its files, and how they are named.</summary>
/// <param name="Listing">Lists it.</param>
/// <param name="Files">Reads its files; null where only names are of interest.</param>
/// <param name="Naming">How its backups are named.</param>
/// <param name="Target">Name of the maintained system.</param>
/// <param name="Now">When it is read (UTC).</param>
/// <param name="Sink">Where to tell.</param>
internal sealed record BackupPlace(
    IBackupStore Listing, IFileStore? Files, BackupNaming Naming, string? Target, DateTimeOffset Now, IMaintenanceSink Sink)
{
    private bool _wasRefused;

    /// <summary>A reader of its backups.</summary>
    public BackupReader Reader() => new(Naming, Listing.Name, Target, Now, Files is null ? null : ReadManifestAsync);

    /// <summary>Tells what a reader left out.</summary>
    public void Tell(BackupReader reader)
    {
        if (reader.Misnamed > 0)
        {
            Sink.Verbose(FormattableString.Invariant($"{reader.Misnamed} files in {Listing.Name} look like backups, but are not named as the pattern says, and are left out."));
        }
    }

    // In a folder it costs next to nothing to look; of blobs the listing shows whether there is one.
    private async ValueTask<BackupManifest?> ReadManifestAsync(string name, bool isListed, CancellationToken cancellationToken)
    {
        if (_wasRefused || (Listing.CanSeek && !isListed))
        {
            return null;
        }

        try
        {
            return await BackupManifests.ReadAsync(Files!, name, cancellationToken);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException or RequestFailedException { Status: 401 or 403 or 409 })
        {
            _wasRefused = exception is RequestFailedException;
            Sink.Verbose($"The manifest of {name} cannot be read; what it says is left out.");
            return null;
        }
        catch (Exception exception) when (exception is not MaintenanceException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw StoreErrors.Translate(exception, Listing.Name);
        }
    }
}
