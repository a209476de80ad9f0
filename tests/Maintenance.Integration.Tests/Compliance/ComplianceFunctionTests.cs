using System.Text.Json;
using Maintenance.Engine;
using Maintenance.Engine.Sandbox;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Compliance;

/// <summary>The function over real HTTP: beside our figures, and resolving what it says it resolves.</summary>
public sealed class ComplianceFunctionTests(SandboxFixture fixture) : IAsyncDisposable
{
    private readonly MaintenanceEngine _engine = new();
    private readonly List<string> _asked = [];
    private LoopbackHttp? _http;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        if (_http is not null)
        {
            await _http.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_functions_scores_stand_beside_ours()
    {
        var target = await StartAsync(_ => """{"result":{"compliance_score":10,"audit_compliance":100,"processing_activities":[{"activity_type":"x","processed_records":3}]}}""");

        var report = await _engine.Compliance.ReportAsync(target, ComplianceReportType.Monthly, MeasurementSourceChoice.Auto, Calls.Silent(), Token);

        Assert.Equal((MeasurementSource.Database, 10d, 100d), (report.Source, report.FunctionScore, report.FunctionAuditPercent));
        Assert.True(report.Score > 50);
        Assert.Equal(["Score"], report.Findings.Where(finding => finding.Id == "GDPR-SCORES-DISAGREE" && finding.Outcome == FindingOutcome.Fail).Select(finding => finding.Subject));
        Assert.Equal([MeasurementSource.Database, MeasurementSource.Function], report.ProcessingActivities.Select(activity => activity.Source).Distinct());
    }

    [Theory]
    [InlineData("{}", "FunctionFieldMissing")]
    [InlineData("""{"result":{"compliance_score":null}}""", "FunctionFieldNull")]
    [InlineData("<html>", "FunctionBodyInvalid")]
    public async Task A_function_that_fails_leaves_its_scores_unknown_and_ours_as_they_are(string body, string code)
    {
        var target = await StartAsync(_ => body);

        var report = await _engine.Compliance.ReportAsync(target, ComplianceReportType.Quick, MeasurementSourceChoice.Auto, Calls.Silent(), Token);

        Assert.NotNull(report.Score);
        Assert.Null(report.FunctionScore);
        Assert.StartsWith(code, report.FunctionReason, StringComparison.Ordinal);
        Assert.Equal(FindingOutcome.Unknown, Assert.Single(report.Findings, finding => finding.Id == "GDPR-SCORES-DISAGREE").Outcome);
        await Assert.ThrowsAsync<MaintenanceException>(() => _engine.Compliance.ReportAsync(target, ComplianceReportType.Quick, MeasurementSourceChoice.Function, Calls.Silent(), Token));
    }

    [Fact]
    public async Task The_database_alone_asks_no_function_and_the_function_alone_no_database()
    {
        var target = await StartAsync(_ => """{"result":{"compliance_score":99}}""");

        await _engine.Compliance.ReportAsync(target, ComplianceReportType.Quick, MeasurementSourceChoice.Database, Calls.Silent(), Token);
        Assert.Empty(_asked);
        var report = await _engine.Compliance.ReportAsync(target.As(database: "nowhere"), ComplianceReportType.Quick, MeasurementSourceChoice.Function, Calls.Silent(), Token);
        Assert.Equal((99d, MeasurementSource.Function, HealthStatus.Ok), (report.Score, report.Source, report.Status));
    }

    [Fact]
    public async Task Where_the_database_cannot_be_reached_the_functions_word_is_taken_and_the_rest_is_unknown()
    {
        var target = (await StartAsync(_ => """{"result":{"compliance_score":100}}""")).As(database: "gdpr_nowhere");

        var report = await _engine.Compliance.ReportAsync(target, ComplianceReportType.Daily, MeasurementSourceChoice.Auto, Calls.Silent(), Token);

        Assert.Equal((100d, MeasurementSource.Function, HealthStatus.Unknown), (report.Score, report.Source, report.Status));
        Assert.Contains(report.Findings, finding => finding is { Id: "GDPR-DELETION-OVERDUE", Outcome: FindingOutcome.Unknown });
    }

    [Fact]
    public async Task Health_says_what_the_report_says_whatever_the_function_thinks_of_itself()
    {
        var target = (await StartAsync(_ => """{"result":{"compliance_score":100}}""")) with
        {
            ExcludedComponents = ["Database", "Backups", "Functions", "Errors", "Resources"],
        };

        var report = await _engine.Compliance.ReportAsync(target, ComplianceReportType.Daily, MeasurementSourceChoice.Auto, Calls.Silent(), Token);
        var measured = await _engine.Health.GetSystemHealthAsync(target, Calls.Silent(), Token);
        var part = Assert.Single(measured.Components, component => component.Name == "Compliance");
        Assert.Equal((HealthStatus.Critical, report.Status), (part.Status, report.Status));
        Assert.Contains("from the database", part.Message, StringComparison.Ordinal);
        Assert.Equal(report.Score!.Value, measured.Metrics.Single(metric => metric.Name == "gdpr_compliance_score").Value!.Value, 6);
        Assert.Equal(
            report.Findings.Where(finding => finding.Status != HealthStatus.Ok).Select(finding => finding.Id).Order(StringComparer.Ordinal),
            measured.Findings.Where(finding => finding.Area == "Compliance").Select(finding => finding.Id).Order(StringComparer.Ordinal));

        // Where nothing of ours can be measured, the function's word is told as its own, and stays unknown.
        const string Nowhere = "nowhere";
        var unknown = await _engine.Health.GetSystemHealthAsync(
            target with
            {
                Analytics = new AnalyticsSettings
                {
                    Consents = new ConsentSettings { Table = Nowhere },
                    SubjectRequests = new SubjectRequestSettings { Table = Nowhere },
                    AuditLog = new AuditLogSettings { Table = Nowhere },
                },
            },
            Calls.Silent(),
            Token);
        part = Assert.Single(unknown.Components, component => component.Name == "Compliance");
        Assert.Equal(HealthStatus.Unknown, part.Status);
        Assert.True(part.CoveragePercent < 100);
        Assert.Contains("compliance score 100, from the function", part.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_function_that_lies_has_resolved_nothing()
    {
        var target = await StartAsync(action => action == "get_compliance_issues"
            ? """{"result":{"issues":[{"issue":"2 banners are old","severity":"low"},{"issue":"3 requests are overdue","severity":"high"}]}}"""
            : """{"result":{"resolved_count":1}}""");

        var plan = await _engine.Compliance.PlanResolutionAsync(target, Calls.Silent(), Token);
        var result = await _engine.Compliance.ResolveAsync(target, plan, Calls.Silent(), Token);

        Assert.Equal(ComplianceResolutionState.Planned, plan.State);
        Assert.Equal((ComplianceResolutionState.NotResolved, 1L), (result.State, result.ClaimedCount));
        Assert.Equal([ComplianceIssueState.StillThere, ComplianceIssueState.NotTouched], result.Issues.Select(issue => issue.State));
        Assert.Equal(["get_compliance_issues", "auto_resolve_issues", "get_compliance_issues"], _asked);
    }

    [Fact]
    public async Task A_call_that_fails_is_not_repeated_and_what_is_left_tells_what_it_did()
    {
        var done = false;
        var target = await StartAsync(action =>
        {
            var answer = action == "auto_resolve_issues" ? "not JSON" : done ? """{"result":{"issues":[]}}""" : """{"result":{"issues":[{"issue":"a","severity":"LOW"}]}}""";
            done |= action == "auto_resolve_issues";
            return answer;
        });

        var result = await _engine.Compliance.ResolveAsync(target, await _engine.Compliance.PlanResolutionAsync(target, Calls.Silent(), Token), Calls.Silent(), Token);

        Assert.Equal((ComplianceResolutionState.Resolved, null), (result.State, result.ClaimedCount));
        Assert.Single(_asked, "auto_resolve_issues");
    }

    [Fact]
    public async Task Where_nobody_can_tell_what_is_left_it_is_unknown()
    {
        var resolved = false;
        var target = await StartAsync(action =>
        {
            var answer = action == "auto_resolve_issues" ? """{"result":{"resolved_count":1}}""" : resolved ? "{}" : """{"result":{"issues":[{"issue":"a","severity":"low"}]}}""";
            resolved |= action == "auto_resolve_issues";
            return answer;
        });

        var result = await _engine.Compliance.ResolveAsync(target, await _engine.Compliance.PlanResolutionAsync(target, Calls.Silent(), Token), Calls.Silent(), Token);

        Assert.Equal((ComplianceResolutionState.Unknown, ComplianceIssueState.Unknown), (result.State, Assert.Single(result.Issues).State));
    }

    [Fact]
    public async Task What_is_not_low_is_never_asked_to_be_resolved_and_without_functions_nothing_can_be()
    {
        var target = await StartAsync(_ => """{"result":{"issues":[{"issue":"a","severity":"medium"},{"issue":"b","severity":"critical"}]}}""");

        var plan = await _engine.Compliance.PlanResolutionAsync(target, Calls.Silent(), Token);
        await _engine.Compliance.ResolveAsync(target, plan, Calls.Silent(), Token);
        var without = await _engine.Compliance.PlanResolutionAsync(target with { Functions = null }, Calls.Silent(), Token);

        Assert.Equal((ComplianceResolutionState.NothingToDo, ComplianceResolutionState.NotPossible), (plan.State, without.State));
        Assert.Equal(["get_compliance_issues"], _asked);
        Assert.Contains("not configured", without.Reason, StringComparison.Ordinal);
    }

    private async Task<MaintenanceTarget> StartAsync(Func<string, string> answer)
    {
        _http = LoopbackHttp.Start(new Dictionary<string, Func<LoopbackRequest, CancellationToken, Task<LoopbackAnswer?>>>
        {
            ["v1"] = (request, _) =>
            {
                var action = JsonDocument.Parse(request.Body).RootElement.GetProperty("action").GetString()!;
                _asked.Add(action);
                return Task.FromResult<LoopbackAnswer?>(LoopbackAnswer.Json(200, answer(action)));
            },
        });
        return (await fixture.PostgresAsync(18)).Target with
        {
            Functions = new FunctionSettings { BaseUri = new Uri($"http://127.0.0.1:{_http.Port}/v1") },
            History = new HistorySettings { Kind = HistoryKind.None },
        };
    }
}
