using Maintenance.Engine.Alerts;
using static Maintenance.Engine.Tests.Alerts.AlertTestRules;

namespace Maintenance.Engine.Tests.Alerts;

/// <summary>What there is to tell, when, and on which channel; and the plan, the digest and the heartbeat made of it.</summary>
public sealed class AlertNoticesTests
{
    private static readonly AlertPolicy Policy = new();
    private static readonly AlertRule Critical = Rule(severity: AlertSeverity.Critical);

    [Theory]
    [InlineData(239, AlertNews.None)]
    [InlineData(240, AlertNews.Repeated)]
    public void What_still_fires_is_repeated_after_four_hours(int minutes, AlertNews expected) =>
        Assert.Equal(expected, AlertNotices.Of(Rule(), Told(), Policy, Noon.AddMinutes(minutes)));

    [Fact]
    public void Never_means_never() =>
        Assert.Equal(AlertNews.None, AlertNotices.Of(Critical, Told(), Policy with { Repeat = TimeSpan.Zero, EscalateAfter = TimeSpan.Zero }, Noon.AddDays(30)));

    [Fact]
    public void What_is_critical_is_escalated_once_after_an_hour_and_a_warning_never()
    {
        Assert.Equal(AlertNews.None, AlertNotices.Of(Critical, Told(), Policy, Noon.AddMinutes(59)));
        Assert.Equal(AlertNews.Escalated, AlertNotices.Of(Critical, Told(), Policy, Noon.AddMinutes(60)));
        Assert.Equal(AlertNews.None, AlertNotices.Of(Rule(), Told(), Policy, Noon.AddMinutes(60)));
        var escalated = AlertNotices.Told(Told(), AlertNews.Escalated, Noon.AddMinutes(60));
        Assert.Equal(AlertNews.None, AlertNotices.Of(Critical, escalated, Policy, Noon.AddMinutes(120)));
        Assert.Equal(AlertNews.Repeated, AlertNotices.Of(Critical, escalated, Policy, Noon.AddMinutes(300)));
    }

    [Fact]
    public void A_repetition_does_not_put_off_the_escalation()
    {
        var repeated = AlertNotices.Told(Told(), AlertNews.Repeated, Noon.AddMinutes(50));
        Assert.Equal(AlertNews.Escalated, AlertNotices.Of(Critical, repeated, Policy, Noon.AddMinutes(60)));
    }

    [Fact]
    public void When_it_fires_anew_it_is_escalated_anew()
    {
        var over = AlertNotices.Told(Told() with { State = AlertState.Inactive, EscalatedAt = Noon }, AlertNews.Resolved, Noon.AddHours(2));
        Assert.Equal((AlertTold.Nothing, null, null), (over.Told, over.FirstToldAt, over.EscalatedAt));
        var again = AlertNotices.Told(over with { State = AlertState.Firing }, AlertNews.Firing, Noon.AddHours(3));
        Assert.Equal(AlertNews.None, AlertNotices.Of(Critical, again, Policy, Noon.AddHours(3.9)));
        Assert.Equal(AlertNews.Escalated, AlertNotices.Of(Critical, again, Policy, Noon.AddHours(4)));
    }

    [Theory]
    [InlineData(AlertSeverity.Warning, null, AlertNews.Firing, false, "Default")]
    [InlineData(AlertSeverity.Critical, null, AlertNews.Resolved, false, "Emergency")]
    [InlineData(AlertSeverity.Critical, "Security", AlertNews.Firing, false, "Security")]
    [InlineData(AlertSeverity.Critical, "Security", AlertNews.Escalated, false, "Security Pager")]
    [InlineData(AlertSeverity.Critical, "Pager", AlertNews.Escalated, false, "Pager Default")]
    [InlineData(AlertSeverity.Critical, null, AlertNews.Repeated, true, "Emergency")]
    [InlineData(AlertSeverity.Critical, null, AlertNews.Resolved, true, "Emergency Pager")]
    [InlineData(AlertSeverity.Critical, null, AlertNews.Flapping, true, "Emergency Pager")]
    [InlineData(AlertSeverity.Critical, null, AlertNews.Unwatched, true, "Emergency Pager")]
    // What goes to a channel that is not there goes to Default, and not twice.
    [InlineData(AlertSeverity.Critical, "Missing", AlertNews.Escalated, false, "Missing Pager")]
    [InlineData(AlertSeverity.Critical, "Default", AlertNews.Escalated, false, "Default Pager")]
    public void News_goes_to_the_channel_of_its_rule_and_what_was_escalated_to_the_second_too(AlertSeverity severity, string? channel, AlertNews news, bool isEscalated, string expected)
    {
        var target = new MaintenanceTarget
        {
            Name = "prod",
            Alerts = Policy with { EscalationChannel = "Pager" },
            Channels = new[] { "Default", "Emergency", "Security", "Pager" }.ToDictionary(name => name, _ => new ChannelSettings { Kind = "Slack", Webhook = SecretReference.FromEnvironment("HOOK") }),
        };
        var memory = Begin(Noon) with { EscalatedAt = isEscalated ? Noon : null };
        Assert.Equal(expected, string.Join(' ', AlertNotices.Channels(Rule(severity: severity) with { Channel = channel }, memory, news, target)));
    }

    [Fact]
    public void Where_only_one_channel_is_configured_nothing_is_told_twice_on_it() => Assert.Equal(
        ["Emergency"], AlertNotices.Channels(Rule(severity: AlertSeverity.Critical), Begin(Noon), AlertNews.Escalated, new MaintenanceTarget { Name = "prod" }));

    [Fact]
    public void What_may_fire_again_in_a_moment_is_not_over_yet() =>
        Assert.Equal(AlertNews.None, AlertNotices.Of(Rule(), Told() with { State = AlertState.Pending }, Policy, Noon.AddMinutes(1)));

    [Fact]
    public void News_of_one_channel_is_one_message()
    {
        var alerts = new[] { "a", "b", "c" }.Select(name => Fires(Rule(name: name, severity: name == "c" ? AlertSeverity.Critical : AlertSeverity.Warning))).ToList();
        var tellings = AlertPlan.Of(new MaintenanceTarget { Name = "prod" }, alerts, alerts.ToDictionary(Key, alert => Memory(alert)), null, null, Noon);
        Assert.Equal([("Default", 2), ("Emergency", 1)], tellings.Select(telling => (telling.Message.Channel, telling.Told.Count)));
        Assert.Equal("Alerts: 2 firing", tellings[0].Message.Title);
    }

    [Fact]
    public void What_was_told_in_vain_is_taken_back_unless_something_else_was_told_since()
    {
        var alert = Fires(Rule());
        var telling = Assert.Single(AlertPlan.Of(new MaintenanceTarget { Name = "prod" }, [alert], new Dictionary<AlertKey, AlertMemory> { [Key(alert)] = Memory(alert) }, null, null, Noon));
        var told = telling.Told[0];
        Assert.Equal(AlertTold.Nothing, Assert.Single(AlertPlan.TakenBack(telling, new Dictionary<AlertKey, AlertMemory> { [told.Key] = told with { Version = 7 } })).Told);
        Assert.Empty(AlertPlan.TakenBack(telling, new Dictionary<AlertKey, AlertMemory> { [told.Key] = told with { ToldAt = Noon.AddMinutes(1) } }));
    }

    [Fact]
    public void What_the_history_could_not_be_told_is_told_to_people_all_the_same()
    {
        var alert = Fires(Rule()) with { IsKept = false };
        var old = Memory(alert) with { State = AlertState.Inactive, Since = Noon.AddHours(-1) };
        Assert.Empty(Assert.Single(AlertPlan.Of(new MaintenanceTarget { Name = "prod" }, [alert], new Dictionary<AlertKey, AlertMemory> { [old.Key] = old }, null, null, Noon)).Told);
    }

    [Fact]
    public void What_somebody_else_has_seen_end_since_is_told_by_them()
    {
        var alert = Fires(Rule());
        // Whatever their clock says.
        var over = Memory(alert) with { State = AlertState.Inactive, Since = Noon.AddMinutes(-1), Told = AlertTold.Firing, ToldAt = Noon };
        Assert.Empty(AlertPlan.Of(new MaintenanceTarget { Name = "prod" }, [alert], new Dictionary<AlertKey, AlertMemory> { [over.Key] = over }, null, null, Noon.AddMinutes(2)));
    }

    [Theory]
    [InlineData(null, 6, false)]
    [InlineData(null, 7, true)]
    [InlineData(null, 23, true)]
    [InlineData(-17, 7, true)]
    [InlineData(-17, 6, false)]
    [InlineData(-30, 6, true)]
    [InlineData(7, 8, false)]
    public void A_digest_is_due_once_a_day(int? toldAtHour, int hour, bool expected)
    {
        var midnight = new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
        var memory = toldAtHour is { } told ? AlertMachine.Begin(AlertDigest.Key, midnight.AddDays(-9)) with { ToldAt = midnight.AddHours(told) } : null;
        Assert.Equal(expected, AlertDigest.At(Policy with { Digest = new TimeOnly(7, 0) }, memory, midnight.AddHours(hour)).IsDue);
    }

    [Fact]
    public void Without_a_time_there_is_no_digest() => Assert.Equal((false, null), AlertDigest.At(Policy, null, Noon));

    [Fact]
    public void A_digest_on_a_day_on_which_all_is_well_says_so()
    {
        var memory = AlertMachine.Begin(new AlertKey("rule", ""), Noon);
        var message = AlertDigest.Of(Situation(Noon, Rule()), [Fires(Rule()) with { State = AlertState.Inactive }], new Dictionary<AlertKey, AlertMemory> { [memory.Key] = memory }, [], "Default");
        Assert.Equal((HealthStatus.Ok, "Daily digest: nothing fires; 1 rule watched", "1 rule watched, last evaluation 2026-06-01 12:00Z."), (message.Severity, message.Title, message.Text));
    }

    [Fact]
    public void A_rule_that_nobody_has_looked_at_is_not_well()
    {
        var message = AlertDigest.Of(Situation(Noon, Rule()), [], new Dictionary<AlertKey, AlertMemory>(), [], "Default");
        Assert.Equal((HealthStatus.Unknown, true), (message.Severity, message.Text.Contains("NEVER LOOKED AT rule", StringComparison.Ordinal)));
    }

    [Fact]
    public void No_rule_may_have_the_name_of_the_digest() =>
        Assert.Contains(AlertRules.Check(AlertRuleSettings.Of(Rule(name: AlertDigest.Key.Rule)), null), mistake => mistake.Setting == "name");

    [Theory]
    [InlineData(24, null)]
    [InlineData(26, null)]
    [InlineData(27, FindingSeverity.Medium)]
    [InlineData(53, FindingSeverity.High)]
    [InlineData(131, FindingSeverity.Critical)]
    public void The_later_a_run_is_the_worse(int hours, FindingSeverity? expected) =>
        Assert.Equal(expected, AlertHeartbeat.Judge("prod", Daily, new Dictionary<string, DateTimeOffset?> { ["Daily"] = Noon.AddHours(-hours) }, Noon).SingleOrDefault()?.Severity);

    [Fact]
    public void That_a_run_never_happened_is_said() =>
        Assert.Contains("no run of it at all", Assert.Single(AlertHeartbeat.Judge("prod", Daily, new Dictionary<string, DateTimeOffset?>(), Noon)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_text_from_outside_stays_on_one_line() =>
        Assert.Equal("a b  c", AlertMessages.OneLine("a\nb\r\u2028c"));

    private static Dictionary<string, TimeSpan> Daily => new() { ["Daily"] = TimeSpan.FromHours(26) };

    private static AlertMemory Told() => AlertNotices.Told(Begin(Noon) with { State = AlertState.Firing }, AlertNews.Firing, Noon);

    private static AlertKey Key(Alert alert) => new(alert.Rule, alert.Series);

    private static AlertMemory Memory(Alert alert) => AlertMachine.Begin(Key(alert), Noon) with { State = alert.State };

    private static Alert Fires(AlertRule rule) => new()
    {
        Target = "prod", Rule = rule.Name, Definition = rule, Metric = rule.Metric, State = AlertState.Firing, PreviousState = AlertState.Inactive, Since = Noon,
        Severity = rule.Severity, Threshold = rule.Threshold, Message = "It is bad.", News = AlertNews.Firing, CollectedAt = Noon,
    };
}
