using Maintenance.Engine;
using Maintenance.Engine.Functions;
using Maintenance.Engine.Performance.Samples;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Alerts;

/// <summary>Incidents from their beginning to their end, on a sandbox with faults: noticed, told once, repaired, measured again, and told to be over.</summary>
public sealed class IncidentTests : IAsyncDisposable
{
    private readonly MaintenanceEngine _engine = new();
    private MaintenanceSandbox? _sandbox;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private MaintenanceTarget Target => _sandbox!.Target;

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Faults_are_there_for_functions_and_tables_alike_and_go_as_though_they_had_never_been(int major)
    {
        await StartAsync(major, SandboxFault.ErrorSpike, SandboxFault.SlowResponses, SandboxFault.ConnectionFlood, SandboxFault.ComplianceIssues);
        Assert.Equal(4, _engine.Sandboxes.Get(_sandbox!.Id).Faults.Count);
        Assert.InRange((await AskAsync(FunctionCatalogue.ErrorRate)).ErrorRate, 15, 30);
        var top = (await AskAsync(FunctionCatalogue.TopErrors)).Errors.Single(error => error.Component == "function-production-monitoring");
        Assert.Equal(top.Count, await ScalarAsync<long>("SELECT count(*) FROM error_logs WHERE component = 'function-production-monitoring' AND message LIKE 'TypeError%' AND \"timestamp\" > now() - interval '15 minutes'"));
        Assert.InRange((await AskAsync(FunctionCatalogue.PerformanceMetrics)).AvgResponseTime, 2001, 5000);
        Assert.InRange((await AskAsync(FunctionCatalogue.PerformanceAnalysis)).SlowQueriesCount, 11, 20);
        Assert.InRange((await AskAsync(FunctionCatalogue.ConnectionPoolStatus)).UsagePercentage, 90.1, 100);
        Assert.True(await ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE usename = 'checkout_api' AND state = 'idle in transaction'") > 1);
        var ill = (await AskAsync(FunctionCatalogue.ComplianceReport)).ComplianceScore;
        Assert.Contains((await AskAsync(FunctionCatalogue.ComplianceIssues)).Issues, issue => issue.Severity == "low" && issue.Issue.Contains("not ticked off", StringComparison.Ordinal));

        await ChangeAsync();
        Assert.Empty(_engine.Sandboxes.Get(_sandbox.Id).Faults);
        Assert.Equal(0, (await AskAsync(FunctionCatalogue.ErrorRate)).ErrorRate);
        Assert.InRange((await AskAsync(FunctionCatalogue.PerformanceMetrics)).AvgResponseTime, 1, 500);
        Assert.InRange((await AskAsync(FunctionCatalogue.PerformanceAnalysis)).SlowQueriesCount, 0, 3);
        Assert.Equal(0, await ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE usename = 'checkout_api'"));
        Assert.True((await AskAsync(FunctionCatalogue.ComplianceReport)).ComplianceScore > Math.Max(95, ill));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task An_incident_is_told_once_and_its_end_once(int major)
    {
        await StartAsync(major);
        await RunAsync("HealthMonitoring");
        var before = Messages().Count;

        await ChangeAsync(SandboxFault.ErrorSpike, SandboxFault.SlowResponses, SandboxFault.ConnectionFlood);
        var incident = await RunAsync("HealthMonitoring");
        Assert.Equal(2, incident.ExitCode);
        Assert.Contains("error_rate_critical at 2", Step(incident, "Alert rules").Message, StringComparison.Ordinal);
        var told = Assert.Single(Messages().Skip(before));
        Assert.Contains("Emergency", told, StringComparison.Ordinal);
        Assert.All(["error_rate_critical", "critical_response_time", "db_connections_critical"], rule => Assert.Contains(rule, told, StringComparison.Ordinal));
        // The warnings of the same metrics are known with them.
        Assert.DoesNotContain("error_rate_warning", told, StringComparison.Ordinal);

        Assert.Contains("nothing to tell", Step(await RunAsync("HealthMonitoring"), "Notifications").Message, StringComparison.Ordinal);
        Assert.Equal(before + 1, Messages().Count);

        await ChangeAsync();
        Assert.Contains("Told on Emergency", Step(await RunAsync("HealthMonitoring"), "Notifications").Message, StringComparison.Ordinal);
        await RunAsync("HealthMonitoring");
        Assert.Equal(before + 2, Messages().Count);
        Assert.Contains("error_rate_critical", Messages()[^1], StringComparison.Ordinal);

        // The runs that told something are on record; what all of them measured is there to be replayed.
        Assert.Equal(3, (await RecordedAsync("HealthMonitoring")).Count);
        var replay = (await _engine.Alerts.ReplayAsync(Target, AlertRules("error_rate_critical"), TimeProvider.System.GetUtcNow().AddHours(-1), Calls.Silent(), Token)).Single();
        Assert.Equal((1, 5), (replay.Fired, replay.Samples));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task What_can_be_repaired_is_found_repaired_and_measured_again(int major)
    {
        await StartAsync(major, SandboxFault.SlowResponses, SandboxFault.ConnectionFlood);
        var connections = await FindWithRemedyAsync("ISSUE-CONNECTIONS");
        var ended = await RepairAsync(connections);
        Assert.Equal(RepairState.Resolved, ended.State);
        Assert.Contains("gone", ended.Message, StringComparison.Ordinal);
        Assert.NotNull(ended.Before);
        Assert.NotNull(ended.After);
        // As many as it takes, and no more.
        Assert.InRange(await ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE usename = 'checkout_api'"), 30, 85);
        Assert.InRange((await AskAsync(FunctionCatalogue.ConnectionPoolStatus)).UsagePercentage, 0, 90);

        Assert.Equal(RepairState.Resolved, (await RepairAsync(await FindWithRemedyAsync("ISSUE-SLOW-RESPONSES"))).State);
        Assert.Empty(_engine.Sandboxes.Get(_sandbox!.Id).Faults.Except([SandboxFault.ConnectionFlood]));

        // What is handed in twice is not done twice.
        Assert.Equal(RepairState.AlreadyGone, (await RepairAsync(connections)).State);
    }

    [Fact]
    public async Task A_repair_that_does_not_help_says_so_and_is_not_repeated()
    {
        await StartAsync(15, stubborn: true, SandboxFault.SlowResponses);
        var slow = await FindWithRemedyAsync("ISSUE-SLOW-RESPONSES");
        var repair = await RepairAsync(slow);
        Assert.Equal(RepairState.NotResolved, repair.State);
        Assert.Contains("still there", repair.Message, StringComparison.Ordinal);
        var again = await RepairAsync(slow);
        Assert.Equal(RepairState.Refused, again.State);
        Assert.Contains("did not help", again.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_spike_of_errors_is_mended_by_whatever_mends_it_and_only_then_resolved()
    {
        await StartAsync(18, SandboxFault.ErrorSpike);
        var spike = (await FindAsync()).Single(finding => finding.Id == "ISSUE-ERROR-RATE");
        Assert.Equal(RepairState.Refused, (await RepairAsync(spike)).State);
        var mended = await _engine.Repairs.RepairAsync(
            Target,
            spike,
            new RepairOptions
            {
                MaximumRisk = RemedyRisk.High,
                ScriptText = "roll back",
                Script = (_, _) =>
                {
                    File.Delete(Path.Combine(_sandbox!.FaultPath!, nameof(SandboxFault.ErrorSpike)));
                    return Task.FromResult("Rolled back.");
                },
            },
            Calls.Silent(),
            Token);
        Assert.Equal(RepairState.Resolved, mended.State);
    }

    [Fact]
    public async Task Issues_of_low_severity_are_resolved_by_the_function_and_the_score_says_so()
    {
        await StartAsync(15);
        // All else is in order, so that these are what is wrong.
        await RunSqlAsync(
            """
            UPDATE data_subject_requests SET status = 'completed', received_at = now() - interval '20 days', due_at = now() + interval '10 days', completed_at = now() - interval '10 days';
            DELETE FROM auth.users AS account WHERE NOT EXISTS (SELECT FROM user_consents WHERE user_id = account.id AND consent_type = 'data_processing' AND granted);
            """);
        await ChangeAsync(SandboxFault.ComplianceIssues);
        var repair = await RepairAsync(await FindWithRemedyAsync("ISSUE-COMPLIANCE"));
        Assert.True(repair.State == RepairState.Resolved, repair.Message);
    }

    [Fact]
    public async Task Troubleshooting_repairs_within_its_policy_and_its_status_is_that_of_what_remains()
    {
        await StartAsync(18, SandboxFault.SlowResponses);
        var cautious = Target with { Repair = Target.Repair with { UnattendedRisk = RemedyRisk.Low } };
        var left = await RunAsync("Troubleshooting", cautious);
        Assert.Contains("Refused", Step(left, "ISSUE-SLOW-RESPONSES").Message, StringComparison.Ordinal);
        Assert.Equal((StepState.Skipped, HealthStatus.Critical), (Step(left, "ISSUE-SLOW-RESPONSES").State, Step(left, "ISSUE-SLOW-RESPONSES").Status));
        Assert.Equal(2, left.ExitCode);
        Assert.Contains(_engine.Sandboxes.Get(_sandbox!.Id).Faults, fault => fault == SandboxFault.SlowResponses);

        // Nothing is new, and nothing was done: nobody is told again.
        var messages = Messages().Count;
        await RunAsync("Troubleshooting", cautious);
        Assert.Equal(messages, Messages().Count);
        Assert.Single(await RecordedAsync("Troubleshooting"));

        var done = await RunAsync("Troubleshooting");
        Assert.Equal((StepState.Done, HealthStatus.Ok), (Step(done, "ISSUE-SLOW-RESPONSES").State, Step(done, "ISSUE-SLOW-RESPONSES").Status));
        Assert.Contains("Measured again, the issue is gone", Step(done, "ISSUE-SLOW-RESPONSES").Message, StringComparison.Ordinal);
        Assert.Contains("RESOLVED ISSUE-SLOW-RESPONSES", Messages()[^1], StringComparison.Ordinal);
        Assert.Equal(2, (await RecordedAsync("Troubleshooting")).Count);
    }

    [Fact]
    public async Task Functions_without_numbers_are_unknown_and_are_told_so_never_well()
    {
        await StartAsync(15);
        await RunSqlAsync("DROP TABLE query_performance_logs");
        await _engine.Sandboxes.ChangeAsync(_sandbox!.Id, new SandboxChanges { FunctionFault = FunctionFault.MissingField }, Token);
        var run = await RunAsync("HealthMonitoring", Target with { ExcludedComponents = ["Backups", "Compliance", "Database", "Functions"] });
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("unknown", Step(run, "Alert rules").Message, StringComparison.Ordinal);
        Assert.Contains(Messages(), message => message.Contains("error_rate_critical", StringComparison.Ordinal));
        // What was not measured is missing from the sample, not nought.
        var samples = await new SampleReader(_engine.History.StoreOf(Target, Calls.Silent())!).ReadAsync(Target.Name, SampleKinds.Health, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, Token);
        Assert.False(samples.ContainsKey("error_rate"));
        Assert.True(samples.ContainsKey("health_coverage_percent"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_sandbox is not null)
        {
            await _engine.Sandboxes.StopAsync(_sandbox.Id, Calls.Silent(), CancellationToken.None);
        }

        await _engine.DisposeAsync();
    }

    private static MaintenanceStep Step(MaintenanceRun run, string name) => run.Steps.First(step => step.Name == name);

    private IReadOnlyList<AlertRule> AlertRules(string name) => [.. Engine.Alerts.AlertService.Rules(Target, []).Where(rule => rule.Name == name)];

    private Task StartAsync(int major, params SandboxFault[] faults) => StartAsync(major, false, faults);

    private async Task StartAsync(int major, bool stubborn, params SandboxFault[] faults) => _sandbox = await SandboxFixture.OrSkipAsync(() => _engine.Sandboxes.StartAsync(
        new SandboxOptions { Name = $"incident{major}", PostgresVersion = major, Faults = faults, StubbornFaults = stubborn, ResourcePath = SandboxFixture.ResourcePath }, Calls.Silent(), Token));

    private Task ChangeAsync(params SandboxFault[] faults) => _engine.Sandboxes.ChangeAsync(_sandbox!.Id, new SandboxChanges { Faults = faults }, Token);

    private Task<MaintenanceRun> RunAsync(string task, MaintenanceTarget? target = null) => _engine.Tasks.RunAsync(target ?? Target, task, new(), Calls.Silent(), Token);

    private Task<T> AskAsync<T>(FunctionAction<T> action)
        where T : notnull => _engine.Functions.CallAsync(Target, action, new Dictionary<string, object?> { ["time_window"] = "15m", ["limit"] = 5 }, Calls.Silent(), Token);

    private Task<IReadOnlyList<Finding>> FindAsync() => _engine.Issues.FindAsync(Target, new IssueSelection(), Calls.Silent(), Token);

    /// <summary>The issue once it can be repaired: sessions have to be idle for a while first.</summary>
    private async Task<Finding> FindWithRemedyAsync(string id)
    {
        while (true)
        {
            if ((await FindAsync()).FirstOrDefault(finding => finding.Id == id && finding.Remedy is not null) is { } finding && (id != "ISSUE-CONNECTIONS" || finding.Evidence["Idle"] is > 60))
            {
                return finding;
            }

            await Task.Delay(500, Token);
        }
    }

    private Task<SystemRepair> RepairAsync(Finding finding) => _engine.Repairs.RepairAsync(Target, finding, new RepairOptions(), Calls.Silent(), Token);

    private async Task<IReadOnlyList<MaintenanceRun>> RecordedAsync(string task)
    {
        var runs = new List<MaintenanceRun>();
        await foreach (var run in _engine.History.ReadAsync(Target, new HistoryQuery { Tasks = [task] }, Calls.Silent(), Token))
        {
            runs.Add(run);
        }

        return runs;
    }

    private List<string> Messages() => [.. Directory.GetFiles(_sandbox!.NotificationPath!).Order(StringComparer.Ordinal).Select(File.ReadAllText)];

    private async Task<T> ScalarAsync<T>(string sql)
    {
        await using var database = await SandboxDatabase.OpenAsync(_sandbox!);
        return await database.ScalarAsync<T>(sql);
    }

    private async Task RunSqlAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(SandboxFixture.ConnectionString(_sandbox!));
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }
}
