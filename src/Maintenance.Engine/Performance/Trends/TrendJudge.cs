using System.Globalization;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statistics;
using Maintenance.Engine.Reporting.Plots;

namespace Maintenance.Engine.Performance.Trends;

/// <summary>What is known of the samples of a time beside the figure that is judged.</summary>
/// <param name="IsAny">True if anything was sampled.</param>
/// <param name="HasFunctions">True if edge functions are configured.</param>
internal sealed record Sampled(bool IsAny, bool HasFunctions);

/// <summary>Judges one figure over a time against the time before, its limit and its baseline. Pure.</summary>
internal static class TrendJudge
{
    /// <summary>A smaller change is of no use to anybody, however certain.</summary>
    public const double WorthTelling = 5;

    /// <summary>A figure of which less than this share of the time was measured, in percent, is not called good: what was not measured may hide anything.</summary>
    public const double LeastCoverage = 50;

    /// <summary>What chance brings less often than this is not called chance.</summary>
    public const double Chance = 0.01;

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
    /// <param name="sampled">Whether anything was sampled in the time, and whether edge functions are configured; null if that is not known.</param>
    public static PerformanceTrend Of(TrendMetric metric, IReadOnlyList<SeriesPoint> series, DateTimeOffset from, DateTimeOffset to, PerformanceBaseline? baseline, string target, DateTimeOffset now, Sampled? sampled = null)
    {
        var points = series.Where(point => double.IsFinite(point.Value.Mean)).ToList();
        var (before, during) = (points.Where(point => point.At < from && point.At >= from - (to - from)).ToList(), points.Where(point => point.At >= from && point.At < to).ToList());
        var trend = new PerformanceTrend
        {
            Target = target, Metric = metric.Metric.Name, Title = metric.Title, Unit = metric.Metric.Unit, Area = metric.Area, Status = HealthStatus.Unknown, Limit = metric.Limit, Baseline = baseline, CollectedAt = now,
            Origin = MadeUp.Say([before, during]),
            PreviousMean = before.Count > 0 ? TrendCourse.Together(before).Mean : null,
        };
        if (during.Count == 0)
        {
            return trend with
            {
                Reason = points.Count > 0 && points[^1].At < from ? $"It was measured last on {Day(points[^1].At)}." : WhyNot(metric, sampled ?? new Sampled(false, true)),
            };
        }

        var whole = TrendCourse.Together(during);
        var course = TrendCourse.Of(during, from, to, metric.IsTotal);
        var missing = TrendCourse.Missing(during, course.Gaps, from, to);
        var isCovered = 100 - missing >= LeastCoverage;
        var missingBefore = TrendCourse.Missing(before, TrendCourse.GapsOf(before, from - (to - from), from), from - (to - from), from);
        var isComparable = isCovered && 100 - missingBefore >= LeastCoverage;
        var change = isComparable && trend.PreviousMean is { } old && old != 0 ? (whole.Mean - old) / Math.Abs(old) * 100 : (double?)null;
        var last = metric.IsTotal ? null : LastCourse.Of(points, to);
        var since = last?.Since > from ? last.Since : (DateTimeOffset?)null;
        var daily = DailyTrend.Of([.. Means(during, TimeSpan.FromDays(1)).Where(day => since is null || day.At >= since).Select(day => ((day.At - from).TotalDays, day.Mean))]);
        trend = trend with
        {
            Count = whole.Count,
            Last = course.Points[^1].Value.Mean,
            Mean = whole.Mean,
            // The rest of a day is less than a day.
            Minimum = (metric.IsTotal ? course.Since(from) : course.Points).Min(point => point.Value.Minimum),
            Maximum = course.Points.Max(point => point.Value.Maximum),
            ChangePercent = change,
            Shift = last?.Shift,
            CourseSince = since,
            Direction = daily is null ? TrendDirection.Unknown : daily.Value.Probability >= Chance || daily.Value.Slope == 0 ? TrendDirection.Steady : daily.Value.Slope > 0 ? TrendDirection.Rising : TrendDirection.Falling,
            ChangePerDay = daily?.Slope,
            MissingPercent = missing,
            PreviousMissingPercent = missingBefore,
            Step = course.Step,
            Points = course.Drawn(),
        };
        var isCounted = metric.IsTotal && metric.Metric.Unit == MetricUnit.Count;
        trend = metric.IsTotal ? trend with { Total = Total(during, isCounted), PreviousTotal = before.Count > 0 ? Total(before, isCounted) : null } : UsualBand.Compare(trend, course, from, to);
        // Days without deadlocks make any day with one unusual.
        if (!isCounted && LastDay([.. points.Where(point => last is null || point.At >= last.Since)], to) is { } lately)
        {
            trend = trend with { LastDayMean = lately.Mean, UsualDayMean = lately.Usual, IsLastDayUnusual = lately.IsUnusual };
        }

        var chance = !isComparable ? null : isCounted ? Chances(before, during, trend) : Compare(before, during)?.Probability;
        trend = trend with
        {
            ChangeProbability = chance,
            IsChanged = chance is null ? null : chance < Chance && (change is null ? whole.Mean != trend.PreviousMean : Math.Abs(change.Value) >= WorthTelling),
        };
        return IsAboveLimit(trend) || IsShifted(metric, trend) || IsWorse(metric, trend) || IsWorseLately(metric, trend) || IsOutside(metric, trend, UsualBand.Unusual) ? trend with { Status = HealthStatus.Warning }
            : isCovered ? trend with { Status = HealthStatus.Ok }
            : trend with { Reason = string.Create(CultureInfo.InvariantCulture, $"It was measured in {TrendWords.Coverage(missing)} of the time only: from {LeastCoverage:0} % on it is called good.") };
    }

    /// <summary>Whether so much of both times was measured that one can be compared with the other.</summary>
    public static bool IsComparable(PerformanceTrend trend) => 100 - trend.MissingPercent >= LeastCoverage && 100 - trend.PreviousMissingPercent >= LeastCoverage;

    /// <summary>Which rules a figure breaks, in a few words each: why it needs a look.</summary>
    public static IReadOnlyList<string> Reasons(TrendMetric metric, PerformanceTrend trend)
    {
        // A step to the worse says what the time before and what was usual say, and since when.
        var shift = HasWorseShift(metric, trend) && (IsShifted(metric, trend) || IsWorse(metric, trend) || IsOutside(metric, trend, UsualBand.Unusual)) ? TrendWords.Shift(trend) : null;
        var reasons = new[]
        {
            IsAboveLimit(trend) ? $"above {TrendWords.Limit(trend)}" : null,
            shift,
            shift is null && IsWorse(metric, trend) ? "worse than in the time before" : null,
            IsWorseLately(metric, trend) ? "worse in the last 24 hours" : null,
            shift is null && IsOutside(metric, trend, UsualBand.Unusual) ? $"{(metric.LessIsWorse == true ? "below" : "above")} the usual band {TrendWords.Share((metric.LessIsWorse == true ? trend.BelowUsualPercent : trend.AboveUsualPercent) ?? 0)} of the time" : null,
        };
        return [.. reasons.OfType<string>()];
    }

    /// <summary>The finding about a figure: above its limit, or worse than it was. Null where there is none.</summary>
    public static Finding? FindingOf(TrendMetric metric, PerformanceTrend trend, TimeSpan window)
    {
        if (trend.Mean is not { } mean)
        {
            return null;
        }

        var scale = TrendWords.Scale(trend, mean, trend.PreviousMean);
        var days = TrendWords.Scale(trend, trend.LastDayMean, trend.UsualDayMean);
        string Figure(double value) => FigureScale.Text(trend.Unit, value);
        var measured = TrendWords.Measured(window, trend.MissingPercent);
        var shift = HasWorseShift(metric, trend) ? $"{metric.Subject} is {TrendWords.Shift(trend)}: {TrendWords.ShiftFigures(trend)}." : null;
        var was = TrendWords.Total(trend, trend.Total) is { } total ? $"There {(trend is { Unit: MetricUnit.Count, Total: 1 } ? "was" : "were")} {total} in {measured}" : $"{(shift is null ? metric.Subject : $"{shift} It")} was {scale.Write(mean)} on average";
        var change = TrendWords.Total(trend, trend.PreviousTotal) is { } earlier ? $"after {earlier} in the time before"
            : trend is { ChangePercent: { } percent, PreviousMean: { } previous } ? $"{Math.Abs(percent).ToString("0.#", CultureInfo.InvariantCulture)} % {(percent < 0 ? "less" : "more")} than the {scale.Write(previous)} of the time before" : null;
        var outside = IsOutside(metric, trend, UsualBand.WorthTelling) ? TrendWords.OutsideUsual(trend, metric.LessIsWorse == false) : null;
        var also = outside is null ? "" : $" It was {outside}.";
        var worse = IsWorse(metric, trend);
        if (IsAboveLimit(trend))
        {
            return Finding(trend, "PERFORMANCE-ABOVE-LIMIT", mean > 2 * trend.Limit ? FindingSeverity.High : FindingSeverity.Medium,
                $"{was}, {(metric.IsTotal ? "more than" : "above")} {TrendWords.Limit(trend)}{(worse && change is not null ? $", and {change}" : "")}.{also}", metric.Advice);
        }

        if (shift is not null && (IsShifted(metric, trend) || worse))
        {
            return Finding(trend, "PERFORMANCE-STEP", FindingSeverity.Medium, shift, metric.Advice);
        }

        if (worse)
        {
            return Finding(trend, "PERFORMANCE-WORSE", FindingSeverity.Medium, $"{was}{(change is null ? "" : $", {change}")}.{also}", metric.Advice);
        }

        if (IsWorseLately(metric, trend) && trend is { LastDayMean: { } lately, UsualDayMean: { } usual })
        {
            var share = usual == 0 ? "where a usual day has none" : string.Create(CultureInfo.InvariantCulture, $"{Math.Abs((lately - usual) / usual * 100):0.#} % {(lately < usual ? "less" : "more")} than the {days.Write(usual)} of a usual day");
            return Finding(trend, "PERFORMANCE-WORSE-LATELY", FindingSeverity.Medium, $"{metric.Subject} was {days.Write(lately)} in the last 24 hours, {share}.{also}", metric.Advice);
        }

        if (outside is not null)
        {
            return Finding(trend, "PERFORMANCE-OUTSIDE-USUAL", IsOutside(metric, trend, UsualBand.Unusual) ? FindingSeverity.Medium : FindingSeverity.Low, $"{(shift is null ? metric.Subject : $"{shift} It")} was {outside}.", metric.Advice);
        }

        if (trend is { ChangePerDay: { } slope } && metric.Advice is not null && IsGoingWrong(metric, trend) && Math.Abs(slope) * 30 > Math.Abs(mean) * WorthTelling / 100)
        {
            return Finding(trend, "PERFORMANCE-GOING-WRONG", FindingSeverity.Low, $"{metric.Subject} {(slope > 0 ? "rises" : "falls")} by {Figure(Math.Abs(slope))} a day, steadily{TrendWords.Since(trend)}.", metric.Advice);
        }

        return null;
    }

    // Without any sample nothing is said against the functions or the extension: nobody asked them.
    private static string WhyNot(TrendMetric metric, Sampled sampled) => "It was not measured: " + (metric.Area, sampled) switch
    {
        (TrendArea.Application, { HasFunctions: false }) => "no edge functions are configured (functions in maintenance.json), and no log of requests told it (analytics.requestLog).",
        (_, { IsAny: false }) => "there are no samples. Run Invoke-MaintenanceTask PerformanceMetrics every five minutes.",
        (TrendArea.Application, _) => "neither the edge functions nor the log of requests told it, though other figures were sampled. The last run of PerformanceMetrics says why: (Invoke-MaintenanceTask PerformanceMetrics).Steps.",
        _ => $"other figures were sampled, this one could not be.{(metric.Needs is { } needs ? $" It needs {needs}." : "")} The last run of PerformanceMetrics says why: (Invoke-MaintenanceTask PerformanceMetrics).Steps.",
    };

    private static double Total(List<SeriesPoint> points, bool isCounted)
    {
        var total = TrendCourse.Seconds(points).Zip(points, (seconds, point) => seconds * point.Value.Mean / TimeSpan.SecondsPerDay).Sum();
        return isCounted ? Math.Round(total) : total;
    }

    private static double? Chances(List<SeriesPoint> before, List<SeriesPoint> during, PerformanceTrend trend) =>
        trend.PreviousTotal is not { } previous ? null : RareEvents.Chance((long)previous, TrendCourse.Seconds(before).Sum(), (long)trend.Total!.Value, TrendCourse.Seconds(during).Sum());

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
    private static (double Mean, double Usual, bool IsUnusual)? LastDay(List<SeriesPoint> points, DateTimeOffset to)
    {
        var days = points.Where(point => point.At < to)
            .GroupBy(point => (to - point.At).Ticks / TimeSpan.TicksPerDay).ToDictionary(group => group.Key, group => TrendCourse.Together(group).Mean);
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
            .Select(group => (At: new DateTimeOffset(group.Key * length.Ticks, TimeSpan.Zero), TrendCourse.Together(group).Mean))
            .OrderBy(entry => entry.At),
    ];

    private static bool IsAboveLimit(PerformanceTrend trend) => trend is { Limit: { } limit, Mean: { } mean } && mean > limit;

    private static bool IsOutside(TrendMetric metric, PerformanceTrend trend, double share) => metric.LessIsWorse is { } less && (less ? trend.BelowUsualPercent : trend.AboveUsualPercent) > share;

    private static bool HasWorseShift(TrendMetric metric, PerformanceTrend trend) => metric.LessIsWorse is { } less && trend.Shift is { } shift && (less ? shift.Since < shift.Before : shift.Since > shift.Before);

    // One from before the time is what the time has been all along.
    private static bool IsShifted(TrendMetric metric, PerformanceTrend trend) => HasWorseShift(metric, trend) && trend.Shift!.At == trend.CourseSince;

    private static bool IsWorse(TrendMetric metric, PerformanceTrend trend) =>
        metric.LessIsWorse is { } less && trend is { IsChanged: true, Mean: { } mean, PreviousMean: { } previous } && (less ? mean < previous : mean > previous);

    private static bool IsWorseLately(TrendMetric metric, PerformanceTrend trend) =>
        metric.LessIsWorse is { } less && trend is { IsLastDayUnusual: true, LastDayMean: { } last, UsualDayMean: { } usual } && (less ? last < usual : last > usual);

    // More of what is neither good nor bad is still worth knowing where it runs out some day.
    private static bool IsGoingWrong(TrendMetric metric, PerformanceTrend trend) => trend.Direction == (metric.LessIsWorse == true ? TrendDirection.Falling : TrendDirection.Rising);

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
            ["mean"] = trend.Mean, ["previousMean"] = trend.PreviousMean, ["changePercent"] = trend.ChangePercent, ["lastDayMean"] = trend.LastDayMean, ["usualDayMean"] = trend.UsualDayMean, ["probability"] = trend.ChangeProbability, ["stepAt"] = trend.Shift?.At, ["stepFrom"] = trend.Shift?.Before, ["stepTo"] = trend.Shift?.Since, ["changePerDay"] = trend.ChangePerDay, ["limit"] = trend.Limit,
            ["total"] = trend.Total, ["previousTotal"] = trend.PreviousTotal, ["aboveUsualPercent"] = trend.AboveUsualPercent, ["belowUsualPercent"] = trend.BelowUsualPercent, ["missingPercent"] = trend.MissingPercent,
        },
        Target = trend.Target,
        CollectedAt = trend.CollectedAt,
    };

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
