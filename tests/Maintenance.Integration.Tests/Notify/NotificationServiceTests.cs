using System.Net;
using System.Text.Json;
using Maintenance.Engine;
using Maintenance.Engine.Sandbox;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Notify;

/// <summary>Notifications over real HTTP, with the sandbox's webhooks and real histories.</summary>
public sealed class NotificationServiceTests : IAsyncDisposable
{
    private const string Marker = "marker-5f1c";

    private readonly SandboxFixture _fixture;
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;
    private readonly NotificationSink _sink;
    private readonly LoopbackHttp _http;
    private readonly MaintenanceEngine _engine = new();
    private readonly RecordingSink _told = new();

    public NotificationServiceTests(SandboxFixture fixture)
    {
        _fixture = fixture;
        _sink = new NotificationSink(Path.Combine(_folder, "notifications"), TimeProvider.System);
        _http = LoopbackHttp.Start(new Dictionary<string, Func<LoopbackRequest, CancellationToken, Task<LoopbackAnswer?>>> { ["hooks"] = _sink.AnswerAsync });
    }

    private static ChannelSettings Channel(string address, string kind = "Slack") =>
        new() { Webhook = SecretReference.FromSecureString(new NetworkCredential("", address).SecurePassword), Kind = kind };

    private ChannelSettings Webhook(string channel, string kind = "Slack") => Channel($"http://127.0.0.1:{_http.Port}/hooks/{channel}/{_sink.Token}", kind);

    // Nobody listens on port 1.
    private static ChannelSettings Down => Channel($"http://127.0.0.1:1/hooks/{Marker}");

    private MaintenanceTarget Target(params (string Name, ChannelSettings Settings)[] channels) => new()
    {
        Name = "production",
        Channels = (channels.Length > 0 ? channels : [("Default", Webhook("Default"))]).ToDictionary(channel => channel.Name, channel => channel.Settings),
        History = new HistorySettings { Path = Path.Combine(_folder, "history.db") },
    };

    private Task<NotificationResult> SendAsync(MaintenanceTarget target, string title, string channel = "Default", TimeSpan? timeout = null, MaintenanceEngine? engine = null) =>
        (engine ?? _engine).Notifications.SendAsync(
            target, new NotificationMessage { Title = title, Channel = channel, Severity = HealthStatus.Warning }, Calls.To(_told, timeout), TestContext.Current.CancellationToken);

    private async Task<IReadOnlyList<string>> WaitingAsync(MaintenanceTarget target) =>
        [.. (await _engine.Notifications.ListAsync(target, Calls.Silent(), TestContext.Current.CancellationToken)).Select(waiting => waiting.Title)];

    /// <summary>An engine whose clock is ahead, for what is due later.</summary>
    private static MaintenanceEngine Later(TimeSpan ahead) => new(new AheadOfTime(ahead));

    private IEnumerable<string> Titles => _sink.Received.Select(received => JsonDocument.Parse(received.Body).RootElement.GetProperty("text").GetString()!.Split(' ', 2)[1]);

    [Fact]
    public async Task A_message_is_delivered_once_with_its_key_and_nothing_waits()
    {
        var result = await SendAsync(Target(), "Hello");
        Assert.Equal(NotificationState.Delivered, result.State);
        Assert.Equal(200, result.StatusCode);
        var received = Assert.Single(_sink.Received);
        Assert.Equal(result.IdempotencyKey.ToString("D"), received.IdempotencyKey);
        Assert.Equal(["Hello"], Titles);
        Assert.Empty(await WaitingAsync(Target()));
    }

    [Fact]
    public async Task What_was_not_delivered_is_sent_later_once_and_in_order()
    {
        var down = Target(("Default", Down));
        foreach (var title in new[] { "first", "second", "third" })
        {
            var queued = await SendAsync(down, title);
            Assert.Equal(NotificationState.Queued, queued.State);
            // Those that come later do not overtake it.
            Assert.Equal(title == "first" ? MaintenanceErrorCode.NotificationUndelivered : null, queued.Error);
            Assert.NotNull(queued.NextAttempt);
        }

        Assert.Equal(["first", "second", "third"], await WaitingAsync(down));
        // Whenever they are due: none is overtaken.
        await SendAsync(Target(), "fourth");
        Assert.Equal(["first", "second", "third", "fourth"], Titles);
        Assert.Empty(await WaitingAsync(Target()));
        Assert.Empty(await _engine.Notifications.FlushAsync(Target(), Calls.Silent(), TestContext.Current.CancellationToken));
        Assert.Equal(4, _sink.Received.Count);
    }

    [Fact]
    public async Task A_flush_sends_what_waits_now_and_not_when_it_is_due()
    {
        Assert.NotNull((await SendAsync(Target(("Default", Down)), "waits")).NextAttempt);
        Assert.Equal(NotificationState.Delivered, Assert.Single(await _engine.Notifications.FlushAsync(Target(), Calls.Silent(), TestContext.Current.CancellationToken)).State);
        Assert.Equal(["waits"], Titles);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task The_outbox_works_in_a_history_in_PostgreSQL(int major)
    {
        var sandbox = await _fixture.PostgresAsync(major);
        var database = $"outbox_{Guid.NewGuid():N}";
        await SandboxDatabase.CreateAsync(sandbox, database);
        MaintenanceTarget With(ChannelSettings channel) => Target(("Default", channel)) with
        {
            Database = sandbox.Target.Database! with { Database = database },
            History = new HistorySettings { Kind = HistoryKind.Postgres },
        };
        Assert.Equal(NotificationState.Queued, (await SendAsync(With(Down), "kept")).State);
        Assert.Equal(["kept"], await WaitingAsync(With(Down)));
        await using var later = Later(TimeSpan.FromHours(2));
        var flushed = await later.Notifications.FlushAsync(With(Webhook("Default")), Calls.Silent(), TestContext.Current.CancellationToken);
        Assert.Equal(NotificationState.Delivered, Assert.Single(flushed).State);
        Assert.Equal(2, flushed[0].Attempts);
        Assert.Equal(["kept"], Titles);
        await later.CloseAsync(With(Down));
        await _engine.CloseAsync(With(Down));
    }

    [Fact]
    public async Task A_throttled_message_waits_as_long_as_it_is_asked_to()
    {
        _sink.Fault = NotificationFault.Http429;
        _sink.RetryAfter = TimeSpan.FromMinutes(10);
        var result = await SendAsync(Target(), "later");
        Assert.Equal(NotificationState.Queued, result.State);
        Assert.Equal(429, result.StatusCode);
        Assert.InRange(result.NextAttempt!.Value - result.CollectedAt, TimeSpan.FromMinutes(9.9), TimeSpan.FromMinutes(10.1));
        Assert.Equal(1, _sink.Requests);

        // On its own channel it has nothing to wait behind.
        _sink.RetryAfter = TimeSpan.FromSeconds(1);
        var sending = SendAsync(Target(("Security", Webhook("Security"))), "soon", "Security");
        while (_sink.Requests < 2 && !sending.IsCompleted)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        _sink.Fault = NotificationFault.None;
        Assert.Equal(NotificationState.Delivered, (await sending).State);
        Assert.Equal(3, _sink.Requests);
    }

    [Fact]
    public async Task A_server_error_is_tried_again_and_then_waits()
    {
        _sink.Fault = NotificationFault.Http500;
        var result = await SendAsync(Target(), "again");
        Assert.Equal(NotificationState.Queued, result.State);
        Assert.Equal(500, result.StatusCode);
        Assert.Equal(3, _sink.Requests);
    }

    [Fact]
    public async Task A_webhook_that_refuses_is_an_error_and_not_asked_again()
    {
        _sink.Fault = NotificationFault.Http404;
        var result = await SendAsync(Target(), "gone");
        Assert.Equal(NotificationState.Rejected, result.State);
        Assert.Equal(MaintenanceErrorCode.NotificationRejected, result.Error);
        Assert.Contains("webhook was removed", result.Recommendation, StringComparison.Ordinal);
        Assert.Equal(1, _sink.Requests);
        Assert.Empty(await WaitingAsync(Target()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_emergency_falls_back_on_the_default_channel(bool refused)
    {
        var target = refused ? Target(("Default", Webhook("Default")), ("Emergency", Webhook("Emergency"))) : Target(("Default", Webhook("Default")), ("Emergency", Down));
        _sink.FaultyChannels = ["Emergency"];
        _sink.Fault = NotificationFault.Http404;
        var result = await SendAsync(target, "help", "Emergency");
        Assert.Equal(NotificationState.Delivered, result.State);
        Assert.Equal(("Emergency", "Default"), (result.Channel, result.ChannelUsed));
        Assert.Equal("Default", Assert.Single(_sink.Received).Channel);
        Assert.Empty(await WaitingAsync(target));
    }

    [Fact]
    public async Task Without_any_channel_it_is_an_error()
    {
        var exception = await Assert.ThrowsAsync<MaintenanceException>(() => SendAsync(Target() with { Channels = new Dictionary<string, ChannelSettings>() }, "nobody"));
        Assert.Equal(MaintenanceErrorCode.ChannelNotFound, exception.Code);
    }

    [Fact]
    public async Task A_webhook_that_hangs_ends_at_the_deadline_and_the_message_waits()
    {
        _sink.Fault = NotificationFault.Hang;
        var started = TimeProvider.System.GetTimestamp();
        var result = await SendAsync(Target(), "slow", timeout: TimeSpan.FromSeconds(1));
        Assert.Equal(NotificationState.Queued, result.State);
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(4));
        Assert.Equal(["slow"], await WaitingAsync(Target()));
    }

    [Fact]
    public async Task Something_else_than_Slack_that_says_200_has_not_taken_it()
    {
        using var portal = LoopbackPortal.Start();
        var result = await SendAsync(Target(("Default", Channel(portal.Address))), "portal");
        Assert.Equal(NotificationState.Queued, result.State);
        Assert.Equal(NotificationState.Delivered, (await SendAsync(Target(("Default", Channel(portal.Address, "Json"))), "json")).State);
    }

    [Fact]
    public async Task What_is_being_sent_by_one_is_not_sent_by_another()
    {
        var down = Target(("Default", Down));
        for (var i = 0; i < 5; i++)
        {
            await SendAsync(down, $"n{i}");
        }

        var engines = Enumerable.Range(0, 4).Select(_ => Later(TimeSpan.FromHours(3))).ToList();
        await Task.WhenAll(engines.Select(engine => engine.Notifications.FlushAsync(Target(), Calls.Silent(), TestContext.Current.CancellationToken)));
        Assert.Equal(5, _sink.Received.Count);
        Assert.Equal(5, _sink.Received.Select(received => received.IdempotencyKey).Distinct().Count());
        foreach (var engine in engines)
        {
            await engine.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_message_whose_fate_is_unknown_is_sent_again_with_its_key_after_its_lease()
    {
        // The webhook takes it and the answer is lost: what a crash between sending and recording looks like from outside.
        _sink.Fault = NotificationFault.Drop;
        var result = await SendAsync(Target(), "twice at most");
        Assert.Equal(NotificationState.Queued, result.State);
        Assert.Single(_sink.Received);
        _sink.Fault = NotificationFault.None;
        await using var later = Later(TimeSpan.FromHours(2));
        await later.Notifications.FlushAsync(Target(), Calls.Silent(), TestContext.Current.CancellationToken);
        Assert.Equal(2, _sink.Received.Count);
        Assert.Equal(_sink.Received[0].IdempotencyKey, _sink.Received[1].IdempotencyKey);
    }

    [Fact]
    public async Task A_broken_history_does_not_keep_people_from_being_told()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "history.db"), new string('x', 8192), TestContext.Current.CancellationToken);
        Assert.Equal(NotificationState.Delivered, (await SendAsync(Target(), "history is broken")).State);
        Assert.NotEmpty(_told.Warnings);
        Assert.Equal(NotificationState.Undelivered, (await SendAsync(Target(("Default", Down)), "lost")).State);
    }

    [Fact]
    public async Task The_address_of_a_webhook_appears_nowhere()
    {
        var result = await SendAsync(Target(("Default", Down)), "secret");
        _sink.Fault = NotificationFault.Http404;
        var rejected = await SendAsync(Target(), "secret too");
        var texts = _told.VerboseMessages.Concat(_told.Warnings).Append(result.ToString()).Append(rejected.ToString())
            .Append(System.Text.Encoding.Latin1.GetString(await ReadSharedAsync(Path.Combine(_folder, "history.db"))));
        Assert.All(texts, text => Assert.DoesNotContain(Marker, text, StringComparison.Ordinal));
        Assert.All(texts, text => Assert.DoesNotContain(_sink.Token, text, StringComparison.Ordinal));
    }

    private static async Task<byte[]> ReadSharedAsync(string path)
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var memory = new MemoryStream();
        await stream.CopyToAsync(memory, TestContext.Current.CancellationToken);
        return memory.ToArray();
    }

    [Fact]
    public async Task Hostile_text_arrives_as_text()
    {
        var hostile = "<!channel> \u001b[31m & <http://x|y> \u202E" + new string('x', 100_000);
        var result = await SendAsync(Target(), hostile);
        Assert.Equal(NotificationState.Delivered, result.State);
        var body = Assert.Single(_sink.Received).Body;
        Assert.DoesNotContain("<!channel>", body, StringComparison.Ordinal);
        Assert.DoesNotContain("u001b", body, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;!channel&gt;", body, StringComparison.Ordinal);
        Assert.True(body.Length < 20_000);
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _http.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class AheadOfTime(TimeSpan ahead) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + ahead;
    }

    /// <summary>What a hotel's network answers to everything.</summary>
    private sealed class LoopbackPortal : IDisposable
    {
        private readonly LoopbackHttp _http = LoopbackHttp.Start(new Dictionary<string, Func<LoopbackRequest, CancellationToken, Task<LoopbackAnswer?>>>
        {
            ["hooks"] = (_, _) => Task.FromResult<LoopbackAnswer?>(new LoopbackAnswer(200, "text/html", "<h1>Welcome</h1>")),
        });

        public string Address => $"http://127.0.0.1:{_http.Port}/hooks/x";

        public static LoopbackPortal Start() => new();

        public void Dispose() => _http.DisposeAsync().AsTask().ContinueWith(_ => { }, TaskScheduler.Default);
    }
}
