using MathNet.Numerics.Statistics;
using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Engine.Performance.Baselines;

/// <summary>Baselines of the sampled figures. Pure.</summary>
internal static class SampleBaselines
{
    /// <summary>Puts together what was sampled outside of maintenance.</summary>
    /// <exception cref="MaintenanceException">InsufficientHistory: nothing was.</exception>
    public static IReadOnlyList<PerformanceBaseline> Of(IReadOnlyDictionary<string, IReadOnlyList<SeriesPoint>> series, BaselineWindow window)
    {
        var baselines = new List<PerformanceBaseline>();
        foreach (var metric in BaselineMetrics.Sampled)
        {
            if (series.TryGetValue(metric.Name, out var points) && points.Where(point => !window.Excludes(point.From, point.To)).ToList() is { Count: > 0 } used)
            {
                baselines.Add(Of(metric, used, window));
            }
        }

        return baselines.Count > 0 ? baselines : throw BaselineWindow.Nothing(
            series.Count == 0 ? "The history has no samples in this window." : "All samples of this window were taken during maintenance, or have no figure that baselines are of.",
            "Have Invoke-MaintenanceTask PerformanceMetrics run every five minutes.");
    }

    private static PerformanceBaseline Of(SampledMetric metric, List<SeriesPoint> points, BaselineWindow window)
    {
        var whole = points.Skip(1).Aggregate(points[0].Value, (sum, point) => sum.With(point.Value));
        // Hours and days have only their means left: percentiles of those, each as often as it was measured.
        var isEstimated = points.Exists(point => point.Value.Count > 1);
        var values = points.SelectMany(point => Enumerable.Repeat(point.Value.Mean, (int)Math.Clamp(point.Value.Count, 1, 10_000))).ToArray();
        return window.Of(BaselineSource.Samples, metric.Name, metric.Unit, whole.Mean) with
        {
            Count = whole.Count,
            IndependentCount = Independent([.. points.Select(point => point.Value.Mean)]),
            StandardDeviation = whole.StandardDeviation,
            // R7 is what percentile_cont computes.
            P50 = values.QuantileCustom(0.5, QuantileDefinition.R7),
            P95 = values.QuantileCustom(0.95, QuantileDefinition.R7),
            IsEstimated = isEstimated,
            Note = isEstimated ? "Percentiles are estimates: some samples are means of an hour or a day." : null,
        };
    }

    /// <summary>
    /// How many of figures in a row count as independent, by how much each resembles the one before (autocorrelation of lag 1): n (1 - r) / (1 + r).
    /// Without it a test would take twelve readings of one busy hour for twelve witnesses.
    /// </summary>
    internal static long Independent(IReadOnlyList<double> values)
    {
        var mean = values.Average();
        var squares = values.Sum(value => (value - mean) * (value - mean));
        if (values.Count < 3 || squares == 0)
        {
            return values.Count;
        }

        var resemblance = Math.Clamp(values.Zip(values.Skip(1), (first, second) => (first - mean) * (second - mean)).Sum() / squares, 0, 1);
        return Math.Max(1, (long)Math.Floor(values.Count * (1 - resemblance) / (1 + resemblance)));
    }
}
