using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Maintain;

/// <summary>Rebuilding what can be rebuilt, and saying why of what cannot.</summary>
public sealed class ReindexTests(SandboxFixture fixture)
{
    private const string Bloated = """
        CREATE TABLE items (id int PRIMARY KEY, v int, note text);
        INSERT INTO items SELECT n, n % 1000, 'note ' || n FROM generate_series(1, 50000) AS n;
        CREATE INDEX items_v ON items (v, id);
        DELETE FROM items WHERE id % 10 <> 0;
        VACUUM items;
        """;

    private static DbAction One(IReadOnlyList<DbAction> actions) => Assert.Single(actions);

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task An_index_is_rebuilt_while_others_write_and_the_effect_is_measured(int major)
    {
        await using var bench = await ReindexBench.StartAsync(fixture, major);
        foreach (var statement in Bloated.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            await bench.Admin.ExecuteAsync(statement);
        }

        var before = await bench.Admin.ScalarAsync<long>("SELECT pg_relation_size('items_v')");
        using var enough = new CancellationTokenSource();
        var writer = await bench.OpenAsync();
        var written = 0;
        var writing = Task.Run(
            async () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    await writer.ExecuteAsync($"INSERT INTO items VALUES ({1_000_000 + written}, {written}, 'meanwhile')");
                    written++;
                }
            },
            ReindexBench.Stop);
        var plan = One(await bench.PlanAsync("public.items_v"));
        var done = One(await bench.RunAsync("public.items_v"));
        await enough.CancelAsync();
        await writing;

        Assert.Equal(StepState.Planned, plan.State);
        Assert.Equal("REINDEX INDEX CONCURRENTLY public.items_v", plan.Sql);
        Assert.StartsWith("SHARE UPDATE EXCLUSIVE", plan.Lock, StringComparison.Ordinal);
        Assert.Contains("assumed 40 MB/s", plan.PredictedFrom, StringComparison.Ordinal);
        Assert.Equal(StepState.Done, done.State);
        Assert.True(done.SizeBytes >= before);
        Assert.True(done.Reclaimed > before / 2, done.Message);
        Assert.NotEqual(plan.Oid, done.Oid);
        Assert.Equal(done.Oid, await bench.Admin.ScalarAsync<long>("SELECT 'items_v'::regclass::oid::bigint"));
        Assert.Equal(plan.Oid, done.Effect["OldOid"]);
        Assert.Equal(1, done.Attempts);
        Assert.True((long)done.Effect["ServerWalBytes"]! > 0);
        await bench.Admin.ExecuteAsync("SET enable_seqscan = off");
        Assert.Equal(5000 + written, await bench.Admin.ScalarAsync<long>("SELECT count(*) FROM (SELECT v, id FROM items ORDER BY v, id) AS read_by_index"));
        Assert.Equal(StepState.Done, (await bench.HistoryAsync())[0].State);
        await bench.AssertNothingIsLeftAsync();
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Every_kind_of_index_keeps_its_definition_and_its_purpose(int major)
    {
        await using var bench = await ReindexBench.StartAsync(fixture, major, """"
            CREATE SCHEMA "Odd.Schema";
            CREATE TABLE "Odd.Schema"."Mixed ""Quoted"" Näme" (id int PRIMARY KEY, v text NOT NULL, j jsonb, span int4range, big text);
            CREATE UNIQUE INDEX "Unique ""One""" ON "Odd.Schema"."Mixed ""Quoted"" Näme" (v) INCLUDE (id);
            ALTER TABLE "Odd.Schema"."Mixed ""Quoted"" Näme" REPLICA IDENTITY USING INDEX "Unique ""One""";
            CREATE INDEX "expr.essions" ON "Odd.Schema"."Mixed ""Quoted"" Näme" (lower(v) text_pattern_ops DESC) WITH (fillfactor = 70) WHERE id > 0;
            CREATE INDEX gin_one ON "Odd.Schema"."Mixed ""Quoted"" Näme" USING gin (j);
            CREATE INDEX gist_one ON "Odd.Schema"."Mixed ""Quoted"" Näme" USING gist (span);
            CREATE INDEX brin_one ON "Odd.Schema"."Mixed ""Quoted"" Näme" USING brin (id);
            CREATE INDEX hash_one ON "Odd.Schema"."Mixed ""Quoted"" Näme" USING hash (v);
            INSERT INTO "Odd.Schema"."Mixed ""Quoted"" Näme" SELECT n, 'v' || n, '{"a": 1}', int4range(n, n + 2) FROM generate_series(1, 500) AS n;
            CREATE TABLE child (parent int REFERENCES "Odd.Schema"."Mixed ""Quoted"" Näme" (id));
            CREATE UNLOGGED TABLE fleeting (id int PRIMARY KEY);
            CREATE MATERIALIZED VIEW summary AS SELECT generate_series(1, 100) AS n;
            CREATE UNIQUE INDEX summary_n ON summary (n);
            """");
        const string definitions = """
            SELECT string_agg(pg_get_indexdef(indexrelid) || indisprimary || indisreplident || coalesce(conname, ''), E'\n' ORDER BY pg_get_indexdef(indexrelid))
            FROM pg_index LEFT JOIN pg_constraint ON conindid = indexrelid AND contype IN ('p', 'u') WHERE indexrelid >= 16384 AND indrelid::regclass::text NOT LIKE 'pg_toast%'
            """;
        var before = await bench.Admin.ScalarAsync<string>(definitions);
        var schema = "\"Odd.Schema\".";
        var done = await bench.RunAsync(
            schema + "\"Unique \"\"One\"\"\"", schema + "\"expr.essions\"", schema + "gin_one", schema + "gist_one", schema + "brin_one", schema + "hash_one",
            schema + "\"Mixed \"\"Quoted\"\" Näme_pkey\"", "fleeting_pkey", "summary_n");

        Assert.Equal(9, done.Count);
        Assert.All(done, action => Assert.True(action.State == StepState.Done, $"{action}: {action.Message}"));
        Assert.Equal(before, await bench.Admin.ScalarAsync<string>(definitions));
        await bench.AssertNothingIsLeftAsync();
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_partitioned_index_or_table_stands_for_its_partitions(int major)
    {
        await using var bench = await ReindexBench.StartAsync(fixture, major, """
            CREATE TABLE parts (id int, v int) PARTITION BY RANGE (id);
            CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
            CREATE TABLE part_2 PARTITION OF parts FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (id);
            CREATE TABLE part_2a PARTITION OF part_2 FOR VALUES FROM (10) TO (15);
            CREATE INDEX parts_v ON parts (v);
            CREATE TABLE empty_parts (id int) PARTITION BY RANGE (id);
            CREATE INDEX empty_parts_id ON empty_parts (id);
            """);
        var byIndex = await bench.RunAsync("parts_v");
        Assert.Equal(["part_1_v_idx", "part_2a_v_idx"], byIndex.Select(action => action.Name).Order());
        Assert.All(byIndex, action => Assert.Equal(StepState.Done, action.State));
        var byTable = await bench.PlanAsync(new ReindexOptions { Table = [new DbObjectReference("parts")] });
        Assert.Equal(["part_1_v_idx", "part_2a_v_idx"], byTable.Select(action => action.Name).Order());
        Assert.Equal(2L, await bench.Admin.ScalarAsync<long>("SELECT count(*) FROM pg_partition_tree('parts_v') WHERE isleaf"));
        await bench.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task What_cannot_be_rebuilt_is_left_out_with_the_reason()
    {
        await using var bench = await ReindexBench.StartAsync(fixture, 18, """
            CREATE EXTENSION btree_gist;
            CREATE TABLE rooms (id int PRIMARY KEY, span int4range, note text, CONSTRAINT no_overlap EXCLUDE USING gist (id WITH =, span WITH &&));
            CREATE TEMPORARY TABLE mine (id int PRIMARY KEY);
            """);
        async Task<DbAction> Plan(DbObjectReference reference) => One(await bench.PlanAsync(new ReindexOptions { Index = [reference] }));

        var exclusion = await Plan(new DbObjectReference("no_overlap"));
        Assert.Equal(StepState.Skipped, exclusion.State);
        Assert.Contains("exclusion constraint", exclusion.Message, StringComparison.Ordinal);
        Assert.Contains("REINDEX INDEX public.no_overlap", exclusion.Recommendation, StringComparison.Ordinal);
        Assert.Empty(exclusion.Sql);

        Assert.Contains("catalogues", (await Plan(new DbObjectReference("pg_catalog.pg_class_oid_index"))).Message, StringComparison.Ordinal);
        Assert.Contains("temporary", (await Plan(new DbObjectReference(await bench.Admin.ScalarAsync<long>("SELECT 'mine_pkey'::regclass::oid::bigint")))).Message, StringComparison.Ordinal);
        var table = await Plan(new DbObjectReference("rooms"));
        Assert.Equal(StepState.Skipped, table.State);
        Assert.Contains("Invoke-DbVacuum", table.Recommendation, StringComparison.Ordinal);
        Assert.Contains("TOAST", (await Plan(new DbObjectReference(await bench.Admin.ScalarAsync<long>("SELECT reltoastrelid::bigint FROM pg_class WHERE oid = 'rooms'::regclass")))).Message, StringComparison.Ordinal);

        var none = await Plan(new DbObjectReference("no_such"));
        Assert.Equal((StepState.Failed, MaintenanceErrorCode.ObjectNotFound), (none.State, none.Error));
        var nothing = await Assert.ThrowsAsync<MaintenanceException>(() => bench.PlanAsync(new ReindexOptions()));
        Assert.Contains("Get-DbBloat", nothing.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_toast_index_is_rebuilt_when_it_is_meant(int major)
    {
        await using var bench = await ReindexBench.StartAsync(fixture, major, "CREATE TABLE t (id int, big text)");
        var toast = await bench.Admin.ScalarAsync<long>("SELECT reltoastrelid::bigint FROM pg_class WHERE oid = 't'::regclass");
        var done = One(await bench.RunAsync(new ReindexOptions { Table = [new DbObjectReference(toast)] }));
        Assert.Equal(StepState.Done, done.State);
        Assert.StartsWith("pg_toast_", done.Name, StringComparison.Ordinal);
        await bench.AssertNothingIsLeftAsync();
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_foreign_table_is_told_to_be_one(int major)
    {
        await using var bench = await ReindexBench.StartAsync(fixture, major, "CREATE EXTENSION file_fdw; CREATE SERVER f FOREIGN DATA WRAPPER file_fdw; CREATE FOREIGN TABLE ft (id int) SERVER f OPTIONS (filename '/dev/null')");
        var refused = One(await bench.PlanAsync("public.ft"));
        Assert.Equal((StepState.Failed, MaintenanceErrorCode.InvalidArgument), (refused.State, refused.Error));
        Assert.StartsWith("public.ft is a foreign table", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_role_that_may_not_is_told_what_to_grant_and_one_that_may_does_it(int major)
    {
        var role = $"r_{Guid.NewGuid():n}";
        var other = $"o_{Guid.NewGuid():n}";
        await using var bench = await ReindexBench.StartAsync(fixture, major, $"""
            CREATE ROLE {role} LOGIN PASSWORD 'secret' IN ROLE pg_monitor; CREATE ROLE {other};
            CREATE TABLE mine (id int PRIMARY KEY); ALTER TABLE mine OWNER TO {role};
            CREATE TABLE theirs (id int PRIMARY KEY); ALTER TABLE theirs OWNER TO {other};
            CREATE FUNCTION slowly(v int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM pg_catalog.pg_sleep(0.7); RETURN v; END';
            INSERT INTO mine VALUES (1); CREATE INDEX mine_slow ON mine (slowly(id));
            ALTER ROLE {role} SET statement_timeout = '300ms';
            """);
        try
        {
            bench.Target = bench.Target.As(role, "secret");
            // The role's limit would end the build; ours replaces it.
            var results = await bench.RunAsync("mine_slow", "theirs_pkey");
            Assert.Equal(StepState.Done, results.Single(action => action.Name == "mine_slow").State);
            var refused = results.Single(action => action.Name == "theirs_pkey");
            Assert.Equal((StepState.Failed, MaintenanceErrorCode.PermissionDenied, HealthStatus.Warning), (refused.State, refused.Error, refused.Status));
            Assert.Contains(major >= 17 ? $"GRANT MAINTAIN ON TABLE public.theirs TO {role};" : $"GRANT {other} TO {role};", refused.Recommendation, StringComparison.Ordinal);
            if (major >= 17)
            {
                await bench.Admin.ExecuteAsync($"GRANT MAINTAIN ON theirs TO {role}");
                Assert.Equal(StepState.Done, One(await bench.RunAsync("theirs_pkey")).State);
            }

            Assert.DoesNotContain(bench.Sink.Warnings, warning => warning.Contains("hidden", StringComparison.Ordinal));
            await bench.AssertNothingIsLeftAsync();
        }
        finally
        {
            await bench.Admin.ExecuteAsync($"DROP TABLE mine, theirs; REVOKE pg_monitor FROM {role}; DROP ROLE {role}, {other}");
        }
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_check_that_is_wanted_is_done_or_said_to_be_impossible(int major)
    {
        await using var bench = await ReindexBench.StartAsync(fixture, major, "CREATE TABLE t (id int PRIMARY KEY)");
        var options = ReindexBench.Of("t_pkey") with { Check = true };
        Assert.Contains("not installed", (string)One(await bench.RunAsync(options)).Effect["Check"]!, StringComparison.Ordinal);
        await bench.Admin.ExecuteAsync("CREATE SCHEMA \"am check\"; CREATE EXTENSION amcheck SCHEMA \"am check\"");
        Assert.Equal("passed", One(await bench.RunAsync(options)).Effect["Check"]);
        await bench.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task What_does_not_fit_is_put_off_and_comes_first_next_time()
    {
        await using var bench = await ReindexBench.StartAsync(fixture, 15, """
            CREATE TABLE small (id int PRIMARY KEY);
            CREATE TABLE large (id int PRIMARY KEY); INSERT INTO large SELECT generate_series(1, 100000);
            """);
        Assert.Equal(["large_pkey", "small_pkey"], (await bench.PlanAsync("small_pkey", "large_pkey")).Select(action => action.Name));
        var putOff = One(await bench.RunAsync(ReindexBench.Of("small_pkey") with { Deadline = TimeProvider.System.GetUtcNow().AddMilliseconds(5) }));
        Assert.Equal((StepState.Deferred, MaintenanceErrorCode.DoesNotFit), (putOff.State, putOff.Error));
        Assert.Equal(["small_pkey", "large_pkey"], (await bench.PlanAsync("small_pkey", "large_pkey")).Select(action => action.Name));
        Assert.All(await bench.RunAsync("small_pkey", "large_pkey"), action => Assert.Equal(StepState.Done, action.State));
        Assert.Equal(["large_pkey", "small_pkey"], (await bench.PlanAsync("small_pkey", "large_pkey")).Select(action => action.Name));
        Assert.Contains("earlier run", (await bench.PlanAsync("large_pkey"))[0].PredictedFrom, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Several_are_rebuilt_at_a_time_and_none_is_forgotten(int major)
    {
        await using var bench = await ReindexBench.StartAsync(fixture, major, """
            DO $$ BEGIN FOR n IN 1..6 LOOP
                EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, v int)', n);
                EXECUTE format('INSERT INTO t%s SELECT g, g FROM generate_series(1, 20000) AS g', n);
                EXECUTE format('CREATE INDEX ON t%s (v)', n);
                EXECUTE format('CREATE INDEX t%1$s_part ON t%1$s (v) WHERE id > 100', n);
            END LOOP; END $$
            """);
        var options = new ReindexOptions { Table = [.. Enumerable.Range(1, 6).Select(n => new DbObjectReference($"t{n}"))], Parallel = 3 };
        var done = await bench.RunAsync(options);
        Assert.Equal(18, done.Select(action => action.Name).Distinct().Count());
        Assert.All(done, action => Assert.True(action.State == StepState.Done, $"{action}: {action.Message}"));
        await bench.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task The_one_with_the_largest_gain_comes_first_and_targets_of_others_are_told_apart()
    {
        await using var bench = await ReindexBench.StartAsync(fixture, 15, "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY); INSERT INTO a SELECT generate_series(1, 5000)");
        var database = await bench.Admin.ScalarAsync<string>("SELECT current_database()");
        async Task<DbObjectReference> Stub(string name, long? gain, string? of = null) => new(
            new Stub(bench.Target.Name, of ?? database, "public", name, await bench.Admin.ScalarAsync<long>($"SELECT '{name}'::regclass::oid::bigint"), gain));
        var options = new ReindexOptions { Index = [await Stub("a_pkey", 10), await Stub("b_pkey", 10_000_000), await Stub("a_pkey", 10, "elsewhere")] };
        var plan = await bench.PlanAsync(options);
        Assert.Equal(["b_pkey", "a_pkey", "a_pkey"], plan.Select(action => action.Name));
        Assert.Equal([StepState.Planned, StepState.Planned, StepState.Failed], plan.Select(action => action.State));
        Assert.Contains("elsewhere", plan[2].Message, StringComparison.Ordinal);
    }

    private sealed record Stub(string Target, string Database, string Schema, string Name, long Oid, long? Reclaimable) : IReclaimable;
}
