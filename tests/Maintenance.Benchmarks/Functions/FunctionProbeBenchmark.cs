using System.Globalization;
using Maintenance.Engine;
using Maintenance.Engine.Sandbox;

namespace Maintenance.Benchmarks.Functions;

/// <summary>P2: are four functions healthy, and how long do they take, when each takes 300 ms?</summary>
internal sealed class FunctionProbeBenchmark : IBenchmark
{
    private const string Module = "Maintenance, all at once, one request each";
    private const string Guide = "curl, one after the other, twice each (the guide's way)";
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(300);
    private static readonly string[] Names = ["gdpr-compliance", "database-scalability", "production-monitoring", "error-tracking"];

    private readonly SandboxService _sandboxes = new(TimeProvider.System);
    private readonly MaintenanceEngine _engine = new();
    private MaintenanceSandbox? _sandbox;

    public string Name => "p2";

    public string Title => "Test four functions that take 300 ms each: status and time.";

    public IReadOnlyList<Goal> Goals => [new(Module, null, 360), new(Module, Guide, 1 / 6.9)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox");
        _sandbox = await _sandboxes.StartAsync(
            new SandboxOptions { Name = "p2", Scale = 0, FunctionLatency = Latency, ResourcePath = Tools.SandboxResources }, SilentCall.Context, cancellationToken);
        var curl = await Tools.RunAsync("curl", ["--version"], cancellationToken: cancellationToken);
        var version = curl?.Split(' ')[1] ?? "curl is not on the PATH";
        return
        [
            new Contender(Module, TestAsync, typeof(MaintenanceEngine).Assembly.GetName().Version!.ToString(3)),
            new Contender(Guide, curl is null ? null : SequentialAsync, version),
            new Contender("curl --parallel, status alone", curl is null ? null : ParallelAsync, version),
            new Contender("floor: one answer", async token => { await Task.Delay(Latency, token); return new Outcome(null, "300 ms of waiting"); }, ""),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        if (_sandbox is not null)
        {
            await _sandboxes.StopAsync(_sandbox.Id, SilentCall.Context, CancellationToken.None);
        }
    }

    private static string Healthy(int count) => string.Create(CultureInfo.InvariantCulture, $"{count} healthy");

    private async Task<Outcome> TestAsync(CancellationToken cancellationToken)
    {
        var tested = await _engine.Functions.TestAsync(_sandbox!.Target, null, SilentCall.Context, cancellationToken);
        return new Outcome(Healthy(tested.Count(function => function.Status == HealthStatus.Ok)), "4 requests: status, body and phases");
    }

    private async Task<Outcome> SequentialAsync(CancellationToken cancellationToken)
    {
        var healthy = 0;
        foreach (var name in Names)
        {
            healthy += await Tools.RunAsync("curl", [.. Arguments(name), "-w", "%{http_code}"], cancellationToken: cancellationToken) == "200" ? 1 : 0;
            await Tools.RunAsync("curl", [.. Arguments(name), "-w", "%{time_total}"], cancellationToken: cancellationToken);
        }

        return new Outcome(Healthy(healthy), "8 requests: status, and time of another request");
    }

    private async Task<Outcome> ParallelAsync(CancellationToken cancellationToken)
    {
        IEnumerable<string> arguments = ["--parallel", .. Names.SelectMany((name, index) => (string[])[.. index > 0 ? new[] { "--next" } : [], .. Arguments(name), "-w", "%{http_code}\n"])];
        var output = await Tools.RunAsync("curl", arguments, cancellationToken: cancellationToken);
        return new Outcome(Healthy(output?.Split('\n').Count(line => line == "200") ?? 0), "4 requests: status alone");
    }

    private string[] Arguments(string name) =>
    [
        "-s", "-o", "/dev/null", "-X", "POST", $"{_sandbox!.FunctionUri}/{name}",
        "-H", "Content-Type: application/json",
        "-H", $"apikey: {SandboxServices.Of(_sandbox.Id)!.Functions.Token}",
        "-d", """{"action": "health_check"}""",
    ];
}
