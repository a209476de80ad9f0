namespace Maintenance;

// What the 22 actions answer, as the guide reads them. A field without a question mark must be in the answer: one that is
// missing, null or of the wrong type is an error, never a default.

/// <summary>Answer of <c>health_check</c>, the same for every function.</summary>
public sealed record FunctionHealthCheckResult
{
    /// <summary>What the function says of itself: <c>healthy</c>, <c>degraded</c>, <c>unhealthy</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Version of the function, if it tells.</summary>
    public string? Version { get; init; }
}

/// <summary>Answer of production-monitoring <c>comprehensive_health_check</c> (guide D1).</summary>
public sealed record ComprehensiveHealthCheckResult
{
    /// <summary>The function's own score, 0 to 100.</summary>
    public required double OverallHealthPercent { get; init; }

    /// <summary>What it complains of.</summary>
    public IReadOnlyList<string> Issues { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;
}

/// <summary>Answer of production-monitoring <c>performance_report</c> (guide B1).</summary>
public sealed record PerformanceReportResult
{
    /// <summary>Mean response time in milliseconds.</summary>
    public required double AvgResponseTime { get; init; }

    /// <summary>95th percentile of the response time in milliseconds.</summary>
    public required double P95ResponseTime { get; init; }

    /// <summary>Failed requests in percent.</summary>
    public required double ErrorRate { get; init; }

    /// <summary>Mean requests per second.</summary>
    public required double AvgRequestsPerSecond { get; init; }
}

/// <summary>Answer of production-monitoring <c>update_baselines</c> (guide B2).</summary>
public sealed record UpdateBaselinesResult
{
    /// <summary>Whether the baselines were stored.</summary>
    public required bool Updated { get; init; }
}

/// <summary>Answer of production-monitoring <c>performance_metrics</c> (guide T2).</summary>
public sealed record PerformanceMetricsResult
{
    /// <summary>Mean response time in milliseconds.</summary>
    public required double AvgResponseTime { get; init; }

    /// <summary>95th percentile of the response time in milliseconds, if it tells.</summary>
    public double? P95ResponseTime { get; init; }

    /// <summary>Failed requests in percent, if it tells.</summary>
    public double? ErrorRate { get; init; }

    /// <summary>Mean requests per second, if it tells.</summary>
    public double? AvgRequestsPerSecond { get; init; }
}

/// <summary>Answer of database-scalability <c>performance_analysis</c> (guide D2, T2).</summary>
public sealed record PerformanceAnalysisResult
{
    /// <summary>Mean query time in milliseconds.</summary>
    public required double AvgQueryTime { get; init; }

    /// <summary>Number of slow queries.</summary>
    public required long SlowQueriesCount { get; init; }

    /// <summary>Connections in use, in percent.</summary>
    public required double ConnectionPoolUsage { get; init; }

    /// <summary>What it recommends.</summary>
    public IReadOnlyList<string> Recommendations { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;
}

/// <summary>Answer of database-scalability <c>resource_usage_report</c> (guide D5).</summary>
public sealed record ResourceUsageReportResult
{
    /// <summary>Storage in use, in percent.</summary>
    public required double StorageUsagePercent { get; init; }

    /// <summary>Bandwidth in use, in percent.</summary>
    public required double BandwidthUsagePercent { get; init; }
}

/// <summary>Answer of database-scalability <c>performance_baselines</c> (guide B3).</summary>
public sealed record PerformanceBaselinesResult
{
    /// <summary>Mean query time in milliseconds.</summary>
    public required double AvgQueryTime { get; init; }

    /// <summary>Number of slow queries.</summary>
    public required long SlowQueriesCount { get; init; }

    /// <summary>Connections in use, in percent.</summary>
    public required double ConnectionPoolUsage { get; init; }
}

/// <summary>Answer of database-scalability <c>capacity_analysis</c> (guide C1).</summary>
public sealed record CapacityAnalysisResult
{
    /// <summary>Size of the database in GB.</summary>
    public required double DatabaseSizeGb { get; init; }

    /// <summary>Growth in GB a day.</summary>
    public required double DailyGrowthGb { get; init; }

    /// <summary>Most connections at once: a count, not a percentage.</summary>
    public required long PeakConnections { get; init; }

    /// <summary>Traffic in GB a day.</summary>
    public required double DailyBandwidthGb { get; init; }
}

/// <summary>Answer of database-scalability <c>optimize_performance</c> (guide T2).</summary>
public sealed record OptimizePerformanceResult
{
    /// <summary>What it says it has done.</summary>
    public IReadOnlyList<string> Actions { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;
}

/// <summary>Answer of database-scalability <c>connection_pool_status</c> (guide T3).</summary>
public sealed record ConnectionPoolStatusResult
{
    /// <summary>Connections in use, in percent.</summary>
    public required double UsagePercentage { get; init; }
}

/// <summary>Answer of database-scalability <c>slow_query_analysis</c> (guide Q1).</summary>
public sealed record SlowQueryAnalysisResult
{
    /// <summary>The slow queries.</summary>
    public required IReadOnlyList<FunctionSlowQuery> SlowQueries { get; init => field = Readable.Copy(value); }
}

/// <summary>A slow query as the function tells it.</summary>
public sealed record FunctionSlowQuery
{
    /// <summary>Its text.</summary>
    public required string QueryText { get; init; }

    /// <summary>Mean duration in milliseconds.</summary>
    public required double AvgDuration { get; init; }

    /// <summary>How often it ran.</summary>
    public required long ExecutionCount { get; init; }
}

/// <summary>Answer of database-scalability <c>query_optimization_recommendations</c> (guide Q2).</summary>
public sealed record QueryOptimizationResult
{
    /// <summary>What it recommends.</summary>
    public required IReadOnlyList<FunctionRecommendation> Recommendations { get; init => field = Readable.Copy(value); }
}

/// <summary>A recommendation as the function tells it.</summary>
public sealed record FunctionRecommendation
{
    /// <summary>What to do.</summary>
    public required string Suggestion { get; init; }

    /// <summary>What it would bring, in the function's words.</summary>
    public string? Impact { get; init; }

    /// <summary>What it would cost, in the function's words.</summary>
    public string? Effort { get; init; }

    /// <summary>Whether the function thinks it safe to apply.</summary>
    public bool AutoApply { get; init; }

    /// <summary>The command.</summary>
    public string? SqlCommand { get; init; }
}

/// <summary>Answer of error-tracking <c>get_error_analytics</c> (guide D3).</summary>
public sealed record ErrorAnalyticsResult
{
    /// <summary>Errors in percent of all requests.</summary>
    public required double ErrorRate { get; init; }

    /// <summary>Number of critical errors.</summary>
    public required long CriticalErrorsCount { get; init; }

    /// <summary>The most frequent errors.</summary>
    public IReadOnlyList<FunctionError> TopErrors { get; init => field = Readable.Copy(value); } = Readable.List<FunctionError>.Empty;
}

/// <summary>Answer of error-tracking <c>get_error_rate</c> (guide T1).</summary>
public sealed record ErrorRateResult
{
    /// <summary>Errors in percent of all requests.</summary>
    public required double ErrorRate { get; init; }
}

/// <summary>Answer of error-tracking <c>get_top_errors</c> (guide T1).</summary>
public sealed record TopErrorsResult
{
    /// <summary>The most frequent errors.</summary>
    public required IReadOnlyList<FunctionError> Errors { get; init => field = Readable.Copy(value); }
}

/// <summary>An error as the function tells it.</summary>
public sealed record FunctionError
{
    /// <summary>Its message.</summary>
    public required string Message { get; init; }

    /// <summary>How often it occurred.</summary>
    public long? Count { get; init; }

    /// <summary>Where it occurred.</summary>
    public string? Component { get; init; }
}

/// <summary>Answer of gdpr-compliance <c>compliance_report</c> (guide D4, M4, T4).</summary>
public sealed record ComplianceReportResult
{
    /// <summary>The function's own score, 0 to 100.</summary>
    public required double ComplianceScore { get; init; }

    /// <summary>Consents in percent (monthly report).</summary>
    public double? ConsentCompliance { get; init; }

    /// <summary>Access requests answered in time, in percent (monthly report).</summary>
    public double? AccessRequestCompliance { get; init; }

    /// <summary>Erasures done in time, in percent (monthly report).</summary>
    public double? DeletionCompliance { get; init; }

    /// <summary>Audit trail in percent (monthly report).</summary>
    public double? AuditCompliance { get; init; }

    /// <summary>What it complains of.</summary>
    public IReadOnlyList<string> Issues { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>What was processed (monthly report).</summary>
    public IReadOnlyList<FunctionProcessingActivity> ProcessingActivities { get; init => field = Readable.Copy(value); } = Readable.List<FunctionProcessingActivity>.Empty;

    /// <summary>What is to be done (monthly report).</summary>
    public IReadOnlyList<FunctionActionItem> ActionItems { get; init => field = Readable.Copy(value); } = Readable.List<FunctionActionItem>.Empty;
}

/// <summary>A processing activity as the function tells it.</summary>
public sealed record FunctionProcessingActivity
{
    /// <summary>Its kind.</summary>
    public required string ActivityType { get; init; }

    /// <summary>How many records.</summary>
    public required long ProcessedRecords { get; init; }
}

/// <summary>Something to be done as the function tells it.</summary>
public sealed record FunctionActionItem
{
    /// <summary>What.</summary>
    public required string Action { get; init; }

    /// <summary>How urgent, in the function's words; a number is taken as its text.</summary>
    public string? Priority { get; init; }
}

/// <summary>Answer of gdpr-compliance <c>get_compliance_issues</c> (guide T4).</summary>
public sealed record ComplianceIssuesResult
{
    /// <summary>The open issues.</summary>
    public required IReadOnlyList<FunctionComplianceIssue> Issues { get; init => field = Readable.Copy(value); }
}

/// <summary>A compliance issue as the function tells it.</summary>
public sealed record FunctionComplianceIssue
{
    /// <summary>What is wrong.</summary>
    public required string Issue { get; init; }

    /// <summary>How much it matters, in the function's words: <c>low</c>, …</summary>
    public required string Severity { get; init; }
}

/// <summary>Answer of gdpr-compliance <c>auto_resolve_issues</c> (guide T4).</summary>
public sealed record AutoResolveIssuesResult
{
    /// <summary>How many it says it has resolved.</summary>
    public required long ResolvedCount { get; init; }
}
