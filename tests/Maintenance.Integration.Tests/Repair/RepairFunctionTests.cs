using System.Collections.Concurrent;
using System.Text.Json;
using Maintenance.Engine;
using Maintenance.Engine.Sandbox;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Repair;

/// <summary>Remedies that functions carry out, over real HTTP: asked once, believed never.</summary>
public sealed class RepairFunctionTests : IAsyncDisposable
{
    private readonly MaintenanceEngine _engine = new();
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<string> _asked = [];
    private LoopbackHttp? _http;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _folder.Dispose();
        if (_http is not null)
        {
            await _http.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("""{"result":{"actions":["vacuumed"]}}""", 300, RepairState.Resolved)]
    [InlineData("""{"result":{"actions":["vacuumed"]}}""", 5000, RepairState.NotResolved)]
    [InlineData("""{"error":"x"}""", 300, RepairState.Failed)]
    [InlineData("<html>", 5000, RepairState.Failed)]
    public async Task What_the_function_did_is_judged_by_the_response_time_and_asked_for_once(string answer, double after, RepairState state)
    {
        var optimized = false;
        var target = await StartAsync(action =>
        {
            optimized |= action == "optimize_performance";
            return action switch
            {
                "optimize_performance" => answer,
                "performance_metrics" => $$$"""{"result":{"avg_response_time":{{{(optimized ? after : 4000)}}}}}""",
                "performance_analysis" => $$$"""{"result":{"avg_query_time":1,"slow_queries_count":{{{(optimized && after < 2000 ? 0 : 20)}}},"connection_pool_usage":1}}""",
                _ => "{}",
            };
        });
        var finding = Assert.Single(await FindAsync(target, "ISSUE-SLOW-RESPONSES"));

        var repair = await RepairAsync(target, finding);

        Assert.True(state == repair.State, $"{repair.State} {repair.Message}");
        Assert.Single(_asked, "optimize_performance");
        Assert.NotNull(repair.Before);
        Assert.NotNull(repair.After);
    }

    [Theory]
    [InlineData(true, RepairState.Resolved)]
    [InlineData(false, RepairState.NotResolved)]
    public async Task Compliance_is_measured_again_and_not_counted_by_the_function(bool helps, RepairState state)
    {
        var resolved = false;
        var target = await StartAsync(action =>
        {
            resolved |= action == "auto_resolve_issues";
            var isGone = resolved && helps;
            return action switch
            {
                "auto_resolve_issues" => """{"result":{"resolved_count":1}}""",
                "get_compliance_issues" => isGone ? """{"result":{"issues":[]}}""" : """{"result":{"issues":[{"issue":"old consent","severity":"low"}]}}""",
                "compliance_report" => $$$"""{"result":{"compliance_score":{{{(isGone ? 100 : 80)}}}}}""",
                _ => "{}",
            };
        });
        var finding = Assert.Single(await FindAsync(target, "ISSUE-COMPLIANCE"));

        var repair = await RepairAsync(target, finding);

        Assert.True(state == repair.State, $"{repair.State} {repair.Message}");
        Assert.Single(_asked, "auto_resolve_issues");
    }

    [Fact]
    public async Task A_function_that_cannot_be_deployed_here_is_left_to_people()
    {
        var target = await StartAsync(action => action switch
        {
            "get_error_rate" => """{"result":{"error_rate":12}}""",
            "get_top_errors" => """{"result":{"errors":[{"message":"boom","count":9,"component":"function-checkout"}]}}""",
            _ => "{}",
        });
        var finding = Assert.Single(await FindAsync(target, "ISSUE-ERROR-RATE"));

        var risky = await RepairAsync(target, finding);
        Assert.Equal(RepairState.Refused, risky.State);
        Assert.Contains("functions deploy checkout", risky.Recommendation, StringComparison.Ordinal);

        var disabled = await RepairAsync(target, finding, new RepairOptions { MaximumRisk = RemedyRisk.High });
        Assert.Equal((RepairState.Refused, MaintenanceErrorCode.NotConfigured), (disabled.State, disabled.Error));
    }

    private async Task<IReadOnlyList<Finding>> FindAsync(MaintenanceTarget target, string id) =>
        [.. (await _engine.Issues.FindAsync(target, new IssueSelection { Ids = known => known == id }, Calls.Silent(), Token)).Where(finding => finding.Outcome == FindingOutcome.Fail)];

    private Task<SystemRepair> RepairAsync(MaintenanceTarget target, Finding finding, RepairOptions? options = null) =>
        _engine.Repairs.RepairAsync(target, finding, options ?? new RepairOptions { Wait = TimeSpan.FromMilliseconds(50) }, Calls.Silent(), Token);

    private Task<MaintenanceTarget> StartAsync(Func<string, string> answer)
    {
        _http = LoopbackHttp.Start(new Dictionary<string, Func<LoopbackRequest, CancellationToken, Task<LoopbackAnswer?>>>
        {
            ["v1"] = (request, _) =>
            {
                var action = JsonDocument.Parse(request.Body).RootElement.GetProperty("action").GetString()!;
                _asked.Enqueue(action);
                return Task.FromResult<LoopbackAnswer?>(LoopbackAnswer.Json(200, answer(action)));
            },
        });
        return Task.FromResult(new MaintenanceTarget
        {
            Name = $"functions-{Guid.NewGuid():N}",
            Functions = new FunctionSettings { BaseUri = new Uri($"http://127.0.0.1:{_http.Port}/v1") },
            History = new HistorySettings { Path = Path.Combine(_folder.Path, "history.db") },
            Repair = new RepairPolicy { Settle = TimeSpan.FromMilliseconds(10) },
        });
    }
}
