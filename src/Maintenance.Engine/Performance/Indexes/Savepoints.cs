using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Performance.Indexes;

/// <summary>Savepoints that say whose they are: the driver's own carry no comment, and would count as somebody's work in pg_stat_statements.</summary>
internal static class Savepoints
{
    /// <summary>Begins one.</summary>
    public static Task SaveAsync(this DatabaseSession session, NpgsqlTransaction transaction, string name, CancellationToken cancellationToken) =>
        SendAsync(session, transaction, $"SAVEPOINT {name}", cancellationToken);

    /// <summary>Undoes what has happened since, and forgets it. Never cancelled: what comes after needs it.</summary>
    public static async Task RollbackToAsync(this DatabaseSession session, NpgsqlTransaction transaction, string name)
    {
        await SendAsync(session, transaction, $"ROLLBACK TO SAVEPOINT {name}", CancellationToken.None);
        await SendAsync(session, transaction, $"RELEASE SAVEPOINT {name}", CancellationToken.None);
    }

    private static async Task SendAsync(DatabaseSession session, NpgsqlTransaction transaction, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SqlText.Marked(sql), session.Connection, transaction);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
