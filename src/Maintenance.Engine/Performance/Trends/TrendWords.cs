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

    /// <summary>What a step came to: "30 % higher since 5 Nov"; null without one.</summary>
    public static string? Shift(PerformanceTrend trend) => trend.Shift is not { } shift ? null
        : $"{(shift.Percent is { } percent ? Say($"{Math.Abs(percent):0} % ") : "")}{(shift.Since > shift.Before ? "higher" : "lower")} since {Day(trend, shift.At)}";

    /// <summary>From what to what a step went: "167 ms, before that 129 ms"; empty without one.</summary>
    public static string ShiftFigures(PerformanceTrend trend) =>
        trend.Shift is { } shift && Scale(trend, shift.Before, shift.Since) is var scale ? $"{scale.Write(shift.Since)}, before that {scale.Write(shift.Before)}" : "";

    /// <summary>Since when a figure follows one course: " since 5 Nov"; empty where it does all the time.</summary>
    public static string Since(PerformanceTrend trend) => trend.CourseSince is { } since ? $" since {Day(trend, since)}" : "";

    /// <summary>How long a time was measured: "7 days", "the 1.5 days measured".</summary>
    public static string Measured(TimeSpan time, double? missing) => missing is >= 1 and < 100 ? $"the {Length(time * (1 - missing.Value / 100))} measured" : Length(time);

    /// <summary>The times outside of what is usual: "above the usual band (1 ms to 2 ms) 14 % of the time, most of it on Tuesdays"; null where there is nothing to tell.</summary>
    public static string? OutsideUsual(PerformanceTrend trend, bool isAbove) => (isAbove ? trend.AboveUsualPercent : trend.BelowUsualPercent) is { } share and > 0
        ? Say($"{(isAbove ? "above" : "below")} the usual band ({Scale(trend, trend.UsualLow, trend.UsualHigh).Write(trend.UsualLow ?? 0)} to {Scale(trend, trend.UsualLow, trend.UsualHigh).Write(trend.UsualHigh ?? 0)}) {Share(share)} of the time{((isAbove ? trend.AboveUsualWhen : trend.BelowUsualWhen) is { } when ? $", {when}" : "")}")
        : null;

    /// <summary>What a figure is not to exceed: "its limit of 500 ms", "the limit of 10 a day".</summary>
    public static string Limit(PerformanceTrend trend) => trend.Total is null ? $"its limit of {FigureScale.Text(trend.Unit, trend.Limit)}" : $"the limit of {FigureScale.Text(trend.Unit, trend.Limit)} a day";

    /// <summary>A share of the time: never rounded to nothing.</summary>
    public static string Share(double percent) => percent is > 0 and < 1 ? "less than 1 %" : Say($"{percent:0} %");

    /// <summary>The scale for figures of a trend that are compared with each other.</summary>
    public static FigureScale Scale(PerformanceTrend trend, params IEnumerable<double?> figures) => FigureScale.For(trend.Unit, figures);

    /// <summary>The longest times without samples, in words; null without any.</summary>
    public static string? Gaps(IReadOnlyList<TrendGap> gaps, DateTimeOffset from, DateTimeOffset to)
    {
        if (gaps is [var first, var last] && first.From <= from && last.To >= to && last.From - first.To < TimeSpan.FromMinutes(1))
        {
            return $"no samples but one at {Time(last.From)} UTC";
        }

        var longest = gaps.OrderByDescending(gap => gap.To - gap.From).Take(2).OrderBy(gap => gap.From)
            .Select(gap => gap.From <= from ? $"before {Time(gap.To)}" : gap.To >= to ? $"since {Time(gap.From)}" : $"from {Time(gap.From)} to {Time(gap.To)}").ToList();
        return longest.Count == 0 ? null : $"no samples {string.Join(" and ", longest)} UTC{(gaps.Count > longest.Count ? Say($", and {gaps.Count - longest.Count} shorter {(gaps.Count - longest.Count == 1 ? "time" : "times")}") : "")}";
    }

    /// <summary>A title within a sentence.</summary>
    public static string Inside(string title) => $"{char.ToLowerInvariant(title[0])}{title[1..]}";

    /// <summary>How much of a time was measured, in percent that are never rounded to all or nothing.</summary>
    public static string Coverage(double missing) => missing <= 0 ? "100 %" : Say($"{Math.Clamp(100 - missing, 0.1, 99.9).ToString(missing is > 1 and < 99 ? "0" : "0.#", CultureInfo.InvariantCulture)} %");

    /// <summary>How much of a time was not measured: never all of it where something was.</summary>
    public static string Missed(double missing) => missing >= 100 ? "100 %" : Say($"{Math.Min(missing, 99.9):0.#} %");

    /// <summary>A change in percent with its sign; what is rounded to nothing has none.</summary>
    public static string Change(double percent) => Math.Round(percent, 1) is var rounded && rounded == 0 ? "0 %" : Say($"{(rounded > 0 ? "+" : "")}{rounded:0.#} %");

    public static string Length(TimeSpan time) => time.TotalDays >= 2 ? Say($"{time.TotalDays:0.#} days") : time.TotalHours == 1 ? "hour" : Say($"{time.TotalHours:0.#} hours");

    private static string Events(PerformanceTrend trend, double count) => count == 0 ? $"no {Name(trend)}" : count == 1 ? $"1 {Name(trend).TrimEnd('s')}" : Say($"{count:#,0} {Name(trend)}");

    private static string Name(PerformanceTrend trend) => trend.Title.ToLowerInvariant();

    // The year goes without saying where it is this one.
    private static string Day(PerformanceTrend trend, DateTimeOffset time) =>
        time.UtcDateTime.ToString(time.UtcDateTime.Year == trend.CollectedAt.UtcDateTime.Year ? "d MMM" : "d MMM yyyy", CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset time) => Say($"{time.UtcDateTime:yyyy-MM-dd HH:mm}");

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
