using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup;

/// <summary>Opens backup stores: for their listing, and for their files.</summary>
internal sealed class BackupStores
{
    private readonly StoreClients _clients = new();

    /// <summary>The store that a listed backup is in.</summary>
    /// <param name="backup">The backup.</param>
    /// <param name="target">The maintained system it belongs to; null for a folder that is nobody's.</param>
    /// <exception cref="MaintenanceException">NotConfigured: it is not known how to reach it.</exception>
    public static StoreSettings SettingsOf(DatabaseBackup backup, MaintenanceTarget? target)
    {
        if (target?.BackupStore is { } settings && NameOf(settings) == backup.Store)
        {
            return settings;
        }

        return Path.IsPathFullyQualified(backup.Store) ? new StoreSettings { Path = backup.Store } : throw new MaintenanceException(
            MaintenanceErrorCode.NotConfigured,
            $"The backup {backup.Name} is in {backup.Store}, and no connected target has that store.",
            "Connect the target that the backup was listed from, and list it again.");
    }

    /// <summary>Opens a store to list it; asks nothing of it yet.</summary>
    /// <param name="settings">Where it is.</param>
    /// <param name="call">Where to read secrets, and where to tell of requests.</param>
    /// <param name="cancellationToken">Ends the reading of secrets.</param>
    /// <exception cref="MaintenanceException">NotConfigured, SecretNotFound, StoreAuthenticationFailed.</exception>
    public async Task<IBackupStore> OpenAsync(StoreSettings settings, CallContext call, CancellationToken cancellationToken) => settings.IsFolder
        ? new FolderStore(settings)
        : new BlobStore(await _clients.ContainerAsync(settings, call, cancellationToken), settings, () => Forget(settings));

    /// <summary>Opens a store to read and write its files, by the names that its listing shows; asks nothing of it yet.</summary>
    /// <inheritdoc cref="OpenAsync(StoreSettings, CallContext, CancellationToken)"/>
    public async Task<IFileStore> OpenFilesAsync(StoreSettings settings, CallContext call, CancellationToken cancellationToken) => settings.IsFolder
        ? new FolderFileStore(settings.Path!, prefix: "", readLinks: true)
        : new BlobFileStore(await _clients.ContainerAsync(settings, call, cancellationToken), prefix: "", () => Forget(settings));

    /// <summary>What a store is called in what is listed from it.</summary>
    public static string NameOf(StoreSettings settings) =>
        settings.IsFolder ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(settings.Path!)) : settings.ToString();

    /// <summary>Forgets a store's client and with it the secret: the next call looks it up again.</summary>
    public void Forget(StoreSettings settings) => _clients.Forget(settings);
}
