using System.Globalization;
using Maintenance.Engine.Reporting.Plots;

namespace Maintenance.Engine.Performance.Trends;

/// <summary>What is said of a figure in the same words wherever it is said. Pure.</summary>
internal static class TrendWords
{
    /// <summary>What a time came to: "1 deadlock", "3 GB of temporary files"; null for a figure that is no total.</summary>
    public static string? Total(PerformanceTrend trend, double? total) => total is not { } known ? null : trend.Unit == MetricUnit.Bytes
        ? $"{FigureScale.Text(trend.Unit, known)} of {Name(trend)}"
        : Events(trend, known);

    /// <summary>How long a time was measured: "7 days", "the 1.5 days measured".</summary>
    public static string Measured(TimeSpan time, double? missing) => missing is >= 1 and < 100 ? $"the {Length(time * (1 - missing.Value / 100))} measured" : Length(time);

    /// <summary>The times outside of what is usual: "above the usual band (1 ms to 2 ms) 14 % of the time, most of it on Tuesdays"; null where there is nothing to tell.</summary>
    public static string? OutsideUsual(PerformanceTrend trend, bool isAbove) => (isAbove ? trend.AboveUsualPercent : trend.BelowUsualPercent) is { } share and > 0
        ? Say($"{(isAbove ? "above" : "below")} the usual band ({FigureScale.Text(trend.Unit, trend.UsualLow)} to {FigureScale.Text(trend.Unit, trend.UsualHigh)}) {(share < 1 ? "less than 1" : share.ToString("0", CultureInfo.InvariantCulture))} % of the time{((isAbove ? trend.AboveUsualWhen : trend.BelowUsualWhen) is { } when ? $", {when}" : "")}")
        : null;

    /// <summary>The longest times without samples, in words; null without any.</summary>
    public static string? Gaps(IReadOnlyList<TrendGap> gaps, DateTimeOffset from, DateTimeOffset to)
    {
        var longest = gaps.OrderByDescending(gap => gap.To - gap.From).Take(2).OrderBy(gap => gap.From)
            .Select(gap => gap.From <= from ? $"before {Time(gap.To)}" : gap.To >= to ? $"since {Time(gap.From)}" : $"from {Time(gap.From)} to {Time(gap.To)}").ToList();
        return longest.Count == 0 ? null : $"no samples {string.Join(" and ", longest)} UTC{(gaps.Count > longest.Count ? Say($", and {gaps.Count - longest.Count} shorter {(gaps.Count - longest.Count == 1 ? "time" : "times")}") : "")}";
    }

    /// <summary>How much of a time was measured, in percent that are never rounded to all or nothing.</summary>
    public static string Coverage(double missing) => missing <= 0 ? "100 %" : Say($"{Math.Clamp(100 - missing, 0.1, 99.9).ToString(missing is > 1 and < 99 ? "0" : "0.#", CultureInfo.InvariantCulture)} %");

    public static string Length(TimeSpan time) => time.TotalDays >= 2 ? Say($"{time.TotalDays:0.#} days") : time.TotalHours == 1 ? "hour" : Say($"{time.TotalHours:0.#} hours");

    private static string Events(PerformanceTrend trend, double count) => count == 0 ? $"no {Name(trend)}" : count == 1 ? $"1 {Name(trend).TrimEnd('s')}" : Say($"{count:#,0} {Name(trend)}");

    private static string Name(PerformanceTrend trend) => trend.Title.ToLowerInvariant();

    private static string Time(DateTimeOffset time) => Say($"{time.UtcDateTime:yyyy-MM-dd HH:mm}");

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
