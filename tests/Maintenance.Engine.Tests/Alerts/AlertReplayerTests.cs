using Maintenance.Engine.Alerts;
using static Maintenance.Engine.Tests.Alerts.AlertTestRules;

namespace Maintenance.Engine.Tests.Alerts;

/// <summary>What a rule would have done, and what of it nobody knows.</summary>
public sealed class AlertReplayerTests
{
    private static readonly MaintenanceTarget Prod = new() { Name = "prod" };

    [Fact]
    public void It_fires_as_often_and_as_long_as_the_values_say()
    {
        var replay = Replay(Rule(), Minutes(5, 1, 11, 11, 1, 11, 1));
        Assert.Equal((2, TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(10), 4), (replay.Fired, replay.FiringTime, replay.LongestFiring, replay.Notifications));
        Assert.Equal((HealthStatus.Warning, TimeSpan.Zero), (replay.Status, replay.GapTime));
        Assert.Equal([AlertState.Firing, AlertState.Inactive, AlertState.Firing, AlertState.Inactive], replay.Transitions.Select(transition => transition.To));
    }

    [Fact]
    public void Without_values_nothing_is_known_and_nothing_is_counted()
    {
        var replay = Replay(Rule(), []);
        Assert.Equal((HealthStatus.Unknown, null, null, null, null), (replay.Status, replay.Fired, replay.FiringTime, replay.LongestFiring, replay.Notifications));
        Assert.Contains("nobody knows", replay.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gap_is_told_and_is_no_time_that_it_fired()
    {
        var values = Minutes(5, 1, 11, 11).Concat(Minutes(5, 11, 1).Select(value => value with { At = value.At.AddHours(6) })).ToList();
        var replay = AlertReplayer.Replay(Prod, Rule(), "", values, Noon, Noon.AddHours(6).AddMinutes(5));
        Assert.Equal((1, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(350)), (replay.Fired, replay.FiringTime, replay.GapTime));
        Assert.Contains("1 gap", replay.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_much_of_the_time_missing_that_nothing_fired_is_unknown() =>
        Assert.Equal(HealthStatus.Unknown, AlertReplayer.Replay(Prod, Rule(), "", Minutes(5, 1, 1, 1, 1), Noon, Noon.AddHours(3)).Status);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Before_the_first_value_nobody_has_looked(int values)
    {
        var replay = AlertReplayer.Replay(Prod, Rule(), "", Minutes(5, [.. Enumerable.Repeat(1.0, values)]), Noon.AddDays(-365), Noon.AddMinutes(30));
        Assert.Equal((HealthStatus.Unknown, values, 0), (replay.Status, replay.Samples, replay.Fired));
        Assert.Contains("Of 365 days", replay.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_no_time_at_all_nothing_is_said()
    {
        var replay = AlertReplayer.Replay(Prod, Rule(), "", [new PastValue(Noon, 11), new PastValue(Noon.AddMilliseconds(1), 1)], Noon.AddSeconds(-1), Noon.AddSeconds(1));
        Assert.Contains("fired once with 2 values since 2026-06-01 12:00Z, for a single value, and told", replay.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("0 seconds", replay.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mean_that_hides_a_peak_is_not_passed_off_as_good()
    {
        var hidden = Replay(Rule(), Hours(new PastRange(Noon, 1, 50), 5, 5, 5));
        Assert.Equal((0, 3, 3, HealthStatus.Unknown), (hidden.Fired, hidden.Means, hidden.HiddenPeaks, hidden.Status));
        var calm = Replay(Rule(), Hours(new PastRange(Noon, 1, 9), 5, 5, 5));
        Assert.Equal((0, 0, HealthStatus.Ok), (calm.Fired, calm.HiddenPeaks, calm.Status));
    }

    [Fact]
    public void A_mean_holds_for_the_whole_of_its_time()
    {
        var replay = Replay(Rule(forMinutes: 30), Hours(new PastRange(Noon, 11, 20), 15, 1, 1));
        Assert.Equal(1, replay.Fired);
    }

    [Fact]
    public void What_the_sandbox_made_up_is_said() =>
        Assert.Contains("made it up", Replay(Rule(), [.. Minutes(5, 1, 1).Select(value => value with { IsMadeUp = true })]).Message, StringComparison.Ordinal);

    private static AlertReplay Replay(AlertRule rule, List<PastValue> values) => AlertReplayer.Replay(Prod, rule, "", values, Noon, values.Count > 0 ? values[^1].At : Noon);

    private static List<PastValue> Minutes(int step, params double[] values) => [.. values.Select((value, index) => new PastValue(Noon.AddMinutes(index * step), value))];

    private static List<PastValue> Hours(PastRange range, params double[] values) =>
        [.. values.Select((value, index) => new PastValue(Noon.AddHours(index + 1), value, range with { From = Noon.AddHours(index) }))];
}
