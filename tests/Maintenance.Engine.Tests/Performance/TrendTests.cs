using Maintenance.Engine.Performance.Statistics;
using static Maintenance.Engine.Tests.Performance.Synthetic;

namespace Maintenance.Engine.Tests.Performance;

public sealed class TrendTests
{
    [Fact]
    public void A_straight_line_is_found_exactly_and_drawn_out()
    {
        var points = Days(60, day => 1000 + 5 * day);
        var trend = Trend.Find(points, Ask(points)).Trend!;
        Assert.Equal(5, trend.Line.Slope, 9);
        Assert.Equal((5.0, 5.0), (Math.Round(trend.Line.Low, 6), Math.Round(trend.Line.High, 6)));
        Assert.Equal(1000 + 5 * 89, trend.Expected(points[^1].Day + 30), 6);
        Assert.Null(trend.Season);
    }

    [Fact]
    public void Noise_moves_the_slope_by_less_than_its_interval_says_and_the_interval_holds_the_truth_nineteen_times_out_of_twenty()
    {
        var held = 0;
        for (var seed = 1; seed <= 200; seed++)
        {
            var noise = Noise(60, 20, seed);
            var points = Days(60, day => 1000 + 5 * day + noise[day]);
            var line = TheilSen.Fit(points)!;
            held += line.Low <= 5 && line.High >= 5 ? 1 : 0;
            Assert.InRange(line.Slope, 4.0, 6.0);
        }

        Assert.InRange(held, 180, 200);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    public void Four_futures_out_of_five_lie_in_the_interval(double correlation)
    {
        var (inside, asked) = (0, 0);
        for (var seed = 1; seed <= 200; seed++)
        {
            var noise = Noise(91, 20, seed, correlation);
            var points = Days(60, day => 1000 + 5 * day + noise[day]);
            if (Trend.Find(points, Ask(points)).Trend is not { } trend)
            {
                continue;
            }

            var question = new TrendQuestion(points[^1].Day + 30, 1);
            var ahead = trend.Ahead(question)[0];
            var actual = 1000 + 5 * 89 + noise[89];
            inside += ahead.Low <= actual && actual <= ahead.High ? 1 : 0;
            asked++;
        }

        Assert.InRange(asked, 180, 200);
        Assert.InRange(100.0 * inside / asked, 70, 90);
    }

    [Fact]
    public void After_a_step_the_slope_is_that_of_the_days_since_and_the_step_is_told()
    {
        var noise = Noise(90, 2, 7);
        var points = Days(90, day => 1000 + 3 * day + (day >= 50 ? 500 : 0) + noise[day]);
        var answer = Trend.Find(points, Ask(points));
        Assert.Equal(points[50].Day, answer.Stretch!.Start);
        Assert.Contains("rose by", answer.Stretch.Reason, StringComparison.Ordinal);
        Assert.InRange(answer.Trend!.Line.Slope, 2.9, 3.1);
    }

    [Fact]
    public void After_a_purge_the_days_before_it_do_not_count()
    {
        var points = Days(90, day => 1000 + 10 * day - (day >= 60 ? 550 : 0));
        var answer = Trend.Find(points, Ask(points));
        Assert.Equal(points[60].Day, answer.Stretch!.Start);
        Assert.Contains("as after a purge", answer.Stretch.Reason, StringComparison.Ordinal);
        Assert.Equal(10, answer.Trend!.Line.Slope, 6);
    }

    [Fact]
    public void Another_growth_is_found_within_a_few_days()
    {
        var noise = Noise(100, 2, 3);
        var points = Days(100, day => 1000 + (day < 60 ? 2 * day : 120 + 12 * (day - 60)) + noise[day]);
        var answer = Trend.Find(points, Ask(points));
        Assert.InRange(answer.Stretch!.Start, points[57].Day, points[63].Day);
        Assert.InRange(answer.Trend!.Line.Slope, 11.5, 12.5);
    }

    [Fact]
    public void A_straight_line_with_noise_is_hardly_ever_taken_apart()
    {
        var apart = Enumerable.Range(1, 100).Count(seed =>
        {
            var noise = Noise(90, 20, seed);
            return ChangePoints.Find(Days(90, day => 1000 + 5 * day + noise[day])).Count > 1;
        });
        Assert.InRange(apart, 0, 8);
    }

    [Fact]
    public void Peaks_of_a_monthly_saw_tell_its_trend_and_not_its_teeth()
    {
        // 30 up a day, 840 down every 30 days: 60 more every month.
        var points = Days(175, day => 5000 + 30 * day - 840 * (day / 30));
        var answer = Trend.Find(points, Ask(points));
        Assert.True(answer.Stretch!.IsEnvelope);
        Assert.Contains("falls about every 30 days", answer.Stretch.Reason, StringComparison.Ordinal);
        Assert.InRange(answer.Trend!.Line.Slope, 1.9, 2.1);
    }

    [Fact]
    public void A_weekly_saw_is_how_the_values_are_and_its_trend_is_that_over_the_weeks()
    {
        // 10 up a day, 63 down every Monday: 7 more every week.
        var points = Days(84, day => 5000 + 10 * day - 63 * (day / 7));
        var trend = Trend.Find(points, Ask(points)).Trend!;
        Assert.InRange(trend.Line.Slope, 0.7, 1.4);
        Assert.InRange(trend.Expected(points[^1].Day + 30), 5084 - 20, 5150 + 60);
    }

    [Fact]
    public void Single_wild_days_move_neither_slope_nor_stretch()
    {
        var noise = Noise(60, 2, 11);
        var points = Days(60, day => 1000 + 5 * day + noise[day] + (day is 20 or 41 ? 900 : 0));
        var answer = Trend.Find(points, Ask(points));
        Assert.Equal(points[0].Day, answer.Stretch!.Start);
        Assert.InRange(answer.Trend!.Line.Slope, 4.8, 5.2);
    }

    [Fact]
    public void Gaps_are_no_steps()
    {
        var noise = Noise(90, 2, 5);
        var points = Days(90, day => 1000 + 5 * day + noise[day]).Where((_, day) => day is < 30 or >= 48).ToList();
        var answer = Trend.Find(points, Ask(points));
        Assert.Equal(points[0].Day, answer.Stretch!.Start);
        Assert.InRange(answer.Trend!.Line.Slope, 4.9, 5.1);
    }

    [Fact]
    public void A_constant_has_no_growth_and_no_width()
    {
        var points = Days(40, _ => 777);
        var trend = Trend.Find(points, Ask(points)).Trend!;
        Assert.Equal((0.0, 0.0, 0.0), (trend.Line.Slope, trend.Line.Low, trend.Line.High));
        var last = trend.Ahead(Ask(points))[^1];
        Assert.Equal((777.0, 777.0, 777.0), (Math.Round(last.Low, 6), Math.Round(last.Expected, 6), Math.Round(last.High, 6)));
    }

    [Fact]
    public void A_counter_that_was_set_back_begins_again()
    {
        var points = Days(60, day => day < 35 ? 1_000_000 + 100 * day : 1 + 100 * (day - 35));
        var answer = Trend.Find(points, Ask(points) with { OnlyRises = true });
        Assert.Equal(points[35].Day, answer.Stretch!.Start);
        Assert.Contains("set back", answer.Stretch.Reason, StringComparison.Ordinal);
        Assert.Equal(100, answer.Trend!.Line.Slope, 6);
    }

    [Fact]
    public void Weekends_are_expected_to_be_weekends()
    {
        var noise = Noise(70, 2, 9);
        var points = Days(70, day => 40 + 0.2 * day + (day % 7 >= 5 ? -20 : 0) + noise[day]);
        var trend = Trend.Find(points, Ask(points) with { IsWeekly = true }).Trend!;
        Assert.NotNull(trend.Season);
        // Day 70 is a Monday, day 75 a Saturday.
        Assert.InRange(trend.Expected(Monday + 70.5), 40 + 14 - 3, 40 + 14 + 3);
        Assert.InRange(trend.Expected(Monday + 75.5), 20 + 15 - 3, 20 + 15 + 3);
        Assert.InRange(trend.Line.Slope, 0.15, 0.25);
    }

    [Fact]
    public void Noise_is_no_season()
    {
        var seasons = Enumerable.Range(1, 100).Count(seed =>
        {
            var noise = Noise(70, 5, seed);
            return WeeklySeason.Find(Days(70, day => 40 + noise[day])) is not null;
        });
        Assert.InRange(seasons, 0, 12);
    }

    [Theory]
    [InlineData(6, 30, 7)]
    [InlineData(17, 90, 18)]
    public void Too_few_days_are_no_trend_and_say_how_many_are_needed(int known, int ahead, int needed)
    {
        var points = Days(known, day => 5 * day);
        var answer = Trend.Find(points, Ask(points, ahead));
        Assert.Null(answer.Trend);
        Assert.Contains($"insufficient data: {known} days, {needed} needed", answer.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public void An_even_past_promises_no_growth_to_a_tenth()
    {
        var points = Days(60, day => 1000 + 5 * day);
        var end = Trend.Find(points, Ask(points)).Trend!.Ahead(Ask(points)).MinBy(value => Math.Abs(value.Day - points[^1].Day - 30.5));
        Assert.InRange((end.High - end.Low) / 2, 0.1 * 5 * 30, 0.1 * 5 * 31);
    }

    [Fact]
    public void Asked_twice_it_says_the_same()
    {
        var noise = Noise(60, 20, 17);
        var points = Days(60, day => 1000 + 5 * day + noise[day]);
        Assert.Equal(Trend.Find(points, Ask(points)).Trend!.Ahead(Ask(points)), Trend.Find(points, Ask(points)).Trend!.Ahead(Ask(points)));
    }

    [Fact]
    public void A_back_test_of_a_line_is_right_and_of_noise_is_off_by_the_noise()
    {
        var line = Days(90, day => 1000 + 5 * day);
        var perfect = Backtest.Run(line, Trend.Find(line, Ask(line)), Ask(line))!;
        Assert.InRange(perfect.MeanAbsoluteError, 0, 1e-6);
        Assert.InRange(perfect.Forecasts, 3, 8);

        var noise = Noise(90, 20, 19);
        var rough = Days(90, day => 1000 + 5 * day + noise[day]);
        var tested = Backtest.Run(rough, Trend.Find(rough, Ask(rough)), Ask(rough))!;
        Assert.InRange(tested.MeanAbsoluteError, 5, 60);
        Assert.InRange(tested.MeanAbsolutePercent!.Value, 0.2, 6);
    }

    [Fact]
    public void Too_short_a_past_is_not_back_tested()
    {
        var points = Days(8, day => 5 * day);
        Assert.Null(Backtest.Run(points, Trend.Find(points, Ask(points)), Ask(points)));
    }
}
