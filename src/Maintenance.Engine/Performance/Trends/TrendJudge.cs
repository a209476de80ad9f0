using System.Globalization;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statistics;
using Maintenance.Engine.Reporting.Plots;

namespace Maintenance.Engine.Performance.Trends;

/// <summary>Judges one figure over a time against the time before, its limit and its baseline. Pure.</summary>
internal static class TrendJudge
{
    /// <summary>A smaller change is of no use to anybody, however certain.</summary>
    public const double WorthTelling = 5;

    private const double Chance = 0.01;

    // With fewer days than this, hours are compared.
    private const int FewDays = 4;

    /// <summary>What became of a figure.</summary>
    /// <param name="metric">The figure.</param>
    /// <param name="series">Its samples of both times, oldest first.</param>
    /// <param name="from">When the time began.</param>
    /// <param name="to">When it ended.</param>
    /// <param name="baseline">What was usual; null if none is kept.</param>
    /// <param name="target">Name of the target.</param>
    /// <param name="now">When this is judged.</param>
    public static PerformanceTrend Of(TrendMetric metric, IReadOnlyList<SeriesPoint> series, DateTimeOffset from, DateTimeOffset to, PerformanceBaseline? baseline, string target, DateTimeOffset now)
    {
        var points = series.Where(point => double.IsFinite(point.Value.Mean)).ToList();
        var (before, during) = (points.Where(point => point.At < from && point.At >= from - (to - from)).ToList(), points.Where(point => point.At >= from && point.At < to).ToList());
        var trend = new PerformanceTrend
        {
            Target = target, Metric = metric.Metric.Name, Title = metric.Metric.Title, Unit = metric.Metric.Unit, Area = metric.Area, Status = HealthStatus.Unknown, Limit = metric.Limit, Baseline = baseline, CollectedAt = now,
        };
        if (during.Count == 0)
        {
            return trend with
            {
                Reason = before.Count > 0 ? $"It was measured last on {Day(before[^1].At)}." : metric.Area == TrendArea.Application
                    ? "It was not measured: the edge functions did not report it (functions in maintenance.json, task PerformanceMetrics)."
                    : "It was not measured: run Invoke-MaintenanceTask PerformanceMetrics every five minutes.",
            };
        }

        var whole = Together(during);
        var compare = Compare(before, during);
        var previous = before.Count > 0 ? Together(before).Mean : (double?)null;
        var change = previous is { } old && old != 0 ? (whole.Mean - old) / Math.Abs(old) * 100 : (double?)null;
        var daily = DailyTrend.Of([.. Means(during, TimeSpan.FromDays(1)).Select(day => ((day.At - from).TotalDays, day.Mean))]);
        var lately = LastDay(points, from, to);
        var (drawn, missing) = Gaps(during, from, to);
        trend = trend with
        {
            Count = whole.Count,
            Last = during[^1].Value.Mean,
            Mean = whole.Mean,
            Minimum = whole.Minimum,
            Maximum = whole.Maximum,
            PreviousMean = previous,
            ChangePercent = change,
            ChangeProbability = compare?.Probability,
            IsChanged = compare is null ? null : compare.Value.Probability < Chance && (change is null ? whole.Mean != previous : Math.Abs(change.Value) >= WorthTelling),
            LastDayMean = lately?.Mean,
            UsualDayMean = lately?.Usual,
            IsLastDayUnusual = lately?.IsUnusual,
            Direction = daily is null ? TrendDirection.Unknown : daily.Value.Probability >= Chance || daily.Value.Slope == 0 ? TrendDirection.Steady : daily.Value.Slope > 0 ? TrendDirection.Rising : TrendDirection.Falling,
            ChangePerDay = daily?.Slope,
            MissingPercent = missing,
            Points = drawn,
        };
        return trend with { Status = (metric.Limit is { } limit && whole.Mean > limit) || IsWorse(metric, trend) || IsWorseLately(metric, trend) ? HealthStatus.Warning : HealthStatus.Ok };
    }

    /// <summary>The finding about a figure: above its limit, or worse than it was. Null where there is none.</summary>
    public static Finding? FindingOf(TrendMetric metric, PerformanceTrend trend)
    {
        if (trend.Mean is not { } mean)
        {
            return null;
        }

        string Figure(double value) => FigureScale.Text(trend.Unit, value);
        var change = trend is { ChangePercent: { } percent, PreviousMean: { } previous } ? $"{Math.Abs(percent).ToString("0.#", CultureInfo.InvariantCulture)} % {(percent < 0 ? "less" : "more")} than the {Figure(previous)} of the time before" : null;
        var worse = IsWorse(metric, trend);
        if (metric.Limit is { } limit && mean > limit)
        {
            return Finding(trend, "PERFORMANCE-ABOVE-LIMIT", mean > 2 * limit ? FindingSeverity.High : FindingSeverity.Medium, $"{trend.Title} was {Figure(mean)} on average, above {Figure(limit)}{(worse && change is not null ? $", and {change}" : "")}.", metric.Advice);
        }

        if (worse)
        {
            return Finding(trend, "PERFORMANCE-WORSE", FindingSeverity.Medium, $"{trend.Title} was {Figure(mean)} on average{(change is null ? "" : $", {change}")}.", metric.Advice);
        }

        if (IsWorseLately(metric, trend) && trend is { LastDayMean: { } lately, UsualDayMean: { } usual })
        {
            var share = usual == 0 ? ", other" : string.Create(CultureInfo.InvariantCulture, $", {Math.Abs((lately - usual) / usual * 100):0.#} % {(lately < usual ? "less" : "more")}");
            return Finding(trend, "PERFORMANCE-WORSE-LATELY", FindingSeverity.Medium, $"{trend.Title} was {Figure(lately)} in the last 24 hours{share} than the {Figure(usual)} of a usual day.", metric.Advice);
        }

        if (trend is { ChangePerDay: { } slope } && metric.Advice is not null && IsGoingWrong(metric, trend) && Math.Abs(slope) * 30 > Math.Abs(mean) * WorthTelling / 100)
        {
            return Finding(trend, "PERFORMANCE-GOING-WRONG", FindingSeverity.Low, $"{trend.Title} {(slope > 0 ? "rises" : "falls")} by {Figure(Math.Abs(slope))} a day, steadily.", metric.Advice);
        }

        return null;
    }

    /// <summary>Compares by means of days, which do not follow from each other as measurements five minutes apart do; by hours where there are few days.</summary>
    private static WelchResult? Compare(List<SeriesPoint> before, List<SeriesPoint> during)
    {
        var (old, young) = (Means(before, TimeSpan.FromDays(1)), Means(during, TimeSpan.FromDays(1)));
        if (old.Count < FewDays || young.Count < FewDays)
        {
            (old, young) = (Means(before, TimeSpan.FromHours(1)), Means(during, TimeSpan.FromHours(1)));
        }

        return old.Count < FewDays || young.Count < FewDays ? null : WelchTest.Compare(Observed(old), Observed(young));
    }

    // Days end when the time does, so that each has all hours. What days usually differ by is told by their median distance from the median, which a few odd days do not move.
    private static (double Mean, double Usual, bool IsUnusual)? LastDay(List<SeriesPoint> points, DateTimeOffset from, DateTimeOffset to)
    {
        var days = points.Where(point => point.At < to && point.At >= from - (to - from))
            .GroupBy(point => (to - point.At).Ticks / TimeSpan.TicksPerDay).ToDictionary(group => group.Key, group => Together([.. group]).Mean);
        var before = days.Where(day => day.Key > 0).Select(day => day.Value).ToList();
        if (before.Count < DailyTrend.FewestDays || !days.TryGetValue(0, out var last))
        {
            return null;
        }

        var usual = Median(before);
        var spread = Math.Max(1.4826 * Median([.. before.Select(day => Math.Abs(day - usual))]), Math.Abs(usual) / 100);
        var distance = Math.Abs(last - usual);
        return (last, usual, distance > 4 * spread && distance > Math.Abs(usual) / 10);
    }

    private static double Median(List<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private static Observations Observed(List<(DateTimeOffset At, double Mean)> means)
    {
        var mean = means.Average(entry => entry.Mean);
        return new Observations(means.Count, mean, Math.Sqrt(means.Sum(entry => (entry.Mean - mean) * (entry.Mean - mean)) / (means.Count - 1)));
    }

    private static List<(DateTimeOffset At, double Mean)> Means(List<SeriesPoint> points, TimeSpan length) =>
    [
        .. points.GroupBy(point => point.At.UtcTicks / length.Ticks)
            .Select(group => (At: new DateTimeOffset(group.Key * length.Ticks, TimeSpan.Zero), Together([.. group]).Mean))
            .OrderBy(entry => entry.At),
    ];

    private static SampleValue Together(List<SeriesPoint> points) => points.Skip(1).Aggregate(points[0].Value, (sum, point) => sum.With(point.Value));

    private static bool IsWorse(TrendMetric metric, PerformanceTrend trend) =>
        metric.LessIsWorse is { } less && trend is { IsChanged: true, Mean: { } mean, PreviousMean: { } previous } && (less ? mean < previous : mean > previous);

    private static bool IsWorseLately(TrendMetric metric, PerformanceTrend trend) =>
        metric.LessIsWorse is { } less && trend is { IsLastDayUnusual: true, LastDayMean: { } last, UsualDayMean: { } usual } && (less ? last < usual : last > usual);

    // More of what is neither good nor bad is still worth knowing where it runs out some day.
    private static bool IsGoingWrong(TrendMetric metric, PerformanceTrend trend) => trend.Direction == (metric.LessIsWorse == true ? TrendDirection.Falling : TrendDirection.Rising);

    // A stretch three times as long as the usual distance, and longer than its neighbours stand for, is a gap.
    private static (List<TrendPoint> Points, double Missing) Gaps(List<SeriesPoint> points, DateTimeOffset from, DateTimeOffset to)
    {
        var drawn = new List<TrendPoint>(points.Count);
        var missing = TimeSpan.Zero;
        var distances = points.Zip(points.Skip(1), (first, second) => second.At - first.At).ToList();
        for (var index = 0; index < points.Count; index++)
        {
            var point = points[index];
            if (index > 0)
            {
                // Samples grow coarser with age: what is usual is told by the distances around.
                var around = distances.GetRange(Math.Max(0, index - 6), Math.Min(distances.Count, index + 5) - Math.Max(0, index - 6)).Order().ToList();
                var usual = around[around.Count / 2];
                var half = (Stretch(points[index - 1]) + Stretch(point)) / 2;
                if (distances[index - 1] > usual * 3 && distances[index - 1] > half * 1.5)
                {
                    missing += distances[index - 1] - usual;
                    drawn.Add(new TrendPoint { At = points[index - 1].At + usual });
                }
            }

            drawn.Add(new TrendPoint { At = point.At, Mean = point.Value.Mean, Minimum = point.Value.Minimum, Maximum = point.Value.Maximum });
        }

        var edges = (points[0].From - from, to - points[^1].To);
        var step = distances.Count > 0 ? distances.Order().ElementAt(distances.Count / 2) : TimeSpan.Zero;
        missing += Beyond(edges.Item1, step) + Beyond(edges.Item2, step);
        return (drawn, Math.Clamp(missing / (to - from) * 100, 0, 100));
    }

    private static TimeSpan Stretch(SeriesPoint point) => point.Value.Count == 1 ? TimeSpan.Zero : point.To - point.From;

    private static TimeSpan Beyond(TimeSpan time, TimeSpan usual) => time > usual * 3 ? time : TimeSpan.Zero;

    private static Finding Finding(PerformanceTrend trend, string id, FindingSeverity severity, string message, string? advice) => new()
    {
        Id = id,
        Area = "Performance",
        Severity = severity,
        Subject = trend.Metric,
        Scope = "trends",
        Message = message,
        Recommendation = advice,
        Evidence = new Dictionary<string, object?>
        {
            ["mean"] = trend.Mean, ["previousMean"] = trend.PreviousMean, ["changePercent"] = trend.ChangePercent, ["lastDayMean"] = trend.LastDayMean, ["usualDayMean"] = trend.UsualDayMean, ["probability"] = trend.ChangeProbability, ["changePerDay"] = trend.ChangePerDay, ["limit"] = trend.Limit,
        },
        Target = trend.Target,
        CollectedAt = trend.CollectedAt,
    };

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
