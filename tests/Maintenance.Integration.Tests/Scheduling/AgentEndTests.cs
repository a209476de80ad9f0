using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Scheduling;

/// <summary>How an agent begins and ends, and what it says of it.</summary>
public sealed class AgentEndTests(SandboxFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_ends_while_nobody_listens_any_more_is_no_failure(bool isStored)
    {
        await using var bench = await AgentBench.CreateAsync(await fixture.PostgresAsync(15));
        var request = bench.Request("one") with { Store = isStored ? bench.Store : null, Work = TimeSpan.FromSeconds(5), EndpointPort = 0 };
        await using var engine = new MaintenanceEngine();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var client = new HttpClient();
        var sink = new RecordingSink();
        var started = new TaskCompletionSource<Uri>();
        var metrics = "";
        var running = request.RunAsync(
            engine,
            sink,
            agent =>
            {
                started.SetResult(agent.Endpoint!);
                return Task.CompletedTask;
            },
            async _ =>
            {
                metrics = await client.GetStringAsync(new Uri(await started.Task, "metrics"), Token);
                throw new InvalidOperationException("The pipeline has been stopped.");
            },
            ending.Token);
        await await Task.WhenAny(running, AgentBench.Eventually(async () => (await bench.TruthAsync()).Count > 0, "It did not begin."));
        await ending.CancelAsync();
        await running;

        Assert.Empty(sink.Warnings);
        Assert.Contains("maintenance_agent_runs_total{task=\"HealthMonitoring\",status=\"ok\"} 1", metrics, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Ok, Assert.Single(await bench.HistoryAsync()).Status);
    }

    [Fact]
    public async Task It_may_run_and_drain_longer_than_a_timer_can()
    {
        await using var bench = await AgentBench.CreateAsync(await fixture.PostgresAsync(15));
        var runs = await AgentBench.RunUntilAsync(bench.Request("one") with { Duration = TimeSpan.FromDays(60), DrainTimeout = TimeSpan.MaxValue }, runs => Task.FromResult(runs.Count > 0));
        Assert.NotEmpty(runs);
    }

    [Fact]
    public async Task An_agent_with_nothing_to_do_does_not_begin()
    {
        await using var bench = await AgentBench.CreateAsync(await fixture.PostgresAsync(15));
        var problem = await RefusedAsync(bench.Request("one") with { Disabled = ["HealthMonitoring"] });
        Assert.Equal(MaintenanceErrorCode.NotConfigured, problem.Code);
        Assert.Contains("HealthMonitoring is not scheduled", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_asked_for_and_not_scheduled_is_told()
    {
        await using var bench = await AgentBench.CreateAsync(await fixture.PostgresAsync(15));
        var sink = new RecordingSink();
        var request = bench.Request("one") with { Tasks = ["HealthMonitoring", "SecurityScan"] };
        await AgentBench.RunUntilAsync(request with { Disabled = ["SecurityScan"] }, _ => Task.FromResult(true), sink: sink);
        Assert.StartsWith("SecurityScan is not scheduled for any target", Assert.Single(sink.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public async Task Time_is_divided_by_a_number_of_one_or_more(double timeScale)
    {
        await using var bench = await AgentBench.CreateAsync(await fixture.PostgresAsync(15));
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, (await RefusedAsync(bench.Request("one") with { TimeScale = timeScale })).Code);
    }

    [Fact]
    public async Task Two_targets_of_one_name_and_times_before_zero_are_refused()
    {
        await using var bench = await AgentBench.CreateAsync(await fixture.PostgresAsync(15));
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, (await RefusedAsync(bench.Request("one") with { Databases = ["p", "P"] })).Code);
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, (await RefusedAsync(bench.Request("one") with { Duration = TimeSpan.FromSeconds(-1) })).Code);
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, (await RefusedAsync(bench.Request("one") with { DrainTimeout = TimeSpan.FromSeconds(-1) })).Code);
    }

    [Fact]
    public async Task A_missing_right_on_the_job_store_is_told_with_the_statement_that_gives_it()
    {
        var sandbox = await fixture.PostgresAsync(15);
        await using var bench = await AgentBench.CreateAsync(sandbox);
        var weak = $"weak_{bench.Store}";
        await SandboxDatabase.ExecuteAsync(sandbox, $"CREATE ROLE {weak} LOGIN PASSWORD 'weak'; GRANT ALL ON truth TO {weak}", bench.Store);
        try
        {
            var request = bench.Request("one") with { StoreUsername = weak, StorePassword = "weak" };
            var problem = await RefusedAsync(request);
            Assert.Equal(MaintenanceErrorCode.PermissionDenied, problem.Code);
            Assert.Contains($"GRANT CREATE ON DATABASE {bench.Store} TO {weak};", problem.Recommendation, StringComparison.Ordinal);
            await SandboxDatabase.ExecuteAsync(sandbox, $"GRANT CREATE ON DATABASE {bench.Store} TO {weak}", bench.Store);
            await AgentBench.RunUntilAsync(request, runs => Task.FromResult(runs.Count > 0));

            // Somebody else comes to what that role has made.
            await SandboxDatabase.ExecuteAsync(sandbox, $"CREATE ROLE {weak}_2 LOGIN PASSWORD 'weak'");
            var other = bench.Request("two") with { StoreUsername = $"{weak}_2", StorePassword = "weak" };
            problem = await RefusedAsync(other);
            Assert.Equal(MaintenanceErrorCode.PermissionDenied, problem.Code);
            Assert.Contains($"GRANT {weak} TO {weak}_2;", problem.Recommendation, StringComparison.Ordinal);
            await SandboxDatabase.ExecuteAsync(sandbox, $"GRANT {weak} TO {weak}_2");
            await AgentBench.RunUntilAsync(other, runs => Task.FromResult(runs.Count > 0));
        }
        finally
        {
            await SandboxDatabase.ExecuteAsync(sandbox, $"DROP OWNED BY {weak} CASCADE; DROP ROLE IF EXISTS {weak}_2; DROP ROLE {weak}", bench.Store);
        }
    }

    private static async Task<MaintenanceException> RefusedAsync(AgentRequest request)
    {
        await using var engine = new MaintenanceEngine();
        return await Assert.ThrowsAsync<MaintenanceException>(() => request.RunAsync(engine, new RecordingSink(), _ => Task.CompletedTask, _ => Task.CompletedTask, Token));
    }
}
