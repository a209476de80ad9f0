using Maintenance.Engine;
using Maintenance.Engine.Functions;
using Maintenance.Engine.Sandbox;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Functions;

/// <summary>The sandbox's functions, asked as a user asks them: every pair answers with numbers of its database.</summary>
public sealed class SandboxFunctionTests(SandboxFixture fixture) : IAsyncDisposable
{
    private readonly MaintenanceEngine _engine = new();

    public static TheoryData<string, string> Pairs => [.. FunctionCatalogue.All.Select(action => (action.Function, action.Action))];

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Every_pair_answers_as_agreed(string function, string action)
    {
        var sandbox = await fixture.PostgresAsync(15);
        var arguments = new Dictionary<string, object?>
        {
            ["time_window"] = "7d",
            ["severity"] = "low",
            ["baselines"] = new Dictionary<string, object?> { ["avg_response_time"] = 12.5, ["p95_response_time"] = 80 },
        };
        var response = await _engine.Functions.InvokeAsync(sandbox.Target, function, action, arguments, Calls.Silent(), TestContext.Current.CancellationToken);
        Assert.Equal(200, response.StatusCode);
        Assert.StartsWith("Maintenance.", response.Result!.GetType().FullName, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_numbers_are_those_of_the_database()
    {
        var sandbox = await fixture.PostgresAsync(18);
        await using var direct = await SandboxDatabase.OpenAsync(sandbox);
        Task<T> Ask<T>(FunctionAction<T> action)
            where T : notnull => _engine.Functions.CallAsync(sandbox.Target, action, new Dictionary<string, object?> { ["time_window"] = "7d" }, Calls.Silent(), TestContext.Current.CancellationToken);
        const string Requests = "FROM query_performance_logs WHERE \"timestamp\" > now() - interval '7 days'";

        var report = await Ask(FunctionCatalogue.PerformanceReport);
        Assert.Equal(await direct.ScalarAsync<double>($"SELECT avg(duration_ms) {Requests}"), report.AvgResponseTime, 1);
        Assert.Equal(await direct.ScalarAsync<double>($"SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms) {Requests}"), report.P95ResponseTime, 1);
        var failed = (double)await direct.ScalarAsync<decimal>($"SELECT 100.0 * count(*) FILTER (WHERE NOT succeeded) / count(*) {Requests}");
        Assert.Equal(failed, report.ErrorRate, 2);
        Assert.Equal(failed, (await Ask(FunctionCatalogue.ErrorRate)).ErrorRate, 2);

        var errors = await Ask(FunctionCatalogue.ErrorAnalytics);
        Assert.Equal(await direct.ScalarAsync<long>("SELECT count(*) FROM error_logs WHERE severity = 'critical' AND \"timestamp\" > now() - interval '7 days'"), errors.CriticalErrorsCount);
        Assert.Equal(5, errors.TopErrors.Count);
        Assert.All(errors.TopErrors, error => Assert.DoesNotContain('@', error.Message));

        var capacity = await Ask(FunctionCatalogue.CapacityAnalysis);
        Assert.Equal(await direct.ScalarAsync<long>("SELECT pg_database_size(current_database())") / Math.Pow(1024, 3), capacity.DatabaseSizeGb, 2);
        Assert.NotEmpty((await Ask(FunctionCatalogue.QueryOptimizationRecommendations)).Recommendations);
        Assert.NotEmpty((await Ask(FunctionCatalogue.SlowQueryAnalysis)).SlowQueries);
        Assert.Equal(4, new[] { (await Ask(FunctionCatalogue.ComplianceReport)) }.SelectMany(found => new[] { found.ConsentCompliance, found.AccessRequestCompliance, found.DeletionCompliance, found.AuditCompliance }).Count(part => part is > 0));
    }

    [Theory]
    [InlineData("""{"action":"get_top_errors","limit":"5; DROP TABLE error_logs"}""", 400)]
    [InlineData("""{"action":"get_error_rate","time_window":"'; DROP TABLE error_logs; --"}""", 400)]
    [InlineData("""{"action":"no_such"}""", 400)]
    [InlineData("""{"action":5}""", 400)]
    [InlineData("not json", 400)]
    public async Task Hostile_requests_are_refused_and_change_nothing(string body, int expected)
    {
        var sandbox = await fixture.PostgresAsync(15);
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Add("apikey", SandboxServices.Of(sandbox.Id)!.Functions.Token);
        using var answer = await client.PostAsync(new Uri($"{sandbox.FunctionUri}/error-tracking"), new StringContent(body), TestContext.Current.CancellationToken);
        Assert.Equal(expected, (int)answer.StatusCode);
        await using var direct = await SandboxDatabase.OpenAsync(sandbox);
        Assert.True(await direct.ScalarAsync<long>("SELECT count(*) FROM error_logs") > 0);
    }

    [Theory]
    [InlineData("error-tracking", null, "POST", 401)]
    [InlineData("error-tracking", "wrong", "POST", 401)]
    [InlineData("no-such", "right", "POST", 404)]
    [InlineData("error-tracking", "right", "GET", 405)]
    public async Task Who_may_not_is_refused(string function, string? key, string method, int expected)
    {
        var sandbox = await fixture.PostgresAsync(15);
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri($"{sandbox.FunctionUri}/{function}"));
        if (method == "POST")
        {
            request.Content = new StringContent("""{"action":"health_check"}""");
        }

        if (key is not null)
        {
            request.Headers.Add("apikey", key == "right" ? SandboxServices.Of(sandbox.Id)!.Functions.Token : key);
        }

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(expected, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Nothing_answers_any_more_when_the_sandbox_has_stopped()
    {
        var sandbox = await SandboxFixture.OrSkipAsync(() => fixture.Service.StartAsync(
            new SandboxOptions { Name = "gone", PostgresVersion = 15, Scale = 0, ResourcePath = SandboxFixture.ResourcePath }, Calls.Silent(), CancellationToken.None));
        Assert.Equal(HealthStatus.Ok, (await _engine.Functions.TestAsync(sandbox.Target, ["error-tracking"], Calls.Silent(), TestContext.Current.CancellationToken))[0].Status);
        await fixture.Service.StopAsync(sandbox.Id, Calls.Silent(), CancellationToken.None);
        Assert.Null(SandboxServices.Of(sandbox.Id));
        Assert.Equal(MaintenanceErrorCode.FunctionUnreachable, (await _engine.Functions.TestAsync(sandbox.Target, ["error-tracking"], Calls.Silent(), TestContext.Current.CancellationToken))[0].Error);
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();
}
