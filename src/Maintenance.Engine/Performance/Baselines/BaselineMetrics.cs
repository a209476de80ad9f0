using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Engine.Performance.Baselines;

/// <summary>Names of the figures that baselines are of, and what it means when they change.</summary>
internal static class BaselineMetrics
{
    public const string ResponseTime = "response_time";
    public const string ErrorRate = "error_rate";
    public const string Throughput = "throughput";
    public const string QueryTime = "query_time";

    // Their baselines are there to be seen beside what they are now; that they have grown is no change in how the system performs.
    private static readonly HashSet<string> Growing =
        [SampledMetrics.DatabaseSize.Name, SampledMetrics.ServerSize.Name, SampledMetrics.XidAge.Name, SampledMetrics.MultixactAge.Name];

    private static readonly HashSet<string> WorseIfHigher =
    [
        ErrorRate, SampledMetrics.SlowQueries.Name, SampledMetrics.BlockedSessions.Name, SampledMetrics.IdleInTransaction.Name,
        SampledMetrics.Rollbacks.Name, SampledMetrics.Deadlocks.Name, SampledMetrics.ConnectionUsage.Name,
    ];

    /// <summary>What a change of a figure is called.</summary>
    public static BaselineVerdict VerdictOf(MetricUnit unit, bool isHigher) => (unit, isHigher) switch
    {
        (MetricUnit.Milliseconds or MetricUnit.Seconds, true) => BaselineVerdict.Slower,
        (MetricUnit.Milliseconds or MetricUnit.Seconds, false) => BaselineVerdict.Faster,
        (_, true) => BaselineVerdict.Higher,
        _ => BaselineVerdict.Lower,
    };

    /// <summary>Whether a figure can be compared with what was usual: sizes and ages only ever grow, and trends and forecasts tell of that.</summary>
    public static bool IsComparable(PerformanceBaseline figure) => figure.Source != BaselineSource.Samples || !Growing.Contains(figure.Metric);

    /// <summary>Whether a change is for the worse; more load alone is not.</summary>
    public static bool IsWorse(string metric, BaselineVerdict verdict) => verdict switch
    {
        BaselineVerdict.Slower => true,
        BaselineVerdict.Higher => WorseIfHigher.Contains(metric),
        BaselineVerdict.Lower => metric == SampledMetrics.CacheHit.Name,
        _ => false,
    };
}
