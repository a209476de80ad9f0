using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Performance.Trends;

/// <summary>A figure of the report.</summary>
/// <param name="Metric">The sampled figure.</param>
/// <param name="Subject">What a sentence about it begins with.</param>
/// <param name="Area">Where it belongs.</param>
/// <param name="Limit">What its mean is not to exceed; null for none.</param>
/// <param name="LessIsWorse">True where a fall is worse than a rise; null where neither is.</param>
/// <param name="Advice">What to do where it is worse than it was; null where that is nothing to act on.</param>
internal sealed record TrendMetric(SampledMetric Metric, string Subject, TrendArea Area, double? Limit, bool? LessIsWorse, string? Advice)
{
    /// <summary>What people call it.</summary>
    public string Title { get; init; } = Metric.Title;

    /// <summary>What it cannot be measured without, where the others can; null for nothing.</summary>
    public string? Needs { get; init; }

    /// <summary>True for what comes to pass now and then: it is told as what a time came to, for its rate over five minutes says nothing about a day.</summary>
    public bool IsTotal { get; init; }
}

/// <summary>The figures of the report, in its order, with the guide's limits (B4), and those of the catalogue for what the guide does not speak of.</summary>
internal static class TrendMetrics
{
    /// <summary>The figure that a trend is of.</summary>
    public static TrendMetric Of(PerformanceTrend trend) => All.First(metric => metric.Metric.Name == trend.Metric);

    public static IReadOnlyList<TrendMetric> All { get; } =
    [
        new(SampledMetrics.ResponseTime, "The mean response time", TrendArea.Application, 500, false, "Find what slowed down with Get-PerformanceMetric, and the statements behind it with Get-DbSlowQuery."),
        new(SampledMetrics.ErrorRate, "The share of failed requests", TrendArea.Application, 1, false, "Find which requests fail, and since when, with Get-ErrorAnalytics."),
        new(SampledMetrics.ResponseTimeP95, "The 95th percentile of response times", TrendArea.Application, null, false, "Look for single slow requests with Get-PerformanceMetric: the mean hides them."),
        new(SampledMetrics.Requests, "The number of requests", TrendArea.Application, null, null, null),
        new(SampledMetrics.QueryTime, "The mean query time", TrendArea.Database, 200, false, "Find the statements with Get-DbSlowQuery, and indexes for them with Optimize-DbQuery.")
        {
            Needs = "the extension pg_stat_statements in the database, and a role that may read it",
        },
        new(SampledMetrics.Connections, "The number of connections", TrendArea.Database, null, false, "See who holds connections with Get-DbSession, and when they run out with Get-CapacityForecast."),
        new(SampledMetrics.DatabaseSize, "The size of the database", TrendArea.Database, null, null, "See what grows, and when space runs out, with Get-CapacityForecast."),
        new(SampledMetrics.CacheHit, "The share of blocks found in cache", TrendArea.Database, null, true, "Find the statements that read most from disk with Get-DbSlowQuery, and compare shared_buffers with the working set."),
        new(SampledMetrics.Transactions, "The number of transactions", TrendArea.Database, null, null, null),
        new(SampledMetrics.TemporaryBytes, "The size of temporary files", TrendArea.Database, ThresholdCatalogue.Find(SampledMetrics.TemporaryBytes.Name)!.Warning, false, "Find sorts and hashes that do not fit work_mem with Get-DbSlowQuery.")
        {
            Title = "Temporary files", IsTotal = true,
        },
        new(SampledMetrics.Deadlocks, "The number of deadlocks", TrendArea.Database, ThresholdCatalogue.Find(SampledMetrics.Deadlocks.Name)!.Warning, false, "The server log names the statements of each deadlock: have them take their locks in the same order everywhere.")
        {
            Title = "Deadlocks", IsTotal = true,
        },
    ];
}
