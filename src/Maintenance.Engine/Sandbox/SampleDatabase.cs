using Npgsql;

namespace Maintenance.Engine.Sandbox;

internal static class SampleDatabase
{
    public static async Task LoadAsync(NpgsqlDataSource administrator, string resourcePath, double scale, int seed, IMaintenanceSink sink, CancellationToken cancellationToken)
    {
        await using var command = administrator.CreateCommand("SELECT 1");
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
