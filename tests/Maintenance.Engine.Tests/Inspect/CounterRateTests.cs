using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Tests.Inspect;

public sealed class CounterRateTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static CounterRate Of(double? modulus, params (double Hours, double Value)[] points) =>
        CounterRate.Of([.. points.Select(point => (Start.AddHours(point.Hours), point.Value))], Hour, modulus);

    [Fact]
    public void Two_snapshots_make_a_rate_and_no_range()
    {
        var rate = Of(null, (0, 1000), (1, 4600));
        Assert.Equal((1.0, null, null, Start), (rate.PerSecond, rate.Slowest, rate.Fastest, rate.Since));
        Assert.Null(rate.Reason);
    }

    [Fact]
    public void More_snapshots_make_a_range_around_the_mean()
    {
        var rate = Of(null, (0, 0), (1, 3600), (2, 10_800), (4, 14_400));
        Assert.Equal((1.0, 0.5, 2.0), (rate.PerSecond, rate.Slowest, rate.Fastest));
    }

    [Fact]
    public void A_last_stretch_of_seconds_counts_for_the_mean_but_not_for_the_range()
    {
        var rate = Of(null, (0, 0), (1, 3600), (1.001, 7200));
        Assert.True(rate.PerSecond > 1.9);
        Assert.Null(rate.Fastest);
    }

    [Fact]
    public void A_single_snapshot_makes_none() => Assert.Equal("There is too little history: this is the first snapshot.", Of(null, (0, 5)).Reason);

    [Fact]
    public void Less_time_than_asked_for_makes_none()
    {
        var rate = Of(null, (0, 5), (0.5, 10));
        Assert.Null(rate.PerSecond);
        Assert.Contains("begin at 2026-03-01 00:00:00Z, and a rate needs 1 h", rate.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_counter_that_went_back_counts_from_then_on_alone()
    {
        var rate = Of(null, (0, 9000), (1, 10_000), (2, 100), (3, 3700));
        Assert.Equal((1.0, Start.AddHours(2)), (rate.PerSecond, rate.Since));
        var young = Of(null, (0, 9000), (1, 10_000), (2, 100));
        Assert.Null(young.PerSecond);
        Assert.Contains("restored or replaced", young.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_counter_of_32_bits_goes_on_after_its_end_and_does_not_grow_by_half_of_it()
    {
        Assert.Equal(1.0, Of(WraparoundLimits.MultixactModulus, (0, 4294967296 - 1800), (1, 1800)).PerSecond);
        Assert.Null(Of(WraparoundLimits.MultixactModulus, (0, 1_000_000), (1, 5)).PerSecond);
    }

    [Fact]
    public void A_counter_that_stands_still_has_a_rate_of_nothing() => Assert.Equal(0, Of(null, (0, 7), (2, 7)).PerSecond);

    [Fact]
    public void Snapshots_are_thinned_evenly_and_keep_both_ends()
    {
        var times = Enumerable.Range(0, 1000).Select(number => Start.AddMinutes(number * 5)).ToList();
        var thin = SnapshotTrail.Thin(times, 8);
        Assert.Equal(8, thin.Count);
        Assert.Equal((times[0], times[^1]), (thin[0], thin[^1]));
        Assert.All(thin.Zip(thin.Skip(1)), pair => Assert.InRange((pair.Second - pair.First).TotalMinutes, 700, 730));
        Assert.Equal(times.Take(3), SnapshotTrail.Thin([.. times.Take(3)], 8));
    }
}
