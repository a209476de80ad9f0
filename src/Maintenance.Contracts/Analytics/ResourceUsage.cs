namespace Maintenance;

/// <summary>What a system uses of what it may use (guide D5). Null is unknown; the metric of that name says why.</summary>
public sealed record ResourceUsage : Measurement
{
    /// <summary>Size of the database in bytes; from the database only.</summary>
    public long? StorageBytes { get; init; }

    /// <summary>What it may grow to, in bytes, as configured (analytics.storageLimit).</summary>
    public long? StorageLimitBytes { get; init; }

    /// <summary>Storage in use, in percent.</summary>
    public double? StorageUsagePercent { get; init; }

    /// <summary>Bandwidth in use, in percent; from the function only.</summary>
    public double? BandwidthUsagePercent { get; init; }
}
