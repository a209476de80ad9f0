namespace Maintenance;

/// <summary>The limits that growth is compared with, and how far ahead one looks.</summary>
public sealed record CapacityPolicy
{
    /// <summary>What the databases of the server may grow to, in bytes; null for <see cref="AnalyticsSettings.StorageLimit"/>, and without that the guide's 100 GB (C2).</summary>
    public long? StorageLimit { get; init; }

    /// <summary>How many connections there may be at once. Default 80 (guide C3); max_connections is watched besides.</summary>
    public int ConnectionLimit { get; init; } = 80;

    /// <summary>How much may be transferred a day, in bytes; null for no limit.</summary>
    public long? DailyBandwidthLimit { get; init; }

    /// <summary>How far ahead one looks. Default 30 days (guide C1).</summary>
    public TimeSpan Projection { get; init; } = TimeSpan.FromDays(30);
}
