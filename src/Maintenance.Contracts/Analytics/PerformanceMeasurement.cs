namespace Maintenance;

/// <summary>How fast a system was over a time (guide D2, T2, B1). Null is unknown; the metric of that name says why.</summary>
public sealed record PerformanceMeasurement : Measurement
{
    /// <summary>Mean response time of requests.</summary>
    public TimeSpan? AverageResponseTime { get; init; }

    /// <summary>95th percentile of the response time, exact where it comes from the database.</summary>
    public TimeSpan? P95ResponseTime { get; init; }

    /// <summary>Requests per second, the mean over the window.</summary>
    public double? RequestsPerSecond { get; init; }

    /// <summary>Requests that failed, in percent of all logged requests; not the same as logged errors per request.</summary>
    public double? ErrorRatePercent { get; init; }

    /// <summary>Mean execution time of database statements.</summary>
    public TimeSpan? AverageQueryTime { get; init; }

    /// <summary>Number of distinct statements that took more than a second on average.</summary>
    public long? SlowQueryCount { get; init; }

    /// <summary>Connections in use right now, in percent of those that clients can have.</summary>
    public double? ConnectionUsagePercent { get; init; }

    /// <summary>Transactions per second, ended in either way; from the database only.</summary>
    public double? TransactionsPerSecond { get; init; }

    /// <summary>From when the statement figures count (UTC): later than the window's start where statistics were reset.</summary>
    public DateTimeOffset? StatementsSince { get; init; }

    /// <summary>The requests by operation, most frequent first; from the database only.</summary>
    public IReadOnlyList<OperationPerformance> Operations { get; init => field = Readable.Copy(value); } = Readable.List<OperationPerformance>.Empty;
}

/// <summary>The requests of one operation.</summary>
public sealed record OperationPerformance
{
    /// <summary>Name of the operation.</summary>
    public required string Operation { get; init; }

    /// <summary>Number of requests.</summary>
    public required long Count { get; init; }

    /// <summary>Mean response time.</summary>
    public TimeSpan? Average { get; init; }

    /// <summary>95th percentile of the response time.</summary>
    public TimeSpan? P95 { get; init; }

    /// <summary>Requests that failed, in percent.</summary>
    public double? ErrorRatePercent { get; init; }
}
