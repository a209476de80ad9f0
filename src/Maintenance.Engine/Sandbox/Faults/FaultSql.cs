using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Sandbox.Faults;

/// <summary>Runs the statements of faults.</summary>
internal static class FaultSql
{
    public static async Task RunAsync(NpgsqlDataSource database, string name, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = database.CreateCommand(SqlText.Read($"Sandbox/Faults/Sql/{name}.sql"));
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
