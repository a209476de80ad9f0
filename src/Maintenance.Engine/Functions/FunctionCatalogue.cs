using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Functions;

/// <summary>An action of a function that this module knows.</summary>
/// <typeparam name="T">Type of its answer.</typeparam>
/// <param name="Function">Name of the function.</param>
/// <param name="Action">Name of the action.</param>
/// <param name="Read">Reads the answer; throws FunctionField… with the path of what is not as agreed.</param>
/// <param name="Idempotent">Whether it may be asked again after a failure: false for what changes something.</param>
internal sealed record FunctionAction<T>(string Function, string Action, Func<JObject, T> Read, bool Idempotent = true);

/// <summary>The four functions, and the 22 actions the guide asks of them.</summary>
internal static class FunctionCatalogue
{
    public const string ProductionMonitoring = "production-monitoring";

    public const string DatabaseScalability = "database-scalability";

    public const string ErrorTracking = "error-tracking";

    public const string GdprCompliance = "gdpr-compliance";

    public static FunctionAction<ComprehensiveHealthCheckResult> ComprehensiveHealthCheck => throw new NotImplementedException();

    public static FunctionAction<PerformanceMetricsResult> PerformanceMetrics => throw new NotImplementedException();

    public static FunctionAction<PerformanceReportResult> PerformanceReport => throw new NotImplementedException();

    public static FunctionAction<PerformanceAnalysisResult> PerformanceAnalysis => throw new NotImplementedException();

    public static FunctionAction<ResourceUsageReportResult> ResourceUsageReport => throw new NotImplementedException();

    public static FunctionAction<ErrorAnalyticsResult> ErrorAnalytics => throw new NotImplementedException();

    public static FunctionAction<ComplianceReportResult> ComplianceReport => throw new NotImplementedException();
}
