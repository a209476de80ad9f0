
namespace Maintenance.Engine.Stores;

/// <summary>A place for files: a folder or a blob container. Its errors come out as the store's own exceptions.</summary>
internal interface IFileStore
{
    /// <summary>Where it is, without secrets.</summary>
    string Place { get; }

    /// <summary>Makes the place itself where it is not there yet, before anything is on record as being in it.</summary>
    Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Throws where the place is not there that was made before.</summary>
    Task CheckAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Begins a file. Nothing of it can be seen until it is committed.</summary>
    /// <param name="name">Its name; there must be none of it.</param>
    /// <param name="contentType">What it holds.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task<IFileUpload> BeginAsync(string name, string contentType, CancellationToken cancellationToken);

    /// <summary>Puts a small file, whole or not at all, in place of one of the same name.</summary>
    Task PutAsync(string name, ReadOnlyMemory<byte> content, string contentType, CancellationToken cancellationToken);

    /// <summary>Reads a file.</summary>
    Task<Stream> OpenAsync(string name, CancellationToken cancellationToken);

    /// <summary>Reads a part of a file with one request.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="offset">Where to begin.</param>
    /// <param name="length">How many bytes; fewer come where it ends before.</param>
    /// <param name="etag">The entity tag it must still have; null for any. A folder knows none.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task<Stream> OpenAsync(string name, long offset, long length, string? etag, CancellationToken cancellationToken);

    /// <summary>What the store knows of a file; null if there is none.</summary>
    Task<StoreEntry?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>The MD5 that the store keeps with a file; null if it keeps none.</summary>
    Task<byte[]?> FindMd5Async(string name, CancellationToken cancellationToken) => Task.FromResult<byte[]?>(null);

    /// <summary>Lists files whose names begin so. In a folder also those that are being written, whose names are those of nothing else.</summary>
    IAsyncEnumerable<StoreEntry> ListAsync(string begin, CancellationToken cancellationToken);

    /// <summary>The credentials were refused: they are looked up again next time.</summary>
    void Forget();

    /// <summary>Deletes a file, if it is there.</summary>
    Task DeleteAsync(string name, CancellationToken cancellationToken);

    /// <summary>Removes a folder, if it is there and empty; a container has none.</summary>
    Task DeleteFolderAsync(string name, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Removes what uploads have left whose process was killed. A container does that by itself.</summary>
    /// <param name="begin">What the names begin with that the files were to have.</param>
    /// <param name="before">Only what was last written before.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    Task<IReadOnlyList<SweptFile>> SweepAsync(string begin, DateTimeOffset before, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<SweptFile>>([]);
}

/// <summary>What a killed upload had left.</summary>
/// <param name="Path">Where it is or was.</param>
/// <param name="Problem">Why it is still there; null if it is gone.</param>
internal sealed record SweptFile(string Path, string? Problem);

/// <summary>A file that is being written. Disposing without a commit leaves nothing that anybody can read.</summary>
internal interface IFileUpload : IAsyncDisposable
{
    /// <summary>Where to write; what is written is hashed and counted.</summary>
    Stream Content { get; }

    /// <summary>What is to be kept with it; a folder keeps nothing. Set before the commit. The hash is added as <c>sha256</c>.</summary>
    IReadOnlyDictionary<string, string> Metadata { get; set; }

    /// <summary>Writes what is left, and makes the file visible as a whole.</summary>
    /// <param name="staged">Called when everything is in the store, before it can be seen.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>Its bytes, and their SHA-256 in hexadecimal digits.</returns>
    Task<(long Bytes, string Sha256)> CommitAsync(Func<ValueTask> staged, CancellationToken cancellationToken);
}
