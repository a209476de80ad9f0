using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup;

/// <summary>Backups in a container of Azure Blob Storage.</summary>
/// <param name="container">Client of the container.</param>
/// <param name="settings">The store's settings.</param>
/// <param name="onRefused">Called when the service refuses the credentials.</param>
internal sealed class BlobStore(BlobContainerClient container, StoreSettings settings, Action onRefused) : IBackupStore
{
    private const BlobTraits Protection = BlobTraits.ImmutabilityPolicy | BlobTraits.LegalHold;

    // What the service was found not to tell is not asked for again.
    private BlobTraits _traits = BlobTraits.Metadata | Protection;
    private BlobStates _states = BlobStates.Uncommitted;

    public string Name { get; } = settings.ToString();

    public bool CanSeek => true;

    public int Requests { get; private set; }

    public async IAsyncEnumerable<StoreEntry> ListAsync(StoreRange range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pages = Pages(range, cancellationToken);
        try
        {
            for (var isFirst = true; ; isFirst = false)
            {
                try
                {
                    Requests++;
                    if (!await pages.MoveNextAsync())
                    {
                        Requests--;
                        yield break;
                    }
                }
                catch (RequestFailedException refused) when (isFirst && AsksTooMuch(refused, range))
                {
                    await pages.DisposeAsync();
                    pages = Pages(range, cancellationToken);
                    isFirst = true;
                    continue;
                }
                catch (RequestFailedException refused) when (refused.Status == 400 && range.StartFrom is not null)
                {
                    // Only recent versions of the service know the option.
                    throw new SeekRefusedException();
                }
                catch (Exception exception)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var translated = StoreErrors.Translate(exception, Name);
                    if (translated is MaintenanceException { Code: MaintenanceErrorCode.StoreAuthenticationFailed })
                    {
                        onRefused();
                    }

                    throw translated;
                }

                foreach (var blob in pages.Current.Values)
                {
                    yield return ToEntry(blob);
                }
            }
        }
        finally
        {
            await pages.DisposeAsync();
        }
    }

    private IAsyncEnumerator<Page<BlobItem>> Pages(StoreRange range, CancellationToken cancellationToken)
    {
        var options = new GetBlobsOptions
        {
            Prefix = range.Begin ?? (settings.Prefix.Length > 0 ? settings.Prefix : null),
            StartFrom = range.StartFrom,
            Traits = range.WithProtection ? _traits : _traits & ~Protection,
            States = _states,
        };
        return container.GetBlobsAsync(options, cancellationToken).AsPages(pageSizeHint: range.PageSize).GetAsyncEnumerator(cancellationToken);
    }

    // Accounts without immutable versions, and services that only speak like Azure, may refuse to be asked for more than names.
    private bool AsksTooMuch(RequestFailedException refused, StoreRange range)
    {
        if (range.WithProtection && (_traits & Protection) != 0 && refused.Status is 400 or 403 or 409 or 501)
        {
            _traits &= ~Protection;
            return true;
        }

        if (_states != BlobStates.None && range.StartFrom is null && refused.Status is 400 or 409 or 501)
        {
            (_traits, _states) = (BlobTraits.None, BlobStates.None);
            return true;
        }

        return false;
    }

    private static StoreEntry ToEntry(BlobItem blob)
    {
        var properties = blob.Properties;
        var policy = properties.ImmutabilityPolicy?.ExpiresOn;
        return new StoreEntry(
            blob.Name,
            properties.ContentLength ?? 0,
            properties.LastModified ?? DateTimeOffset.MinValue,
            properties.AccessTier?.ToString(),
            properties.ETag?.ToString())
        {
            Metadata = blob.Metadata is { Count: > 0 } ? blob.Metadata.AsReadOnly() : null,
            // Every blob that was put together has a type of content; one that was not has neither that nor bytes.
            IsUncommitted = properties.ContentLength is 0 or null && string.IsNullOrEmpty(properties.ContentType) && properties.BlobType == BlobType.Block,
            ImmutableUntil = policy,
            // The client says "false" also where the service said nothing.
            LegalHold = properties.HasLegalHold ? true : policy is not null ? false : null,
        };
    }
}
