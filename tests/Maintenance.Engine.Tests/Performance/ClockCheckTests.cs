using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Engine.Tests.Performance;

public sealed class ClockCheckTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Nothing_is_forgotten_by_a_clock_that_is_not_the_servers()
    {
        Assert.Null(ClockCheck.Disagreement(State(Now, Now.AddSeconds(2)), Now));
        Assert.Contains("2191 days ahead of the database server's", ClockCheck.Disagreement(State(Now.AddDays(2191), Now), Now.AddDays(2191)), StringComparison.Ordinal);
        Assert.Contains("could not be read", ClockCheck.Disagreement(State(Now, Now), Now.AddDays(2191)), StringComparison.Ordinal);
        Assert.Contains("could not be read", ClockCheck.Disagreement(new SampleState(), Now), StringComparison.Ordinal);
    }

    // Where both clocks are of one machine they are wrong together: six minutes of it are two runs.
    [Fact]
    public void After_a_long_absence_a_day_passes_before_anything_is_forgotten()
    {
        var (state, ahead) = (new SampleState(), Now.AddYears(6));
        Assert.NotNull(ClockCheck.Absence(state, Now, ahead));
        Assert.NotNull(ClockCheck.Absence(state, ahead, ahead.AddMinutes(5)));
        Assert.NotNull(ClockCheck.Absence(state, ahead.AddMinutes(5), ahead.AddHours(23)));
        Assert.Null(ClockCheck.Absence(state, ahead.AddHours(23), ahead.AddHours(25)));
        // Set right again.
        Assert.Null(ClockCheck.Absence(state, ahead, Now.AddMinutes(10)));
    }

    [Fact]
    public void A_sample_that_ends_in_the_future_is_left_out()
    {
        Sample[] samples = [Of(Now.AddMinutes(-10), Now.AddYears(1)), Of(Now.AddMinutes(-5), Now)];
        Assert.Equal(Now, Assert.Single(SampleReader.WithoutOverlaps(samples, Now)).To);

        static Sample Of(DateTimeOffset from, DateTimeOffset to) => new("app", SampleKinds.Metrics, SampleResolution.Raw, from, to - from, "{}");
    }

    private static SampleState State(DateTimeOffset at, DateTimeOffset serverAt) => new() { Counters = new CounterReading(at, serverAt, Now, []) };
}
