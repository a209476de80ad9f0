using Maintenance.Engine.History;

namespace Maintenance.Engine.Inspect;

/// <summary>How fast the log grows, and when that ends badly. Pure.</summary>
internal sealed class WalForecast
{
    private const string Log = "lsn";
    private const string SlotPrefix = "slot:";

    private readonly IReadOnlyList<Snapshot> _points;
    private readonly TimeSpan _shortest;

    /// <param name="points">Where the log and the slots were, oldest first and now last.</param>
    /// <param name="shortest">A rate over less time than this says too little.</param>
    /// <param name="trouble">Why there can be no rate, whatever the points say; null for nothing.</param>
    public WalForecast(IReadOnlyList<Snapshot> points, TimeSpan shortest, string? trouble = null)
    {
        (_points, _shortest) = (points, shortest);
        Rate = trouble is null ? RateOf(Log) : CounterRate.Unknown(trouble);
    }

    /// <summary>Bytes of log per second.</summary>
    public CounterRate Rate { get; }

    /// <summary>What a forecast is made of: where the log and the slots are now.</summary>
    public static Snapshot Point(string target, ReplicationFacts facts, DateTimeOffset now)
    {
        var values = new Dictionary<string, double>();
        if (facts.CurrentPosition is { } position)
        {
            values[Log] = (double)position;
        }

        foreach (var (slot, kept) in facts.Slots ?? [])
        {
            if (kept is { } from)
            {
                values[SlotPrefix + slot.Name] = (double)from;
            }
        }

        return new Snapshot { Target = target, Kind = "wal", TakenAt = now, Values = values };
    }

    /// <summary>A slot with how fast it grows, and when it is lost.</summary>
    public DbReplicationSlot Of(DbReplicationSlot slot)
    {
        var (growth, reason) = Growth(slot);
        var (hours, why) = growth is { } speed ? UntilLost(slot.SafeWalBytes, speed) : (null, reason);
        return slot with { GrowthBytesPerSecond = growth, HoursUntilLost = hours, HoursUntilLostReason = why };
    }

    /// <summary>When the log fills the disk, if what keeps it goes on.</summary>
    /// <param name="freeBytes">Free space; null if it is not known.</param>
    /// <param name="freeReason">Why it is not.</param>
    /// <param name="slots">The slots, with how fast they grow.</param>
    /// <param name="archiver">The archiver.</param>
    public (double? Hours, string? Reason) UntilFull(long? freeBytes, string? freeReason, IEnumerable<DbReplicationSlot> slots, DbWalArchiver? archiver)
    {
        // A slot with a limit is given up before it can fill a disk that has more room than that.
        var keepers = slots.Where(slot => slot.RestartLsn is not null && slot.WalStatus != "lost" && !(slot.SafeWalBytes < (freeBytes ?? long.MaxValue))).ToList();
        var failing = archiver?.IsFailing == true;
        var growths = keepers.Select(slot => slot.GrowthBytesPerSecond).Concat(failing ? [Rate.PerSecond] : []).ToList();
        if (growths.Count == 0 || (Rate.PerSecond is not null && growths.All(growth => growth <= 0)))
        {
            return (null, "Nothing keeps more and more of the log.");
        }

        if (freeBytes is not { } free)
        {
            return (null, freeReason);
        }

        return growths.Max() is > 0 and { } fastest ? (free / fastest / 3600, null) : (null, Rate.Reason ?? "How fast the slots grow is not known yet.");
    }

    private static (double? Hours, string? Reason) UntilLost(long? safeBytes, double bytesPerSecond)
    {
        if (safeBytes is not { } safe)
        {
            return (null, "There is no limit (max_slot_wal_keep_size is -1): it keeps the log until the disk is full.");
        }

        return bytesPerSecond > 0 ? (Math.Max(0, safe / bytesPerSecond / 3600), null) : (null, "What it keeps does not grow.");
    }

    private (double? Growth, string? Reason) Growth(DbReplicationSlot slot)
    {
        if (slot.WalStatus == "lost")
        {
            return (null, "It is lost already.");
        }

        if (slot.RestartLsn is null)
        {
            return (null, "It keeps nothing yet.");
        }

        if (Rate.PerSecond is not { } written)
        {
            return (null, Rate.Reason);
        }

        if (!slot.IsActive)
        {
            // Nobody moves it: it falls behind as fast as the log grows.
            return (written, null);
        }

        var seen = _points.Where(point => point.Values.ContainsKey(SlotPrefix + slot.Name)).ToList();
        var moved = RateOf(SlotPrefix + slot.Name);
        return moved.PerSecond is { } advance && RateOf(Log, seen).PerSecond is { } during ? (during - advance, null) : (null, moved.Reason);
    }

    private CounterRate RateOf(string name, IReadOnlyList<Snapshot>? points = null) => CounterRate.Of(
        [.. (points ?? _points).Where(point => point.Values.ContainsKey(name)).Select(point => (point.TakenAt, point.Values[name]))], _shortest);
}
