using Maintenance.Engine.Analytics;
using Maintenance.Engine.Functions;

namespace Maintenance.Engine.Performance.Baselines;

/// <summary>Baselines as the functions tell them (guide B1, B3): totals of a window, of which nothing can be left out.</summary>
internal sealed class FunctionBaselines(FunctionService functions, CallContext call)
{
    private const string Whole = "The function tells of the whole window: maintenance in it could not be left out. It tells no number of observations and no deviation.";

    /// <summary>Asks both functions; what one does not answer does not keep the other from it.</summary>
    public async Task<(IReadOnlyList<PerformanceBaseline> Baselines, IReadOnlyList<BaselineGap> Gaps)> ReadAsync(
        MaintenanceTarget target, BaselineWindow window, CancellationToken cancellationToken)
    {
        var whole = window with { Excluded = [] };
        var arguments = new Dictionary<string, object?> { ["time_window"] = Times.ToText(window.To - window.From) };
        var baselines = new List<PerformanceBaseline>();
        var gaps = new List<BaselineGap>();
        await TryAsync(async () =>
        {
            var report = await functions.CallAsync(target, FunctionCatalogue.PerformanceReport, arguments, call, cancellationToken);
            baselines.AddRange(
            [
                Of(BaselineMetrics.ResponseTime, MetricUnit.Milliseconds, report.AvgResponseTime) with { P95 = report.P95ResponseTime },
                Of(BaselineMetrics.ErrorRate, MetricUnit.Percent, report.ErrorRate),
                Of(BaselineMetrics.Throughput, MetricUnit.PerSecond, report.AvgRequestsPerSecond),
            ]);
        });
        await TryAsync(async () =>
        {
            var queries = await functions.CallAsync(target, FunctionCatalogue.PerformanceBaselines, arguments, call, cancellationToken);
            baselines.AddRange(
            [
                Of(BaselineMetrics.QueryTime, MetricUnit.Milliseconds, queries.AvgQueryTime),
                Of("slow_queries_count", MetricUnit.Count, queries.SlowQueriesCount),
                Of("connection_pool_usage", MetricUnit.Percent, queries.ConnectionPoolUsage),
            ]);
        });
        return (baselines, gaps);

        PerformanceBaseline Of(string metric, MetricUnit unit, double mean) => whole.Of(BaselineSource.Function, metric, unit, mean) with { Note = Whole };

        async Task TryAsync(Func<Task> ask)
        {
            try
            {
                await ask();
            }
            catch (MaintenanceException exception)
            {
                gaps.Add(new BaselineGap(BaselineSource.Function, exception.Code, exception.Message, exception.Recommendation) { IsAbsent = exception.Code == MaintenanceErrorCode.NotConfigured });
            }
        }
    }
}
