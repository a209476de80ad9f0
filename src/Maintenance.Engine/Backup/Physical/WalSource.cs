using Maintenance.Engine.Backup.Testing;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>The archive that a base backup is recovered with: what it holds, and its files.</summary>
internal sealed class WalSource
{
    private readonly WalArchive _archive;

    private WalSource(WalArchive archive, IBackupStore listing, IFileStore files) => (_archive, Listing, Files) = (archive, listing, files);

    public IBackupStore Listing { get; }

    public IFileStore Files { get; }

    /// <summary>Where it is.</summary>
    public string Place => Listing.Name;

    public long SegmentSize => _archive.SegmentSize;

    /// <summary>Reads the archive that the test was told of, or that is configured; null if there is none.</summary>
    /// <exception cref="MaintenanceException">Store….</exception>
    public static async Task<WalSource?> OpenAsync(TestWork work, CancellationToken cancellationToken)
    {
        if ((work.Options.WalArchive ?? work.Target?.WalArchive) is not { } settings)
        {
            return null;
        }

        var stores = new BackupStores();
        var listing = await stores.OpenAsync(settings, work.Call, cancellationToken);
        var files = await stores.OpenFilesAsync(settings, work.Call, cancellationToken);
        var archive = await new WalArchiveReader(listing, files).ReadAsync(work.Call.Sink, work.Time.GetUtcNow(), cancellationToken);
        return new WalSource(archive, listing, files);
    }

    /// <summary>The segments of a part of the log.</summary>
    public static IEnumerable<(uint Timeline, ulong Number, string Name)> Names(uint timeline, ulong start, ulong end, long segmentSize)
    {
        for (var number = WalPosition.NumberAt(start, segmentSize); number <= WalPosition.NumberAt(Math.Max(start, end - 1), segmentSize); number++)
        {
            yield return (timeline, number, WalPosition.NameOf(timeline, number, segmentSize));
        }
    }

    /// <summary>Whether the archive holds a segment whole.</summary>
    public bool Has(uint timeline, ulong number) => _archive.Has(timeline, number);
}
