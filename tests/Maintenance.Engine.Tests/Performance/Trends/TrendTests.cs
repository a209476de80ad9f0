using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Trends;
using Maintenance.Engine.Reporting;

namespace Maintenance.Engine.Tests.Performance.Trends;

public sealed class TrendTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 0, 0, 0, TimeSpan.Zero);

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

    private static PerformanceTrend Judge(List<SeriesPoint> series, int days = 7) => TrendJudge.Of(ResponseTime, series, Now.AddDays(-days), Now, null, "production", Now);

    [Fact]
    public void What_was_not_measured_is_unknown_with_the_reason_and_makes_no_finding()
    {
        var trend = Judge([]);
        Assert.Equal((HealthStatus.Unknown, null, TrendDirection.Unknown), (trend.Status, trend.Mean, trend.Direction));
        Assert.Contains("not measured", trend.Reason, StringComparison.Ordinal);
        Assert.Null(TrendJudge.FindingOf(ResponseTime, trend));
    }

    [Fact]
    public void A_step_against_the_week_before_is_a_change_and_worse()
    {
        var trend = Judge(Series(14, day => day < -7 ? 150 : 200));
        Assert.True(trend.IsChanged);
        Assert.Equal(33.3, trend.ChangePercent!.Value, 0.5);
        Assert.Equal(HealthStatus.Warning, trend.Status);
        var finding = TrendJudge.FindingOf(ResponseTime, trend)!;
        Assert.Equal("PERFORMANCE-WORSE", finding.Id);
        Assert.Contains("% more than the 150 ms of the time before", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Noise_and_the_rhythm_of_days_are_no_change()
    {
        var trend = Judge(Series(14, day => 150 + 50 * Math.Sin(day * 2 * Math.PI), noise: 60));
        Assert.False(trend.IsChanged);
        Assert.Equal((TrendDirection.Steady, HealthStatus.Ok), (trend.Direction, trend.Status));
        Assert.Null(TrendJudge.FindingOf(ResponseTime, trend));
    }

    [Theory]
    [InlineData(499, null)]
    [InlineData(501, "PERFORMANCE-ABOVE-LIMIT")]
    public void The_limit_of_the_guide_is_500_ms_in_the_mean(double value, string? expected) =>
        Assert.Equal(expected, TrendJudge.FindingOf(ResponseTime, Judge(Series(14, _ => value, noise: 0)))?.Id);

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
        Assert.Equal("PERFORMANCE-WORSE-LATELY", TrendJudge.FindingOf(ResponseTime, trend)!.Id);
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
    public void A_long_time_is_drawn_by_days_with_its_gaps_and_peaks()
    {
        var trend = Judge(Series(100, day => Math.Abs(day + 30) < 0.001 ? 5000 : 100, isThere: day => day is < -60 or > -50), 100);
        var report = new PerformanceTrendReport { Target = "production", From = Now.AddDays(-100), To = Now, Status = HealthStatus.Ok, Message = "m", Trends = [trend], CollectedAt = Now };
        var plot = (TimePlot)PerformanceTrendReporting.Of(report).Sections[0].Plots[0];
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
        var finding = TrendJudge.FindingOf(ResponseTime, trend)!;
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
