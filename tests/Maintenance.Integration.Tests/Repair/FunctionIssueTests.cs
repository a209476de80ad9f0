using System.Text.Json.Nodes;
using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Repair;

/// <summary>The guide's four issues (T1 to T4) over real HTTP: what is asked, what is found, and what functions that misbehave amount to.</summary>
public sealed class FunctionIssueTests(SandboxFixture servers)
{
    private static readonly string[] TheFour = ["ISSUE-ERROR-RATE", "ISSUE-SLOW-RESPONSES", "ISSUE-CONNECTIONS", "ISSUE-COMPLIANCE"];

    [Fact]
    public async Task A_healthy_system_is_asked_the_guide_s_questions_once_and_nothing_is_found()
    {
        await using var scene = IssueScene.OfFunctions();

        var found = await scene.FindAsync(TheFour);

        Assert.Equal(["ISSUE-COMPLIANCE", "ISSUE-ERROR-RATE", "ISSUE-SLOW-RESPONSES"], found.Select(finding => finding.Id).Order(StringComparer.Ordinal));
        Assert.All(found, finding => Assert.Equal((FindingOutcome.Pass, scene.Target.Name), (finding.Outcome, finding.Target)));
        Assert.Equal(
            [
                """error-tracking {"action":"get_error_rate","time_window":"15m"}""",
                """gdpr-compliance {"action":"compliance_report","report_type":"quick"}""",
                """production-monitoring {"action":"performance_metrics","time_window":"15m"}""",
            ],
            Asked(scene));
    }

    [Fact]
    public async Task An_error_spike_names_its_functions_and_a_second_look_tells_when_it_is_over()
    {
        await using var scene = IssueScene.OfFunctions();
        scene.Answers["get_error_rate"] = new JsonObject { ["error_rate"] = 8.5 };
        scene.Answers["get_top_errors"] = new JsonObject { ["errors"] = new JsonArray(Error("timeout", 40, "edge-function-orders"), Error("deadlock", 2, "database")) };

        var finding = Assert.Single(await scene.FindAsync("ISSUE-ERROR-RATE"));

        Assert.Equal(("orders", "DeployFunction"), (finding.Subject, finding.Remedy?.Kind));
        Assert.Contains("""error-tracking {"action":"get_top_errors","limit":5,"time_window":"15m"}""", Asked(scene));

        Assert.True((await scene.AgainAsync(finding)).IsThere);
        scene.Answers["get_top_errors"] = new JsonObject { ["errors"] = new JsonArray(Error("timeout", 40, "edge-function-mail")) };
        Assert.Equal((true, "mail"), (await scene.AgainAsync(finding)) is { } still ? (still.IsThere, still.Finding!.Subject) : default);
        scene.Answers["get_error_rate"] = new JsonObject { ["error_rate"] = 5 };
        var over = await scene.AgainAsync(finding);
        Assert.Equal((false, "5 % of the requests of the last 15m failed."), (over.IsThere, over.Message));
        scene.Answers.TryRemove("get_error_rate", out _);
        Assert.Null((await scene.AgainAsync(finding)).IsThere);
    }

    [Fact]
    public async Task Slow_responses_are_optimised_where_the_function_tells_of_slow_statements()
    {
        await using var scene = IssueScene.OfFunctions();
        scene.Answers["performance_metrics"] = new JsonObject { ["avg_response_time"] = 2400 };
        var unknown = Assert.Single(await scene.FindAsync("ISSUE-SLOW-RESPONSES"));
        Assert.Equal((FindingOutcome.Fail, (Remedy?)null), (unknown.Outcome, unknown.Remedy));
        Assert.Contains("Whether slow statements are why is not known.", unknown.Message, StringComparison.Ordinal);

        scene.Answers["performance_analysis"] = new JsonObject { ["avg_query_time"] = 900, ["slow_queries_count"] = 14, ["connection_pool_usage"] = 20 };
        Assert.Equal("OptimizePerformance", Assert.Single(await scene.FindAsync("ISSUE-SLOW-RESPONSES")).Remedy?.Kind);
        Assert.Contains("""database-scalability {"action":"performance_analysis","time_window":"15m"}""", Asked(scene));
        Assert.DoesNotContain(Asked(scene), asked => asked.Contains("optimize_performance", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Compliance_is_resolved_where_the_function_tells_of_low_issues_and_nothing_is_resolved_by_looking()
    {
        await using var scene = IssueScene.OfFunctions();
        scene.Answers["compliance_report"] = new JsonObject { ["compliance_score"] = 93 };
        scene.Answers["get_compliance_issues"] = new JsonObject { ["issues"] = new JsonArray(new JsonObject { ["issue"] = "overdue", ["severity"] = "high" }) };
        Assert.Null(Assert.Single(await scene.FindAsync("ISSUE-COMPLIANCE")).Remedy);

        scene.Answers["get_compliance_issues"] = new JsonObject { ["issues"] = new JsonArray(new JsonObject { ["issue"] = "old alerts of anna@shop.example", ["severity"] = "low" }) };
        var finding = Assert.Single(await scene.FindAsync("ISSUE-COMPLIANCE"));
        Assert.Equal("ResolveLowComplianceIssues", finding.Remedy?.Kind);
        Assert.DoesNotContain("anna", string.Join(' ', (string[])finding.Evidence["Issues"]!), StringComparison.Ordinal);
        Assert.DoesNotContain(Asked(scene), asked => asked.Contains("auto_resolve", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(FunctionFault.Http401)]
    [InlineData(FunctionFault.Http500)]
    [InlineData(FunctionFault.Html)]
    [InlineData(FunctionFault.MissingField)]
    public async Task Functions_that_fail_leave_the_four_unknown_and_never_well_and_carry_no_remedy(FunctionFault fault)
    {
        var sandbox = await SandboxFixture.OrSkipAsync(() => servers.Service.StartAsync(
            new SandboxOptions { Name = $"issues_{fault}", PostgresVersion = 15, Scale = 0, FunctionFault = fault, ResourcePath = SandboxFixture.ResourcePath }, Calls.Silent(), TestContext.Current.CancellationToken));
        try
        {
            await using var engine = new MaintenanceEngine();
            // The functions alone: what the database tells instead is no word of theirs.
            var target = sandbox.Target with { Database = null };
            var found = await engine.Issues.FindAsync(target, new IssueSelection { IncludePassed = true, Ids = TheFour.Contains }, Calls.Silent(), TestContext.Current.CancellationToken);

            Assert.Equal(TheFour.Order(StringComparer.Ordinal), found.Select(finding => finding.Id).Order(StringComparer.Ordinal));
            Assert.All(found, finding => Assert.Equal((FindingOutcome.Unknown, (Remedy?)null, HealthStatus.Unknown), (finding.Outcome, finding.Remedy, finding.Status)));
            Assert.All(found, finding => Assert.NotNull(finding.Recommendation));
        }
        finally
        {
            await servers.Service.StopAsync(sandbox.Id, Calls.Silent(), CancellationToken.None);
        }
    }

    [Fact]
    public async Task Functions_that_hang_keep_nobody_from_looking_at_the_database()
    {
        await using var scene = IssueScene.Of((await servers.PostgresAsync(15)).Target);
        scene.Hangs = true;

        var found = await scene.FindAsync(TimeSpan.FromSeconds(20));

        Assert.DoesNotContain(found, finding => Equals(finding.Evidence.GetValueOrDefault("Error"), nameof(MaintenanceErrorCode.DeadlineExceeded)) && !TheFour.Contains(finding.Id));
        Assert.Equal(FindingOutcome.Unknown, Assert.Single(found, finding => finding.Id == "ISSUE-ERROR-RATE").Outcome);
        Assert.Contains(found, finding => finding is { Id: "ISSUE-BLOCKING", Outcome: FindingOutcome.Pass or FindingOutcome.Fail });
        Assert.Equal(FindingOutcome.Pass, Assert.Single(found, finding => finding is { Id: "ISSUE-CONNECTIONS", Subject: null }).Outcome);
    }

    [Fact]
    public async Task What_the_function_counts_is_compared_with_what_the_server_counts()
    {
        await using var scene = IssueScene.Of((await servers.PostgresAsync(15)).Target);
        scene.Answers["connection_pool_status"] = new JsonObject { ["usage_percentage"] = 97 };

        var finding = Assert.Single(await scene.FindAsync("ISSUE-CONNECTIONS"), finding => finding.Subject is null);

        Assert.Equal((FindingOutcome.Fail, FindingSeverity.Low, (Remedy?)null), (finding.Outcome, finding.Severity, finding.Remedy));
        Assert.Contains("The limit lies between the two.", finding.Message, StringComparison.Ordinal);
        Assert.Equal(97.0, finding.Evidence["Function"]);
        Assert.InRange((double)finding.Evidence["Measured"]!, 0.1, 90);
    }

    [Fact]
    public async Task A_system_of_which_nothing_is_configured_is_unknown()
    {
        await using var engine = new MaintenanceEngine();
        var target = new MaintenanceTarget { Name = "nothing", History = new HistorySettings { Kind = HistoryKind.None } };

        var found = await engine.Issues.FindAsync(target, new IssueSelection { IncludePassed = true }, Calls.Silent(), TestContext.Current.CancellationToken);

        Assert.NotEmpty(found);
        Assert.All(found, finding => Assert.Equal((FindingOutcome.Unknown, (Remedy?)null), (finding.Outcome, finding.Remedy)));
    }

    private static JsonObject Error(string message, int count, string component) => new() { ["message"] = message, ["count"] = count, ["component"] = component };

    private static IReadOnlyList<string> Asked(IssueScene scene) =>
    [
        .. scene.Requests
            .Select(request => $"{request.Function} {new JsonObject(request.Body.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone()))).ToJsonString()}")
            .Order(StringComparer.Ordinal),
    ];
}
