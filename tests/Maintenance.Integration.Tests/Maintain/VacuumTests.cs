using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Maintain;

public sealed class Vacuum15Tests(SandboxFixture servers) : VacuumTests(servers, 15);

public sealed class Vacuum18Tests(SandboxFixture servers) : VacuumTests(servers, 18);

/// <summary>What is vacuumed and analyzed, and what is said of it.</summary>
public abstract class VacuumTests(SandboxFixture servers, int major) : IAsyncLifetime
{
    private protected MaintainedDatabase Database { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Database = await MaintainedDatabase.CreateAsync(await servers.PostgresAsync(major));

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Database is not null)
        {
            await Database.DisposeAsync();
        }
    }

    [Fact]
    public async Task Exactly_the_tables_that_are_due_are_taken_the_largest_first()
    {
        await Database.TableAsync("large", 30_000, dead: 6_000);
        await Database.TableAsync("small", 10_000, dead: 3_000);
        await Database.TableAsync("fresh", 10_000, dead: 300);
        await Database.TableAsync("tiny", 500, dead: 90);
        await Database.TableAsync("eager", 20_000, dead: 1_010, options: ", autovacuum_vacuum_scale_factor = 0.05");
        await Database.Admin.ExecuteAsync("CREATE TABLE never_analyzed (id int) WITH (autovacuum_enabled = off); INSERT INTO never_analyzed SELECT generate_series(1, 500)");
        await Database.CountAsync();

        var plan = await Database.PlanAsync();

        Assert.Equal(["Vacuum large", "Vacuum eager", "Vacuum small", "Analyze never_analyzed"], plan.Actions.Select(action => $"{action.Kind} {action.Name}"));
        Assert.All(plan.Actions, action => Assert.Equal(StepState.Planned, action.State));
        // Deleted rows are changed rows too: the statistics of those that lost more than a tenth are gathered along with it.
        Assert.Equal([true, false, true], plan.Actions.Take(3).Select(action => action.Sql.Contains(" ANALYZE,", StringComparison.Ordinal)));
        Assert.All(plan.Actions, action => Assert.EndsWith($" public.{action.Name}", action.Sql, StringComparison.Ordinal));
        Assert.Equal(6, plan.TablesConsidered);
    }

    [Fact]
    public async Task The_effect_is_measured_and_recorded_and_nothing_is_due_afterwards()
    {
        await Database.TableAsync("t", 10_000, dead: 4_000);

        var done = Assert.Single(await Database.VacuumAsync());

        Assert.Equal(StepState.Done, done.State);
        Assert.Equal(4_000L, done.Effect["RowsRemoved"]);
        Assert.Equal(0L, done.Effect["RowsNotRemovable"]);
        Assert.Equal((4_000L, 0L), (done.Effect["DeadRowsBefore"], done.Effect["DeadRowsAfter"]));
        Assert.True((long)done.Effect["WalBytes"]! > 0);
        Assert.Equal("Server", done.Effect["MeasuredBy"]);
        Assert.NotNull(done.SizeBytesAfter);
        Assert.Equal("4,000 dead rows were removed.", done.Message);
        Assert.Empty((await Database.PlanAsync()).Actions);
        var recorded = Assert.Single(await Database.HistoryAsync());
        Assert.Equal((done.Name, done.State, done.Sql, done.SizeBytesAfter), (recorded.Name, recorded.State, recorded.Sql, recorded.SizeBytesAfter));
        Assert.Equal(4_000L, recorded.Effect["RowsRemoved"]);
        await Database.AssertNothingRunsAsync();
    }

    [Fact]
    public async Task Rows_that_queries_had_pruned_are_counted_by_their_line_pointers()
    {
        await Database.TableAsync("t", 50_000);
        await Database.Admin.ExecuteAsync("DELETE FROM t WHERE id % 2 = 0");
        await Database.PruneAsync("t");
        await Database.CountAsync();

        var done = Assert.Single(await Database.VacuumAsync());

        Assert.Equal((25_000L, 25_000L, 25_000L), (done.Effect["DeadRowsBefore"], done.Effect["RowsRemoved"], done.Effect["ItemIdentifiersRemoved"]));
        var pruned = Assert.IsType<long>(done.Effect["RowsPrunedBefore"]);
        Assert.InRange(pruned, 12_500, 25_000);
        Assert.Equal(FormattableString.Invariant($"25,000 dead rows were removed ({pruned:N0} of them had been pruned to their line pointers before)."), done.Message);
    }

    [Fact]
    public async Task Where_no_index_tells_what_was_pruned_the_message_names_what_was_counted()
    {
        await Database.Admin.ExecuteAsync("CREATE TABLE t (id int, v text) WITH (autovacuum_enabled = off); INSERT INTO t SELECT n, repeat('x', 60) FROM generate_series(1, 50000) n");
        await Database.Admin.ExecuteAsync("VACUUM (ANALYZE) t");
        await Database.Admin.ExecuteAsync("DELETE FROM t WHERE id % 2 = 0");
        await Database.PruneAsync("t");
        await Database.CountAsync();

        var done = Assert.Single(await Database.VacuumAsync());

        Assert.Equal(25_000L, done.Effect["DeadRowsBefore"]);
        Assert.Contains(major >= 17 ? "The statistics had counted 25,000" : "25,000 dead rows were removed (", done.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("no dead rows", done.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_that_had_nothing_to_do_predict_none_that_has()
    {
        await Database.TableAsync("t", 10_000);
        await Database.VacuumAsync(new VacuumOptions { All = true });
        await Database.VacuumAsync(new VacuumOptions { All = true });
        await Database.KillAsync("t", 4_000);

        Assert.StartsWith("its size", Assert.Single((await Database.PlanAsync()).Actions).PredictedFrom, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_prediction_comes_from_the_first_run()
    {
        await Database.TableAsync("t", 10_000, dead: 4_000);
        await Database.VacuumAsync();
        await Database.KillAsync("t", 3_000);

        Assert.Equal("1 earlier run(s) on it", Assert.Single((await Database.PlanAsync()).Actions).PredictedFrom);
    }

    [Fact]
    public async Task A_table_that_is_locked_is_put_off_with_the_holder_named_and_comes_first_next_time()
    {
        await Database.TableAsync("large", 20_000, dead: 8_000);
        await Database.TableAsync("small", 10_000, dead: 4_000);
        await using (var other = await Database.OpenAsync())
        {
            await other.ExecuteAsync("BEGIN; LOCK TABLE small IN SHARE UPDATE EXCLUSIVE MODE");
            var results = await Database.VacuumAsync();

            var locked = Assert.Single(results, result => result.Name == "small");
            Assert.Equal((StepState.Deferred, MaintenanceErrorCode.LockTimeout), (locked.State, locked.Error));
            Assert.Equal(2, locked.Attempts);
            Assert.Contains($"server process {other.ProcessID} holds ShareUpdateExclusiveLock", locked.Message, StringComparison.Ordinal);
            Assert.Equal(4_000L, await Database.Admin.ScalarAsync<long>("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'small'"));
            Assert.Equal(StepState.Done, Assert.Single(results, result => result.Name == "large").State);
        }

        await Database.KillAsync("large", 5_000);
        Assert.Equal(["small", "large"], (await Database.PlanAsync()).Actions.Select(action => action.Name));
        Assert.Equal("small", Assert.Single((await Database.PlanAsync(new VacuumOptions { Resume = true })).Actions).Name);
        Assert.All(await Database.VacuumAsync(), result => Assert.Equal(StepState.Done, result.State));
        Assert.Empty((await Database.PlanAsync(new VacuumOptions { Resume = true })).Actions);
    }

    [Fact]
    public async Task An_exclusive_lock_holds_up_neither_the_plan_nor_the_run()
    {
        await Database.TableAsync("t", 10_000, dead: 4_000);
        await using var other = await Database.OpenAsync();
        await other.ExecuteAsync("BEGIN; LOCK TABLE t");

        var locked = Assert.Single(await Database.VacuumAsync());
        Assert.Equal((StepState.Deferred, MaintenanceErrorCode.LockTimeout), (locked.State, locked.Error));
        Assert.Contains("AccessExclusiveLock", locked.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_somebody_may_still_see_stay_and_the_next_run_refuses_and_names_who()
    {
        await Database.TableAsync("t", 10_000);
        await using (var reader = await Database.OpenAsync())
        {
            await reader.ExecuteAsync("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM pg_class LIMIT 1");
            await Database.KillAsync("t", 4_000);

            var first = Assert.Single(await Database.VacuumAsync());
            Assert.Equal(StepState.Done, first.State);
            Assert.Equal((0L, 4_000L), (first.Effect["RowsRemoved"], first.Effect["RowsNotRemovable"]));
            Assert.Contains($"session {reader.ProcessID} (test", first.Message, StringComparison.Ordinal);

            foreach (var _ in Enumerable.Range(0, 2))
            {
                var second = Assert.Single(await Database.VacuumAsync());
                Assert.Equal((StepState.Skipped, MaintenanceErrorCode.HeldBack), (second.State, second.Error));
                Assert.Contains($"session {reader.ProcessID} (test", second.Message, StringComparison.Ordinal);
            }
        }

        await Database.UntilAsync("NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction')");
        Assert.Equal(4_000L, Assert.Single(await Database.VacuumAsync()).Effect["RowsRemoved"]);
    }

    [Fact]
    public async Task What_autovacuum_has_just_tried_in_vain_is_not_tried_again()
    {
        await Database.TableAsync("t", 10_000);
        await using var reader = await Database.OpenAsync();
        await reader.ExecuteAsync("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM pg_class LIMIT 1");
        await Database.KillAsync("t", 4_000);
        Assert.Equal(StepState.Planned, Assert.Single((await Database.PlanAsync()).Actions).State);

        await Database.Admin.ExecuteAsync("VACUUM (ANALYZE) t");

        Assert.Equal(MaintenanceErrorCode.HeldBack, Assert.Single((await Database.PlanAsync()).Actions).Error);
        // What freezes is never pointless as far as it goes.
        Assert.Equal(StepState.Planned, Assert.Single((await Database.PlanAsync(new VacuumOptions { Freeze = true })).Actions).State);
    }

    [Fact]
    public async Task What_was_dropped_or_renamed_after_the_plan_is_left_out_and_the_rest_is_done()
    {
        await Database.TableAsync("dropped", 10_000, dead: 4_000);
        await Database.TableAsync("renamed", 10_000, dead: 4_000);
        await Database.TableAsync("stays", 10_000, dead: 4_000);
        var plan = await Database.PlanAsync();
        await Database.Admin.ExecuteAsync("DROP TABLE dropped; ALTER TABLE renamed RENAME TO other; CREATE TABLE renamed (id int)");

        var results = (await Database.ExecuteAsync(plan.Actions)).ToDictionary(result => result.Name);

        Assert.Equal((StepState.Skipped, MaintenanceErrorCode.ObjectNotFound), (results["dropped"].State, results["dropped"].Error));
        Assert.Equal((StepState.Skipped, MaintenanceErrorCode.ObjectNotFound), (results["renamed"].State, results["renamed"].Error));
        Assert.Equal(StepState.Done, results["stays"].State);
    }

    [Fact]
    public async Task A_second_run_is_refused_and_told_who_is_at_it()
    {
        await Database.TableAsync("t", 10_000, dead: 4_000);
        var plan = await Database.PlanAsync();
        await Database.SlowDownAsync();
        using var stop = new CancellationTokenSource();
        var first = Database.ExecuteAsync(plan.Actions, cancellationToken: stop.Token);
        await Database.UntilAsync("EXISTS (SELECT FROM pg_stat_progress_vacuum WHERE datname = current_database())");

        var refused = await Assert.ThrowsAsync<MaintenanceException>(() => Database.ExecuteAsync(plan.Actions));

        Assert.Equal(MaintenanceErrorCode.AlreadyRunning, refused.Code);
        Assert.Contains("Maintenance/Invoke-DbVacuum lock", refused.Message, StringComparison.Ordinal);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
    }

    [Fact]
    public async Task Stopping_in_the_middle_leaves_no_statement_and_no_lock_and_is_on_record()
    {
        await Database.TableAsync("t", 10_000, dead: 4_000);
        await Database.TableAsync("u", 9_000, dead: 4_000);
        await Database.TableAsync("v", 8_000, dead: 4_000);
        var plan = await Database.PlanAsync();
        await Database.SlowDownAsync();
        using var stop = new CancellationTokenSource();
        var sink = new RecordingSink();
        var running = Database.ExecuteAsync(plan.Actions, call: Calls.To(sink), cancellationToken: stop.Token);
        await Database.UntilAsync("(SELECT count(*) = 2 FROM pg_stat_progress_vacuum WHERE datname = current_database() AND heap_blks_scanned > 0)");
        while (!sink.ProgressUpdates.Any(update => update.Status.Contains("scanning heap", StringComparison.Ordinal)))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        await Database.AssertNothingRunsAsync();
        Assert.Equal([("t", StepState.Cancelled), ("u", StepState.Cancelled)], (await Database.HistoryAsync()).Select(action => (action.Name, action.State)).Order());
        Assert.True(sink.ProgressUpdates.Last().Completed);
    }

    [Fact]
    public async Task Whoever_reads_may_go_away_in_the_middle()
    {
        await Database.TableAsync("slow", 20_000, dead: 8_000);
        await Database.TableAsync("quick", 100, dead: 90);
        var options = new VacuumOptions { MinimumDeadRows = 0 };
        var plan = await Database.PlanAsync(options);
        await Database.SlowDownAsync();

        await foreach (var result in Database.Engine.Vacuum.ExecuteAsync(Database.Target, plan.Actions, options, Calls.Silent(), TestContext.Current.CancellationToken))
        {
            Assert.Equal("quick", result.Name);
            break;
        }

        await Database.AssertNothingRunsAsync();
        Assert.Contains((await Database.HistoryAsync()).Select(action => (action.Name, action.State)), pair => pair == ("slow", StepState.Cancelled));
    }

    [Fact]
    public async Task Who_waits_for_us_is_let_through_and_the_table_is_put_off()
    {
        await Database.TableAsync("t", 10_000, dead: 4_000);
        var options = new VacuumOptions { MaximumBlock = TimeSpan.FromMilliseconds(300) };
        var plan = await Database.PlanAsync(options);
        await Database.SlowDownAsync();
        var running = Database.ExecuteAsync(plan.Actions, options);
        await Database.UntilAsync("EXISTS (SELECT FROM pg_stat_progress_vacuum WHERE datname = current_database())");

        await using var other = await Database.OpenAsync();
        await other.ExecuteAsync("ALTER TABLE t ADD COLUMN w int");

        var blocked = Assert.Single(await running);
        Assert.Equal((StepState.Deferred, MaintenanceErrorCode.BlockedOthers), (blocked.State, blocked.Error));
        Assert.Contains($"server process {other.ProcessID} waited", blocked.Message, StringComparison.Ordinal);
        Assert.Equal(StepState.Deferred, Assert.Single(await Database.HistoryAsync()).State);
    }

    [Fact]
    public async Task What_does_not_fit_is_put_off_recorded_and_comes_first_in_the_next_run()
    {
        await Database.TableAsync("large", 20_000, dead: 8_000);
        await Database.TableAsync("small", 10_000, dead: 4_000);
        var passed = new VacuumOptions { Deadline = TimeProvider.System.GetUtcNow() };
        var plan = await Database.PlanAsync(passed);
        Assert.All(plan.Actions, action => Assert.Equal((StepState.Deferred, MaintenanceErrorCode.DoesNotFit), (action.State, action.Error)));

        await Database.ExecuteAsync([plan.Actions.Single(action => action.Name == "small")], passed);

        Assert.Equal(["small", "large"], (await Database.PlanAsync()).Actions.Select(action => action.Name));
    }

    [Fact]
    public async Task When_the_time_is_up_what_runs_is_stopped_and_what_has_not_begun_is_put_off()
    {
        await Database.TableAsync("a", 12_000, dead: 5_000);
        await Database.TableAsync("b", 10_000, dead: 4_000);
        var plan = await Database.PlanAsync();
        await Database.SlowDownAsync();
        var options = new VacuumOptions { Parallel = 1, Deadline = TimeProvider.System.GetUtcNow().AddSeconds(1.5) };

        var results = await Database.ExecuteAsync(plan.Actions, options);

        Assert.Equal([("a", StepState.Deferred, MaintenanceErrorCode.DeadlineExceeded), ("b", StepState.Deferred, MaintenanceErrorCode.DoesNotFit)], results.Select(result => (result.Name, result.State, result.Error!.Value)));
        await Database.AssertNothingRunsAsync();
        Assert.Equal(2, (await Database.HistoryAsync()).Count);
    }

    [Fact]
    public async Task A_cancellation_by_somebody_else_is_told_as_such()
    {
        await Database.TableAsync("t", 10_000, dead: 4_000);
        var plan = await Database.PlanAsync();
        await Database.SlowDownAsync();
        var running = Database.ExecuteAsync(plan.Actions);
        await Database.UntilAsync("(SELECT count(pg_cancel_backend(pid)) > 0 FROM pg_stat_progress_vacuum WHERE datname = current_database())");

        var cancelled = Assert.Single(await running);
        Assert.Equal((StepState.Cancelled, MaintenanceErrorCode.Cancelled), (cancelled.State, cancelled.Error));
        Assert.Contains("Somebody else", cancelled.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_connection_is_ended_the_action_fails_and_the_rest_is_put_off()
    {
        await Database.TableAsync("a", 12_000, dead: 5_000);
        await Database.TableAsync("b", 10_000, dead: 4_000);
        var plan = await Database.PlanAsync();
        await Database.SlowDownAsync();
        var running = Database.ExecuteAsync(plan.Actions, new VacuumOptions { Parallel = 1 });
        await Database.UntilAsync("(SELECT count(pg_terminate_backend(pid)) > 0 FROM pg_stat_progress_vacuum WHERE datname = current_database())");

        var results = await running;

        Assert.Equal([("a", StepState.Failed), ("b", StepState.Deferred)], results.Select(result => (result.Name, result.State)));
        Assert.Contains("ended our connection", results[0].Message, StringComparison.Ordinal);
        Assert.Contains("Somebody ended the session, or the server is shutting down.", results[0].Message, StringComparison.Ordinal);
        Assert.DoesNotContain("does not take connections", results[1].Message, StringComparison.Ordinal);
        Assert.All(results, result => Assert.Equal(MaintenanceErrorCode.DatabaseUnreachable, result.Error));
        await Database.AssertNothingRunsAsync();
    }

    [Fact]
    public async Task Names_are_taken_as_they_are()
    {
        await Database.Admin.ExecuteAsync("""CREATE SCHEMA "My ""Sche.ma" """);
        await Database.TableAsync("\"My \"\"Sche.ma\".\"Ta;b'le \"\"1\"\"\"", 10_000, dead: 4_000);
        await Database.TableAsync("\"UPPER\"", 10_000, dead: 4_000);
        await Database.TableAsync("upper", 10_000);

        var results = await Database.VacuumAsync(new VacuumOptions { Objects = [new DbObjectReference("\"My \"\"Sche.ma\".\"Ta;b'le \"\"1\"\"\""), new DbObjectReference("UPPER")] });

        Assert.All(results, result => Assert.Equal((StepState.Done, 4_000L), (result.State, result.Effect["RowsRemoved"])));
        Assert.Equal(["Ta;b'le \"1\"", "UPPER"], results.Select(result => result.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_name_that_does_not_exist_fails_alone_and_what_is_not_due_says_so()
    {
        await Database.TableAsync("t", 10_000);

        var results = (await Database.VacuumAsync(new VacuumOptions { Objects = [new DbObjectReference("nowhere"), new DbObjectReference("t"), new DbObjectReference("public.t_pkey")] })).ToDictionary(result => result.Name);

        Assert.Equal((StepState.Failed, MaintenanceErrorCode.ObjectNotFound), (results["nowhere"].State, results["nowhere"].Error));
        Assert.Equal(StepState.Skipped, results["t"].State);
        Assert.Contains("-All", results["t"].Recommendation, StringComparison.Ordinal);
        Assert.Equal(StepState.Skipped, results["t_pkey"].State);
        Assert.Contains("Invoke-DbReindex", results["t_pkey"].Recommendation, StringComparison.Ordinal);
        // What was never tried and is owed to nobody is not history.
        Assert.Equal("nowhere", Assert.Single(await Database.HistoryAsync()).Name);
    }

    [Fact]
    public async Task What_has_a_name_but_no_rows_is_told_what_it_is()
    {
        await Database.Admin.ExecuteAsync("CREATE SCHEMA lab; CREATE EXTENSION file_fdw; CREATE SERVER f FOREIGN DATA WRAPPER file_fdw; CREATE FOREIGN TABLE lab.ft (id int) SERVER f OPTIONS (filename '/dev/null'); CREATE VIEW lab.v AS SELECT 1; CREATE SEQUENCE lab.s");

        var results = await Database.VacuumAsync(new VacuumOptions { Objects = [new DbObjectReference("lab.ft"), new DbObjectReference("v"), new DbObjectReference("lab.s")] });

        Assert.All(results, result => Assert.Equal((StepState.Failed, MaintenanceErrorCode.InvalidArgument), (result.State, result.Error)));
        Assert.Equal(
            ["lab.ft is a foreign table, whose rows are somewhere else.", "lab.v is a view, which has no rows of its own.", "lab.s is a sequence, which has a single row."],
            results.Select(result => result.Message.Replace(" It can be neither vacuumed nor reindexed.", "", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_TOAST_table_stands_for_its_table_and_makes_it_due()
    {
        await Database.Admin.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, v text) WITH (autovacuum_enabled = off, toast.autovacuum_enabled = off)");
        await Database.Admin.ExecuteAsync("ALTER TABLE t ALTER v SET STORAGE EXTERNAL; INSERT INTO t SELECT n, repeat('x', 20000) FROM generate_series(1, 300) n");
        await Database.Admin.ExecuteAsync("VACUUM (ANALYZE) t");
        await Database.KillAsync("t", 150);

        var toast = await Database.Admin.ScalarAsync<string>("SELECT reltoastrelid::regclass::text || ' ' || reltoastrelid::oid::int8 FROM pg_class WHERE relname = 't'");
        var item = new Piped(Database.Target.Name, Database.Name, "pg_toast", toast.Split(' ')[0].Replace("pg_toast.", "", StringComparison.Ordinal), long.Parse(toast.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture));
        var done = Assert.Single(await Database.VacuumAsync(new VacuumOptions { Objects = [new DbObjectReference(item)] }));

        Assert.Equal(("t", StepState.Done, 150L), (done.Name, done.State, done.Effect["RowsRemoved"]));
        Assert.True((long)done.Effect["ToastRowsRemoved"]! >= 1_500);
    }

    [Fact]
    public async Task What_came_through_a_pipeline_and_is_gone_is_left_out()
    {
        var gone = Assert.Single(await Database.VacuumAsync(new VacuumOptions { Objects = [new DbObjectReference(new Piped(Database.Target.Name, Database.Name, "public", "t", 999_999))] }));
        Assert.Equal((StepState.Skipped, MaintenanceErrorCode.ObjectNotFound), (gone.State, gone.Error));
    }

    [Fact]
    public async Task Partitions_are_vacuumed_and_the_whole_is_analyzed_which_autovacuum_never_does()
    {
        await Database.Admin.ExecuteAsync("CREATE TABLE p (id int) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10000) WITH (autovacuum_enabled = off); CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10000) TO (20000) WITH (autovacuum_enabled = off)");
        await Database.Admin.ExecuteAsync("INSERT INTO p SELECT generate_series(0, 19999)");
        await Database.CountAsync();
        await Database.Admin.ExecuteAsync("VACUUM (ANALYZE) p1, p2");
        await Database.Admin.ExecuteAsync("DELETE FROM p1 WHERE id < 4000");
        await Database.CountAsync();

        var plan = await Database.PlanAsync();
        Assert.Equal(["Vacuum p1", "Analyze p"], plan.Actions.Select(action => $"{action.Kind} {action.Name}"));
        Assert.EndsWith(major >= 18 ? " ONLY public.p" : ") public.p", plan.Actions[1].Sql, StringComparison.Ordinal);
        // Before PostgreSQL 18 the whole brings the statistics of its partitions along.
        Assert.Equal(major >= 18, plan.Actions[0].Sql.Contains("ANALYZE", StringComparison.Ordinal));
        var results = await Database.ExecuteAsync(plan.Actions);
        Assert.Equal(["4,000 dead rows were removed.", "Its statistics were gathered."], results.OrderByDescending(result => result.Kind == DbActionKind.Vacuum).Select(result => result.Message));
        Assert.Empty((await Database.PlanAsync()).Actions.Select(action => $"{action}: {action.Message}"));

        await Database.Admin.ExecuteAsync("DELETE FROM p2 WHERE id < 14000");
        await Database.CountAsync();
        Assert.Equal(["Vacuum p2", "Analyze p"], (await Database.PlanAsync(new VacuumOptions { Objects = [new DbObjectReference("p")] })).Actions.Where(action => action.State == StepState.Planned).Select(action => $"{action.Kind} {action.Name}"));
    }

    [Fact]
    public async Task A_whole_is_not_said_to_be_analyzed_when_a_partition_was_locked()
    {
        await Database.Admin.ExecuteAsync("CREATE TABLE p (id int) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10000) WITH (autovacuum_enabled = off)");
        await Database.Admin.ExecuteAsync("INSERT INTO p SELECT generate_series(0, 9999)");
        await Database.CountAsync();
        await Database.Admin.ExecuteAsync("VACUUM (ANALYZE) p1");
        await using var other = await Database.OpenAsync();
        await other.ExecuteAsync("BEGIN; LOCK TABLE p1 IN SHARE UPDATE EXCLUSIVE MODE");

        var whole = Assert.Single(await Database.VacuumAsync());

        // On 18 the partitions themselves are not touched, only read.
        Assert.Equal(("p", major >= 18 ? StepState.Done : StepState.Deferred), (whole.Name, whole.State));
    }

    [Fact]
    public async Task Views_of_data_and_unlogged_tables_are_taken_and_foreign_and_temporary_ones_are_not()
    {
        await Database.TableAsync("t", 10_000);
        await Database.Admin.ExecuteAsync("CREATE MATERIALIZED VIEW m AS SELECT * FROM t; CREATE UNLOGGED TABLE u (id int); INSERT INTO u VALUES (1); CREATE TEMP TABLE x (id int); CREATE VIEW v AS SELECT 1; CREATE EXTENSION file_fdw; CREATE SERVER f FOREIGN DATA WRAPPER file_fdw; CREATE FOREIGN TABLE ft (id int) SERVER f OPTIONS (filename '/dev/null')");

        var results = await Database.VacuumAsync(new VacuumOptions { All = true });

        Assert.Equal(["m", "t", "u"], results.Select(result => result.Name).Order(StringComparer.Ordinal));
        Assert.All(results, result => Assert.Equal(StepState.Done, result.State));
        Assert.Contains((await Database.PlanAsync(new VacuumOptions { All = true, IncludeSystem = true })).Actions, action => action.Name == "pg_class");
    }

    [Fact]
    public async Task Freezing_makes_the_table_young()
    {
        await Database.TableAsync("t", 1_000);
        for (var i = 0; i < 20; i++)
        {
            await Database.Admin.ExecuteAsync("SELECT pg_current_xact_id()");
        }

        var done = Assert.Single(await Database.VacuumAsync(new VacuumOptions { Freeze = true }));
        Assert.Contains("FREEZE", done.Sql, StringComparison.Ordinal);
        Assert.True((long)done.Effect["FrozenAgeAfter"]! < (long)done.Effect["FrozenAgeBefore"]!);
    }

    [Fact]
    public async Task Empty_pages_at_the_end_are_given_back_only_when_asked_for()
    {
        await Database.TableAsync("t", 10_000);
        await Database.Admin.ExecuteAsync("DELETE FROM t WHERE id > 100");
        await Database.CountAsync();

        var kept = Assert.Single(await Database.VacuumAsync());
        Assert.True(kept.Reclaimed <= 0);
        Assert.DoesNotContain("ACCESS EXCLUSIVE", kept.Lock, StringComparison.Ordinal);

        var given = Assert.Single(await Database.VacuumAsync(new VacuumOptions { Truncate = true, All = true }));
        Assert.True(given.Reclaimed > 500_000);
        Assert.Contains("ACCESS EXCLUSIVE", given.Lock, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_without_the_right_is_told_the_grant_before_and_when_the_server_only_warns()
    {
        await Database.TableAsync("t", 10_000, dead: 4_000);
        var plain = Database.Target.As(user: "maintenance_monitor");

        var planned = Assert.Single((await Database.PlanAsync(target: plain)).Actions);
        Assert.Equal((StepState.Failed, MaintenanceErrorCode.PermissionDenied), (planned.State, planned.Error));
        Assert.Contains(major >= 17 ? "GRANT MAINTAIN ON TABLE public.t TO maintenance_monitor" : "Run it as postgres", planned.Recommendation, StringComparison.Ordinal);

        var denied = Assert.Single(await Database.ExecuteAsync((await Database.PlanAsync()).Actions, target: plain));
        Assert.Equal((StepState.Failed, MaintenanceErrorCode.PermissionDenied), (denied.State, denied.Error));
        Assert.Contains(major >= 17 ? "GRANT pg_maintain TO maintenance_monitor" : "Run it as postgres", denied.Recommendation, StringComparison.Ordinal);
        Assert.All([planned, denied], action => Assert.DoesNotContain("GRANT postgres", action.Recommendation, StringComparison.Ordinal));
        Assert.Equal(4_000L, await Database.Admin.ScalarAsync<long>("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 't'"));
    }

    [Fact]
    public async Task Membership_is_advised_only_in_an_owner_that_has_little_else_directly_or_by_others()
    {
        var name = Database.Name;
        await Database.Admin.ExecuteAsync($"""
            CREATE ROLE {name}_plain; CREATE ROLE {name}_creator CREATEROLE; CREATE ROLE {name}_member IN ROLE {name}_creator; CREATE ROLE {name}_programs IN ROLE pg_execute_server_program;
            """);
        try
        {
            foreach (var owner in new[] { "plain", "creator", "member", "programs" })
            {
                await Database.TableAsync(owner, 5_000, dead: 3_000);
                await Database.Admin.ExecuteAsync($"ALTER TABLE {owner} OWNER TO {name}_{owner}");
            }

            var plan = await Database.PlanAsync(target: Database.Target.As(user: "maintenance_monitor"));

            Assert.Equal(4, plan.Actions.Count);
            Assert.All(plan.Actions, action => Assert.Equal(major < 17 && action.Name == "plain", action.Recommendation!.Contains($"GRANT {name}_{action.Name} TO maintenance_monitor;", StringComparison.Ordinal)));
            Assert.All(plan.Actions, action => Assert.Equal(major >= 17, action.Recommendation!.Contains($"GRANT MAINTAIN ON TABLE public.{action.Name} TO", StringComparison.Ordinal)));
        }
        finally
        {
            await Database.Admin.ExecuteAsync($"DROP TABLE IF EXISTS plain, creator, member, programs; DROP ROLE {name}_member, {name}_creator, {name}_plain, {name}_programs");
        }
    }

    [Fact]
    public async Task The_owner_may_and_on_17_whoever_has_the_right_to_maintain()
    {
        var role = Database.Name;
        await Database.Admin.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'p'");
        try
        {
            await Database.TableAsync("owned", 10_000, dead: 4_000);
            await Database.TableAsync("foreign_one", 10_000, dead: 4_000);
            await Database.Admin.ExecuteAsync($"ALTER TABLE owned OWNER TO {role}");
            var target = Database.Target.As(role, "p");

            var states = (await Database.VacuumAsync(target: target)).ToDictionary(result => result.Name, result => result.State);
            Assert.Equal(StepState.Done, states["owned"]);
            Assert.Equal(StepState.Failed, states["foreign_one"]);

            if (major >= 17)
            {
                await Database.Admin.ExecuteAsync($"GRANT pg_maintain TO {role}");
                Assert.Equal(StepState.Done, Assert.Single(await Database.VacuumAsync(target: target)).State);
            }
        }
        finally
        {
            await Database.Admin.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    [Fact]
    public async Task Behind_a_pooler_nothing_is_begun()
    {
        await Database.TableAsync("t", 10_000, dead: 4_000);
        var plan = await Database.PlanAsync();
        await using var pooler = new PoolerStandIn(Database.Target.Database!.Port);
        var pooled = Database.Target with { Database = Database.Target.Database with { Port = pooler.Port } };

        Assert.Equal(MaintenanceErrorCode.PoolerNotSupported, (await Assert.ThrowsAsync<MaintenanceException>(() => Database.ExecuteAsync(plan.Actions, target: pooled))).Code);
    }

    private sealed record Piped(string Target, string Database, string Schema, string Name, long Oid) : IDbObject;
}
