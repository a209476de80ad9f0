using Maintenance.Engine.Alerts;
using static Maintenance.Engine.Tests.Alerts.AlertTestRules;

namespace Maintenance.Engine.Tests.Alerts;

/// <summary>How an alert goes from one state to the next.</summary>
public sealed class AlertMachineTests
{
    [Fact]
    public void What_is_bad_for_long_enough_fires()
    {
        var rule = Rule(forMinutes: 10);

        Assert.Equal(
            [AlertState.Pending, AlertState.Pending, AlertState.Firing, AlertState.Firing],
            States(rule, (0, 11), (5, 12), (10, 13), (15, 14)));
    }

    [Fact]
    public void A_good_value_in_between_begins_anew() => Assert.Equal(
        [AlertState.Pending, AlertState.Inactive, AlertState.Pending, AlertState.Firing],
        States(Rule(forMinutes: 10), (0, 11), (5, 10), (10, 11), (20, 11)));

    [Fact]
    public void It_is_over_only_beyond_the_clear_threshold() => Assert.Equal(
        [AlertState.Firing, AlertState.Firing, AlertState.Firing, AlertState.Inactive, AlertState.Inactive],
        States(Rule(clear: 5), (0, 11), (5, 9), (10, 5.1), (15, 5), (20, 9)));

    [Fact]
    public void It_is_over_only_when_it_stays_good() => Assert.Equal(
        [AlertState.Firing, AlertState.Recovering, AlertState.Firing, AlertState.Recovering, AlertState.Recovering, AlertState.Inactive],
        States(Rule(keepMinutes: 10), (0, 11), (5, 1), (10, 11), (15, 1), (20, 1), (25, 1)));

    [Fact]
    public void One_value_that_is_looked_at_twice_counts_once()
    {
        var rule = Rule(samples: 3);
        var memory = Begin(Noon);
        for (var minute = 0; minute < 10; minute++)
        {
            memory = AlertMachine.Next(rule, memory, 11, Noon, Noon.AddMinutes(minute));
        }

        Assert.Equal((AlertState.Pending, 1), (memory.State, memory.BadSamples));
        memory = AlertMachine.Next(rule, memory, 11, Noon.AddMinutes(11), Noon.AddMinutes(11));
        memory = AlertMachine.Next(rule, memory, 11, Noon.AddMinutes(12), Noon.AddMinutes(12));
        Assert.Equal(AlertState.Firing, memory.State);
    }

    [Fact]
    public void A_value_that_is_older_than_the_one_judged_last_changes_nothing()
    {
        var memory = AlertMachine.Next(Rule(), Begin(Noon), 1, Noon, Noon);

        Assert.Equal(memory, AlertMachine.Next(Rule(), memory, 11, Noon.AddSeconds(-1), Noon.AddSeconds(30)));
        Assert.Equal(AlertState.Firing, AlertMachine.Next(Rule(), memory, 11, Noon.AddSeconds(1), Noon.AddSeconds(30)).State);
    }

    [Theory]
    [InlineData(NoDataPolicy.Alert, AlertState.Firing)]
    [InlineData(NoDataPolicy.Keep, AlertState.Firing)]
    [InlineData(NoDataPolicy.Ignore, AlertState.Inactive)]
    public void What_fires_and_loses_its_data(NoDataPolicy policy, AlertState expected) =>
        Assert.Equal(expected, States(Rule(noData: policy), (0, 11), (5, null))[^1]);

    [Theory]
    [InlineData(NoDataPolicy.Alert, AlertState.NoData)]
    [InlineData(NoDataPolicy.Keep, AlertState.Inactive)]
    [InlineData(NoDataPolicy.Ignore, AlertState.Inactive)]
    public void What_was_good_and_loses_its_data(NoDataPolicy policy, AlertState expected) =>
        Assert.Equal(expected, States(Rule(noData: policy), (0, 1), (5, null))[^1]);

    [Fact]
    public void Missing_data_is_told_when_it_lasts_as_long_as_the_rule_waits() => Assert.Equal(
        [AlertState.Inactive, AlertState.Inactive, AlertState.Inactive, AlertState.NoData, AlertState.Inactive],
        States(Rule(forMinutes: 10), (0, 1), (5, null), (10, null), (15, null), (20, 1)));

    [Fact]
    public void A_gap_within_the_wait_does_not_begin_it_anew() => Assert.Equal(
        [AlertState.Pending, AlertState.Pending, AlertState.Firing],
        States(Rule(forMinutes: 10), (0, 11), (5, null), (10, 11)));

    [Fact]
    public void A_clock_that_is_set_back_makes_no_time_negative()
    {
        var rule = Rule(forMinutes: 10);
        var memory = AlertMachine.Next(rule, Begin(Noon), 11, Noon, Noon);
        memory = AlertMachine.Next(rule, memory, 11, Noon.AddHours(-1), Noon.AddHours(-1));

        Assert.Equal((AlertState.Pending, Noon.AddHours(-1)), (memory.State, memory.Since));
        Assert.Equal(AlertState.Firing, AlertMachine.Next(rule, memory, 11, Noon.AddMinutes(-50), Noon.AddMinutes(-50)).State);
    }

    [Fact]
    public void What_comes_and_goes_flaps_until_it_is_steady()
    {
        var (rule, memory, now) = (Rule(), Begin(Noon), Noon);
        for (var i = 0; i < 8; i++, now = now.AddMinutes(5))
        {
            memory = AlertMachine.Next(rule, memory, i % 2 == 0 ? 11 : 1, now, now);
        }

        Assert.True(memory.IsFlapping);
        memory = AlertMachine.Next(rule, memory, 1, now.AddMinutes(20), now.AddMinutes(20));
        Assert.True(memory.IsFlapping);
        memory = AlertMachine.Next(rule, memory, 1, now.AddMinutes(90), now.AddMinutes(90));
        Assert.False(memory.IsFlapping);
    }

    [Fact]
    public void What_changes_once_an_hour_does_not_flap()
    {
        var (rule, memory, now) = (Rule(), Begin(Noon), Noon);
        for (var i = 0; i < 48; i++, now = now.AddHours(1))
        {
            memory = AlertMachine.Next(rule, memory, i % 2 == 0 ? 11 : 1, now, now);
            Assert.False(memory.IsFlapping);
        }
    }

    private static List<AlertState> States(AlertRule rule, params (int Minute, double? Value)[] values)
    {
        var memory = Begin(Noon);
        var states = new List<AlertState>();
        foreach (var (minute, value) in values)
        {
            memory = AlertMachine.Next(rule, memory, value, Noon.AddMinutes(minute), Noon.AddMinutes(minute));
            states.Add(memory.State);
        }

        return states;
    }
}
