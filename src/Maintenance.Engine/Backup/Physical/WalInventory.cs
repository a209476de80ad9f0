using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>
/// Takes the files of an archive one by one and remembers what matters: little, however many there are. Which segments are whole
/// is known once the size of a segment is; until then they are kept apart by their sizes. Pure.
/// </summary>
internal sealed class WalInventory
{
    private const int MostOdd = 1000;
    private const int MostLabels = 100_000;
    private const long Compressed = 0;

    private readonly Dictionary<(uint Timeline, long Size), Part> _parts = [];
    private readonly List<(WalFileName Name, StoreEntry Entry)> _odd = [];
    private readonly SortedDictionary<uint, StoreEntry> _histories = [];
    private readonly HashSet<(uint Timeline, uint High, uint Low)> _labels = [];
    private long _oddCount;

    /// <summary>Segments left half written at the end of a timeline.</summary>
    public long PartialCount { get; private set; }

    /// <summary>Files that are no part of an archive.</summary>
    public long OtherFileCount { get; private set; }

    /// <summary>Files that hold a segment.</summary>
    public long SegmentCount { get; private set; }

    /// <summary>What the segments take.</summary>
    public long Bytes { get; private set; }

    /// <summary>The history files, by their timelines.</summary>
    public IReadOnlyDictionary<uint, StoreEntry> Histories => _histories;

    /// <summary>How many base backups left a label.</summary>
    public long LabelCount => _labels.Count;

    /// <summary>A segment whose first page can tell the size of all; null if each has a size that no segment has, or a compression that cannot be read here.</summary>
    public StoreEntry? Sample { get; private set; }

    /// <summary>Takes one file into account.</summary>
    public void Add(StoreEntry entry)
    {
        if (WalFileName.Parse(entry.Name) is not { } name)
        {
            OtherFileCount++;
            return;
        }

        switch (name.Kind)
        {
            case WalFileKind.History:
                _histories[name.Timeline] = entry;
                break;
            case WalFileKind.BackupLabel when _labels.Count < MostLabels:
                _labels.Add((name.Timeline, name.High, name.Low));
                break;
            case WalFileKind.Partial:
                PartialCount++;
                break;
            case WalFileKind.Segment:
                AddSegment(name, entry);
                break;
        }
    }

    /// <summary>Where base backups begin.</summary>
    /// <param name="segmentSize">Size of a segment.</param>
    public IReadOnlyCollection<(uint Timeline, ulong Number)> Starts(long segmentSize) =>
        [.. _labels.Select(label => (label.Timeline, WalPosition.NumberOf(label.High, label.Low, segmentSize)))];

    /// <summary>What is whole, and what is not.</summary>
    /// <param name="segmentSize">Size of a segment.</param>
    public WalHoldings Holdings(long segmentSize)
    {
        var segments = new Dictionary<uint, WalSegments>();
        var newest = new Dictionary<uint, (ulong Number, StoreEntry Entry)>();
        var damaged = new List<WalDamage>();
        var duplicates = 0L;
        foreach (var ((timeline, size), part) in _parts)
        {
            duplicates += part.Duplicates;
            if (size != Compressed && size != segmentSize)
            {
                damaged.AddRange(part.Segments.Ranges(segmentSize).SelectMany(range => Enumerable.Range(0, (int)Math.Min(MostOdd, range.Last - range.First + 1))
                    .Select(index => new WalDamage(timeline, range.First + (ulong)index, WalPosition.NameOf(timeline, range.First + (ulong)index, segmentSize), size, part.Newest.LastModified))));
                continue;
            }

            if (!segments.TryGetValue(timeline, out var known))
            {
                segments[timeline] = known = new WalSegments();
            }

            duplicates += known.Add(part.Segments);
            var number = WalPosition.NumberOf(part.NewestName.High, part.NewestName.Low, segmentSize);
            if (!newest.TryGetValue(timeline, out var other) || number > other.Number)
            {
                newest[timeline] = (number, part.Newest);
            }
        }

        damaged.AddRange(_odd.Select(odd => new WalDamage(
            odd.Name.Timeline, WalPosition.NumberOf(odd.Name.High, odd.Name.Low, segmentSize), odd.Entry.Name, odd.Entry.SizeBytes, odd.Entry.LastModified)));
        var left = _oddCount - _odd.Count;
        return new WalHoldings(segments, newest, damaged, damaged.Count + left, duplicates);
    }

    private void AddSegment(WalFileName name, StoreEntry entry)
    {
        SegmentCount++;
        Bytes += entry.SizeBytes;
        if (entry.SizeBytes == 0 || (!name.IsCompressed && !WalPosition.IsSegmentSize(entry.SizeBytes)))
        {
            _oddCount++;
            if (_odd.Count < MostOdd)
            {
                _odd.Add((name, entry));
            }

            return;
        }

        // One that is not compressed is cheaper to read.
        if (Sample is null || (!name.IsCompressed && WalFileName.Parse(Sample.Value.Name)!.Value.IsCompressed))
        {
            Sample = name.Compression is "" or ".gz" ? entry : Sample;
        }

        var key = (name.Timeline, name.IsCompressed ? Compressed : entry.SizeBytes);
        if (!_parts.TryGetValue(key, out var part))
        {
            _parts[key] = part = new Part { NewestName = name, Newest = entry };
        }

        part.Duplicates += part.Segments.Add(name.High, name.Low) ? 0 : 1;
        if ((name.High, name.Low).CompareTo((part.NewestName.High, part.NewestName.Low)) > 0)
        {
            (part.NewestName, part.Newest) = (name, entry);
        }
    }

    private sealed class Part
    {
        public WalSegments Segments { get; } = new();

        public long Duplicates { get; set; }

        public WalFileName NewestName { get; set; }

        public StoreEntry Newest { get; set; }
    }
}

/// <summary>A segment that is not whole.</summary>
/// <param name="Timeline">Its timeline.</param>
/// <param name="Number">Its number.</param>
/// <param name="Name">Name of its file.</param>
/// <param name="SizeBytes">Size of its file.</param>
/// <param name="LastModified">When the archive received it.</param>
internal readonly record struct WalDamage(uint Timeline, ulong Number, string Name, long SizeBytes, DateTimeOffset LastModified);

/// <summary>What an archive holds, the size of a segment being known.</summary>
/// <param name="Segments">The whole segments of each timeline.</param>
/// <param name="Newest">The newest whole segment of each timeline.</param>
/// <param name="Damaged">Segments that are not whole, as many as were kept.</param>
/// <param name="DamagedCount">How many there are.</param>
/// <param name="DuplicateCount">Files that hold a segment that another one holds too.</param>
internal sealed record WalHoldings(
    IReadOnlyDictionary<uint, WalSegments> Segments,
    IReadOnlyDictionary<uint, (ulong Number, StoreEntry Entry)> Newest,
    IReadOnlyList<WalDamage> Damaged,
    long DamagedCount,
    long DuplicateCount);
