using System.IO.Compression;
using System.Text;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>Reads an archive of write-ahead log: the listing, the first page of one segment and the history of the newest timeline.</summary>
/// <param name="listing">The archive, to list.</param>
/// <param name="files">The archive, to read.</param>
internal sealed class WalArchiveReader(IBackupStore listing, IFileStore files)
{
    private const int Compressed = 64 * 1024;

    /// <summary>A file this young at the end of the log may still be on its way.</summary>
    private static readonly TimeSpan Arriving = TimeSpan.FromMinutes(10);

    private int _requests;

    /// <summary>How many requests it took so far.</summary>
    public int Requests => listing.Requests + _requests;

    /// <summary>Reads all that is there.</summary>
    /// <param name="sink">Where to tell.</param>
    /// <param name="now">The time (UTC).</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="MaintenanceException">Store…, PermissionDenied.</exception>
    public async Task<WalArchive> ReadAsync(IMaintenanceSink sink, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var inventory = new WalInventory();
        var count = 0L;
        await foreach (var entry in listing.ListAsync(StoreRange.All, cancellationToken))
        {
            inventory.Add(entry);
            if (++count % 5000 == 0)
            {
                sink.Progress(new ProgressUpdate("Reading write-ahead log", FormattableString.Invariant($"{listing.Name}: {count} files")));
            }
        }

        var header = inventory.Sample is { } sample ? await HeaderAsync(sample, cancellationToken) : null;
        var size = header?.SegmentSize ?? WalPosition.UsualSegmentSize;
        var holdings = inventory.Holdings(size);
        var timeline = holdings.Segments.Keys.Concat(inventory.Histories.Keys).DefaultIfEmpty().Max();
        var history = inventory.Histories.TryGetValue(timeline, out var file) ? WalTimeline.Parse(await TextAsync(file, cancellationToken), timeline) : null;
        return new WalArchive(inventory, holdings, header, size, timeline, history, now - Arriving);
    }

    private async Task<WalSegmentHeader?> HeaderAsync(StoreEntry entry, CancellationToken cancellationToken)
    {
        var compressed = WalFileName.Parse(entry.Name)!.Value.IsCompressed;
        var bytes = await BytesAsync(entry.Name, compressed ? Compressed : WalSegmentHeader.Length, cancellationToken);
        if (!compressed)
        {
            return WalSegmentHeader.Parse(bytes);
        }

        try
        {
            var header = new byte[WalSegmentHeader.Length];
            await using var content = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            var read = await content.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellationToken);
            return WalSegmentHeader.Parse(header.AsSpan(0, read));
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private async Task<string> TextAsync(StoreEntry entry, CancellationToken cancellationToken)
    {
        var bytes = await BytesAsync(entry.Name, WalTimeline.LongestHistory, cancellationToken);
        if (WalFileName.Parse(entry.Name)!.Value.Compression != ".gz")
        {
            return Encoding.UTF8.GetString(bytes);
        }

        try
        {
            using var reader = new StreamReader(new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress));
            return await reader.ReadToEndAsync(cancellationToken);
        }
        catch (InvalidDataException)
        {
            return "";
        }
    }

    private async Task<byte[]> BytesAsync(string name, int length, CancellationToken cancellationToken)
    {
        try
        {
            _requests++;
            await using var part = await files.OpenAsync(name, 0, length, etag: null, cancellationToken);
            var bytes = new byte[length];
            return bytes[..await part.ReadAtLeastAsync(bytes, length, throwOnEndOfStream: false, cancellationToken)];
        }
        catch (Exception exception) when (exception is not MaintenanceException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw exception is UnauthorizedAccessException
                ? new MaintenanceException(MaintenanceErrorCode.PermissionDenied, $"{name} in the archive may not be read: {exception.Message}", "Let the account that runs this read the archive.")
                : StoreErrors.Translate(exception, files.Place);
        }
    }
}
