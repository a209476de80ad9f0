using System.Collections.Concurrent;
using System.Globalization;
using Maintenance.Engine.Sandbox.Faults;
using Npgsql;

namespace Maintenance.Engine.Sandbox;

/// <summary>What a sandbox serves from within the process that started it: functions and webhooks. They end with it.</summary>
internal sealed class SandboxServices : IAsyncDisposable
{
    // By process, as the watchers are.
    private static readonly ConcurrentDictionary<string, SandboxServices> Running = new(StringComparer.OrdinalIgnoreCase);

    private readonly NpgsqlDataSource _database;
    private readonly LoopbackHttp _http;

    private SandboxServices(NpgsqlDataSource database, FunctionEndpoint functions, NotificationSink notifications, SandboxFaults faults)
    {
        _database = database;
        Faults = faults;
        Functions = functions;
        Notifications = notifications;
        _http = LoopbackHttp.Start(new Dictionary<string, Func<LoopbackRequest, CancellationToken, Task<LoopbackAnswer?>>>
        {
            ["functions"] = functions.AnswerAsync,
            ["hooks"] = notifications.AnswerAsync,
        });
    }

    public FunctionEndpoint Functions { get; }

    public NotificationSink Notifications { get; }

    public SandboxFaults Faults { get; }

    /// <summary>Address of the functions.</summary>
    public Uri FunctionUri => Address("functions/v1");

    /// <summary>Address of a channel's webhook: a secret, as with Slack.</summary>
    public Uri WebhookOf(string channel) => Address($"hooks/{channel}/{Notifications.Token}");

    /// <summary>Starts the services of a sandbox.</summary>
    public static SandboxServices Start(SandboxRecord record, SandboxOptions options, TimeProvider time)
    {
        var database = PostgresServer.Connect(record.Port, record.Password!, "sandbox-functions", most: 8);
        var faults = new SandboxFaults(record, database, time) { AreStubborn = options.StubbornFaults };
        var functions = new FunctionEndpoint(database) { Optimized = faults.OptimizedAsync, Fault = options.FunctionFault, FaultyFunctions = options.FaultyFunctions, Latency = options.FunctionLatency };
        var notifications = new NotificationSink(NotificationPath(record), time) { Fault = options.NotificationFault };
        return Running[record.Id] = new SandboxServices(database, functions, notifications, faults);
    }

    /// <summary>The services of a sandbox of this process; null if there are none.</summary>
    public static SandboxServices? Of(string id) => Running.GetValueOrDefault(id);

    /// <summary>Folder of the messages that a sandbox has received.</summary>
    public static string NotificationPath(SandboxRecord record) => Path.Combine(record.Folder, "notifications");

    /// <summary>Ends the services of a sandbox, if this process has any.</summary>
    public static async Task StopAsync(string id)
    {
        if (Running.TryRemove(id, out var services))
        {
            await services.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _http.DisposeAsync();
        await Faults.DisposeAsync();
        await _database.DisposeAsync();
    }

    private Uri Address(string path) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_http.Port}/{path}"));
}
