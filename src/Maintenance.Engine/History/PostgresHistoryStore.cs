using System.Data;
using System.Data.Common;
using Maintenance.Engine.Database;
using Npgsql;
using NpgsqlTypes;

namespace Maintenance.Engine.History;

/// <summary>A history in the schema <c>maintenance</c> of the target's own database, shared by all machines that maintain it.</summary>
internal sealed class PostgresHistoryStore(
    DatabaseConnector connector, MaintenanceTarget target, CallContext call, IReadOnlyList<string> migrations) : HistoryStore
{
    private static readonly SessionOptions Session = new("History", TimeSpan.FromSeconds(30));

    public override string Place => $"the database of '{target.Name}'";

    protected override string Dialect => "postgres";

    protected override Task WriteAsync(IReadOnlyList<HistoryStatement> statements, CancellationToken cancellationToken) =>
        RunAsync(
            async token =>
            {
                await using var session = await connector.OpenAsync(target, Session, call, token);
                if (await VersionAsync(session.Connection, token) != migrations.Count)
                {
                    await UpgradeAsync(session.Connection, token);
                }

                await using var transaction = await session.Connection.BeginTransactionAsync(token);
                // One round trip, however much the run has to tell.
                await using var batch = new NpgsqlBatch(session.Connection, transaction);
                foreach (var statement in statements)
                {
                    var command = new NpgsqlBatchCommand(Text(statement.Name));
                    Bind(command.Parameters, statement);
                    batch.BatchCommands.Add(command);
                }

                await batch.ExecuteNonQueryAsync(token);
                for (var i = 0; i < statements.Count; i++)
                {
                    if (batch.BatchCommands[i].RecordsAffected < statements[i].MustChange)
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
            return await work(cancellationToken);
        }
        catch (Exception exception)
        {
            throw await TranslateAsync(exception, cancellationToken);
        }
    }

    protected override async Task<DbConnection?> OpenExistingAsync(CancellationToken cancellationToken)
    {
        // The session is its connection, prepared: disposing one disposes the other.
        var connection = (await connector.OpenAsync(target, Session, call, cancellationToken)).Connection;
        try
        {
            var version = await VersionAsync(connection, cancellationToken);
            if (version is { } old && old != migrations.Count)
            {
                await UpgradeAsync(connection, cancellationToken);
            }

            if (version is not null)
            {
                return connection;
            }
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        await connection.DisposeAsync();
        return null;
    }

    protected override async Task<DbTransaction> BeginReadingAsync(DbConnection connection, CancellationToken cancellationToken) =>
        await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);

    protected override DbParameter Parameter(int number, object? value) => value switch
    {
        null => new NpgsqlParameter { Value = DBNull.Value },
        JsonText json => new NpgsqlParameter { Value = json.Text, NpgsqlDbType = NpgsqlDbType.Json },
        DateTimeOffset time => new NpgsqlParameter { Value = time.ToUniversalTime() },
        _ => new NpgsqlParameter { Value = value },
    };

    protected override DateTimeOffset Time(DbDataReader row, int column) => row.GetFieldValue<DateTimeOffset>(column);

    protected override TimeSpan Duration(DbDataReader row, int column) => row.GetFieldValue<TimeSpan>(column);

    private async Task UpgradeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ScalarAsync(connection, Text("LockSchema"), cancellationToken);
        // Asked again under the lock: another process may have done it meanwhile.
        var version = await VersionAsync(connection, cancellationToken) ?? 0;
        foreach (var migration in migrations.Skip(version))
        {
            await ScalarAsync(connection, migration, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>The schema's version, or null if there is no history.</summary>
    /// <exception cref="MaintenanceException">HistoryTooNew.</exception>
    private async Task<int?> VersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (await ScalarAsync(connection, Text("HasVersion"), cancellationToken) is not true)
        {
            return null;
        }

        var version = await ScalarAsync(connection, Text("Version"), cancellationToken) as int? ?? 0;
        return version <= migrations.Count ? version : throw new MaintenanceException(
            MaintenanceErrorCode.HistoryTooNew,
            $"The history in {Place} was written by a newer version of this module (schema {version}, known here: {migrations.Count}). It was not touched.",
            "Update the Maintenance module on this machine.");
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(text, connection);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private async Task<Exception> TranslateAsync(Exception exception, CancellationToken cancellationToken) =>
        PostgresErrors.Translate(exception, target, cancellationToken) switch
        {
            MaintenanceException { Code: MaintenanceErrorCode.PermissionDenied } cause => Unavailable(
                cause, $"{await RemedyAsync(cancellationToken)} Or keep the history in a file (history.kind)."),
            MaintenanceException { Code: MaintenanceErrorCode.DatabaseReadOnly } cause => Unavailable(
                cause, "Connect to the primary server, or keep the history in a file (history.kind)."),
            var other => other,
        };

    // What helps depends on what is there: with the schema in place, the right to create one is of no use, and to own it neither.
    private async Task<string> RemedyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await connector.OpenAsync(target, Session, call, cancellationToken);
            await using var command = new NpgsqlCommand(Text("Rights"), session.Connection);
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            await row.ReadAsync(cancellationToken);
            return HistoryRights.Remedy(row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3), !row.IsDBNull(4) && row.GetBoolean(4));
        }
        catch (Exception exception) when (exception is NpgsqlException or MaintenanceException && !cancellationToken.IsCancellationRequested)
        {
            return "Let the role create the schema maintenance (GRANT CREATE ON DATABASE), or where it exists use it, its tables and its sequences.";
        }
    }

    private MaintenanceException Unavailable(MaintenanceException cause, string recommendation) => new(
        MaintenanceErrorCode.HistoryUnavailable,
        $"The history in {Place} cannot be used. {cause.Message}",
        recommendation,
        cause.Detail);
}
