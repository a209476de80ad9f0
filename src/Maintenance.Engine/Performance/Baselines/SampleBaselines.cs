using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statistics;

namespace Maintenance.Engine.Performance.Baselines;

/// <summary>Baselines of the sampled figures. Pure.</summary>
internal static class SampleBaselines
{
    /// <summary>Puts together what was sampled outside of maintenance.</summary>
    /// <exception cref="MaintenanceException">InsufficientHistory: nothing was.</exception>
    public static IReadOnlyList<PerformanceBaseline> Of(IReadOnlyDictionary<string, IReadOnlyList<SeriesPoint>> series, BaselineWindow window)
    {
        var baselines = new List<PerformanceBaseline>();
        foreach (var metric in SampledMetrics.All)
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
        var rhythm = DailyRhythm.Of(points);
        var notes = new[] { isEstimated ? "Percentiles are estimates: some samples are means of an hour or a day." : null, MadeUp.Say([points]) }.OfType<string>().ToList();
        return window.Of(BaselineSource.Samples, metric.Name, metric.Unit, whole.Mean) with
        {
            Count = whole.Count,
            IndependentCount = rhythm?.IndependentHours is { } hours ? Math.Max(1, (long)hours) : Independent([.. points.Select(point => point.Value.Mean)]),
            StandardDeviation = whole.StandardDeviation,
            P50 = Quantiles.Of(values, 0.5),
            P95 = Quantiles.Of(values, 0.95),
            IsEstimated = isEstimated,
            IsMadeUp = points.Exists(point => point.IsMadeUp),
            Rhythm = rhythm,
            Note = notes.Count > 0 ? string.Join(' ', notes) : null,
        };
    }

    /// <summary>
    /// How many of figures in a row count as independent, by how much each resembles the one before (autocorrelation of lag 1): n (1 - r) / (1 + r).
    /// Without it a test would take twelve readings of one busy hour for twelve witnesses. For times too short to know their daily rhythm.
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
