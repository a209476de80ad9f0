using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Engine.Performance.Trends;

/// <summary>A figure of the report.</summary>
/// <param name="Metric">The sampled figure.</param>
/// <param name="Area">Where it belongs.</param>
/// <param name="Limit">What its mean is not to exceed; null for none.</param>
/// <param name="LessIsWorse">True where a fall is worse than a rise; null where neither is.</param>
/// <param name="Advice">What to do where it is worse than it was; null where that is nothing to act on.</param>
/// <param name="IsFirst">True for a tile on the first screen.</param>
internal sealed record TrendMetric(SampledMetric Metric, TrendArea Area, double? Limit, bool? LessIsWorse, string? Advice, bool IsFirst = false);

/// <summary>The figures of the report, in its order, with the guide's limits (B4).</summary>
internal static class TrendMetrics
{
    public static IReadOnlyList<TrendMetric> All { get; } =
    [
        new(SampledMetrics.ResponseTime, TrendArea.Application, 500, false, "Find what slowed down with Get-PerformanceMetric, and the statements behind it with Get-DbSlowQuery.", true),
        new(SampledMetrics.ErrorRate, TrendArea.Application, 1, false, "Find which requests fail, and since when, with Get-ErrorAnalytics.", true),
        new(SampledMetrics.ResponseTimeP95, TrendArea.Application, null, false, "Look for single slow requests with Get-PerformanceMetric: the mean hides them."),
        new(SampledMetrics.Requests, TrendArea.Application, null, null, null),
        new(SampledMetrics.QueryTime, TrendArea.Database, 200, false, "Find the statements with Get-DbSlowQuery, and indexes for them with Optimize-DbQuery.", true),
        new(SampledMetrics.Connections, TrendArea.Database, null, false, "See who holds connections with Get-DbSession, and when they run out with Get-CapacityForecast.", true),
        new(SampledMetrics.DatabaseSize, TrendArea.Database, null, null, "See what grows, and when space runs out, with Get-CapacityForecast.", true),
        new(SampledMetrics.CacheHit, TrendArea.Database, null, true, "Find the statements that read most from disk with Get-DbSlowQuery, and compare shared_buffers with the working set."),
        new(SampledMetrics.Transactions, TrendArea.Database, null, null, null),
        new(SampledMetrics.TemporaryBytes, TrendArea.Database, null, false, "Find sorts and hashes that do not fit work_mem with Get-DbSlowQuery."),
        new(SampledMetrics.Deadlocks, TrendArea.Database, null, false, "Find who locks whom with Get-DbSession, and take locks in the same order everywhere."),
    ];
}
