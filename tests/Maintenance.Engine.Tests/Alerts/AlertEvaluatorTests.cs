using Maintenance.Engine.Alerts;
using static Maintenance.Engine.Tests.Alerts.AlertTestRules;

namespace Maintenance.Engine.Tests.Alerts;

/// <summary>All rules over all values: which belong together, what is held back, and why.</summary>
public sealed class AlertEvaluatorTests
{
    private static readonly Dictionary<AlertKey, AlertMemory> Nothing = [];

    private static readonly AlertRule Warns = Rule(threshold: 10, name: "warns");
    private static readonly AlertRule Alarms = Rule(threshold: 20, name: "alarms", severity: AlertSeverity.Critical);

    [Fact]
    public void Who_knows_that_it_is_critical_is_not_told_that_it_is_a_warning()
    {
        var alerts = Evaluate([Warns, Alarms], [Metric("error_rate", 30, Noon)]);
        Assert.Equal(("alarms", "alarms fires", AlertNews.Firing), (alerts[0].InhibitedBy, alerts[0].Suppressed, alerts[0].News));
        Assert.Equal((null, null), (alerts[1].InhibitedBy, alerts[1].Suppressed));
    }

    [Fact]
    public void Below_the_critical_limit_the_warning_is_told() =>
        Assert.Equal([(AlertState.Firing, null), (AlertState.Inactive, null)], Evaluate([Warns, Alarms], [Metric("error_rate", 15, Noon)]).Select(alert => (alert.State, alert.Suppressed)));

    [Fact]
    public void A_critical_rule_holds_back_only_its_own_metric_and_series()
    {
        var alerts = Evaluate(
            [Warns, Alarms, Rule(threshold: 10, name: "other", metric: "avg_response_time")],
            [Metric("error_rate", 30, Noon, ("f", "a")), Metric("error_rate", 15, Noon, ("f", "b")), Metric("avg_response_time", 30, Noon)]);
        Assert.Equal(["warns f=a"], alerts.Where(alert => alert.Suppressed is not null).Select(alert => $"{alert.Rule} {alert.Series}"));
    }

    [Fact]
    public void That_nobody_knows_is_told_by_the_critical_rule_alone()
    {
        var alerts = Evaluate([Warns, Alarms], [Metric("error_rate", null, Noon)]);
        Assert.Equal([(AlertState.NoData, "alarms tells of it"), (AlertState.NoData, null)], alerts.Select(alert => (alert.State, alert.Suppressed)));
    }

    [Fact]
    public void That_the_critical_one_knows_nothing_is_no_reason_to_hide_a_warning_that_fires()
    {
        var firing = AlertMachine.Begin(new AlertKey("warns", ""), Noon) with { State = AlertState.Firing };
        var alerts = Evaluate([Warns, Alarms], [Metric("error_rate", null, Noon)], firing);
        Assert.Equal((AlertState.Firing, AlertNews.Firing, null), (alerts[0].State, alerts[0].News, alerts[0].Suppressed));
    }

    [Fact]
    public void That_a_warning_is_over_is_told_while_the_critical_one_still_fires()
    {
        var told = AlertMachine.Begin(new AlertKey("warns", ""), Noon) with { State = AlertState.Firing, Told = AlertTold.Firing, ToldAt = Noon };
        var critical = AlertMachine.Begin(new AlertKey("alarms", ""), Noon) with { State = AlertState.Firing };
        // A critical rule that keeps firing for a while longer.
        var alerts = Evaluate([Warns, Alarms with { KeepFiringFor = TimeSpan.FromHours(1) }], [Metric("error_rate", 1, Noon.AddMinutes(5))], told, critical);
        Assert.Equal((AlertNews.Resolved, null), (alerts[0].News, alerts[0].Suppressed));
    }

    [Fact]
    public void A_warning_holds_nothing_back() =>
        Assert.All(Evaluate([Warns, Rule(threshold: 12, name: "second")], [Metric("error_rate", 30, Noon)]), alert => Assert.Null(alert.Suppressed));

    [Fact]
    public void Of_several_values_of_one_series_the_newest_counts() => Assert.Equal(
        AlertState.Inactive,
        Assert.Single(Evaluate([Warns], [Metric("error_rate", 30, Noon.AddMinutes(-5)), Metric("error_rate", 1, Noon)])).State);

    [Theory]
    [InlineData(true, AlertState.NoData)]
    [InlineData(false, null)]
    public void A_metric_that_is_missing_has_no_data_where_the_values_are_all_there_are(bool isComplete, AlertState? expected) =>
        Assert.Equal(expected, AlertEvaluator.Evaluate(Situation(Noon, Warns), [], Nothing, isComplete).SingleOrDefault()?.Alert.State);

    [Fact]
    public void A_series_that_was_seen_before_and_is_missing_has_no_data()
    {
        var seen = AlertMachine.Begin(new AlertKey("warns", "f=a"), Noon);
        var alerts = AlertEvaluator.Evaluate(Situation(Noon, Warns), [Metric("error_rate", 1, Noon, ("f", "b"))], new Dictionary<AlertKey, AlertMemory> { [seen.Key] = seen }, true);
        Assert.Equal([("f=a", AlertState.NoData), ("f=b", AlertState.Inactive)], alerts.Select(outcome => (outcome.Alert.Series, outcome.Alert.State)).Order());
    }

    [Fact]
    public void A_series_that_was_seen_before_and_is_there_is_looked_at_once()
    {
        var seen = AlertMachine.Begin(new AlertKey("warns", "f=a"), Noon);
        var outcomes = AlertEvaluator.Evaluate(Situation(Noon, Warns), [Metric("error_rate", 30, Noon, ("f", "a"))], new Dictionary<AlertKey, AlertMemory> { [seen.Key] = seen }, true);
        Assert.Equal(AlertState.Firing, Assert.Single(outcomes).Alert.State);
    }

    [Fact]
    public void An_alias_is_the_same_metric() =>
        Assert.Equal(AlertState.Firing, Assert.Single(Evaluate([Rule(threshold: 80, metric: "connection_pool_usage")], [Metric("usage_percentage", 90, Noon)])).State);

    [Fact]
    public void A_rule_that_is_disabled_is_not_looked_at() => Assert.Empty(Evaluate([Warns with { IsEnabled = false }], [Metric("error_rate", 30, Noon)]));

    [Fact]
    public void A_rule_with_labels_looks_at_nothing_else()
    {
        var alerts = Evaluate([Warns with { Labels = new Dictionary<string, string> { ["f"] = "a" } }], [Metric("error_rate", 30, Noon, ("f", "a")), Metric("error_rate", 30, Noon, ("f", "b")), Metric("error_rate", 30, Noon)]);
        Assert.Equal("f=a", Assert.Single(alerts).Series);
    }

    [Theory]
    [InlineData(MetricUnit.Seconds, 3, AlertState.Firing)]
    [InlineData(MetricUnit.Milliseconds, 3, AlertState.Inactive)]
    [InlineData(MetricUnit.None, 3, AlertState.Inactive)]
    [InlineData(MetricUnit.Bytes, 3, AlertState.NoData)]
    public void Units_are_converted_or_the_value_is_unknown(MetricUnit unit, double value, AlertState expected) => Assert.Equal(
        expected, Assert.Single(Evaluate([Rule(threshold: 1000, metric: "avg_response_time") with { Unit = MetricUnit.Milliseconds }], [Metric("avg_response_time", value, Noon) with { Unit = unit }])).State);

    [Theory]
    [InlineData("warns", true)]
    [InlineData("WARN?", true)]
    [InlineData("*", true)]
    [InlineData("warn", false)]
    public void A_silence_holds_back_the_rules_that_its_name_fits(string pattern, bool isSilent)
    {
        var situation = Situation(Noon, Warns) with { Silences = [Silence(pattern, Noon.AddHours(-1), Noon.AddHours(1))] };
        var alert = Assert.Single(AlertEvaluator.Evaluate(situation, [Metric("error_rate", 30, Noon)], Nothing, false)).Alert;
        Assert.Equal(isSilent ? "silenced until 2026-06-01 13:00Z by me: why" : null, alert.Suppressed);
        Assert.Equal((AlertState.Firing, AlertNews.Firing), (alert.State, alert.News));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(-2, -1)]
    [InlineData(-2, 0)]
    public void A_silence_holds_from_its_beginning_to_its_end(int from, int until)
    {
        var situation = Situation(Noon, Warns) with { Silences = [Silence("*", Noon.AddHours(from), Noon.AddHours(until))] };
        Assert.Null(Assert.Single(AlertEvaluator.Evaluate(situation, [Metric("error_rate", 30, Noon)], Nothing, false)).Alert.Suppressed);
    }

    [Fact]
    public void A_window_holds_back_what_is_new_and_nothing_is_said_where_nothing_is()
    {
        var situation = Situation(Noon, Warns, Rule(threshold: 99, name: "calm")) with { Window = "open" };
        Assert.Equal(["open", null], AlertEvaluator.Evaluate(situation, [Metric("error_rate", 30, Noon)], Nothing, false).Select(outcome => outcome.Alert.Suppressed));
    }

    [Fact]
    public void All_unknown_raises_and_nothing_passes()
    {
        var alerts = AlertEvaluator.Evaluate(Situation(Noon, BuiltInRules.Guide), [], Nothing, isComplete: true).Select(outcome => outcome.Alert).ToList();
        Assert.Equal(10, alerts.Count);
        Assert.All(alerts, alert => Assert.Equal((AlertState.NoData, HealthStatus.Unknown, AlertNews.NoData), (alert.State, alert.Status, alert.News)));
    }

    [Fact]
    public void What_has_not_changed_need_not_be_kept()
    {
        var first = Assert.Single(AlertEvaluator.Evaluate(Situation(Noon, Warns), [Metric("error_rate", 1, Noon)], Nothing, false));
        Assert.True(first.IsChanged);
        var kept = first.After with { Version = 1 };
        Assert.False(Assert.Single(AlertEvaluator.Evaluate(Situation(Noon.AddMinutes(1), Warns), [Metric("error_rate", 1, Noon)], new Dictionary<AlertKey, AlertMemory> { [kept.Key] = kept }, false)).IsChanged);
    }

    private static readonly AlertRule Ill = Rule(threshold: 1, name: "component_critical", metric: "component_status", severity: AlertSeverity.Critical) with { Unit = MetricUnit.None };

    [Fact]
    public void What_is_unknown_for_a_part_that_is_down_is_told_with_that_part_alone()
    {
        Metric[] metrics =
        [
            Metric("component_status", 2, Noon, ("component", "Database")),
            Metric("error_rate", null, Noon) with { ExplainedBy = "Database" },
            Metric("avg_response_time", null, Noon),
        ];
        var alerts = Evaluate([Ill, Alarms, Rule(name: "other", metric: "avg_response_time")], metrics);
        Assert.Equal([null, "component_critical of component=Database tells of it", null], alerts.Select(alert => alert.Suppressed));
        // A figure that is known, and one of a part that nobody tells of, are told.
        Assert.Null(Evaluate([Ill, Alarms], [metrics[0], metrics[1] with { Value = 30 }])[1].Suppressed);
        Assert.Null(Evaluate([Ill, Alarms], [metrics[0] with { Value = 1 }, metrics[1]])[1].Suppressed);
    }

    [Fact]
    public void What_fails_besides_is_news_once_and_a_change_of_figures_is_none()
    {
        Metric Of(int minutes, params string[] failed) => Metric("component_status", 2, Noon.AddMinutes(minutes)) with
        {
            Details = $"{minutes} minutes",
            Causes = failed.ToDictionary(name => name, name => $"The function {name} failed."),
        };
        Alert? alert = null;
        AlertMemory? memory = null;
        AlertNews Next(Metric metric)
        {
            var outcome = Assert.Single(AlertEvaluator.Evaluate(Situation(metric.ObservedAt, Ill), [metric], memory is null ? Nothing : new Dictionary<AlertKey, AlertMemory> { [memory.Key] = memory }, false));
            (alert, memory) = (outcome.Alert, AlertNotices.Told(outcome.After, outcome.Alert.News, metric.ObservedAt));
            return outcome.Alert.News;
        }

        Assert.Equal(AlertNews.Firing, Next(Of(0, "a")));
        Assert.Equal(AlertNews.None, Next(Of(5, "a")));
        Assert.Equal(AlertNews.Joined, Next(Of(10, "a", "b")));
        Assert.Equal("The function b failed.", Assert.Single(alert!.Also));
        Assert.StartsWith("ALSO CRITICAL component_critical: new is: The function b failed. In all: ", Assert.Single(AlertMessageBuilder.Of("Emergency", [alert], null)).Message.Text, StringComparison.Ordinal);
        Assert.Equal(AlertNews.None, Next(Of(15, "a", "b")));
        // What went and comes back is known.
        Assert.Equal([AlertNews.None, AlertNews.None], [Next(Of(20, "a")), Next(Of(25, "a", "b"))]);
    }

    [Theory]
    [InlineData("error_rate", -3)]
    [InlineData("overall_health_percent", 500)]
    public void A_value_that_cannot_be_is_none(string metric, double value)
    {
        var alert = Assert.Single(Evaluate([Rule(metric: metric)], [Metric(metric, value, Noon)]));
        Assert.Equal((AlertState.NoData, HealthStatus.Unknown), (alert.State, alert.Status));
    }

    [Theory]
    [InlineData(4, AlertState.Inactive)]
    [InlineData(6, AlertState.Firing)]
    public void A_value_of_the_future_ends_nothing(int minutes, AlertState expected)
    {
        var firing = AlertMachine.Begin(new AlertKey("warns", ""), Noon) with { State = AlertState.Firing };
        Assert.Equal(expected, Assert.Single(AlertEvaluator.Evaluate(Situation(Noon, Warns), [Metric("error_rate", 1, Noon.AddMinutes(minutes))], new Dictionary<AlertKey, AlertMemory> { [firing.Key] = firing }, false)).Alert.State);
    }

    [Fact]
    public void A_value_that_comes_too_late_does_not_hide_the_one_that_counts()
    {
        var first = Assert.Single(AlertEvaluator.Evaluate(Situation(Noon, Warns), [Metric("error_rate", 30, Noon)], Nothing, false)).After;
        var late = Assert.Single(AlertEvaluator.Evaluate(Situation(Noon, Warns), [Metric("error_rate", 1, Noon.AddMinutes(-30))], new Dictionary<AlertKey, AlertMemory> { [first.Key] = first }, false)).Alert;
        Assert.Equal((AlertState.Firing, 30d), (late.State, late.Value));
        Assert.Equal(
            "It is bad: error_rate is 30 %, limit 10 %. The value given now (1 %) is of 2026-06-01 11:30Z and changes nothing: one of 2026-06-01 12:00Z was looked at before.", late.Message);
    }

    private static AlertSilence Silence(string rule, DateTimeOffset from, DateTimeOffset until) => new() { Id = Guid.NewGuid(), Target = "prod", Rule = rule, From = from, Until = until, Reason = "why", By = "me" };

    private static List<Alert> Evaluate(AlertRule[] rules, Metric[] metrics, params AlertMemory[] memories) =>
        [.. AlertEvaluator.Evaluate(Situation(metrics.Max(metric => metric.ObservedAt), rules), metrics, memories.ToDictionary(memory => memory.Key), false).Select(outcome => outcome.Alert)];
}
