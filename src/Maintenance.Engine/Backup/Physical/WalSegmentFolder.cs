namespace Maintenance.Engine.Backup.Physical;

/// <summary>The segments in the folder of a server that recovers, as that server reads them: of the newest timeline that has one.</summary>
/// <param name="folder">The folder.</param>
/// <param name="way">The way through the log.</param>
/// <param name="segmentSize">Size of a segment.</param>
internal sealed class WalSegmentFolder(string folder, IReadOnlyList<WalStretch> way, long segmentSize)
{
    private const int Buffer = 1 << 20;

    private uint _timeline;

    public long SegmentSize => segmentSize;

    /// <summary>Opens the segment of a number; null if it is not there.</summary>
    public Stream? Open(ulong number)
    {
        foreach (var stretch in way.Reverse().Where(stretch => number >= stretch.First && stretch.Timeline >= _timeline))
        {
            var path = Path.Combine(folder, WalPosition.NameOf(stretch.Timeline, number, segmentSize));
            if (File.Exists(path))
            {
                _timeline = stretch.Timeline;
                return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, Buffer, FileOptions.Asynchronous | FileOptions.SequentialScan);
            }
        }

        return null;
    }

    /// <summary>The segments behind a position that hold what their names say; those that were made for later or are used again do not.</summary>
    public IReadOnlyList<string> Behind(ulong position) =>
    [
        .. from path in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)
           let name = Path.GetFileName(path)
           where name.Length == 24 && WalFileName.Parse(name) is { Kind: WalFileKind.Segment } segment && way.Any(stretch => stretch.Timeline == segment.Timeline)
               && WalPosition.NumberOf(segment.High, segment.Low, segmentSize) is var number && number > WalPosition.NumberAt(position, segmentSize)
               && way.Any(stretch => stretch.Timeline == segment.Timeline && number >= stretch.First && !(number >= stretch.End))
               && AddressOf(path) == number * (ulong)segmentSize
           select name,
    ];

    /// <summary>Size of the segments in a folder; null where there is none.</summary>
    public static long? SizeIn(string folder) => Directory.EnumerateFiles(folder)
        .Where(path => Path.GetFileName(path) is { Length: 24 } name && WalFileName.Parse(name) is { Kind: WalFileKind.Segment })
        .Select(path => new FileInfo(path).Length)
        .Where(WalPosition.IsSegmentSize)
        .Cast<long?>()
        .FirstOrDefault();

    private static ulong? AddressOf(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Span<byte> first = stackalloc byte[WalSegmentHeader.Length];
        return file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false) == first.Length ? WalSegmentHeader.Parse(first)?.PageAddress : null;
    }
}
