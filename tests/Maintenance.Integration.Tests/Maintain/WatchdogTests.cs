using Maintenance.Engine.Database;
using Maintenance.Engine.Maintain;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Maintain;

/// <summary>The second connection, which sees to it that nobody waits for us.</summary>
public sealed class WatchdogTests(SandboxFixture servers) : IAsyncLifetime
{
    private readonly DatabaseConnector _connector = new(TimeProvider.System);
    private readonly RecordingSink _sink = new();
    private MaintainedDatabase _database = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await MaintainedDatabase.CreateAsync(await servers.PostgresAsync(18));
        await _database.Admin.ExecuteAsync("CREATE TABLE t (id int)");
    }

    public async ValueTask DisposeAsync()
    {
        await _connector.DisposeAsync();
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    private Task<DatabaseSession> OpenAsync() => _connector.OpenAsync(_database.Target, new SessionOptions("Test"), Calls.To(_sink), Token);

    private Task<Watchdog> StartAsync(TimeSpan maximumBlock) =>
        Watchdog.StartAsync(_connector, _database.Target, "Test", maximumBlock, Calls.To(_sink), TimeProvider.System, Token);

    // Locks the table and keeps it for a while, as one statement.
    private static string Hold(double seconds) =>
        FormattableString.Invariant($"DO $$ BEGIN LOCK TABLE public.t; PERFORM pg_sleep({seconds}); END $$");

    private Task HeldAsync() => _database.UntilAsync("EXISTS (SELECT FROM pg_locks WHERE relation = 't'::regclass AND mode = 'AccessExclusiveLock' AND granted)");

    [Fact]
    public async Task Who_waits_too_long_gets_through_and_the_statement_says_why_it_ended()
    {
        await using var session = await OpenAsync();
        await using var watchdog = await StartAsync(TimeSpan.FromMilliseconds(300));
        var working = watchdog.ExecuteAsync(session, Hold(60), Token);
        await HeldAsync();

        await using var other = await _database.OpenAsync();
        await other.ExecuteAsync("SELECT * FROM t");

        var blocked = await Assert.ThrowsAsync<MaintenanceException>(() => working);
        Assert.Equal(MaintenanceErrorCode.BlockedOthers, blocked.Code);
        Assert.Contains($"server process {other.ProcessID} waited", blocked.Message, StringComparison.Ordinal);
        Assert.Equal(1, await session.Connection.ScalarAsync<int>("SELECT 1"));
    }

    [Fact]
    public async Task In_a_deadlock_it_is_us_who_give_way_before_the_server_chooses()
    {
        await _database.Admin.ExecuteAsync("CREATE TABLE other (id int)");
        await using var session = await OpenAsync();
        await using var watchdog = await StartAsync(TimeSpan.FromMinutes(1));
        await using var user = await _database.OpenAsync();
        await user.ExecuteAsync("BEGIN; LOCK TABLE other");
        var working = watchdog.ExecuteAsync(
            session, "DO $$ BEGIN PERFORM set_config('lock_timeout', '0', true); LOCK TABLE public.t; LOCK TABLE public.other; END $$", Token);
        await _database.UntilAsync("EXISTS (SELECT FROM pg_locks WHERE relation = 'other'::regclass AND NOT granted)");
        // From here on our own wait is not looked at by the server any more: the next deadlock would cost the user's statement.
        await Task.Delay(TimeSpan.FromSeconds(1.5), Token);

        await user.ExecuteAsync("SELECT * FROM t");

        var gaveWay = await Assert.ThrowsAsync<MaintenanceException>(() => working);
        Assert.Equal(MaintenanceErrorCode.BlockedOthers, gaveWay.Code);
        Assert.Contains("waited for each other", gaveWay.Message, StringComparison.Ordinal);
        await user.ExecuteAsync("COMMIT");
    }

    [Fact]
    public async Task Whom_nobody_waits_for_is_left_alone()
    {
        await using var session = await OpenAsync();
        await using var watchdog = await StartAsync(TimeSpan.FromMilliseconds(100));
        await watchdog.ExecuteAsync(session, Hold(1.0), Token);
        Assert.Equal("Maintenance/Test", await session.Connection.ScalarAsync<string>("SHOW application_name"));
    }

    [Fact]
    public async Task Who_waits_for_somebody_else_is_no_reason()
    {
        await using var locker = await _database.OpenAsync();
        await locker.ExecuteAsync("CREATE TABLE u (id int)");
        await locker.ExecuteAsync("BEGIN; LOCK TABLE u");
        await using var waiter = await _database.OpenAsync();
        var waiting = waiter.ExecuteAsync("SELECT * FROM u");
        await using var session = await OpenAsync();
        await using var watchdog = await StartAsync(TimeSpan.FromMilliseconds(100));

        await watchdog.ExecuteAsync(session, Hold(1.0), Token);

        await locker.ExecuteAsync("ROLLBACK");
        await waiting;
    }

    [Fact]
    public async Task A_statement_after_one_that_was_cancelled_is_not_hit_by_it()
    {
        await using var session = await OpenAsync();
        await using var watchdog = await StartAsync(TimeSpan.FromMilliseconds(100));
        foreach (var _ in Enumerable.Range(0, 5))
        {
            var working = watchdog.ExecuteAsync(session, Hold(60), Token);
            await HeldAsync();
            await using var other = await _database.OpenAsync();
            await other.ExecuteAsync("SELECT * FROM t");
            await Assert.ThrowsAsync<MaintenanceException>(() => working);
            await watchdog.ExecuteAsync(session, "DO $$ BEGIN PERFORM pg_sleep(0.05); END $$", Token);
        }
    }

    [Fact]
    public async Task A_watchdog_that_loses_its_connection_gets_another_and_goes_on_watching()
    {
        await using var session = await OpenAsync();
        await using var watchdog = await StartAsync(TimeSpan.FromMilliseconds(300));
        var working = watchdog.ExecuteAsync(session, Hold(60), Token);
        await HeldAsync();
        await _database.Admin.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'Maintenance/Test watchdog' AND datname = current_database()");
        while (!_sink.VerboseMessages.Any(message => message.Contains("lost its connection", StringComparison.Ordinal)))
        {
            await Task.Delay(20, Token);
        }

        await using var other = await _database.OpenAsync();
        await other.ExecuteAsync("SELECT * FROM t");

        Assert.Equal(MaintenanceErrorCode.BlockedOthers, (await Assert.ThrowsAsync<MaintenanceException>(() => working)).Code);
    }

    [Fact]
    public async Task Work_ends_when_nobody_can_watch_it_any_more()
    {
        var role = _database.Name;
        await _database.Admin.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'p'");
        try
        {
            var target = _database.Target.As(role, "p");
            await using var session = await _connector.OpenAsync(target, new SessionOptions("Test"), Calls.To(_sink), Token);
            await using var watchdog = await Watchdog.StartAsync(_connector, target, "Test", TimeSpan.FromSeconds(1), Calls.To(_sink), TimeProvider.System, Token);
            var working = watchdog.ExecuteAsync(session, "DO $$ BEGIN PERFORM pg_sleep(60); END $$", Token);
            await _database.Admin.ExecuteAsync($"ALTER ROLE {role} NOLOGIN");
            await _database.Admin.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'Maintenance/Test watchdog' AND datname = current_database()");

            var ended = await Assert.ThrowsAsync<MaintenanceException>(() => working);
            Assert.Equal(MaintenanceErrorCode.DatabaseUnreachable, ended.Code);
            Assert.Contains("guards it", ended.Message, StringComparison.Ordinal);
        }
        finally
        {
            await _database.Admin.ExecuteAsync($"DROP ROLE {role}");
        }
    }

    [Fact]
    public async Task The_caller_s_wish_to_stop_ends_the_statement_on_the_server()
    {
        await using var session = await OpenAsync();
        await using var watchdog = await StartAsync(TimeSpan.FromSeconds(1));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var working = watchdog.ExecuteAsync(session, Hold(60), stop.Token);
        await HeldAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => working);
        await _database.AssertNothingRunsAsync();
    }

    [Fact]
    public async Task What_is_to_be_read_meanwhile_is_read_on_the_watchdog_s_connection_and_may_fail()
    {
        await using var session = await OpenAsync();
        await using var watchdog = await StartAsync(TimeSpan.FromSeconds(1));
        var seen = 0;
        using (watchdog.Sample((other, _) =>
        {
            Assert.NotEqual(session.Connection.ProcessID, other.Connection.ProcessID);
            seen++;
            return Task.CompletedTask;
        }))
        using (watchdog.Sample((_, _) => throw new MaintenanceException(MaintenanceErrorCode.PermissionDenied, "Not allowed.", "")))
        {
            await watchdog.ExecuteAsync(session, Hold(1.5), Token);
        }

        Assert.True(seen > 0);
        Assert.Contains(_sink.VerboseMessages, message => message.Contains("Not allowed.", StringComparison.Ordinal));
        var before = seen;
        await watchdog.ExecuteAsync(session, Hold(1.0), Token);
        Assert.Equal(before, seen);
    }
}
