using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Maintain;

public sealed class DbSessionStopTests(SandboxFixture fixture) : IAsyncDisposable
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);
    private readonly MaintenanceEngine _engine = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<DbSession> SeeAsync(SessionScene scene, NpgsqlConnection connection) => Assert.Single(
        await _engine.Sessions.ReadAsync(scene.Target, new DbSessionQuery { ProcessIds = [connection.ProcessID] }, Calls.Silent(), Token));

    private async Task<DbSessionStop> StopAsync(MaintenanceTarget target, DbSessionStopRequest request)
    {
        var plan = await _engine.SessionTerminator.PlanAsync(target, request, Calls.Silent(), Token);
        return await _engine.SessionTerminator.ExecuteAsync(target, plan, Calls.Silent(), Token);
    }

    private async Task<DbSessionStop> StopAsync(SessionScene scene, NpgsqlConnection connection, DbSessionStopMode mode = DbSessionStopMode.CancelThenTerminate) =>
        await StopAsync(scene.Target, Request(await SeeAsync(scene, connection)) with { Mode = mode, Grace = Short });

    private static DbSessionStopRequest Request(DbSession seen) => new() { ProcessId = seen.ProcessId, Seen = seen };

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task The_root_that_is_idle_in_a_transaction_is_ended_and_all_its_victims_go_on(int major)
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(major));
        var root = await scene.AfterAsync("BEGIN; UPDATE \"Big Orders\" SET note = 'x' WHERE id = 1");
        var (_, row) = await scene.WaitingAsync("UPDATE \"Big Orders\" SET note = 'y' WHERE id = 1");
        var (_, change) = await scene.WaitingAsync("ALTER TABLE \"Big Orders\" ADD extra int");
        var (_, reader) = await scene.WaitingAsync("SELECT * FROM \"Big Orders\"");

        var result = await StopAsync(scene, root);
        Assert.True(result is { Outcome: DbSessionStopOutcome.Terminated, Victims: 3, Released: 3, Recommendation: null }, result.ToString());
        await Task.WhenAll(row, change, reader);
        Assert.False(await scene.IsThereAsync(root));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_statement_that_can_be_cancelled_costs_the_client_no_more_than_that(int major)
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(major));
        var (root, statement) = await scene.RunningAsync("BEGIN; LOCK TABLE \"Big Orders\"; SELECT pg_sleep(600)");
        var (_, victim) = await scene.WaitingAsync("SELECT * FROM \"Big Orders\"");

        var result = await StopAsync(scene, root);
        Assert.True(result is { Outcome: DbSessionStopOutcome.Cancelled, Victims: 1, Released: 1 }, result.ToString());
        Assert.Equal(PostgresErrorCodes.QueryCanceled, (await Assert.ThrowsAsync<PostgresException>(() => statement)).SqlState);
        await victim;
        Assert.True(await scene.IsThereAsync(root));
        await root.ExecuteAsync("ROLLBACK; SELECT 1");
    }

    // Catches every cancel and goes on.
    private const string Stubborn = """
        DO $$
        BEGIN
            LOCK TABLE "Big Orders";
            LOOP
                BEGIN
                    PERFORM pg_sleep(600);
                EXCEPTION WHEN query_canceled THEN
                    NULL;
                END;
            END LOOP;
        END $$
        """;

    [Fact]
    public async Task Who_goes_on_after_a_cancel_is_ended_once_the_grace_is_over()
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(15));
        var (root, statement) = await scene.RunningAsync(Stubborn);
        var (_, victim) = await scene.WaitingAsync("SELECT * FROM \"Big Orders\"");

        var cancelled = await StopAsync(scene, root, DbSessionStopMode.Cancel);
        Assert.True(cancelled is { Outcome: DbSessionStopOutcome.StillRunning, Released: 0, Recommendation: not null }, cancelled.ToString());
        Assert.True(await scene.IsThereAsync(root));

        var result = await StopAsync(scene, root);
        Assert.True(result is { Outcome: DbSessionStopOutcome.Terminated, Released: 1 }, result.ToString());
        await victim;
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => statement);
    }

    [Fact]
    public async Task Giving_up_during_the_grace_leaves_the_session_alive()
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(15));
        var (root, _) = await scene.RunningAsync(Stubborn);
        using var cancellation = new CancellationTokenSource();
        var sink = new RecordingSink();
        var plan = await _engine.SessionTerminator.PlanAsync(scene.Target, Request(await SeeAsync(scene, root)) with { Grace = TimeSpan.FromMinutes(1) }, Calls.Silent(), Token);
        var stopping = _engine.SessionTerminator.ExecuteAsync(scene.Target, plan, Calls.To(sink), cancellation.Token);
        while (!sink.VerboseMessages.Any(message => message.StartsWith("Cancelled", StringComparison.Ordinal)))
        {
            Assert.False(stopping.IsCompleted);
            await Task.Delay(5, Token);
        }

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopping);
        Assert.True(await scene.IsThereAsync(root));
        await using var observer = await SandboxDatabase.OpenAsync(scene.Sandbox);
        Assert.Equal(0, await observer.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'Maintenance/Stop-DbSession' AND datname = '" + scene.Name + "' AND state = 'active'"));
    }

    [Fact]
    public async Task A_number_that_is_used_again_is_never_hit()
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(15));
        var session = await scene.AfterAsync("BEGIN");
        var seen = await SeeAsync(scene, session);
        var other = seen with { BackendStart = seen.BackendStart!.Value.AddMicroseconds(1) };
        Assert.Equal(DbSessionStopOutcome.AlreadyGone, (await StopAsync(scene.Target, Request(other))).Outcome);

        // The same happens between plan and act: there the signalling statement itself looks.
        var plan = await _engine.SessionTerminator.PlanAsync(scene.Target, Request(seen), Calls.Silent(), Token);
        foreach (var mode in new[] { DbSessionStopMode.Terminate, DbSessionStopMode.CancelThenTerminate })
        {
            var result = await _engine.SessionTerminator.ExecuteAsync(scene.Target, plan with { Session = other, Mode = mode }, Calls.Silent(), Token);
            Assert.Equal(DbSessionStopOutcome.AlreadyGone, result.Outcome);
        }

        Assert.True(await scene.IsThereAsync(session));
    }

    [Fact]
    public async Task A_session_that_goes_on_to_other_work_between_plan_and_act_is_left_alone()
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(15));
        var session = await scene.AfterAsync("BEGIN");
        var plan = await _engine.SessionTerminator.PlanAsync(scene.Target, Request(await SeeAsync(scene, session)), Calls.Silent(), Token);
        await session.ExecuteAsync("COMMIT; BEGIN");
        Assert.Equal(DbSessionStopOutcome.AlreadyGone, (await _engine.SessionTerminator.ExecuteAsync(scene.Target, plan, Calls.Silent(), Token)).Outcome);
        Assert.True(await scene.IsThereAsync(session));

        var named = await StopAsync(scene.Target, new DbSessionStopRequest { ProcessId = session.ProcessID });
        Assert.Equal(DbSessionStopOutcome.Terminated, named.Outcome);
    }

    [Fact]
    public async Task A_victim_is_skipped_and_lives_unless_it_is_named()
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(15));
        var root = await scene.AfterAsync("BEGIN; LOCK TABLE \"Big Orders\"");
        var (victim, statement) = await scene.WaitingAsync("SELECT * FROM \"Big Orders\"");
        var skipped = await StopAsync(scene.Target, Request(await SeeAsync(scene, victim)));
        Assert.Equal(DbSessionStopOutcome.Skipped, skipped.Outcome);
        Assert.False(statement.IsCompleted);

        Assert.Equal(DbSessionStopOutcome.Cancelled, (await StopAsync(scene.Target, new DbSessionStopRequest { ProcessId = victim.ProcessID })).Outcome);
        await Assert.ThrowsAsync<PostgresException>(() => statement);
        Assert.True(await scene.IsThereAsync(root));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_superuser_needs_force_and_processes_of_the_server_are_never_stopped(int major)
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(major));
        var administrator = await scene.OpenAsync(administrator: true);
        await administrator.ExecuteAsync("BEGIN");
        var refused = await StopAsync(scene.Target, new DbSessionStopRequest { ProcessId = administrator.ProcessID });
        Assert.True(refused is { Outcome: DbSessionStopOutcome.Refused, Recommendation: not null });
        Assert.True(await scene.IsThereAsync(administrator));
        Assert.Equal(DbSessionStopOutcome.Terminated, (await StopAsync(scene.Target, new DbSessionStopRequest { ProcessId = administrator.ProcessID, Force = true })).Outcome);

        await using var observer = await SandboxDatabase.OpenAsync(scene.Sandbox);
        foreach (var kind in new[] { "checkpointer", "walwriter", "autovacuum launcher", "logical replication launcher" })
        {
            var process = await observer.ScalarAsync<int>($"SELECT pid FROM pg_stat_activity WHERE backend_type = '{kind}'");
            Assert.Equal(DbSessionStopOutcome.Refused, (await StopAsync(scene.Target, new DbSessionStopRequest { ProcessId = process, Force = true })).Outcome);
        }
    }

    [Fact]
    public async Task A_sender_of_WAL_needs_force()
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(15));
        await using var replica = new Npgsql.Replication.PhysicalReplicationConnection(SandboxFixture.ConnectionString(scene.Sandbox) + $";Application Name={scene.Name}");
        await replica.Open(Token);
        await using var observer = await SandboxDatabase.OpenAsync(scene.Sandbox);
        var process = await observer.ScalarAsync<int>($"SELECT pid FROM pg_stat_activity WHERE application_name = '{scene.Name}' AND backend_type = 'walsender'");
        var refused = await StopAsync(scene.Target, new DbSessionStopRequest { ProcessId = process });
        Assert.Equal(DbSessionStopOutcome.Refused, refused.Outcome);
        Assert.Equal($"To stop it all the same: Stop-DbSession -ProcessId {refused.ProcessId} -Force.", refused.Recommendation);
        Assert.Contains("WAL", refused.Message, StringComparison.Ordinal);
        Assert.True(await scene.IsThereAsync(process));
    }

    [Fact]
    public async Task Our_own_sessions_are_never_stopped_and_other_runs_only_by_force()
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(15));
        var run = await scene.AfterAsync("SELECT 1", "Maintenance/Weekly");
        Assert.Equal(DbSessionStopOutcome.Refused, (await StopAsync(scene.Target, new DbSessionStopRequest { ProcessId = run.ProcessID })).Outcome);

        // A burst keeps a session of this engine open meanwhile.
        using var cancellation = new CancellationTokenSource();
        var sampling = _engine.Sessions.ReadAsync(scene.Target, new DbSessionQuery { Burst = TimeSpan.FromMinutes(10) }, Calls.Silent(), cancellation.Token);
        await scene.UntilAsync($"SELECT count(*) FROM pg_stat_activity WHERE application_name = 'Maintenance/Get-DbSession' AND datname = '{scene.Name}'", 1, sampling);
        await using var observer = await SandboxDatabase.OpenAsync(scene.Sandbox);
        var own = await observer.ScalarAsync<int>($"SELECT pid FROM pg_stat_activity WHERE application_name = 'Maintenance/Get-DbSession' AND datname = '{scene.Name}'");
        var refused = await StopAsync(scene.Target, new DbSessionStopRequest { ProcessId = own, Force = true });
        Assert.True(refused is { Outcome: DbSessionStopOutcome.Refused, Recommendation: null });
        Assert.Contains("this very engine", refused.Message, StringComparison.Ordinal);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sampling);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_role_is_told_what_it_lacks_and_can_do_it_once_it_has_that(int major)
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(major));
        var operatorRole = $"op_{scene.Name}";
        await SandboxDatabase.ExecuteAsync(scene.Sandbox, $"CREATE ROLE {operatorRole} LOGIN PASSWORD '{SandboxFixture.PasswordOf(scene.Sandbox)}'");
        try
        {
            var target = scene.Target.As(operatorRole);
            var session = await scene.AfterAsync("BEGIN");
            var request = new DbSessionStopRequest { ProcessId = session.ProcessID };
            Task<MaintenanceException> Fail(DbSessionStopRequest wanted) => Assert.ThrowsAsync<MaintenanceException>(() => StopAsync(target, wanted));

            var hidden = await Fail(request);
            Assert.Equal(MaintenanceErrorCode.PermissionDenied, hidden.Code);
            Assert.Contains($"GRANT pg_monitor, pg_signal_backend TO {operatorRole};", hidden.Recommendation, StringComparison.Ordinal);

            await SandboxDatabase.ExecuteAsync(scene.Sandbox, $"GRANT pg_monitor TO {operatorRole}");
            var lacking = await Fail(request);
            Assert.Equal(MaintenanceErrorCode.PermissionDenied, lacking.Code);
            Assert.Contains($"GRANT pg_signal_backend TO {operatorRole};", lacking.Recommendation, StringComparison.Ordinal);
            Assert.True(await scene.IsThereAsync(session));

            await SandboxDatabase.ExecuteAsync(scene.Sandbox, $"GRANT pg_signal_backend TO {operatorRole}");
            Assert.Equal(DbSessionStopOutcome.Terminated, (await StopAsync(target, request)).Outcome);

            var administrator = await scene.OpenAsync(administrator: true);
            var superuser = await Fail(new DbSessionStopRequest { ProcessId = administrator.ProcessID, Force = true });
            Assert.Equal("Connect as a superuser.", superuser.Recommendation);
            Assert.True(await scene.IsThereAsync(administrator));
        }
        finally
        {
            await _engine.CloseAsync(scene.Target);
            await SandboxDatabase.ExecuteAsync(scene.Sandbox, $"DROP ROLE {operatorRole}");
        }
    }

    [Fact]
    public async Task A_member_of_the_sessions_role_may_look_and_stop_without_any_grant()
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(15));
        var session = await scene.AfterAsync("BEGIN");
        Assert.Equal(DbSessionStopOutcome.Terminated, (await StopAsync(scene.Target.As(scene.Name), new DbSessionStopRequest { ProcessId = session.ProcessID })).Outcome);
    }

    [Fact]
    public async Task A_plan_changes_nothing_and_a_session_that_is_gone_is_no_error()
    {
        await using var scene = await SessionScene.CreateAsync(await fixture.PostgresAsync(15));
        var session = await scene.AfterAsync("BEGIN");
        var seen = await SeeAsync(scene, session);
        var plan = await _engine.SessionTerminator.PlanAsync(scene.Target, Request(seen), Calls.Silent(), Token);
        Assert.Null(plan.Decided);
        Assert.True(await scene.IsThereAsync(session));
        await session.CloseAsync();
        await scene.UntilAsync($"SELECT count(*) FROM pg_stat_activity WHERE pid = {seen.ProcessId}", 0);
        Assert.Equal(DbSessionStopOutcome.AlreadyGone, (await _engine.SessionTerminator.ExecuteAsync(scene.Target, plan, Calls.Silent(), Token)).Outcome);
        Assert.Equal(DbSessionStopOutcome.AlreadyGone, (await StopAsync(scene.Target, Request(seen))).Outcome);
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();
}
