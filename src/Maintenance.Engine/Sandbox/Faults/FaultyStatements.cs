using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Sandbox.Faults;

/// <summary>Statements that really take more than a second, each at the cost of nothing: they sleep.</summary>
internal sealed class FaultyStatements(SandboxRecord record, NpgsqlDataSource database)
{
    /// <summary>Runs all of them at once.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await FloodSessions.MakeRoleAsync(database, cancellationToken);
        await Task.WhenAll(SqlText.Read("Sandbox/Faults/Sql/SlowStatements.sql")
            .ReplaceLineEndings("\n")
            .Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(statement => RunAsync(statement, cancellationToken)));
    }

    /// <summary>They are as though they had never run.</summary>
    public Task ForgetAsync(CancellationToken cancellationToken) => FaultSql.RunAsync(database, "ForgottenStatements", cancellationToken);

    private async Task RunAsync(string statement, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(FloodSessions.ConnectionString(record));
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
