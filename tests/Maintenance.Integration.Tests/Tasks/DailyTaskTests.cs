using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Maintenance.Engine;
using Maintenance.Engine.Database;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Tasks;

public sealed class DailyTaskTests(SandboxFixture fixture) : IAsyncDisposable
{
    private readonly MaintenanceEngine _engine = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;

    private Task<MaintenanceRun> RunAsync(MaintenanceTarget target, TimeSpan? timeout = null, RecordingSink? sink = null) =>
        _engine.Tasks.RunAsync(target, "Daily", new(), Calls.To(sink ?? new RecordingSink(), timeout), TestContext.Current.CancellationToken);

    /// <summary>The sandbox's target with a history of this test's own.</summary>
    private async Task<MaintenanceTarget> TargetAsync(int major = 15) =>
        (await fixture.PostgresAsync(major)).Target with { History = new HistorySettings { Path = Path.Combine(_folder, "history.db") } };

    private static MaintenanceStep Step(MaintenanceRun run, string name) => run.Steps.Single(step => step.Name == name);

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task The_daily_run_measures_the_sample_and_finds_its_faults(int major)
    {
        var run = await RunAsync(await TargetAsync(major));
        // The sample's requests that are open past their time are critical, whatever its function says of itself.
        Assert.Equal(HealthStatus.Critical, run.Status);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(run.Findings, finding => finding is { Id: "GDPR-DELETION-OVERDUE" or "GDPR-ACCESS-OVERDUE", Area: "Compliance" });
        Assert.Equal(
            ["Database", "Backups", "Functions", "Errors", "Resources", "Compliance", "Function score", "Overall health", "Notify", "Publish"],
            run.Steps.Select(step => step.Name));
        Assert.All(run.Steps, step => Assert.Equal(StepState.Done, step.State));
        Assert.Equal(HealthStatus.Ok, Step(run, "Backups").Status);
        Assert.Contains(run.Findings, finding => finding.Id == "DB-INVALID-OBJECTS");
        Assert.NotNull(run.Metrics.Single(metric => metric.Name == "overall_health_percent").Value);
        Assert.All(run.Metrics, metric => Assert.NotNull(metric.Value));
        Assert.True(run.Duration > TimeSpan.Zero);
    }

    [Fact]
    public async Task The_log_tells_the_outcome_and_the_history_keeps_the_run()
    {
        var target = await TargetAsync();
        var run = await RunAsync(target);
        var log = await File.ReadAllTextAsync(run.Artifacts.Single(artifact => artifact.Kind == "Log").Path, TestContext.Current.CancellationToken);
        Assert.Contains("DAILY MAINTENANCE of ", log, StringComparison.Ordinal);
        Assert.Contains("WARNING Database: ", log, StringComparison.Ordinal);
        Assert.EndsWith($"{run.Message} ===\n", log, StringComparison.Ordinal);
        var lines = await File.ReadAllLinesAsync(run.Artifacts.Single(artifact => artifact.Kind == "JsonLog").Path, TestContext.Current.CancellationToken);
        using var last = JsonDocument.Parse(lines[^1]);
        Assert.Equal(run.Id.ToString("D"), last.RootElement.GetProperty("data").GetProperty("run").GetString());
        Assert.Equal("Critical", last.RootElement.GetProperty("data").GetProperty("Status").GetString());

        var recorded = new List<MaintenanceRun>();
        await foreach (var item in _engine.History.ReadAsync(target, new HistoryQuery(), Calls.Silent(), TestContext.Current.CancellationToken))
        {
            recorded.Add(item);
        }

        var kept = Assert.Single(recorded);
        Assert.Equal(run.Id, kept.Id);
        Assert.Equal(run.Steps.Select(step => (step.Name, step.Status, step.Message)), kept.Steps.Select(step => (step.Name, step.Status, step.Message)));
        Assert.Equal(run.Findings.Count, kept.Findings.Count);
        Assert.Equal(run.Metrics.Count, kept.Metrics.Count);
    }

    [Fact]
    public async Task A_database_that_is_down_is_critical_and_the_backups_are_still_checked()
    {
        var target = await TargetAsync();
        var run = await RunAsync(target with { Database = target.Database! with { Port = 1 } });
        Assert.Equal(HealthStatus.Critical, run.Status);
        Assert.Equal(2, run.ExitCode);
        Assert.Equal(MaintenanceErrorCode.DatabaseUnreachable, Step(run, "Database").Error);
        Assert.Equal(StepState.Done, Step(run, "Database").State);
        Assert.NotNull(Step(run, "Database").Recommendation);
        Assert.Equal(HealthStatus.Ok, Step(run, "Backups").Status);
        Assert.DoesNotContain("passed", run.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_never_answers_leaves_the_backups_their_time()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var target = await TargetAsync();
        var run = await RunAsync(
            target with { Database = new DatabaseSettings { Host = "127.0.0.1", Port = ((IPEndPoint)silent.LocalEndpoint).Port } },
            TimeSpan.FromSeconds(3));
        Assert.Equal(MaintenanceErrorCode.DeadlineExceeded, Step(run, "Database").Error);
        Assert.True(Step(run, "Backups").Status == HealthStatus.Ok, $"{Step(run, "Backups")} {Step(run, "Backups").Message} {string.Join(Environment.NewLine, run.Steps.Select(step => $"{step.StartedAt:O} {step.Duration} {step.Name} {step.Message}"))}");
        Assert.True(run.Duration < TimeSpan.FromSeconds(8), $"The run took {run.Duration}.");
    }

    [Fact]
    public async Task A_wrong_password_is_unknown_and_says_so()
    {
        var run = await RunAsync((await TargetAsync()).As(password: "wrong"));
        Assert.Equal(MaintenanceErrorCode.AuthenticationFailed, Step(run, "Database").Error);
        Assert.Equal(3, run.ExitCode);
    }

    [Fact]
    public async Task A_store_that_is_not_there_is_unknown_and_not_a_missing_backup()
    {
        var target = await TargetAsync();
        var run = await RunAsync(target with { BackupStore = new StoreSettings { Path = Path.Combine(_folder, "nowhere") }, ExcludedComponents = ["Compliance"] });
        Assert.Equal(HealthStatus.Unknown, Step(run, "Backups").Status);
        Assert.Contains(run.Findings, finding => finding.Id == "BACKUP-CANNOT-DETERMINE");
        Assert.DoesNotContain(run.Findings, finding => finding.Id == "BACKUP-NONE");
        Assert.Equal(3, run.ExitCode);
    }

    [Fact]
    public async Task An_empty_store_is_critical()
    {
        var empty = Directory.CreateDirectory(Path.Combine(_folder, "empty")).FullName;
        var run = await RunAsync(await TargetAsync() with { BackupStore = new StoreSettings { Path = empty } });
        Assert.Equal(HealthStatus.Critical, Step(run, "Backups").Status);
        Assert.Contains(run.Findings, finding => finding.Id == "BACKUP-NONE");
        Assert.Equal(2, run.ExitCode);
    }

    [Fact]
    public async Task What_is_not_configured_is_unknown_unless_it_is_excluded_on_purpose()
    {
        var target = await TargetAsync() with { BackupStore = null, ExcludedComponents = ["Compliance"] };
        var run = await RunAsync(target);
        Assert.Equal(MaintenanceErrorCode.NotConfigured, Step(run, "Backups").Error);
        Assert.Equal(3, run.ExitCode);

        run = await RunAsync(target with { ExcludedComponents = ["backups", "compliance"] });
        Assert.DoesNotContain(run.Steps, step => step.Name == "Backups");
        Assert.Equal(HealthStatus.Warning, run.Status);
    }

    [Fact]
    public async Task A_second_run_at_once_is_refused()
    {
        var target = await TargetAsync();
        await using var connector = new DatabaseConnector(TimeProvider.System);
        await using var other = await AdvisoryLock.AcquireAsync(connector, target, "Daily", Calls.Silent(), TestContext.Current.CancellationToken);
        var exception = await Assert.ThrowsAsync<MaintenanceException>(() => RunAsync(target));
        Assert.Equal(MaintenanceErrorCode.AlreadyRunning, exception.Code);
    }

    [Fact]
    public async Task A_damaged_history_is_told_and_does_not_stop_the_run()
    {
        var target = await TargetAsync();
        await File.WriteAllTextAsync(target.History.Path!, new string('x', 8192), TestContext.Current.CancellationToken);
        var sink = new RecordingSink();
        var run = await RunAsync(target, sink: sink);
        Assert.Equal(StepState.Failed, Step(run, "History").State);
        Assert.Equal(MaintenanceErrorCode.HistoryCorrupt, Step(run, "History").Error);
        Assert.Equal(StepState.Done, Step(run, "Database").State);
        Assert.NotEmpty(sink.Warnings);
        Assert.True(run.Status >= HealthStatus.Warning);
    }

    [Fact]
    public async Task An_unknown_task_is_an_error_that_names_the_known_ones()
    {
        var target = await TargetAsync();
        var exception = await Assert.ThrowsAsync<MaintenanceException>(() =>
            _engine.Tasks.RunAsync(target, "Dayly", new(), Calls.Silent(), TestContext.Current.CancellationToken));
        Assert.Equal(MaintenanceErrorCode.TaskNotFound, exception.Code);
        Assert.Contains("Daily", exception.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_run_is_recorded_as_cancelled()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var target = await TargetAsync() with
        {
            Database = new DatabaseSettings { Host = "127.0.0.1", Port = ((IPEndPoint)silent.LocalEndpoint).Port, ConnectTimeout = TimeSpan.FromSeconds(60) },
        };
        using var cancellation = new CancellationTokenSource();
        var running = _engine.Tasks.RunAsync(target, "Daily", new(), Calls.Silent(), cancellation.Token);
        using var connection = await silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await foreach (var run in _engine.History.ReadAsync(target, new HistoryQuery(), Calls.Silent(), TestContext.Current.CancellationToken))
        {
            Assert.All(run.Steps, step => Assert.Equal(StepState.Cancelled, step.State));
            Assert.Equal(3, run.ExitCode);
            return;
        }

        Assert.Fail("The cancelled run is not in the history.");
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
