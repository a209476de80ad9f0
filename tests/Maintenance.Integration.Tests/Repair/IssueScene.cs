using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Maintenance.Engine;
using Maintenance.Engine.Sandbox;

namespace Maintenance.IntegrationTests.Repair;

/// <summary>A target with functions that answer what a test tells them to, over real HTTP.</summary>
internal sealed class IssueScene : IAsyncDisposable
{
    private readonly LoopbackHttp _http;

    private IssueScene(MaintenanceTarget target)
    {
        _http = LoopbackHttp.Start(new Dictionary<string, Func<LoopbackRequest, CancellationToken, Task<LoopbackAnswer?>>> { ["functions"] = Answer });
        Target = target with
        {
            Functions = new FunctionSettings { BaseUri = new Uri($"http://127.0.0.1:{_http.Port}/functions/v1") },
            History = new HistorySettings { Kind = HistoryKind.None },
        };
        // What a healthy system answers.
        Answers["get_error_rate"] = new JsonObject { ["error_rate"] = 0.4 };
        Answers["performance_metrics"] = new JsonObject { ["avg_response_time"] = 120 };
        Answers["connection_pool_status"] = new JsonObject { ["usage_percentage"] = 12 };
        Answers["compliance_report"] = new JsonObject { ["compliance_score"] = 99 };
    }

    public MaintenanceEngine Engine { get; } = new();

    public MaintenanceTarget Target { get; }

    /// <summary>What each action answers; one that is not in it fails with 500.</summary>
    public ConcurrentDictionary<string, JsonObject> Answers { get; } = new();

    /// <summary>What was asked: function and body.</summary>
    public ConcurrentQueue<(string Function, JsonObject Body)> Requests { get; } = new();

    /// <summary>Whether functions never answer.</summary>
    public bool Hangs { get; set; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A system without a database.</summary>
    public static IssueScene OfFunctions() => new(new MaintenanceTarget { Name = $"functions_{Guid.NewGuid():N}", ExcludedComponents = ["Database"] });

    /// <summary>A system with a database.</summary>
    public static IssueScene Of(MaintenanceTarget target) => new(target);

    public Task<IReadOnlyList<Finding>> FindAsync(params string[] ids) => FindAsync(null, ids);

    public async Task<IReadOnlyList<Finding>> FindAsync(TimeSpan? timeout, params string[] ids) =>
        await Engine.Issues.FindAsync(Target, new IssueSelection { IncludePassed = true, Ids = ids.Length == 0 ? null : ids.Contains }, Calls.Silent(timeout), Token);

    public async Task<IssueRecheck> AgainAsync(Finding finding) => await Engine.Issues.FindAgainAsync(Target, finding, Calls.Silent(), Token);

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        await _http.DisposeAsync();
    }

    private async Task<LoopbackAnswer?> Answer(LoopbackRequest request, CancellationToken cancellationToken)
    {
        var body = JsonNode.Parse(request.Body)!.AsObject();
        Requests.Enqueue((request.Path[^1], body));
        if (Hangs)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        return Answers.TryGetValue((string)body["action"]!, out var answer)
            ? LoopbackAnswer.Json(200, new JsonObject { ["result"] = answer.DeepClone() }.ToJsonString())
            : LoopbackAnswer.Json(500, """{"error":"Internal error"}""");
    }
}
