using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Maintain;

/// <summary>What a killed process or another tool has left: found by its descent, and nothing else touched.</summary>
public sealed class ReindexRepairTests(SandboxFixture fixture)
{
    private const string Orphaned = """
        CREATE TABLE t (id int PRIMARY KEY, v int);
        INSERT INTO t VALUES (1, 1), (2, 1);
        CREATE INDEX t_v ON t (v);
        CREATE INDEX t_v_ccnew ON t (v);
        """;

    private static readonly ReindexOptions Repair = new() { RepairInvalid = true };

    // What a build that was interrupted leaves in the catalogue.
    private static Task InvalidateAsync(ReindexBench bench, params string[] indexes) => bench.Admin.ExecuteAsync(
        $"UPDATE pg_index SET indisvalid = false WHERE indexrelid IN ({string.Join(", ", indexes.Select(index => $"'{index.Replace("'", "''", StringComparison.Ordinal)}'::regclass"))})");

    private static Task<string[]> NamesAsync(ReindexBench bench) => bench.Admin.ScalarAsync<string[]>(
        "SELECT array_agg(relname::text ORDER BY relname) FROM pg_class WHERE relkind = 'i' AND relnamespace = 'public'::regnamespace");

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_a_killed_run_of_ours_left_is_dropped_at_the_next_start(int major)
    {
        await using var bench = await ReindexBench.StartAsync(fixture, major, "CREATE TABLE t (id int PRIMARY KEY, v int); CREATE INDEX t_v ON t (v)");
        await bench.RecordIntentAsync("t_v");
        // Made after that: the remains of the killed run, and an index that somebody else failed to build under a similar name.
        await bench.Admin.ExecuteAsync("CREATE INDEX t_v_ccnew1 ON t (v); CREATE INDEX others_ccnew ON t (v, id)");
        await InvalidateAsync(bench, "t_v_ccnew1", "others_ccnew");

        var done = await bench.RunAsync("t_pkey");
        Assert.Equal([("t_v_ccnew1", DbActionKind.DropInvalidIndex), ("t_pkey", DbActionKind.Reindex)], done.Select(action => (action.Name, action.Kind)));
        Assert.All(done, action => Assert.Equal(StepState.Done, action.State));
        Assert.Equal(["others_ccnew"], await bench.InvalidAsync());
        var closed = (await bench.HistoryAsync()).First(action => action.Name == "t_v");
        Assert.Equal(StepState.Failed, closed.State);
        Assert.Equal("Done", closed.Effect["CleanUp"]);
        await bench.Admin.ExecuteAsync("DROP INDEX others_ccnew");
        await bench.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task A_run_that_was_killed_after_the_exchange_is_recorded_as_done()
    {
        await using var bench = await ReindexBench.StartAsync(fixture, 18, "CREATE TABLE t (id int PRIMARY KEY, v int); CREATE INDEX t_v ON t (v)");
        await bench.RecordIntentAsync("t_v");
        await bench.Admin.ExecuteAsync("ALTER INDEX t_v RENAME TO t_v_ccold; CREATE INDEX t_v ON t (v)");
        await InvalidateAsync(bench, "t_v_ccold");
        Assert.Equal(["t_v_ccold", "t_pkey"], (await bench.RunAsync("t_pkey")).Select(action => action.Name));
        Assert.Equal(StepState.Done, (await bench.HistoryAsync()).First(action => action.Name == "t_v").State);
        await bench.AssertNothingIsLeftAsync();
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Remains_of_other_tools_are_dropped_whatever_their_names_were_cut_to(int major)
    {
        var name = new string('n', 60);
        var cut = $"{name[..56]}_ccnew1";
        await using var bench = await ReindexBench.StartAsync(fixture, major, $""""
            {Orphaned}
            CREATE INDEX t_v_ccold ON t (v); CREATE INDEX t_v_ccold2 ON t (v);
            CREATE INDEX {name} ON t (id, v); CREATE INDEX {cut} ON t (id, v);
            CREATE INDEX "Odd ""Name""" ON t (v DESC); CREATE INDEX "Odd ""Name""_ccnew" ON t (v DESC);
            CREATE INDEX innocent_ccnew ON t ((v + 1));
            CREATE INDEX duplicate ON t (v);
            CREATE INDEX failed ON t (v, id DESC);
            """");
        await InvalidateAsync(bench, "t_v_ccnew", "t_v_ccold", "t_v_ccold2", cut, "\"Odd \"\"Name\"\"_ccnew\"", "innocent_ccnew", "duplicate", "failed");

        var done = await bench.RunAsync(Repair);
        Assert.Equal(
            [cut, "Odd \"Name\"_ccnew", "t_v_ccnew", "t_v_ccold", "t_v_ccold2"],
            done.Where(action => action.State == StepState.Done).Select(action => action.Name).Order(StringComparer.OrdinalIgnoreCase));
        // Nothing does the work of these, or nothing says that a rebuild left them.
        var left = done.Where(action => action.State == StepState.Skipped).ToList();
        Assert.Equal(["duplicate", "failed", "innocent_ccnew"], left.Select(action => action.Name).Order());
        Assert.All(left, action => Assert.Contains("DROP INDEX CONCURRENTLY", action.Recommendation, StringComparison.Ordinal));
        Assert.Equal(["duplicate", "failed", "innocent_ccnew"], await bench.InvalidAsync());
        Assert.Contains("t_v", await NamesAsync(bench));
        Assert.Contains(name, await NamesAsync(bench));
    }

    [Fact]
    public async Task An_invalid_index_is_built_when_it_is_named_and_its_remains_are_not()
    {
        await using var bench = await ReindexBench.StartAsync(fixture, 18, Orphaned);
        await InvalidateAsync(bench, "t_v_ccnew");
        var remains = Assert.Single(await bench.PlanAsync("t_v_ccnew"));
        Assert.Equal(StepState.Skipped, remains.State);
        Assert.Contains("-RepairInvalid", remains.Recommendation, StringComparison.Ordinal);
        await bench.RunAsync(Repair);

        // A unique index that met duplicates.
        await Assert.ThrowsAnyAsync<Npgsql.PostgresException>(() => bench.Admin.ExecuteAsync("CREATE UNIQUE INDEX CONCURRENTLY t_one ON t (v)"));
        Assert.Equal(["t_one"], await bench.InvalidAsync());
        var failed = Assert.Single(await bench.RunAsync("t_one"));
        Assert.Equal(StepState.Failed, failed.State);
        Assert.Equal(["t_one"], await bench.InvalidAsync());
        await bench.Admin.ExecuteAsync("DELETE FROM t WHERE id = 2");
        Assert.Equal(StepState.Done, Assert.Single(await bench.RunAsync("t_one")).State);
        await bench.AssertNothingIsLeftAsync();
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_another_session_is_building_just_now_is_not_touched(int major)
    {
        await using var bench = await ReindexBench.StartAsync(fixture, major, "CREATE TABLE t (id int PRIMARY KEY, v int); CREATE INDEX t_v ON t (v)");
        var writer = await bench.OpenAsync();
        await writer.ExecuteAsync("BEGIN; INSERT INTO t VALUES (1, 1)");
        var other = await bench.OpenAsync();
        var building = other.ExecuteAsync("REINDEX INDEX CONCURRENTLY t_v");
        await bench.PhaseAsync("waiting for writers before build");
        Assert.Equal(["t_v_ccnew"], await bench.InvalidAsync());

        var seen = Assert.Single(await bench.RunAsync(Repair));
        Assert.Equal((StepState.Skipped, "t_v_ccnew"), (seen.State, seen.Name));
        Assert.Contains($"process {other.ProcessID} ", seen.Message, StringComparison.Ordinal);
        var rebuild = Assert.Single(await bench.RunAsync("t_v"));
        Assert.Equal((StepState.Deferred, MaintenanceErrorCode.AlreadyRunning), (rebuild.State, rebuild.Error));
        Assert.False(building.IsCompleted);
        await writer.ExecuteAsync("COMMIT");
        await building;
        await bench.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task An_invalid_partitioned_index_is_explained_and_left()
    {
        await using var bench = await ReindexBench.StartAsync(fixture, 18, """
            CREATE TABLE parts (id int) PARTITION BY RANGE (id);
            CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
            CREATE INDEX parts_id ON ONLY parts (id);
            """);
        var left = Assert.Single(await bench.RunAsync(Repair));
        Assert.Equal(StepState.Skipped, left.State);
        Assert.Contains("ATTACH PARTITION", left.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_does_not_own_the_remains_gets_the_statement_for_the_owner()
    {
        var role = $"r_{Guid.NewGuid():n}";
        await using var bench = await ReindexBench.StartAsync(fixture, 15, $"{Orphaned} CREATE ROLE {role} LOGIN PASSWORD 'secret'");
        try
        {
            await InvalidateAsync(bench, "t_v_ccnew");
            bench.Target = bench.Target.As(role, "secret");
            var refused = Assert.Single(await bench.RunAsync(Repair));
            Assert.Equal((StepState.Failed, MaintenanceErrorCode.PermissionDenied, HealthStatus.Warning), (refused.State, refused.Error, refused.Status));
            Assert.Equal("As postgres: DROP INDEX CONCURRENTLY public.t_v_ccnew;", refused.Recommendation);
            Assert.Contains(bench.Sink.Warnings, warning => warning.Contains("GRANT pg_monitor", StringComparison.Ordinal));
        }
        finally
        {
            await bench.Admin.ExecuteAsync($"DROP ROLE {role}");
        }
    }
}
