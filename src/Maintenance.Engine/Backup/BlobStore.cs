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
    public string Name { get; } = settings.ToString();

    public bool CanSeek => true;

    public int Requests { get; private set; }

    public async IAsyncEnumerable<StoreEntry> ListAsync(
        string? startFrom, int? pageSize, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new GetBlobsOptions { Prefix = settings.Prefix.Length > 0 ? settings.Prefix : null, StartFrom = startFrom };
        await using var pages = container.GetBlobsAsync(options, cancellationToken).AsPages(pageSizeHint: pageSize)
            .GetAsyncEnumerator(cancellationToken);
        while (true)
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
            catch (RequestFailedException refused) when (refused.Status == 400 && startFrom is not null)
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
                yield return new StoreEntry(
                    blob.Name,
                    blob.Properties.ContentLength ?? 0,
                    blob.Properties.LastModified ?? DateTimeOffset.MinValue,
                    blob.Properties.AccessTier?.ToString(),
                    blob.Properties.ETag?.ToString());
            }
        }
    }
}
