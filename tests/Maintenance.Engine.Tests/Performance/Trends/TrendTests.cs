using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Trends;
using Maintenance.Engine.Reporting;
using Maintenance.Engine.Reporting.Plots;

namespace Maintenance.Engine.Tests.Performance.Trends;

public sealed class TrendTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 0, 0, 0, TimeSpan.Zero);

    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    private static readonly TrendMetric ResponseTime = TrendMetrics.All[0];

    // Noise with a fixed seed around a course.
    private static List<SeriesPoint> Series(int days, Func<double, double> course, double noise = 10, Func<double, bool>? isThere = null)
    {
        var random = new Random(7);
        var points = new List<SeriesPoint>();
        for (var at = Now.AddDays(-days); at < Now; at = at.AddMinutes(5))
        {
            var day = (at - Now).TotalDays;
            var value = course(day) + (random.NextDouble() - 0.5) * 2 * noise;
            if (isThere?.Invoke(day) ?? true)
            {
                points.Add(new SeriesPoint(at.AddMinutes(-5), at, SampleValue.Of(value)));
            }
        }

        return points;
    }

    private static PerformanceTrend Judge(List<SeriesPoint> series, int days = 7, PerformanceBaseline? baseline = null) => TrendJudge.Of(ResponseTime, series, Now.AddDays(-days), Now, baseline, "production", Now);

    [Fact]
    public void What_was_not_measured_is_unknown_with_the_reason_and_makes_no_finding()
    {
        var trend = Judge([]);
        Assert.Equal((HealthStatus.Unknown, null, TrendDirection.Unknown), (trend.Status, trend.Mean, trend.Direction));
        Assert.Contains("not measured", trend.Reason, StringComparison.Ordinal);
        Assert.Null(TrendJudge.FindingOf(ResponseTime, trend, Week));
    }

    [Fact]
    public void A_step_against_the_week_before_is_a_change_and_worse()
    {
        var trend = Judge(Series(14, day => day < -7 ? 150 : 200));
        Assert.True(trend.IsChanged);
        Assert.Equal(33.3, trend.ChangePercent!.Value, 0.5);
        Assert.Equal(HealthStatus.Warning, trend.Status);
        var finding = TrendJudge.FindingOf(ResponseTime, trend, Week)!;
        Assert.Equal("PERFORMANCE-WORSE", finding.Id);
        Assert.Contains("% more than the 150 ms of the time before", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Noise_and_the_rhythm_of_days_are_no_change()
    {
        var trend = Judge(Series(14, day => 150 + 50 * Math.Sin(day * 2 * Math.PI), noise: 60));
        Assert.False(trend.IsChanged);
        Assert.Equal((TrendDirection.Steady, HealthStatus.Ok), (trend.Direction, trend.Status));
        Assert.Null(TrendJudge.FindingOf(ResponseTime, trend, Week));
    }

    [Theory]
    [InlineData(499, null)]
    [InlineData(501, "PERFORMANCE-ABOVE-LIMIT")]
    public void The_limit_of_the_guide_is_500_ms_in_the_mean(double value, string? expected) =>
        Assert.Equal(expected, TrendJudge.FindingOf(ResponseTime, Judge(Series(14, _ => value, noise: 0)), Week)?.Id);

    [Fact]
    public void A_steady_rise_is_found_with_its_slope_and_a_few_outliers_do_not_move_it()
    {
        var trend = Judge(Series(28, day => 200 + day * 3 + (Math.Abs(day + 2.5) < 0.01 ? 50_000 : 0)), 14);
        Assert.Equal(TrendDirection.Rising, trend.Direction);
        Assert.Equal(3, trend.ChangePerDay!.Value, 1.5);
    }

    [Fact]
    public void A_step_two_days_ago_is_worse_lately_though_the_week_hides_it()
    {
        var trend = Judge(Series(14, day => 170 + 50 * Math.Sin(day * 2 * Math.PI) + (day > -2.3 ? 160 : 0)));
        Assert.True(trend.IsLastDayUnusual);
        Assert.Equal(HealthStatus.Warning, trend.Status);
        Assert.Equal("PERFORMANCE-WORSE-LATELY", TrendJudge.FindingOf(ResponseTime, trend, Week)!.Id);
    }

    [Fact]
    public void Nothing_before_is_nothing_to_compare_with()
    {
        var trend = Judge(Series(7, _ => 100));
        Assert.Equal((null, null, null), (trend.PreviousMean, trend.ChangePercent, trend.IsChanged));
    }

    [Fact]
    public void Missing_samples_are_a_gap_and_counted()
    {
        var trend = Judge(Series(7, _ => 100, isThere: day => day is < -5 or > -4));
        Assert.Single(trend.Points, point => point.Mean is null);
        Assert.Equal(100 / 7d, trend.MissingPercent!.Value, 0.5);
    }

    [Fact]
    public void Samples_that_grow_coarser_with_age_are_no_gaps()
    {
        var days = Enumerable.Range(-40, 20).Select(day => new SeriesPoint(Now.AddDays(day), Now.AddDays(day + 1), new SampleValue(288, 100, 90, 110, 5)));
        var hours = Enumerable.Range(-20 * 24, 13 * 24).Select(hour => new SeriesPoint(Now.AddHours(hour), Now.AddHours(hour + 1), new SampleValue(12, 100, 90, 110, 5)));
        var trend = Judge([.. days, .. hours, .. Series(7, _ => 100)], 40);
        Assert.DoesNotContain(trend.Points, point => point.Mean is null);
        Assert.Equal(0, trend.MissingPercent);
    }

    [Fact]
    public void A_chart_has_points_of_one_length_with_the_weight_of_their_measurements()
    {
        // Four days of hours, then three of measurements: the line is of hours throughout.
        var hours = Enumerable.Range(-7 * 24, 4 * 24).Select(hour => new SeriesPoint(Now.AddHours(hour), Now.AddHours(hour + 1), new SampleValue(12, 100, 50, 150, 5)));
        var trend = Judge([.. hours, .. Series(3, _ => 100)]);
        Assert.Equal(TimeSpan.FromHours(1), trend.Step);
        Assert.All(trend.Points.Zip(trend.Points.Skip(1)), pair => Assert.Equal(TimeSpan.FromHours(1), pair.Second.At - pair.First.At));
        Assert.Equal(7 * 24, trend.Points.Count);

        // One hour with eleven measurements of 0 as a sample of them, and a single one of 120.
        SeriesPoint[] uneven = [new(Now.AddDays(-3), Now.AddDays(-3).AddMinutes(55), new SampleValue(11, 0, 0, 0, 0)), new(Now.AddDays(-3).AddMinutes(55), Now.AddDays(-3).AddHours(1), SampleValue.Of(120))];
        Assert.Equal(10, Assert.Single(Judge([.. uneven]).Points).Mean);
        Assert.Contains("mean of one hour", Caption(trend), StringComparison.Ordinal);
        Assert.Null(Judge(Series(1, _ => 100), 1).Step);
    }

    [Fact]
    public void Gaps_stay_gaps_in_lines_and_in_bands()
    {
        var plot = Plot(Judge(Series(14, day => 100, isThere: day => day is < -5 or > -4)));
        Assert.Single(plot.Lines[0].Points, point => point.Value is null);
        Assert.Single(plot.Bands[^1].Edges, edge => double.IsNaN(edge.Low));
        Assert.Equal((Now.AddDays(-7), Now), plot.Window);
    }

    [Fact]
    public void Only_a_baseline_of_samples_from_before_the_time_is_usual()
    {
        PerformanceBaseline[] baselines =
        [
            Usual(BaselineSource.Function, -8, 1), Usual(BaselineSource.Samples, -1, 2), Usual(BaselineSource.Samples, -8, 3), Usual(BaselineSource.Samples, -15, 4),
        ];
        Assert.Equal(3, UsualBand.Choose(baselines, ResponseTime.Metric, Now.AddDays(-7), Now)!.Mean);
        Assert.Null(UsualBand.Choose(baselines[..2], ResponseTime.Metric, Now.AddDays(-7), Now));
        // Without an older one, one of the first third is compared with what came after it.
        Assert.Equal(4, UsualBand.Choose(baselines, ResponseTime.Metric, Now.AddDays(-14), Now.AddDays(1))!.Mean);
    }

    [Fact]
    public void Time_above_the_usual_band_is_told_with_when_it_was_and_judged_from_a_fifth_on()
    {
        // 4 of the 168 hours of a week, on one day; the band ends at 120.
        var day = Judge(Series(14, at => at is > -2.6 and <= -2.6 + 4 / 24d ? 130 : 100), baseline: Usual(BaselineSource.Samples, -8, 100));
        Assert.InRange(day.AboveUsualPercent!.Value, 1, 4);
        Assert.Matches(@"above the usual band \(80 ms to 120 ms\) \d % of the time, most of it on Monday, 23 Nov, \d\d:00–\d\d:00 UTC", Caption(day));
        Assert.Null(TrendJudge.FindingOf(ResponseTime, day, Week));
        var table = PlotTable.Of(Plot(day));
        Assert.Equal("Against usual", table.Columns[^1]);
        Assert.Contains(table.Rows, row => row[^1]?.StartsWith("above", StringComparison.Ordinal) == true);
        Assert.Contains(table.Rows, row => row[^1] == "within");

        // Each night of the week, six hours: more than a fifth.
        var nights = Judge(Series(14, at => at - Math.Floor(at) < 0.25 ? 135 : 90), baseline: Usual(BaselineSource.Samples, -8, 100));
        Assert.Equal(25, nights.AboveUsualPercent!.Value, 0.5);
        Assert.Equal(HealthStatus.Warning, nights.Status);
        var finding = TrendJudge.FindingOf(ResponseTime, nights, Week)!;
        Assert.Equal(("PERFORMANCE-OUTSIDE-USUAL", FindingSeverity.Medium), (finding.Id, finding.Severity));
        Assert.Contains("25 % of the time, most of it at 0", finding.Message, StringComparison.Ordinal);

        var step = Judge(Series(14, at => at < -3 ? 100 : 140), baseline: Usual(BaselineSource.Samples, -8, 100));
        Assert.Contains("nearly always since 23 Nov", step.AboveUsualWhen, StringComparison.Ordinal);
        Assert.Equal("It was never outside of the usual band.", Caption(Judge(Series(14, _ => 100), baseline: Usual(BaselineSource.Samples, -8, 100))).Split(". ")[1] + ".");
    }

    [Fact]
    public void One_deadlock_in_a_week_is_one_deadlock_and_no_warning()
    {
        var deadlocks = TrendMetrics.All.Single(metric => metric.Metric == SampledMetrics.Deadlocks);
        PerformanceTrend Of(int count, int before = 0)
        {
            var points = Enumerable.Range(-14 * 288, 14 * 288).Select(index => new SeriesPoint(Now.AddMinutes(index * 5), Now.AddMinutes(index * 5 + 5),
                SampleValue.Of((index >= -100 && index < -100 + count) || (index >= -4000 && index < -4000 + before) ? 288 : 0))).ToList();
            return TrendJudge.Of(deadlocks, points, Now.AddDays(-7), Now, null, "production", Now);
        }

        var one = Of(1);
        Assert.Equal((1, 0, HealthStatus.Ok), (one.Total, one.PreviousTotal, one.Status));
        Assert.Equal(1, one.Maximum);
        Assert.Null(TrendJudge.FindingOf(deadlocks, one, Week));
        Assert.Contains("There was 1 deadlock in 7 days, after no deadlocks in the time before", Caption(one), StringComparison.Ordinal);
        Assert.InRange(one.Points.Count, 7, 8);

        // By chance seven fall into one of two weeks once in 64 times; twenty never.
        Assert.False(Of(7).IsChanged);
        Assert.Contains("There were 20 deadlocks in 7 days, after 1 deadlock in the time before.", TrendJudge.FindingOf(deadlocks, Of(20, 1), Week)!.Message, StringComparison.Ordinal);
        var many = TrendJudge.FindingOf(deadlocks, Of(80), Week)!;
        Assert.Equal("PERFORMANCE-ABOVE-LIMIT", many.Id);
        Assert.StartsWith("There were 80 deadlocks in 7 days, more than 10 a day", many.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0, 7, 0.015625)]
    [InlineData(5, 5, 1)]
    public void Counts_are_compared_exactly(long before, long during, double expected) => Assert.Equal(expected, RareEvents.Chance(before, 600, during, 600)!.Value, 1e-9);

    [Fact]
    public void Where_little_was_measured_that_is_said_first_and_nothing_is_called_good()
    {
        var trend = Judge(Series(14, _ => 100, isThere: day => day < -5.5));
        Assert.Equal((HealthStatus.Unknown, null), (trend.Status, trend.IsChanged));
        Assert.Contains("21 % of the time only", trend.Reason, StringComparison.Ordinal);
        var gaps = TrendCourse.GapsOf([.. Series(14, _ => 100, isThere: day => day < -5.5).Where(point => point.At >= Now.AddDays(-7))], Now.AddDays(-7), Now);
        Assert.Equal(HealthStatus.Unknown, TrendVerdict.StatusOf([trend], []));
        Assert.StartsWith("Only 21 % of the time was measured (no samples since 2026-11-20 11:55 UTC).", TrendVerdict.Message([trend], [], gaps, Now.AddDays(-7), Now), StringComparison.Ordinal);
        var report = ReportOf(trend) with { Gaps = gaps, MissingPercent = TrendCourse.Missing(gaps, Now.AddDays(-7), Now) };
        Assert.Contains(PerformanceTrendReporting.Of(report).Summary, sentence => sentence.StartsWith("1 figure, measured in 21 % of the time.", StringComparison.Ordinal));

        // What is bad in what was measured is still bad.
        Assert.Equal(HealthStatus.Warning, Judge(Series(14, _ => 900, isThere: day => day < -5.5)).Status);
        // Measured before, and gone: not good either.
        Assert.Equal(HealthStatus.Unknown, TrendVerdict.StatusOf([Judge(Series(14, _ => 100, isThere: day => day < -7)), Judge(Series(14, _ => 100))], []));
    }

    private static PerformanceBaseline Usual(BaselineSource source, int until, double mean) => new()
    {
        Target = "production", Source = source, Metric = ResponseTime.Metric.Name, Unit = MetricUnit.Milliseconds, Mean = mean, StandardDeviation = 10, From = Now.AddDays(until - 7), To = Now.AddDays(until), CollectedAt = Now.AddDays(until),
    };

    private static PerformanceTrendReport ReportOf(PerformanceTrend trend) => new() { Target = "production", From = Now - Week, To = Now, Status = trend.Status, Message = "m", Trends = [trend], CollectedAt = Now };

    private static TimePlot Plot(PerformanceTrend trend) => (TimePlot)PerformanceTrendReporting.Of(ReportOf(trend)).Sections.SelectMany(section => section.Plots).First();

    private static string Caption(PerformanceTrend trend) => Plot(trend).Caption;

    [Fact]
    public void A_long_time_is_drawn_by_days_with_its_gaps_and_peaks()
    {
        var trend = Judge(Series(100, day => Math.Abs(day + 30) < 0.001 ? 5000 : 100, isThere: day => day is < -60 or > -50), 100);
        var report = new PerformanceTrendReport { Target = "production", From = Now.AddDays(-100), To = Now, Status = HealthStatus.Ok, Message = "m", Trends = [trend], CollectedAt = Now };
        var plot = (TimePlot)PerformanceTrendReporting.Of(report).Sections.SelectMany(section => section.Plots).First();
        var line = Assert.Single(plot.Lines);
        Assert.InRange(line.Points.Count(point => point.Value is not null), 88, 92);
        Assert.Single(line.Points, point => point.Value is null);
        Assert.Equal(5000, plot.Bands[^1].Edges.Max(edge => edge.High), 20.0);
    }

    [Fact]
    public void Equal_figures_have_no_direction()
    {
        Assert.Equal((0, 1), DailyTrend.Of([.. Enumerable.Range(0, 10).Select(day => ((double)day, 5d))]) is { } trend ? (trend.Slope, trend.Probability) : default);
        Assert.Null(DailyTrend.Of([(0, 1), (1, 2)]));
    }

    [Fact]
    public void The_report_says_the_matter_first_and_calls_missing_figures_missing()
    {
        var trend = Judge(Series(14, day => day < -7 ? 150 : 200));
        var missing = TrendJudge.Of(TrendMetrics.All[1], [], Now.AddDays(-7), Now, null, "production", Now);
        var finding = TrendJudge.FindingOf(ResponseTime, trend, Week)!;
        var report = new PerformanceTrendReport
        {
            Target = "production", From = Now.AddDays(-7), To = Now, Status = HealthStatus.Warning, Message = finding.Message, Trends = [trend, missing], Findings = [finding], CollectedAt = Now,
        };
        var service = new ReportService(TimeProvider.System);
        var markdown = service.Render([report], ReportFormat.Markdown);
        Assert.Contains("## Application Performance", markdown, StringComparison.Ordinal);
        Assert.Contains("## Database Performance", markdown, StringComparison.Ordinal);
        Assert.Contains("## Recommendations", markdown, StringComparison.Ordinal);
        Assert.Contains("not measured", markdown, StringComparison.Ordinal);
        Assert.Contains("Get-DbSlowQuery", markdown, StringComparison.Ordinal);
        var html = service.Render([report], ReportFormat.Html);
        Assert.Contains("<figure class=\"plot\">", html, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
    }
}
