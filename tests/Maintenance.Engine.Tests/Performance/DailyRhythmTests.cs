using Maintenance.Engine.Performance.Baselines;
using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Engine.Tests.Performance;

/// <summary>Figures with a rhythm of days and weeks, of which is known what happened in them.</summary>
public sealed class DailyRhythmTests
{
    // The end of a Thursday: the baseline ends three weeks before.
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 23, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Then = Now.AddDays(-21);

    /// <summary>How figures differ from their rhythm: not alike at all, each like the one before, or whole days that differ.</summary>
    public enum Noise
    {
        White,
        Persistent,
        Days,
    }

    // Of 400 comparisons without any change, so many may be taken for one at the level of 5 % (before the correction after Holm, which makes it fewer).
    [Theory]
    [InlineData(Noise.White)]
    [InlineData(Noise.Persistent)]
    [InlineData(Noise.Days)]
    public void A_rhythm_that_comes_back_is_taken_for_a_change_no_more_often_than_is_stated(Noise noise)
    {
        var drifts = Enumerable.Range(1, 400).Select(seed => Compare(seed, noise, now => now)).ToList();
        var (known, wrong) = (drifts.Count(drift => drift.Probability is not null), drifts.Count(drift => drift.Probability < 0.05));
        TestContext.Current.SendDiagnosticMessage($"{noise}: {known} of 400 compared, {wrong} taken for a change.");
        Assert.True(known >= 380, $"{known} of 400 could be compared.");
        Assert.True(wrong <= 28, $"{wrong} of 400 were taken for a change ({noise}).");
    }

    [Theory]
    [InlineData(Noise.White, 1.1)]
    [InlineData(Noise.Persistent, 1.2)]
    [InlineData(Noise.Days, 2)]
    public void A_shift_of_all_hours_is_found(Noise noise, double factor)
    {
        var drifts = Enumerable.Range(1, 100).Select(seed => Compare(seed, noise, now => now * factor)).ToList();
        Assert.InRange(drifts.Count(drift => drift.Verdict == BaselineVerdict.Higher), 90, 100);
    }

    [Fact]
    public void A_day_of_connections_is_compared_with_the_same_hours_of_weekdays()
    {
        var drift = Compare(1, Noise.White, now => now);
        Assert.Equal(BaselineVerdict.Same, drift.Verdict);
        // The whole week has quieter weekends in it, which say nothing of a Thursday.
        Assert.True(drift.Baseline!.Mean < 0.95 * drift.BaselineMean);
        Assert.Equal(1, drift.CurrentMean!.Value / drift.BaselineMean!.Value, 0.02);
        Assert.Contains("before at these hours", drift.Message, StringComparison.Ordinal);
    }

    // Fourteen days alike, twelve hours of each at 200 ms and twelve at 100: six of the next, all slow, are what they are every day.
    [Fact]
    public void The_slow_hours_of_a_log_of_requests_are_compared_with_slow_hours()
    {
        var end = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        var baseline = Requests(end.AddDays(-15), end.AddDays(-1), 1);
        Assert.Equal(BaselineVerdict.Same, Compare(Requests(end.AddHours(-6), end, 1)).Verdict);
        Assert.Equal(BaselineVerdict.Slower, Compare(Requests(end.AddHours(-6), end, 1.5)).Verdict);

        BaselineDrift Compare(PerformanceBaseline now) => Assert.Single(BaselineComparer.Compare([baseline], [now], 10, end));

        static PerformanceBaseline Requests(DateTimeOffset from, DateTimeOffset to, double factor)
        {
            var hours = Enumerable.Range(0, (int)(to - from).TotalHours).Select(hour => from.AddHours(hour))
                .Select(hour => new SeriesPoint(hour, hour.AddHours(1), new SampleValue(1000, factor * ((hour.Hour < 12 ? 200 : 100) + hour.Day % 3), 0, 0, 0))).ToList();
            return new BaselineWindow("system", from, to, []).Of(BaselineSource.RequestLog, "response_time", MetricUnit.Milliseconds, hours.Average(hour => hour.Value.Mean)) with
            {
                Count = 1000 * hours.Count,
                StandardDeviation = 50,
                Rhythm = DailyRhythm.Of(hours),
            };
        }
    }

    [Fact]
    public void A_busy_hour_is_no_busy_day()
    {
        var noon = Now.AddHours(-10);
        var hour = Compare(3, Noise.White, now => now, noon, TimeSpan.FromHours(1));
        Assert.Equal(BaselineVerdict.Same, hour.Verdict);
        Assert.True(hour.CurrentMean > 1.3 * hour.Baseline!.Mean);
    }

    [Fact]
    public void Days_of_which_the_baseline_knows_nothing_are_not_compared()
    {
        // Five weekdays, and a Saturday.
        var baseline = Measure(Series(1, Noise.White, Then.AddDays(-4), Then, value => value), Then.AddDays(-4), Then);
        var saturday = Now.AddDays(2);
        var drift = Assert.Single(BaselineComparer.Compare([baseline], [Measure(Series(2, Noise.White, saturday.AddHours(-20), saturday, value => value), saturday.AddHours(-20), saturday)], 10, Now));
        Assert.Equal((BaselineVerdict.NotEnoughData, HealthStatus.Unknown), (drift.Verdict, drift.Status));
        Assert.Contains("weekdays and weekends apart", drift.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_never_varies_differs_for_certain_or_not_at_all()
    {
        var baseline = Measure(Flat(Then.AddDays(-7), Then, 97), Then.AddDays(-7), Then);
        Assert.Equal(BaselineVerdict.Same, Assert.Single(BaselineComparer.Compare([baseline], [Measure(Flat(Now.AddDays(-1), Now, 97), Now.AddDays(-1), Now)], 10, Now)).Verdict);
        var more = Assert.Single(BaselineComparer.Compare([baseline], [Measure(Flat(Now.AddDays(-1), Now, 197), Now.AddDays(-1), Now)], 10, Now));
        Assert.Equal(BaselineVerdict.Higher, more.Verdict);
        Assert.EndsWith("(+103.1 %), p < 0.001.", more.Message, StringComparison.Ordinal);

        static IReadOnlyList<SeriesPoint> Flat(DateTimeOffset from, DateTimeOffset to, double value) => Points(from, to, _ => value);
    }

    [Fact]
    public void Hours_and_measurements_of_the_same_time_tell_the_same_rhythm()
    {
        var raw = Series(5, Noise.Persistent, Then.AddDays(-14), Then, value => value);
        var hours = raw.GroupBy(point => point.From.UtcTicks / TimeSpan.TicksPerHour).Select(hour => new SeriesPoint(
            new DateTimeOffset(hour.Key * TimeSpan.TicksPerHour, TimeSpan.Zero), new DateTimeOffset((hour.Key + 1) * TimeSpan.TicksPerHour, TimeSpan.Zero),
            hour.Skip(1).Aggregate(hour.First().Value, (sum, point) => sum.With(point.Value)))).ToList();
        var (first, second) = (DailyRhythm.Of(raw)!, DailyRhythm.Of(hours)!);
        Assert.Equal(first.Hours.Select(hour => Math.Round(hour.Mean, 9)), second.Hours.Select(hour => Math.Round(hour.Mean, 9)));
        Assert.Equal(first.IndependentHours!.Value, second.IndependentHours!.Value, 6);
        Assert.Null(DailyRhythm.Of([new SeriesPoint(Then.AddDays(-1), Then, new SampleValue(288, 1, 1, 1, 0))]));
    }

    private static BaselineDrift Compare(int seed, Noise noise, Func<double, double> change, DateTimeOffset? to = null, TimeSpan? length = null)
    {
        var (end, begin) = (to ?? Now, (to ?? Now) - (length ?? TimeSpan.FromDays(1)));
        return Assert.Single(BaselineComparer.Compare(
            [Measure(Series(seed, noise, Then.AddDays(-7), Then, value => value), Then.AddDays(-7), Then)],
            [Measure(Series(seed + 10_000, noise, begin, end, change), begin, end)],
            minimumPercent: 0,
            Now));
    }

    private static PerformanceBaseline Measure(IReadOnlyList<SeriesPoint> points, DateTimeOffset from, DateTimeOffset to) =>
        Assert.Single(SampleBaselines.Of(new Dictionary<string, IReadOnlyList<SeriesPoint>> { ["connections"] = points }, new BaselineWindow("system", from, to, [])));

    // As busy as people are: by day, and on weekdays most.
    private static double Usual(DateTimeOffset at) =>
        20 + (at.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 5 : 30) * Math.Max(0, Math.Sin(Math.PI * (at.TimeOfDay.TotalHours - 6) / 14));

    private static IReadOnlyList<SeriesPoint> Series(int seed, Noise noise, DateTimeOffset from, DateTimeOffset to, Func<double, double> change)
    {
        var random = new Random(seed);
        var (last, day, ofDay) = (Normal(random), DateTimeOffset.MinValue.Date, 0.0);
        return Points(from, to, at =>
        {
            last = noise == Noise.White ? Normal(random) : 0.95 * last + Math.Sqrt(1 - 0.95 * 0.95) * Normal(random);
            if (at.Date != day)
            {
                (day, ofDay) = (at.Date, noise == Noise.Days ? Normal(random) : 0);
            }

            return change(Usual(at) * (1 + 0.1 * last + 0.1 * ofDay));
        });
    }

    private static IReadOnlyList<SeriesPoint> Points(DateTimeOffset from, DateTimeOffset to, Func<DateTimeOffset, double> value) =>
    [
        .. Enumerable.Range(0, (int)((to - from).TotalMinutes / 5)).Select(index => from.AddMinutes(5 * index)).Select(at => new SeriesPoint(at, at.AddMinutes(5), SampleValue.Of(value(at)))),
    ];

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
