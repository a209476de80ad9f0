using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Alerts;

/// <summary>Who is told what, over real webhooks and histories: once, in order, and in spite of whatever fails.</summary>
public sealed class AlertTellingTests(SandboxFixture fixture)
{
    private const string Fires = "Warning: error_rate_warning";
    private const string Over = "Over: error_rate_warning";

    public static TheoryData<string> Histories => AlertScene.Histories;

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task However_many_evaluate_at_once_people_are_told_once(string history)
    {
        await using var scene = await AlertScene.OnAsync(fixture, history);
        var engines = Enumerable.Range(0, 4).Select(_ => scene.NewEngine()).ToList();
        for (var round = 0; round < 12; round++)
        {
            scene.Time.Shift += TimeSpan.FromHours(1);
            var value = round % 2 == 0 ? 3 : 1;
            await Task.WhenAll(engines.Select(engine => Task.Run(() => scene.TellAsync(value, engine))));
            Assert.Equal(round + 1, scene.Sink.Received.Count);
        }

        Assert.Equal(Enumerable.Repeat(new[] { Fires, Over }, 6).SelectMany(pair => pair), scene.Titles);
        Assert.Equal(12, scene.Sink.Received.Select(received => received.IdempotencyKey).Distinct().Count());
        Assert.Empty(scene.Told.Warnings);
    }

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task A_restart_does_not_begin_the_wait_anew(string history)
    {
        await using var scene = await AlertScene.OnAsync(fixture, history);
        scene.Say(new AlertPolicy { Rules = [new AlertRuleSettings { Name = "error_rate_warning", For = TimeSpan.FromMinutes(10) }] });
        var first = (await scene.EvaluateAsync(3)).Single(alert => alert.Rule == "error_rate_warning");
        Assert.Equal((AlertState.Pending, AlertNews.None), (first.State, first.News));

        scene.Time.Shift += TimeSpan.FromMinutes(6);
        Assert.Equal(AlertState.Pending, (await scene.EvaluateAsync(3, scene.NewEngine())).Single(alert => alert.Rule == "error_rate_warning").State);

        scene.Time.Shift += TimeSpan.FromMinutes(4.5);
        var third = (await scene.EvaluateAsync(3, scene.NewEngine())).Single(alert => alert.Rule == "error_rate_warning");
        Assert.Equal((AlertState.Firing, AlertState.Pending, AlertNews.Firing), (third.State, third.PreviousState, third.News));
    }

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task After_an_outage_the_firing_and_its_end_arrive_once_and_in_order(string history)
    {
        await using var scene = await AlertScene.OnAsync(fixture, history);
        scene.Sink.Fault = NotificationFault.Http500;
        Assert.Equal(NotificationState.Queued, Assert.Single(await scene.TellAsync(3)).State);
        // The webhook's own pause grows: the firing is not due for long when its end comes.
        for (var i = 0; i < 5; i++)
        {
            scene.Time.Shift += TimeSpan.FromMinutes(20);
            Assert.Empty(await scene.TellAsync(3));
        }

        scene.Time.Shift += TimeSpan.FromMinutes(1);
        var end = Assert.Single(await scene.TellAsync(1));
        Assert.Equal(NotificationState.Queued, end.State);
        Assert.Contains("Older notifications", end.Message, StringComparison.Ordinal);
        Assert.Empty(scene.Sink.Received);

        scene.Sink.Fault = NotificationFault.None;
        for (var i = 0; i < 3; i++)
        {
            scene.Time.Shift += TimeSpan.FromHours(1);
            Assert.Empty(await scene.TellAsync(1));
        }

        Assert.Equal([Fires, Over], scene.Titles);
        Assert.Equal(2, scene.Sink.Received.Select(received => received.IdempotencyKey).Distinct().Count());
    }

    [Fact]
    public async Task News_after_an_outage_hurries_what_waits_and_comes_after_it()
    {
        await using var scene = await AlertScene.OnAsync(fixture, "sqlite");
        scene.Sink.Fault = NotificationFault.Http500;
        await scene.TellAsync(3);
        scene.Sink.Fault = NotificationFault.None;
        // The firing is due in a minute at the earliest; its end does not overtake it.
        Assert.Equal(NotificationState.Delivered, Assert.Single(await scene.TellAsync(1)).State);
        Assert.Equal([Fires, Over], scene.Titles);
    }

    [Fact]
    public async Task What_a_webhook_asks_to_wait_for_is_not_hurried_and_the_other_channel_does_not_wait()
    {
        await using var scene = await AlertScene.OnAsync(fixture, "sqlite");
        scene.Sink.FaultyChannels = ["Default"];
        scene.Sink.Fault = NotificationFault.Http429;
        scene.Sink.RetryAfter = TimeSpan.FromMinutes(30);
        await scene.TellAsync(3);
        var requests = scene.Sink.Requests;
        scene.Time.Shift += TimeSpan.FromMinutes(5);
        // Now it is critical: that goes to Emergency at once.
        Assert.Equal(("Emergency", NotificationState.Delivered), Assert.Single(await scene.TellAsync(9)) is var result ? (result.Channel, result.State) : default);
        Assert.Equal(requests + 1, scene.Sink.Requests);
    }

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task Whoever_dies_between_the_claim_and_the_sending_has_told_it_later_with_the_same_key(string history)
    {
        await using var scene = await AlertScene.OnAsync(fixture, history);
        scene.Sink.Fault = NotificationFault.Hang;
        var alerts = await scene.EvaluateAsync(3);
        using var death = new CancellationTokenSource();
        var dying = scene.Engine.Alerts.NotifyAsync(scene.Target, alerts, null, null, Calls.To(scene.Told), death.Token);
        while (scene.Sink.Requests == 0)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        await death.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dying);
        scene.Sink.Fault = NotificationFault.None;
        var other = scene.NewEngine();
        // As long as it may still be alive, nobody sends it for it.
        Assert.Empty(await scene.TellAsync(3, other));
        Assert.Empty(scene.Sink.Received);
        scene.Time.Shift += TimeSpan.FromMinutes(3);
        Assert.Empty(await scene.TellAsync(3, other));
        Assert.Equal([Fires], scene.Titles);
        scene.Time.Shift += TimeSpan.FromMinutes(3);
        Assert.Empty(await scene.TellAsync(3, other));
        Assert.Single(scene.Sink.Received);
    }

    [Fact]
    public async Task An_answer_that_is_lost_makes_a_second_message_with_the_same_key()
    {
        await using var scene = await AlertScene.OnAsync(fixture, "sqlite");
        scene.Sink.Fault = NotificationFault.Drop;
        await scene.TellAsync(3);
        scene.Sink.Fault = NotificationFault.None;
        scene.Time.Shift += TimeSpan.FromHours(1);
        await scene.TellAsync(3);
        Assert.Single(scene.Sink.Received.Select(received => received.IdempotencyKey).Distinct());
    }

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task What_a_webhook_refuses_does_not_count_as_told(string history)
    {
        await using var scene = await AlertScene.OnAsync(fixture, history);
        scene.Sink.Fault = NotificationFault.Http404;
        for (var i = 0; i < 2; i++)
        {
            var refused = Assert.Single(await scene.TellAsync(3));
            Assert.Equal((NotificationState.Rejected, MaintenanceErrorCode.NotificationRejected), (refused.State, refused.Error));
            scene.Time.Shift += TimeSpan.FromMinutes(5);
        }

        scene.Sink.Fault = NotificationFault.None;
        Assert.Equal(NotificationState.Delivered, Assert.Single(await scene.TellAsync(3)).State);
        Assert.Empty(await scene.TellAsync(3));
        Assert.Equal([Fires], scene.Titles);
    }

    [Fact]
    public async Task Without_any_channel_nothing_counts_as_told()
    {
        await using var scene = await AlertScene.OnAsync(fixture, "sqlite");
        var channels = scene.Target.Channels;
        scene.Target = scene.Target with { Channels = new Dictionary<string, ChannelSettings>() };
        Assert.Equal(MaintenanceErrorCode.ChannelNotFound, (await Assert.ThrowsAsync<MaintenanceException>(() => scene.TellAsync(3))).Code);
        scene.Target = scene.Target with { Channels = channels };
        await scene.TellAsync(3);
        Assert.Equal([Fires], scene.Titles);
    }

    [Fact]
    public async Task Who_evaluated_before_somebody_else_told_tells_nothing()
    {
        await using var scene = await AlertScene.OnAsync(fixture, "sqlite");
        var other = scene.NewEngine();
        var early = await scene.EvaluateAsync(3);
        var late = await scene.EvaluateAsync(3, other);
        Assert.All([early, late], alerts => Assert.Contains(alerts, alert => alert.News == AlertNews.Firing));
        Assert.Single(await scene.NotifyAsync(late, other));
        Assert.Empty(await scene.NotifyAsync(early));
        Assert.Single(scene.Sink.Received);
    }

    [Fact]
    public async Task Who_evaluated_before_it_was_over_does_not_tell_that_it_fires()
    {
        await using var scene = await AlertScene.OnAsync(fixture, "sqlite");
        var other = scene.NewEngine();
        var early = await scene.EvaluateAsync(3);
        scene.Time.Shift += TimeSpan.FromMinutes(1);
        await scene.TellAsync(1, other);
        Assert.Empty(await scene.NotifyAsync(early));
        Assert.Empty(scene.Sink.Received);
    }

    [Fact]
    public async Task A_value_that_is_older_than_the_one_that_was_judged_changes_nothing()
    {
        await using var scene = await AlertScene.OnAsync(fixture, "sqlite");
        var rules = Maintenance.Engine.Alerts.AlertService.Rules(scene.Target, []);
        var slow = scene.Values(("error_rate", 3));
        scene.Time.Shift += TimeSpan.FromSeconds(30);
        await scene.TellAsync(1);
        var alerts = await scene.NewEngine().Alerts.EvaluateAsync(scene.Target, rules, slow, isComplete: false, Calls.To(scene.Told), TestContext.Current.CancellationToken);
        Assert.All(alerts, alert => Assert.Equal((AlertState.Inactive, AlertNews.None), (alert.State, alert.News)));
        Assert.Contains("changes nothing", alerts[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_history_that_is_broken_raises_the_alarm_with_a_warning()
    {
        await using var scene = await AlertScene.OnAsync(fixture, "sqlite");
        await File.WriteAllTextAsync(scene.HistoryPath, new string('x', 8192), TestContext.Current.CancellationToken);
        Assert.Equal(NotificationState.Delivered, Assert.Single(await scene.TellAsync(3)).State);
        Assert.Contains(scene.Told.Warnings, warning => warning.Contains("Where the alerts stood is not known", StringComparison.Ordinal));
        // The session remembers what it has told.
        Assert.Empty(await scene.TellAsync(3));
        Assert.Single(scene.Sink.Received);
    }

    [Fact]
    public async Task A_history_that_breaks_is_stood_in_for_by_what_the_session_knows()
    {
        await using var scene = await AlertScene.OnAsync(fixture, "sqlite");
        await scene.TellAsync(3);
        File.Delete(scene.HistoryPath);
        Directory.CreateDirectory(scene.HistoryPath);
        Assert.Empty(await scene.TellAsync(3));
        scene.Time.Shift += TimeSpan.FromMinutes(5);
        await scene.TellAsync(1);
        Assert.Equal([Fires, Over], scene.Titles);
        Assert.NotEmpty(scene.Told.Warnings);
        Directory.Delete(scene.HistoryPath, recursive: true);
    }

    [Fact]
    public async Task A_history_that_somebody_locks_raises_the_alarm_with_a_warning()
    {
        await using var scene = await AlertScene.OnAsync(fixture, "sqlite");
        await scene.TellAsync(1);
        await using var holder = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={scene.HistoryPath};Pooling=False");
        await holder.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = holder.CreateCommand();
        command.CommandText = "BEGIN EXCLUSIVE";
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        scene.Time.Shift += TimeSpan.FromMinutes(5);
        Assert.Equal(NotificationState.Delivered, Assert.Single(await scene.TellAsync(3)).State);
        Assert.Contains(scene.Told.Warnings, warning => warning.Contains("locked", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_history_in_a_database_that_is_down_raises_the_alarm_with_a_warning()
    {
        await using var scene = await AlertScene.OnAsync(fixture, "sqlite");
        scene.Target = scene.Target with { Database = new DatabaseSettings { Host = "127.0.0.1", Port = 1 }, History = new HistorySettings { Kind = HistoryKind.Postgres } };
        Assert.Equal(NotificationState.Delivered, Assert.Single(await scene.TellAsync(3)).State);
        Assert.Contains(scene.Told.Warnings, warning => warning.Contains("Where the alerts stood is not known", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_history_the_session_remembers()
    {
        await using var scene = await AlertScene.OnAsync(fixture, "sqlite");
        scene.Target = scene.Target with { History = new HistorySettings { Kind = HistoryKind.None } };
        await scene.TellAsync(3);
        Assert.Empty(await scene.TellAsync(3));
        scene.Time.Shift += TimeSpan.FromMinutes(5);
        await scene.TellAsync(1);
        Assert.Equal([Fires, Over], scene.Titles);
        Assert.False(File.Exists(scene.HistoryPath));
    }

    [Fact]
    public async Task Without_a_history_what_could_not_be_delivered_is_told_the_next_time()
    {
        await using var scene = await AlertScene.OnAsync(fixture, "sqlite");
        scene.Target = scene.Target with { History = new HistorySettings { Kind = HistoryKind.None } };
        scene.Sink.Fault = NotificationFault.Http500;
        Assert.Equal(NotificationState.Undelivered, Assert.Single(await scene.TellAsync(3)).State);
        scene.Sink.Fault = NotificationFault.None;
        Assert.Equal(NotificationState.Delivered, Assert.Single(await scene.TellAsync(3)).State);
    }

    [Fact]
    public async Task A_hostile_label_makes_no_line_and_no_mention()
    {
        await using var scene = await AlertScene.OnAsync(fixture, "sqlite");
        var metric = scene.Values(("error_rate", 3))[0] with
        {
            Labels = new Dictionary<string, string> { ["function"] = "x\n✅ ALL IS WELL\r\n<!channel> *_`~ \u202Egnp" },
        };
        var alerts = await scene.Engine.Alerts.EvaluateAsync(
            scene.Target, Maintenance.Engine.Alerts.AlertService.Rules(scene.Target, []), [metric], isComplete: false, Calls.To(scene.Told), TestContext.Current.CancellationToken);
        await scene.NotifyAsync(alerts);
        var body = System.Text.Json.JsonDocument.Parse(Assert.Single(scene.Sink.Received).Body).RootElement.GetProperty("attachments")[0];
        var text = body.GetProperty("blocks")[1].GetProperty("text").GetProperty("text").GetString()!;
        Assert.DoesNotContain('\n', text);
        Assert.DoesNotContain("<!channel>", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202E', text);
    }
}
