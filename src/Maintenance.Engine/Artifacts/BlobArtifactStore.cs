using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Maintenance.Engine.Artifacts;

/// <summary>Artefacts in a container of Azure Blob Storage. The container is made if it is missing and may be made.</summary>
internal sealed class BlobArtifactStore(BlobContainerClient container, string prefix) : IArtifactStore
{
    public string Place => $"{container.Uri.GetLeftPart(UriPartial.Path)}/{prefix}".TrimEnd('/');

    public string LocationOf(string name) => container.GetBlobClient(prefix + name).Uri.GetLeftPart(UriPartial.Path);

    public async Task<bool> ExistsAsync(string name, CancellationToken cancellationToken) =>
        await container.GetBlobClient(prefix + name).ExistsAsync(cancellationToken);

    public async Task<bool> PutAsync(
        string name, Stream content, string contentType, IReadOnlyDictionary<string, string> metadata, bool replace, CancellationToken cancellationToken)
    {
        var options = new BlobUploadOptions
        {
            HttpHeaders = new BlobHttpHeaders { ContentType = contentType },
            Metadata = metadata.ToDictionary(entry => entry.Key, entry => Ascii(entry.Value)),
            // The service decides between two who come at once.
            Conditions = replace ? null : new BlobRequestConditions { IfNoneMatch = ETag.All },
        };
        try
        {
            await UploadAsync(name, content, options, cancellationToken);
            return true;
        }
        catch (RequestFailedException exception) when (!replace && (exception.Status == 412 || exception.ErrorCode == BlobErrorCode.BlobAlreadyExists))
        {
            return false;
        }
    }

    public Task<Stream> OpenAsync(string name, CancellationToken cancellationToken) =>
        container.GetBlobClient(prefix + name).OpenReadAsync(new BlobOpenReadOptions(allowModifications: false), cancellationToken);

    private async Task UploadAsync(string name, Stream content, BlobUploadOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await container.GetBlobClient(prefix + name).UploadAsync(content, options, cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            content.Position = 0;
            await container.GetBlobClient(prefix + name).UploadAsync(content, options, cancellationToken);
        }
    }

    // Metadata travels in headers.
    private static string Ascii(string value) => value.All(character => character is >= ' ' and < (char)127) ? value : Uri.EscapeDataString(value);
}
