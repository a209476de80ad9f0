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
    public void Why_a_figure_was_not_measured_is_what_is_so()
    {
        string Why(TrendMetric metric, bool isAny, bool hasFunctions) => TrendJudge.Of(metric, [], Now.AddDays(-7), Now, null, "production", Now, new Sampled(isAny, hasFunctions)).Reason!;
        var query = TrendMetrics.All.First(metric => metric.Metric == SampledMetrics.QueryTime);
        Assert.Contains("there are no samples. Run Invoke-MaintenanceTask PerformanceMetrics", Why(ResponseTime, false, true), StringComparison.Ordinal);
        Assert.Contains("no edge functions are configured", Why(ResponseTime, true, false), StringComparison.Ordinal);
        Assert.Contains("neither the edge functions nor the log of requests told it", Why(ResponseTime, true, true), StringComparison.Ordinal);
        Assert.Contains("pg_stat_statements", Why(query, true, true), StringComparison.Ordinal);
        Assert.Contains("there are no samples", Why(query, false, false), StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_against_the_week_before_is_a_change_and_worse()
    {
        var trend = Judge(Series(14, day => day < -7 ? 150 : 200));
        Assert.True(trend.IsChanged);
        Assert.Equal(33.3, trend.ChangePercent!.Value, 0.5);
        Assert.Equal(HealthStatus.Warning, trend.Status);
        var finding = TrendJudge.FindingOf(ResponseTime, trend, Week)!;
        Assert.Equal("PERFORMANCE-STEP", finding.Id);
        Assert.StartsWith("The mean response time is 33 % higher since 19 Nov: 200 ms, before that 150 ms.", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_without_a_step_is_told_against_the_time_before()
    {
        // Restless days, of which none is the first of another level.
        var trend = Judge(Series(14, day => 150 + 15 * (Math.Floor(day) % 3) + (day < -7 ? 0 : 40), noise: 30));
        var finding = TrendJudge.FindingOf(ResponseTime, trend with { Shift = null, CourseSince = null }, Week)!;
        Assert.Equal("PERFORMANCE-WORSE", finding.Id);
        Assert.Contains("of the time before", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_is_no_slope_and_the_days_since_are_the_usual_ones()
    {
        // As after a release three weeks ago at 14:00, in a report of 30 days.
        var trend = Judge(Series(60, day => day < -20 - 10 / 24d ? 129 : 167), 30);
        Assert.Equal((TrendDirection.Steady, false, HealthStatus.Warning), (trend.Direction, trend.IsLastDayUnusual!.Value, trend.Status));
        Assert.Equal(new DateTimeOffset(2026, 11, 5, 14, 0, 0, TimeSpan.Zero), trend.Shift!.At);
        Assert.Equal(trend.Shift.At, trend.CourseSince);
        Assert.Equal((129, 167), (Math.Round(trend.Shift.Before), Math.Round(trend.Shift.Since)));
        Assert.Equal(167, trend.UsualDayMean!.Value, 1);
        Assert.True(Math.Abs(trend.ChangePerDay!.Value) < 0.1, $"{trend.ChangePerDay} a day");
        Assert.Equal(["29 % higher since 5 Nov"], TrendJudge.Reasons(ResponseTime, trend));
        var page = new ReportService(TimeProvider.System).Render([ReportOf([trend], 30)], ReportFormat.Markdown);
        Assert.Contains("It is 29 % higher since 5 Nov, all at once: 167 ms, before that 129 ms.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("a day.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("unusual", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_before_the_time_is_told_and_is_no_fault_of_the_time()
    {
        var trend = Judge(Series(37, day => day < -20 ? 129 : 167));
        Assert.Equal((HealthStatus.Ok, null), (trend.Status, trend.CourseSince));
        Assert.Equal("30 % higher since 6 Nov", TrendWords.Shift(trend));
        Assert.Null(TrendJudge.FindingOf(ResponseTime, trend, Week));
    }

    [Fact]
    public void After_a_step_the_slope_is_that_since()
    {
        var trend = Judge(Series(60, day => day < -20 ? 100 : 200 + (day + 20) * 2), 30);
        Assert.Equal(TrendDirection.Rising, trend.Direction);
        Assert.Equal(2, trend.ChangePerDay!.Value, 0.2);
        Assert.Equal(-20, (trend.CourseSince!.Value - Now).TotalDays, 1d);
    }

    [Fact]
    public void A_step_to_the_better_is_told_and_needs_nothing()
    {
        var trend = Judge(Series(60, day => day < -20 ? 167 : 129), 30);
        Assert.Equal("23 % lower since 6 Nov", TrendWords.Shift(trend));
        Assert.Equal((HealthStatus.Ok, 0), (trend.Status, TrendJudge.Reasons(ResponseTime, trend).Count));
        Assert.Null(TrendJudge.FindingOf(ResponseTime, trend, TimeSpan.FromDays(30)));
    }

    [Theory]
    [InlineData("noise")]
    [InlineData("weekends")]
    [InlineData("one bad day")]
    [InlineData("rise")]
    public void What_is_no_step_is_not_called_one(string what)
    {
        var trend = Judge(
            Series(60, day => 150 + (what, day) switch
            {
                ("weekends", _) => (int)Math.Floor(day + 700) % 7 is 1 or 2 ? -60 : 0,
                ("one bad day", > -12 and < -11) => 300,
                ("rise", _) => day,
                _ => 0,
            }, noise: 40),
            30);
        Assert.Null(trend.Shift);
        Assert.Equal(what == "rise" ? TrendDirection.Rising : TrendDirection.Steady, trend.Direction);
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
        Assert.StartsWith("There were 80 deadlocks in 7 days, more than the limit of 10 a day", many.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Days_are_named_as_the_calendar_does_and_a_time_begins_with_its_first_point()
    {
        SeriesPoint Day(int day, double value) => new(Now.AddDays(day), Now.AddDays(day + 1), new SampleValue(288, value, value, value, 5));
        List<SeriesPoint> Days(Func<int, double> value) => [.. Enumerable.Range(-180, 180).Select(day => Day(day, value(day)))];
        // Now is 26 November, 0 o'clock: the ninth day back is the 17th, from midnight to midnight.
        Assert.Equal("on 17 Nov", Judge(Days(day => day == -9 ? 140 : 100), 90, Usual(BaselineSource.Samples, -91, 100)).AboveUsualWhen);
        Assert.Equal("nearly always since 6 Nov", Judge(Days(day => day >= -20 ? 140 : 100), 90, Usual(BaselineSource.Samples, -91, 100)).AboveUsualWhen);
        // Alone long before.
        Assert.Equal("nearly always since 6 Nov", Judge(Days(day => day >= -20 || day == -60 ? 140 : 100), 90, Usual(BaselineSource.Samples, -91, 100)).AboveUsualWhen);
    }

    [Fact]
    public void With_next_to_nothing_before_there_is_no_comparison_anywhere()
    {
        var trend = Judge(Series(14, day => day < -7 ? 63 : 105, isThere: day => day is < -13.8 or > -7));
        Assert.Equal((null, null, HealthStatus.Ok), (trend.ChangePercent, trend.IsChanged, trend.Status));
        Assert.Equal(63, trend.PreviousMean!.Value, 2.0);
        Assert.StartsWith("The mean is 105 ms; not compared with the time before, of which 3 % was measured.", Caption(trend), StringComparison.Ordinal);
        // Said once at the top where it is so of all figures, and of each where it is not.
        var report = PerformanceTrendReporting.Of(ReportOf(trend));
        Assert.Null(report.Tiles.Single().Note);
        Assert.Contains("; of the 7 days before too little was measured to compare with.", report.Summary[^1], StringComparison.Ordinal);
        var other = Judge(Series(14, _ => 100)) with { Metric = "error_rate" };
        Assert.Equal("not compared with the time before, of which 3 % was measured", PerformanceTrendReporting.Of(ReportOf([trend, other], 7)).Tiles[0].Note);
    }

    [Fact]
    public void The_tile_and_the_message_name_the_rule_that_is_broken()
    {
        var trend = Judge(Series(14, _ => 600));
        Assert.StartsWith("above its limit of 500 ms; the 7 days before: 600 ms", PerformanceTrendReporting.Of(ReportOf(trend)).Tiles.Single().Note, StringComparison.Ordinal);
        var errors = TrendMetrics.All[1];
        var failed = TrendJudge.Of(errors, Series(14, _ => 1.92, noise: 0), Now.AddDays(-7), Now, null, "production", Now);
        Finding[] findings = [TrendJudge.FindingOf(ResponseTime, trend, Week)!, TrendJudge.FindingOf(errors, failed, Week)!];
        Assert.Contains("on average, above its limit of 500 ms. Also needs a look: failed requests.", TrendVerdict.Message([trend, failed], findings, [], 0, Now.AddDays(-7), Now), StringComparison.Ordinal);
    }

    [Fact]
    public void The_size_of_the_database_is_as_it_is_now_and_its_change_one_of_means()
    {
        var size = TrendMetrics.All.Single(metric => metric.Metric == SampledMetrics.DatabaseSize);
        const double Megabyte = 1024 * 1024;
        var trend = TrendJudge.Of(size, Series(14, day => (day < -7 ? 100 : 102 + (day + 3.5) / 2) * Megabyte, noise: 1000), Now.AddDays(-7), Now, null, "production", Now);
        var report = PerformanceTrendReporting.Of(ReportOf(trend));
        Assert.Equal(("104 MB", "now; on average 102 MB; the 7 days before: 100 MB, +2 %"), (report.Tiles.Single().Value, report.Tiles.Single().Note));
        var table = report.Sections.Single(section => section.Title == "All figures");
        Assert.Equal("hardly, but less than 5 %", table.Rows[0][table.Columns.ToList().IndexOf("By chance?")]);
    }

    [Fact]
    public void All_the_time_is_said_of_all_the_time_only()
    {
        string Said(Func<double, bool>? isThere)
        {
            var series = Series(14, _ => 100, isThere: isThere);
            var gaps = TrendCourse.GapsOf([.. series.Where(point => point.At >= Now.AddDays(-7))], Now.AddDays(-7), Now);
            var report = ReportOf(Judge(series)) with { Gaps = gaps, MissingPercent = TrendCourse.Missing(gaps, Now.AddDays(-7), Now) };
            return PerformanceTrendReporting.Of(report).Summary.Single(sentence => sentence.StartsWith("1 figure", StringComparison.Ordinal));
        }

        Assert.StartsWith("1 figure, measured all the time.", Said(null), StringComparison.Ordinal);
        Assert.StartsWith("1 figure, measured in 99.5 % of the time; no samples from ", Said(day => day is < -3 or > -3 + 50 / 1440d), StringComparison.Ordinal);
        Assert.Equal("no samples but one at 2026-11-20 00:00 UTC", TrendWords.Gaps([new TrendGap(Now.AddDays(-7), Now.AddDays(-6)), new TrendGap(Now.AddDays(-6), Now)], Now.AddDays(-7), Now));
    }

    [Fact]
    public void A_day_that_was_measured_in_part_is_not_all_of_it()
    {
        List<SeriesPoint> days = [.. Enumerable.Range(-200, 200).Select(day => new SeriesPoint(Now.AddDays(day), Now.AddDays(day + 1), new SampleValue(day is -30 or -20 ? 144 : 288 - day % 2, 100, 100, 100, 5)))];
        Assert.Equal(1, Judge(days, 100).MissingPercent!.Value, 0.01);
        // Asked half as often from some day on, all the time.
        Assert.Equal(0d, Judge([.. days.Select(day => day with { Value = day.Value with { Count = day.From < Now.AddDays(-30) ? 288 : 144 } })], 100).MissingPercent);
    }

    [Theory]
    // One day, all weekends, two of three days.
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Each_day_that_is_missing_is_a_gap_where_days_are_kept(int kind)
    {
        bool IsThere(int day) => kind switch { 1 => day != -50, 2 => Now.AddDays(day).DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday), _ => day % 3 == 0 };
        var expected = Enumerable.Range(-100, 100).Where(day => !IsThere(day)).ToList();
        List<SeriesPoint> days = [.. Enumerable.Range(-200, 200).Where(IsThere).Select(day => new SeriesPoint(Now.AddDays(day), Now.AddDays(day + 1), new SampleValue(288, 100, 100, 100, 5)))];
        var gaps = TrendCourse.GapsOf([.. days.Where(day => day.From >= Now.AddDays(-100))], Now.AddDays(-100), Now);
        Assert.Equal(expected.Count, gaps.Sum(gap => (gap.To - gap.From).TotalDays), 1e-6);
        var trend = Judge(days, 100);
        Assert.Equal(expected.Count, trend.MissingPercent!.Value, 1e-6);
        Assert.Equal(Enumerable.Range(-200, 100).Count(day => !IsThere(day)), trend.PreviousMissingPercent!.Value, 1e-6);
        // The line is not drawn across any of them.
        Assert.Equal(gaps.Count(gap => gap.From > Now.AddDays(-100) && gap.To < Now), trend.Points.Count(point => point.Mean is null));
    }

    [Fact]
    public void An_hour_that_is_missing_among_hours_is_a_gap_and_the_seam_between_resolutions_is_none()
    {
        List<SeriesPoint> series =
        [
            .. Enumerable.Range(-4, 2).Select(day => new SeriesPoint(Now.AddDays(day), Now.AddDays(day + 1), new SampleValue(288, 100, 100, 100, 5))),
            .. Enumerable.Range(-48, 24).Where(hour => hour != -30).Select(hour => new SeriesPoint(Now.AddHours(hour), Now.AddHours(hour + 1), hour == -40 ? SampleValue.Of(100) : new SampleValue(12, 100, 100, 100, 5))),
            .. Series(1, _ => 100),
        ];
        Assert.Equal([new TrendGap(Now.AddHours(-30), Now.AddHours(-29))], TrendCourse.GapsOf(series, Now.AddDays(-4), Now));
    }

    [Fact]
    public void A_tile_says_of_which_time_each_of_its_figures_is()
    {
        var report = PerformanceTrendReporting.Of(ReportOf(Judge(Series(14, day => day < -4 ? 100 : 150))));
        Assert.StartsWith("50 % higher since 22 Nov: 150 ms, before that 100 ms; ", report.Tiles.Single().Note, StringComparison.Ordinal);
        Assert.Matches(@"; mean of all the time; the 7 days before: [\d.]+ ms, \+[\d.]+ %", report.Tiles.Single().Note);
    }

    [Fact]
    public void Nothing_is_written_without_a_sign_and_little_is_not_all()
    {
        Assert.Equal(("0 %", "-0.1 %", "+5 %"), (TrendWords.Change(-0.04), TrendWords.Change(-0.06), TrendWords.Change(5)));
        Assert.Equal(("99.9 %", "100 %"), (TrendWords.Missed(99.97), TrendWords.Missed(100)));
    }

    [Fact]
    public void A_row_has_one_unit()
    {
        var requests = TrendMetrics.All.Single(metric => metric.Metric == SampledMetrics.Requests);
        var trend = TrendJudge.Of(requests, Series(14, day => (day - Math.Floor(day) < 0.5 ? 0.6 : 8) / 3600d, noise: 0), Now.AddDays(-7), Now, null, "production", Now);
        var report = PerformanceTrendReporting.Of(ReportOf(trend));
        Assert.All(report.Sections.Single(section => section.Title == "All figures").Rows[0].Where(cell => cell?.Contains('/', StringComparison.Ordinal) == true), cell => Assert.EndsWith("/h", cell, StringComparison.Ordinal));
        Assert.All(PlotTable.Summary(Plot(trend)).Rows[0].Skip(1), cell => Assert.EndsWith("/h", cell, StringComparison.Ordinal));
    }

    [Fact]
    public void The_rest_of_a_day_is_no_day()
    {
        var deadlocks = TrendMetrics.All.Single(metric => metric.Metric == SampledMetrics.Deadlocks);
        // Ends at noon; one every two hours.
        var end = Now.AddHours(12);
        var points = Enumerable.Range(-14 * 288, 14 * 288).Select(index => new SeriesPoint(end.AddMinutes(index * 5), end.AddMinutes(index * 5 + 5), SampleValue.Of(index % 24 == 0 ? 288 : 0))).ToList();
        var trend = TrendJudge.Of(deadlocks, points, end.AddDays(-7), end, null, "production", end);
        Assert.Equal(7, trend.Points.Count);
        Assert.Equal((12, 12), (trend.Minimum, trend.Maximum));
        // Half a day more than seven: its first twelve hours are drawn, and are not the least of a day.
        Assert.Equal(12, TrendJudge.Of(deadlocks, points, end.AddDays(-6.5), end, null, "production", end).Minimum);
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
        Assert.StartsWith("Only 21 % of the time was measured (no samples since 2026-11-20 11:55 UTC).", TrendVerdict.Message([trend], [], gaps, trend.MissingPercent!.Value, Now.AddDays(-7), Now), StringComparison.Ordinal);
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

    private static PerformanceTrendReport ReportOf(PerformanceTrend trend) => ReportOf([trend], 7);

    private static PerformanceTrendReport ReportOf(IReadOnlyList<PerformanceTrend> trends, int days) => new() { Target = "production", From = Now.AddDays(-days), To = Now, Status = trends[0].Status, Message = "m", Trends = trends, CollectedAt = Now };

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
