using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Inspect;

public sealed class DbSessionTests(SandboxFixture fixture) : IAsyncDisposable
{
    private readonly MaintenanceEngine _engine = new();

    private async Task<IReadOnlyList<DbSession>> ReadAsync(SessionScene scene, DbSessionQuery? query = null, MaintenanceTarget? target = null, RecordingSink? sink = null)
    {
        var sessions = await _engine.Sessions.ReadAsync(
            target ?? scene.Target, query ?? new DbSessionQuery(), Calls.To(sink ?? new RecordingSink()), TestContext.Current.CancellationToken);
        return [.. sessions.Where(session => session.Database == scene.Name)];
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_tree_of_three_has_its_root_first_and_a_change_of_schema_that_stops_the_table_is_named(int major)
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(major));
        var root = await scene.AfterAsync("BEGIN; UPDATE \"Big Orders\" SET note = 'SECRET' WHERE id = 1", "batch");
        var (row, _) = await scene.WaitingAsync("UPDATE \"Big Orders\" SET note = 'SECRET' WHERE id = 1 /* SECRET */", "web");
        var (change, _) = await scene.WaitingAsync("ALTER TABLE \"Big Orders\" ADD extra int", "deploy");
        var (reader, _) = await scene.WaitingAsync("SELECT * FROM \"Big Orders\" WHERE note = 'SECRET'", "web");

        var tree = await ReadAsync(scene, new DbSessionQuery { Blocking = true });
        Assert.Equal([root.ProcessID, row.ProcessID, change.ProcessID, reader.ProcessID], tree.Select(session => session.ProcessId));
        Assert.Equal([0, 1, 2, 3], tree.Select(session => session.Depth));
        Assert.Equal([3, 2, 1, 0], tree.Select(session => session.Victims));
        Assert.All(tree, session => Assert.Equal(root.ProcessID, session.RootBlocker));
        Assert.All(tree, session => Assert.DoesNotContain("SECRET", session.Query, StringComparison.Ordinal));

        Assert.True(tree[0] is { IsRootBlocker: true, IsIdleInTransaction: true, IsWaiting: false, Role: var role } && role == scene.Name);
        Assert.True(tree[0].VictimWait > TimeSpan.Zero);
        Assert.NotNull(tree[0].XidAge);
        Assert.Equal([root.ProcessID], tree[1].BlockedBy);
        Assert.True(tree[1] is { LockType: "transactionid", Relation: "public.\"Big Orders\"", IsDdlQueue: false });
        Assert.Equal([root.ProcessID, row.ProcessID], tree[2].BlockedBy.Order());
        Assert.True(tree[2] is { LockType: "relation", LockMode: "AccessExclusiveLock", Relation: "public.\"Big Orders\"", IsDdlQueue: true, QueuePosition: 1 });
        Assert.Empty(tree[2].QueuedBehind);
        Assert.True(tree[3] is { QueuePosition: 2, LockMode: "AccessShareLock" });
        Assert.Equal([change.ProcessID], tree[3].QueuedBehind);
        Assert.True(tree[3].WaitAge > TimeSpan.Zero);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_is_told_of_a_session_is_what_it_is(int major)
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(major));
        // A snapshot that stays: it keeps rows from being removed.
        var idle = await scene.AfterAsync("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM \"Big Orders\"", "reader");
        await using (var other = await SandboxDatabase.OpenAsync(scene.Sandbox, scene.Name))
        {
            await other.ExecuteAsync("CREATE TABLE one (); CREATE TABLE two ()");
        }

        var session = Assert.Single(await ReadAsync(scene, new DbSessionQuery { ProcessIds = [idle.ProcessID] }));
        Assert.True(session is { State: DbSessionState.IdleInTransaction, BackendType: "client backend", ApplicationName: "reader", ClientAddress: "127.0.0.1", IsHidden: false, IsProtected: false });
        Assert.Equal("SELECT ? FROM \"Big Orders\"", session.Query);
        Assert.True(session.XminAge >= 1);
        Assert.True(session.TransactionAge >= session.StateAge);
        await using var observer = await SandboxDatabase.OpenAsync(scene.Sandbox);
        Assert.Equal(
            new DateTimeOffset(await observer.ScalarAsync<DateTime>($"SELECT backend_start FROM pg_stat_activity WHERE pid = {idle.ProcessID}")), session.BackendStart);

        await idle.ExecuteAsync("ROLLBACK");
        Assert.True(Assert.Single(await ReadAsync(scene, new DbSessionQuery { ProcessIds = [idle.ProcessID] })) is { State: DbSessionState.Idle, TransactionAge: null, XminAge: null });
    }

    [Fact]
    public async Task Filters_pick_what_was_asked_for()
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(15));
        var open = await scene.AfterAsync("BEGIN; SELECT 1");
        var failed = await scene.OpenAsync();
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => failed.ExecuteAsync("BEGIN; SELECT 1/0"));
        var idle = await scene.AfterAsync("SELECT 1");
        var administrator = await scene.OpenAsync(administrator: true);

        async Task<IEnumerable<int>> Ids(DbSessionQuery query) => (await ReadAsync(scene, query)).Select(session => session.ProcessId).Order();
        Assert.Equal(new[] { open.ProcessID, failed.ProcessID }.Order(), await Ids(new DbSessionQuery { IdleInTransaction = true }));
        Assert.Empty(await Ids(new DbSessionQuery { IdleInTransaction = true, OlderThan = TimeSpan.FromHours(1) }));
        Assert.Equal([failed.ProcessID], await Ids(new DbSessionQuery { States = [DbSessionState.IdleInTransactionAborted] }));
        Assert.Equal(new[] { open.ProcessID, failed.ProcessID, idle.ProcessID }.Order(), await Ids(new DbSessionQuery { Roles = [scene.Name] }));
        Assert.Equal([administrator.ProcessID], await Ids(new DbSessionQuery { ProcessIds = [administrator.ProcessID] }));
        Assert.Empty(await Ids(new DbSessionQuery { Blocking = true }));
        Assert.Contains(
            await _engine.Sessions.ReadAsync(scene.Target, new DbSessionQuery { All = true }, Calls.Silent(), TestContext.Current.CancellationToken),
            session => session is { BackendType: "checkpointer", State: DbSessionState.Background, Protection: DbSessionProtection.Always });
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_role_with_pg_monitor_sees_everything_and_one_with_nothing_sees_who_blocks_whom_and_is_told_what_to_grant(int major)
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(major));
        var root = await scene.AfterAsync("BEGIN; LOCK TABLE \"Big Orders\"");
        var (victim, _) = await scene.WaitingAsync("SELECT * FROM \"Big Orders\"");
        var nobody = $"nobody \"{scene.Name}";
        await SandboxDatabase.ExecuteAsync(scene.Sandbox, $"CREATE ROLE \"{nobody.Replace("\"", "\"\"", StringComparison.Ordinal)}\" LOGIN PASSWORD '{SandboxFixture.PasswordOf(scene.Sandbox)}'");
        try
        {
            var silent = new RecordingSink();
            var all = await ReadAsync(scene, target: scene.Target.As("maintenance_monitor"), sink: silent);
            Assert.Empty(silent.Warnings);
            Assert.DoesNotContain(all, session => session.IsHidden);
            Assert.Contains(all, session => session is { IsRootBlocker: true, Query: not null, BackendStart: not null });

            var sink = new RecordingSink();
            var hidden = await ReadAsync(scene, new DbSessionQuery { Blocking = true }, scene.Target.As(nobody), sink);
            Assert.Contains($"GRANT pg_monitor TO \"nobody \"\"{scene.Name}\";", Assert.Single(sink.Warnings), StringComparison.Ordinal);
            Assert.Equal([root.ProcessID, victim.ProcessID], hidden.Select(session => session.ProcessId));
            Assert.All(hidden, session => Assert.True(session is { IsHidden: true, State: DbSessionState.Unknown, Query: null, BackendStart: null, IsProtected: true }));
            Assert.True(hidden[1] is { LockMode: "AccessShareLock", Relation: "public.\"Big Orders\"", Depth: 1 });
        }
        finally
        {
            await _engine.CloseAsync(scene.Target);
            await SandboxDatabase.ExecuteAsync(scene.Sandbox, $"DROP ROLE \"{nobody.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
        }
    }

    [Fact]
    public async Task A_burst_catches_a_wait_that_is_over_when_it_ends()
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(15));
        var root = await scene.AfterAsync("BEGIN; LOCK TABLE \"Big Orders\"");
        var (victim, statement) = await scene.WaitingAsync("SELECT * FROM \"Big Orders\"");
        var sink = new RecordingSink();
        var sampling = ReadAsync(scene, new DbSessionQuery { Burst = TimeSpan.FromSeconds(2) }, sink: sink);
        while (!sink.ProgressUpdates.Any(progress => progress.Status.StartsWith("3 ", StringComparison.Ordinal)))
        {
            Assert.False(sampling.IsCompleted);
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        await root.ExecuteAsync("ROLLBACK");
        await statement;
        var caught = await sampling;
        Assert.Equal([root.ProcessID, victim.ProcessID], caught.Select(session => session.ProcessId));
        Assert.All(caught, session => Assert.True(session.Samples >= 3 && session.Samples < session.SampleCount, $"{session.Samples} of {session.SampleCount}"));
        Assert.Empty(await ReadAsync(scene, new DbSessionQuery { Blocking = true }));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_deadlock_that_the_server_has_not_broken_yet_has_no_root(int major)
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(major));
        await SandboxDatabase.ExecuteAsync(scene.Sandbox, $"ALTER ROLE {scene.Name} SET deadlock_timeout = '10min'");
        var one = await scene.AfterAsync("BEGIN; SELECT pg_advisory_xact_lock(1)");
        var two = await scene.AfterAsync("BEGIN; SELECT pg_advisory_xact_lock(2)");
        await scene.WaitingAsync(one, "SELECT pg_advisory_xact_lock(2)");
        await scene.WaitingAsync(two, "SELECT pg_advisory_xact_lock(1)");

        var sessions = await ReadAsync(scene, new DbSessionQuery { Blocking = true });
        Assert.Equal(new[] { one.ProcessID, two.ProcessID }.Order(), sessions.Select(session => session.ProcessId).Order());
        Assert.All(sessions, session => Assert.True(session is { IsDeadlocked: true, IsRootBlocker: false, RootBlocker: null, Victims: 1, LockType: "advisory" }));
    }

    [Fact]
    public async Task Waits_of_another_database_are_seen_with_the_number_of_the_table()
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(15));
        await scene.AfterAsync("BEGIN; LOCK TABLE \"Big Orders\"");
        await scene.WaitingAsync("SELECT * FROM \"Big Orders\"");
        var tree = await ReadAsync(scene, new DbSessionQuery { Blocking = true }, scene.Sandbox.Target);
        Assert.True(tree[1] is { Relation: null, RelationOid: > 16000, Depth: 1 });
    }

    [Fact]
    public async Task A_lock_on_the_catalogue_itself_costs_the_names_alone()
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(15));
        await ReadAsync(scene);
        var root = await scene.OpenAsync(administrator: true);
        await root.ExecuteAsync("BEGIN; LOCK TABLE \"Big Orders\"");
        await scene.WaitingAsync("SELECT * FROM \"Big Orders\"");
        await root.ExecuteAsync("LOCK TABLE pg_namespace");
        var tree = await ReadAsync(scene, new DbSessionQuery { Blocking = true });
        Assert.True(tree[1] is { Relation: null, RelationOid: not null, IsWaiting: true });
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Connections_are_counted_against_each_limit(int major)
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(major));
        await SandboxDatabase.ExecuteAsync(scene.Sandbox, $"ALTER ROLE {scene.Name} CONNECTION LIMIT 4; ALTER DATABASE {scene.Name} CONNECTION LIMIT 10");
        await scene.AfterAsync("BEGIN");
        await scene.AfterAsync("SELECT 1");
        var headroom = await _engine.Sessions.ReadHeadroomAsync(scene.Target, Calls.Silent(), TestContext.Current.CancellationToken);

        var server = headroom[0];
        Assert.True(server is { Scope: DbConnectionScope.Server, MaxConnections: 110, SuperuserReserved: 13, Limit: 97, Status: HealthStatus.Ok, Name: null });
        Assert.Equal(major >= 16 ? 0 : null, server.Reserved);
        Assert.True(server.Used >= 3 && server.Available == 97 - server.Used);
        Assert.True(headroom.Single(limit => limit.Scope == DbConnectionScope.Role && limit.Name == scene.Name) is { Used: 2, Limit: 4, Available: 2, Idle: 1, IdleInTransaction: 1, Active: 0 });
        // Our own session is one of the database's.
        Assert.True(headroom.Single(limit => limit.Scope == DbConnectionScope.Database && limit.Name == scene.Name) is { Used: 3, Limit: 10 });
    }

    [Fact]
    public async Task Hostile_names_and_texts_come_out_as_they_are_and_statements_without_what_they_carry()
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(15));
        var session = await scene.AfterAsync("SELECT E'\u001b[2J\nSECRET' -- SECRET\u0007", "x\u001b[31m\nforged");
        var seen = Assert.Single(await ReadAsync(scene, new DbSessionQuery { ProcessIds = [session.ProcessID] }));
        Assert.Equal("SELECT ?", seen.Query);
        Assert.DoesNotContain(seen.ApplicationName!, char.IsControl);
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();
}
