using System.Text.Json;
using Maintenance.Engine;
using Maintenance.Engine.Database;
using Maintenance.Engine.Sandbox;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Scheduling;

/// <summary>Tasks that want a person, in databases of the tests' own.</summary>
public sealed class ApprovalTests(SandboxFixture fixture) : IAsyncDisposable
{
    // It would ring everybody, break a line and end a statement where it is not written as text.
    private const string Hostile = "<!channel> \"; DROP TABLE x; -- *b*";
    private const string Worn = """"
        CREATE TABLE "<!channel> ""; DROP TABLE x; -- *b*" (id int) WITH (autovacuum_enabled = false);
        INSERT INTO "<!channel> ""; DROP TABLE x; -- *b*" SELECT generate_series(1, 20000);
        DELETE FROM "<!channel> ""; DROP TABLE x; -- *b*" WHERE id > 2000;
        """";

    private static readonly TaskApproval Person = new() { By = "a test" };
    private readonly MaintenanceEngine _engine = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;
    private MaintenanceSandbox _sandbox = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static DateOnly Today => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Without_approval_it_plans_changes_nothing_and_tells_that_it_waits_once(int major)
    {
        var target = await TargetAsync(major, "approval_plans", Worn);
        var run = await RunAsync(target, "DatabaseOptimization");

        Assert.Equal((HealthStatus.Warning, 1), (run.Status, run.ExitCode));
        Assert.Equal((StepState.Deferred, HealthStatus.Warning), Step(run, "Approval"));
        Assert.All(run.Steps.Where(step => step.Name is "Retention" or "Vacuum" or "Analyze"), step => Assert.Equal(StepState.Planned, step.State));
        Assert.Contains(run.Actions, action => action is { Kind: DbActionKind.Vacuum, Name: Hostile, State: StepState.Planned });
        Assert.All(run.Actions, action => Assert.Equal(StepState.Planned, action.State));
        Assert.Equal(0, await VacuumsAsync("approval_plans"));

        var told = Assert.Single(Told(target));
        Assert.Equal("Default", told.Channel);
        Assert.Contains("waits for approval", told.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<!channel>", told.Text, StringComparison.Ordinal);
        Assert.Contains("-Approve", told.Text, StringComparison.Ordinal);
        Assert.Equal([run.Id], (await KeptAsync(target)).Select(kept => kept.Id));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Approval_of_the_run_acts_and_is_on_record(int major)
    {
        var target = await TargetAsync(major, "approval_acts", Worn);
        var run = await RunAsync(target, "DatabaseOptimization", Person);

        Assert.Equal(HealthStatus.Ok, run.Status);
        Assert.Contains(run.Actions, action => action is { Kind: DbActionKind.Vacuum, Name: Hostile, State: StepState.Done });
        Assert.Equal("Approved by a test.", Assert.Single(run.Steps, step => step.Name == "Approval").Message);
        Assert.Equal(1, await VacuumsAsync("approval_acts"));
    }

    [Fact]
    public async Task Where_there_is_nothing_to_do_there_is_nothing_to_approve()
    {
        var target = await TargetAsync(15, "approval_nothing", "SELECT 1");
        var run = await RunAsync(target, "DatabaseOptimization");

        Assert.Equal((HealthStatus.Ok, "DatabaseOptimization: there is nothing to do."), (run.Status, run.Message));
        Assert.DoesNotContain(Told(target), told => told.Text.Contains("waits", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(-1, HealthStatus.Warning, 0)]
    [InlineData(0, HealthStatus.Ok, 1)]
    public async Task An_approval_in_the_schedule_counts_through_its_last_day(int days, HealthStatus status, int vacuums)
    {
        var database = $"approval_until_{days + 1}";
        var target = (await TargetAsync(15, database, Worn)) with
        {
            Schedule = new SchedulePolicy { Tasks = new Dictionary<string, TaskSchedule> { ["databaseoptimization"] = new() { Approval = Person with { Until = Today.AddDays(days) } } } },
        };
        Assert.Equal(status, (await RunAsync(target, "DatabaseOptimization")).Status);
        Assert.Equal(vacuums, await VacuumsAsync(database));
    }

    [Fact]
    public async Task Outside_the_windows_it_may_plan_and_may_not_act()
    {
        var day = TimeProvider.System.GetUtcNow().AddDays(2).DayOfWeek;
        var target = (await TargetAsync(15, "approval_window", Worn)) with { Windows = [new MaintenanceWindow { Days = [day], Start = new TimeOnly(1, 0), Duration = TimeSpan.FromHours(1) }] };

        Assert.Equal((StepState.Deferred, HealthStatus.Warning), Step(await RunAsync(target, "DatabaseOptimization"), "Approval"));
        Assert.Equal(MaintenanceErrorCode.OutsideWindow, (await Assert.ThrowsAsync<MaintenanceException>(() => RunAsync(target, "DatabaseOptimization", Person))).Code);
        Assert.Equal(0, await VacuumsAsync("approval_window"));
    }

    [Fact]
    public async Task A_member_of_a_bundle_that_cannot_run_does_not_stop_the_other_and_each_is_on_record()
    {
        var target = await TargetAsync(15, "approval_monthly", "SELECT 1");
        MaintenanceRun run;
        await using (await AdvisoryLock.AcquireAsync(new DatabaseConnector(TimeProvider.System), target, "PerformanceBaseline", Calls.Silent(), Token))
        {
            run = await RunAsync(target, "Monthly");
        }

        var baseline = Assert.Single(run.Steps, step => step.Name == "PerformanceBaseline");
        Assert.Equal((StepState.Failed, HealthStatus.Unknown, MaintenanceErrorCode.AlreadyRunning), (baseline.State, baseline.Status, baseline.Error));
        Assert.Equal(StepState.Deferred, Assert.Single(run.Steps, step => step.Name == "SecurityAudit").State);
        Assert.Equal(["Monthly", "SecurityAudit"], (await KeptAsync(target)).Select(kept => kept.Task).Order(StringComparer.Ordinal));

        await RunAsync(target, "Monthly", Person);
        var kept = await KeptAsync(target);
        Assert.Equal(2, kept.Count(known => known.Task == "Monthly"));
        var audit = kept.First(known => known.Task == "SecurityAudit");
        Assert.Equal("Approved by a test.", audit.Steps.Single(step => step.Name == "Approval").Message);
        Assert.Equal("Approved by a test.", Assert.Single(kept, known => known.Task == "PerformanceBaseline").Steps.Single(step => step.Name == "Approval").Message);
    }

    [Fact]
    public async Task Quarterly_waits_for_a_person_and_then_runs_both_members()
    {
        var target = (await TargetAsync(15, "approval_quarterly", "SELECT 1")) with { BackupStore = new StoreSettings { Path = Directory.CreateDirectory(Path.Combine(_folder, "backups")).FullName } };
        Assert.Equal((StepState.Deferred, HealthStatus.Warning), Step(await RunAsync(target, "Quarterly"), "Approval"));
        Assert.Equal(["Quarterly"], (await KeptAsync(target)).Select(kept => kept.Task));

        var run = await RunAsync(target, "Quarterly", Person);
        Assert.Equal(["BackupVerification", "DisasterRecoveryTest"], run.Steps.Where(step => step.Name is "BackupVerification" or "DisasterRecoveryTest").Select(step => step.Name));
        // There is no backup at all: both say so, and neither is well.
        Assert.NotEqual(0, run.ExitCode);
        var tasks = (await KeptAsync(target)).Select(kept => kept.Task).ToList();
        Assert.Contains("BackupVerification", tasks);
        Assert.Contains("DisasterRecoveryTest", tasks);
    }

    [Fact]
    public async Task Monitoring_goes_on_while_a_window_is_open_and_maintenance_holds_the_lock()
    {
        var target = (await TargetAsync(15, "approval_monitoring", Worn)) with { Windows = [new MaintenanceWindow { Days = [.. Enum.GetValues<DayOfWeek>()], Start = new TimeOnly(0, 0), Duration = TimeSpan.FromHours(24) }] };
        var begun = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        var maintaining = _engine.DbMaintenance.RunAsync(
            target,
            new DbMaintenanceOptions { Steps = [DbMaintenanceStep.Vacuum] },
            async _ =>
            {
                begun.TrySetResult();
                await goOn.Task;
                return true;
            },
            Calls.Silent(),
            Token);
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(60), Token);
        try
        {
            var refused = await Assert.ThrowsAsync<MaintenanceException>(() => RunAsync(target, "DatabaseOptimization", Person));
            Assert.Equal(MaintenanceErrorCode.AlreadyRunning, refused.Code);
            Assert.StartsWith("DatabaseOptimization cannot run on ", refused.Message, StringComparison.Ordinal);
            var watched = await RunAsync(target, "HealthMonitoring");
            Assert.Equal(StepState.Done, Assert.Single(watched.Steps, step => step.Name == "Database").State);
            Assert.Equal(StepState.Done, Assert.Single((await RunAsync(target, "PerformanceMetrics")).Steps, step => step.Name == "Sessions").State);
        }
        finally
        {
            goOn.SetResult();
        }

        Assert.Equal(HealthStatus.Ok, (await maintaining).Status);
    }

    private async Task<MaintenanceTarget> TargetAsync(int major, string database, string sql)
    {
        _sandbox = await fixture.PostgresAsync(major);
        await SandboxDatabase.CreateAsync(_sandbox, database);
        await SandboxDatabase.ExecuteAsync(_sandbox, sql, database);
        await SandboxDatabase.ExecuteAsync(_sandbox, "SELECT pg_sleep(1.1)", database);
        return _sandbox.Target.As(database: database) with
        {
            Name = $"{database}_{major}",
            Functions = null,
            Retention = [],
            ArtifactStore = null,
            History = new HistorySettings { Path = Path.Combine(_folder, "history.db") },
        };
    }

    private Task<MaintenanceRun> RunAsync(MaintenanceTarget target, string task, TaskApproval? approval = null) =>
        _engine.Tasks.RunAsync(target, task, new TaskRequest { Approval = approval }, Calls.Silent(), Token);

    private static (StepState State, HealthStatus Status) Step(MaintenanceRun run, string name) => run.Steps.Where(step => step.Name == name).Select(step => (step.State, step.Status)).Single();

    private List<(string Channel, string Text)> Told(MaintenanceTarget target) =>
        [.. SandboxServices.Of(_sandbox.Id)!.Notifications.Received.Select(received => (received.Channel, JsonDocument.Parse(received.Body).RootElement.ToString())).Where(told => told.Item2.Contains(target.Name, StringComparison.Ordinal))];

    private async Task<long> VacuumsAsync(string database)
    {
        await using var connection = await SandboxDatabase.OpenAsync(_sandbox, database);
        // What a session has done is counted a moment after.
        await connection.ExecuteAsync("SELECT pg_sleep(1.1)");
        return await connection.ScalarAsync<long>("SELECT coalesce(sum(vacuum_count), 0)::bigint FROM pg_stat_user_tables");
    }

    private async Task<List<MaintenanceRun>> KeptAsync(MaintenanceTarget target)
    {
        var kept = new List<MaintenanceRun>();
        await foreach (var run in _engine.History.ReadAsync(target, new HistoryQuery(), Calls.Silent(), Token))
        {
            kept.Add(run);
        }

        return kept;
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
