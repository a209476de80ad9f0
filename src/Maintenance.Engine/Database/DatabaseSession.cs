using System.Data;
using Npgsql;

namespace Maintenance.Engine.Database;

/// <summary>An open connection whose safety limits are set, and what the server said of itself.</summary>
internal sealed class DatabaseSession : IAsyncDisposable
{
    /// <summary>Supabase's transaction pooler.</summary>
    private const int TransactionPoolerPort = 6543;

    private readonly Action<DatabaseSession> _closed;

    private readonly SessionStory _story;

    internal DatabaseSession(NpgsqlConnection connection, MaintenanceTarget target, SessionStory story, Action<DatabaseSession> closed)
    {
        _story = story;
        Connection = connection;
        Target = target;
        _closed = closed;
    }

    public NpgsqlConnection Connection { get; }

    public MaintenanceTarget Target { get; }

    /// <summary>As in server_version_num: 150018 is 15.18.</summary>
    public int ServerVersionNumber { get; private set; }

    public int MajorVersion => ServerVersionNumber / 10000;

    public string ServerVersion { get; private set; } = "";

    public bool IsStandby { get; private set; }

    public string Database { get; private set; } = "";

    public string User { get; private set; } = "";

    /// <summary>The process on the server that answered first; behind a pooler it may be another by now.</summary>
    public int ServerProcessId { get; private set; }

    /// <summary>True if a pooler stands between: then the backend we talk to is not the one that greeted us.</summary>
    public bool IsPooled { get; private set; }

    /// <summary>True if the server stopped answering in the middle of work, which was left behind: nobody can use the connection any more.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>Sets the safety limits and reads what the server is.</summary>
    internal Task PrepareAsync(SessionOptions options, CancellationToken cancellationToken) => DriverWork.RunAsync(
        async token =>
        {
            await PrepareOnceAsync(options, token);
            return true;
        },
        Abandon,
        cancellationToken);

    private async Task PrepareOnceAsync(SessionOptions options, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SqlText.ReadMarked("Database/Sql/Prelude.sql"), Connection);
        command.Parameters.Add(new() { Value = $"Maintenance/{options.Task}" });
        command.Parameters.Add(new() { Value = Milliseconds(options.LockTimeout) });
        command.Parameters.Add(new() { Value = Milliseconds(options.StatementTimeout ?? TimeSpan.Zero) });
        command.Parameters.Add(new() { Value = Milliseconds(options.IdleInTransactionTimeout) });
        command.Parameters.Add(new() { Value = options.MayCompile });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        ServerVersionNumber = reader.GetInt32(5);
        ServerVersion = reader.GetString(6).Split(' ')[0];
        IsStandby = reader.GetBoolean(7);
        ServerProcessId = reader.GetInt32(8);
        IsPooled = ServerProcessId != Connection.ProcessID || Connection.Port == TransactionPoolerPort;
        Database = reader.GetString(9);
        User = reader.GetString(10);
    }

    /// <summary>Runs work on the connection; what Npgsql throws comes out as a <see cref="MaintenanceException"/>.</summary>
    /// <typeparam name="T">Type of the result.</typeparam>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">Cancels the statement on the server.</param>
    public async Task<T> RunAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await DriverWork.RunAsync(token => work(Connection, token), Abandon, cancellationToken);
        }
        // What Npgsql says of a connection that broke in earlier work, as if we had never opened it.
        catch (InvalidOperationException exception) when (Connection.State != ConnectionState.Open)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.DatabaseUnreachable,
                $"The connection to '{Target.Name}' was lost before.",
                "Find out who ended the session, or whether the server restarted; then run it again.",
                exception.Message);
        }
        catch (Exception exception) when (exception is not MaintenanceException)
        {
            throw PostgresErrors.Translate(exception, Target, cancellationToken);
        }
    }

    /// <summary>Runs a statement that was composed, or several that one stands for, and tells of it.</summary>
    /// <typeparam name="T">Type of the result.</typeparam>
    /// <param name="statement">The statement to tell of; its literals are not told.</param>
    /// <param name="result">What to tell of the result.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">Cancels the statement on the server.</param>
    public Task<T> RunAsync<T>(string statement, Func<T, string> result, Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        _story.TellTextAsync(statement, result, () => RunAsync(work, cancellationToken));

    /// <summary>Reads all rows of a statement.</summary>
    /// <typeparam name="T">Type of a row.</typeparam>
    /// <param name="sqlPath">The SQL text's path, as in <see cref="SqlText.Read"/>.</param>
    /// <param name="map">Makes a row.</param>
    /// <param name="cancellationToken">Cancels the statement on the server.</param>
    /// <param name="parameters">Values for $1, $2, ...</param>
    public Task<List<T>> QueryAsync<T>(string sqlPath, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken, params object?[] parameters) =>
        _story.TellAsync(sqlPath, rows => $"{rows.Count} row(s)", () => RunAsync(
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(SqlText.ReadMarked(sqlPath), connection);
                foreach (var parameter in parameters)
                {
                    command.Parameters.Add(new() { Value = parameter ?? DBNull.Value });
                }

                await using var reader = await command.ExecuteReaderAsync(token);
                var rows = new List<T>();
                while (await reader.ReadAsync(token))
                {
                    rows.Add(map(reader));
                }

                return rows;
            },
            cancellationToken));

    /// <summary>Runs a statement that returns nothing of interest.</summary>
    /// <param name="sqlPath">The SQL text's path, as in <see cref="SqlText.Read"/>.</param>
    /// <param name="cancellationToken">Cancels the statement on the server.</param>
    /// <param name="parameters">Values for $1, $2, ...</param>
    /// <returns>The number of rows changed.</returns>
    public Task<int> ExecuteAsync(string sqlPath, CancellationToken cancellationToken, params object?[] parameters) =>
        _story.TellAsync(sqlPath, rows => rows < 0 ? "done" : $"{rows} row(s) changed", () => RunAsync(
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(SqlText.ReadMarked(sqlPath), connection);
                foreach (var parameter in parameters)
                {
                    command.Parameters.Add(new() { Value = parameter ?? DBNull.Value });
                }

                return await command.ExecuteNonQueryAsync(token);
            },
            cancellationToken));

    public ValueTask DisposeAsync()
    {
        _closed(this);
        if (!IsAbandoned)
        {
            return Connection.DisposeAsync();
        }

        // It waits for the server, which may be for ever.
        _ = Task.Run(DiscardAsync);
        return ValueTask.CompletedTask;
    }

    private void Abandon() => IsAbandoned = true;

    private async Task DiscardAsync()
    {
        try
        {
            await Connection.DisposeAsync();
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException or OperationCanceledException or IOException)
        {
            // Nobody uses it any more.
        }
    }

    // The server takes an int: what is longer is as good as three weeks.
    private static string Milliseconds(TimeSpan time) =>
        ((long)Math.Min(Math.Ceiling(time.TotalMilliseconds), int.MaxValue)).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
