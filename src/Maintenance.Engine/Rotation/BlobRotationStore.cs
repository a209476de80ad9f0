using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Maintenance.Engine.Artifacts;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Rotation;

/// <summary>Logs in a container of Azure Blob Storage. Every request carries the version that was listed, so that the service refuses what has changed since.</summary>
/// <param name="container">The container.</param>
/// <param name="root">What all names of the store begin with; not part of the names here.</param>
/// <param name="prefix">What the names that are meant begin with.</param>
/// <param name="filter">Which of them are meant.</param>
/// <param name="onRefused">Called when the service refuses the credentials.</param>
internal sealed class BlobRotationStore(BlobContainerClient container, string root, string prefix, RotationFilter filter, Action onRefused) : IRotationStore
{
    private const int MostNames = 100;
    private const int Piece = 4 * 1024 * 1024;

    public string Place => $"{container.Uri.GetLeftPart(UriPartial.Path)}/{root}".TrimEnd('/');

    public async Task<RotationListing> ListAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ListAsync(BlobTraits.Metadata | BlobTraits.ImmutabilityPolicy | BlobTraits.LegalHold, cancellationToken);
        }
        catch (RequestFailedException refused) when (refused.Status is 401 or 403)
        {
            onRefused();
            throw;
        }
        catch (RequestFailedException refused) when (refused.Status == 400)
        {
            // Not every kind of account knows of these; deleting says so then.
            return await ListAsync(BlobTraits.Metadata, cancellationToken);
        }
    }

    public async Task<RotationOutcome> CompressAsync(RotationEntry entry, LogTier? tier, CancellationToken cancellationToken) =>
        await GuardAsync(async () => await CompressCoreAsync(entry, tier, cancellationToken));

    public async Task<RotationOutcome> TierAsync(RotationEntry entry, LogTier tier, CancellationToken cancellationToken) => await GuardAsync(async () =>
    {
        // The service takes no condition here. One that was written anew in between is young, and would only be cheaper to keep.
        var properties = await BlobOf(entry.Name).GetPropertiesAsync(Unchanged(entry), cancellationToken);
        await BlobOf(entry.Name).SetAccessTierAsync(TierOf(tier), cancellationToken: cancellationToken);
        return new RotationOutcome(StepState.Done, $"Moved {Say.Size(entry.SizeBytes)} from {properties.Value.AccessTier ?? "Hot"} to {tier}.") { SizeAfter = entry.SizeBytes };
    });

    public async Task<RotationOutcome> DeleteAsync(RotationEntry entry, CancellationToken cancellationToken) => await GuardAsync(async () =>
    {
        await BlobOf(entry.Name).DeleteAsync(DeleteSnapshotsOption.None, Unchanged(entry), cancellationToken);
        return new RotationOutcome(StepState.Done, $"Deleted {Say.Size(entry.SizeBytes)}.") { SizeAfter = 0 };
    });

    private static BlobRequestConditions Unchanged(RotationEntry entry) => new() { IfMatch = new ETag(entry.Version!) };

    private static AccessTier TierOf(LogTier tier) => tier switch
    {
        LogTier.Archive => AccessTier.Archive,
        LogTier.Cold => AccessTier.Cold,
        _ => AccessTier.Cool,
    };

    private BlobClient BlobOf(string name) => container.GetBlobClient(root + name);

    private async Task<RotationListing> ListAsync(BlobTraits traits, CancellationToken cancellationToken)
    {
        var entries = new List<RotationEntry>();
        var options = new GetBlobsOptions { Traits = traits, Prefix = root + prefix is { Length: > 0 } begin ? begin : null };
        await foreach (var blob in container.GetBlobsAsync(options, cancellationToken))
        {
            var name = blob.Name[root.Length..];
            // Accounts with folders show them as blobs.
            if (filter.Includes(name) && !(blob.Metadata?.ContainsKey("hdi_isfolder") ?? false))
            {
                entries.Add(Entry(name, blob));
            }
        }

        return new RotationListing(entries, []);
    }

    private static RotationEntry Entry(string name, BlobItem blob)
    {
        var properties = blob.Properties;
        var metadata = blob.Metadata ?? new Dictionary<string, string>();
        var written = properties.LastModified ?? DateTimeOffset.MaxValue;
        var before = metadata.TryGetValue(CompressedMetadata.Written, out var text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) && time < written
                ? time
                : written;
        return new RotationEntry(name, properties.ContentLength ?? 0, before)
        {
            Written = written,
            Version = properties.ETag?.ToString(),
            // Where blobs are appended to, somebody may be at it.
            CanCompress = properties.BlobType is null or BlobType.Block,
            CanTier = properties.BlobType is null or BlobType.Block,
            Tier = properties.AccessTier is { } tier && Enum.TryParse<LogTier>(tier.ToString(), out var known) ? known : null,
            Hold = HoldOf(properties, metadata),
            Retention = RetentionNote.Read(metadata, before),
        };
    }

    private static string? HoldOf(BlobItemProperties properties, IDictionary<string, string> metadata) =>
        properties.LeaseState is LeaseState.Leased or LeaseState.Breaking ? "It is leased: somebody keeps it for himself."
        : properties.HasLegalHold || RetentionNote.IsHeld(metadata) ? "It is under a legal hold."
        : properties.ImmutabilityPolicy?.ExpiresOn is { } until ? $"It is immutable until {Say.Day(until)}."
        : properties.RehydratePriority is not null || properties.ArchiveStatus is not null ? "It is being brought back from the archive."
        : null;

    // The original goes last, and only in the version that was read; until then an interruption leaves both, and the next run goes on.
    private async Task<RotationOutcome> CompressCoreAsync(RotationEntry entry, LogTier? tier, CancellationToken cancellationToken)
    {
        var source = BlobOf(entry.Name);
        var properties = (await source.GetPropertiesAsync(Unchanged(entry), cancellationToken)).Value;
        var metadata = new Dictionary<string, string>(properties.Metadata, StringComparer.OrdinalIgnoreCase)
        {
            [CompressedMetadata.Size] = entry.SizeBytes.ToString(CultureInfo.InvariantCulture),
            [CompressedMetadata.Written] = entry.Modified.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        };
        if (properties.ContentType is { Length: > 0 } type)
        {
            metadata[CompressedMetadata.Type] = type;
        }

        var options = new BlobUploadOptions
        {
            HttpHeaders = new BlobHttpHeaders { ContentType = "application/gzip", CacheControl = properties.CacheControl, ContentLanguage = properties.ContentLanguage },
            Metadata = metadata,
            AccessTier = tier is { } wanted ? (AccessTier?)TierOf(wanted) : null,
            Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
            TransferOptions = new StorageTransferOptions { InitialTransferSize = Piece, MaximumTransferSize = Piece, MaximumConcurrency = 1 },
        };
        for (var number = 1; number <= MostNames; number++)
        {
            var name = (number == 1 ? entry.Name : ArtifactName.Numbered(entry.Name, number)) + ".gz";
            if (await TryCompressAsync(source, entry, BlobOf(name), options, cancellationToken))
            {
                var size = (await BlobOf(name).GetPropertiesAsync(cancellationToken: CancellationToken.None)).Value.ContentLength;
                await source.DeleteAsync(DeleteSnapshotsOption.None, Unchanged(entry), CancellationToken.None);
                return new RotationOutcome(StepState.Done, $"Compressed {Say.Size(entry.SizeBytes)} to {Say.Size(size)}.") { SizeAfter = size, NewName = name };
            }
        }

        return RotationOutcome.Failed(new MaintenanceException(
            MaintenanceErrorCode.ArtifactExists, "It stays as it was: too many compressed blobs of its name hold something else.", "Look at them, and move them elsewhere."));
    }

    /// <summary>Puts the compressed blob where there is none, or takes the one that is there if it holds the same.</summary>
    /// <returns>False if another of that name holds something else.</returns>
    private static async Task<bool> TryCompressAsync(BlobClient source, RotationEntry entry, BlobClient destination, BlobUploadOptions options, CancellationToken cancellationToken)
    {
        byte[]? hash = null;
        if (!await destination.ExistsAsync(cancellationToken))
        {
            try
            {
                hash = await UploadAsync(source, entry, destination, options, cancellationToken);
            }
            catch (RequestFailedException exists) when (exists.Status is 409 or 412 && exists.ErrorCode == BlobErrorCode.BlobAlreadyExists)
            {
                // Another run was quicker.
            }
        }

        if (hash is null)
        {
            await using var original = await OpenAsync(source, entry, cancellationToken);
            hash = await SHA256.HashDataAsync(original, cancellationToken);
        }

        try
        {
            await using var stored = await destination.OpenReadAsync(new BlobOpenReadOptions(allowModifications: false), cancellationToken);
            return CryptographicOperations.FixedTimeEquals(await GzipFile.HashAsync(stored, cancellationToken), hash);
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static Task<Stream> OpenAsync(BlobClient source, RotationEntry entry, CancellationToken cancellationToken) =>
        source.OpenReadAsync(new BlobOpenReadOptions(allowModifications: false) { Conditions = Unchanged(entry), BufferSize = Piece }, cancellationToken);

    // What is read is compressed and sent on, a piece at a time: a log of any size needs no disk and little memory.
    private static async Task<byte[]> UploadAsync(BlobClient source, RotationEntry entry, BlobClient destination, BlobUploadOptions options, CancellationToken cancellationToken)
    {
        var pipe = new Pipe();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var compressing = Task.Run(
            async () =>
            {
                try
                {
                    await using var original = await OpenAsync(source, entry, ending.Token);
                    var hash = await GzipFile.CompressAsync(original, pipe.Writer.AsStream(leaveOpen: true), ending.Token);
                    await pipe.Writer.CompleteAsync();
                    return hash;
                }
                catch (Exception exception)
                {
                    // The other side must not take what there is for the whole.
                    await pipe.Writer.CompleteAsync(exception);
                    throw;
                }
            },
            CancellationToken.None);
        try
        {
            await using var content = pipe.Reader.AsStream();
            await destination.UploadAsync(content, options, cancellationToken);
        }
        catch
        {
            await ending.CancelAsync();
            await pipe.Reader.CompleteAsync();
            await ((Task)compressing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        return await compressing;
    }

    private async Task<RotationOutcome> GuardAsync(Func<Task<RotationOutcome>> work)
    {
        try
        {
            return await work();
        }
        catch (RequestFailedException refused) when (WhySkipped(refused) is { } reason)
        {
            return RotationOutcome.Skipped(reason);
        }
        catch (RequestFailedException refused) when (refused.Status is 401 or 403)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.PermissionDenied,
                $"The store {Place} does not let these credentials change blobs.",
                "Give them Storage Blob Data Contributor on the container, or a SAS with Read, Write, Create, Delete and List.");
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or MaintenanceException))
        {
            // A store that is away is away for all its blobs; anything else is the trouble of this one.
            var problem = StoreErrors.Translate(exception, Place, "It stays as it was.");
            return problem is MaintenanceException { Code: not (MaintenanceErrorCode.StoreUnreachable or MaintenanceErrorCode.StoreAuthenticationFailed) } known
                ? RotationOutcome.Failed(known)
                : throw problem;
        }
    }

    private static string? WhySkipped(RequestFailedException refused) => refused switch
    {
        { Status: 404 } when refused.ErrorCode == BlobErrorCode.BlobNotFound => "It is no longer there.",
        _ when refused.ErrorCode == BlobErrorCode.ConditionNotMet => "It was written to meanwhile.",
        _ when refused.ErrorCode == BlobErrorCode.LeaseIdMissing || refused.ErrorCode == BlobErrorCode.LeaseIdMismatchWithBlobOperation => "It is leased: somebody keeps it for himself.",
        _ when refused.ErrorCode == BlobErrorCode.SnapshotsPresent => "It has snapshots, which would go with it.",
        _ when refused.ErrorCode == BlobErrorCode.BlobArchived || refused.ErrorCode == BlobErrorCode.BlobBeingRehydrated => "It is in the archive, or being brought back from it.",
        { ErrorCode: { } code } when code.Contains("Immutable", StringComparison.OrdinalIgnoreCase) => "It is immutable, or under a legal hold.",
        _ => null,
    };
}
