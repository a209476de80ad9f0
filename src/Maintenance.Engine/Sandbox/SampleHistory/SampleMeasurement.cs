using System.Data.Common;
using Maintenance.Engine.Database;
using Maintenance.Engine.Performance.Statements;
using Newtonsoft.Json.Linq;
using Npgsql;
using NpgsqlTypes;

namespace Maintenance.Engine.Sandbox.SampleHistory;

/// <summary>Measures where a sandbox's history has to arrive.</summary>
internal static class SampleMeasurement
{
    public static async Task<SampleAnchors> ReadAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var sizes = (await RowsAsync(
            database,
            "SampleSizes",
            row => (Database: row.GetInt64(0), Server: row.GetInt64(1), Maximum: row.GetInt32(2), Connections: row.GetInt32(3), Xid: row.GetInt64(4), Multixact: row.GetInt64(5)),
            cancellationToken)).Single();
        var tables = await RowsAsync(database, "SampleTableSizes", row => KeyValuePair.Create(row.GetString(0), row.GetInt64(1)), cancellationToken);
        var keys = await RowsAsync(database, "SampleKeys", row => KeyValuePair.Create(row.GetString(0), new SampleKey(row.GetInt64(1), row.GetInt64(2))), cancellationToken);
        var performance = await AskAsync(database, "production-monitoring/performance_report", cancellationToken);
        var capacity = await AskAsync(database, "database-scalability/capacity_analysis", cancellationToken);
        return new SampleAnchors
        {
            DatabaseSize = sizes.Database,
            ServerSize = sizes.Server,
            MaximumConnections = sizes.Maximum,
            Connections = sizes.Connections,
            XidAge = sizes.Xid,
            MultixactAge = sizes.Multixact,
            Tables = new Dictionary<string, long>(tables),
            Keys = new Dictionary<string, SampleKey>(keys),
            Statements = await RowsAsync(database, "SampleStatements", Statement, cancellationToken),
            ResponseTime = (double?)performance["avg_response_time"],
            ResponseTimeP95 = (double?)performance["p95_response_time"],
            ErrorRate = (double?)performance["error_rate"],
            RequestsPerSecond = (double?)performance["avg_requests_per_second"],
            BandwidthPerDay = (double?)capacity["daily_bandwidth_gb"] * 1024 * 1024 * 1024,
        };
    }

    private static SampleStatement Statement(DbDataReader row) => new(
        new StatementKey(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), TopLevel: true),
        row.GetDouble(3),
        row.GetDouble(4),
        new StatementCounts { Rows = row.GetDouble(5), BlocksHit = row.GetDouble(6), BlocksRead = row.GetDouble(7), WalBytes = row.GetDouble(8) },
        StatementKinds.Redact(row.GetString(9)));

    private static async Task<JObject> AskAsync(NpgsqlDataSource database, string function, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SqlText.Read($"Sandbox/Functions/{function}.sql"));
        command.Parameters.Add(new NpgsqlParameter { Value = "{}", NpgsqlDbType = NpgsqlDbType.Jsonb });
        return JObject.Parse((string)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    private static async Task<List<T>> RowsAsync<T>(NpgsqlDataSource database, string name, Func<DbDataReader, T> map, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SqlText.Read($"Sandbox/Sql/{name}.sql"));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(map(reader));
        }

        return rows;
    }
}
