using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Functions;

/// <summary>An action of a function that this module knows.</summary>
internal abstract record FunctionAction(string Function, string Action, bool Idempotent)
{
    /// <summary>Reads the answer as its own type.</summary>
    public abstract object ReadObject(JObject body);
}

/// <summary>An action of a function that this module knows, with the type of its answer.</summary>
/// <param name="Function">Name of the function.</param>
/// <param name="Action">Name of the action.</param>
/// <param name="Read">Reads the answer; throws FunctionField… with the path of what is not as agreed.</param>
/// <param name="Idempotent">Whether it may be asked again after a failure: false for what changes something.</param>
internal sealed record FunctionAction<T>(string Function, string Action, Func<JObject, T> Read, bool Idempotent = true)
    : FunctionAction(Function, Action, Idempotent)
    where T : notnull
{
    public override object ReadObject(JObject body) => Read(body);
}

/// <summary>The four functions, and the 22 actions the guide asks of them.</summary>
internal static class FunctionCatalogue
{
    public const string ProductionMonitoring = "production-monitoring";

    public const string DatabaseScalability = "database-scalability";

    public const string ErrorTracking = "error-tracking";

    public const string GdprCompliance = "gdpr-compliance";

    public const string HealthCheck = "health_check";

    /// <summary>The functions the guide watches, in its order (D7).</summary>
    public static IReadOnlyList<string> Functions { get; } = [GdprCompliance, DatabaseScalability, ProductionMonitoring, ErrorTracking];

    public static FunctionAction<ComprehensiveHealthCheckResult> ComprehensiveHealthCheck { get; } = Of(ProductionMonitoring, "comprehensive_health_check", fields => new ComprehensiveHealthCheckResult
    {
        OverallHealthPercent = fields.Percent("overall_health_percent"),
        Issues = fields.OptionalSentences("issues", "message", "issue", "description"),
    });

    public static FunctionAction<PerformanceReportResult> PerformanceReport { get; } = Of(ProductionMonitoring, "performance_report", fields => new PerformanceReportResult
    {
        AvgResponseTime = fields.Number("avg_response_time"),
        P95ResponseTime = fields.Number("p95_response_time"),
        ErrorRate = fields.Percent("error_rate"),
        AvgRequestsPerSecond = fields.Number("avg_requests_per_second"),
    });

    public static FunctionAction<UpdateBaselinesResult> UpdateBaselines { get; } =
        Of(ProductionMonitoring, "update_baselines", fields => new UpdateBaselinesResult { Updated = fields.Boolean("updated") }, idempotent: false);

    public static FunctionAction<PerformanceMetricsResult> PerformanceMetrics { get; } = Of(ProductionMonitoring, "performance_metrics", fields => new PerformanceMetricsResult
    {
        AvgResponseTime = fields.Number("avg_response_time"),
        P95ResponseTime = fields.OptionalNumber("p95_response_time"),
        ErrorRate = fields.OptionalPercent("error_rate"),
        AvgRequestsPerSecond = fields.OptionalNumber("avg_requests_per_second"),
    });

    public static FunctionAction<PerformanceAnalysisResult> PerformanceAnalysis { get; } = Of(DatabaseScalability, "performance_analysis", fields => new PerformanceAnalysisResult
    {
        AvgQueryTime = fields.Number("avg_query_time"),
        SlowQueriesCount = fields.Count("slow_queries_count"),
        ConnectionPoolUsage = fields.Percent("connection_pool_usage"),
        Recommendations = fields.OptionalSentences("recommendations", "suggestion", "message", "recommendation"),
    });

    public static FunctionAction<ResourceUsageReportResult> ResourceUsageReport { get; } = Of(DatabaseScalability, "resource_usage_report", fields => new ResourceUsageReportResult
    {
        // A plan's storage and bandwidth can be exceeded.
        StorageUsagePercent = fields.Number("storage_usage_percent"),
        BandwidthUsagePercent = fields.Number("bandwidth_usage_percent"),
    });

    public static FunctionAction<PerformanceBaselinesResult> PerformanceBaselines { get; } = Of(DatabaseScalability, "performance_baselines", fields => new PerformanceBaselinesResult
    {
        AvgQueryTime = fields.Number("avg_query_time"),
        SlowQueriesCount = fields.Count("slow_queries_count"),
        ConnectionPoolUsage = fields.Percent("connection_pool_usage"),
    });

    public static FunctionAction<CapacityAnalysisResult> CapacityAnalysis { get; } = Of(DatabaseScalability, "capacity_analysis", fields => new CapacityAnalysisResult
    {
        DatabaseSizeGb = fields.Number("database_size_gb"),
        DailyGrowthGb = fields.Number("daily_growth_gb"),
        PeakConnections = fields.Count("peak_connections"),
        DailyBandwidthGb = fields.Number("daily_bandwidth_gb"),
    });

    public static FunctionAction<OptimizePerformanceResult> OptimizePerformance { get; } = Of(
        DatabaseScalability, "optimize_performance", fields => new OptimizePerformanceResult { Actions = fields.OptionalSentences("actions", "action") }, idempotent: false);

    public static FunctionAction<ConnectionPoolStatusResult> ConnectionPoolStatus { get; } =
        Of(DatabaseScalability, "connection_pool_status", fields => new ConnectionPoolStatusResult { UsagePercentage = fields.Percent("usage_percentage") });

    public static FunctionAction<SlowQueryAnalysisResult> SlowQueryAnalysis { get; } = Of(DatabaseScalability, "slow_query_analysis", fields => new SlowQueryAnalysisResult
    {
        SlowQueries = fields.List("slow_queries", query => new FunctionSlowQuery
        {
            QueryText = query.Text("query_text"),
            AvgDuration = query.Number("avg_duration"),
            ExecutionCount = query.Count("execution_count"),
        }),
    });

    public static FunctionAction<QueryOptimizationResult> QueryOptimizationRecommendations { get; } = Of(DatabaseScalability, "query_optimization_recommendations", fields => new QueryOptimizationResult
    {
        Recommendations = fields.List("recommendations", advice => new FunctionRecommendation
        {
            Suggestion = advice.Text("suggestion"),
            Impact = advice.OptionalWord("impact"),
            Effort = advice.OptionalWord("effort"),
            AutoApply = advice.OptionalBoolean("auto_apply"),
            SqlCommand = advice.OptionalText("sql_command"),
        }),
    });

    public static FunctionAction<ErrorAnalyticsResult> ErrorAnalytics { get; } = Of(ErrorTracking, "get_error_analytics", fields => new ErrorAnalyticsResult
    {
        ErrorRate = fields.Percent("error_rate"),
        CriticalErrorsCount = fields.Count("critical_errors_count"),
        TopErrors = fields.Errors("top_errors", required: false),
    });

    public static FunctionAction<ErrorRateResult> ErrorRate { get; } =
        Of(ErrorTracking, "get_error_rate", fields => new ErrorRateResult { ErrorRate = fields.Percent("error_rate") });

    public static FunctionAction<TopErrorsResult> TopErrors { get; } =
        Of(ErrorTracking, "get_top_errors", fields => new TopErrorsResult { Errors = fields.Errors("errors", required: true) });

    public static FunctionAction<ComplianceReportResult> ComplianceReport { get; } = Of(GdprCompliance, "compliance_report", fields => new ComplianceReportResult
    {
        ComplianceScore = fields.Percent("compliance_score"),
        ConsentCompliance = fields.OptionalPercent("consent_compliance"),
        AccessRequestCompliance = fields.OptionalPercent("access_request_compliance"),
        DeletionCompliance = fields.OptionalPercent("deletion_compliance"),
        AuditCompliance = fields.OptionalPercent("audit_compliance"),
        Issues = fields.OptionalSentences("issues", "issue", "message", "description"),
        ProcessingActivities = fields.OptionalList("processing_activities", activity => new FunctionProcessingActivity
        {
            ActivityType = activity.Text("activity_type"),
            ProcessedRecords = activity.Count("processed_records"),
        }),
        ActionItems = fields.OptionalList("action_items", item => new FunctionActionItem
        {
            Action = item.Text("action"),
            Priority = item.OptionalWord("priority"),
        }),
    });

    public static FunctionAction<ComplianceIssuesResult> ComplianceIssues { get; } = Of(GdprCompliance, "get_compliance_issues", fields => new ComplianceIssuesResult
    {
        Issues = fields.List("issues", issue => new FunctionComplianceIssue { Issue = issue.Text("issue"), Severity = issue.Text("severity") }),
    });

    public static FunctionAction<AutoResolveIssuesResult> AutoResolveIssues { get; } =
        Of(GdprCompliance, "auto_resolve_issues", fields => new AutoResolveIssuesResult { ResolvedCount = fields.Count("resolved_count") }, idempotent: false);

    /// <summary>All 22 of them.</summary>
    public static IReadOnlyList<FunctionAction> All { get; } =
    [
        ComprehensiveHealthCheck, PerformanceReport, UpdateBaselines, PerformanceMetrics,
        PerformanceAnalysis, ResourceUsageReport, PerformanceBaselines, CapacityAnalysis, OptimizePerformance,
        ConnectionPoolStatus, SlowQueryAnalysis, QueryOptimizationRecommendations,
        ErrorAnalytics, ErrorRate, TopErrors,
        ComplianceReport, ComplianceIssues, AutoResolveIssues,
        .. Functions.Select(HealthCheckOf),
    ];

    /// <summary>The action, or null if this module does not know it.</summary>
    public static FunctionAction? Find(string function, string action) =>
        action == HealthCheck ? HealthCheckOf(function) : All.FirstOrDefault(known => known.Function == function && known.Action == action);

    /// <summary>Every function answers this one, with its status at the top or below <c>result</c>.</summary>
    public static FunctionAction<FunctionHealthCheckResult> HealthCheckOf(string function) => new(function, HealthCheck, body =>
    {
        var fields = body["result"] is JObject ? JsonFields.Result(body) : new JsonFields("$", body);
        return new FunctionHealthCheckResult { Status = fields.Text("status"), Version = fields.OptionalWord("version") };
    });

    private static FunctionAction<T> Of<T>(string function, string action, Func<JsonFields, T> read, bool idempotent = true)
        where T : notnull =>
        new(function, action, body => read(JsonFields.Result(body)), idempotent);
}
