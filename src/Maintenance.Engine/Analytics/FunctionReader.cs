using Maintenance.Engine.Functions;

namespace Maintenance.Engine.Analytics;

/// <summary>Makes measurements of what the functions answer.</summary>
internal sealed class FunctionReader(FunctionService functions, CallContext call, CancellationToken cancellationToken)
{
    public async Task<ErrorAnalytics> ReadErrorsAsync(TimeSpan window, Judgement judgement)
    {
        var answer = await AskAsync(judgement, FunctionCatalogue.ErrorAnalytics, "time_window", Times.ToText(window));
        judgement.Measure("error_rate", answer.ErrorRate);
        judgement.Measure("critical_errors_count", answer.CriticalErrorsCount);
        return new ErrorAnalytics
        {
            Target = judgement.Target.Name,
            Status = judgement.Status,
            Source = judgement.Source,
            SourceReason = judgement.SourceReason,
            Window = window,
            CollectedAt = judgement.Now,
            Metrics = judgement.Metrics,
            Findings = judgement.Findings,
            ErrorRatePercent = answer.ErrorRate,
            CriticalErrorCount = answer.CriticalErrorsCount,
            TopErrors =
            [
                .. answer.TopErrors.Select(error => new ErrorGroup
                {
                    Message = ErrorText.Normalise(error.Message),
                    Count = error.Count,
                    Component = error.Component is null ? null : ErrorText.Harmless(error.Component),
                }),
            ],
        };
    }

    public async Task<PerformanceMeasurement> ReadPerformanceAsync(TimeSpan window, Judgement judgement)
    {
        var asking = AskAsync(judgement, FunctionCatalogue.PerformanceMetrics, "time_window", Times.ToText(window));
        var analysing = AskAsync(judgement, FunctionCatalogue.PerformanceAnalysis, "time_window", Times.ToText(window));
        await Task.WhenAll(asking, analysing);
        var (requests, queries) = (await asking, await analysing);
        judgement.Measure("avg_response_time", requests.AvgResponseTime);
        judgement.Measure("avg_query_time", queries.AvgQueryTime);
        judgement.Measure("slow_queries_count", queries.SlowQueriesCount);
        judgement.Measure("connection_pool_usage", queries.ConnectionPoolUsage);
        foreach (var recommendation in queries.Recommendations)
        {
            judgement.Find("PERFORMANCE-RECOMMENDATION", FindingSeverity.Info, ErrorText.Harmless(recommendation), null);
        }

        return Requests(requests, window, judgement) with
        {
            AverageQueryTime = Times.FromMilliseconds(queries.AvgQueryTime),
            SlowQueryCount = queries.SlowQueriesCount,
            ConnectionUsagePercent = queries.ConnectionPoolUsage,
        };
    }

    public async Task<PerformanceMeasurement> ReadRequestsAsync(TimeSpan window, Judgement judgement)
    {
        var requests = await AskAsync(judgement, FunctionCatalogue.PerformanceMetrics, "time_window", Times.ToText(window));
        judgement.Measure("avg_response_time", requests.AvgResponseTime);
        return Requests(requests, window, judgement);
    }

    public async Task<ResourceUsage> ReadResourcesAsync(TimeSpan window, Judgement judgement)
    {
        var answer = await functions.CallAsync(judgement.Target, FunctionCatalogue.ResourceUsageReport, new Dictionary<string, object?>(), call, cancellationToken);
        judgement.Measure("storage_usage_percent", answer.StorageUsagePercent);
        judgement.Measure("bandwidth_usage_percent", answer.BandwidthUsagePercent);
        return new ResourceUsage
        {
            Target = judgement.Target.Name,
            Status = judgement.Status,
            Source = judgement.Source,
            SourceReason = judgement.SourceReason,
            Window = window,
            CollectedAt = judgement.Now,
            Metrics = judgement.Metrics,
            Findings = judgement.Findings,
            StorageLimitBytes = judgement.Target.Analytics.StorageLimit,
            StorageUsagePercent = answer.StorageUsagePercent,
            BandwidthUsagePercent = answer.BandwidthUsagePercent,
        };
    }

    // Made last, when all was judged.
    private static PerformanceMeasurement Requests(PerformanceMetricsResult requests, TimeSpan window, Judgement judgement) => new()
    {
        Target = judgement.Target.Name,
        Status = judgement.Status,
        Source = judgement.Source,
        SourceReason = judgement.SourceReason,
        Window = window,
        CollectedAt = judgement.Now,
        Metrics = judgement.Metrics,
        Findings = judgement.Findings,
        AverageResponseTime = Times.FromMilliseconds(requests.AvgResponseTime),
        P95ResponseTime = Times.FromMilliseconds(requests.P95ResponseTime),
        RequestsPerSecond = requests.AvgRequestsPerSecond,
        ErrorRatePercent = requests.ErrorRate,
    };

    private Task<T> AskAsync<T>(Judgement judgement, FunctionAction<T> action, string argument, string value)
        where T : notnull =>
        functions.CallAsync(judgement.Target, action, new Dictionary<string, object?> { [argument] = value }, call, cancellationToken);
}
