using System.Globalization;
using Maintenance.Engine.Reporting.Plots;

namespace Maintenance.Engine.Reporting;

/// <summary>Makes the report of performance over time (guide B4): the verdict and what to do come first, then the pictures that show why. Pure.</summary>
internal static class PerformanceTrendReporting
{
    // The figures to see first, whether they were measured or not.
    private static readonly string[] First = ["avg_response_time", "error_rate", "avg_query_time", "connections", "database_size_bytes"];

    // From here on a picture shows days.
    private static readonly TimeSpan Long = TimeSpan.FromDays(60);

    public static Report Of(PerformanceTrendReport report) => new(
        $"Performance of {report.Target}",
        report.Status,
        [
            report.Message,
            .. report.Findings.Take(1).Select(finding => finding.Severity >= FindingSeverity.Medium ? $"What to do: {finding.Recommendation}" : $"Worth knowing: {finding.Message} {finding.Recommendation}"),
            Say($"{Time(report.From)} to {Time(report.To)} UTC, compared with the {Length(report.To - report.From)} before. {Measured(report)}"),
        ],
        [
            Section(report, TrendArea.Application, "Application Performance"),
            Section(report, TrendArea.Database, "Database Performance"),
            new ReportSection(
                "Recommendations",
                ["Verdict", "What was found", "What to do"],
                [.. report.Findings.Select(finding => new[] { finding.Verdict(), finding.Message, finding.Recommendation })],
                report.Trends.All(trend => trend.Mean is null) ? "None: nothing was measured." : "Nothing is to be done: of what was measured, nothing is above its limit or worse than before."),
            new ReportSection(
                "All figures",
                ["Status", "Figure", "Mean", "Time before", "Change", "Hardly chance", "Course", "Lowest", "Highest", "Usual (mean)", "Missing", "Note"],
                [.. report.Trends.Select(Row)],
                "There are none.")
            {
                Below = "Note",
            },
            new ReportSection(
                "Maintenance",
                ["Began (UTC)", "Ended (UTC)", "Task"],
                [.. report.Maintenance.TakeLast(60).Select(time => new[] { Time(time.From), Time(time.To), time.Reason })],
                "The history knows of no maintenance in this time."),
        ])
    {
        Tiles = [.. First.Select(name => report.Trends.FirstOrDefault(trend => trend.Metric == name)).OfType<PerformanceTrend>().Select(Tile)],
        Findings = report.Findings,
    };

    private static ReportSection Section(PerformanceTrendReport report, TrendArea area, string title)
    {
        var trends = report.Trends.Where(trend => trend.Area == area).ToList();
        var measured = trends.Where(trend => trend.Mean is not null).ToList();
        var missing = trends.Where(trend => trend.Mean is null).ToList();
        return new ReportSection(
            title,
            missing.Count > 0 && measured.Count > 0 ? ["Not measured", "Why"] : [],
            measured.Count > 0 ? [.. missing.Select(trend => new[] { trend.Title, trend.Reason })] : [],
            missing.Select(trend => trend.Reason).Distinct().FirstOrDefault() ?? "Nothing was measured.")
        {
            Plots = [.. measured.Select(trend => Plot(report, trend))],
        };
    }

    private static TimePlot Plot(PerformanceTrendReport report, PerformanceTrend trend)
    {
        var bands = new List<PlotBand>();
        if (trend.Baseline is { StandardDeviation: { } deviation } usual)
        {
            // Nothing of these goes below zero.
            var low = Math.Max(0, usual.Mean - 2 * deviation);
            bands.Add(new PlotBand("Usual: baseline mean ± 2 standard deviations", [new PlotEdge(report.From, low, usual.Mean + 2 * deviation), new PlotEdge(report.To, low, usual.Mean + 2 * deviation)]));
        }

        var isLong = report.To - report.From > Long;
        var points = isLong ? Days(trend.Points) : trend.Points;
        var known = points.Where(point => point.Mean is not null).ToList();
        if (known.Any(point => point.Maximum > point.Mean))
        {
            bands.Add(new PlotBand($"Lowest to highest of each {(isLong ? "day" : "hour or day")}", [.. known.Select(point => new PlotEdge(point.At, point.Minimum!.Value, point.Maximum!.Value))]));
        }

        return new TimePlot(trend.Title, Caption(trend), trend.Unit, [new PlotLine(isLong ? $"{trend.Title}, means of days" : trend.Title, [.. points.Select(point => new PlotPoint(point.At, point.Mean))])])
        {
            Bands = bands,
            Limits = trend.Limit is { } limit ? [new PlotLimit("Limit of the mean", limit)] : [],
            Spans = [.. report.Maintenance.Select(time => new PlotSpan("Maintenance", time.From, time.To))],
            // A size or a share that hardly moves would be a flat line at the top.
            FromZero = trend is not { Unit: MetricUnit.Bytes or MetricUnit.Percent, Minimum: { } least, Maximum: { } most } || most - least > most / 4,
        };
    }

    // Old samples are of a day, young ones of five minutes: one line of both would seem to have become restless.
    private static List<TrendPoint> Days(IReadOnlyList<TrendPoint> points)
    {
        var days = new List<TrendPoint>();
        foreach (var day in points.GroupBy(point => point.At.UtcDateTime.Date))
        {
            var known = day.Where(point => point.Mean is not null).ToList();
            var at = new DateTimeOffset(day.Key.AddHours(12), TimeSpan.Zero);
            days.Add(known.Count == 0
                ? new TrendPoint { At = at }
                : new TrendPoint { At = at, Mean = known.Average(point => point.Mean), Minimum = known.Min(point => point.Minimum), Maximum = known.Max(point => point.Maximum) });
            // What is missing after this day and before the next one is a gap between them.
            if (known.Count > 0 && day.Last().Mean is null)
            {
                days.Add(new TrendPoint { At = at.AddHours(12) });
            }
        }

        return days;
    }

    private static string Caption(PerformanceTrend trend)
    {
        var sentences = new List<string> { Change(trend) };
        if (trend is { Direction: TrendDirection.Rising or TrendDirection.Falling, ChangePerDay: { } slope, Mean: { } whole } && Math.Abs(slope) * 365 > Math.Abs(whole) * 0.1)
        {
            sentences.Add($"It {(trend.Direction == TrendDirection.Rising ? "rises" : "falls")} by {FigureScale.Text(trend.Unit, Math.Abs(slope))} a day.");
        }

        if (trend is { IsLastDayUnusual: true, LastDayMean: { } last, UsualDayMean: { } usual })
        {
            sentences.Add($"The last 24 hours are unusual: {FigureScale.Text(trend.Unit, last)}, where a usual day has {FigureScale.Text(trend.Unit, usual)}.");
        }

        if (trend is { Limit: { } limit, Mean: { } mean })
        {
            sentences.Add($"The mean is {(mean > limit ? "above" : "within")} the limit of {FigureScale.Text(trend.Unit, limit)}.");
        }

        if (trend.MissingPercent is >= 1 and var missing)
        {
            sentences.Add(Say($"{missing:0.#} % of the time was not measured, and is left open."));
        }

        return string.Join(' ', sentences);
    }

    private static string Change(PerformanceTrend trend)
    {
        var mean = FigureScale.Text(trend.Unit, trend.Mean);
        return trend switch
        {
            { PreviousMean: null } => $"The mean is {mean}; the time before was not measured.",
            { IsChanged: null } => $"The mean is {mean}, after {FigureScale.Text(trend.Unit, trend.PreviousMean)}; there is too little to tell whether that is chance.",
            { IsChanged: false, ChangePercent: > -Performance.Trends.TrendJudge.WorthTelling and < Performance.Trends.TrendJudge.WorthTelling } => $"The mean is {mean}, about as in the time before ({FigureScale.Text(trend.Unit, trend.PreviousMean)}).",
            { IsChanged: false } => $"The mean is {mean}, after {FigureScale.Text(trend.Unit, trend.PreviousMean)} in the time before; days differ so much that this may be chance.",
            _ => $"The mean {(trend.Mean > trend.PreviousMean ? "rose" : "fell")} from {FigureScale.Text(trend.Unit, trend.PreviousMean)} to {mean}.",
        };
    }

    private static ReportTile Tile(PerformanceTrend trend) => trend.Mean is null
        ? new ReportTile(trend.Title, "not measured", "Unknown")
        : new ReportTile(trend.Title, FigureScale.Text(trend.Unit, trend.Metric == "database_size_bytes" ? trend.Last : trend.Mean), trend.Status.ToString(), trend switch
        {
            { PreviousMean: null } => "nothing to compare with",
            { ChangePercent: { } change } => Say($"before: {FigureScale.Text(trend.Unit, trend.PreviousMean)}, {(change > 0 ? "+" : "")}{change:0.#} %{(trend.IsLastDayUnusual == true ? $"; last 24 hours: {FigureScale.Text(trend.Unit, trend.LastDayMean)}" : "")}"),
            _ => $"before: {FigureScale.Text(trend.Unit, trend.PreviousMean)}",
        });

    private static string?[] Row(PerformanceTrend trend) =>
    [
        trend.Status.ToString(), trend.Title, Known(trend, trend.Mean), Known(trend, trend.PreviousMean), trend.ChangePercent is { } change ? Say($"{(change > 0 ? "+" : "")}{change:0.#} %") : null,
        trend.IsChanged switch { true => "changed", false => "no change", _ => null }, trend.Direction == TrendDirection.Unknown ? null : trend.Direction.ToString().ToLowerInvariant(),
        Known(trend, trend.Minimum), Known(trend, trend.Maximum), Known(trend, trend.Baseline?.Mean), trend.MissingPercent is { } missing ? Say($"{missing:0.#} %") : null,
        trend.Reason ?? (trend.ChangeProbability is { } chance ? Say($"{trend.Count} measurements; so large a change by chance: p = {(chance < 0.0001 ? "<0.0001" : chance.ToString("0.####", CultureInfo.InvariantCulture))}.") : Say($"{trend.Count} measurements.")),
    ];

    private static string Measured(PerformanceTrendReport report) => (report.Trends.Count(trend => trend.Mean is not null), report.Trends.Count) switch
    {
        (0, _) => "No figure was measured.",
        var (some, all) when some == all => Say($"All {all} figures were measured."),
        var (some, all) => Say($"{some} of {all} figures were measured; the others say why not."),
    };

    private static string? Known(PerformanceTrend trend, double? value) => value is null ? null : FigureScale.Text(trend.Unit, value);

    private static string Length(TimeSpan time) => time.TotalDays >= 2 ? Say($"{time.TotalDays:0.#} days") : Say($"{time.TotalHours:0.#} hours");

    private static string Time(DateTimeOffset time) => Say($"{time.UtcDateTime:yyyy-MM-dd HH:mm}");

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
