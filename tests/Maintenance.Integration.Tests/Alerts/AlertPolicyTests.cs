using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Alerts;

/// <summary>Silences, windows, the digest and the heartbeat, with real histories and a clock that is put forward.</summary>
public sealed class AlertPolicyTests(SandboxFixture fixture)
{
    public static TheoryData<string> Histories => AlertScene.Histories;

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task A_silence_holds_back_until_it_ends_and_what_happens_is_recorded(string history)
    {
        await using var scene = await AlertScene.OnAsync(fixture, history);
        var silence = Silence(scene, "error_rate*", TimeSpan.FromHours(2));
        await scene.Engine.Alerts.SilenceAsync(scene.Target, silence, Calls.To(scene.Told), TestContext.Current.CancellationToken);
        var held = (await scene.EvaluateAsync(3)).Single(alert => alert.Rule == "error_rate_warning");
        Assert.Equal((AlertState.Firing, AlertNews.Firing), (held.State, held.News));
        Assert.Contains("by tester: Load test", held.Suppressed, StringComparison.Ordinal);
        Assert.Empty(await scene.NotifyAsync([held]));
        Assert.Contains(await TransitionsAsync(scene), transition => transition is { To: AlertState.Firing, Suppressed.Length: > 0 });

        scene.Time.Shift += TimeSpan.FromHours(2.1);
        Assert.Empty(await scene.Engine.Alerts.ReadSilencesAsync(scene.Target, Calls.To(scene.Told), TestContext.Current.CancellationToken));
        Assert.Single(await scene.TellAsync(3));
    }

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task A_silence_ends_early(string history)
    {
        await using var scene = await AlertScene.OnAsync(fixture, history);
        var silence = Silence(scene, "*", TimeSpan.FromDays(30));
        await scene.Engine.Alerts.SilenceAsync(scene.Target, silence, Calls.To(scene.Told), TestContext.Current.CancellationToken);
        Assert.Empty(await scene.TellAsync(3));
        var ended = await scene.Engine.Alerts.EndSilenceAsync(scene.Target, silence, Calls.To(scene.Told), TestContext.Current.CancellationToken);
        Assert.Equal(silence.Id, ended.Id);
        Assert.Single(await scene.TellAsync(3, scene.NewEngine()));
    }

    [Fact]
    public async Task A_window_holds_back_only_while_it_is_open()
    {
        await using var scene = await AlertScene.OnAsync(fixture, "sqlite");
        var now = scene.Time.GetUtcNow();
        scene.Target = scene.Target with { Windows = [new MaintenanceWindow { Start = TimeOnly.FromDateTime(now.UtcDateTime.AddMinutes(30)), Duration = TimeSpan.FromHours(1), TimeZone = "UTC" }] };
        Assert.Single(await scene.TellAsync(3));
        scene.Time.Shift += TimeSpan.FromMinutes(60);
        var held = (await scene.EvaluateAsync(1)).Single(alert => alert.Rule == "error_rate_warning");
        Assert.Equal((AlertState.Inactive, AlertNews.Resolved), (held.State, held.News));
        Assert.Contains("a maintenance window is open until", held.Suppressed, StringComparison.Ordinal);
        Assert.Empty(await scene.NotifyAsync([held]));
        scene.Time.Shift += TimeSpan.FromMinutes(40);
        Assert.Single(await scene.TellAsync(1));
        Assert.Equal(["Warning: error_rate_warning", "Over: error_rate_warning"], scene.Titles);
    }

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task A_digest_comes_once_a_day_whoever_evaluates_also_when_all_is_well(string history)
    {
        await using var scene = await AlertScene.OnAsync(fixture, history);
        ToTime(scene, 6);
        scene.Say(new AlertPolicy { Digest = new TimeOnly(7, 0) });
        var engines = Enumerable.Range(0, 3).Select(_ => scene.NewEngine()).ToList();
        for (var hour = 6; hour < 6 + 49; hour++)
        {
            await Task.WhenAll(engines.Select(engine => Task.Run(() => scene.TellAsync(1, engine))));
            scene.Time.Shift += TimeSpan.FromHours(1);
        }

        Assert.Equal(2, scene.Titles.Count);
        Assert.All(scene.Titles, title => Assert.StartsWith("Daily digest", title, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_digest_says_what_is_watched_and_what_is_not_well()
    {
        await using var scene = await AlertScene.OnAsync(fixture, "sqlite");
        ToTime(scene, 8);
        scene.Say(new AlertPolicy { Digest = new TimeOnly(7, 0), Expected = new Dictionary<string, TimeSpan> { ["Daily"] = TimeSpan.FromHours(26) } });
        var rules = Maintenance.Engine.Alerts.AlertService.Rules(scene.Target, []);
        var all = rules.Select(rule => rule.Metric).Distinct().Select(metric => (metric, (double?)(metric == "error_rate" ? 3 : metric.Contains("score", StringComparison.Ordinal) || metric.Contains("coverage", StringComparison.Ordinal) || metric.Contains("health", StringComparison.Ordinal) ? 100 : 1))).ToArray();
        var alerts = await scene.Engine.Alerts.EvaluateAsync(scene.Target, rules, scene.Values(all), isComplete: true, Calls.To(scene.Told), TestContext.Current.CancellationToken);
        var messages = await scene.Engine.Alerts.PreviewAsync(scene.Target, alerts, null, null, Calls.To(scene.Told), TestContext.Current.CancellationToken);
        Assert.Equal(2, messages.Count);
        Assert.Equal("Daily digest: 2 Warning", messages[1].Title);
        Assert.Contains("WARNING error_rate_warning, since ", messages[1].Text, StringComparison.Ordinal);
        Assert.Contains("Daily is expected every 26 hours, and the history has no run of it at all.", messages[1].Text, StringComparison.Ordinal);
        Assert.Contains("12 rules watched, last evaluation ", messages[1].Text, StringComparison.Ordinal);

        Assert.Equal(2, (await scene.NotifyAsync(alerts)).Count);
        Assert.Empty(await scene.NotifyAsync(alerts));
    }

    [Fact]
    public async Task A_digest_that_is_refused_is_due_again()
    {
        await using var scene = await AlertScene.OnAsync(fixture, "sqlite");
        ToTime(scene, 8);
        scene.Say(new AlertPolicy { Digest = new TimeOnly(7, 0) });
        scene.Sink.Fault = NotificationFault.Http404;
        Assert.Equal(NotificationState.Rejected, Assert.Single(await scene.TellAsync(1)).State);
        scene.Sink.Fault = NotificationFault.None;
        Assert.Equal(NotificationState.Delivered, Assert.Single(await scene.TellAsync(1)).State);
    }

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task A_run_that_did_not_happen_is_a_finding(string history)
    {
        await using var scene = await AlertScene.OnAsync(fixture, history);
        scene.Say(new AlertPolicy { Expected = new Dictionary<string, TimeSpan> { ["Daily"] = TimeSpan.FromHours(26), ["HealthMonitoring"] = TimeSpan.FromMinutes(15) } });
        await scene.Engine.History.RecordAsync(scene.Target, Run(scene, "Daily"), Calls.To(scene.Told), TestContext.Current.CancellationToken);
        Assert.Equal("HealthMonitoring", Assert.Single(await HeartbeatAsync(scene)).Subject);

        scene.Time.Shift += TimeSpan.FromHours(60);
        var late = Assert.Single(await HeartbeatAsync(scene), finding => finding.Subject == "Daily");
        Assert.Equal(("ALERT-RUN-MISSED", FindingSeverity.High), (late.Id, late.Severity));
        Assert.Contains("2 days ago", late.Message, StringComparison.Ordinal);

        await scene.Engine.History.RecordAsync(scene.Target, Run(scene, "Daily"), Calls.To(scene.Told), TestContext.Current.CancellationToken);
        Assert.DoesNotContain(await HeartbeatAsync(scene), finding => finding.Subject == "Daily");
    }

    [Fact]
    public async Task Where_the_history_cannot_be_read_nobody_knows_whether_it_ran()
    {
        await using var scene = await AlertScene.OnAsync(fixture, "sqlite");
        scene.Say(new AlertPolicy { Expected = new Dictionary<string, TimeSpan> { ["Daily"] = TimeSpan.FromHours(26) } });
        await File.WriteAllTextAsync(scene.HistoryPath, new string('x', 8192), TestContext.Current.CancellationToken);
        Assert.Equal((FindingOutcome.Unknown, HealthStatus.Unknown), Assert.Single(await HeartbeatAsync(scene)) is var broken ? (broken.Outcome, broken.Status) : default);
        scene.Target = scene.Target with { History = new HistorySettings { Kind = HistoryKind.None } };
        Assert.Equal(FindingOutcome.Unknown, Assert.Single(await HeartbeatAsync(scene)).Outcome);
    }

    private static Task<IReadOnlyList<Finding>> HeartbeatAsync(AlertScene scene) => scene.Engine.Alerts.HeartbeatAsync(scene.Target, Calls.To(scene.Told), TestContext.Current.CancellationToken);

    private static AlertSilence Silence(AlertScene scene, string rule, TimeSpan length) => new()
    {
        Id = Guid.NewGuid(), Target = scene.Target.Name, Rule = rule, From = scene.Time.GetUtcNow(), Until = scene.Time.GetUtcNow() + length, Reason = "Load test", By = "tester",
    };

    private static MaintenanceRun Run(AlertScene scene, string task) => new()
    {
        Id = Guid.CreateVersion7(scene.Time.GetUtcNow()), Task = task, Target = scene.Target.Name, Status = HealthStatus.Ok, Message = "ok", StartedAt = scene.Time.GetUtcNow(),
    };

    private static Task<IReadOnlyList<AlertTransition>> TransitionsAsync(AlertScene scene) =>
        scene.Engine.History.StoreOf(scene.Target, Calls.To(scene.Told))!.ReadTransitionsAsync(scene.Target.Name, scene.Time.GetUtcNow().AddDays(-1), TestContext.Current.CancellationToken);

    // The next time that it is so many hours after midnight.
    private static void ToTime(AlertScene scene, int hour)
    {
        var now = scene.Time.GetUtcNow();
        var then = new DateTimeOffset(now.UtcDateTime.Date.AddHours(hour), TimeSpan.Zero);
        scene.Time.Shift += (then > now ? then : then.AddDays(1)) - now;
    }
}
