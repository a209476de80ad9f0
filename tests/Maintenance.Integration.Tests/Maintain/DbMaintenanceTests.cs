using System.Net;
using System.Net.Sockets;
using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Maintain;

/// <summary>Database maintenance as one run, on databases of the tests' own.</summary>
public sealed class DbMaintenanceTests(SandboxFixture fixture) : IAsyncDisposable
{
    private const string Worn = """"
        CREATE EXTENSION pgstattuple;
        CREATE TABLE "Worn Out" (id serial PRIMARY KEY, key text NOT NULL, body text) WITH (autovacuum_enabled = false);
        INSERT INTO "Worn Out" (key, body) SELECT md5(n::text), repeat('x', 40) FROM generate_series(1, 60000) AS n;
        CREATE INDEX "worn ""key""" ON "Worn Out" (key);
        DELETE FROM "Worn Out" WHERE id % 10 <> 0;
        CREATE TABLE fresh (id int PRIMARY KEY);
        INSERT INTO fresh SELECT generate_series(1, 10);
        ANALYZE fresh;
        CREATE TABLE changed (id int) WITH (autovacuum_enabled = false, autovacuum_vacuum_insert_threshold = -1);
        INSERT INTO changed SELECT generate_series(1, 5000);
        """";

    private readonly MaintenanceEngine _engine = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<MaintenanceTarget> TargetAsync(int major, string database)
    {
        var sandbox = await fixture.PostgresAsync(major);
        await SandboxDatabase.CreateAsync(sandbox, database);
        await SandboxDatabase.ExecuteAsync(sandbox, Worn, database);
        // The statistics of a session reach the server's view of them when it ends, or a moment later.
        await SandboxDatabase.ExecuteAsync(sandbox, "SELECT pg_sleep(1.1)", database);
        return sandbox.Target.As(database: database) with
        {
            Functions = null,
            Retention = [],
            ArtifactStore = new StoreSettings { Path = Path.Combine(_folder, "artifacts") },
            History = new HistorySettings { Path = Path.Combine(_folder, "history.db") },
        };
    }

    private Task<MaintenanceRun> WeeklyAsync(MaintenanceTarget target, bool force = false, TimeSpan? timeout = null) =>
        _engine.Tasks.RunAsync(target, "Weekly", new() { Force = force, Approval = new() { By = "a test" } }, Calls.Silent(timeout), Token);

    private Task<MaintenanceRun> RunAsync(MaintenanceTarget target, DbMaintenanceOptions options, Func<DbAction, Task<bool>>? confirm = null) =>
        _engine.DbMaintenance.RunAsync(target, options, confirm ?? (_ => Task.FromResult(true)), Calls.Silent(), Token);

    private static MaintenanceStep Step(MaintenanceRun run, DbMaintenanceStep step) => run.Steps.Single(item => item.Name == step.ToString());

    private static async Task<T> AskAsync<T>(MaintenanceSandbox sandbox, string database, string sql)
    {
        await using var connection = await SandboxDatabase.OpenAsync(sandbox, database);
        return await connection.ScalarAsync<T>(sql);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task The_weekly_run_does_what_is_needed_in_the_right_order_and_records_its_effects(int major)
    {
        var target = await TargetAsync(major, "weekly_run");
        var run = await WeeklyAsync(target);

        Assert.Equal(
            ["Retention", "Vacuum", "Reindex", "Analyze", "Baseline", "IndexReport", "SizeReport", "Approval", "Notify", "Publish"], run.Steps.Select(step => step.Name));
        Assert.Equal(HealthStatus.Ok, run.Status);
        var vacuum = Assert.Single(run.Actions, action => action.Kind == DbActionKind.Vacuum);
        Assert.Equal(("public", "Worn Out", StepState.Done), (vacuum.Schema, vacuum.Name, vacuum.State));
        var rebuilt = run.Actions.Where(action => action.Kind == DbActionKind.Reindex).ToList();
        Assert.Equal(["Worn Out_pkey", "worn \"key\""], rebuilt.Select(action => action.Name).Order(StringComparer.Ordinal));
        Assert.All(rebuilt, action => Assert.True(action.State == StepState.Done && action.Reclaimed > 0 && action.Duration > TimeSpan.Zero, $"{action}: {action.Message}"));
        Assert.Equal("changed", Assert.Single(run.Actions, action => action.Kind == DbActionKind.Analyze).Name);
        Assert.Contains(run.Metrics, metric => metric is { Name: "database_size_bytes", Value: > 0 });
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(_folder, "artifacts", "weekly-logs"), "maintenance-*.log"));

        var kept = new List<MaintenanceRun>();
        await foreach (var item in _engine.History.ReadAsync(target, new HistoryQuery(), Calls.Silent(), Token))
        {
            kept.Add(item);
        }

        var recorded = Assert.Single(kept);
        Assert.Equal(run.Id, recorded.Id);
        Assert.Equal(
            run.Actions.Select(action => (action.Kind, action.Name, action.State, action.SizeBytesAfter)).Order(),
            recorded.Actions.Select(action => (action.Kind, action.Name, action.State, action.SizeBytesAfter)).Order());

        var again = await WeeklyAsync(target);
        Assert.DoesNotContain(again.Actions, action => action.Kind is DbActionKind.Reindex or DbActionKind.Analyze);
    }

    [Fact]
    public async Task A_preview_names_every_statement_and_changes_nothing()
    {
        var target = await TargetAsync(15, "weekly_preview");
        var planned = new List<DbAction>();
        await foreach (var action in _engine.DbMaintenance.PreviewAsync(target, new DbMaintenanceOptions(), Calls.Silent(), Token))
        {
            planned.Add(action);
        }

        Assert.All(planned, action => Assert.Equal(StepState.Planned, action.State));
        Assert.Contains(planned, action => action.Sql.StartsWith("VACUUM (", StringComparison.Ordinal) && action.Sql.EndsWith(" public.\"Worn Out\"", StringComparison.Ordinal));
        Assert.Contains(planned, action => action.Sql == "REINDEX INDEX CONCURRENTLY public.\"worn \"\"key\"\"\"" && action.PredictedDuration > TimeSpan.Zero && action.Lock.Contains("SHARE UPDATE EXCLUSIVE", StringComparison.Ordinal));
        Assert.False(File.Exists(Path.Combine(_folder, "history.db")));
        Assert.Equal(0L, await AskAsync<long>(await fixture.PostgresAsync(15), "weekly_preview", "SELECT vacuum_count FROM pg_stat_user_tables WHERE relname = 'Worn Out'"));
    }

    [Fact]
    public async Task Only_the_steps_that_are_asked_for_run_and_only_what_is_confirmed_is_done()
    {
        var target = await TargetAsync(15, "weekly_confirm");
        var asked = new List<string>();
        var run = await RunAsync(
            target,
            new DbMaintenanceOptions { Steps = [DbMaintenanceStep.Reindex] },
            action =>
            {
                asked.Add(action.Name);
                return Task.FromResult(action.Name == "Worn Out_pkey");
            });

        Assert.Equal(["Reindex"], run.Steps.Select(step => step.Name));
        Assert.Equal(2, asked.Count);
        Assert.Equal("Worn Out_pkey", Assert.Single(run.Actions, action => action.State == StepState.Done).Name);
        Assert.Equal("worn \"key\"", Assert.Single(run.Actions, action => action.State == StepState.Skipped).Name);
        Assert.Equal("DbMaintenance", run.Task);
        // Nobody is told of what somebody does by hand.
        Assert.DoesNotContain(run.Steps, step => step.Name == "Notify");
    }

    [Fact]
    public async Task What_is_locked_is_put_off_and_comes_first_in_the_next_run()
    {
        var target = await TargetAsync(15, "weekly_deferred");
        var sandbox = await fixture.PostgresAsync(15);
        await using (var blocker = await SandboxDatabase.OpenAsync(sandbox, "weekly_deferred"))
        {
            await blocker.ExecuteAsync("BEGIN; LOCK TABLE \"Worn Out\" IN SHARE MODE");
            var run = await RunAsync(target, new DbMaintenanceOptions { Steps = [DbMaintenanceStep.Vacuum] });
            Assert.Equal(StepState.Deferred, Assert.Single(run.Actions).State);
            Assert.Equal((StepState.Deferred, HealthStatus.Warning), (Step(run, DbMaintenanceStep.Vacuum).State, Step(run, DbMaintenanceStep.Vacuum).Status));
            Assert.Equal(1, run.ExitCode);
        }

        var resumed = await RunAsync(target, new DbMaintenanceOptions { Resume = true, Steps = [DbMaintenanceStep.Vacuum, DbMaintenanceStep.Reindex] });
        var done = Assert.Single(resumed.Actions);
        Assert.Equal(("Worn Out", StepState.Done), (done.Name, done.State));
        var nothing = await RunAsync(target, new DbMaintenanceOptions { Resume = true });
        Assert.Empty(nothing.Actions);
        Assert.Equal(["Retention", "Vacuum", "Reindex", "Analyze"], nothing.Steps.Select(step => step.Name));
        Assert.All(nothing.Steps, step => Assert.Equal("Nothing was put off before; nothing else was looked at.", step.Message));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Rows_past_their_age_leave_before_their_table_is_vacuumed(int major)
    {
        var database = $"weekly_retention_{major}";
        var target = await TargetAsync(major, database) with
        {
            Retention =
            [
                new() { Table = "kept_short", TimeColumn = "at", Age = TimeSpan.FromDays(30) },
                new() { Table = "nowhere", TimeColumn = "at", Age = TimeSpan.FromDays(30) },
            ],
        };
        var sandbox = await fixture.PostgresAsync(major);
        await SandboxDatabase.ExecuteAsync(
            sandbox,
            "CREATE TABLE kept_short (id int, at timestamptz) WITH (autovacuum_enabled = off); CREATE INDEX ON kept_short (at); INSERT INTO kept_short SELECT n, now() - n * interval '1 minute' FROM generate_series(1, 100000) n; ANALYZE kept_short;",
            database);

        var run = await WeeklyAsync(target);
        var step = Step(run, DbMaintenanceStep.Retention);
        Assert.Equal((StepState.Done, HealthStatus.Warning), (step.State, step.Status));
        Assert.StartsWith("1 done; 56,8", step.Message, StringComparison.Ordinal);
        Assert.Contains("1 failed. .nowhere: There is no table or index nowhere", step.Message, StringComparison.Ordinal);
        var gone = Assert.Single(run.Actions, action => action.Kind == DbActionKind.DeleteRows && action.State == StepState.Done);
        var vacuumed = Assert.Single(run.Actions, action => action.Kind == DbActionKind.Vacuum && action.Name == "kept_short");
        Assert.True(gone.CollectedAt <= vacuumed.StartedAt);
        Assert.Equal(100_000 - (long)gone.Effect["Rows"]!, await AskAsync<long>(sandbox, database, "SELECT count(*) FROM kept_short"));

        Assert.Equal((StepState.Failed, HealthStatus.Warning), Step(await WeeklyAsync(target), DbMaintenanceStep.Retention) is var again ? (again.State, again.Status) : default);
    }

    [Fact]
    public async Task Outside_its_windows_a_target_is_not_changed_unless_forced()
    {
        var tomorrow = TimeProvider.System.GetUtcNow().AddDays(2).DayOfWeek;
        var target = (await TargetAsync(15, "weekly_window")) with { Windows = [new MaintenanceWindow { Days = [tomorrow], Start = new TimeOnly(1, 0), Duration = TimeSpan.FromHours(1) }] };
        var refused = await Assert.ThrowsAsync<MaintenanceException>(() => WeeklyAsync(target));
        Assert.Equal(MaintenanceErrorCode.OutsideWindow, refused.Code);
        Assert.Contains("The next window opens at ", refused.Recommendation, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Ok, (await WeeklyAsync(target, force: true)).Status);
    }

    [Fact]
    public async Task A_second_run_is_refused_by_whatever_name_and_the_holder_is_named()
    {
        var target = await TargetAsync(15, "weekly_second");
        var first = new TaskCompletionSource();
        var second = new TaskCompletionSource();
        var running = RunAsync(target, new DbMaintenanceOptions { Steps = [DbMaintenanceStep.Vacuum] }, async _ =>
        {
            first.TrySetResult();
            await second.Task;
            return true;
        });
        await first.Task;
        var refused = await Assert.ThrowsAsync<MaintenanceException>(() => WeeklyAsync(target));
        Assert.Equal(MaintenanceErrorCode.AlreadyRunning, refused.Code);
        Assert.Contains("Maintenance/DbMaintenance lock", refused.Message, StringComparison.Ordinal);
        second.SetResult();
        Assert.Equal(HealthStatus.Ok, (await running).Status);
    }

    [Fact]
    public async Task A_run_whose_lock_is_lost_ends_since_another_may_begin()
    {
        var target = await TargetAsync(15, "weekly_lock_lost");
        await using var administrator = await SandboxDatabase.OpenAsync(await fixture.PostgresAsync(15), "weekly_lock_lost");
        var run = await RunAsync(target, new DbMaintenanceOptions { Steps = [DbMaintenanceStep.Vacuum, DbMaintenanceStep.SizeReport] }, async _ =>
        {
            await administrator.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'Maintenance/DbMaintenance lock' AND datname = current_database()");
            await Task.Delay(TimeSpan.FromSeconds(3), Token);
            return true;
        });

        var step = Assert.Single(run.Steps);
        Assert.Equal(("Lock", StepState.Failed, HealthStatus.Unknown), (step.Name, step.State, step.Status));
        Assert.Contains("was lost", step.Message, StringComparison.Ordinal);
        Assert.Equal(3, run.ExitCode);
        Assert.Empty(run.Actions);
    }

    [Fact]
    public async Task Without_a_database_to_lock_it_is_a_run_that_is_unknown_and_people_are_told()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var sandbox = await fixture.PostgresAsync(15);
        var target = sandbox.Target with
        {
            Database = sandbox.Target.Database! with { Port = port },
            History = new HistorySettings { Path = Path.Combine(_folder, "history.db") },
            ArtifactStore = null,
        };
        var run = await WeeklyAsync(target, timeout: TimeSpan.FromSeconds(60));
        Assert.Equal(3, run.ExitCode);
        var step = run.Steps[0];
        Assert.Equal(("Lock", StepState.Failed, HealthStatus.Unknown, MaintenanceErrorCode.DatabaseUnreachable), (step.Name, step.State, step.Status, step.Error));
        Assert.Equal(StepState.Done, run.Steps.Single(item => item.Name == "Notify").State);
    }

    [Fact]
    public async Task Stopping_it_keeps_what_was_finished_on_record()
    {
        var target = await TargetAsync(15, "weekly_stopped");
        using var stopping = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _engine.DbMaintenance.RunAsync(
            target,
            new DbMaintenanceOptions(),
            async action =>
            {
                if (action.Kind == DbActionKind.Reindex)
                {
                    await stopping.CancelAsync();
                    stopping.Token.ThrowIfCancellationRequested();
                }

                return true;
            },
            Calls.Silent(),
            stopping.Token));

        await foreach (var run in _engine.History.ReadAsync(target, new HistoryQuery(), Calls.Silent(), Token))
        {
            Assert.Equal(StepState.Done, Step(run, DbMaintenanceStep.Vacuum).State);
            Assert.Equal(StepState.Cancelled, Step(run, DbMaintenanceStep.Reindex).State);
            Assert.Equal(HealthStatus.Unknown, run.Status);
            Assert.Equal("Worn Out", Assert.Single(run.Actions).Name);
            return;
        }

        Assert.Fail("The run is not on record.");
    }

    [Fact]
    public async Task A_role_that_may_not_maintain_is_told_what_to_grant()
    {
        var target = (await TargetAsync(18, "weekly_monitor")).As(user: "maintenance_monitor");
        var run = await RunAsync(target, new DbMaintenanceOptions { Steps = [DbMaintenanceStep.Vacuum] });
        var action = Assert.Single(run.Actions);
        Assert.Equal((StepState.Failed, MaintenanceErrorCode.PermissionDenied), (action.State, action.Error));
        Assert.Contains("GRANT", action.Recommendation, StringComparison.Ordinal);
        Assert.NotEqual(0, run.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
