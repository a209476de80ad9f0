using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>What was read of an archive, and what follows from it.</summary>
internal sealed class WalArchive
{
    private const int MostDamagedListed = 100;

    private readonly WalInventory _inventory;
    private readonly WalHoldings _holdings;
    private readonly WalContinuity _continuity;
    private readonly WalSegmentHeader? _header;
    private readonly IReadOnlyList<WalTimelineEntry>? _history;
    private readonly List<WalDamage> _damaged;
    private readonly long _arriving;

    public WalArchive(
        WalInventory inventory, WalHoldings holdings, WalSegmentHeader? header, long segmentSize, uint timeline, IReadOnlyList<WalTimelineEntry>? history, DateTimeOffset arrivingSince)
    {
        (_inventory, _holdings, _header, _history, SegmentSize, Timeline) = (inventory, holdings, header, history, segmentSize, timeline);
        Way = WalTimeline.Way(timeline, history ?? [], segmentSize);
        _continuity = new WalGapFinder(segmentSize).Find(Way, holdings.Segments, inventory.Starts(segmentSize));

        // What comes after everything that is whole, and came just now, is still being written.
        _damaged = [.. holdings.Damaged.Where(damage =>
            damage.LastModified < arrivingSince || !holdings.Newest.TryGetValue(damage.Timeline, out var newest) || damage.Number < newest.Number)];
        _arriving = holdings.Damaged.Count - _damaged.Count;
    }

    public long SegmentSize { get; }

    public uint Timeline { get; }

    /// <summary>The way through the log to the newest timeline.</summary>
    public IReadOnlyList<WalStretch> Way { get; }

    /// <summary>True if the newest timeline came from another one and the archive does not tell from which.</summary>
    public bool HistoryMissing => Timeline > 1 && _history is null;

    /// <summary>The newest segment on the way; null if there is none.</summary>
    public StoreEntry? Newest => _continuity.Newest is { } newest && _holdings.Newest.TryGetValue(newest.Timeline, out var known) ? known.Entry : null;

    /// <summary>Up to where the log is archived; null if there is no segment.</summary>
    public ulong? End => _continuity.Newest is { } newest ? (newest.Number + 1) * (ulong)SegmentSize : null;

    public long OtherFileCount => _inventory.OtherFileCount;

    /// <summary>Whether a segment is there, and whole.</summary>
    public bool Has(uint timeline, ulong number)
    {
        var perLog = 0x1_0000_0000UL / (ulong)SegmentSize;
        return _holdings.Segments.GetValueOrDefault(timeline)?.Contains((uint)(number / perLog), (uint)(number % perLog)) == true;
    }

    public WalArchiveState ToState() => new()
    {
        Timeline = Timeline,
        FirstSegment = Name(_continuity.Oldest),
        LastSegment = Name(_continuity.Newest),
        ArchivedUpTo = End is { } end ? WalPosition.Format(end) : null,
        NewestAt = Newest?.LastModified,
        SegmentCount = _inventory.SegmentCount,
        Bytes = _inventory.Bytes,
        SegmentSizeBytes = SegmentSize,
        SegmentSizeAssumed = _header is null,
        SystemIdentifier = _header?.SystemIdentifier,
        NeededFrom = Name(_continuity.Needed),
        ContinuousFrom = Name(_continuity.ContinuousFrom),
        Gaps = _continuity.Gaps,
        Damaged = [.. _damaged.Take(MostDamagedListed).Select(damage => new WalSegmentFault(damage.Name, damage.SizeBytes, damage.SizeBytes == 0 ? "It is empty." : FormattableString.Invariant($"It has {damage.SizeBytes} bytes instead of {SegmentSize}.")))],
        DamagedCount = _holdings.DamagedCount - _arriving,
        DuplicateCount = _holdings.DuplicateCount,
        PartialCount = _inventory.PartialCount,
        OtherFileCount = _inventory.OtherFileCount,
        Timelines = [.. Switches()],
        BaseBackupCount = _inventory.LabelCount,
    };

    private IEnumerable<WalTimelineSwitch> Switches()
    {
        var entries = _history ?? [];
        for (var index = 0; index < entries.Count; index++)
        {
            var next = index + 1 < entries.Count ? entries[index + 1].Timeline : Timeline;
            yield return new WalTimelineSwitch(next, entries[index].Timeline, WalPosition.Format(entries[index].SwitchAt), entries[index].Reason);
        }
    }

    private string? Name((uint Timeline, ulong Number)? segment) => segment is { } known ? WalPosition.NameOf(known.Timeline, known.Number, SegmentSize) : null;
}
