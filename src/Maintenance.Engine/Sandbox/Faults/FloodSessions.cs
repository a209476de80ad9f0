using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Sandbox.Faults;

/// <summary>Sessions of an application that opens and forgets them: real ones, which are gone when somebody ends them.</summary>
internal sealed class FloodSessions(SandboxRecord record, NpgsqlDataSource database) : IAsyncDisposable
{
    public const string Role = "checkout_api";

    /// <summary>Of so many sessions one has forgotten its transaction.</summary>
    private const int InTransaction = 10;

    private readonly List<NpgsqlConnection> _sessions = [];

    /// <summary>How the application connects.</summary>
    public static string ConnectionString(SandboxRecord record) => new NpgsqlConnectionStringBuilder
    {
        Host = PostgresServer.Host,
        Port = record.Port,
        Database = PostgresServer.Database,
        Username = Role,
        Password = record.Password,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
        ApplicationName = "checkout-api",
        Pooling = false,
    }.ConnectionString;

    /// <summary>The application's role.</summary>
    public static Task MakeRoleAsync(NpgsqlDataSource database, CancellationToken cancellationToken) => FaultSql.RunAsync(database, "Role", cancellationToken);

    /// <summary>Opens as many as it takes for more than 95 % of the connections to be theirs.</summary>
    /// <returns>False where others hold what is missing: they may be gone the next time.</returns>
    public async Task<bool> OpenAsync(CancellationToken cancellationToken)
    {
        await MakeRoleAsync(database, cancellationToken);
        for (var missing = await CountAsync("FreeConnections", cancellationToken); missing > 0; missing--)
        {
            var connection = new NpgsqlConnection(ConnectionString(record));
            _sessions.Add(connection);
            try
            {
                await connection.OpenAsync(cancellationToken);
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.TooManyConnections)
            {
                return false;
            }

            await using var command = new NpgsqlCommand(SqlText.Read($"Sandbox/Faults/Sql/{(_sessions.Count % InTransaction == 0 ? "ForgottenTransaction" : "Visit")}.sql"), connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        return true;
    }

    /// <summary>Closes those that nobody has ended, and waits until the server has let go of them.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        await DisposeAsync();
        for (var look = 0; look < 100 && await CountAsync("FloodSessions", cancellationToken) > 0; look++)
        {
            await Task.Delay(50, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions)
        {
            await session.DisposeAsync();
        }

        _sessions.Clear();
    }

    private async Task<int> CountAsync(string name, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SqlText.Read($"Sandbox/Faults/Sql/{name}.sql"));
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
