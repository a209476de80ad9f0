using System.Net;
using System.Text.Json;
using Maintenance.Engine;
using Maintenance.Engine.Sandbox;
using Maintenance.IntegrationTests.Analytics;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Alerts;

/// <summary>A webhook, a history of a kind, a clock that can be put forward, and engines that share them as machines do.</summary>
internal sealed class AlertScene : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LoopbackHttp _http;
    private readonly List<MaintenanceEngine> _engines = [];

    private AlertScene()
    {
        Sink = new NotificationSink(Path.Combine(_folder.Path, "notifications"), TimeProvider.System);
        _http = LoopbackHttp.Start(new Dictionary<string, Func<LoopbackRequest, CancellationToken, Task<LoopbackAnswer?>>> { ["hooks"] = Sink.AnswerAsync });
        Target = new MaintenanceTarget
        {
            Name = "production",
            Channels = new Dictionary<string, ChannelSettings> { ["Default"] = Webhook("Default"), ["Emergency"] = Webhook("Emergency") },
            History = new HistorySettings { Path = HistoryPath },
        };
        Engine = NewEngine();
    }

    public NotificationSink Sink { get; }

    public ShiftedTime Time { get; } = new();

    public RecordingSink Told { get; } = new();

    public MaintenanceEngine Engine { get; }

    public MaintenanceTarget Target { get; set; }

    public string HistoryPath => Path.Combine(_folder.Path, "history.db");

    /// <summary>The texts that arrived, in their order, without the symbol.</summary>
    public IReadOnlyList<string> Titles => [.. Sink.Received.Select(received => JsonDocument.Parse(received.Body).RootElement.GetProperty("text").GetString()!.Split(' ', 2)[1])];

    /// <summary>Histories: a file, or a database of its own on a server.</summary>
    public static TheoryData<string> Histories => ["sqlite", "15", "18"];

    public static async Task<AlertScene> OnAsync(SandboxFixture fixture, string history)
    {
        var scene = new AlertScene();
        if (history != "sqlite")
        {
            var sandbox = await fixture.PostgresAsync(int.Parse(history, System.Globalization.CultureInfo.InvariantCulture));
            var database = $"alerts_{Guid.NewGuid():N}";
            await SandboxDatabase.CreateAsync(sandbox, database);
            scene.Target = scene.Target with { Database = sandbox.Target.As(database: database).Database, History = new HistorySettings { Kind = HistoryKind.Postgres } };
        }

        return scene;
    }

    /// <summary>Another machine, or the same one after a restart.</summary>
    public MaintenanceEngine NewEngine()
    {
        var engine = new MaintenanceEngine(Time);
        _engines.Add(engine);
        return engine;
    }

    public ChannelSettings Webhook(string channel) => At($"http://127.0.0.1:{_http.Port}/hooks/{channel}/{Sink.Token}");

    public static ChannelSettings At(string address) => new() { Webhook = SecretReference.FromSecureString(new NetworkCredential("", address).SecurePassword), Kind = "Slack" };

    /// <summary>Changes what the configuration says about alerts.</summary>
    public void Say(AlertPolicy policy) => Target = Target with { Alerts = policy };

    /// <summary>Values as measured now.</summary>
    public IReadOnlyList<Metric> Values(params (string Name, double? Value)[] values) =>
        [.. values.Select(value => new Metric { Name = value.Name, Value = value.Value, ObservedAt = Time.GetUtcNow(), Reason = value.Value is null ? "Nobody answered." : null })];

    public Task<IReadOnlyList<Alert>> EvaluateAsync(double? errorRate, MaintenanceEngine? engine = null) =>
        (engine ?? Engine).Alerts.EvaluateAsync(
            Target, Maintenance.Engine.Alerts.AlertService.Rules(Target, []), Values(("error_rate", errorRate)), isComplete: false, Calls.To(Told), TestContext.Current.CancellationToken);

    public Task<IReadOnlyList<NotificationResult>> NotifyAsync(IReadOnlyList<Alert> alerts, MaintenanceEngine? engine = null, TimeSpan? timeout = null) =>
        (engine ?? Engine).Alerts.NotifyAsync(Target, alerts, null, null, Calls.To(Told, timeout), TestContext.Current.CancellationToken);

    /// <summary>Evaluates and tells, as the pipeline does.</summary>
    public async Task<IReadOnlyList<NotificationResult>> TellAsync(double? errorRate, MaintenanceEngine? engine = null) => await NotifyAsync(await EvaluateAsync(errorRate, engine), engine);

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in _engines)
        {
            await engine.DisposeAsync();
        }

        await _http.DisposeAsync();
        _folder.Dispose();
    }
}
