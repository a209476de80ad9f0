using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Performance.Optimize;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Database;

public sealed class SessionTests(SandboxFixture fixture) : IAsyncDisposable
{
    private readonly DatabaseConnector _connector = new(TimeProvider.System);

    private Task<DatabaseSession> OpenAsync(MaintenanceTarget target, SessionOptions? options = null) =>
        _connector.OpenAsync(target, options ?? new SessionOptions("Test", TimeSpan.FromSeconds(7)), Calls.Silent(), TestContext.Current.CancellationToken);

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Every_session_has_its_safety_limits(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        await using var session = await OpenAsync(sandbox.Target);
        Assert.Equal("Maintenance/Test", await session.Connection.ScalarAsync<string>("SHOW application_name"));
        Assert.Equal("2s", await session.Connection.ScalarAsync<string>("SHOW lock_timeout"));
        Assert.Equal("7s", await session.Connection.ScalarAsync<string>("SHOW statement_timeout"));
        Assert.Equal("1min", await session.Connection.ScalarAsync<string>("SHOW idle_in_transaction_session_timeout"));
        Assert.Equal("pg_catalog", await session.Connection.ScalarAsync<string>("SHOW search_path"));
        Assert.Equal(major, session.MajorVersion);
        Assert.False(session.IsPooled);
        Assert.False(session.IsStandby);
    }

    [Fact]
    public async Task Statements_of_ours_are_not_compiled_and_those_that_are_measured_for_the_application_as_its_are()
    {
        var sandbox = await fixture.PostgresAsync(15);
        Assert.Equal("off", await JitAsync(new SessionOptions("Test")));
        Assert.Equal("on", await JitAsync(new SessionOptions("Test") { MayCompile = true }));
        Assert.Equal("off", await JitAsync(new SessionOptions("Test")));

        var history = new HistoryService(_connector, TimeProvider.System);
        await using var run = await BuildRun.StartAsync(
            _connector, sandbox.Target, new OptimizationOptions(), Calls.Silent(), new ActionHistory(history, TimeProvider.System), TimeProvider.System, TestContext.Current.CancellationToken);
        await using var measuring = await run.OpenAsync("", TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Equal("on", await measuring.Connection.ScalarAsync<string>("SHOW jit"));

        async Task<string> JitAsync(SessionOptions options)
        {
            await using var session = await OpenAsync(sandbox.Target, options);
            return await session.Connection.ScalarAsync<string>("SHOW jit");
        }
    }

    [Fact]
    public async Task A_pooled_connection_gets_its_limits_anew()
    {
        var sandbox = await fixture.PostgresAsync(15);
        await using (var first = await OpenAsync(sandbox.Target, new SessionOptions("First")))
        {
            await first.Connection.ExecuteAsync("SET lock_timeout = '1h'");
        }

        await using var second = await OpenAsync(sandbox.Target, new SessionOptions("Second"));
        Assert.Equal("2s", await second.Connection.ScalarAsync<string>("SHOW lock_timeout"));
        Assert.Equal("Maintenance/Second", await second.Connection.ScalarAsync<string>("SHOW application_name"));
    }

    [Fact]
    public async Task Closing_a_target_leaves_no_connection()
    {
        var sandbox = await fixture.PostgresAsync(15);
        await SandboxDatabase.CreateAsync(sandbox, "closing");
        var target = sandbox.Target.As(database: "closing");
        await (await OpenAsync(target)).DisposeAsync();
        await using var observer = await SandboxDatabase.OpenAsync(sandbox);
        const string sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'closing'";
        Assert.Equal(1, await observer.ScalarAsync<long>(sessions));
        await _connector.CloseAsync(target);
        for (var attempt = 0; attempt < 100 && await observer.ScalarAsync<long>(sessions) > 0; attempt++)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Equal(0, await observer.ScalarAsync<long>(sessions));
    }

    [Theory]
    [InlineData("SELECT pg_sleep(10)", MaintenanceErrorCode.StatementTimeout)]
    [InlineData("SELECT * FROM nowhere.nothing", MaintenanceErrorCode.ObjectNotFound)]
    [InlineData("SET transaction_read_only = on; CREATE TABLE public.x ()", MaintenanceErrorCode.DatabaseReadOnly)]
    [InlineData("SELECT 1 / 0", MaintenanceErrorCode.DatabaseError)]
    [InlineData("SELECT pg_terminate_backend(pg_backend_pid())", MaintenanceErrorCode.DatabaseUnreachable)]
    public async Task Errors_of_the_server_get_their_codes_and_an_advice(string sql, MaintenanceErrorCode code)
    {
        var sandbox = await fixture.PostgresAsync(15);
        await using var session = await OpenAsync(sandbox.Target, new SessionOptions("Test", TimeSpan.FromMilliseconds(200)));
        var exception = await Assert.ThrowsAsync<MaintenanceException>(() => session.RunAsync(
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(sql, connection);
                return await command.ExecuteNonQueryAsync(token);
            },
            TestContext.Current.CancellationToken));
        Assert.Equal(code, exception.Code);
        Assert.NotEmpty(exception.Recommendation);
    }

    [Fact]
    public async Task Data_that_the_server_quotes_in_its_details_stays_there()
    {
        var sandbox = await fixture.PostgresAsync(15);
        await using var session = await OpenAsync(sandbox.Target);
        var exception = await Assert.ThrowsAsync<MaintenanceException>(() => session.RunAsync(
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand("CREATE TEMP TABLE u (mail text UNIQUE); INSERT INTO u VALUES ('jane@example.com'); INSERT INTO u VALUES ('jane@example.com')", connection);
                return await command.ExecuteNonQueryAsync(token);
            },
            TestContext.Current.CancellationToken));
        Assert.DoesNotContain("jane", exception.ToString() + exception.Detail + exception.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_lock_has_one_holder_who_is_named_to_the_second(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        Task<AdvisoryLock> Acquire() => AdvisoryLock.AcquireAsync(_connector, sandbox.Target, "Locked", Calls.Silent(), TestContext.Current.CancellationToken);
        await using (await Acquire())
        {
            var exception = await Assert.ThrowsAsync<MaintenanceException>(Acquire);
            Assert.Equal(MaintenanceErrorCode.AlreadyRunning, exception.Code);
            Assert.Contains("Maintenance/Locked lock", exception.Message, StringComparison.Ordinal);
            Assert.Contains("process ", exception.Message, StringComparison.Ordinal);
        }

        await (await Acquire()).DisposeAsync();
    }

    [Fact]
    public async Task A_lock_goes_with_the_connection_that_held_it()
    {
        var sandbox = await fixture.PostgresAsync(15);
        Task<AdvisoryLock> Acquire() => AdvisoryLock.AcquireAsync(_connector, sandbox.Target, "Killed", Calls.Silent(), TestContext.Current.CancellationToken);
        var held = await Acquire();
        await SandboxDatabase.ExecuteAsync(sandbox, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'Maintenance/Killed lock'");
        await held.DisposeAsync();
        await (await Acquire()).DisposeAsync();
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_pooler_is_noticed_and_cannot_hold_a_lock(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        await using var pooler = new PoolerStandIn(sandbox.Port);
        var target = sandbox.Target with { Database = sandbox.Target.Database! with { Port = pooler.Port } };
        await using (var session = await OpenAsync(target))
        {
            Assert.True(session.IsPooled);
        }

        var exception = await Assert.ThrowsAsync<MaintenanceException>(
            () => AdvisoryLock.AcquireAsync(_connector, target, "Pooled", Calls.Silent(), TestContext.Current.CancellationToken));
        Assert.Equal(MaintenanceErrorCode.PoolerNotSupported, exception.Code);
    }

    public ValueTask DisposeAsync() => _connector.DisposeAsync();
}
