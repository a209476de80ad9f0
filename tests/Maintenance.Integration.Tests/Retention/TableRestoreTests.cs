using Maintenance.Engine.Database;
using Maintenance.Engine.Retention;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Retention;

public sealed class TableRestore15Tests(SandboxFixture servers) : TableRestoreTests(servers, 15);

public sealed class TableRestore18Tests(SandboxFixture servers) : TableRestoreTests(servers, 18);

/// <summary>Rows that come back out of archive tables.</summary>
public abstract class TableRestoreTests(SandboxFixture servers, int major)
{
    private const string Schema = """
        CREATE TABLE logs (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL, level text NOT NULL, note text);
        CREATE INDEX ON logs (at);
        INSERT INTO logs (at, level, note) SELECT now() - n * interval '1 hour', 'info', 'n' || n FROM generate_series(1, 5000) n;
        CREATE TABLE logs_archive (LIKE logs INCLUDING CONSTRAINTS, archived_at timestamptz NOT NULL DEFAULT now());
        """;

    private static readonly RetentionPolicy Policy =
        new() { Table = "logs", TimeColumn = "at", Age = TimeSpan.FromDays(90), Action = RetentionAction.ArchiveToTable, Destination = "logs_archive" };

    private static readonly RestoreOptions Logs = new() { Table = new DbObjectReference("logs") };

    private async Task<RestoreScene> ArchivedAsync(string more = "")
    {
        var scene = await RestoreScene.CreateAsync(servers, major, Schema);
        scene.Policies(Policy);
        await scene.ExecuteAsync(
            "CREATE TABLE before AS TABLE logs; WITH gone AS (DELETE FROM logs WHERE id > 2000 RETURNING *) INSERT INTO logs_archive SELECT * FROM gone; CREATE INDEX archive_times ON logs_archive (at);" + more);
        return scene;
    }

    [Fact]
    public async Task Without_an_index_on_the_archive_batches_are_larger_and_the_plan_says_what_would_help()
    {
        await using var scene = await ArchivedAsync("DROP INDEX archive_times");
        var note = Assert.Single((await scene.PlanAsync(Logs)).Notes, note => note.Contains("has no index", StringComparison.Ordinal));
        var done = await scene.DoneAsync(Logs);
        Assert.Equal((3000L, 1), (done.Rows, done.Batches));
        await scene.ExecuteAsync(note[note.IndexOf("CREATE INDEX", StringComparison.Ordinal)..note.IndexOf(';', StringComparison.Ordinal)]);
    }

    [Fact]
    public async Task Every_row_comes_back_exactly_once_and_the_table_is_as_before()
    {
        await using var scene = await ArchivedAsync();
        var plan = await scene.PlanAsync(Logs);
        Assert.Equal((StepState.Planned, 3000L, "public.logs_archive", "logs"), (plan.State, plan.RowsFound, plan.Source, plan.Name));
        Assert.Equal(["archived_at"], plan.ColumnsLeftOut);
        Assert.Contains("OVERRIDING SYSTEM VALUE", Assert.Single(plan.Sql), StringComparison.Ordinal);
        Assert.Equal(2000, await scene.CountAsync("logs"));

        var done = await scene.DoneAsync(Logs with { Verify = true });
        Assert.Equal((3000L, true, HealthStatus.Ok), (done.Rows, done.Verified, done.Status));
        Assert.True(done.Batches > 1);
        Assert.Contains(done.Notes, note => note.Contains("takes rows older than 90 days again", StringComparison.Ordinal));
        Assert.Equal(0, await scene.CountAsync("logs_archive"));
        Assert.Equal(await scene.ContentAsync("before"), await scene.ContentAsync("logs"));
        var recorded = Assert.Single(await scene.Database.HistoryAsync());
        Assert.Equal((DbActionKind.RestoreRows, 3000L), (recorded.Kind, recorded.Effect["Rows"]));

        var again = await scene.RestoreAsync(Logs);
        Assert.Equal((StepState.Skipped, 0L), (again.State, again.RowsFound));
        await scene.Database.AssertNothingRunsAsync();
    }

    [Fact]
    public async Task A_time_range_comes_back_into_another_table()
    {
        await using var scene = await ArchivedAsync("CREATE TABLE other (note text, at timestamptz, id bigint, level text)");
        var (from, to) = (TimeProvider.System.GetUtcNow().AddDays(-150), TimeProvider.System.GetUtcNow().AddDays(-100));
        var done = await scene.DoneAsync(Logs with { From = from, To = to, Destination = new DbObjectReference("other") });
        Assert.Equal(1200, done.Rows);
        Assert.Equal((1200L, 1800L), (await scene.CountAsync("other"), await scene.CountAsync("logs_archive")));
        Assert.Equal(1200, await scene.ScalarAsync<long>($"SELECT count(*) FROM other WHERE at >= '{from:O}' AND at < '{to:O}'"));
    }

    [Fact]
    public async Task Rows_of_one_time_that_no_batch_could_hold_come_back_all_the_same()
    {
        await using var scene = await ArchivedAsync("INSERT INTO logs_archive (id, at, level) SELECT 10000 + n, '2020-01-01', 'same' FROM generate_series(1, 4000) n");
        Assert.Equal(7000, (await scene.DoneAsync(Logs)).Rows);
        Assert.Equal(4000, await scene.ScalarAsync<long>("SELECT count(*) FROM logs WHERE level = 'same'"));
    }

    [Fact]
    public async Task A_sequence_that_is_behind_is_moved_on()
    {
        await using var scene = await ArchivedAsync("INSERT INTO logs_archive (id, at, level) VALUES (90000, '2020-01-01', 'far')");
        var done = await scene.DoneAsync(Logs);
        Assert.Contains(done.Notes, note => note.Contains("was moved on to 90000", StringComparison.Ordinal));
        await scene.ExecuteAsync("INSERT INTO logs (at, level) VALUES (now(), 'new')");
        Assert.Equal(90001, await scene.ScalarAsync<long>("SELECT id FROM logs WHERE level = 'new'"));
    }

    [Fact]
    public async Task A_key_that_exists_is_an_error_or_stays_in_the_archive_as_asked()
    {
        await using var scene = await ArchivedAsync("INSERT INTO logs (id, at, level) OVERRIDING SYSTEM VALUE VALUES (3000, now(), 'taken'), (3001, now(), 'taken')");
        var refused = await scene.RefusedAsync(Logs, MaintenanceErrorCode.KeyExists);
        Assert.Equal(5002, await scene.CountAsync("logs") + await scene.CountAsync("logs_archive"));
        Assert.DoesNotContain("3000", refused.Message, StringComparison.Ordinal);

        var done = await scene.DoneAsync(Logs with { SkipExisting = true, Verify = true });
        Assert.Equal((2L, 3000L), (done.RowsSkipped, done.Rows + refused.Rows + 2));
        Assert.Equal(2, await scene.ScalarAsync<long>("SELECT count(*) FROM logs_archive WHERE id IN (3000, 3001)"));
        Assert.Equal(2, await scene.CountAsync("logs_archive"));
        Assert.Equal(2, await scene.ScalarAsync<long>("SELECT count(*) FROM logs WHERE level = 'taken'"));
    }

    [Theory]
    [InlineData("ALTER TABLE logs DROP COLUMN note", "note", "-IgnoreColumn note")]
    [InlineData("ALTER TABLE logs ADD COLUMN tenant int NOT NULL DEFAULT 1; ALTER TABLE logs ALTER COLUMN tenant DROP DEFAULT", "tenant", "ALTER TABLE public.logs ALTER COLUMN tenant DROP NOT NULL")]
    [InlineData("ALTER TABLE logs DROP COLUMN note, ADD COLUMN note point", "note", null)]
    public async Task Columns_that_do_not_fit_are_refused_before_anything_moves(string drift, string column, string? remedy)
    {
        await using var scene = await ArchivedAsync(drift.Contains("point", StringComparison.Ordinal) ? "ALTER TABLE logs_archive ALTER COLUMN note TYPE bytea USING NULL;" + drift : drift);
        var refused = await scene.RefusedAsync(Logs, MaintenanceErrorCode.DestinationUnfit);
        Assert.Contains(column, refused.Message, StringComparison.Ordinal);
        Assert.Contains(remedy ?? "", refused.Recommendation, StringComparison.Ordinal);
        Assert.Equal(3000, await scene.CountAsync("logs_archive"));
    }

    [Fact]
    public async Task Columns_that_were_renamed_are_mapped_and_those_that_are_gone_left_out()
    {
        await using var scene = await ArchivedAsync("ALTER TABLE logs RENAME level TO severity; ALTER TABLE logs DROP COLUMN note");
        var options = Logs with { ColumnMap = new Dictionary<string, string> { ["level"] = "severity" }, IgnoreColumns = ["note"] };
        var done = await scene.DoneAsync(options);
        Assert.Equal(["id", "at", "level → severity"], done.Columns);
        Assert.Equal(5000, await scene.ScalarAsync<long>("SELECT count(*) FROM logs WHERE severity = 'info'"));
        foreach (var wrong in new[] { options with { IgnoreColumns = ["nowhere"] }, options with { ColumnMap = new Dictionary<string, string> { ["level"] = "nowhere" } } })
        {
            Assert.Equal(MaintenanceErrorCode.InvalidArgument, (await scene.PlanAsync(wrong)).Error);
        }
    }

    [Fact]
    public async Task What_does_not_fit_its_new_type_is_named_by_its_column_and_not_quoted()
    {
        await using var scene = await ArchivedAsync("UPDATE logs SET level = 'abc'; UPDATE logs_archive SET note = NULL; UPDATE logs_archive SET note = 'secret' WHERE id = 5000; ALTER TABLE logs DROP COLUMN note, ADD COLUMN note int; ALTER TABLE logs ALTER COLUMN level TYPE varchar(3)");
        await scene.ExecuteAsync("UPDATE logs_archive SET level = 'abc'");
        var refused = await scene.RefusedAsync(Logs, MaintenanceErrorCode.DestinationUnfit);
        Assert.Contains("note", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
        Assert.Equal(5000, await scene.CountAsync("logs") + await scene.CountAsync("logs_archive"));
        await scene.ExecuteAsync("UPDATE logs_archive SET note = '7', level = 'abcd'");
        Assert.Contains("level", (await scene.RefusedAsync(Logs, MaintenanceErrorCode.DestinationUnfit)).Message, StringComparison.Ordinal);
        await scene.ExecuteAsync("UPDATE logs_archive SET level = 'abc'");
        Assert.Equal(StepState.Done, (await scene.RestoreAsync(Logs)).State);
        Assert.Equal(7, await scene.ScalarAsync<int>("SELECT note FROM logs WHERE id = 4999"));
    }

    [Theory]
    [InlineData(nameof(FaultPoint.BatchTaken))]
    [InlineData(nameof(FaultPoint.BatchCommitted))]
    public async Task Whatever_breaks_it_the_next_run_brings_back_the_rest(string point)
    {
        await using var scene = await ArchivedAsync();
        scene.BreakAt(Enum.Parse<FaultPoint>(point), after: 1);
        Assert.Equal(StepState.Failed, (await scene.RestoreAsync(Logs)).State);
        Assert.Equal(5000, await scene.CountAsync("logs") + await scene.CountAsync("logs_archive"));
        Assert.InRange(await scene.CountAsync("logs_archive"), 1, 2999);
        Assert.Equal(StepState.Done, (await scene.RestoreAsync(Logs)).State);
        Assert.Equal(await scene.ContentAsync("before"), await scene.ContentAsync("logs"));
    }

    [Fact]
    public async Task A_trigger_that_keeps_rows_out_or_changes_them_loses_none()
    {
        await using var scene = await ArchivedAsync("""
            ;CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id = 4000 THEN RETURN NULL; END IF; RETURN NEW; END $$;
            CREATE TRIGGER meddle BEFORE INSERT ON logs FOR EACH ROW EXECUTE FUNCTION meddle()
            """);
        var refused = await scene.RefusedAsync(Logs, MaintenanceErrorCode.ArchiveMismatch);
        Assert.Contains(refused.Notes, note => note.Contains("meddle", StringComparison.Ordinal));
        Assert.Equal(5000, await scene.CountAsync("logs") + await scene.CountAsync("logs_archive"));
        await scene.ExecuteAsync("CREATE OR REPLACE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := 'x'; RETURN NEW; END $$");
        await scene.RefusedAsync(Logs with { Verify = true }, MaintenanceErrorCode.ArchiveMismatch);
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM logs WHERE note = 'x'"));
    }

    [Fact]
    public async Task It_does_not_run_while_retention_does()
    {
        await using var scene = await ArchivedAsync();
        await scene.ExecuteAsync(FormattableString.Invariant($"SELECT pg_advisory_lock({AdvisoryLock.Key(RetentionService.Task)})"));
        var refused = await Assert.ThrowsAsync<MaintenanceException>(() => scene.AllAsync(Logs));
        Assert.Equal(MaintenanceErrorCode.AlreadyRunning, refused.Code);
        Assert.Equal(3000, await scene.CountAsync("logs_archive"));
    }

    [Fact]
    public async Task What_is_locked_is_put_off_and_a_time_that_is_up_ends_it()
    {
        await using var scene = await ArchivedAsync();
        await using (var other = await scene.Database.OpenAsync())
        {
            await other.ExecuteAsync("BEGIN; LOCK TABLE logs_archive IN SHARE MODE");
            var put = await scene.RestoreAsync(Logs);
            Assert.Equal((StepState.Deferred, MaintenanceErrorCode.LockTimeout), (put.State, put.Error));
        }

        var late = await scene.RestoreAsync(Logs with { Deadline = TimeProvider.System.GetUtcNow().AddSeconds(-1) });
        Assert.Equal((StepState.Deferred, MaintenanceErrorCode.DeadlineExceeded, 0L), (late.State, late.Error, late.Rows));
        Assert.Equal(3000, await scene.CountAsync("logs_archive"));
    }

    [Fact]
    public async Task An_archive_is_named_where_no_policy_names_it()
    {
        await using var scene = await ArchivedAsync();
        scene.Policies();
        var none = await Assert.ThrowsAsync<MaintenanceException>(() => scene.PlanAsync(Logs));
        Assert.Equal(MaintenanceErrorCode.ArchiveNotFound, none.Code);
        var named = Logs with { ArchiveTable = new DbObjectReference("logs_archive") };
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, (await scene.PlanAsync(named)).Error);
        Assert.Equal(MaintenanceErrorCode.MappingInvalid, (await scene.PlanAsync(named with { TimeColumn = "note" })).Error);
        Assert.Equal(3000, (await scene.DoneAsync(named with { TimeColumn = "at" })).Rows);
    }

    [Fact]
    public async Task Row_security_and_missing_privileges_are_named_before_anything_moves()
    {
        await using var scene = await ArchivedAsync();
        var role = $"restorer_{Guid.NewGuid():N}";
        await scene.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'secret'; GRANT SELECT, INSERT ON logs TO {role}; GRANT SELECT ON logs_archive TO {role}");
        try
        {
            var target = scene.Target.As(user: role, password: "secret");
            var plan = Assert.Single(await scene.Database.Engine.Restore.PlanAsync(target, Logs, Calls.Silent(), TestContext.Current.CancellationToken));
            Assert.Equal((MaintenanceErrorCode.PermissionDenied, $"GRANT SELECT, DELETE ON TABLE public.logs_archive TO {role};"), (plan.Error, plan.Recommendation));
            await scene.ExecuteAsync("ALTER TABLE logs ENABLE ROW LEVEL SECURITY");
            plan = Assert.Single(await scene.Database.Engine.Restore.PlanAsync(target, Logs, Calls.Silent(), TestContext.Current.CancellationToken));
            Assert.Contains("BYPASSRLS", plan.Recommendation, StringComparison.Ordinal);
        }
        finally
        {
            await scene.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }
}
