using Maintenance.Engine;
using Maintenance.Engine.Tasks;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Rotation;

/// <summary>The hourly row of the matrix, on targets that have no database.</summary>
public sealed class LogRotationTaskTests(SandboxFixture fixture) : IAsyncDisposable
{
    private readonly MaintenanceEngine _engine = new();
    private readonly string _home = Directory.CreateTempSubdirectory("maintenance-test-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private MaintenanceTarget Target => new()
    {
        Name = "files only",
        History = new HistorySettings { Path = Path.Combine(_home, "history.db") },
        ArtifactStore = new StoreSettings { Path = Path.Combine(_home, "artifacts") },
    };

    private Task<MaintenanceRun> RunAsync(MaintenanceTarget target, RecordingSink? sink = null) =>
        _engine.Tasks.RunAsync(target, "LogRotation", new(), Calls.To(sink ?? new RecordingSink()), Token);

    private static void Write(string path, double days)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, string.Concat(Enumerable.Range(0, 500).Select(i => $"{i} was here\n")));
        File.SetLastWriteTimeUtc(path, (TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(days)).UtcDateTime);
    }

    [Fact]
    public async Task It_rotates_the_own_logs_and_the_published_ones_and_is_recorded()
    {
        var own = RunLogPath.FolderFor(Target);
        Write(Path.Combine(own, "daily-1.log"), 8);
        Write(Path.Combine(own, "daily-0.log"), 91);
        Write(Path.Combine(_home, "artifacts", "daily-logs", "maintenance-1.log"), 8);
        Write(Path.Combine(_home, "artifacts", "reports", "mine.md"), 400);

        var run = await RunAsync(Target);
        Assert.Equal(HealthStatus.Ok, run.Status);
        Assert.Equal("LogRotation: every step was done.", run.Message);
        Assert.Equal(["Own logs", "Store daily-logs", "Store weekly-logs", "Store rotation-logs", "Store backup-logs", "Store drill-logs", "Store security-logs", "Store performance-logs", "Store health-logs", "Store troubleshooting-logs"], run.Steps.Select(step => step.Name));
        Assert.StartsWith("2 files: 1 compressed, 1 deleted, ", run.Steps[0].Message, StringComparison.Ordinal);
        Assert.Equal(1, run.Metrics.Single(metric => metric.Name == "logs_deleted").Value);
        Assert.Equal(2, run.Metrics.Single(metric => metric.Name == "logs_compressed").Value);
        Assert.True(File.Exists(Path.Combine(own, "daily-1.log.gz")));
        Assert.True(File.Exists(Path.Combine(_home, "artifacts", "daily-logs", "maintenance-1.log.gz")));
        Assert.True(File.Exists(Path.Combine(_home, "artifacts", "reports", "mine.md")));
        // Its own log tells of each file, and is where the next run will find it.
        var log = await File.ReadAllTextAsync(run.Artifacts.Single(artifact => artifact.Kind == "Log").Path, Token);
        Assert.Contains("Done Delete ", log, StringComparison.Ordinal);
        Assert.Equal(own, Path.GetDirectoryName(run.Artifacts[0].Path));

        var again = await RunAsync(Target);
        Assert.All(again.Metrics, metric => Assert.Equal(0, metric.Value));
        Assert.All(run.Artifacts, artifact => Assert.True(File.Exists(artifact.Path)));
        var recorded = new List<MaintenanceRun>();
        await foreach (var kept in _engine.History.ReadAsync(Target, new HistoryQuery { Tasks = ["LogRotation"] }, Calls.Silent(), Token))
        {
            recorded.Add(kept);
        }

        Assert.Equal(2, recorded.Count);
    }

    [Fact]
    public async Task A_place_that_cannot_be_rotated_is_unknown_and_the_others_are_rotated_all_the_same()
    {
        var logs = Path.Combine(_home, "logs of an app");
        Write(Path.Combine(logs, "a.log"), 8);
        var target = Target with
        {
            LogRotation =
            [
                new LogRotationRule { Path = Path.Combine(_home, "none"), DeleteAfter = TimeSpan.FromDays(1) },
                new LogRotationRule { Path = logs, CompressAfter = TimeSpan.FromDays(1) },
                new LogRotationRule { Path = logs, DeleteAfter = TimeSpan.FromDays(300) },
            ],
        };
        var run = await RunAsync(target);
        Assert.Equal((HealthStatus.Unknown, 3), (run.Status, run.ExitCode));
        Assert.Equal((StepState.Failed, MaintenanceErrorCode.StoreNotFound), (run.Steps[0].State, run.Steps[0].Error));
        Assert.Equal("1 file: nothing was due.", run.Steps[2].Message);
        Assert.EndsWith("#2", run.Steps[2].Name, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(logs, "a.log.gz")));
        // People are told, here nobody, and the log is published where trouble is.
        Assert.Equal(["Notify", "Publish"], run.Steps.TakeLast(2).Select(step => step.Name));
        Assert.Equal(3, Directory.GetFiles(Path.Combine(_home, "artifacts", "rotation-logs"), "maintenance-*", SearchOption.AllDirectories).Count(path => !path.EndsWith(".metadata.json", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task It_runs_outside_the_windows_and_asks_no_database()
    {
        var target = Target with
        {
            Database = new DatabaseSettings { Host = "127.0.0.1", Port = 1 },
            Windows = [new MaintenanceWindow { Days = [TimeProvider.System.GetUtcNow().AddDays(3).DayOfWeek], Start = new TimeOnly(1, 0), Duration = TimeSpan.FromHours(1) }],
        };
        var sink = new RecordingSink();
        var run = await RunAsync(target, sink);
        Assert.Equal(HealthStatus.Ok, run.Status);
        Assert.DoesNotContain(sink.VerboseMessages, message => message.Contains("lock", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Another_rotation_at_work_is_no_trouble()
    {
        var logs = Path.Combine(_home, "app");
        Write(Path.Combine(logs, "a.log"), 8);
        var rule = new LogRotationRule { Path = logs, CompressAfter = TimeSpan.FromDays(1) };
        MaintenanceRun? run = null;
        await foreach (var record in _engine.LogRotation.RotateAsync(
            null,
            rule,
            async _ =>
            {
                run = await RunAsync(Target with { LogRotation = [rule] });
                return true;
            },
            Calls.Silent(),
            Token))
        {
            Assert.Equal(StepState.Done, record.State);
        }

        Assert.Equal((HealthStatus.Ok, StepState.Skipped), (run!.Status, run.Steps[0].State));
    }

    [Fact]
    public async Task A_store_that_is_away_is_unknown()
    {
        var target = Target with { ArtifactStore = (await fixture.AzuriteAsync()).Target.BackupStore! with { Container = "never-made", Prefix = "" } };
        // Not made yet: nothing was ever published.
        var run = await RunAsync(target);
        Assert.Equal(HealthStatus.Ok, run.Status);
        Assert.Contains("does not exist yet", run.Steps[1].Message, StringComparison.Ordinal);
        run = await RunAsync(target with { LogRotation = [new LogRotationRule { Source = LogSource.Store, DeleteAfter = TimeSpan.FromDays(1) }] });
        Assert.Equal((HealthStatus.Unknown, MaintenanceErrorCode.StoreNotFound), (run.Status, run.Steps[0].Error));
    }

    [Fact]
    public void The_plan_says_what_would_be_done_and_when_people_are_told()
    {
        var target = Target with { Channels = new Dictionary<string, ChannelSettings> { ["Default"] = new() { Webhook = SecretReference.FromSecureString(new System.Security.SecureString()) } } };
        var plan = _engine.Tasks.Plan(target, "logrotation", new TaskRequest());
        Assert.Equal(new PlannedStep("Own logs", "Compress after 7 days, delete after 90 days"), plan[0]);
        Assert.Equal("Tell on Default what could not be done, if there is anything", plan.Single(step => step.Name == "Notify").Description);
        Assert.EndsWith(", if there is anything to tell", plan.Single(step => step.Name == "Publish").Description, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_home, recursive: true);
    }
}
