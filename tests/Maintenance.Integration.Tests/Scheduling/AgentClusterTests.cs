using System.Net;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Scheduling;

/// <summary>Agents in processes of their own that share their work, and what becomes of it when something happens to them.</summary>
public sealed class AgentClusterTests(SandboxFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Agents_share_the_work_and_each_time_is_run_by_one_of_them(int major)
    {
        await using var bench = await AgentBench.CreateAsync(await fixture.PostgresAsync(major), databases: 4);
        var agents = new List<AgentHandle>();
        foreach (var name in new[] { "one", "two", "three" })
        {
            agents.Add(await bench.StartAsync(bench.Request(name) with { MaximumConcurrency = 2, Work = TimeSpan.FromMilliseconds(600) }));
        }

        await AgentBench.Eventually(async () => (await bench.TruthAsync()).Select(run => run.Instance).Distinct().Count() == 3 && bench.Log("end").Count >= 24, "Three agents did not share the work.");
        foreach (var agent in agents)
        {
            await agent.TerminateAsync();
        }

        foreach (var agent in agents)
        {
            await agent.ExitAsync();
        }

        Assert.All(await bench.TruthAsync(), run => Assert.True(run.Beside == 0 && run.Ended is not null, run.ToString()));
        var begun = bench.Log("begin").Select(line => (line.GetProperty("target").GetString(), line.GetProperty("scheduledAt").GetDateTimeOffset())).ToList();
        Assert.Equal(begun.Count, begun.Distinct().Count());
        Assert.Equal(4, begun.Select(run => run.Item1).Distinct().Count());
        Assert.Equal(begun.Count, (await bench.TruthAsync()).Count);
        Assert.Equal(0, await bench.ConnectionsAsync());
    }

    [Theory]
    [InlineData("Before", "HealthMonitoring", LostRunPolicy.RunAgainIfHarmless, true)]
    [InlineData("During", "HealthMonitoring", LostRunPolicy.RunAgainIfHarmless, true)]
    [InlineData("During", "HealthMonitoring", LostRunPolicy.Report, false)]
    [InlineData("Before", "DatabaseOptimization", LostRunPolicy.RunAgainIfHarmless, false)]
    [InlineData("During", "DatabaseOptimization", LostRunPolicy.RunAgainIfHarmless, false)]
    [InlineData("During", "DatabaseOptimization", LostRunPolicy.RunAgain, true)]
    public async Task A_run_whose_agent_is_killed_is_recorded_once_and_run_again_as_the_policy_says(string death, string task, LostRunPolicy policy, bool again)
    {
        await using var bench = await AgentBench.CreateAsync(await fixture.PostgresAsync(15));
        // One time alone comes in this test.
        var request = bench.Request("survivor") with { Tasks = [task], OnLost = policy, TimeScale = 1.01, Work = TimeSpan.FromMilliseconds(50), Crons = new Dictionary<string, string> { [task] = "0 2 * * *" } };
        var killed = await bench.StartAsync(request with { Instance = "killed", Death = Enum.Parse<AgentDeath>(death) });
        Assert.True(await killed.ExitAsync() == 137, string.Join('\n', killed.Lines));

        var survivor = await bench.StartAsync(request);
        await survivor.SaysAsync($"run {bench.Store} {task} Unknown");
        if (again)
        {
            await survivor.SaysAsync($"run {bench.Store} {task} Ok");
        }

        await survivor.TerminateAsync();
        await survivor.ExitAsync();

        var record = await bench.HistoryAsync();
        var lost = Assert.Single(record, run => run.Status == HealthStatus.Unknown);
        Assert.Contains("is gone", lost.Message, StringComparison.Ordinal);
        Assert.Equal(again ? 2 : 1, record.Count);
        Assert.Equal(again ? 1 : 0, (await bench.TruthAsync()).Count(run => run.Instance == "survivor" && run is { Ended: not null, Beside: 0 }));
        Assert.Equal(0L, await bench.ScalarAsync<long>("SELECT count(*) FROM maintenance_agent.qrtz_fired_triggers"));
    }

    [Theory]
    [InlineData("HealthMonitoring")]
    [InlineData("DatabaseOptimization")]
    public async Task A_run_that_was_over_and_on_record_when_its_agent_was_killed_is_neither_lost_nor_run_again(string task)
    {
        await using var bench = await AgentBench.CreateAsync(await fixture.PostgresAsync(15));
        var request = bench.Request("survivor") with { Tasks = [task], OnLost = LostRunPolicy.RunAgain, TimeScale = 1.01, Crons = new Dictionary<string, string> { [task] = "0 2 * * *" } };
        var killed = await bench.StartAsync(request with { Instance = "killed", Death = AgentDeath.After });
        Assert.True(await killed.ExitAsync() == 137, string.Join('\n', killed.Lines));

        var survivor = await bench.StartAsync(request);
        await AgentBench.Eventually(() => Task.FromResult(bench.Log("recovered").Count > 0), $"The survivor did not look: {string.Join('\n', survivor.Lines)}");
        await survivor.TerminateAsync();
        await survivor.ExitAsync();

        Assert.Equal(HealthStatus.Ok, Assert.Single(await bench.HistoryAsync()).Status);
        Assert.Equal("killed", Assert.Single(await bench.TruthAsync()).Instance);
    }

    [Fact]
    public async Task A_killed_agent_is_noticed_by_one_that_runs()
    {
        await using var bench = await AgentBench.CreateAsync(await fixture.PostgresAsync(15), databases: 2);
        // Each has room for one of the two runs, which take longer than the test.
        var request = bench.Request("") with { MaximumConcurrency = 1, Work = TimeSpan.FromSeconds(4) };
        AgentHandle[] agents = [await bench.StartAsync(request with { Instance = "one" }), await bench.StartAsync(request with { Instance = "two" })];
        await AgentBench.Eventually(async () => (await bench.TruthAsync()).Where(run => run.Ended is null).Select(run => run.Instance).Distinct().Count() == 2, "The two agents did not share the work.");
        await agents[0].KillAsync();

        await AgentBench.Eventually(() => Task.FromResult(bench.Log("lost").Count > 0), "It was not noticed.");
        var lost = Assert.Single(bench.Log("lost"));
        await agents[1].SaysAsync($"run {lost.GetProperty("target").GetString()} HealthMonitoring Unknown");
        await AgentBench.Eventually(async () => (await bench.TruthAsync()).Any(run => run.Instance == "two" && run.Target == lost.GetProperty("target").GetString()), "It was not run again.");
        Assert.All(await bench.TruthAsync(), run => Assert.Equal(0, run.Beside));
    }

    [Fact]
    public async Task An_agent_asked_to_end_lets_its_run_go_on_and_begins_no_other()
    {
        await using var bench = await AgentBench.CreateAsync(await fixture.PostgresAsync(15), databases: 3);
        var agent = await bench.StartAsync(bench.Request("one") with { MaximumConcurrency = 1, Work = TimeSpan.FromSeconds(3) });
        await AgentBench.Eventually(async () => (await bench.TruthAsync()).Count == 1, "It did not begin.");
        await agent.TerminateAsync();
        Assert.Equal(0, await agent.ExitAsync());

        Assert.Contains("ended", agent.Lines);
        Assert.NotNull(Assert.Single(await bench.TruthAsync()).Ended);
        Assert.Equal(HealthStatus.Ok, Assert.Single(await bench.HistoryAsync()).Status);
        Assert.Equal(0, await bench.ConnectionsAsync());
        Assert.Equal(0L, await bench.ScalarAsync<long>("SELECT count(*) FROM maintenance_agent.qrtz_fired_triggers"));
    }

    [Fact]
    public async Task A_run_that_does_not_end_while_the_agent_drains_is_cancelled_and_on_record()
    {
        await using var bench = await AgentBench.CreateAsync(await fixture.PostgresAsync(15));
        var agent = await bench.StartAsync(bench.Request("one") with { Hangs = true, DrainTimeout = TimeSpan.FromSeconds(1) });
        await AgentBench.Eventually(async () => (await bench.TruthAsync()).Count == 1, "It did not begin.");
        await agent.TerminateAsync();
        Assert.Equal(0, await agent.ExitAsync());

        Assert.Contains(agent.Lines, line => line.StartsWith("warning 1 run was not over", StringComparison.Ordinal));
        Assert.Null(Assert.Single(await bench.TruthAsync()).Ended);
        Assert.Equal(StepState.Cancelled, Assert.Single(Assert.Single(await bench.HistoryAsync()).Steps).State);
        Assert.Equal(0, await bench.ConnectionsAsync());
    }

    [Fact]
    public async Task A_run_that_hangs_past_its_limit_is_cancelled_with_its_connections_and_the_agent_goes_on()
    {
        await using var bench = await AgentBench.CreateAsync(await fixture.PostgresAsync(15));
        var agent = await bench.StartAsync(bench.Request("one") with { Hangs = true, Limit = TimeSpan.FromSeconds(1) });
        await AgentBench.Eventually(() => Task.FromResult(agent.Lines.Any(line => line.Contains("did not end at its limit", StringComparison.Ordinal))), "It was not cancelled.");
        await AgentBench.Eventually(async () => (await bench.TruthAsync()).Count >= 2, "The next run did not begin.");
        Assert.Equal(1L, await bench.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep%' AND state = 'active'"));
        await agent.TerminateAsync();
        await agent.ExitAsync();
        Assert.Equal(0, await bench.ConnectionsAsync());
    }

    [Fact]
    public async Task Clusters_of_different_names_know_nothing_of_each_other_but_do_not_do_the_same_at_once()
    {
        await using var bench = await AgentBench.CreateAsync(await fixture.PostgresAsync(15));
        // In different steps, so that neither always comes when the other is at it.
        var request = bench.Request("") with { Work = TimeSpan.FromMilliseconds(500) };
        AgentHandle[] agents = [await bench.StartAsync(request with { Instance = "blue", Cluster = "blue" }), await bench.StartAsync(request with { Instance = "green", Cluster = "green", TimeScale = 47 })];
        await AgentBench.Eventually(async () => (await bench.TruthAsync()).GroupBy(run => run.Instance).Count(agent => agent.Count() >= 2) == 2, "Not both clusters ran.");
        await agents[0].KillAsync();
        // Longer than it takes to notice a lost agent of one's own cluster.
        await Task.Delay(TimeSpan.FromSeconds(4), Token);

        Assert.Empty(bench.Log("lost"));
        Assert.All(await bench.TruthAsync(), run => Assert.Equal(0, run.Beside));
        Assert.Equal(2L, await bench.ScalarAsync<long>("SELECT count(DISTINCT sched_name) FROM maintenance_agent.qrtz_triggers"));
    }

    [Fact]
    public async Task Agents_outlive_a_restart_of_the_job_store_and_say_so_meanwhile()
    {
        await using var own = new OwnSandbox(fixture);
        await own.StartAsync("agents", 15);
        await using var bench = await AgentBench.CreateAsync(own.Sandbox);
        var server = await OwnServer.OfAsync(own.Sandbox, new SandboxOptions { Name = "agents15", PostgresVersion = 15, Scale = 0, ResourcePath = SandboxFixture.ResourcePath });
        var agents = new List<AgentHandle>();
        var places = new List<Uri>();
        foreach (var name in new[] { "one", "two" })
        {
            agents.Add(await bench.StartAsync(bench.Request(name) with { EndpointPort = 0 }));
            places.Add(new Uri(new Uri((await agents[^1].SaysAsync("started "))["started ".Length..]), "healthz"));
        }

        using var client = new HttpClient();
        await AgentBench.Eventually(async () => (await bench.TruthAsync()).Count >= 2, "They did not begin.");
        await server.StopAsync("immediate");
        await TellAsync(HttpStatusCode.ServiceUnavailable);
        await server.StartAsync();
        await TellAsync(HttpStatusCode.OK);
        var before = (await bench.TruthAsync()).Count;
        await AgentBench.Eventually(async () => (await bench.TruthAsync()).Count(run => run.Ended is not null) >= before + 3, StateAsync);
        foreach (var agent in agents)
        {
            await agent.TerminateAsync();
            Assert.Equal(0, await agent.ExitAsync());
        }

        Assert.All(await bench.TruthAsync(), run => Assert.Equal(0, run.Beside));

        async Task<string> StateAsync() => "They did not go on: " + await bench.ScalarAsync<string>("""
            SELECT concat_ws(' / ', (SELECT string_agg(concat_ws(' ', trigger_name, trigger_group, trigger_state), '; ') FROM maintenance_agent.qrtz_triggers),
                (SELECT string_agg(concat_ws(' ', trigger_name, trigger_group, instance_name, state), '; ') FROM maintenance_agent.qrtz_fired_triggers))
            """);

        async Task TellAsync(HttpStatusCode status)
        {
            foreach (var place in places)
            {
                await AgentBench.Eventually(async () => (await client.GetAsync(place, Token)).StatusCode == status, $"{place} did not say {status}.");
            }
        }
    }

    [Fact]
    public async Task A_disk_that_takes_no_log_and_no_history_does_not_stop_the_agent()
    {
        await using var bench = await AgentBench.CreateAsync(await fixture.PostgresAsync(15));
        // Nothing can be made below a file, whoever one is.
        var agent = await bench.StartAsync(bench.Request("one") with { HistoryPath = "/dev/null/history.db" }, stateFolder: "/dev/null");
        await AgentBench.Eventually(async () => (await bench.TruthAsync()).Count(run => run.Ended is not null) >= 3, $"It stopped: {string.Join('\n', agent.Lines)}");
        await agent.TerminateAsync();
        Assert.Equal(0, await agent.ExitAsync());
        Assert.Single(agent.Lines, line => line.StartsWith("warning The agent's log cannot be written", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Four_agents_lose_nothing_of_200_databases_although_two_are_killed()
    {
        await using var bench = await AgentBench.CreateAsync(await fixture.PostgresAsync(18), databases: 200);
        // Each database once, from the first second on; the next time is after the test.
        var request = bench.Request("") with { Tasks = ["DatabaseOptimization"], TimeScale = 1.01, MaximumConcurrency = 4, Work = TimeSpan.FromMilliseconds(20), OnLost = LostRunPolicy.RunAgain, HistoryPath = null };
        var agents = new List<AgentHandle>();
        foreach (var name in new[] { "one", "two", "three", "four" })
        {
            agents.Add(await bench.StartAsync(request with { Instance = name }));
        }

        var most = 0L;
        foreach (var (victim, after) in new[] { (0, 40), (1, 90) })
        {
            await UntilAsync(after);
            await agents[victim].KillAsync();
        }

        await UntilAsync(200);
        Assert.All(await bench.TruthAsync(), run => Assert.Equal(0, run.Beside));
        // Four runs at once, each with its lock, its task and one more; and for each agent the job store's pool.
        Assert.InRange(most, 1, 4 * (4 * 3 + 10));
        TestContext.Current.TestOutputHelper?.WriteLine($"At most {most} connections; {(await bench.TruthAsync()).Count(run => run.Ended is null)} runs were lost and run again.");

        async Task UntilAsync(int done) => await AgentBench.Eventually(
            async () =>
            {
                most = Math.Max(most, await bench.ConnectionsAsync());
                return (await bench.TruthAsync()).Where(run => run.Ended is not null).Select(run => run.Target).Distinct().Count() >= done;
            },
            $"Not {done} databases were maintained.",
            seconds: 180);
    }
}
