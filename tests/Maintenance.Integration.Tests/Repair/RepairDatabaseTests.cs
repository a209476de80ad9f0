using System.Globalization;
using Maintenance.Engine.Database;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Repair;

/// <summary>Remedies in real databases: each does what it says and no more, and what it came to is measured.</summary>
public sealed class RepairDatabaseTests(SandboxFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task An_invalid_index_is_dropped_whatever_its_name_and_its_definition_undoes_it(int major)
    {
        await using var database = await RepairDatabase.CreateAsync(await fixture.PostgresAsync(major));
        const string Name = "odd\"; DROP TABLE twice; --";
        var oid = await database.FailedIndexAsync("\"odd\"\"; DROP TABLE twice; --\"");

        var repair = await database.RepairAsync(database.Index(oid, Name));

        Assert.True(repair.State == RepairState.Resolved, repair.Message);
        Assert.False(await database.ExistsAsync(oid));
        Assert.Equal("DROP INDEX CONCURRENTLY public.\"odd\"\"; DROP TABLE twice; --\";", repair.Remedy.Command);
        Assert.StartsWith("CREATE UNIQUE INDEX CONCURRENTLY \"odd\"\"; DROP TABLE twice; --\" ON public.twice", repair.Remedy.Rollback, StringComparison.Ordinal);
        await database.ExecuteAsync("DELETE FROM twice WHERE ctid = '(0,2)'; DELETE FROM twice WHERE ctid IN (SELECT ctid FROM twice OFFSET 1)");
        await database.ExecuteAsync(repair.Remedy.Rollback!);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_an_interrupted_rebuild_left_is_found_dropped_and_not_found_again(int major)
    {
        await using var database = await RepairDatabase.CreateAsync(await fixture.PostgresAsync(major));
        await database.ExecuteAsync("CREATE TABLE rebuilt (id int); INSERT INTO rebuilt VALUES (1), (1); CREATE INDEX rebuilt_id ON rebuilt (id)");
        await database.ExecuteAsync("CREATE INDEX rebuilt_id_ccnew ON rebuilt (id); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'rebuilt_id_ccnew'::regclass");
        var selection = new IssueSelection { Ids = id => id == "ISSUE-INDEX-INVALID" };

        var finding = Assert.Single(await database.Engine.Issues.FindAsync(database.Target, selection, Calls.Silent(), Token));
        var repair = await database.RepairAsync(finding);

        Assert.True(repair.State == RepairState.Resolved, $"{repair.State} {repair.Message}");
        Assert.Empty(await database.Engine.Issues.FindAsync(database.Target, selection, Calls.Silent(), Token));
    }

    [Fact]
    public async Task An_index_that_is_not_the_one_that_was_meant_stays()
    {
        await using var database = await RepairDatabase.CreateAsync(await fixture.PostgresAsync(15));
        var oid = await database.FailedIndexAsync("broken");

        Assert.Equal(RepairState.AlreadyGone, (await database.RepairAsync(database.Index(oid, "other"))).State);
        Assert.Equal(RepairState.Refused, (await database.RepairAsync(database.Index(oid, "broken") with { Database = "elsewhere" })).State);
        Assert.Equal(RepairState.Refused, (await database.RepairAsync(database.Issue("DropInvalidIndex", ("oid", "0 OR true"), ("schema", "public"), ("name", "broken")))).State);
        Assert.Equal(RepairState.Refused, (await database.RepairAsync(database.Issue("DropInvalidIndex", ("name", "broken")))).State);
        await database.ExecuteAsync("UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'broken'::regclass");
        Assert.Equal(RepairState.AlreadyGone, (await database.RepairAsync(database.Index(oid, "broken"))).State);
        Assert.True(await database.ExistsAsync(oid));
    }

    [Fact]
    public async Task An_index_that_somebody_works_on_or_that_serves_a_constraint_stays()
    {
        await using var database = await RepairDatabase.CreateAsync(await fixture.PostgresAsync(15));
        var oid = await database.FailedIndexAsync("broken");
        var builder = await database.Scene.OpenAsync(administrator: true);
        await builder.ExecuteAsync("BEGIN; LOCK TABLE twice IN SHARE UPDATE EXCLUSIVE MODE");
        var busy = await database.RepairAsync(database.Index(oid, "broken"));
        await builder.ExecuteAsync("ROLLBACK");
        Assert.Equal((RepairState.Refused, MaintenanceErrorCode.AlreadyRunning), (busy.State, busy.Error));

        await database.ExecuteAsync("UPDATE pg_index SET indisvalid = false WHERE indexrelid = '\"Big Orders_pkey\"'::regclass");
        var key = await database.ScalarAsync<long>("SELECT '\"Big Orders_pkey\"'::regclass::oid::bigint");
        Assert.Equal(RepairState.Refused, (await database.RepairAsync(database.Index(key, "Big Orders_pkey"))).State);
        Assert.True(await database.ExistsAsync(oid));
        Assert.True(await database.ExistsAsync(key));
    }

    [Fact]
    public async Task Who_does_not_own_an_index_is_told_what_to_grant()
    {
        await using var database = await RepairDatabase.CreateAsync(await fixture.PostgresAsync(15));
        var oid = await database.FailedIndexAsync("broken");
        var poor = database.Target.As(user: database.Scene.Name, password: SandboxFixture.PasswordOf(database.Scene.Sandbox));

        var repair = await database.RepairAsync(database.Index(oid, "broken"), target: poor);

        Assert.Equal((RepairState.Refused, MaintenanceErrorCode.PermissionDenied), (repair.State, repair.Error));
        Assert.NotNull(repair.Recommendation);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_table_that_is_due_is_vacuumed_and_is_not_due_any_more(int major)
    {
        await using var database = await RepairDatabase.CreateAsync(await fixture.PostgresAsync(major));
        await database.ExecuteAsync("CREATE TABLE \"Due; --\" AS SELECT generate_series(1, 20000) AS id");
        await database.ExecuteAsync("DELETE FROM \"Due; --\" WHERE id > 100");
        await database.ExecuteAsync("SELECT pg_stat_force_next_flush()");
        var oid = await database.ScalarAsync<string>("SELECT '\"Due; --\"'::regclass::oid::text");

        var repair = await database.RepairAsync(database.Issue("Vacuum", ("schema", "public"), ("name", "Due; --"), ("oid", oid)));

        Assert.True(repair.State == RepairState.Resolved, $"{repair.State} {repair.Message}");
        Assert.Contains("VACUUM", repair.Remedy.Command, StringComparison.Ordinal);
        Assert.DoesNotContain("ANALYZE", repair.Remedy.Command, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task When_connections_run_out_no_more_idle_sessions_end_than_it_takes(int major)
    {
        await using var database = await RepairDatabase.CreateAsync(await fixture.PostgresAsync(major));
        await database.ExecuteAsync($"ALTER DATABASE {database.Scene.Name} CONNECTION LIMIT 20");
        var open = new List<NpgsqlConnection> { await database.Scene.AfterAsync("BEGIN; SELECT 1") };
        while (open.Count < 20)
        {
            open.Add(await database.Scene.OpenAsync());
        }

        var repair = await database.RepairAsync(database.Issue("EndIdleSessions", ("scope", "Database"), ("name", database.Scene.Name)), new RepairOptions { Wait = TimeSpan.FromSeconds(5) });

        Assert.True(repair.State == RepairState.Resolved, $"{repair.State} {repair.Message}");
        Assert.False(await database.Scene.IsThereAsync(open[0]));
        var left = 0;
        foreach (var connection in open)
        {
            left += await database.Scene.IsThereAsync(connection) ? 1 : 0;
        }

        // Our own sessions count as well, and come and go.
        Assert.InRange(left, 10, 16);
    }

    [Fact]
    public async Task Sessions_that_work_or_are_not_idle_for_long_enough_stay_and_it_is_said_that_nothing_can_be_done()
    {
        await using var database = await RepairDatabase.CreateAsync(await fixture.PostgresAsync(15));
        database.Target = database.Target with { Repair = new RepairPolicy() };
        await database.ExecuteAsync($"ALTER DATABASE {database.Scene.Name} CONNECTION LIMIT 4");
        var open = new List<NpgsqlConnection>();
        while (open.Count < 4)
        {
            open.Add(await database.Scene.OpenAsync());
        }

        var repair = await database.RepairAsync(database.Issue("EndIdleSessions", ("scope", "Database"), ("name", database.Scene.Name)));

        Assert.True(repair.State == RepairState.Refused, $"{repair.State} {repair.Message}");
        foreach (var connection in open)
        {
            Assert.True(await database.Scene.IsThereAsync(connection));
        }
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Transactions_that_are_open_and_idle_are_ended_and_other_idle_sessions_are_not(int major)
    {
        await using var database = await RepairDatabase.CreateAsync(await fixture.PostgresAsync(major));
        var idle = await database.Scene.OpenAsync();
        var open = await database.Scene.AfterAsync("BEGIN; SELECT 1");
        // On a server that others use, this test ends its own alone.
        database.Target = database.Target with { Repair = database.Target.Repair with { IdleInTransaction = TimeSpan.FromMilliseconds(1) } };
        var plan = await database.Engine.Repairs.PlanAsync(database.Target, database.Issue("EndIdleSessions", ("idleInTransaction", "1")), new RepairOptions(), Calls.Silent(), Token);
        var mine = plan with { Steps = [.. plan.Steps.Where(step => step.Parameters["process"] == $"{open.ProcessID}")] };
        Assert.Single(mine.Steps);

        var repair = await database.Engine.Repairs.ExecuteAsync(database.Target, mine, new RepairOptions { Wait = TimeSpan.Zero }, Calls.Silent(), Token);

        Assert.Contains("1 of 1 session ended", repair.Message, StringComparison.Ordinal);
        Assert.False(await database.Scene.IsThereAsync(open));
        Assert.True(await database.Scene.IsThereAsync(idle));
    }

    [Fact]
    public async Task A_finding_about_one_session_ends_that_one_alone()
    {
        await using var database = await RepairDatabase.CreateAsync(await fixture.PostgresAsync(15));
        var (meant, other) = (await database.Scene.AfterAsync("BEGIN; SELECT 1"), await database.Scene.AfterAsync("BEGIN; SELECT 1"));
        var seen = Assert.Single(await database.Engine.Sessions.ReadAsync(database.Target, new DbSessionQuery { ProcessIds = [meant.ProcessID] }, Calls.Silent(), Token));
        Finding Issue(int process, DateTimeOffset? connected) => database.Issue(
            "EndIdleSessions", ("idleInTransaction", "00:00:01"), ("process", $"{process}"), ("connected", connected?.ToString("O", CultureInfo.InvariantCulture) ?? "")) with { Subject = $"{process} {connected}" };

        Assert.Equal(RepairState.AlreadyGone, (await database.RepairAsync(Issue(meant.ProcessID, seen.BackendStart - TimeSpan.FromSeconds(1)))).State);
        Assert.Equal(RepairState.Refused, (await database.RepairAsync(Issue(meant.ProcessID, null))).State);
        Assert.True(await database.Scene.IsThereAsync(meant));

        var repair = await database.RepairAsync(Issue(meant.ProcessID, seen.BackendStart));

        Assert.True(repair.State == RepairState.Resolved, $"{repair.State} {repair.Message}");
        Assert.False(await database.Scene.IsThereAsync(meant));
        Assert.True(await database.Scene.IsThereAsync(other));
    }

    [Fact]
    public async Task A_session_that_has_done_anything_since_it_was_confirmed_stays()
    {
        await using var database = await RepairDatabase.CreateAsync(await fixture.PostgresAsync(15));
        var open = await database.Scene.AfterAsync("BEGIN; SELECT 1");
        var plan = await database.Engine.Repairs.PlanAsync(database.Target, database.Issue("EndIdleSessions", ("idleInTransaction", "1")), new RepairOptions(), Calls.Silent(), Token);
        var mine = plan with { Steps = [.. plan.Steps.Where(step => step.Parameters["process"] == $"{open.ProcessID}")] };
        await open.ExecuteAsync("SELECT 2");

        var repair = await database.Engine.Repairs.ExecuteAsync(database.Target, mine, new RepairOptions { Wait = TimeSpan.Zero }, Calls.Silent(), Token);

        Assert.Equal(RepairState.Refused, repair.State);
        Assert.True(await database.Scene.IsThereAsync(open));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Of_two_repairers_of_a_database_one_works_whatever_machine_they_are_on(int major)
    {
        await using var database = await RepairDatabase.CreateAsync(await fixture.PostgresAsync(major));
        var oid = await database.FailedIndexAsync("broken");
        var other = await database.Scene.OpenAsync(administrator: true);
        await other.ExecuteAsync($"SELECT pg_advisory_lock({AdvisoryLock.Key("Repair-SystemIssue")})");

        var busy = await Assert.ThrowsAsync<MaintenanceException>(() => database.RepairAsync(database.Index(oid, "broken")));
        Assert.Equal(MaintenanceErrorCode.AlreadyRunning, busy.Code);
        Assert.True(await database.ExistsAsync(oid));

        await other.ExecuteAsync("SELECT pg_advisory_unlock_all()");
        Assert.Equal(RepairState.Resolved, (await database.RepairAsync(database.Index(oid, "broken"))).State);
    }

    [Fact]
    public async Task Cancelling_while_a_remedy_waits_ends_it_and_keeps_that_nobody_knows()
    {
        await using var database = await RepairDatabase.CreateAsync(await fixture.PostgresAsync(15));
        var oid = await database.FailedIndexAsync("broken");
        var writer = await database.Scene.OpenAsync(administrator: true);
        await writer.ExecuteAsync("BEGIN; INSERT INTO twice VALUES (7)");
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var repairing = database.Engine.Repairs.RepairAsync(database.Target, database.Index(oid, "broken"), new RepairOptions(), Calls.Silent(), cancel.Token);
        while (await database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'DROP%INDEX CONCURRENTLY%' AND state = 'active' AND pid <> pg_backend_pid()") == 0)
        {
            Assert.False(repairing.IsCompleted, repairing.IsCompletedSuccessfully ? (await repairing).Message : $"{repairing.Exception}");
        }

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => repairing);
        await writer.ExecuteAsync("ROLLBACK");
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));
        // The next one knows.
        var next = await database.RepairAsync(database.Index(oid, "broken"));
        Assert.True(next.State is RepairState.Refused && next.Message.Contains("nobody knows", StringComparison.Ordinal) || next.State == RepairState.AlreadyGone, next.Message);
    }
}
