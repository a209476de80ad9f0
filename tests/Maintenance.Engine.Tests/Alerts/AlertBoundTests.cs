using Maintenance.Engine.Alerts;
using static Maintenance.Engine.Tests.Alerts.AlertTestRules;

namespace Maintenance.Engine.Tests.Alerts;

/// <summary>A value that is not known, and of which one knows enough all the same.</summary>
public sealed class AlertBoundTests
{
    private static readonly AlertRule Health = BuiltInRules.Guide[0];

    [Theory]
    [InlineData(60.0, 66.9, AlertState.Firing, HealthStatus.Warning, "at most 66.9 %")]
    [InlineData(96.7, 100.0, AlertState.Inactive, HealthStatus.Ok, "at least 96.7 %")]
    [InlineData(90.0, 100.0, AlertState.Inactive, HealthStatus.Ok, "at least 90 %")]
    [InlineData(89.9, 100.0, AlertState.NoData, HealthStatus.Unknown, "is unknown")]
    [InlineData(null, null, AlertState.NoData, HealthStatus.Unknown, "is unknown")]
    [InlineData(null, 50.0, AlertState.Firing, HealthStatus.Warning, "at most 50 %")]
    [InlineData(double.NaN, double.NaN, AlertState.NoData, HealthStatus.Unknown, "is unknown")]
    public void A_bound_decides_where_it_can(double? least, double? most, AlertState state, HealthStatus status, string said)
    {
        var alert = Judge(Health, null, least, most);
        Assert.Equal((state, status, (double?)null), (alert.State, alert.Status, alert.Value));
        Assert.Contains(said, alert.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void For_values_that_are_too_great_it_is_the_other_one()
    {
        Assert.Equal((AlertState.Firing, 11.0), (Judge(Rule(10), null, 11, null).State, Judge(Rule(10), null, 11, null).Bound));
        Assert.Contains("at least 11 %", Judge(Rule(10), null, 11, 30).Message, StringComparison.Ordinal);
        Assert.Contains("at most 9 %", Judge(Rule(10), null, 0, 9).Message, StringComparison.Ordinal);
        Assert.Equal(AlertState.NoData, Judge(Rule(10), null, 9, 11).State);
    }

    [Fact]
    public void What_fires_is_over_only_where_it_is_surely_beyond_the_clear_threshold()
    {
        var firing = Begin(Noon) with { State = AlertState.Firing };
        Assert.Equal(AlertState.Firing, Judge(Rule(10, clear: 5), firing, 0, 6).State);
        Assert.Contains("nobody knows", Judge(Rule(10, clear: 5), firing, 0, 6).Message, StringComparison.Ordinal);
        Assert.Equal(AlertState.Inactive, Judge(Rule(10, clear: 5), firing, 0, 5).State);
        Assert.Equal((AlertState.Firing, 6.0), (Judge(Rule(10, clear: 5), firing, 6, 20).State, Judge(Rule(10, clear: 5), firing, 6, 20).Bound));
    }

    [Fact]
    public void What_is_rounded_never_looks_like_its_limit()
    {
        Assert.Contains("is just below 90 %, limit 90 %", Message(Health, 89.999), StringComparison.Ordinal);
        Assert.Contains("is 90 %, limit 90 %", Message(Health, 90), StringComparison.Ordinal);
        Assert.Contains("is just above 1,000 ms, limit 1,000 ms", Message(BuiltInRules.Guide[1], 1000.0001), StringComparison.Ordinal);
    }

    private static string Message(AlertRule rule, double value) =>
        AlertEvaluator.Evaluate(Situation(Noon, rule), [Metric(rule.Metric, value, Noon)], new Dictionary<AlertKey, AlertMemory>(), false).Single().Alert.Message;

    private static Alert Judge(AlertRule rule, AlertMemory? memory, double? least, double? most)
    {
        var memories = memory is null ? [] : new Dictionary<AlertKey, AlertMemory> { [memory.Key] = memory };
        return AlertEvaluator.Evaluate(Situation(Noon, rule), [Metric(rule.Metric, null, Noon) with { AtLeast = least, AtMost = most }], memories, false).Single().Alert;
    }
}
