using System.Globalization;
using Maintenance.Engine.Performance.Trends;
using Maintenance.Engine.Reporting.Plots;

namespace Maintenance.Engine.Reporting;

/// <summary>Makes the report of performance over time (guide B4): the verdict and what to do come first, then the pictures that show why. Pure.</summary>
internal static class PerformanceTrendReporting
{
    // The figures to see first, whether they were measured or not.
    private static readonly string[] First = ["avg_response_time", "error_rate", "avg_query_time", "connections", "database_size_bytes"];

    // So many things to do are said at once; the rest stands below.
    private const int MostAtOnce = 3;

    public static Report Of(PerformanceTrendReport report) => new(
        $"Performance of {report.Target}",
        report.Status,
        [
            report.Origin is { } made ? report.Message.Replace($" {made}", "", StringComparison.Ordinal) : report.Message,
            .. ToDo(report),
            Say($"{Measured(report)} From {Time(report.From)} to {Time(report.To)} UTC{Compared(report)}.{(report.Origin is { } origin ? $" {origin}" : "")}"),
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
                ["Status", "Figure", "Mean or total", "Time before", "Change", "By chance?", "Course", "Lowest", "Highest", "Usual", "Outside usual", "Missing", "Note"],
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
        Tiles = [.. First.Select(name => report.Trends.FirstOrDefault(trend => trend.Metric == name)).OfType<PerformanceTrend>().Select(trend => Tile(report, trend))],
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
        if (trend is { Baseline: { } usual, UsualLow: { } low, UsualHigh: { } high })
        {
            bands.Add(new PlotBand(Say($"Usual: mean ± 2 standard deviations of {usual.From.UtcDateTime:d MMM} to {usual.To.UtcDateTime:d MMM yyyy}"), [new PlotEdge(report.From, low, high), new PlotEdge(report.To, low, high)], IsUsual: true));
        }

        if (trend.Step is not null && trend.Total is null && trend.Points.Any(point => point.Maximum > point.Mean))
        {
            bands.Add(new PlotBand($"Lowest to highest of each {Step(trend)}", [.. trend.Points.Select(point => new PlotEdge(point.At, point.Minimum ?? double.NaN, point.Maximum ?? double.NaN))]));
        }

        // A limit is of the mean, or of a day: of hours it says nothing where they are added up.
        var limit = trend.Total is null || trend.Step == TimeSpan.FromDays(1) ? trend.Limit : null;
        return new TimePlot(trend.Title, Caption(report, trend), trend.Unit, [new PlotLine(Say($"{trend.Title}, {Course(trend)}"), [.. trend.Points.Select(point => new PlotPoint(point.At, point.Mean))])])
        {
            Bands = bands,
            Limits = limit is { } value ? [new PlotLimit(trend.Total is null ? "Limit of the mean" : "Limit of a day in the mean", value)] : [],
            Spans = [.. report.Maintenance.Select(time => new PlotSpan("Maintenance", time.From, time.To))],
            Window = (report.From, report.To),
            // A size or a share that hardly moves would be a flat line at the top.
            FromZero = trend.Total is not null || trend is not { Unit: MetricUnit.Bytes or MetricUnit.Percent, Minimum: { } least, Maximum: { } most } || most - least > most / 4,
        };
    }

    private static string Course(PerformanceTrend trend) => trend switch
    {
        { Step: null } => "each measurement",
        { Total: not null } => $"in each {Step(trend)}",
        _ => $"mean of each {Step(trend)}",
    };

    private static string Step(PerformanceTrend trend) => trend.Step == TimeSpan.FromDays(1) ? "day" : "hour";

    // The first screen says what to do, not only what is the matter.
    private static IEnumerable<string> ToDo(PerformanceTrendReport report)
    {
        var urgent = report.Findings.Where(finding => finding.Severity >= FindingSeverity.Medium).ToList();
        var advice = urgent.Select(finding => finding.Recommendation).Distinct().ToList();
        if (advice.Count > 0)
        {
            yield return $"What to do: {string.Join(' ', advice.Take(MostAtOnce))}{(advice.Count > MostAtOnce ? " More stands under Recommendations." : "")}";
        }
        else if (report.Findings.Count > 0)
        {
            yield return $"Worth knowing: {report.Findings[0].Message} {report.Findings[0].Recommendation}".TrimEnd();
        }
    }

    private static string Caption(PerformanceTrendReport report, PerformanceTrend trend)
    {
        var sentences = new List<string> { Change(report, trend) };
        var outside = new[] { TrendWords.OutsideUsual(trend, true), TrendWords.OutsideUsual(trend, false) }.OfType<string>().ToList();
        if (outside.Count > 0)
        {
            sentences.Add($"It was {string.Join("; ", outside)}.");
        }
        else if (trend.AboveUsualPercent is not null)
        {
            sentences.Add("It was never outside of the usual band.");
        }

        if (trend.Shift is not null)
        {
            sentences.Add($"It is {TrendWords.Shift(trend)}, all at once: {TrendWords.ShiftFigures(trend)}.");
        }

        if (trend is { Total: null } and { Direction: TrendDirection.Rising or TrendDirection.Falling, ChangePerDay: { } slope, Mean: { } whole } && Math.Abs(slope) * 365 > Math.Abs(whole) * 0.1)
        {
            sentences.Add($"It {(trend.Direction == TrendDirection.Rising ? "rises" : "falls")} by {FigureScale.Text(trend.Unit, Math.Abs(slope))} a day{TrendWords.Since(trend)}.");
        }

        if (trend is { IsLastDayUnusual: true, LastDayMean: { } last, UsualDayMean: { } usual })
        {
            sentences.Add($"The last 24 hours are unusual: {TrendWords.Scale(trend, last, usual).Write(last)}, where a usual day has {TrendWords.Scale(trend, last, usual).Write(usual)}.");
        }

        if (trend is { Limit: { } limit, Mean: { } mean })
        {
            sentences.Add(trend.Total is null ? $"The mean is {(mean > limit ? "above" : "within")} {TrendWords.Limit(trend)}." : $"That is {(mean > limit ? "more" : "no more")} than {TrendWords.Limit(trend)}.");
        }

        sentences.Add(trend switch
        {
            { Step: null } => "Each point is a measurement.",
            { Total: not null } => $"Each point is what one {Step(trend)} came to{(trend.Step == TimeSpan.FromDays(1) ? " (24 hours, counted back from the end)" : "")}.",
            _ => $"Each point is the mean of one {Step(trend)}.",
        });

        if (trend.MissingPercent is >= 0.05 and var missing)
        {
            sentences.Add(Say($"{TrendWords.Missed(missing)} of the time was not measured, and is left open{(trend.Status == HealthStatus.Unknown ? ": too much to call it good" : "")}."));
        }

        return string.Join(' ', sentences);
    }

    private static string Change(PerformanceTrendReport report, PerformanceTrend trend)
    {
        if (TrendWords.Total(trend, trend.Total) is { } total)
        {
            var were = trend is { Unit: MetricUnit.Count, Total: 1 } ? "was" : "were";
            var earlier = TrendWords.Total(trend, trend.PreviousTotal);
            return $"There {were} {total} in {TrendWords.Measured(report.To - report.From, trend.MissingPercent)}{(earlier is null ? "; the time before was not measured" : !TrendJudge.IsComparable(trend) ? $"; {NotCompared(trend)}" : $", after {earlier} in {Before(report, trend)}{(MayBeChance(trend) ? "; that may be chance" : "")}")}.";
        }

        var scale = TrendWords.Scale(trend, trend.Mean, trend.PreviousMean);
        var (mean, before) = (scale.Write(trend.Mean ?? 0), scale.Write(trend.PreviousMean ?? 0));
        return trend switch
        {
            { PreviousMean: null } => $"The mean is {mean}; the time before was not measured.",
            _ when !TrendJudge.IsComparable(trend) => $"The mean is {mean}; {NotCompared(trend)}.",
            { IsChanged: null } => $"The mean is {mean}, after {before}; there is too little to tell whether that is chance.",
            { IsChanged: false, ChangePercent: > -TrendJudge.WorthTelling and < TrendJudge.WorthTelling } => $"The mean is {mean}, about as in the time before ({before}).",
            { IsChanged: false } => $"The mean is {mean}, after {before} in the time before; days differ so much that this may be chance.",
            _ => $"The mean {(trend.Mean > trend.PreviousMean ? "rose" : "fell")} from {before} to {mean}.",
        };
    }

    // A comparison with next to nothing looks as good as any.
    private static string NotCompared(PerformanceTrend trend) => 100 - trend.PreviousMissingPercent >= TrendJudge.LeastCoverage
        ? "too little was measured to compare it with the time before"
        : $"not compared with the time before, of which {TrendWords.Coverage(trend.PreviousMissingPercent ?? 100)} was measured";

    private static string Before(PerformanceTrendReport report, PerformanceTrend trend) =>
        trend.PreviousMissingPercent >= 1 ? $"{TrendWords.Measured(report.To - report.From, trend.PreviousMissingPercent)} of the time before" : "the time before";

    private static bool MayBeChance(PerformanceTrend trend) => trend.ChangeProbability >= TrendJudge.Chance;

    private static bool IsCompared(PerformanceTrendReport report) => report.Trends.Any(trend => trend.Mean is not null && trend.PreviousMean is not null && TrendJudge.IsComparable(trend));

    private static string Compared(PerformanceTrendReport report) => TrendWords.Length(report.To - report.From) is var length && IsCompared(report)
        ? $", compared with the {length} before"
        : $"; of the {length} before too little was measured to compare with";

    private static ReportTile Tile(PerformanceTrendReport report, PerformanceTrend trend) => trend.Mean is null
        ? new ReportTile(trend.Title, "not measured", "Unknown")
        : new ReportTile(trend.Title, TileScale(trend).Write(TileFigure(trend) ?? 0), trend.Status.ToString(), string.Join("; ", Remarks(report, trend)) is { Length: > 0 } remarks ? remarks : null);

    // Of a size, people ask how large it is, not how large it was on average.
    private static bool IsOfNow(PerformanceTrend trend) => trend.Metric == "database_size_bytes";

    private static double? TileFigure(PerformanceTrend trend) => IsOfNow(trend) ? trend.Last : trend.Mean;

    private static FigureScale TileScale(PerformanceTrend trend) => TrendWords.Scale(trend, TileFigure(trend), trend.Mean, trend.PreviousMean);

    private static IEnumerable<string> Remarks(PerformanceTrendReport report, PerformanceTrend trend)
    {
        // What the colour says, in words, and why.
        var reasons = TrendJudge.Reasons(TrendMetrics.Of(trend), trend);
        foreach (var reason in reasons)
        {
            // The figure above is the mean of all the time: what it was before and since is another.
            yield return reason == TrendWords.Shift(trend) ? $"{reason}: {TrendWords.ShiftFigures(trend)}" : reason;
        }

        if (trend.MissingPercent is > 100 - TrendJudge.LeastCoverage and var missing)
        {
            yield return $"measured {TrendWords.Coverage(missing)} of the time";
        }

        var scale = TileScale(trend);
        if (IsOfNow(trend))
        {
            yield return $"now; on average {scale.Write(trend.Mean ?? 0)}";
        }

        // Where nothing is compared, the top has said so once.
        if (trend.PreviousMean is { } before && TrendJudge.IsComparable(trend))
        {
            yield return $"{(trend.Shift is null ? "" : "mean of all the time; ")}the {TrendWords.Length(report.To - report.From)} before: {scale.Write(before)}{(trend.ChangePercent is { } change ? $", {TrendWords.Change(change)}" : "")}";
        }
        else if (IsCompared(report))
        {
            yield return trend.PreviousMean is null ? "nothing to compare with" : NotCompared(trend);
        }

        if (trend.IsLastDayUnusual == true)
        {
            yield return $"last 24 hours: {scale.Write(trend.LastDayMean ?? 0)}";
        }

        if (reasons.Any(reason => reason == TrendWords.Shift(trend)))
        {
            // Since the step it is above what was usual before: that is no second thing to know.
        }
        else if (trend.AboveUsualPercent >= UsualBand.WorthTelling && !reasons.Any(reason => reason.StartsWith("above the usual", StringComparison.Ordinal)))
        {
            yield return $"above the usual band {TrendWords.Share(trend.AboveUsualPercent.Value)} of the time";
        }
        else if (trend.BelowUsualPercent >= UsualBand.WorthTelling && !reasons.Any(reason => reason.StartsWith("below the usual", StringComparison.Ordinal)))
        {
            yield return $"below the usual band {TrendWords.Share(trend.BelowUsualPercent.Value)} of the time";
        }
    }

    private static string?[] Row(PerformanceTrend trend)
    {
        // One unit in a row, so that its figures can be compared.
        var isSize = trend is { Total: not null, Unit: MetricUnit.Bytes };
        var scale = TrendWords.Scale(trend, isSize ? trend.Total : trend.Mean, isSize ? trend.PreviousTotal : trend.PreviousMean, trend.Minimum, trend.Maximum, trend.UsualLow, trend.UsualHigh);
        string? Figure(double? value) => value is { } known ? scale.Write(known) : null;
        return
        [
            trend.Status.ToString(), trend.Title,
            isSize ? $"{Figure(trend.Total)} in all" : TrendWords.Total(trend, trend.Total) ?? Figure(trend.Mean),
            isSize ? trend.PreviousTotal is null ? null : $"{Figure(trend.PreviousTotal)} in all" : TrendWords.Total(trend, trend.PreviousTotal) ?? Figure(trend.PreviousMean),
            trend.ChangePercent is { } change ? TrendWords.Change(change) : null,
            trend switch
            {
                { Mean: null } or { PreviousMean: null } => null,
                { ChangeProbability: null } => "too little to tell",
                { IsChanged: true } => "hardly",
                _ => MayBeChance(trend) ? "may be" : Say($"hardly, but less than {TrendJudge.WorthTelling:0} %"),
            },
            Course(trend.Direction, trend),
            Figure(trend.Minimum), Figure(trend.Maximum), trend.UsualHigh is null ? null : $"{Figure(trend.UsualLow)} to {Figure(trend.UsualHigh)}",
            trend is { AboveUsualPercent: { } above, BelowUsualPercent: { } below } ? Say($"{above:0.#} % above, {below:0.#} % below") : null,
            trend.MissingPercent is { } missing ? TrendWords.Missed(missing) : null,
            Note(trend),
        ];
    }

    private static string? Course(TrendDirection direction, PerformanceTrend trend)
    {
        var words = direction == TrendDirection.Unknown ? null : direction.ToString().ToLowerInvariant();
        return trend.CourseSince is null ? words : trend.Shift is null ? words is null ? null : $"{words}{TrendWords.Since(trend)}" : $"step{TrendWords.Since(trend).Replace("since", "on", StringComparison.Ordinal)}{(words is null ? "" : $", {words} since")}";
    }

    private static string Note(PerformanceTrend trend)
    {
        var notes = new List<string>();
        if (trend.Reason is { } reason)
        {
            notes.Add(reason);
        }

        if (trend.Mean is not null)
        {
            notes.Add(Say($"{trend.Count:#,0} measurements{(trend.Step is null ? "" : $"; lowest and highest of {(trend.Total is null ? "single ones" : $"a {Step(trend)}")}")}."));
        }

        if (trend.ChangeProbability is { } chance)
        {
            notes.Add(Say($"So large a change by chance: p {(chance < 0.0001 ? "< 0.0001" : $"= {chance.ToString("0.####", CultureInfo.InvariantCulture)}")}."));
        }

        notes.AddRange(new[] { TrendWords.OutsideUsual(trend, true), TrendWords.OutsideUsual(trend, false) }.OfType<string>().Select(words => $"{char.ToUpperInvariant(words[0])}{words[1..]}."));
        return string.Join(' ', notes);
    }

    // That there are figures says nothing of how much of the time they tell.
    private static string Measured(PerformanceTrendReport report)
    {
        var (some, all) = (report.Trends.Count(trend => trend.Mean is not null), report.Trends.Count);
        if (some == 0)
        {
            return "No figure was measured.";
        }

        var which = Say($"{(some == all ? "" : $"{some} of ")}{all} {(all == 1 ? "figure" : "figures")}");
        // Where less than half was measured, the message has said where it is missing.
        var gaps = report.MissingPercent < 100 - TrendJudge.LeastCoverage && TrendWords.Gaps(report.Gaps, report.From, report.To) is { } times ? $"; {times}" : "";
        return $"{which}, measured {(report.MissingPercent <= 0 ? "all the time" : $"in {TrendWords.Coverage(report.MissingPercent)} of the time{gaps}")}.{(some == all ? "" : " The others say why not.")}";
    }

    private static string Time(DateTimeOffset time) => Say($"{time.UtcDateTime:yyyy-MM-dd HH:mm}");

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
