using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Inspect;

public sealed class BloatTests(SandboxFixture fixture) : IAsyncDisposable
{
    private readonly MaintenanceEngine _engine = new();

    private Task<IReadOnlyList<DbBloat>> ReportAsync(MaintenanceTarget target, BloatQuery? query = null, RecordingSink? sink = null) =>
        _engine.Bloat.GetBloatAsync(target, query ?? new BloatQuery { MinimumSize = 0 }, Calls.To(sink ?? new RecordingSink()), TestContext.Current.CancellationToken);

    private async Task<(MaintenanceSandbox Sandbox, MaintenanceTarget Target)> DatabaseAsync(int major, string name, params string[] setup)
    {
        var sandbox = await fixture.PostgresAsync(major);
        await SandboxDatabase.CreateAsync(sandbox, name);
        await using var connection = await SandboxDatabase.OpenAsync(sandbox, name);
        foreach (var statement in setup)
        {
            await connection.ExecuteAsync(statement);
            await connection.ExecuteAsync("SELECT pg_stat_force_next_flush()");
        }

        return (sandbox, sandbox.Target.As(database: name));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_is_not_known_is_unknown_with_what_to_run_and_never_nothing(int major)
    {
        var (_, target) = await DatabaseAsync(
            major,
            "bloat_unknown",
            """"
            CREATE TABLE "Mixed ""Case""" (id int, tags text[]) WITH (autovacuum_enabled = off);
            INSERT INTO "Mixed ""Case""" SELECT g, ARRAY['a'] FROM generate_series(1, 1000) g;
            CREATE INDEX "Its Index" ON "Mixed ""Case""" (id);
            CREATE INDEX its_tags ON "Mixed ""Case""" USING gin (tags)
            """");
        var rows = await ReportAsync(target, new BloatQuery { Tables = ["Mixed*"] });

        var table = Assert.Single(rows, row => row.Kind == DbRelationKind.Table);
        Assert.Equal(("Mixed \"Case\"", "public.\"Mixed \"\"Case\"\"\"", "public"), (table.Name, table.QualifiedName, table.Schema));
        Assert.True(table is { Reclaimable: null, ReclaimablePercent: null, Status: HealthStatus.Unknown, Confidence: BloatConfidence.None, SizeBytes: > 0 });
        Assert.Equal("ANALYZE public.\"Mixed \"\"Case\"\"\";", table.Recommendation);
        Assert.Null(Assert.Single(rows, row => row.Name == "Its Index").Reclaimable);

        await using (var connection = await SandboxDatabase.OpenAsync(await fixture.PostgresAsync(major), "bloat_unknown"))
        {
            await connection.ExecuteAsync(table.Recommendation!);
        }

        rows = await ReportAsync(target, new BloatQuery { Tables = ["public.Mixed ?Case?"] });
        Assert.InRange(Assert.Single(rows, row => row.Kind == DbRelationKind.Table).Reclaimable!.Value, 0, 8192);
        var index = Assert.Single(rows, row => row.Name == "Its Index");
        Assert.Equal((table.QualifiedName, table.Oid, 0L), (index.Table, index.TableOid, index.Reclaimable));
        var gin = Assert.Single(rows, row => row.Name == "its_tags");
        Assert.True(gin is { Reclaimable: null, Status: HealthStatus.Unknown, SizeBytes: > 0 });
        Assert.Contains("gin", gin.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_role_that_may_not_read_is_told_what_to_grant_and_that_grant_helps(int major)
    {
        var (sandbox, target) = await DatabaseAsync(
            major,
            "bloat_roles",
            "CREATE TABLE hidden (id int, name text) WITH (autovacuum_enabled = off); INSERT INTO hidden SELECT g, 'name ' || g FROM generate_series(1, 2000) g; CREATE INDEX hidden_lower ON hidden (lower(name))",
            "CREATE TABLE secured (id int) WITH (autovacuum_enabled = off); INSERT INTO secured SELECT generate_series(1, 2000); ALTER TABLE secured ENABLE ROW LEVEL SECURITY; GRANT SELECT ON secured TO maintenance_monitor",
            "ANALYZE");
        var monitor = target.As(user: "maintenance_monitor");
        var rows = await ReportAsync(monitor);
        var hidden = Assert.Single(rows, row => row.Name == "hidden");
        Assert.Null(hidden.Reclaimable);
        Assert.Contains("GRANT SELECT ON public.hidden TO maintenance_monitor;", hidden.Recommendation, StringComparison.Ordinal);
        var secured = Assert.Single(rows, row => row.Name == "secured");
        Assert.Null(secured.Reclaimable);
        Assert.Contains("BYPASSRLS", secured.Recommendation, StringComparison.Ordinal);

        await SandboxDatabase.ExecuteAsync(sandbox, "GRANT SELECT ON public.hidden TO maintenance_monitor;", "bloat_roles");
        rows = await ReportAsync(monitor);
        Assert.Equal(0, Assert.Single(rows, row => row.Name == "hidden").Reclaimable);
        // Statistics of an expression belong to the index, which nobody can be granted.
        Assert.Contains("pg_read_all_data", Assert.Single(rows, row => row.Name == "hidden_lower").Recommendation, StringComparison.Ordinal);
        Assert.Equal(0, Assert.Single(await ReportAsync(target), row => row.Name == "hidden_lower").Reclaimable);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Partitions_are_summed_up_and_one_unknown_makes_the_sum_unknown(int major)
    {
        var (sandbox, target) = await DatabaseAsync(
            major,
            "bloat_partitions",
            "CREATE TABLE parts (id int, part int) PARTITION BY LIST (part); CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1) WITH (autovacuum_enabled = off); CREATE TABLE parts_2 PARTITION OF parts FOR VALUES IN (2) PARTITION BY LIST (id); CREATE TABLE parts_2_rest PARTITION OF parts_2 DEFAULT WITH (autovacuum_enabled = off); CREATE INDEX parts_id ON parts (id)",
            "INSERT INTO parts SELECT g, 1 + g % 2 FROM generate_series(1, 20000) g",
            "DELETE FROM parts WHERE id % 3 <> 0",
            "VACUUM ANALYZE parts");
        // Whatever table of the tree is named, its own partitions come along.
        var rows = await ReportAsync(target, new BloatQuery { Tables = ["parts"] });
        var whole = Assert.Single(rows, row => row.Name == "parts");
        Assert.Equal(DbRelationKind.PartitionedTable, whole.Kind);
        var leaves = rows.Where(row => row.Kind == DbRelationKind.Table).ToList();
        Assert.Equal(["parts_1", "parts_2_rest"], leaves.Select(row => row.Name).Order());
        Assert.Equal(leaves.Sum(row => row.Reclaimable), whole.Reclaimable);
        Assert.Equal(leaves.Sum(row => row.SizeBytes), whole.SizeBytes);
        Assert.True(whole.ReclaimablePercent > 40);
        var index = Assert.Single(rows, row => row.Name == "parts_id");
        Assert.Equal(DbRelationKind.PartitionedIndex, index.Kind);
        Assert.Equal(rows.Where(row => row.Kind == DbRelationKind.Index).Sum(row => row.Reclaimable), index.Reclaimable);
        Assert.Equal(index.Reclaimable, whole.IndexBytes);

        await SandboxDatabase.ExecuteAsync(sandbox, "CREATE TABLE parts_3 PARTITION OF parts FOR VALUES IN (3) WITH (autovacuum_enabled = off); INSERT INTO parts VALUES (1, 3)", "bloat_partitions");
        whole = Assert.Single(await ReportAsync(target), row => row.Name == "parts");
        Assert.True(whole is { Reclaimable: null, Status: HealthStatus.Unknown });
        Assert.Contains("parts_3", whole.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Dead_rows_show_who_holds_them_and_when_autovacuum_comes(int major)
    {
        var (sandbox, target) = await DatabaseAsync(
            major,
            "bloat_held",
            "CREATE TABLE held (id int, body text) WITH (autovacuum_enabled = off, autovacuum_vacuum_threshold = 10, autovacuum_vacuum_scale_factor = 0.5); ALTER TABLE held ALTER body SET STORAGE EXTERNAL; INSERT INTO held SELECT g, repeat(md5(g::text), 100) FROM generate_series(1, 300) g",
            "VACUUM ANALYZE held");
        await using var holder = await SandboxDatabase.OpenAsync(sandbox, "bloat_held");
        await holder.ExecuteAsync("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM held");
        await SandboxDatabase.ExecuteAsync(sandbox, "DELETE FROM held WHERE id > 60", "bloat_held");
        await SandboxDatabase.ExecuteAsync(sandbox, "VACUUM held", "bloat_held");

        var rows = await ReportAsync(target);
        var table = Assert.Single(rows, row => row.Name == "held");
        Assert.Equal(XminHolderKind.Backend, table.HeldBackBy?.Kind);
        Assert.Equal((240L, 60L), (table.DeadTuples, table.LiveTuples));
        Assert.True(table.DeadTupleBytes > 0);
        Assert.Equal(table.Reclaimable, table.DeadTupleBytes + table.FreeSpaceBytes);
        Assert.True(table.Autovacuum is { Enabled: false, VacuumDue: false, DeadTuples: 240, VacuumThreshold: >= 10 and <= 160 });
        Assert.NotNull(table.LastVacuum);
        var toast = Assert.Single(rows, row => row.Kind == DbRelationKind.Toast);
        Assert.Equal((table.Oid, "pg_toast"), (toast.TableOid, toast.Schema));
        Assert.True(toast.ReclaimablePercent > 60, $"{toast.ReclaimablePercent} %");
        Assert.Equal(toast.Reclaimable, table.ToastBytes);
        Assert.Null(toast.Autovacuum!.AnalyzeThreshold);
    }

    [Fact]
    public async Task Without_the_extension_the_rows_are_estimates_and_say_so()
    {
        var (_, target) = await DatabaseAsync(18, "bloat_bare", "CREATE TABLE t (id int) WITH (autovacuum_enabled = off); INSERT INTO t SELECT generate_series(1, 100000)", "ANALYZE t");
        var sink = new RecordingSink();
        var row = Assert.Single(await ReportAsync(target, new BloatQuery { Mode = BloatMode.Verify }, sink));
        Assert.Equal(BloatMethod.Estimate, row.Method);
        Assert.Contains("CREATE EXTENSION pgstattuple;", Assert.Single(sink.Warnings), StringComparison.Ordinal);
        Assert.Contains("pgstattuple", row.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Verify_reads_suspects_alone_within_its_budget_and_knows_what_statistics_do_not(int major)
    {
        var (_, target) = await DatabaseAsync(
            major,
            "bloat_verify",
            "CREATE SCHEMA \"Odd Schema\"; CREATE EXTENSION pgstattuple SCHEMA \"Odd Schema\"; CREATE EXTENSION pg_freespacemap SCHEMA \"Odd Schema\"",
            "CREATE TABLE forgotten (id int, note text) WITH (autovacuum_enabled = off); INSERT INTO forgotten SELECT g, 'note ' || g FROM generate_series(1, 60000) g",
            "CREATE TABLE fine (id int, note text) WITH (autovacuum_enabled = off); INSERT INTO fine SELECT g, 'note ' || g FROM generate_series(1, 60000) g",
            "CREATE TABLE tail (id int, note text) WITH (autovacuum_enabled = off, vacuum_truncate = off); INSERT INTO tail SELECT g, 'note ' || g FROM generate_series(1, 60000) g",
            "VACUUM ANALYZE",
            "DELETE FROM forgotten WHERE id % 4 <> 0",
            "DELETE FROM tail WHERE id > 20000",
            "VACUUM ANALYZE tail",
            // As after a crash: nobody remembers that rows were deleted.
            "SELECT pg_stat_reset_single_table_counters('forgotten'::regclass)");
        var estimated = await ReportAsync(target);
        Assert.Equal(0, Assert.Single(estimated, row => row.Name == "forgotten").Reclaimable);

        var verified = await ReportAsync(target, new BloatQuery { Mode = BloatMode.Verify });
        var forgotten = Assert.Single(verified, row => row.Name == "forgotten");
        Assert.Equal(BloatMethod.Approximate, forgotten.Method);
        Assert.InRange(forgotten.ReclaimablePercent!.Value, 70, 80);
        Assert.Equal(45000, forgotten.DeadTuples);
        Assert.Equal(BloatMethod.Estimate, Assert.Single(verified, row => row.Name == "fine").Method);
        var tail = Assert.Single(verified, row => row.Name == "tail");
        Assert.InRange(tail.TailTruncatableBytes!.Value, tail.Reclaimable!.Value * 9 / 10, tail.Reclaimable.Value);

        var poor = await ReportAsync(target, new BloatQuery { Mode = BloatMode.Verify, IoBudget = 0 });
        Assert.All(poor, row => Assert.Equal(BloatMethod.Estimate, row.Method));
        Assert.Contains("budget", Assert.Single(poor, row => row.Name == "forgotten").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_relation_that_cannot_be_measured_does_not_spoil_the_others()
    {
        var (sandbox, target) = await DatabaseAsync(
            18,
            "bloat_locked",
            "CREATE EXTENSION pgstattuple; CREATE TABLE free (id int) WITH (autovacuum_enabled = off); CREATE TABLE locked (id int) WITH (autovacuum_enabled = off)",
            "INSERT INTO free SELECT generate_series(1, 60000); INSERT INTO locked SELECT generate_series(1, 60000)",
            "ANALYZE");
        await using var blocker = await SandboxDatabase.OpenAsync(sandbox, "bloat_locked");
        await blocker.ExecuteAsync("BEGIN; LOCK TABLE locked");
        var sink = new RecordingSink();
        var rows = await ReportAsync(target, new BloatQuery { Mode = BloatMode.Exact }, sink);
        Assert.Equal(BloatMethod.Exact, Assert.Single(rows, row => row.Name == "free").Method);
        // Analyzed and unchanged, its size is known without touching it; measuring it is not possible.
        var locked = Assert.Single(rows, row => row.Name == "locked");
        Assert.Equal(BloatMethod.Estimate, locked.Method);
        Assert.Contains("not measured", locked.Reason, StringComparison.Ordinal);
        Assert.Single(sink.Warnings);

        await SandboxDatabase.ExecuteAsync(sandbox, "CREATE TABLE other (id int); INSERT INTO other VALUES (1)", "bloat_locked");
        await blocker.ExecuteAsync("ROLLBACK; BEGIN; LOCK TABLE other");
        var other = Assert.Single(await ReportAsync(target), row => row.Name == "other");
        Assert.True(other is { SizeBytes: null, Reclaimable: null, Status: HealthStatus.Unknown });
        Assert.Contains("lock", other.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Temporary_and_foreign_tables_are_left_out_and_unlogged_ones_and_materialized_views_are_not()
    {
        var (sandbox, target) = await DatabaseAsync(
            15,
            "bloat_kinds",
            "CREATE UNLOGGED TABLE unlogged (id int); CREATE MATERIALIZED VIEW viewed AS SELECT generate_series(1, 1000) AS id; CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER nowhere FOREIGN DATA WRAPPER nowhere; CREATE FOREIGN TABLE abroad (id int) SERVER nowhere",
            "ANALYZE viewed");
        await using var other = await SandboxDatabase.OpenAsync(sandbox, "bloat_kinds");
        await other.ExecuteAsync("CREATE TEMPORARY TABLE passing AS SELECT 1 AS id");
        var rows = await ReportAsync(target);
        Assert.Equal(["unlogged", "viewed"], rows.Select(row => row.Name).Order());
        Assert.Equal(DbRelationKind.MaterializedView, Assert.Single(rows, row => row.Name == "viewed").Kind);
        Assert.Contains(await ReportAsync(target, new BloatQuery { IncludeSystem = true, Tables = ["pg_class"] }), row => row.Name == "pg_class");

        var missing = await _engine.RelationNames.FindMissingAsync(target, ["abroad", "viewed", "*road"], ["public"], Calls.Silent(), TestContext.Current.CancellationToken);
        Assert.StartsWith("abroad is a foreign table: it holds no rows in the database", Assert.Single(missing).Error.Message, StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();
}
