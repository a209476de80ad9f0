using Maintenance.IntegrationTests.Infrastructure;
using Maintenance.IntegrationTests.Maintain;

namespace Maintenance.IntegrationTests.Retention;

/// <summary>What is looked at before a policy may touch anything, on real catalogues.</summary>
public sealed class PolicyChecksTests(SandboxFixture fixture)
{
    private const string Schema = """
        CREATE TABLE logs (id bigint PRIMARY KEY, at timestamptz, note text);
        CREATE INDEX ON logs (at);
        INSERT INTO logs SELECT n, now() - n * interval '1 day', 'n' || n FROM generate_series(1, 100) n;
        INSERT INTO logs VALUES (1001, NULL, 'a'), (1002, 'infinity', 'b'), (1003, '-infinity', 'c');
        CREATE TABLE logs_archive (note text, archived_at timestamptz DEFAULT now(), id bigint, at timestamptz);
        """;

    private static readonly RetentionPolicy Deleting = new() { Table = "logs", TimeColumn = "at", Age = TimeSpan.FromDays(30.5) };
    private static readonly RetentionPolicy Archiving = Deleting with { Action = RetentionAction.ArchiveToTable, Destination = "logs_archive" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<MaintainedDatabase> CreateAsync(int major, string more = "")
    {
        var database = await MaintainedDatabase.CreateAsync(await fixture.PostgresAsync(major));
        await database.Admin.ExecuteAsync(Schema + more);
        return database;
    }

    private static async Task<RetentionResult> PlanAsync(MaintainedDatabase database, RetentionPolicy policy, bool force = false, MaintenanceTarget? target = null) =>
        Assert.Single(await database.Engine.Retention.PlanAsync(target ?? database.Target, new RetentionOptions { Policies = [policy], Force = force }, Calls.Silent(), Token));

    private static async Task<RetentionResult> RefusedAsync(MaintainedDatabase database, RetentionPolicy policy, MaintenanceErrorCode code, bool force = false, MaintenanceTarget? target = null)
    {
        var result = await PlanAsync(database, policy, force, target);
        Assert.True(result.State == StepState.Failed && result.Error == code, $"{result.State} {result.Error}: {result.Message}");
        Assert.NotEmpty(result.Recommendation!);
        Assert.Equal(HealthStatus.Warning, result.Status);
        return result;
    }

    [Theory, InlineData(15), InlineData(18)]
    public async Task A_plan_counts_what_is_due_held_and_without_age(int major)
    {
        await using var database = await CreateAsync(major);
        var plan = await PlanAsync(database, Deleting with { LegalHold = "id % 10 = 0" });
        Assert.Equal(StepState.Planned, plan.State);
        Assert.Equal((63L, 7L, 3L), (plan.RowsDue, plan.RowsHeld, plan.RowsWithoutAge));
        Assert.InRange((plan.OldestDue!.Value - TimeProvider.System.GetUtcNow()).TotalDays, -99.1, -98.9);
        Assert.InRange((TimeProvider.System.GetUtcNow() - plan.CutOff!.Value).TotalDays, 30.49, 30.51);
        Assert.Contains("DELETE FROM public.logs", Assert.Single(plan.Sql), StringComparison.Ordinal);
        Assert.True(plan.PredictedDuration > TimeSpan.Zero);
        Assert.Equal(103L, await database.Admin.ScalarAsync<long>("SELECT count(*) FROM logs"));

        var nothing = await PlanAsync(database, Deleting with { Age = TimeSpan.FromDays(500) });
        Assert.Equal((StepState.Skipped, 0L, HealthStatus.Ok), (nothing.State, nothing.RowsDue, nothing.Status));
    }

    [Theory, InlineData(15), InlineData(18)]
    public async Task A_policy_that_fits_its_tables_is_planned_whatever_their_columns_order_is(int major)
    {
        await using var database = await CreateAsync(major);
        var plan = await PlanAsync(database, Archiving);
        Assert.Equal((StepState.Planned, "public.logs_archive"), (plan.State, plan.Destination));
        Assert.Contains("INSERT INTO public.logs_archive (id, at, note)", Assert.Single(plan.Sql), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_or_no_time_is_named()
    {
        await using var database = await CreateAsync(18, "CREATE VIEW seen AS SELECT * FROM logs; CREATE TABLE \"Odd \"\"Name\" (\"T i\" date); CREATE INDEX ON \"Odd \"\"Name\" (\"T i\");");
        await RefusedAsync(database, Deleting with { Table = "nowhere" }, MaintenanceErrorCode.ObjectNotFound);
        await RefusedAsync(database, Archiving with { Destination = "nowhere" }, MaintenanceErrorCode.ObjectNotFound);
        Assert.Contains("Its columns are: id, at, note.", (await RefusedAsync(database, Deleting with { TimeColumn = "\"at\"" }, MaintenanceErrorCode.MappingInvalid)).Recommendation, StringComparison.Ordinal);
        Assert.Contains("bigint", (await RefusedAsync(database, Deleting with { TimeColumn = "id" }, MaintenanceErrorCode.MappingInvalid)).Message, StringComparison.Ordinal);
        await RefusedAsync(database, Deleting with { Table = "seen" }, MaintenanceErrorCode.InvalidArgument);
        await RefusedAsync(database, Deleting with { Table = "pg_catalog.pg_class", TimeColumn = "oid" }, MaintenanceErrorCode.RetentionRefused);
        await RefusedAsync(database, Deleting with { Age = TimeSpan.Zero }, MaintenanceErrorCode.InvalidArgument);
        Assert.Equal((StepState.Skipped, "Odd \"Name"), (await PlanAsync(database, Deleting with { Table = "\"Odd \"\"Name\"", TimeColumn = "T i" })) is var odd ? (odd.State, odd.Name) : default);
    }

    [Fact]
    public async Task A_table_for_which_there_is_no_policy_is_an_error_that_names_those_there_are()
    {
        await using var database = await CreateAsync(18);
        var options = new RetentionOptions { Policies = [Deleting], Tables = [new DbObjectReference("log")] };
        var refused = await Assert.ThrowsAsync<MaintenanceException>(() => database.Engine.Retention.PlanAsync(database.Target, options, Calls.Silent(), Token));
        Assert.Equal((MaintenanceErrorCode.ObjectNotFound, "The policies are for: logs."), (refused.Code, refused.Recommendation));
    }

    [Theory, InlineData(15), InlineData(18)]
    public async Task Without_an_index_it_is_refused_with_one_that_works(int major)
    {
        await using var database = await CreateAsync(major, "DROP INDEX logs_at_idx; CREATE INDEX ON logs (id, at); CREATE INDEX ON logs (at) WHERE id > 5;");
        var refused = await RefusedAsync(database, Deleting, MaintenanceErrorCode.RetentionRefused);
        Assert.Equal(StepState.Planned, (await PlanAsync(database, Deleting, force: true)).State);
        await database.Admin.ExecuteAsync(refused.Recommendation!.Split(';')[0]);
        Assert.Equal(StepState.Planned, (await PlanAsync(database, Deleting)).State);
    }

    [Theory, InlineData(15), InlineData(18)]
    public async Task Drift_of_the_archive_is_refused_with_statements_that_mend_it(int major)
    {
        await using var database = await CreateAsync(major, """
            ALTER TABLE logs ADD COLUMN "Extra Col" numeric(10, 2), ADD COLUMN tags text[];
            ALTER TABLE logs_archive ALTER COLUMN id TYPE integer, ADD COLUMN why text NOT NULL;
            """);
        for (var i = 0; i < 3; i++)
        {
            var refused = await RefusedAsync(database, Archiving, MaintenanceErrorCode.DestinationUnfit, force: true);
            await database.Admin.ExecuteAsync(refused.Recommendation!);
        }

        Assert.Equal(StepState.Planned, (await PlanAsync(database, Archiving)).State);
    }

    [Theory]
    [InlineData("bigint", "numeric", true)]
    [InlineData("int", "bigint", true)]
    [InlineData("varchar(20)", "text", true)]
    // The server would do these by itself, and digits or letters would be gone.
    [InlineData("bigint", "double precision", false)]
    [InlineData("numeric", "double precision", false)]
    [InlineData("text", "name", false)]
    [InlineData("varchar(20)", "varchar(10)", false)]
    [InlineData("numeric(10,4)", "numeric(10,2)", false)]
    public async Task An_archive_must_hold_every_value(string type, string archived, bool holds)
    {
        await using var database = await CreateAsync(18, $"ALTER TABLE logs ADD COLUMN v {type}; ALTER TABLE logs_archive ADD COLUMN v {archived};");
        var plan = await PlanAsync(database, Archiving);
        Assert.Equal(holds ? (StepState.Planned, null) : (StepState.Failed, MaintenanceErrorCode.DestinationUnfit), (plan.State, plan.Error));
    }

    [Theory, InlineData(15), InlineData(18)]
    public async Task Tables_that_refer_to_it_are_found(int major)
    {
        await using var database = await CreateAsync(major, "CREATE TABLE child (logs_id bigint REFERENCES logs ON DELETE CASCADE);");
        var refused = await RefusedAsync(database, Deleting, MaintenanceErrorCode.RetentionRefused);
        Assert.Contains("public.child", refused.Message, StringComparison.Ordinal);
        var forced = await PlanAsync(database, Deleting, force: true);
        Assert.Equal((StepState.Planned, 2), (forced.State, forced.Notes.Count));

        await database.Admin.ExecuteAsync("ALTER TABLE child DROP CONSTRAINT child_logs_id_fkey, ADD FOREIGN KEY (logs_id) REFERENCES logs");
        var slow = await RefusedAsync(database, Deleting, MaintenanceErrorCode.RetentionRefused);
        await database.Admin.ExecuteAsync(slow.Recommendation!.Split(';')[0]);
        Assert.Contains("still refers to", Assert.Single((await PlanAsync(database, Deleting)).Notes), StringComparison.Ordinal);
    }

    [Theory, InlineData(15), InlineData(18)]
    public async Task Row_security_that_would_hide_rows_is_refused_and_missing_privileges_are_named_with_a_grant_that_works(int major)
    {
        await using var database = await CreateAsync(major, "CREATE POLICY young ON logs USING (id < 50); ALTER TABLE logs ENABLE ROW LEVEL SECURITY;");
        var role = $"retiring_{Guid.NewGuid():N}";
        await database.Admin.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'p'");
        try
        {
            var target = database.Target.As(role, "p");
            for (var i = 0; i < 3; i++)
            {
                var refused = await RefusedAsync(database, Archiving, MaintenanceErrorCode.PermissionDenied, force: true, target);
                await database.Admin.ExecuteAsync(refused.Recommendation!);
            }

            var plan = await PlanAsync(database, Archiving, target: target);
            Assert.Equal((StepState.Planned, 70L), (plan.State, plan.RowsDue));
            var done = new List<RetentionResult>();
            await foreach (var result in database.Engine.Retention.ExecuteAsync(target, [plan], new RetentionOptions(), Calls.Silent(), Token))
            {
                done.Add(result);
            }

            Assert.Equal((StepState.Done, 70L), (Assert.Single(done).State, done[0].Rows));
        }
        finally
        {
            await database.Engine.CloseAsync(database.Target);
            await database.Admin.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    [Fact]
    public async Task A_hold_that_means_nothing_is_refused_and_nothing_of_it_is_run()
    {
        await using var database = await CreateAsync(15, "CREATE TABLE holds (logs_id bigint); INSERT INTO holds VALUES (40), (NULL);");
        await RefusedAsync(database, Deleting with { LegalHold = "nothing = 1" }, MaintenanceErrorCode.MappingInvalid);
        await RefusedAsync(database, Deleting with { LegalHold = "note" }, MaintenanceErrorCode.MappingInvalid);
        await RefusedAsync(database, Deleting with { LegalHold = "id IN (SELECT logs_id FROM holds)" }, MaintenanceErrorCode.MappingInvalid);
        await RefusedAsync(database, Deleting with { LegalHold = "false) OR (true" }, MaintenanceErrorCode.InvalidArgument);
        await RefusedAsync(database, Deleting with { LegalHold = "EXISTS (DELETE FROM public.logs RETURNING 1)" }, MaintenanceErrorCode.MappingInvalid);
        // Null is no yes: the rows of which nobody says that they are held may go.
        Assert.Equal((69L, 1L), (await PlanAsync(database, Deleting with { LegalHold = "id IN (SELECT logs_id FROM public.holds)" })) is var plan ? (plan.RowsDue, plan.RowsHeld) : default);
        Assert.Equal(1L, (await PlanAsync(database, Deleting with { LegalHold = "EXISTS (SELECT FROM public.holds WHERE holds.logs_id = logs.id)" })).RowsHeld);
        Assert.Equal(103L, await database.Admin.ScalarAsync<long>("SELECT count(*) FROM logs"));
    }

    [Theory, InlineData(15), InlineData(18)]
    public async Task Rules_and_inheriting_tables_are_refused_and_triggers_are_told(int major)
    {
        await using var database = await CreateAsync(major, """
            CREATE TABLE ruled (at timestamptz); CREATE INDEX ON ruled (at); CREATE RULE keep AS ON DELETE TO ruled DO INSTEAD NOTHING;
            CREATE TABLE parent (at timestamptz); CREATE INDEX ON parent (at); CREATE TABLE heir () INHERITS (parent);
            CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
            CREATE TRIGGER "Look Out" BEFORE DELETE ON logs FOR EACH ROW EXECUTE FUNCTION nothing();
            """);
        await RefusedAsync(database, Deleting with { Table = "ruled" }, MaintenanceErrorCode.RetentionRefused, force: true);
        await RefusedAsync(database, Deleting with { Table = "parent" }, MaintenanceErrorCode.RetentionRefused, force: true);
        Assert.Contains("\"Look Out\"", Assert.Single((await PlanAsync(database, Deleting)).Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policies_run_in_their_order_and_one_that_is_refused_does_not_stop_the_others()
    {
        await using var database = await CreateAsync(18, "CREATE TABLE child (logs_id bigint REFERENCES logs, at timestamptz); CREATE INDEX ON child (at); CREATE INDEX ON child (logs_id); INSERT INTO child SELECT id, at FROM logs;");
        RetentionPolicy[] policies = [Deleting with { Order = 2 }, Deleting with { Table = "nowhere", Order = 1 }, Deleting with { Table = "child", Order = 1 }];
        var options = new RetentionOptions { Policies = policies };
        var plan = await database.Engine.Retention.PlanAsync(database.Target, options, Calls.Silent(), Token);
        Assert.Equal(["nowhere", "child", "logs"], plan.Select(result => result.Name));
        var done = new List<RetentionResult>();
        await foreach (var result in database.Engine.Retention.ExecuteAsync(database.Target, plan, options, Calls.Silent(), Token))
        {
            done.Add(result);
        }

        Assert.Equal([StepState.Failed, StepState.Done, StepState.Done], done.Select(result => result.State));
        Assert.Equal(33L, await database.Admin.ScalarAsync<long>("SELECT count(*) FROM logs"));
        var kept = await database.HistoryAsync();
        Assert.Equal(3, kept.Count);
        Assert.Equal(70L, Assert.Single(kept, action => action is { Name: "logs", Kind: DbActionKind.DeleteRows }).Effect["Rows"]);
    }
}
