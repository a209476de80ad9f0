using System.Data.Common;
using System.Globalization;
using Maintenance.Engine.Resilience;
using Microsoft.Data.Sqlite;
using Polly;

namespace Maintenance.Engine.History;

/// <summary>A history in a SQLite file on this machine. Any number of processes may read and write it at once.</summary>
/// <param name="path">The file; made by the first run that is recorded.</param>
/// <param name="time">The clock for waiting while others hold the lock.</param>
/// <param name="migrations">The steps to the newest schema.</param>
internal sealed class SqliteHistoryStore(string path, TimeProvider time, IReadOnlyList<string> migrations) : HistoryStore
{
    /// <summary>'Mntn', in the file's header.</summary>
    private const long ApplicationId = 0x4D6E746E;

    private readonly ResiliencePipeline _patience = ResiliencePipelines.HistoryLock(time);

    private readonly string _connectionString = new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = SqliteOpenMode.ReadWrite,
        ForeignKeys = true,
        // A pooled connection keeps the file open when nobody uses it.
        Pooling = false,
        // Seconds the driver repeats a statement that met a lock. Short: only between attempts can we be cancelled.
        DefaultTimeout = 1,
    }.ConnectionString;

    public override string Place => path;

    protected override string Dialect => "sqlite";

    protected override Task WriteAsync(IReadOnlyList<HistoryStatement> statements, CancellationToken cancellationToken) =>
        RunAsync(
            async token =>
            {
                await using var connection = await OpenAsync(token);
                await using var transaction = connection.BeginTransaction(deferred: false);
                foreach (var statement in statements)
                {
                    await using var command = connection.CreateCommand();
                    command.CommandText = Text(statement.Name);
                    Bind(command.Parameters, statement);
                    if (await command.ExecuteNonQueryAsync(token) < statement.MustChange)
                    {
                        throw HistoryStatement.Conflict();
                    }
                }

                await transaction.CommitAsync(token);
                return true;
            },
            cancellationToken);

    protected override async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await _patience.ExecuteAsync(async token => await work(token), cancellationToken);
        }
        catch (Exception exception) when (exception is not (MaintenanceException or OperationCanceledException))
        {
            throw SqliteErrors.Translate(exception, path);
        }
    }

    protected override async Task<DbConnection?> OpenExistingAsync(CancellationToken cancellationToken) =>
        HistoryPath.Exists(path) ? await OpenAsync(cancellationToken) : null;

    // Deferred: takes no lock that a writer would meet, but sees one state of the file.
    protected override Task<DbTransaction> BeginReadingAsync(DbConnection connection, CancellationToken cancellationToken) =>
        Task.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: true));

    protected override DbParameter Parameter(int number, object? value) =>
        new SqliteParameter(string.Create(CultureInfo.InvariantCulture, $"${number}"), value switch
        {
            null => DBNull.Value,
            Guid id => Text(id),
            DateTimeOffset time => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond,
            TimeSpan duration => duration.Ticks / TimeSpan.TicksPerMicrosecond,
            JsonText json => json.Text,
            Guid[] ids => HistoryJson.Write(ids.Select(Text)).Text,
            string[] names => HistoryJson.Write(names).Text,
            _ => value,
        });

    protected override DateTimeOffset Time(DbDataReader row, int column) =>
        DateTimeOffset.UnixEpoch.AddTicks(row.GetInt64(column) * TimeSpan.TicksPerMicrosecond);

    protected override TimeSpan Duration(DbDataReader row, int column) =>
        TimeSpan.FromTicks(row.GetInt64(column) * TimeSpan.TicksPerMicrosecond);

    private static string Text(Guid id) => id.ToString("D");

    private async Task<SqliteConnection> OpenAsync(CancellationToken cancellationToken)
    {
        if (!HistoryPath.Exists(path))
        {
            HistoryPath.Create(path);
        }

        var connection = new SqliteConnection(_connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await ExecuteAsync(connection, Text("Session"), cancellationToken);
            await UpgradeAsync(connection, cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task UpgradeAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        if (await VersionAsync(connection, cancellationToken) == migrations.Count)
        {
            return;
        }

        await ExecuteAsync(connection, Text("WriteAhead"), cancellationToken);
        await using var transaction = connection.BeginTransaction(deferred: false);
        // Asked again under the lock: another process may have done it meanwhile.
        var version = await VersionAsync(connection, cancellationToken);
        foreach (var migration in migrations.Skip(version))
        {
            await ExecuteAsync(connection, migration, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>The schema's version, 0 for an empty file.</summary>
    /// <exception cref="MaintenanceException">The file is not ours, or newer than we are.</exception>
    private async Task<int> VersionAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Text("Identify");
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var (version, application, hasContent) = (row.GetInt64(0), row.GetInt64(1), row.GetBoolean(2));
        return application != ApplicationId && (application != 0 || version != 0 || hasContent) ? throw SqliteErrors.NotOurs(path)
            : version > migrations.Count ? throw SqliteErrors.TooNew(path, version, migrations.Count)
            : (int)version;
    }

    /// <summary>Runs a script. ExecuteNonQuery would swallow the errors of whatever comes after a statement that returns rows.</summary>
    private static async Task ExecuteAsync(SqliteConnection connection, string text, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = text;
        await using var results = await command.ExecuteReaderAsync(cancellationToken);
        while (await results.NextResultAsync(cancellationToken))
        {
        }
    }
}
