using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Alerts;

/// <summary>What becomes of an alert in the end, over real webhooks and histories: refused, escalated, or watched by nobody any more.</summary>
public sealed class AlertFateTests(SandboxFixture fixture)
{
    private const string Fires = "Critical: error_rate_critical";

    public static TheoryData<string> Histories => AlertScene.Histories;

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task What_waited_in_the_outbox_and_was_refused_then_is_told_again(string history)
    {
        await using var scene = await AlertScene.OnAsync(fixture, history);
        scene.Sink.Fault = NotificationFault.Http500;
        Assert.Equal(NotificationState.Queued, Assert.Single(await scene.TellAsync(9)).State);
        scene.Time.Shift += TimeSpan.FromMinutes(5);
        scene.Sink.Fault = NotificationFault.Http404;
        // Nothing is new: what waits is sent, and refused.
        Assert.Empty(await scene.TellAsync(9));
        scene.Sink.Fault = NotificationFault.None;
        scene.Time.Shift += TimeSpan.FromMinutes(5);
        Assert.Equal(NotificationState.Delivered, Assert.Single(await scene.TellAsync(9, scene.NewEngine())).State);
        Assert.Equal([Fires], scene.Titles);
        scene.Time.Shift += TimeSpan.FromMinutes(5);
        Assert.Empty(await scene.TellAsync(9));
        Assert.Single(await scene.TellAsync(1));
        Assert.Equal([Fires, "Over: error_rate_critical"], scene.Titles);
    }

    [Fact]
    public async Task Of_what_was_refused_nobody_hears_that_it_is_over()
    {
        await using var scene = await AlertScene.OnAsync(fixture, "sqlite");
        scene.Sink.Fault = NotificationFault.Http500;
        await scene.TellAsync(9);
        scene.Time.Shift += TimeSpan.FromMinutes(5);
        scene.Sink.Fault = NotificationFault.Http404;
        // Anybody may empty the outbox.
        Assert.Equal(NotificationState.Rejected, Assert.Single(await scene.Engine.Notifications.FlushAsync(scene.Target, Calls.To(scene.Told), TestContext.Current.CancellationToken)).State);
        scene.Sink.Fault = NotificationFault.None;
        Assert.Empty(await scene.TellAsync(1));
        Assert.Empty(scene.Titles);
    }

    [Fact]
    public async Task An_end_that_waited_behind_what_was_refused_says_that_nobody_was_told_of_the_beginning()
    {
        await using var scene = await AlertScene.OnAsync(fixture, "sqlite");
        scene.Sink.Fault = NotificationFault.Http500;
        await scene.TellAsync(9);
        Assert.Equal(NotificationState.Queued, Assert.Single(await scene.TellAsync(1)).State);
        scene.Sink.Fault = NotificationFault.Http404;
        await scene.Engine.Notifications.SendAsync(scene.Target, new NotificationMessage { Channel = "Emergency", Title = "other" }, Calls.To(scene.Told), TestContext.Current.CancellationToken);
        scene.Sink.Fault = NotificationFault.None;
        await scene.Engine.Notifications.FlushAsync(scene.Target, Calls.To(scene.Told), TestContext.Current.CancellationToken);
        Assert.Contains("Nobody was told when this began", Assert.Single(scene.Sink.Received, received => received.Body.Contains("Over: ", StringComparison.Ordinal)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_goes_on_is_told_on_a_second_channel_and_so_is_its_end()
    {
        await using var scene = await AlertScene.OnAsync(fixture, "sqlite");
        await scene.TellAsync(9);
        scene.Time.Shift += TimeSpan.FromMinutes(61);
        Assert.Equal(["Emergency", "Default"], (await scene.TellAsync(9)).Select(result => result.Channel));
        scene.Time.Shift += TimeSpan.FromMinutes(5);
        Assert.Empty(await scene.TellAsync(9));
        scene.Time.Shift += TimeSpan.FromMinutes(5);
        Assert.Equal(["Emergency", "Default"], (await scene.TellAsync(1)).Select(result => result.Channel));
        Assert.Equal(
            [Fires, "Still critical: error_rate_critical", "Still critical: error_rate_critical", "Over: error_rate_critical", "Over: error_rate_critical"], scene.Titles);
    }

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task A_rule_that_is_taken_out_of_the_configuration_ends_and_people_hear_it_once(string history)
    {
        await using var scene = await AlertScene.OnAsync(fixture, history);
        scene.Say(new AlertPolicy
        {
            Rules =
            [
                new AlertRuleSettings
                {
                    Name = "mine", Metric = "error_rate", Operator = AlertOperator.GreaterThan, Threshold = 1, Severity = AlertSeverity.Critical, Message = "Mine is bad", Channel = "Emergency",
                },
            ],
        });
        await scene.TellAsync(1.5);
        scene.Say(new AlertPolicy());
        var result = Assert.Single(await scene.TellAsync(1.5, scene.NewEngine()));
        Assert.Equal(("Emergency", NotificationState.Delivered), (result.Channel, result.State));
        scene.Time.Shift += TimeSpan.FromHours(5);
        Assert.Empty(await scene.TellAsync(1.5));
        Assert.Equal(["Critical: mine", "No longer watched: mine"], scene.Titles);
    }

    [Fact]
    public async Task Whoever_told_late_tells_nothing_of_what_others_have_seen_end_meanwhile()
    {
        await using var scene = await AlertScene.OnAsync(fixture, "sqlite");
        var late = scene.NewEngine();
        await scene.TellAsync(9);
        scene.Time.Shift += TimeSpan.FromMinutes(1);
        await scene.TellAsync(1);
        scene.Time.Shift += TimeSpan.FromMinutes(1);
        var alerts = await scene.EvaluateAsync(9, late);
        // Another one has a newer value, in the same moment, before anything was told.
        await scene.EvaluateAsync(1);
        Assert.Empty(await scene.NotifyAsync(alerts, late));
        Assert.Equal([Fires, "Over: error_rate_critical"], scene.Titles);
    }
}
