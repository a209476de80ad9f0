using System.Globalization;

namespace Maintenance.Engine.Performance.Baselines;

/// <summary>What update_baselines is told (guide B2). Pure.</summary>
internal static class PushedBaselines
{
    /// <summary>Four numbers and a time.</summary>
    /// <exception cref="MaintenanceException">InsufficientHistory: a number is missing; null is never told in its place.</exception>
    public static IReadOnlyDictionary<string, object?> Of(IReadOnlyList<PerformanceBaseline> baselines)
    {
        // All of one source, so that they are of the same requests: the function's own, as in the guide, else those of the log.
        var whole = baselines.Where(baseline => baseline.Subject is null && baseline.Source is BaselineSource.Function or BaselineSource.RequestLog).ToList();
        var source = whole.Exists(baseline => baseline is { Source: BaselineSource.Function, Metric: BaselineMetrics.ResponseTime }) ? BaselineSource.Function : BaselineSource.RequestLog;
        whole.RemoveAll(baseline => baseline.Source != source || baseline.Subject is not null);
        var (response, errors, throughput) = (Find(BaselineMetrics.ResponseTime), Find(BaselineMetrics.ErrorRate), Find(BaselineMetrics.Throughput));
        return new Dictionary<string, object?>
        {
            ["avg_response_time"] = Number("avg_response_time", response?.Mean),
            ["p95_response_time"] = Number("p95_response_time", response?.P95),
            ["error_rate"] = Number("error_rate", errors?.Mean),
            ["throughput"] = Number("throughput", throughput?.Mean),
            ["timestamp"] = response!.CollectedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        };

        PerformanceBaseline? Find(string metric) => whole.Find(baseline => baseline.Metric == metric);
    }

    private static double Number(string name, double? value) => value is { } number && double.IsFinite(number) ? number : throw new MaintenanceException(
        MaintenanceErrorCode.InsufficientHistory,
        $"{name} is not known, so nothing was pushed: update_baselines is told numbers or nothing.",
        "See the warnings of what could not be measured, then run it again.");
}
