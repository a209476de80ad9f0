using Maintenance.Engine.Performance.Statistics;
using static Maintenance.Engine.Tests.Performance.Synthetic;

namespace Maintenance.Engine.Tests.Performance;

/// <summary>Levels that jumped so lately that the days since are too few for a trend of their own.</summary>
public sealed class RecentJumpTests
{
    private const int Known = 60;
    private const int Ahead = 30;
    private const double Growth = 5;

    // Days since the jump, today included, by how much, and how much noise there is.
    [Theory]
    [InlineData(1, 700, 0)]
    [InlineData(1, 700, 4)]
    [InlineData(2, 700, 4)]
    [InlineData(3, 700, 0)]
    [InlineData(3, 700, 4)]
    [InlineData(4, 700, 0)]
    [InlineData(4, 700, 4)]
    [InlineData(6, 700, 4)]
    [InlineData(1, -700, 4)]
    [InlineData(2, -700, 0)]
    [InlineData(3, -700, 4)]
    [InlineData(5, -700, 4)]
    public void The_growth_from_before_is_drawn_out_from_the_level_since_within_a_range_as_wide_as_the_jump(int since, double jump, double deviation)
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var noise = Noise(Known, deviation, seed);
            var points = Days(Known, day => 2000 + Growth * day + noise[day] + (day >= Known - since ? jump : 0));
            var answer = Trend.Find(points, Ask(points));
            Assert.Equal(points[Known - since].Day, answer.Stretch!.Start);
            Assert.InRange(answer.Stretch.Jump, jump - 5 * deviation - 1, jump + 5 * deviation + 1);
            Assert.StartsWith(jump > 0 ? "it rose by" : "it fell by", answer.Stretch.Reason, StringComparison.Ordinal);
            Assert.Contains("too few to tell its growth", answer.Stretch.Reason, StringComparison.Ordinal);
            Assert.InRange(answer.Trend!.Line.Slope, Growth - 0.5, Growth + 0.5);

            var truth = 2000 + Growth * (Known - 1 + Ahead + 0.5) + jump;
            var end = answer.Trend.Ahead(Ask(points)).MinBy(value => Math.Abs(value.Day - points[^1].Day - Ahead));
            Assert.InRange(end.Expected, truth - Growth - 5 * deviation - 1, truth + Growth + 5 * deviation + 1);
            Assert.True(end.High - end.Expected >= 0.98 * Math.Abs(jump) && end.Expected - end.Low >= 0.98 * Math.Abs(jump));
            Assert.True(end.Expected > points[^1].Value, "What grew and jumped is expected to grow on.");
        }
    }

    [Fact]
    public void A_vacuum_full_takes_the_level_down_and_leaves_the_growth()
    {
        var noise = Noise(90, 3, 5);
        var points = Days(90, day => (day >= 88 ? 600 : 1000) + 2 * day + noise[day]);
        var answer = Trend.Find(points, Ask(points));
        Assert.Contains("fell by", answer.Stretch!.Reason, StringComparison.Ordinal);
        Assert.InRange(answer.Trend!.Expected(points[^1].Day + 30), 600 + 2 * 119 - 15, 600 + 2 * 119 + 15);
        Assert.True(answer.Trend.Ahead(Ask(points))[^1].Low >= 0);
    }

    [Fact]
    public void Another_growth_of_four_days_is_no_level_and_no_forecast()
    {
        var points = Days(60, day => 1000 + 5 * day + (day >= 56 ? 100 * (day - 55) : 0));
        var answer = Trend.Find(points, Ask(points));
        Assert.Null(answer.Trend);
        Assert.StartsWith("insufficient data", answer.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public void Noise_is_hardly_ever_a_jump()
    {
        var jumps = Enumerable.Range(1, 200).Count(seed =>
        {
            var noise = Noise(60, 20, seed);
            var points = Days(60, day => 1000 + 5 * day + noise[day]);
            return Trend.Find(points, Ask(points)).Stretch!.Jump != 0;
        });
        Assert.InRange(jumps, 0, 4);
    }

    [Fact]
    public void A_step_above_every_peak_of_a_saw_lifts_the_peaks_that_are_expected()
    {
        // 30 up a day, 840 down every 30 days, and 3000 more since yesterday.
        var points = Days(175, day => 5000 + 30 * day - 840 * (day / 30) + (day >= 173 ? 3000 : 0));
        var answer = Trend.Find(points, Ask(points));
        Assert.True(answer.Stretch!.IsEnvelope);
        Assert.True(answer.Trend!.Expected(points[^1].Day + 30) > points[^1].Value);
        Assert.True(answer.Trend.Ahead(Ask(points)) is [.., var last] && last.Low < last.Expected - 1000);
    }

    [Fact]
    public void A_counter_that_was_set_back_yesterday_goes_on_as_before()
    {
        var points = Days(60, day => day < 58 ? 1_000_000 + 100 * day : 1 + 100 * (day - 58));
        var trend = Trend.Find(points, Ask(points) with { OnlyRises = true }).Trend!;
        Assert.InRange(trend.Line.Slope, 99, 101);
        Assert.InRange(trend.Expected(points[^1].Day + 30), 3000, 3300);
        Assert.True(trend.Ahead(Ask(points))[0].Low >= points[^1].Value);
    }

    [Fact]
    public void A_week_after_the_jump_the_days_since_are_enough()
    {
        var noise = Noise(60, 3, 3);
        var points = Days(60, day => 1000 + 5 * day + noise[day] + (day >= 50 ? 700 : 0));
        var answer = Trend.Find(points, Ask(points));
        Assert.Equal((0.0, 10), (answer.Stretch!.Jump, answer.Stretch.Points.Count));
    }
}
