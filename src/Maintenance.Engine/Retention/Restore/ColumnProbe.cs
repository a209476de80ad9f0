using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Retention;

/// <summary>Finds the column whose values its table does not take: the server's own words for it would quote them.</summary>
internal static class ColumnProbe
{
    /// <summary>Stores each column that changes its type by itself, in a table that goes with the transaction.</summary>
    /// <param name="connection">The connection, in a transaction that is to be rolled back.</param>
    /// <param name="job">What is restored.</param>
    /// <param name="source">Where the values are: what stands after FROM.</param>
    /// <param name="value">How a statement calls a value of a column.</param>
    /// <param name="parameters">Makes the parameters of the source.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MaintenanceException">DestinationUnfit, with the column; none if it cannot be found.</exception>
    public static async Task RunAsync(
        NpgsqlConnection connection, RestoreJob job, string source, Func<MappedColumn, string> value, Func<NpgsqlParameter[]> parameters, CancellationToken cancellationToken)
    {
        var number = 0;
        foreach (var column in job.Map.Columns.Where(column => column.Cast != ValueCast.None))
        {
            var table = $"maintenance_probe_{++number}";
            await using (var create = new NpgsqlCommand(SqlText.Marked($"CREATE TEMPORARY TABLE {table} (v {column.To.Type}) ON COMMIT DROP"), connection))
            {
                await create.ExecuteNonQueryAsync(cancellationToken);
            }

            try
            {
                await using var insert = new NpgsqlCommand(SqlText.Marked($"INSERT INTO pg_temp.{table} SELECT {value(column)} FROM {source}"), connection);
                insert.Parameters.AddRange(parameters());
                await insert.ExecuteNonQueryAsync(cancellationToken);
            }
            catch (PostgresException exception) when (RestoreErrors.IsValue(exception))
            {
                throw RestoreErrors.Column(column, exception, job.Destination);
            }
        }
    }
}
