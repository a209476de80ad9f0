using System.Globalization;
using Maintenance.Engine.Performance.Baselines;
using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Engine.Performance.Trends;

/// <summary>What is usual for a figure, and how much of a time it was above or below it. Pure.</summary>
internal static class UsualBand
{
    /// <summary>A figure that is spread as it was spends no more than a fifth of its time two standard deviations above (or below) its mean, whatever way it is spread (Cantelli's inequality).</summary>
    public const double Unusual = 20;

    /// <summary>From here on it is worth telling.</summary>
    public const double WorthTelling = 10;

    // So many points tell what share of a time is.
    private const int Fewest = 6;

    private const int Stretch = 4;

    /// <summary>
    /// The baseline to compare with, of many, newest first: one of the same samples, for only these are spread as the figures of a report are
    /// (single requests and single statements are spread wider), and none of what only ever grows; and one from before the time, or from its first third where none is older.
    /// </summary>
    public static PerformanceBaseline? Choose(IReadOnlyList<PerformanceBaseline> baselines, SampledMetric metric, DateTimeOffset from, DateTimeOffset to)
    {
        var same = baselines.Where(baseline => BaselineMetrics.IsComparable(baseline) && baseline.Source == BaselineSource.Samples && baseline.Subject is null && baseline.Metric == metric.Name && baseline.Unit == metric.Unit).ToList();
        return same.Find(baseline => baseline.To <= from) ?? same.FindLast(baseline => baseline.To <= from + (to - from) / 3);
    }

    /// <summary>The trend with what is usual, and how much of the time after the baseline it was outside of that.</summary>
    public static PerformanceTrend Compare(PerformanceTrend trend, TrendCourse course, DateTimeOffset from, DateTimeOffset to)
    {
        if (trend is not { Baseline: { StandardDeviation: { } deviation } usual, Total: null })
        {
            return trend;
        }

        // Nothing of these goes below zero, and no share above the whole.
        var (low, high) = (Math.Max(0, usual.Mean - 2 * deviation), usual.Mean + 2 * deviation);
        high = trend.Unit == MetricUnit.Percent ? Math.Min(100, high) : high;
        trend = trend with { UsualLow = low, UsualHigh = high };
        var compared = course.Points.Where(point => point.From >= usual.To).ToList();
        if (compared.Count < Fewest)
        {
            return trend;
        }

        var (above, below) = (compared.Where(point => point.Value.Mean > high).ToList(), compared.Where(point => point.Value.Mean < low).ToList());
        return trend with
        {
            AboveUsualPercent = 100d * above.Count / compared.Count,
            BelowUsualPercent = 100d * below.Count / compared.Count,
            AboveUsualWhen = When(above, compared, course.Step, to - from),
            BelowUsualWhen = When(below, compared, course.Step, to - from),
        };
    }

    /// <summary>In which part of the time more than half of some points lie; null where they are scattered.</summary>
    internal static string? When(IReadOnlyList<SeriesPoint> outside, IReadOnlyList<SeriesPoint> all, TimeSpan? step, TimeSpan window)
    {
        if (outside.Count < 2)
        {
            return outside.Count == 0 ? null : Say($"on {Middle(outside[0]):d MMM}");
        }

        var isFine = step is null || step < TimeSpan.FromDays(1);
        var onset = Onset(outside, all);
        var since = all.Count(point => point.From >= onset);
        if (since < all.Count * 0.95 && outside.Count(point => point.From >= onset) >= since * 0.8 && since >= Fewest)
        {
            return Say($"nearly always since {onset.UtcDateTime.ToString(isFine ? "d MMM HH:mm" : "d MMM", CultureInfo.InvariantCulture)}{(isFine ? " UTC" : "")}");
        }

        if (outside.Count >= all.Count * 0.8)
        {
            // The share says it all.
            return null;
        }

        var times = outside.Select(Middle).ToList();
        string? Of<T>(Func<DateTime, T> part, Func<T, string> name)
            where T : notnull
        {
            var (best, count) = times.CountBy(part).MaxBy(pair => pair.Value);
            return count * 2 > times.Count ? $"most of it {name(best)}" : null;
        }

        string? Hours<T>(Func<DateTime, T> part, Func<T, string> name)
            where T : notnull =>
            isFine && times.SelectMany(time => Enumerable.Range(0, Stretch).Select(back => (Part: part(time), From: time.Hour - back)).Where(slot => slot.From is >= 0 and <= 24 - Stretch))
                .CountBy(slot => slot).DefaultIfEmpty().MaxBy(pair => pair.Value) is { Value: var count, Key: var slot } && count * 2 > times.Count
                ? Say($"most of it {name(slot.Part)}{slot.From:00}:00–{slot.From + Stretch:00}:00 UTC")
                : null;

        return Hours(time => time.Date, day => Say($"on {day:dddd, d MMM}, "))
            ?? (window < TimeSpan.FromDays(14) ? null : Hours(time => time.DayOfWeek, day => $"on {day}s "))
            ?? Of(time => time.Date, day => Say($"on {day:dddd, d MMM}"))
            ?? Hours(_ => 0, _ => "at ")
            ?? (window < TimeSpan.FromDays(14) ? null : Of(time => time.DayOfWeek, day => $"on {day}s"));
    }

    // A few points may lie outside long before; those that nothing divides from the rest belong to it.
    private static DateTimeOffset Onset(IReadOnlyList<SeriesPoint> outside, IReadOnlyList<SeriesPoint> all)
    {
        var starts = outside.Select(point => point.From).ToHashSet();
        var index = all.Index().First(entry => entry.Item.From >= outside[outside.Count / 20].From).Index;
        while (index > 0 && starts.Contains(all[index - 1].From))
        {
            index--;
        }

        return all[index].From;
    }

    private static DateTime Middle(SeriesPoint point) => (point.From + (point.To - point.From) / 2).UtcDateTime;

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
