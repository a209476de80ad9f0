using Maintenance.Engine;
using Maintenance.IntegrationTests.Analytics;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Inspect;

/// <summary>Ages of real databases. Those that need much spent, prepared or crashed have servers of their own.</summary>
[Collection(ReplicatedServers.Name)]
public sealed class WraparoundTests(SandboxFixture fixture, ReplicatedServers servers) : IAsyncDisposable
{
    private readonly ShiftedTime _time = new();
    private readonly TemporaryFolder _folder = new();
    private MaintenanceEngine? _engine;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_engine is not null)
        {
            await _engine.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Every_database_has_the_age_that_the_server_says_the_connected_one_first(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        await using var connection = await SandboxDatabase.OpenAsync(sandbox);
        const string oldest = "SELECT age(datfrozenxid)::bigint FROM pg_database WHERE datname = 'postgres'";
        var before = await connection.ScalarAsync<long>(oldest);
        var databases = await MeasureAsync(sandbox.Target);
        var after = await connection.ScalarAsync<long>(oldest);

        Assert.True(databases[0].IsConnected);
        Assert.Equal("postgres", databases[0].Database);
        Assert.InRange(databases[0].XidAge, before, after);
        Assert.Equal(200_000_000, databases[0].Xid.Freeze.Limit);
        Assert.Equal(1_600_000_000, databases[0].Xid.Failsafe!.Limit);
        Assert.Equal(2_144_483_647, databases[0].Xid.Stop.Limit);
        Assert.Equal(400_000_000, databases[0].Multixact.Freeze.Limit);
        Assert.NotNull(databases[0].MultixactMemberPercent);
        var template = databases.Single(database => database.Database == "template0");
        Assert.Equal((false, HealthStatus.Ok), (template.AllowsConnections, template.Status));
        Assert.Contains("autovacuum", template.Note, StringComparison.Ordinal);
        Assert.Empty(template.Tables);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Measuring_consumes_no_transaction_id(int major)
    {
        var (primary, _) = await servers.PairAsync(major);
        var before = await ScalarAsync<long>(primary, "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint");
        await MeasureAsync(primary.Target);
        await MeasureAsync(primary.Target);
        Assert.Equal(before, await ScalarAsync<long>(primary, "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Tables_count_with_their_toast_and_their_own_limits(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        var name = $"ages_{Guid.NewGuid():N}";
        await SandboxDatabase.CreateAsync(sandbox, name);
        try
        {
            await SandboxDatabase.ExecuteAsync(
                sandbox,
                """
                CREATE SCHEMA "Odd ""Schema";
                CREATE TABLE "Odd ""Schema"."Mixed Case" (id int, text text) WITH (autovacuum_freeze_max_age = 100000);
                CREATE TABLE toasted (text text) WITH (toast.autovacuum_freeze_max_age = 100000, autovacuum_multixact_freeze_max_age = 20000);
                CREATE UNLOGGED TABLE unlogged (id int) WITH (autovacuum_freeze_max_age = 100000);
                CREATE MATERIALIZED VIEW seen WITH (autovacuum_freeze_max_age = 100000) AS SELECT 1 AS id;
                CREATE TABLE parted (id int) PARTITION BY RANGE (id);
                CREATE TABLE part PARTITION OF parted FOR VALUES FROM (0) TO (9);
                CREATE SEQUENCE counted;
                CREATE VIEW looked AS SELECT 1 AS id;
                """,
                name);
            var tables = (await MeasureAsync(sandbox.Target.As(database: name), 1000))[0].Tables;

            DbTableAge Of(string table) => Assert.Single(tables, entry => entry.Name == table);
            Assert.Equal(("Odd \"Schema", 100_000L), (Of("Mixed Case").Schema, Of("Mixed Case").FreezeLimit));
            Assert.True(((IDbObject)Of("Mixed Case")).Oid > 0);
            Assert.Equal((100_000L, 20_000L), (Of("toasted").FreezeLimit, Of("toasted").MultixactFreezeLimit));
            Assert.Equal(100_000, Of("unlogged").FreezeLimit);
            Assert.True(Of("seen").IsMaterializedView);
            Assert.Equal(200_000_000, Of("part").FreezeLimit);
            Assert.True(Of("pg_database").IsShared);
            Assert.DoesNotContain(tables, table => table.Name is "parted" or "counted" or "looked" || table.Name.StartsWith("pg_toast", StringComparison.Ordinal));
            // Those with limits of their own are nearer than one of the same age without. The catalogue is not
            // compared: it is as old as the server, which other tests share and move forward.
            var own = tables.Where(table => table.Schema is "public" or "Odd \"Schema").Select(table => table.Name).ToList();
            Assert.Equal(["Mixed Case", "seen", "toasted", "unlogged"], own.Take(4).Order(StringComparer.Ordinal));
            Assert.Equal("part", own[4]);
        }
        finally
        {
            await SandboxDatabase.ExecuteAsync(sandbox, $"DROP DATABASE {name} WITH (FORCE)");
        }
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_date_comes_from_snapshots_and_there_is_none_before_they_cover_an_hour(int major)
    {
        var (primary, standby) = await servers.PairAsync(major);
        var first = (await MeasureAsync(primary.Target))[0];
        Assert.Null(first.Xid.PerSecond);
        Assert.Null(first.StopAt);
        Assert.Contains("too little history", first.Xid.Reason, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Ok, first.Status);

        _time.Shift = TimeSpan.FromHours(2);
        await ConsumeAsync(primary, 7200);
        var second = (await MeasureAsync(primary.Target))[0];
        Assert.InRange(second.Xid.PerSecond!.Value, 0.99, 1.5);
        Assert.Null(second.Xid.SlowestPerSecond);
        Assert.Equal(0, second.Multixact.PerSecond);
        Assert.Null(second.Multixact.Stop.At);
        Assert.Contains("has not moved", second.Multixact.Reason, StringComparison.Ordinal);
        Assert.Equal((second.Xid.Stop.Limit - second.XidAge) / second.Xid.PerSecond.Value, (second.StopAt!.Value - second.CollectedAt).TotalSeconds, 1.0);
        Assert.True(second.FreezeAt < second.FailsafeAt && second.FailsafeAt < second.StopAt);

        _time.Shift = TimeSpan.FromHours(4);
        await ConsumeAsync(primary, 14_400);
        var third = (await MeasureAsync(primary.Target))[0];
        Assert.InRange(third.Xid.SlowestPerSecond!.Value, 0.99, 1.4);
        Assert.InRange(third.Xid.FastestPerSecond!.Value, 1.99, 2.5);
        Assert.True(third.Xid.Stop.Earliest < third.Xid.Stop.At && third.Xid.Stop.At < third.Xid.Stop.Latest);

        // The standby applies the same counters.
        while ((await MeasureAsync(standby.Target))[0].XidAge < third.XidAge)
        {
            await Task.Delay(20, Token);
        }
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Multixacts_are_counted_with_their_own_age(int major)
    {
        var (primary, _) = await servers.PairAsync(major);
        await ExecuteAsync(primary, "CREATE TABLE IF NOT EXISTS hot (id int PRIMARY KEY)", "INSERT INTO hot VALUES (1) ON CONFLICT DO NOTHING");
        var before = (await MeasureAsync(primary.Target))[0].MultixactAge;
        for (var i = 0; i < 3; i++)
        {
            await using var one = await OpenAsync(primary);
            await using var other = await OpenAsync(primary);
            await one.ExecuteAsync("BEGIN; SELECT FROM hot FOR SHARE");
            await other.ExecuteAsync("BEGIN; SELECT FROM hot FOR SHARE; COMMIT");
            await one.ExecuteAsync("COMMIT");
        }

        var after = (await MeasureAsync(primary.Target))[0];
        Assert.Equal(3, after.MultixactAge - before);
        Assert.Equal(after.MultixactAge, await ScalarAsync<int>(primary, "SELECT mxid_age(datminmxid) FROM pg_database WHERE datname = 'postgres'"));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_prepared_transaction_is_named_as_what_keeps_an_overdue_table_from_being_frozen(int major)
    {
        var (primary, _) = await servers.PairAsync(major);
        await ExecuteAsync(
            primary,
            "CREATE TABLE \"Over due\" (id int) WITH (autovacuum_freeze_max_age = 100000)",
            "BEGIN; INSERT INTO \"Over due\" VALUES (1); PREPARE TRANSACTION 'left behind'");
        try
        {
            await ConsumeAsync(primary, 130_000);
            var databases = await MeasureAsync(primary.Target);

            var connected = databases[0];
            Assert.Equal((XminHolderKind.PreparedTransaction, "left behind"), (connected.Blocker!.Kind, connected.Blocker.Name));
            Assert.True(connected.Blocker.XminAge >= 130_000);
            Assert.Equal("public.Over due", connected.Xid.Freeze.Table);
            Assert.True(connected.Xid.Freeze.Percent > 120);
            Assert.Equal(HealthStatus.Warning, connected.Status);
            var overdue = Assert.Single(connected.Findings, finding => finding.Id == "XID-TABLE-OVERDUE");
            Assert.Equal("VACUUM (FREEZE) public.\"Over due\";", overdue.Remedy!.Command);
            var blocked = Assert.Single(connected.Findings, finding => finding.Id == "XID-FREEZE-BLOCKED");
            Assert.Contains("left behind", blocked.Message, StringComparison.Ordinal);
            Assert.Equal(connected.CollectedAt, connected.FreezeAt);
            // It holds back the shared catalogues of the others too.
            Assert.All(databases, database => Assert.Equal("left behind", database.Blocker!.Name));

            // The plan does nothing while it is held, and works once it is not.
            await ExecuteAsync(primary, overdue.Remedy.Command);
            Assert.Contains((await MeasureAsync(primary.Target))[0].Findings, finding => finding.Id == "XID-TABLE-OVERDUE");
            await ExecuteAsync(primary, "ROLLBACK PREPARED 'left behind'", overdue.Remedy.Command);
            var after = (await MeasureAsync(primary.Target))[0];
            Assert.DoesNotContain(after.Findings, finding => finding.Id is "XID-TABLE-OVERDUE" or "XID-FREEZE-BLOCKED");
            Assert.Equal(HealthStatus.Ok, after.Status);
        }
        finally
        {
            await ExecuteAsync(
                primary,
                "DO $$ BEGIN IF EXISTS (SELECT FROM pg_prepared_xacts) THEN RAISE EXCEPTION 'still prepared'; END IF; END $$",
                "DROP TABLE \"Over due\"");
        }
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task An_open_transaction_of_another_database_is_named_too(int major)
    {
        var (primary, _) = await servers.PairAsync(major);
        await SandboxDatabase.CreateAsync(primary.Sandbox, "elsewhere");
        try
        {
            await using var reader = await OpenAsync(primary, "elsewhere");
            await reader.ExecuteAsync("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1");
            await ConsumeAsync(primary, 10);
            var connected = (await MeasureAsync(primary.Target))[0];
            Assert.Equal((XminHolderKind.Backend, "elsewhere", reader.ProcessID), (connected.Blocker!.Kind, connected.Blocker.Database, connected.Blocker.ProcessId));
            Assert.True(connected.Blocker.XminAge >= 10);
        }
        finally
        {
            await ExecuteAsync(primary, "DROP DATABASE elsewhere WITH (FORCE)");
        }
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_temporary_table_belongs_to_its_session_and_is_orphaned_after_a_crash(int major)
    {
        var (primary, _) = await servers.PairAsync(major);
        await SandboxDatabase.CreateAsync(primary.Sandbox, "orphans");
        var target = primary.Target.As(database: "orphans");
        await using (var session = await OpenAsync(primary, "orphans"))
        {
            await session.ExecuteAsync("SET synchronous_commit = on; CREATE TEMP TABLE kept (id int, text text) WITH (autovacuum_freeze_max_age = 100000); INSERT INTO kept VALUES (1)");
            var alive = Assert.Single((await MeasureAsync(target, 1000))[0].Tables, table => table.Name == "kept");
            Assert.True(alive.IsTemporary);
            // Before PostgreSQL 16 the server does not tell whose it is.
            Assert.Equal(major >= 16 ? session.ProcessID : null, alive.OwnerProcessId);
            Assert.Equal(major >= 16 ? false : null, alive.IsOrphaned);
            await Engine.CloseAsync(target);
            await primary.RestartAsync("immediate");
        }

        var after = (await MeasureAsync(target, 1000))[0];
        Assert.True(Assert.Single(after.Tables, table => table.Name == "kept").IsOrphaned);
        var finding = Assert.Single(after.Findings, finding => finding.Id == "XID-TEMP-ORPHANED");
        await using (var administrator = await OpenAsync(primary, "orphans"))
        {
            await administrator.ExecuteAsync(finding.Remedy!.Command);
        }

        Assert.DoesNotContain((await MeasureAsync(target, 1000))[0].Tables, table => table.IsTemporary);
        await Engine.CloseAsync(target);
        await ExecuteAsync(primary, "DROP DATABASE orphans WITH (FORCE)");
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_role_with_pg_monitor_alone_sees_all_but_the_members(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        var measured = (await MeasureAsync(sandbox.Target.As(user: "maintenance_monitor")))[0];
        Assert.DoesNotContain(measured.Findings, finding => finding.Status == HealthStatus.Unknown);
        Assert.Null(measured.MultixactMemberPercent);
        Assert.Contains("GRANT EXECUTE ON FUNCTION pg_ls_dir(text) TO maintenance_monitor;", measured.MultixactMemberReason, StringComparison.Ordinal);
        Assert.NotEmpty(measured.Tables);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_role_with_nothing_sees_ages_but_not_who_holds_them_back(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        await SandboxDatabase.ExecuteAsync(sandbox, "DO $$ BEGIN IF to_regrole('plain') IS NULL THEN CREATE ROLE plain LOGIN PASSWORD 'plain'; END IF; EXCEPTION WHEN unique_violation OR duplicate_object THEN NULL; END $$");
        var measured = (await MeasureAsync(sandbox.Target.As("plain", "plain")))[0];
        Assert.True(measured.XidAge > 0);
        Assert.Equal(HealthStatus.Unknown, measured.Status);
        var finding = Assert.Single(measured.Findings, finding => finding.Id == "XID-HOLDERS-NOT-PERMITTED");
        Assert.Contains("GRANT pg_monitor TO plain;", finding.Recommendation, StringComparison.Ordinal);
    }

    private MaintenanceEngine Engine => _engine ??= new MaintenanceEngine(_time);

    private Task<IReadOnlyList<DbWraparound>> MeasureAsync(MaintenanceTarget target, int tables = 10) => Engine.Wraparound.GetAsync(
        target with { Name = $"port{target.Database!.Port}", History = new HistorySettings { Kind = HistoryKind.Sqlite, Path = Path.Combine(_folder.Path, "history.db") } },
        tables, Calls.Silent(), Token);

    /// <summary>Spends transaction ids, each in a transaction of its own.</summary>
    private static Task ConsumeAsync(OwnServer server, int count) =>
        ExecuteAsync(server, $"DO $$ BEGIN FOR i IN 1..{count} LOOP PERFORM txid_current(); COMMIT; END LOOP; END $$");

    private static Task<NpgsqlConnection> OpenAsync(OwnServer server, string? database = null) =>
        SandboxDatabase.OpenAsync(server.Sandbox with { Port = server.Port }, database);

    private static async Task ExecuteAsync(OwnServer server, params string[] statements)
    {
        await using var connection = await OpenAsync(server);
        foreach (var statement in statements)
        {
            await connection.ExecuteAsync(statement);
        }
    }

    private static async Task<T> ScalarAsync<T>(OwnServer server, string sql)
    {
        await using var connection = await OpenAsync(server);
        return await connection.ScalarAsync<T>(sql);
    }
}
