using System.Globalization;
using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;
using Maintenance.IntegrationTests.Maintain;
using Npgsql;

namespace Maintenance.IntegrationTests.Repair;

public sealed class DatabaseIssue15Tests(SandboxFixture servers) : DatabaseIssueTests(servers, 15);

public sealed class DatabaseIssue18Tests(SandboxFixture servers) : DatabaseIssueTests(servers, 18);

/// <summary>What is found on real servers that are made to suffer, and found gone when it is over.</summary>
public abstract class DatabaseIssueTests(SandboxFixture servers, int major) : IAsyncLifetime
{
    private readonly MaintenanceEngine _engine = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _engine.DisposeAsync();
    }

    private async Task<IReadOnlyList<Finding>> FindAsync(MaintenanceTarget target, params string[] ids) =>
        await _engine.Issues.FindAsync(target, new IssueSelection { IncludePassed = true, Ids = ids.Length == 0 ? null : ids.Contains }, Calls.Silent(), Token);

    private static MaintenanceTarget Quiet(MaintenanceTarget target, TimeSpan? idleInTransaction = null) => target with
    {
        Functions = null,
        History = new HistorySettings { Kind = HistoryKind.None },
        Repair = new RepairPolicy { IdleInTransaction = idleInTransaction ?? TimeSpan.FromMinutes(10) },
    };

    [Fact]
    public async Task An_idle_transaction_that_blocks_others_is_found_named_and_gone_when_it_ends()
    {
        await using var scene = await SessionScene.CreateAsync(await servers.PostgresAsync(major));
        var target = Quiet(scene.Target, TimeSpan.FromMilliseconds(1));
        var root = await scene.AfterAsync("BEGIN; UPDATE \"Big Orders\" SET note = 'SECRET' WHERE id = 1", "batch");
        var (_, waiting) = await scene.WaitingAsync("UPDATE \"Big Orders\" SET note = 'x' WHERE id = 1");
        await scene.UntilAsync("SELECT count(*) FROM pg_locks WHERE NOT granted AND now() - waitstart > '5.2 s' AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = '" + scene.Name + "')", 1, waiting);

        var blocking = Assert.Single(await FindAsync(target, "ISSUE-BLOCKING"), finding => finding.Database == scene.Name);
        Assert.Equal((FindingOutcome.Fail, $"session {root.ProcessID}"), (blocking.Outcome, blocking.Subject));
        Assert.Equal((root.ProcessID, "batch", 1), (blocking.Evidence["ProcessId"], blocking.Evidence["ApplicationName"], blocking.Evidence["Victims"]));
        Assert.DoesNotContain("SECRET", (string)blocking.Evidence["Query"]!, StringComparison.Ordinal);
        Assert.Equal(("EndIdleSessions", $"Get-DbSession -ProcessId {root.ProcessID} | Stop-DbSession"), (blocking.Remedy!.Kind, blocking.Remedy.Command));

        var idle = Assert.Single(await FindAsync(target, "ISSUE-IDLE-IN-TRANSACTION"));
        Assert.Equal((FindingOutcome.Fail, "EndIdleSessions"), (idle.Outcome, idle.Remedy?.Kind));
        Assert.True((await _engine.Issues.FindAgainAsync(target, blocking, Calls.Silent(), Token)).IsThere);

        await root.ExecuteAsync("ROLLBACK");
        await waiting;
        Assert.False((await _engine.Issues.FindAgainAsync(target, blocking, Calls.Silent(), Token)).IsThere);
    }

    [Fact]
    public async Task An_index_that_a_failed_build_left_is_found_with_its_statement_and_one_that_is_being_built_is_not()
    {
        await using var database = await MaintainedDatabase.CreateAsync(await servers.PostgresAsync(major));
        await database.Admin.ExecuteAsync("CREATE SCHEMA \"My Schema\"; CREATE TABLE \"My Schema\".\"Odd;Table\" (id int); INSERT INTO \"My Schema\".\"Odd;Table\" VALUES (1), (1)");
        await Assert.ThrowsAsync<PostgresException>(() => database.Admin.ExecuteAsync("CREATE UNIQUE INDEX CONCURRENTLY \"left'over\" ON \"My Schema\".\"Odd;Table\" (id)"));
        var target = Quiet(database.Target);

        var found = Assert.Single(await FindAsync(target, "ISSUE-INDEX-INVALID"));

        Assert.Equal((FindingOutcome.Fail, "My Schema.left'over", database.Name), (found.Outcome, found.Subject, found.Database));
        var remedy = found.Remedy!;
        Assert.Equal(("DropInvalidIndex", true), (remedy.Kind, remedy.IsReversible));
        Assert.Contains("DROP INDEX CONCURRENTLY", remedy.Command, StringComparison.Ordinal);
        Assert.Contains("\"My Schema\".\"left'over\"", remedy.Command, StringComparison.Ordinal);
        Assert.Equal(("My Schema", "left'over", database.Name), (remedy.Parameters["schema"], remedy.Parameters["name"], remedy.Parameters["database"]));
        Assert.Equal(await database.Admin.ScalarAsync<long>("SELECT oid::int8 FROM pg_class WHERE relname = 'left''over'"), long.Parse(remedy.Parameters["oid"], CultureInfo.InvariantCulture));

        // What would be run does what it says, and then it is gone.
        await database.Admin.ExecuteAsync(remedy.Command);
        Assert.False((await _engine.Issues.FindAgainAsync(target, found, Calls.Silent(), Token)).IsThere);

        // A build waits for whoever was there before it: until then its index is not valid, and that is as it should be.
        await using var old = await database.OpenAsync();
        await old.ExecuteAsync("BEGIN; INSERT INTO \"My Schema\".\"Odd;Table\" VALUES (3)");
        await using var builder = await database.OpenAsync();
        var building = builder.ExecuteAsync("CREATE INDEX CONCURRENTLY building ON \"My Schema\".\"Odd;Table\" (id)");
        while (await database.Admin.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname = 'building'") == 0)
        {
            await Task.Delay(5, Token);
        }

        Assert.Equal(FindingOutcome.Pass, Assert.Single(await FindAsync(target, "ISSUE-INDEX-INVALID")).Outcome);
        await old.ExecuteAsync("COMMIT");
        await building;
    }

    [Fact]
    public async Task A_table_that_autovacuum_leaves_alone_is_found_and_gone_when_it_is_vacuumed()
    {
        await using var database = await MaintainedDatabase.CreateAsync(await servers.PostgresAsync(major));
        await database.TableAsync("\"Dead Rows\"", 10_000, dead: 4_000);
        await database.TableAsync("few", 10_000, dead: 1_500);
        var target = Quiet(database.Target);

        var found = Assert.Single(await FindAsync(target, "ISSUE-VACUUM-DUE"));

        Assert.Equal((FindingOutcome.Fail, FindingSeverity.Low, "public.Dead Rows"), (found.Outcome, found.Severity, found.Subject));
        Assert.Equal(("Vacuum", RemedyRisk.Low, "Dead Rows"), (found.Remedy!.Kind, found.Remedy.Risk, found.Remedy.Parameters["name"]));
        await database.Admin.ExecuteAsync(found.Remedy.Command);
        await database.CountAsync();
        var again = await _engine.Issues.FindAgainAsync(target, found, Calls.Silent(), Token);
        Assert.Equal((false, "Autovacuum has left none of 2 tables."), (again.IsThere, again.Message));
    }

    [Fact]
    public async Task A_role_that_has_used_up_its_own_limit_is_found_though_the_server_has_connections_left()
    {
        await using var scene = await SessionScene.CreateAsync(await servers.PostgresAsync(major));
        await SandboxDatabase.ExecuteAsync(scene.Sandbox, $"ALTER ROLE {scene.Name} CONNECTION LIMIT 3");
        for (var i = 0; i < 3; i++)
        {
            await scene.AfterAsync("SELECT 1");
        }

        var target = Quiet(scene.Target) with { Repair = new RepairPolicy { IdleSession = TimeSpan.FromMilliseconds(1) } };
        var found = Assert.Single(await FindAsync(target, "ISSUE-CONNECTIONS"), finding => finding.Subject == $"role {scene.Name}");

        Assert.Equal((FindingOutcome.Fail, "EndIdleSessions"), (found.Outcome, found.Remedy?.Kind));
        Assert.Equal(("Role", scene.Name), (found.Remedy!.Parameters["scope"], found.Remedy.Parameters["name"]));
        Assert.Contains($"-State Idle -OlderThan 00:00:00.0010000 -Role {scene.Name} ", found.Remedy.Command, StringComparison.Ordinal);
        // What is well again is told of the role, not of the server.
        await SandboxDatabase.ExecuteAsync(scene.Sandbox, $"ALTER ROLE {scene.Name} CONNECTION LIMIT 30");
        Assert.Equal((false, $"10 % of the connections that the role {scene.Name} may have are in use (3 of 30)."), await _engine.Issues.FindAgainAsync(target, found, Calls.Silent(), Token) is var again ? (again.IsThere, again.Message) : default);
        Assert.Contains("(3 of 3) (limit 90 %)", found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_without_rights_is_told_what_it_may_not_see_and_nothing_is_well_for_that()
    {
        await using var scene = await SessionScene.CreateAsync(await servers.PostgresAsync(major));
        await scene.AfterAsync("BEGIN", "somebody");
        var name = $"blind_{Guid.NewGuid():N}";
        await SandboxDatabase.ExecuteAsync(scene.Sandbox, $"CREATE ROLE {name} LOGIN PASSWORD '{SandboxFixture.PasswordOf(scene.Sandbox)}'");
        try
        {
            var target = Quiet(scene.Target, TimeSpan.FromMilliseconds(1)).As(user: name, password: SandboxFixture.PasswordOf(scene.Sandbox));
            var found = await FindAsync(target);

            var hidden = Assert.Single(found, finding => finding.Id == "ISSUE-IDLE-IN-TRANSACTION");
            Assert.Equal((FindingOutcome.NotPermitted, (Remedy?)null), (hidden.Outcome, hidden.Remedy));
            Assert.Contains("pg_monitor", hidden.Recommendation, StringComparison.Ordinal);
            Assert.Contains(found, finding => finding is { Id: "REPL-NOT-PERMITTED", Outcome: FindingOutcome.NotPermitted });
            Assert.All(found.Where(finding => finding.Outcome != FindingOutcome.Fail), finding => Assert.Null(finding.Remedy));
        }
        finally
        {
            await _engine.CloseAsync(scene.Target);
            await SandboxDatabase.ExecuteAsync(scene.Sandbox, $"DROP ROLE {name}");
        }
    }

    [Fact]
    public async Task A_flood_of_connections_is_found_with_whom_to_end_and_a_full_server_says_so()
    {
        var options = new SandboxOptions { Name = $"flood{major}", PostgresVersion = major, Scale = 0, ResourcePath = SandboxFixture.ResourcePath };
        var sandbox = await SandboxFixture.OrSkipAsync(() => servers.Service.StartAsync(options, Calls.Silent(), Token));
        var flood = new List<NpgsqlConnection>();
        try
        {
            var server = await OwnServer.OfAsync(sandbox, options);
            await SandboxDatabase.ExecuteAsync(sandbox, "ALTER SYSTEM SET max_connections = 20");
            await SandboxDatabase.ExecuteAsync(sandbox, "ALTER SYSTEM SET superuser_reserved_connections = 3");
            await server.RestartAsync();
            await SandboxDatabase.ExecuteAsync(sandbox, $"CREATE ROLE app LOGIN PASSWORD '{SandboxFixture.PasswordOf(sandbox)}'; CREATE ROLE one LOGIN CONNECTION LIMIT 1 PASSWORD '{SandboxFixture.PasswordOf(sandbox)}'; CREATE ROLE watcher LOGIN PASSWORD '{SandboxFixture.PasswordOf(sandbox)}'; GRANT pg_monitor TO watcher");
            var target = (Quiet(sandbox.Target) with { Repair = new RepairPolicy { IdleSession = TimeSpan.FromMilliseconds(1), Settle = TimeSpan.FromMilliseconds(10) } }).As(user: "watcher", password: SandboxFixture.PasswordOf(sandbox));
            var connection = new NpgsqlConnectionStringBuilder(SandboxFixture.ConnectionString(sandbox, "app")) { Pooling = false, ApplicationName = "shop" }.ConnectionString;
            async Task FloodAsync(int until)
            {
                while (flood.Count < until)
                {
                    var another = new NpgsqlConnection(connection);
                    flood.Add(another);
                    await another.OpenAsync(Token);
                    await another.ExecuteAsync("SELECT 1");
                }
            }

            async Task<Finding> ServerAsync() => Assert.Single(await FindAsync(target, "ISSUE-CONNECTIONS"), finding => finding.Subject is null);

            // 17 for ordinary roles, and the watcher needs one or two itself.
            await FloodAsync(15);
            var forbidden = await ServerAsync();
            Assert.Equal((FindingOutcome.Fail, null, "Run as an administrator: GRANT pg_signal_backend TO watcher;"), (forbidden.Outcome, forbidden.Remedy?.Kind, forbidden.Recommendation));
            Assert.Equal((0, 15), (forbidden.Evidence["Idle"], forbidden.Evidence["IdleForbidden"]));
            await SandboxDatabase.ExecuteAsync(sandbox, "GRANT pg_signal_backend TO watcher");
            var found = await ServerAsync();
            Assert.Equal((FindingOutcome.Fail, "EndIdleSessions"), (found.Outcome, found.Remedy?.Kind));
            Assert.Equal(15, found.Evidence["Idle"]);

            await _engine.CloseAsync(target);
            await FloodAsync(17);
            var full = await FindAsync(target);
            var refused = Assert.Single(full, finding => finding.Id == "ISSUE-CONNECTIONS");
            // One goes to the role below; a repair needs two: it holds a lock while it looks.
            await SandboxDatabase.ExecuteAsync(sandbox, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = 'app' ORDER BY pid LIMIT 3");

            // That a role is at its own limit is another issue, and keeps nobody from mending this one.
            await using var one = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(SandboxFixture.ConnectionString(sandbox, "one")) { Pooling = false }.ConnectionString);
            await one.OpenAsync(Token);
            var repair = await _engine.Repairs.RepairAsync(target, found, new RepairOptions { Wait = TimeSpan.FromSeconds(3) }, Calls.Silent(), Token);
            Assert.True(repair.State == RepairState.Resolved, $"{repair.State} {repair.Message}");
            Assert.Equal(1, await one.ScalarAsync<int>("SELECT 1"));
            Assert.DoesNotContain(await FindAsync(target, "ISSUE-CONNECTIONS"), finding => finding.Subject is null && finding.Outcome != FindingOutcome.Pass);
            Assert.Equal((FindingOutcome.Fail, FindingSeverity.Critical, (Remedy?)null), (refused.Outcome, refused.Severity, refused.Remedy));
            Assert.All(full.Where(finding => finding.Id is not ("ISSUE-CONNECTIONS" or "ISSUE-DATABASE-DOWN")), finding => Assert.Equal(FindingOutcome.Unknown, finding.Outcome));
        }
        finally
        {
            foreach (var connection in flood)
            {
                await connection.DisposeAsync();
            }

            await servers.Service.StopAsync(sandbox.Id, Calls.Silent(), CancellationToken.None);
        }
    }

    [Fact]
    public async Task Looking_leaves_nothing_behind_and_gives_no_ids_but_those_that_are_announced()
    {
        await using var database = await MaintainedDatabase.CreateAsync(await servers.PostgresAsync(major));
        await database.Admin.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)");

        var found = await FindAsync(Quiet(database.Target));

        var announced = _engine.Issues.Kinds.Select(kind => (kind.Id, kind.Area)).ToHashSet();
        Assert.All(found, finding => Assert.Contains((finding.Id, finding.Area), announced));
        Assert.All(found, finding => Assert.Equal(database.Target.Name, finding.Target));
        await database.AssertNothingRunsAsync();
    }
}
