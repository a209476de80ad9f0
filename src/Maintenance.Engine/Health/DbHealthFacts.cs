namespace Maintenance.Engine.Health;

/// <summary>What the queries of <see cref="DbHealthProbe"/> brought, before any judgement. Null is what could not be read.</summary>
internal sealed record DbHealthFacts
{
    public string? Database { get; init; }

    public string? ServerVersion { get; init; }

    public bool? IsStandby { get; init; }

    public TimeSpan? Uptime { get; init; }

    public long? SizeBytes { get; init; }

    public DateTimeOffset? ServerTime { get; init; }

    public DateTimeOffset? StatisticsSince { get; init; }

    public double? AverageQueryMilliseconds { get; init; }

    public long? SlowQueryCount { get; init; }

    public int? Connections { get; init; }

    public int? ConnectionLimit { get; init; }

    public long? BlocksHit { get; init; }

    public long? BlocksRead { get; init; }

    public long? Deadlocks { get; init; }

    public long? TempFiles { get; init; }

    public long? TempBytes { get; init; }

    public long? TimedCheckpoints { get; init; }

    public long? RequestedCheckpoints { get; init; }

    public long? ChecksumFailures { get; init; }

    public string? FullestSequence { get; init; }

    public double? SequenceUsagePercent { get; init; }

    public IReadOnlyList<InvalidObject>? InvalidObjects { get; init; }

    public int? BlockedSessions { get; init; }

    public double? OldestTransactionSeconds { get; init; }

    /// <summary>What could not be measured, why, and what would help.</summary>
    public IReadOnlyList<Gap> Gaps { get; init; } = [];
}

/// <summary>An index or constraint that is not valid.</summary>
internal sealed record InvalidObject(string Kind, string Name, string Table, long SizeBytes);

/// <summary>Something that could not be measured.</summary>
/// <param name="Id">Finding id.</param>
/// <param name="Subject">What is missing.</param>
/// <param name="Outcome">Whether a privilege is missing or something else.</param>
/// <param name="Message">Why it could not be measured.</param>
/// <param name="Recommendation">What would help.</param>
internal sealed record Gap(string Id, string Subject, FindingOutcome Outcome, string Message, string Recommendation);
