using Maintenance.Engine.Alerts;
using static Maintenance.Engine.Tests.Alerts.AlertTestRules;

namespace Maintenance.Engine.Tests.Alerts;

/// <summary>Whatever fires ends, also when nobody looks at it any more; and what was measured long ago says nothing about now.</summary>
public sealed class AlertUnwatchedTests
{
    private static readonly AlertRule Warns = Rule(name: "warns");
    private static readonly AlertRule Other = Rule(name: "other", metric: "avg_response_time");

    [Fact]
    public void A_rule_that_is_gone_ends_once_and_says_so()
    {
        var firing = Fires(Warns with { Severity = AlertSeverity.Critical, Message = "It burns" });
        var ended = Assert.Single(Evaluate([Other], [Other], firing));
        Assert.Equal((AlertState.Inactive, AlertNews.Unwatched, HealthStatus.Unknown, AlertSeverity.Critical), (ended.Alert.State, ended.Alert.News, ended.Alert.Status, ended.Alert.Severity));
        Assert.Equal(
            "warns is no longer watched: it was removed from the configuration, or switched off. Nobody looks any more whether this is over: It burns.", ended.Alert.Message);
        Assert.Equal(["Emergency"], AlertNotices.Channels(ended.Alert.Definition, ended.After, ended.Alert.News, new MaintenanceTarget { Name = "prod" }));
        // As long as nobody was told it is news.
        Assert.Equal(AlertNews.Unwatched, Assert.Single(Evaluate([Other], [Other], ended.After)).Alert.News);
        Assert.Empty(Evaluate([Other], [Other], AlertNotices.Told(ended.After, AlertNews.Unwatched, Noon)));
    }

    [Fact]
    public void A_rule_that_is_switched_off_ends_as_well() => Assert.Equal(
        AlertNews.Unwatched, Assert.Single(Evaluate([Warns with { IsEnabled = false }, Other], [Warns with { IsEnabled = false }, Other], Fires(Warns))).Alert.News);

    [Fact]
    public void Whoever_looks_at_some_rules_alone_ends_none() => Assert.Empty(Evaluate([Other], null, Fires(Warns)));

    [Fact]
    public void A_rule_of_a_call_ends_when_no_call_brings_it_for_a_day()
    {
        var given = Fires(Warns with { Source = AlertRules.Pipeline });
        Assert.True(given.IsGiven);
        Assert.Empty(Evaluate([Other], [Other], given));
        var situation = Situation(Noon + AlertUnwatched.GivenFor, Other) with { InForce = [Other] };
        var ended = Assert.Single(AlertEvaluator.Evaluate(situation, [], new Dictionary<AlertKey, AlertMemory> { [given.Key] = given }, false));
        Assert.Equal(AlertNews.Unwatched, ended.Alert.News);
        Assert.Contains("no call has brought it for 25 hours", ended.Alert.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_watched_again_is_an_alert_as_any_other()
    {
        var ended = Assert.Single(Evaluate([Other], [Other], Fires(Warns))).After;
        var again = AlertMachine.Next(Warns, ended, 1, Noon.AddMinutes(1), Noon.AddMinutes(1));
        Assert.Equal((false, AlertNews.Resolved), (again.IsUnwatched, AlertNotices.Of(Warns, again, new AlertPolicy(), Noon.AddMinutes(1))));
    }

    [Fact]
    public void A_rule_that_nobody_can_read_any_more_ends_too()
    {
        var ended = Assert.Single(Evaluate([Other], [Other], Fires(Warns) with { Definition = "{ \"Name\": 3," }));
        Assert.Equal(("warns", AlertNews.Unwatched), (ended.Alert.Rule, ended.Alert.News));
    }

    [Fact]
    public void A_part_that_is_excluded_is_no_longer_watched()
    {
        var rule = BuiltInRules.All.Single(rule => rule.Name == "component_unknown");
        var series = "component=Functions";
        var memory = AlertMachine.Begin(new AlertKey(rule.Name, series), Noon) with { State = AlertState.Firing, Told = AlertTold.Firing, ToldAt = Noon };
        var situation = Situation(Noon, rule);
        situation = situation with { Target = situation.Target with { ExcludedComponents = ["functions"] } };
        var metric = Metric("component_coverage_percent", 100, Noon, ("component", "Database"));
        var outcomes = AlertEvaluator.Evaluate(situation, [metric], new Dictionary<AlertKey, AlertMemory> { [memory.Key] = memory }, true);
        Assert.Equal([("component=Database", AlertNews.None), (series, AlertNews.Unwatched)], outcomes.Select(outcome => (outcome.Alert.Series, outcome.Alert.News)));
    }

    [Fact]
    public void What_is_not_asked_for_on_purpose_begins_nothing_and_ends_nothing()
    {
        var situation = Situation(Noon, Warns);
        situation = situation with { Target = situation.Target with { ExcludedComponents = ["errors"] } };
        Assert.Empty(AlertEvaluator.Evaluate(situation, [], new Dictionary<AlertKey, AlertMemory>(), true));
        Assert.Equal("warns: Errors", Names(AlertUnwatched.NotAsked(situation.Target, [Warns], [])));
        // Whoever measured it all the same is believed.
        Assert.Equal(AlertState.Firing, Assert.Single(AlertEvaluator.Evaluate(situation, [Metric("error_rate", 99, Noon)], new Dictionary<AlertKey, AlertMemory>(), true)).Alert.State);
        Assert.Equal(": ", Names(AlertUnwatched.NotAsked(situation.Target, [Warns], [Metric("error_rate", 99, Noon)])));

        var firing = Fires(Warns);
        var held = Assert.Single(AlertEvaluator.Evaluate(situation, [], new Dictionary<AlertKey, AlertMemory> { [firing.Key] = firing }, true));
        Assert.Equal((firing, AlertState.Firing, AlertNews.None), (held.After, held.Alert.State, held.Alert.News));
        Assert.StartsWith("error_rate is not asked for: Errors is excluded (excludedComponents).", held.Alert.Message, StringComparison.Ordinal);
        // It was asked for, and nobody knew.
        Assert.Equal(AlertState.NoData, Assert.Single(AlertEvaluator.Evaluate(Situation(Noon, Warns), [], new Dictionary<AlertKey, AlertMemory>(), true)).Alert.State);

        static string Names((IReadOnlyList<string> Rules, IReadOnlyList<string> Parts) left) => $"{string.Join(", ", left.Rules)}: {string.Join(", ", left.Parts)}";
    }

    [Fact]
    public void That_a_metric_has_labels_after_all_ends_what_nobody_knew_of_it_without_them()
    {
        var unknown = AlertMachine.Begin(new AlertKey("warns", ""), Noon) with { State = AlertState.NoData, Told = AlertTold.NoData, ToldAt = Noon };
        var outcomes = AlertEvaluator.Evaluate(Situation(Noon, Warns), [Metric("error_rate", 1, Noon, ("f", "a"))], new Dictionary<AlertKey, AlertMemory> { [unknown.Key] = unknown }, true);
        Assert.Equal([("f=a", AlertState.Inactive, AlertNews.None), ("", AlertState.Inactive, AlertNews.Unwatched)], outcomes.Select(outcome => (outcome.Alert.Series, outcome.Alert.State, outcome.Alert.News)));
    }

    [Theory]
    [InlineData(60, HealthStatus.Ok)]
    [InlineData(61, HealthStatus.Unknown)]
    public void What_was_measured_long_ago_is_unknown(int minutes, HealthStatus status)
    {
        var alert = Judge(Warns, 1, Noon.AddMinutes(-minutes), null);
        Assert.Equal(status, alert.Status);
        Assert.Equal(status == HealthStatus.Unknown, alert.Message.Contains("it was measured 61 minutes ago, and what is older than 60 minutes (alerts.maximumAge) says nothing about now", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_old_ends_nothing_and_any_age_is_a_setting()
    {
        var firing = Begin(Noon.AddDays(-3)) with { Key = new AlertKey("warns", ""), State = AlertState.Firing };
        Assert.Equal(AlertState.Firing, Judge(Warns, 1, Noon.AddDays(-2), firing).State);
        Assert.Equal(AlertState.Inactive, Judge(Warns, 1, Noon.AddDays(-2), firing, TimeSpan.Zero).State);
        // A newer value was judged before, and that is not old.
        Assert.Equal(HealthStatus.Ok, Judge(Warns, 1, Noon.AddDays(-2), Begin(Noon.AddMinutes(-5)) with { Key = new AlertKey("warns", ""), ObservedAt = Noon.AddMinutes(-5), Value = 1 }).Status);
    }

    [Fact]
    public void While_the_critical_rule_comes_and_goes_its_warning_is_held_back()
    {
        var alarms = Rule(threshold: 20, name: "alarms", severity: AlertSeverity.Critical);
        var flapping = AlertMachine.Begin(new AlertKey("alarms", ""), Noon.AddMinutes(-1)) with
        {
            State = AlertState.Firing, FlapScore = 6, FlapAt = Noon, IsFlapping = true, Told = AlertTold.Flapping, ToldAt = Noon, ObservedAt = Noon.AddMinutes(-1),
        };
        var outcomes = AlertEvaluator.Evaluate(Situation(Noon, Warns, alarms), [Metric("error_rate", 15, Noon)], new Dictionary<AlertKey, AlertMemory> { [flapping.Key] = flapping }, false);
        Assert.Equal([(AlertState.Firing, "alarms comes and goes"), (AlertState.Inactive, null)], outcomes.Select(outcome => (outcome.Alert.State, outcome.Alert.Suppressed)));
    }

    [Fact]
    public void Every_alert_of_a_message_is_named_however_many_there_are()
    {
        var alerts = Enumerable.Range(0, 250).Select(i => Assert.Single(AlertEvaluator.Evaluate(
            Situation(Noon, Warns), [Metric("error_rate", 20, Noon, ("function", $"f{i:000}"))], new Dictionary<AlertKey, AlertMemory>(), false)).Alert).ToList();
        var tellings = AlertPlan.Of(new MaintenanceTarget { Name = "prod" }, alerts, alerts.ToDictionary(alert => new AlertKey(alert.Rule, alert.Series), alert => new AlertMemory { Key = new AlertKey(alert.Rule, alert.Series), State = AlertState.Firing, Since = Noon }), null, null, Noon);

        Assert.Equal([100, 100, 50], tellings.Select(telling => telling.Told.Count));
        Assert.Equal("Alerts: 100 firing (1 of 3 messages)", tellings[0].Message.Title);
        foreach (var telling in tellings)
        {
            Assert.All(telling.Told, memory => Assert.Contains(memory.Key.Series, telling.Message.Text, StringComparison.Ordinal));
            // The webhook gets all of it.
            var payload = Newtonsoft.Json.Linq.JObject.Parse(Maintenance.Engine.Notify.SlackPayload.Of("prod", telling.Message, Noon));
            var blocks = payload["attachments"]![0]!["blocks"]!.Select(block => (string?)block["text"]?["text"] ?? "").ToList();
            Assert.All(blocks, block => Assert.True(block.Length <= 3000));
            Assert.All(telling.Told, memory => Assert.Contains(memory.Key.Series, string.Join('\n', blocks), StringComparison.Ordinal));
        }
    }

    [Fact]
    public void What_comes_from_outside_stays_on_its_line()
    {
        var alert = Assert.Single(AlertEvaluator.Evaluate(Situation(Noon, Warns), [Metric("error_rate", 20, Noon, ("f", "a\nCRITICAL \u202Egone"))], new Dictionary<AlertKey, AlertMemory>(), false)).Alert;
        Assert.DoesNotContain('\n', alert.Series);
        Assert.DoesNotContain('\n', alert.Message);
        Assert.DoesNotContain('\u202E', alert.Series + alert.Message);
    }

    private static AlertMemory Fires(AlertRule rule)
    {
        var outcome = Assert.Single(AlertEvaluator.Evaluate(Situation(Noon, rule), [Metric(rule.Metric, 20, Noon)], new Dictionary<AlertKey, AlertMemory>(), false));
        return AlertNotices.Told(outcome.After, AlertNews.Firing, Noon);
    }

    private static IReadOnlyList<AlertOutcome> Evaluate(AlertRule[] rules, AlertRule[]? inForce, AlertMemory memory) =>
        AlertEvaluator.Evaluate(Situation(Noon, rules) with { InForce = inForce }, [], new Dictionary<AlertKey, AlertMemory> { [memory.Key] = memory }, false);

    private static Alert Judge(AlertRule rule, double value, DateTimeOffset at, AlertMemory? memory, TimeSpan? longest = null)
    {
        var situation = Situation(Noon, rule);
        situation = situation with { Target = situation.Target with { Alerts = new AlertPolicy { MaximumAge = longest ?? TimeSpan.FromHours(1) } } };
        return Assert.Single(AlertEvaluator.Evaluate(situation, [Metric(rule.Metric, value, at)], memory is null ? [] : new Dictionary<AlertKey, AlertMemory> { [memory.Key] = memory }, false)).Alert;
    }
}
