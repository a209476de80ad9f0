using Maintenance.IntegrationTests.Analytics;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Scheduling;

/// <summary>What an agent makes of schedules, windows and the clock.</summary>
public sealed class AgentScheduleTests(SandboxFixture fixture)
{
    private const string Times = "SELECT coalesce(string_agg(trigger_name || ' ' || start_time || ' ' || next_fire_time, ', ' ORDER BY trigger_name), '') FROM maintenance_agent.qrtz_triggers";
    private const string Names = "SELECT coalesce(string_agg(trigger_name, ', ' ORDER BY trigger_name), '') FROM maintenance_agent.qrtz_triggers WHERE trigger_group <> 'RECOVERING_JOBS'";

    [Fact]
    public async Task What_is_unchanged_stays_and_what_is_changed_disabled_or_gone_is_taken_over()
    {
        await using var bench = await AgentBench.CreateAsync(await fixture.PostgresAsync(15));
        var request = bench.Request("one") with { Tasks = [], TimeScale = 1, CheckIn = TimeSpan.FromSeconds(1) };
        var two = request with { Tasks = ["BackupVerification", "SecurityScan"] };
        await BeginAsync(two);
        Assert.Equal("BackupVerification, SecurityScan", await bench.ScalarAsync<string>(Names));
        var before = (await bench.ScalarAsync<string>(Times)).Split(", ");

        await BeginAsync(two with { Instance = "two", Crons = new Dictionary<string, string> { ["SecurityScan"] = "30 5 * * *" } });
        var after = (await bench.ScalarAsync<string>(Times)).Split(", ");
        Assert.Equal(before[0], after[0]);
        Assert.NotEqual(before[1], after[1]);
        Assert.Equal("05:30", await bench.ScalarAsync<string>("SELECT to_char(timestamptz '0001-01-01 00:00:00+00' + (next_fire_time / 10) * interval '1 microsecond', 'HH24:MI') FROM maintenance_agent.qrtz_triggers WHERE trigger_name = 'SecurityScan'"));

        await BeginAsync(two with { Disabled = ["SecurityScan"] });
        Assert.Equal("BackupVerification", await bench.ScalarAsync<string>(Names));
        Assert.Equal(before[0], await bench.ScalarAsync<string>(Times));
    }

    [Fact]
    public async Task Targets_that_are_no_longer_maintained_leave_the_store_when_nobody_else_is_there()
    {
        await using var bench = await AgentBench.CreateAsync(await fixture.PostgresAsync(15));
        var request = bench.Request("one") with { TimeScale = 1, Databases = [bench.Store, "gone"], Tasks = ["BackupVerification"] };
        await BeginAsync(request);
        Assert.Equal(2L, await bench.ScalarAsync<long>("SELECT count(*) FROM maintenance_agent.qrtz_triggers"));
        await BeginAsync(request with { Databases = [bench.Store] });
        Assert.Equal(bench.Store, await bench.ScalarAsync<string>("SELECT string_agg(trigger_group, ', ') FROM maintenance_agent.qrtz_triggers"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_changes_the_system_fires_inside_its_windows_alone(bool isStored)
    {
        await using var bench = await AgentBench.CreateAsync(await fixture.PostgresAsync(15));
        var time = new ShiftedTime();
        SetTo(time, new TimeOnly(12, 0, 57));
        var request = bench.Request("one") with
        {
            Store = isStored ? bench.Store : null,
            TimeScale = 1,
            Tasks = ["DatabaseOptimization", "HealthMonitoring"],
            Crons = new Dictionary<string, string> { ["DatabaseOptimization"] = "* * * * *" },
            Windows = [new MaintenanceWindow { Start = new TimeOnly(13, 0), Duration = TimeSpan.FromHours(1) }],
        };
        var runs = await AgentBench.RunUntilAsync(
            request,
            runs =>
            {
                // What only looks has fired at 12:01, and now it is time for the window.
                if (runs.Count == 1 && time.GetUtcNow().Hour == 12)
                {
                    SetTo(time, new TimeOnly(13, 1, 57));
                }

                return Task.FromResult(runs.Any(run => run.Task == "DatabaseOptimization"));
            },
            time);
        Assert.All(runs.Where(run => run.Task == "DatabaseOptimization"), run => Assert.Equal(13, run.StartedAt.Hour));
        Assert.Contains(runs, run => run.Task == "HealthMonitoring" && run.StartedAt.Hour == 12);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_clock_that_is_set_back_does_not_keep_tasks_from_running(bool isStored)
    {
        await using var bench = await AgentBench.CreateAsync(await fixture.PostgresAsync(15));
        var time = new ShiftedTime();
        SetTo(time, new TimeOnly(12, 0, 57));
        var wasSet = false;
        var sink = new RecordingSink();
        var runs = await AgentBench.RunUntilAsync(
            bench.Request("one") with { Store = isStored ? bench.Store : null, TimeScale = 1 },
            runs =>
            {
                if (runs.Count == 1 && !wasSet)
                {
                    wasSet = true;
                    SetTo(time, new TimeOnly(9, 30, 55));
                }

                return Task.FromResult(runs.Any(run => run.StartedAt.Hour == 9));
            },
            time,
            sink);
        Assert.Equal(2, runs.Count);
        Assert.Contains(sink.Warnings, warning => warning.StartsWith("The clock was set back by", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_clock_that_is_set_forward_makes_up_once_for_what_only_looks()
    {
        await using var bench = await AgentBench.CreateAsync(await fixture.PostgresAsync(15));
        var time = new ShiftedTime();
        SetTo(time, new TimeOnly(12, 0, 57));
        var runs = await AgentBench.RunUntilAsync(
            bench.Request("one") with { TimeScale = 1 },
            runs =>
            {
                if (runs.Count == 1 && time.GetUtcNow().Hour == 12)
                {
                    SetTo(time, new TimeOnly(18, 30, 40));
                }

                return Task.FromResult(runs.Any(run => run.StartedAt.Hour == 18));
            },
            time);
        Assert.Single(runs, run => run.StartedAt.Hour == 18);
    }

    [Fact]
    public async Task A_thousand_schedules_are_stored_once_however_many_agents_begin()
    {
        await using var bench = await AgentBench.CreateAsync(await fixture.PostgresAsync(15));
        var request = bench.Request("one") with
        {
            TimeScale = 1,
            Databases = [.. Enumerable.Range(1, 250).Select(i => $"target{i}")],
            Tasks = ["BackupVerification", "DatabaseOptimization", "SecurityScan", "SecurityAudit"],
            // No time that could come in the middle of this.
            Crons = new[] { "BackupVerification", "DatabaseOptimization", "SecurityScan", "SecurityAudit" }.ToDictionary(task => task, _ => "0 0 29 2 *"),
        };
        var began = TimeProvider.System.GetTimestamp();
        await BeginAsync(request);
        TestContext.Current.TestOutputHelper?.WriteLine($"Stored in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s.");
        Assert.Equal(1000L, await bench.ScalarAsync<long>("SELECT count(*) FROM maintenance_agent.qrtz_triggers"));
        const string versions = "SELECT string_agg(xmin::text, ',' ORDER BY trigger_name, trigger_group) FROM maintenance_agent.qrtz_triggers";
        var before = await bench.ScalarAsync<string>(versions);
        began = TimeProvider.System.GetTimestamp();
        await BeginAsync(request with { Instance = "two" });
        TestContext.Current.TestOutputHelper?.WriteLine($"Read in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s.");
        Assert.Equal(before, await bench.ScalarAsync<string>(versions));
    }

    private static async Task BeginAsync(AgentRequest request) => await AgentBench.RunUntilAsync(request, _ => Task.FromResult(true));

    private static void SetTo(ShiftedTime time, TimeOnly clock)
    {
        var now = TimeProvider.System.GetUtcNow();
        time.Shift = new DateTimeOffset(DateOnly.FromDateTime(now.UtcDateTime), clock, TimeSpan.Zero) - now;
    }
}
