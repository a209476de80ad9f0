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

    public async Task<bool> HasAsync(string name, string key, string value, CancellationToken cancellationToken)
    {
        try
        {
            BlobProperties properties = await container.GetBlobClient(prefix + name).GetPropertiesAsync(cancellationToken: cancellationToken);
            // The service gives names back in whatever case it likes.
            return properties.Metadata.Any(entry => string.Equals(entry.Key, key, StringComparison.OrdinalIgnoreCase) && entry.Value == Ascii(value));
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return false;
        }
    }

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

    public async Task<ArtifactProtection> ProtectionAsync(CancellationToken cancellationToken)
    {
        try
        {
            BlobContainerProperties properties = await container.GetPropertiesAsync(cancellationToken: cancellationToken);
            return (properties.HasImmutableStorageWithVersioning, properties.HasImmutabilityPolicy, properties.HasLegalHold) switch
            {
                (true, _, _) => new(ArtifactProtectionKind.EachUntil, "The container has version-level immutability."),
                (_, true, _) => new(ArtifactProtectionKind.Always, "The container has an immutability policy; how long it holds cannot be read from here."),
                (_, _, true) => new(ArtifactProtectionKind.Always, "The container is under a legal hold."),
                _ => new(ArtifactProtectionKind.None, "The container has neither version-level immutability, nor an immutability policy, nor a legal hold."),
            };
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            return new(ArtifactProtectionKind.None, "The container did not exist, and a new one has no immutability policy.");
        }
        catch (RequestFailedException exception) when (exception.Status is 403 or 501)
        {
            return new(ArtifactProtectionKind.Unknown, "The container's properties may not be read.");
        }
    }

    // Unlocked: an administrator can still shorten it; locking it for years is a decision that no program should take.
    public Task ProtectAsync(string name, DateTimeOffset until, CancellationToken cancellationToken) =>
        container.GetBlobClient(prefix + name).SetImmutabilityPolicyAsync(
            new BlobImmutabilityPolicy { ExpiresOn = until, PolicyMode = BlobImmutabilityPolicyMode.Unlocked },
            cancellationToken: cancellationToken);

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
