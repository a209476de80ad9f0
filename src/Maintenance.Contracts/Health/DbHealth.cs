namespace Maintenance;

/// <summary>The state of one database, measured in a few round trips. What could not be read is null and has a finding.</summary>
public sealed record DbHealth
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>The worst of the findings and of what could not be measured.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>When it was measured (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <summary>Name of the database.</summary>
    public string? Database { get; init; }

    /// <summary>Server version, such as <c>15.18</c>.</summary>
    public string? ServerVersion { get; init; }

    /// <summary>True if the server is a standby.</summary>
    public bool? IsStandby { get; init; }

    /// <summary>How long the server has been up.</summary>
    public TimeSpan? Uptime { get; init; }

    /// <summary>Size of the database in bytes.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>Since when the cumulative figures below have been counted (UTC); null if they were never reset: then since the database was made.</summary>
    public DateTimeOffset? StatisticsSince { get; init; }

    /// <summary>Mean execution time over all statements since the statistics began (pg_stat_statements).</summary>
    public TimeSpan? AverageQueryTime { get; init; }

    /// <summary>Distinct statements whose mean execution time is above the slow-query limit (1000 ms unless configured).</summary>
    public long? SlowQueryCount { get; init; }

    /// <summary>Client connections in use, all databases of the server.</summary>
    public int? Connections { get; init; }

    /// <summary>Connections open to ordinary roles: max_connections less the reserved ones.</summary>
    public int? ConnectionLimit { get; init; }

    /// <summary><see cref="Connections"/> of <see cref="ConnectionLimit"/>, in percent.</summary>
    public double? ConnectionUsagePercent { get; init; }

    /// <summary>Blocks found in shared buffers, of all blocks asked for, in percent.</summary>
    public double? CacheHitPercent { get; init; }

    /// <summary>Deadlocks since the statistics began.</summary>
    public long? Deadlocks { get; init; }

    /// <summary>Temporary files written since the statistics began.</summary>
    public long? TempFiles { get; init; }

    /// <summary>Bytes written to temporary files since the statistics began.</summary>
    public long? TempBytes { get; init; }

    /// <summary>Checkpoints started because their time had come.</summary>
    public long? TimedCheckpoints { get; init; }

    /// <summary>Checkpoints started early, mostly because max_wal_size was reached.</summary>
    public long? RequestedCheckpoints { get; init; }

    /// <summary>Pages whose checksum was wrong; null where checksums are off.</summary>
    public long? ChecksumFailures { get; init; }

    /// <summary>How far the fullest sequence or identity column is towards its end, in percent.</summary>
    public double? SequenceUsagePercent { get; init; }

    /// <summary>Invalid indexes and constraints that were never validated.</summary>
    public int? InvalidObjectCount { get; init; }

    /// <summary>Sessions that wait for a lock.</summary>
    public int? BlockedSessions { get; init; }

    /// <summary>Age of the oldest open transaction.</summary>
    public TimeSpan? OldestTransaction { get; init; }

    /// <summary>What is worth attention, with what to do about it.</summary>
    public IReadOnlyList<Finding> Findings { get; init => field = Readable.Copy(value); } = Readable.List<Finding>.Empty;

    /// <summary>What to do, most urgent first: the findings' recommendations, each once.</summary>
    public IReadOnlyList<string> Recommendations { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>The figures as metrics, with the catalogue's names.</summary>
    public IReadOnlyList<Metric> Metrics { get; init => field = Readable.Copy(value); } = Readable.List<Metric>.Empty;
}
