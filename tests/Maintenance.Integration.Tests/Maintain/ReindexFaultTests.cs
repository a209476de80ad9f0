using System.Diagnostics;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Maintain;

/// <summary>
/// Whatever ends a rebuild, in whichever of its phases: no invalid index is left, no session of ours, no lock, and the history is true.
/// The index calls a function that waits for a lock of the test, so that each phase lasts as long as the test wants.
/// </summary>
public sealed class ReindexFaultTests(SandboxFixture fixture)
{
    // Rows with v = 1 are met by the build; one with v = 2 comes during the build, so that the validation meets it.
    private const string Slow = """
        CREATE FUNCTION wait_for(v int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
        BEGIN
            IF v > 0 THEN PERFORM pg_catalog.pg_advisory_xact_lock_shared(v); END IF;
            RETURN v;
        END $$;
        CREATE TABLE t (v int);
        CREATE TABLE other (v int);
        INSERT INTO t VALUES (0), (1);
        CREATE INDEX t_slow ON t (wait_for(v));
        """;

    private const string Large = """
        CREATE TABLE large (v text) WITH (autovacuum_enabled = off); INSERT INTO large SELECT md5(n::text) || repeat('x', 100) FROM generate_series(1, 200000) AS n;
        CREATE INDEX large_v ON large (v);
        """;

    // What the test does here is young, and may stay.
    private static readonly ReindexOptions Options = ReindexBench.Of("t_slow") with { MaximumSnapshotAge = TimeSpan.FromHours(1) };

    public static TheoryData<int, string, string> Endings()
    {
        var data = new TheoryData<int, string, string>();
        foreach (var major in new[] { 15, 18 })
        {
            foreach (var phase in new[] { "initializing", "waiting for writers before build", "building index", "waiting for writers before validation", "index validation", "waiting for old snapshots", "waiting for readers before marking dead", "waiting for readers before dropping" })
            {
                data.Add(major, phase, "kill");
                data.Add(major, phase, "cancel");
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task A_rebuild_that_is_ended_in_any_phase_leaves_nothing(int major, string phase, string how)
    {
        await using var bench = await ReindexBench.StartAsync(fixture, major, Slow);
        var oid = await bench.Admin.ScalarAsync<long>("SELECT 't_slow'::regclass::oid::bigint");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ReindexBench.Stop);
        var plan = await PatientAsync(bench, Options);
        var holders = await HoldAsync(bench, phase, rebuild: null);
        var running = bench.ExecuteAsync(plan, Options, stop.Token);
        await HoldAsync(bench, phase, holders);
        var process = await bench.PhaseAsync(phase);
        if (how == "kill")
        {
            await bench.Admin.ExecuteAsync($"SELECT pg_terminate_backend({process})");
        }
        else
        {
            await stop.CancelAsync();
        }

        await ReleaseAsync(holders);
        if (how == "kill")
        {
            await running;
        }
        else
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        }

        // After the exchange of the names the new index is there, and saying anything else would be false.
        var isDone = phase.StartsWith("waiting for readers", StringComparison.Ordinal);
        var last = (await bench.HistoryAsync())[0];
        Assert.Equal(isDone ? StepState.Done : how == "kill" ? StepState.Failed : StepState.Cancelled, last.State);
        Assert.Equal(isDone, await bench.Admin.ScalarAsync<long>("SELECT 't_slow'::regclass::oid::bigint") != oid);
        Assert.Equal(1L, await bench.Admin.ScalarAsync<long>("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass"));
        if (how == "kill" && !isDone)
        {
            Assert.Equal(MaintenanceErrorCode.DatabaseUnreachable, last.Error);
        }

        await bench.AssertNothingIsLeftAsync();
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task An_old_snapshot_that_is_there_before_is_named_and_nothing_is_begun(int major)
    {
        await using var bench = await ReindexBench.StartAsync(fixture, major, Slow);
        var reader = await bench.OpenAsync();
        await reader.ExecuteAsync("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM other");
        var options = Options with { MaximumSnapshotAge = TimeSpan.Zero };
        var refused = Assert.Single(await bench.RunAsync(options));
        Assert.Equal((StepState.Deferred, MaintenanceErrorCode.HeldBack), (refused.State, refused.Error));
        Assert.Contains($"session {reader.ProcessID} (test, role ", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"Stop-DbSession {reader.ProcessID}", refused.Recommendation, StringComparison.Ordinal);
        Assert.Equal(0, refused.Attempts);
        await reader.ExecuteAsync("COMMIT");
        Assert.Equal(StepState.Done, Assert.Single(await bench.RunAsync(options)).State);
        await bench.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task An_old_snapshot_that_comes_after_the_plan_is_found_before_anything_is_begun()
    {
        await using var bench = await ReindexBench.StartAsync(fixture, 18, Slow);
        var options = Options with { MaximumSnapshotAge = TimeSpan.Zero };
        var plan = await bench.PlanAsync(options);
        var reader = await bench.OpenAsync();
        await reader.ExecuteAsync("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM other");
        var refused = Assert.Single(await bench.ExecuteAsync(plan, options));
        Assert.Equal((StepState.Deferred, MaintenanceErrorCode.HeldBack), (refused.State, refused.Error));
        Assert.Contains($"session {reader.ProcessID} ", refused.Message, StringComparison.Ordinal);
        await bench.AssertNothingIsLeftAsync();
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task An_old_snapshot_that_comes_in_mid_build_costs_the_build_but_leaves_nothing(int major)
    {
        await using var bench = await ReindexBench.StartAsync(fixture, major, Slow);
        var plan = await PatientAsync(bench, Options, seconds: 5);
        var holders = await HoldAsync(bench, "waiting for old snapshots", rebuild: null);
        // What is older than a second is refused at the second attempt: the holder will not be gone by then either.
        var running = bench.ExecuteAsync(plan, Options with { MaximumSnapshotAge = TimeSpan.FromSeconds(1) });
        await HoldAsync(bench, "waiting for old snapshots", holders);
        var result = Assert.Single(await running);
        Assert.Equal((StepState.Deferred, MaintenanceErrorCode.HeldBack), (result.State, result.Error));
        Assert.Equal(2, result.Attempts);
        Assert.Equal("t_slow_ccnew", result.Effect["Dropped"]);
        Assert.Contains($"session {holders.Reader!.ProcessID} (test", result.Message, StringComparison.Ordinal);
        await ReleaseAsync(holders);
        Assert.Equal(["t_slow"], (await bench.PlanAsync(Options)).Select(action => action.Name));
        await bench.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task A_prepared_transaction_is_in_the_way_only_of_the_table_that_it_has_locked()
    {
        await using var bench = await ReindexBench.StartAsync(fixture, 15, "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY)");
        await bench.Admin.ExecuteAsync("BEGIN; INSERT INTO a VALUES (1); PREPARE TRANSACTION 'the ''one'''");
        try
        {
            var results = await bench.RunAsync("a_pkey", "b_pkey");
            var held = results.Single(action => action.Name == "a_pkey");
            Assert.Equal((StepState.Deferred, MaintenanceErrorCode.HeldBack), (held.State, held.Error));
            Assert.Contains("prepared transaction 'the 'one''", held.Message, StringComparison.Ordinal);
            Assert.Equal(StepState.Done, results.Single(action => action.Name == "b_pkey").State);
        }
        finally
        {
            await bench.Admin.ExecuteAsync("ROLLBACK PREPARED 'the ''one'''");
        }

        await bench.AssertNothingIsLeftAsync();
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Whoever_waits_for_us_too_long_makes_us_give_way_and_it_is_tried_again(int major)
    {
        await using var bench = await ReindexBench.StartAsync(fixture, major, Slow);
        var options = Options with { MaximumBlock = TimeSpan.FromMilliseconds(100) };
        var plan = await PatientAsync(bench, options);
        var holders = await HoldAsync(bench, "building index", rebuild: null);
        var running = bench.ExecuteAsync(plan, options);
        await bench.PhaseAsync("building index");
        var owner = await bench.OpenAsync();
        // Queues behind our lock, and every reader and writer of the table behind it.
        await owner.ExecuteAsync("ALTER TABLE t ADD COLUMN w int");
        await ReleaseAsync(holders);
        var result = Assert.Single(await running);
        Assert.Equal(StepState.Done, result.State);
        Assert.True(result.Attempts >= 2, $"{result.Attempts}");
        Assert.Contains(bench.Sink.VerboseMessages, message => message.Contains($"server process {owner.ProcessID} waited", StringComparison.Ordinal));
        await bench.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task The_deadline_ends_what_runs_and_it_is_put_off()
    {
        await using var bench = await ReindexBench.StartAsync(fixture, 18, Slow);
        var plan = await bench.PlanAsync(Options);
        var holders = await HoldAsync(bench, "building index", rebuild: null);
        var result = Assert.Single(await bench.ExecuteAsync(plan, Options, timeout: TimeSpan.FromSeconds(1)));
        await ReleaseAsync(holders);
        Assert.Equal((StepState.Deferred, MaintenanceErrorCode.DeadlineExceeded), (result.State, result.Error));
        await bench.AssertNothingIsLeftAsync();
    }

    [Theory]
    [InlineData("DROP TABLE t")]
    [InlineData("DROP INDEX t_slow")]
    [InlineData("ALTER INDEX t_slow RENAME TO renamed")]
    [InlineData("REINDEX INDEX CONCURRENTLY t_slow")]
    public async Task What_is_gone_when_its_turn_comes_is_said_to_be_gone(string statement)
    {
        await using var bench = await ReindexBench.StartAsync(fixture, 18, Slow);
        var plan = await PatientAsync(bench, Options);
        await bench.Admin.ExecuteAsync(statement);
        var result = Assert.Single(await bench.ExecuteAsync(plan, Options));
        Assert.Equal((StepState.Failed, MaintenanceErrorCode.ObjectNotFound), (result.State, result.Error));
        await bench.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task A_table_that_is_dropped_in_mid_build_is_said_to_be_gone()
    {
        await using var bench = await ReindexBench.StartAsync(fixture, 18, Slow);
        var options = Options with { MaximumBlock = TimeSpan.FromMilliseconds(100) };
        var plan = await PatientAsync(bench, options);
        var holders = await HoldAsync(bench, "building index", rebuild: null);
        var running = bench.ExecuteAsync(plan, options);
        await bench.PhaseAsync("building index");
        await bench.Admin.ExecuteAsync("DROP TABLE t");
        await ReleaseAsync(holders);
        var result = Assert.Single(await running);
        Assert.Equal((StepState.Failed, MaintenanceErrorCode.ObjectNotFound), (result.State, result.Error));
        await bench.AssertNothingIsLeftAsync();
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task An_error_of_the_server_in_mid_build_leaves_nothing(int major)
    {
        // The limit of temporary space stands for a disk that is full while sorting: the server gives up at the same place.
        await using var bench = await ReindexBench.StartAsync(fixture, major, Large);
        var database = await bench.Admin.ScalarAsync<string>("SELECT current_database()");
        await bench.Admin.ExecuteAsync($"ALTER DATABASE {database} SET temp_file_limit = '64kB'; ALTER DATABASE {database} SET maintenance_work_mem = '1MB'");
        var result = Assert.Single(await bench.RunAsync("large_v"));
        Assert.Equal((StepState.Failed, MaintenanceErrorCode.DatabaseError), (result.State, result.Error));
        Assert.Contains("ran out of space (53400)", result.Message, StringComparison.Ordinal);
        await bench.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task A_disk_that_is_full_in_mid_build_leaves_nothing()
    {
        await using var bench = await ReindexBench.StartAsync(fixture, 15, Large);
        using var folder = new TemporaryFolder();
        var data = await bench.Admin.ScalarAsync<string>("SHOW data_directory");
        var tablespace = $"tiny_{Guid.NewGuid():n}";
        // A disk of its own, just large enough for the index but not for two. Where no disk can be made (only root of a whole machine
        // may), sorting space that is full stands for it: the server gives up in the same place, with an error of the same class.
        var isDisk = OperatingSystem.IsLinux() && await SucceedsAsync(
            "sh", "-c", "mount -t tmpfs -o size=48m,uid=$(stat -c %u \"$1\"),gid=$(stat -c %g \"$1\"),mode=700 tmpfs \"$2\"", "sh", data, folder.Path);
        try
        {
            if (isDisk)
            {
                await bench.Admin.ExecuteAsync($"CREATE TABLESPACE {tablespace} LOCATION '{folder.Path}'");
                await bench.Admin.ExecuteAsync($"ALTER INDEX large_v SET TABLESPACE {tablespace}");
            }
            else
            {
                var database = await bench.Admin.ScalarAsync<string>("SELECT current_database()");
                await bench.Admin.ExecuteAsync($"ALTER DATABASE {database} SET temp_file_limit = '64kB'; ALTER DATABASE {database} SET maintenance_work_mem = '1MB'");
            }

            var result = Assert.Single(await bench.RunAsync("large_v"));
            Assert.Equal((StepState.Failed, MaintenanceErrorCode.DatabaseError), (result.State, result.Error));
            Assert.Contains($"ran out of space ({(isDisk ? "53100" : "53400")})", result.Message, StringComparison.Ordinal);
            await bench.AssertNothingIsLeftAsync();
        }
        finally
        {
            if (isDisk)
            {
                await bench.Admin.ExecuteAsync("DROP TABLE large");
                await bench.Admin.ExecuteAsync($"DROP TABLESPACE {tablespace}");
                await SucceedsAsync("umount", folder.Path);
            }
        }
    }

    private const string Small = """
        CREATE TABLE a (id int PRIMARY KEY, v int); CREATE TABLE b (id int PRIMARY KEY, v int); CREATE TABLE c (id int PRIMARY KEY, v int);
        CREATE TABLE d (id int PRIMARY KEY, v int); CREATE TABLE e (id int PRIMARY KEY, v int);
        """;

    [Theory]
    [InlineData(15, "kill")]
    [InlineData(18, "kill")]
    [InlineData(18, "cancel")]
    public async Task Small_ones_that_share_a_turn_are_told_apart_when_it_is_ended(int major, string how)
    {
        await using var bench = await ReindexBench.StartAsync(fixture, major, Small);
        var options = ReindexBench.Of("a_pkey", "b_pkey", "c_pkey", "d_pkey", "e_pkey") with { MaximumSnapshotAge = TimeSpan.FromHours(1) };
        var plan = await bench.PlanAsync(options);
        var writer = await bench.OpenAsync();
        await writer.ExecuteAsync("BEGIN; INSERT INTO c VALUES (1)");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ReindexBench.Stop);
        var running = bench.ExecuteAsync(plan, options, stop.Token);
        var process = await bench.PhaseAsync("waiting for writers before build");
        if (how == "kill")
        {
            await bench.Admin.ExecuteAsync($"SELECT pg_terminate_backend({process})");
            await writer.CloseAsync();
            await running;
        }
        else
        {
            await stop.CancelAsync();
            await writer.CloseAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        }

        var states = (await bench.HistoryAsync()).DistinctBy(action => action.Name).OrderBy(action => action.Name, StringComparer.Ordinal).Select(action => action.State);
        Assert.Equal([StepState.Done, StepState.Done, how == "kill" ? StepState.Failed : StepState.Cancelled, StepState.Deferred, StepState.Deferred], states);
        await bench.AssertNothingIsLeftAsync();
        Assert.All(await bench.RunAsync(options), action => Assert.Equal(StepState.Done, action.State));
    }

    [Fact]
    public async Task Small_ones_that_share_a_turn_do_not_share_their_faults()
    {
        await using var bench = await ReindexBench.StartAsync(fixture, 18, $"{Small} INSERT INTO c VALUES (1, 1), (2, 1)");
        await Assert.ThrowsAnyAsync<PostgresException>(() => bench.Admin.ExecuteAsync("CREATE UNIQUE INDEX CONCURRENTLY c_v ON c (v)"));
        var options = ReindexBench.Of("a_pkey", "b_pkey", "c_v", "d_pkey", "e_pkey") with { MaximumSnapshotAge = TimeSpan.FromHours(1) };
        var plan = await bench.PlanAsync(options);
        await bench.Admin.ExecuteAsync("DROP TABLE b");
        var locker = await bench.OpenAsync();
        await locker.ExecuteAsync("BEGIN; LOCK TABLE d IN SHARE UPDATE EXCLUSIVE MODE");
        var results = (await bench.ExecuteAsync(plan, options)).ToDictionary(action => action.Name);
        await locker.CloseAsync();
        Assert.Equal(StepState.Done, results["a_pkey"].State);
        Assert.Equal(MaintenanceErrorCode.ObjectNotFound, results["b_pkey"].Error);
        Assert.Equal(StepState.Failed, results["c_v"].State);
        Assert.Equal("c_v_ccnew", results["c_v"].Effect["Dropped"]);
        Assert.Equal((StepState.Deferred, MaintenanceErrorCode.AlreadyRunning), (results["d_pkey"].State, results["d_pkey"].Error));
        Assert.Equal(StepState.Done, results["e_pkey"].State);
        Assert.Equal(["c_v"], await bench.InvalidAsync());
        await bench.Admin.ExecuteAsync("DROP INDEX c_v");
        await bench.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task The_second_of_two_runs_says_who_has_the_lock()
    {
        await using var bench = await ReindexBench.StartAsync(fixture, 15, Slow);
        var plan = await PatientAsync(bench, Options);
        var holders = await HoldAsync(bench, "building index", rebuild: null);
        var first = bench.ExecuteAsync(plan, Options);
        await bench.PhaseAsync("building index");
        var exception = await Assert.ThrowsAsync<MaintenanceException>(() => bench.ExecuteAsync(plan, Options));
        Assert.Equal(MaintenanceErrorCode.AlreadyRunning, exception.Code);
        Assert.Contains("Maintenance/Invoke-DbReindex lock", exception.Message, StringComparison.Ordinal);
        await ReleaseAsync(holders);
        Assert.Equal(StepState.Done, Assert.Single(await first).State);
        await bench.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task Remains_that_cannot_be_dropped_are_told_and_the_next_run_drops_them()
    {
        await using var bench = await ReindexBench.StartAsync(fixture, 18, Slow);
        var plan = await PatientAsync(bench, Options);
        var holders = await HoldAsync(bench, "building index", rebuild: null);
        var running = bench.ExecuteAsync(plan, Options);
        // A reader of the table that stays: dropping waits for it, in vain.
        var reader = await bench.OpenAsync();
        await reader.ExecuteAsync("BEGIN; SELECT count(*) FROM t");
        await bench.Admin.ExecuteAsync($"SELECT pg_terminate_backend({await bench.PhaseAsync("building index")})");
        await ReleaseAsync(holders);
        var results = await running;
        Assert.Equal([StepState.Failed, StepState.Failed], results.Select(action => action.State));
        Assert.Equal(DbActionKind.DropInvalidIndex, results[1].Kind);
        Assert.Contains("DROP INDEX CONCURRENTLY public.t_slow_ccnew;", results[1].Recommendation, StringComparison.Ordinal);
        Assert.Equal(["t_slow_ccnew"], await bench.InvalidAsync());

        await reader.ExecuteAsync("COMMIT");
        var next = await bench.RunAsync(Options);
        Assert.Equal([(DbActionKind.DropInvalidIndex, StepState.Done), (DbActionKind.Reindex, StepState.Done)], next.Select(action => (action.Kind, action.State)));
        await bench.AssertNothingIsLeftAsync();
    }

    // A build that is expected to take long waits long for locks: what the test holds does not end it, however slow the machine is.
    private static async Task<IReadOnlyList<DbAction>> PatientAsync(ReindexBench bench, ReindexOptions options, int seconds = 60) =>
        [.. (await bench.PlanAsync(options)).Select(action => action with { PredictedDuration = TimeSpan.FromSeconds(seconds) })];

    private static async Task<bool> SucceedsAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(ReindexBench.Stop);
        return process.ExitCode == 0;
    }

    /// <summary>What the test holds so that a phase lasts.</summary>
    private sealed record Holders(NpgsqlConnection Locks)
    {
        public NpgsqlConnection? Writer { get; set; }

        public NpgsqlConnection? Reader { get; set; }

        public NpgsqlConnection? SecondReader { get; set; }
    }

    /// <summary>Makes a phase last: first what must be there before the rebuild begins, then what comes while it runs.</summary>
    private static async Task<Holders> HoldAsync(ReindexBench bench, string phase, Holders? rebuild)
    {
        if (rebuild is null)
        {
            var holders = new Holders(await bench.OpenAsync());
            switch (phase)
            {
                case "initializing":
                    await holders.Locks.ExecuteAsync("BEGIN; LOCK TABLE pg_catalog.pg_index IN SHARE MODE");
                    break;
                case "waiting for writers before build":
                    holders.Writer = await bench.OpenAsync();
                    await holders.Writer.ExecuteAsync("BEGIN; INSERT INTO t VALUES (0)");
                    break;
                default:
                    await holders.Locks.ExecuteAsync("SELECT pg_advisory_lock(1), pg_advisory_lock(2)");
                    break;
            }

            return holders;
        }

        if (phase is "initializing" or "waiting for writers before build" or "building index")
        {
            return rebuild;
        }

        await bench.PhaseAsync("building index");
        switch (phase)
        {
            case "waiting for writers before validation":
                rebuild.Writer = await bench.OpenAsync();
                await rebuild.Writer.ExecuteAsync("BEGIN; INSERT INTO t VALUES (0)");
                break;
            case "index validation":
                await rebuild.Locks.ExecuteAsync("INSERT INTO t VALUES (2)");
                break;
            case "waiting for old snapshots":
                rebuild.Reader = await bench.OpenAsync();
                await rebuild.Reader.ExecuteAsync("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM other");
                break;
            default:
                rebuild.Reader = await bench.OpenAsync();
                // A lock without a snapshot: a SELECT's portal would keep its own until the next statement.
                await rebuild.Reader.ExecuteAsync("BEGIN; LOCK TABLE t IN ACCESS SHARE MODE");
                break;
        }

        await rebuild.Locks.ExecuteAsync("SELECT pg_advisory_unlock(1)");
        if (phase == "waiting for readers before dropping")
        {
            await bench.PhaseAsync("waiting for readers before marking dead");
            rebuild.SecondReader = await bench.OpenAsync();
            await rebuild.SecondReader.ExecuteAsync("BEGIN; LOCK TABLE t IN ACCESS SHARE MODE");
            await rebuild.Reader!.ExecuteAsync("COMMIT");
        }

        return rebuild;
    }

    private static async Task ReleaseAsync(Holders holders)
    {
        foreach (var connection in new[] { holders.Locks, holders.Writer, holders.Reader, holders.SecondReader }.OfType<NpgsqlConnection>())
        {
            await connection.CloseAsync();
        }
    }
}
