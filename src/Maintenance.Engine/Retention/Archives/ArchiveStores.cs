using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Retention;

/// <summary>Opens archive stores, and gives their errors our codes.</summary>
internal sealed class ArchiveStores
{
    private readonly StoreClients _stores = new();

    /// <summary>Opens the archive store of a target; asks nothing of it yet.</summary>
    /// <exception cref="MaintenanceException">NotConfigured, SecretNotFound, StoreAuthenticationFailed.</exception>
    public async Task<IFileStore> OpenAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        var settings = target.ArchiveStore ?? throw new MaintenanceException(
            MaintenanceErrorCode.NotConfigured,
            $"The target '{target.Name}' has no archive store.",
            "Set archiveStore in maintenance.json: a path, or an account and a container.");
        return settings.IsFolder
            ? new FolderFileStore(settings.Path!, settings.Prefix)
            : new BlobFileStore(await _stores.ContainerAsync(settings, call, cancellationToken), settings.Prefix, () => _stores.Forget(settings));
    }

    /// <summary>Forgets the secrets of a target's store.</summary>
    public void Close(MaintenanceTarget target)
    {
        if (target.ArchiveStore is { } settings)
        {
            _stores.Forget(settings);
        }
    }
}

/// <summary>The one place where what a store throws becomes a <see cref="MaintenanceException"/>.</summary>
internal static class ArchiveStoreErrors
{
    private const string Remark = "Rows that are not in it whole are still in their table.";

    /// <summary>Runs work with a store.</summary>
    /// <exception cref="MaintenanceException">Store…, PermissionDenied.</exception>
    public static async Task<T> RunAsync<T>(this IFileStore store, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work();
        }
        catch (Exception exception) when (exception is not MaintenanceException)
        {
            throw Translate(exception, store, cancellationToken);
        }
    }

    /// <summary>Runs work with a store.</summary>
    /// <exception cref="MaintenanceException">Store…, PermissionDenied.</exception>
    public static Task RunAsync(this IFileStore store, Func<Task> work, CancellationToken cancellationToken) => store.RunAsync(
        async () =>
        {
            await work();
            return true;
        },
        cancellationToken);

    /// <summary>Copies what a store gives; only its own failures count as those of the store.</summary>
    public static async Task CopyAsync(this IFileStore store, Stream from, Stream to, CancellationToken cancellationToken)
    {
        var chunk = new byte[128 * 1024];
        while (await store.RunAsync(() => from.ReadAsync(chunk, cancellationToken).AsTask(), cancellationToken) is var read and > 0)
        {
            await to.WriteAsync(chunk.AsMemory(0, read), cancellationToken);
        }
    }

    private static Exception Translate(Exception exception, IFileStore store, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return new OperationCanceledException("The operation was cancelled.", exception, cancellationToken);
        }

        var translated = exception switch
        {
            FileNotFoundException or Azure.RequestFailedException { ErrorCode: "BlobNotFound" } => new MaintenanceException(
                MaintenanceErrorCode.ArchiveNotFound,
                $"A file that should be in the archive store {store.Place} is not there.",
                "Find out who deleted or moved it; a storage account can often undelete."),
            UnauthorizedAccessException => new MaintenanceException(
                MaintenanceErrorCode.PermissionDenied,
                $"The archive store {store.Place} may not be written: {exception.Message}",
                "Let the account that runs this read and write the folder and everything below it."),
            InvalidDataException => new MaintenanceException(
                MaintenanceErrorCode.ArchiveMismatch, $"A file in the archive store {store.Place} is damaged: it cannot be decompressed.", "Find out what happened to the store."),
            DirectoryNotFoundException => StoreErrors.Translate(exception, store.Place, Remark),
            IOException => new MaintenanceException(
                MaintenanceErrorCode.StoreError,
                $"The archive store {store.Place} failed: {exception.Message} {Remark}",
                "Check the disk or the network share, and make room if it is full."),
            _ => StoreErrors.Translate(exception, store.Place, Remark),
        };
        if (translated is MaintenanceException { Code: MaintenanceErrorCode.StoreAuthenticationFailed })
        {
            store.Forget();
        }

        return translated;
    }
}
