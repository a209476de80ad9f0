using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Backup.Restore;

/// <summary>Connections to one database of the server that is restored into. What Npgsql throws comes out with our codes.</summary>
internal sealed class RestoredDatabase : IAsyncDisposable
{
    private static readonly MaintenanceTarget Scratch = new() { Name = "restored database" };

    /// <summary>More than there can be jobs: whoever waits for a connection waits no longer than for a new one.</summary>
    private const int MostConnections = 70;

    private readonly NpgsqlDataSource _source;

    /// <param name="connectionString">How to reach it; a secret.</param>
    public RestoredDatabase(string connectionString)
    {
        var builder = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(connectionString) { NoResetOnClose = true, CommandTimeout = 0, MaxPoolSize = MostConnections }.ConnectionString);
        builder.UsePhysicalConnectionInitializer(
            connection => throw new NotSupportedException(),
            async connection =>
            {
                await using var command = new NpgsqlCommand(SqlText.ReadMarked("Backup/Restore/Sql/Prelude.sql"), connection);
                await command.ExecuteNonQueryAsync();
            });
        _source = builder.Build();
        ConnectionString = connectionString;
    }

    /// <summary>How to reach it; a secret.</summary>
    public string ConnectionString { get; }

    /// <summary>Reads all rows of a statement.</summary>
    /// <param name="sqlPath">The SQL text's path.</param>
    /// <param name="map">Makes a row.</param>
    /// <param name="cancellationToken">Cancels the statement on the server.</param>
    /// <param name="parameters">Values for $1, $2, ...</param>
    public Task<List<T>> QueryAsync<T>(string sqlPath, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken, params object?[] parameters) =>
        ReadAsync(SqlText.Read(sqlPath), map, cancellationToken, parameters);

    /// <summary>Reads all rows of a statement that the server has put together, so that the names in it are quoted.</summary>
    public Task<List<T>> ReadAsync<T>(string statement, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken, params object?[] parameters) => RunAsync(
        async () =>
        {
            await using var command = _source.CreateCommand(statement);
            foreach (var parameter in parameters)
            {
                command.Parameters.Add(new() { Value = parameter ?? DBNull.Value });
            }

            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var rows = new List<T>();
            while (await reader.ReadAsync(cancellationToken))
            {
                rows.Add(map(reader));
            }

            return rows;
        },
        cancellationToken);

    /// <summary>Runs the statements that a query gives, one by one.</summary>
    public async Task ExecuteGivenAsync(string sqlPath, CancellationToken cancellationToken, params object?[] parameters)
    {
        foreach (var statement in await QueryAsync(sqlPath, reader => reader.GetString(0), cancellationToken, parameters))
        {
            await ReadAsync(statement, _ => true, cancellationToken);
        }
    }

    /// <summary>Opens a connection of one's own.</summary>
    public Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) =>
        RunAsync(() => _source.OpenConnectionAsync(cancellationToken).AsTask(), cancellationToken);

    /// <summary>Runs work; what Npgsql throws comes out with our codes.</summary>
    public static async Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work();
        }
        catch (Exception exception) when (exception is not MaintenanceException)
        {
            throw PostgresErrors.Translate(exception, Scratch, cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
