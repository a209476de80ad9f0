using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Maintenance.Engine.Stores;

/// <summary>
/// Files in a container of Azure Blob Storage. Blocks are staged while they come and become a blob by one request, which refuses to
/// replace another. The service checks each block against a hash that travels with it.
/// </summary>
internal sealed class BlobFileStore(BlobContainerClient container, string prefix, Action onRefused) : IFileStore
{
    public string Place => $"{container.Uri.GetLeftPart(UriPartial.Path)}/{prefix}".TrimEnd('/');

    public Task<IFileUpload> BeginAsync(string name, string contentType, CancellationToken cancellationToken) =>
        Task.FromResult<IFileUpload>(new BlobUpload(container, container.GetBlockBlobClient(prefix + name), contentType));

    public async Task PutAsync(string name, ReadOnlyMemory<byte> content, string contentType, CancellationToken cancellationToken)
    {
        var options = new BlobUploadOptions
        {
            HttpHeaders = new BlobHttpHeaders { ContentType = contentType },
            TransferValidation = Hashed(),
        };
        await WithContainerAsync(container, () => container.GetBlobClient(prefix + name).UploadAsync(BinaryData.FromBytes(content), options, cancellationToken), cancellationToken);
    }

    public Task<Stream> OpenAsync(string name, CancellationToken cancellationToken) =>
        container.GetBlobClient(prefix + name).OpenReadAsync(new BlobOpenReadOptions(allowModifications: false), cancellationToken);

    public async Task<Stream> OpenAsync(string name, long offset, long length, string? etag, CancellationToken cancellationToken)
    {
        var options = new BlobDownloadOptions
        {
            Range = new HttpRange(offset, length),
            Conditions = etag is null ? null : new BlobRequestConditions { IfMatch = new ETag(etag) },
        };
        return (await container.GetBlobClient(prefix + name).DownloadStreamingAsync(options, cancellationToken)).Value.Content;
    }

    public async Task<StoreEntry?> FindAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            BlobProperties found = await container.GetBlobClient(prefix + name).GetPropertiesAsync(cancellationToken: cancellationToken);
            return new StoreEntry(name, found.ContentLength, found.LastModified, found.AccessTier, found.ETag.ToString());
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            return null;
        }
    }

    public async Task<byte[]?> FindMd5Async(string name, CancellationToken cancellationToken)
    {
        BlobProperties found = await container.GetBlobClient(prefix + name).GetPropertiesAsync(cancellationToken: cancellationToken);
        return found.ContentHash is { Length: > 0 } hash ? hash : null;
    }

    public async IAsyncEnumerable<StoreEntry> ListAsync(string begin, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var blobs = container.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix + begin }, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(blobs))
        {
            var blob = blobs.Current;
            yield return new StoreEntry(
                blob.Name[prefix.Length..],
                blob.Properties.ContentLength ?? 0,
                blob.Properties.LastModified ?? DateTimeOffset.MinValue,
                blob.Properties.AccessTier?.ToString(),
                blob.Properties.ETag?.ToString());
        }
    }

    public void Forget() => onRefused();

    public Task DeleteAsync(string name, CancellationToken cancellationToken) =>
        container.GetBlobClient(prefix + name).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellationToken);

    // A container that is not there yet holds nothing.
    private static async Task<bool> NextAsync(IAsyncEnumerator<BlobItem> blobs)
    {
        try
        {
            return await blobs.MoveNextAsync();
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            return false;
        }
    }

    private static UploadTransferValidationOptions Hashed() => new() { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5 };

    private static async Task WithContainerAsync(BlobContainerClient container, Func<Task> send, CancellationToken cancellationToken)
    {
        try
        {
            await send();
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            await send();
        }
    }

    /// <summary>A blob that is being written. Blocks that never become one go by themselves after a week.</summary>
    private sealed class BlobUpload(BlobContainerClient container, BlockBlobClient blob, string contentType) : IFileUpload
    {
        private readonly string _id = Guid.NewGuid().ToString("N");
        private readonly BlockStream _blocks = new((id, content, token) => WithContainerAsync(
            container,
            async () =>
            {
                content.Position = 0;
                await blob.StageBlockAsync(id, content, new BlockBlobStageBlockOptions { TransferValidation = Hashed() }, token);
            },
            token));

        private HashingStream? _content;

        public IReadOnlyDictionary<string, string> Metadata { get; set; } = new Dictionary<string, string>();

        public Stream Content => _content ??= new HashingStream(_blocks);

        public async Task<(long Bytes, string Sha256)> CommitAsync(Func<ValueTask> staged, CancellationToken cancellationToken)
        {
            _ = Content;
            await _blocks.CompleteAsync(cancellationToken);
            await _content!.DisposeAsync();
            await staged();
            var options = new CommitBlockListOptions
            {
                HttpHeaders = new BlobHttpHeaders { ContentType = contentType },
                Metadata = new Dictionary<string, string>(Metadata) { ["sha256"] = _content.Sha256, ["upload"] = _id },
                Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
            };
            // Once this is sent the blob may be there: whoever stopped now would not know. The client gives up by itself.
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                await blob.CommitBlockListAsync(_blocks.Ids, options, CancellationToken.None);
            }
            catch (RequestFailedException exception) when (exception.Status is 409 or 412)
            {
                // The answer to our own request may have been lost, and its repetition refused: then it is ours that is there.
            }

            BlobProperties stored = await blob.GetPropertiesAsync(cancellationToken: CancellationToken.None);
            return stored.ContentLength == _content.Written && stored.Metadata.TryGetValue("upload", out var id) && id == _id
                ? (_content.Written, _content.Sha256)
                : throw new MaintenanceException(
                    MaintenanceErrorCode.ArchiveMismatch,
                    $"The store holds something else as {blob.Name} than what was sent.",
                    "Somebody else writes under the same names. Give this store a container of its own.");
        }

        public async ValueTask DisposeAsync()
        {
            if (_content is not null)
            {
                await _content.DisposeAsync();
            }
        }
    }
}
