using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup.Testing;

/// <summary>A backup as its store gives it: read in parts or whole, and counted. Its errors have our codes.</summary>
/// <param name="store">The store.</param>
/// <param name="backup">The backup.</param>
internal sealed class BackupFile(IFileStore store, DatabaseBackup backup)
{
    private long _bytesRead;
    private int _requests;

    public DatabaseBackup Backup => backup;

    public string Name => backup.Name;

    public long Size => backup.SizeBytes;

    public IFileStore Store => store;

    /// <summary>How many bytes were read.</summary>
    public long BytesRead => Interlocked.Read(ref _bytesRead);

    /// <summary>How many requests it took.</summary>
    public int Requests => _requests;

    /// <summary>Name of its first file: itself, or the table of contents of a folder.</summary>
    public string HeadName => backup.Kind == BackupKind.Directory ? Name + "/toc.dat" : Name;

    /// <summary>Reads a part of its first file with one request; less where that ends before.</summary>
    public Task<byte[]> ReadAsync(long offset, int length, CancellationToken cancellationToken) => ReadAsync(HeadName, offset, length, cancellationToken);

    /// <summary>Reads a part with one request; less where the file ends before.</summary>
    /// <param name="name">The backup's name, or that of a file of it.</param>
    /// <param name="offset">Where to begin.</param>
    /// <param name="length">How many bytes.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<byte[]> ReadAsync(string name, long offset, int length, CancellationToken cancellationToken)
    {
        await using var part = await OpenAsync(name, offset, length, cancellationToken);
        var buffer = new byte[length];
        var read = await RunAsync(() => part.ReadAtLeastAsync(buffer, length, throwOnEndOfStream: false, cancellationToken).AsTask(), cancellationToken);
        return read == length ? buffer : buffer[..read];
    }

    /// <summary>Opens a part; an empty one where the file ends before it begins. What is read of it is counted.</summary>
    /// <inheritdoc cref="ReadAsync(string, long, int, CancellationToken)"/>
    public async Task<Stream> OpenAsync(string name, long offset, long length, CancellationToken cancellationToken)
    {
        // No service gives a part of no bytes, and pg_dump makes files of none: those of empty large objects.
        if (length == 0)
        {
            return Stream.Null;
        }

        Interlocked.Increment(ref _requests);
        // The entity tag of several files, and of those on a disk, is our own, and nothing that a file could be asked for.
        var etag = name == Name && !Path.IsPathRooted(backup.Store) ? backup.ETag : null;
        try
        {
            return new CountingStream(await RunAsync(() => store.OpenAsync(name, offset, length, etag, cancellationToken), cancellationToken), count => Interlocked.Add(ref _bytesRead, count));
        }
        catch (BeyondEndException)
        {
            return Stream.Null;
        }
    }

    /// <summary>What was noted beside it; null where nothing is, or nothing that can be believed.</summary>
    public async Task<BackupManifest?> ReadManifestAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requests);
        var found = await RunAsync(() => BackupManifests.ReadAsync(store, Name, cancellationToken), cancellationToken);
        if (found is not null)
        {
            Interlocked.Increment(ref _requests);
        }

        return found;
    }

    /// <summary>The MD5 that the store keeps with it; null if it keeps none. Asked with one request, unless it is a folder.</summary>
    public async Task<byte[]?> FindMd5Async(CancellationToken cancellationToken)
    {
        if (Path.IsPathRooted(backup.Store))
        {
            return null;
        }

        Interlocked.Increment(ref _requests);
        return await RunAsync(() => store.FindMd5Async(Name, cancellationToken), cancellationToken);
    }

    /// <summary>Lists the files of a backup of several, by their names below its own, with one request or a few.</summary>
    public async Task<IReadOnlyDictionary<string, StoreEntry>> ListAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requests);
        return await RunAsync(
            async () =>
            {
                var files = new Dictionary<string, StoreEntry>(StringComparer.Ordinal);
                await foreach (var file in store.ListAsync(Name + "/", cancellationToken))
                {
                    files[file.Name[(Name.Length + 1)..]] = file;
                }

                return files;
            },
            cancellationToken);
    }

    /// <summary>Opens a file of a backup that is a folder. What is read of it is counted.</summary>
    /// <param name="path">Its path on this machine.</param>
    /// <param name="buffer">How much to read at once.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<Stream> OpenFileAsync(string path, int buffer, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requests);
        var content = await RunAsync(
            () => Task.FromResult(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, buffer, FileOptions.Asynchronous | FileOptions.SequentialScan)), cancellationToken);
        return new CountingStream(content, count => Interlocked.Add(ref _bytesRead, count));
    }

    /// <summary>Runs work with the store; what it throws comes out with our codes.</summary>
    /// <exception cref="MaintenanceException">BackupNotFound, Store…, PermissionDenied.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work();
        }
        catch (Exception exception) when (exception is not (MaintenanceException or BackupFaultException))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Translate(exception);
        }
    }

    /// <summary>The backup lies where nothing can be read.</summary>
    public static BackupFaultException Archived(string name) => new(
        "Tier", BackupLevel.Header, BackupFault.Archived, $"The backup {name} lies in the Archive tier, where nothing can be read.",
        "Rehydrate it first (set its tier to Hot or Cool), which takes up to 15 hours. Nothing was changed.");

    private Exception Translate(Exception exception)
    {
        var translated = exception switch
        {
            FileNotFoundException or DirectoryNotFoundException or Azure.RequestFailedException { ErrorCode: "BlobNotFound" } => new MaintenanceException(
                MaintenanceErrorCode.BackupNotFound, $"The backup {Name} is not in the store {store.Place} any more.", "List the store again: Get-DatabaseBackup."),
            Azure.RequestFailedException { ErrorCode: "InvalidRange" } => new BeyondEndException(),
            Azure.RequestFailedException { ErrorCode: "ConditionNotMet" } => new MaintenanceException(
                MaintenanceErrorCode.StoreError, $"The backup {Name} was replaced while it was read.", "List the store again, and test what is there now."),
            Azure.RequestFailedException { ErrorCode: "BlobArchived" } => Archived(Name),
            UnauthorizedAccessException => new MaintenanceException(
                MaintenanceErrorCode.PermissionDenied, $"The backup {Name} may not be read: {exception.Message}", "Let the account that runs this read the file."),
            _ => StoreErrors.Translate(exception, store.Place, "That says nothing about the backup."),
        };
        if (translated is MaintenanceException { Code: MaintenanceErrorCode.StoreAuthenticationFailed })
        {
            store.Forget();
        }

        return translated;
    }

    /// <summary>A part was asked for that begins behind the end. Never leaves this class.</summary>
    private sealed class BeyondEndException : IOException;
}
