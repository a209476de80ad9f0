using Npgsql;

namespace Maintenance.IntegrationTests.Infrastructure;

/// <summary>
/// A database of its own with a table, an ordinary role that owns it, and sessions of that role that tests make block each other.
/// </summary>
internal sealed class SessionScene : IAsyncDisposable
{
    private readonly List<NpgsqlConnection> _connections = [];
    private readonly List<Task> _statements = [];

    private SessionScene(MaintenanceSandbox sandbox, string name)
    {
        Sandbox = sandbox;
        Name = name;
    }

    public MaintenanceSandbox Sandbox { get; }

    /// <summary>Name of the database, and of the role.</summary>
    public string Name { get; }

    /// <summary>The sandbox's target with this database.</summary>
    public MaintenanceTarget Target => Sandbox.Target.As(database: Name);

    public static async Task<SessionScene> CreateAsync(MaintenanceSandbox sandbox)
    {
        var scene = new SessionScene(sandbox, $"scene_{Guid.NewGuid():N}");
        await SandboxDatabase.ExecuteAsync(sandbox, $"CREATE ROLE {scene.Name} LOGIN PASSWORD '{SandboxFixture.PasswordOf(sandbox)}'");
        await SandboxDatabase.CreateAsync(sandbox, scene.Name);
        await SandboxDatabase.ExecuteAsync(
            sandbox,
            $"""
            CREATE TABLE public."Big Orders" (id int PRIMARY KEY, note text);
            INSERT INTO public."Big Orders" VALUES (1, 'a'), (2, 'b');
            ALTER TABLE public."Big Orders" OWNER TO {scene.Name};
            """,
            scene.Name);
        return scene;
    }

    /// <summary>Opens a session of the role, or of the administrator.</summary>
    public async Task<NpgsqlConnection> OpenAsync(string application = "scene", bool administrator = false)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(SandboxFixture.ConnectionString(Sandbox, administrator ? null : Name))
        {
            Database = Name,
            ApplicationName = application,
            Pooling = false,
        }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        _connections.Add(connection);
        return connection;
    }

    /// <summary>Opens a session and leaves it after some statements, inside a transaction if they began one.</summary>
    public async Task<NpgsqlConnection> AfterAsync(string sql, string application = "scene")
    {
        var connection = await OpenAsync(application);
        await connection.ExecuteAsync(sql);
        return connection;
    }

    /// <summary>Opens a session and starts a statement that has to wait; comes back once it waits.</summary>
    public async Task<(NpgsqlConnection Connection, Task Statement)> WaitingAsync(string sql, string application = "scene")
    {
        var connection = await OpenAsync(application);
        return (connection, await WaitingAsync(connection, sql));
    }

    /// <summary>Starts a statement that has to wait in a session that is open; comes back once it waits.</summary>
    public async Task<Task> WaitingAsync(NpgsqlConnection connection, string sql)
    {
        var statement = Start(connection, sql);
        await UntilAsync($"SELECT count(*) FROM pg_locks WHERE pid = {connection.ProcessID} AND NOT granted", 1, statement);
        return statement;
    }

    /// <summary>Opens a session and starts statements that end in pg_sleep; comes back once the server sleeps.</summary>
    public async Task<(NpgsqlConnection Connection, Task Statement)> RunningAsync(string sql, string application = "scene")
    {
        var connection = await OpenAsync(application);
        var statement = Start(connection, sql);
        await UntilAsync($"SELECT count(*) FROM pg_stat_activity WHERE pid = {connection.ProcessID} AND state = 'active' AND wait_event = 'PgSleep'", 1, statement);
        return (connection, statement);
    }

    // How it ends is the test's business, or nobody's.
    private Task Start(NpgsqlConnection connection, string sql)
    {
        var statement = Task.Run(async () =>
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync();
        });
        _statements.Add(statement);
        return statement;
    }

    /// <summary>True while the server has the session.</summary>
    public async Task<bool> IsThereAsync(NpgsqlConnection connection) => await IsThereAsync(connection.ProcessID);

    public async Task<bool> IsThereAsync(int process)
    {
        await using var observer = await SandboxDatabase.OpenAsync(Sandbox);
        return await observer.ScalarAsync<long>($"SELECT count(*) FROM pg_stat_activity WHERE pid = {process}") == 1;
    }

    public async Task UntilAsync(string sql, long expected, Task? unless = null)
    {
        await using var observer = await SandboxDatabase.OpenAsync(Sandbox);
        while (await observer.ScalarAsync<long>(sql) != expected)
        {
            Assert.False(unless?.IsCompleted, $"It ended without waiting: {unless?.Exception?.GetBaseException().Message}");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A database with prepared transactions cannot be dropped. They are listed elsewhere: here the catalogue itself may be locked.
        await using (var administrator = await SandboxDatabase.OpenAsync(Sandbox))
        {
            while (await administrator.ScalarAsync<string>($"SELECT coalesce((SELECT quote_literal(gid) FROM pg_prepared_xacts WHERE database = '{Name}' LIMIT 1), '')") is { Length: > 0 } gid)
            {
                await SandboxDatabase.ExecuteAsync(Sandbox, $"ROLLBACK PREPARED {gid}", Name);
            }
        }

        await SandboxDatabase.ExecuteAsync(Sandbox, $"DROP DATABASE {Name} WITH (FORCE)");
        await SandboxDatabase.ExecuteAsync(Sandbox, $"DROP ROLE {Name}");
        await Task.WhenAll(_statements.Select(statement => statement.ContinueWith(_ => { }, TaskScheduler.Default)));
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }
    }
}
