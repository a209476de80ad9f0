using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Engine.Tests.Performance;

/// <summary>Rates of counters, and what becomes a gap instead.</summary>
public sealed class CounterReadingTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static CounterReading Reading(double minutes, double value, double? serverMinutes = null, DateTimeOffset? started = null, DateTimeOffset? reset = null) =>
        new(Noon.AddMinutes(minutes), Noon.AddMinutes(serverMinutes ?? minutes), started ?? Noon.AddDays(-1), new() { ["g"] = new(reset, ["n"], new() { ["n"] = value, ["t:1"] = value }) });

    [Fact]
    public void What_was_counted_in_between_is_told_with_the_time_that_it_took()
    {
        var (before, now) = (Reading(0, 100), Reading(5, 400));
        Assert.Equal((TimeSpan.FromMinutes(5), null), now.Since(before));
        Assert.Equal(300, now.Counted("g", before).Counted!["n"]);
        // A week without a measurement is an honest time too.
        Assert.Equal((TimeSpan.FromDays(7), null), Reading(7 * 1440, 400).Since(before));
    }

    [Fact]
    public void Restarts_resets_and_clocks_that_were_set_make_gaps()
    {
        var before = Reading(0, 100);
        Assert.Contains("First reading", Reading(5, 1).Since(null).Gap, StringComparison.Ordinal);
        Assert.Contains("started", Reading(5, 400, started: Noon.AddMinutes(2)).Since(before).Gap, StringComparison.Ordinal);
        Assert.Contains("set back", Reading(-60, 400).Since(before).Gap, StringComparison.Ordinal);
        Assert.Contains("set back", Reading(5, 400, serverMinutes: 0).Since(before).Gap, StringComparison.Ordinal);
        Assert.Contains("clock was set", Reading(5, 400, serverMinutes: 65).Since(before).Gap, StringComparison.Ordinal);
        Assert.Contains("reset", Reading(5, 400, reset: Noon.AddMinutes(1)).Counted("g", before).Gap, StringComparison.Ordinal);
        Assert.Contains("lower", Reading(5, 99).Counted("g", before).Gap, StringComparison.Ordinal);
        Assert.Null(Reading(5, 400).Counted("other", before).Counted);
    }

    [Fact]
    public void A_single_statement_may_begin_anew_while_the_totals_go_on()
    {
        var (before, now) = (Reading(0, 100), Reading(5, 400));
        now.Groups["g"].Values["t:1"] = 30;
        now.Groups["g"].Values["t:2"] = 7;
        var (counted, gap) = now.Counted("g", before);
        Assert.Null(gap);
        Assert.Equal((300, 30, 7), (counted!["n"], counted["t:1"], counted["t:2"]));
    }

    [Fact]
    public void What_is_due_does_not_wait_for_a_clock_that_was_set_back()
    {
        var state = new SampleState { Taken = { ["metrics"] = Noon } };
        var spacing = TimeSpan.FromMinutes(5);
        Assert.True(state.IsDue("tables", spacing, Noon));
        Assert.False(state.IsDue("metrics", spacing, Noon.AddMinutes(4)));
        Assert.True(state.IsDue("metrics", spacing, Noon.AddMinutes(4.9)));
        Assert.True(state.IsDue("metrics", spacing, Noon.AddHours(-1)));
    }
}
