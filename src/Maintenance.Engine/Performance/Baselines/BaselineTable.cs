using Maintenance.Engine.Analytics;
using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Performance.Baselines;

/// <summary>The table in which the database's own programs look baselines up (guide W6): <c>query_performance_baselines(query_type, avg_duration, p95_duration, timestamp)</c>.</summary>
internal sealed class BaselineTable
{
    public const string Name = "public.query_performance_baselines";

    private readonly MappedTable _names;

    private BaselineTable(MappedTable names) => _names = names;

    /// <summary>Looks it up; null where there is none.</summary>
    /// <exception cref="MaintenanceException">MappingInvalid: columns are missing. PermissionDenied, with the GRANT. DatabaseReadOnly.</exception>
    public static async Task<BaselineTable?> FindAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        var found = await session.QueryAsync(
            "Performance/Baselines/Sql/BaselineTable.sql",
            row => (Quoted: row.GetString(0), Role: row.GetString(1), Missing: row.GetFieldValue<string[]>(2), MayInsert: row.GetBoolean(3), IsLocalTime: row.GetBoolean(4)),
            cancellationToken);
        if (found.Count == 0)
        {
            return null;
        }

        var table = found[0];
        if (table.Missing.Length > 0)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.MappingInvalid,
                $"{table.Quoted} lacks the columns {string.Join(", ", table.Missing)}, so no baseline was written there.",
                "The table has query_type, avg_duration, p95_duration and timestamp; see docs/performance-baselines.md.");
        }

        if (!table.MayInsert)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.PermissionDenied,
                $"The role {table.Role} may not write to {table.Quoted}.",
                $"{MappedTable.AsAdministrator}GRANT USAGE ON SCHEMA public TO {table.Role}; GRANT INSERT ON {table.Quoted} TO {table.Role};");
        }

        return session.IsStandby
            ? throw new MaintenanceException(MaintenanceErrorCode.DatabaseReadOnly, $"{table.Quoted} cannot be written on a standby.", "Connect to the primary.")
            // A time without zone is UTC, as everywhere in this module.
            : new BaselineTable(MappedTable.Of(new Dictionary<string, string> { ["table"] = table.Quoted, ["time"] = table.IsLocalTime ? "($4::timestamptz AT TIME ZONE 'UTC')" : "$4::timestamptz" }));
    }

    /// <summary>The baselines that go there: the response times of operations, with both of its figures.</summary>
    public static IReadOnlyList<PerformanceBaseline> RowsOf(IEnumerable<PerformanceBaseline> baselines) =>
    [
        .. baselines.Where(baseline => baseline is { Source: BaselineSource.RequestLog, Metric: BaselineMetrics.ResponseTime, Subject: not null, P95: not null }
            && double.IsFinite(baseline.Mean) && double.IsFinite(baseline.P95.Value)),
    ];

    /// <summary>Writes rows in one statement.</summary>
    /// <returns>How many the server says it has written.</returns>
    public Task<int> InsertAsync(DatabaseSession session, IReadOnlyList<PerformanceBaseline> rows, CancellationToken cancellationToken) => session.RunAsync(
        async (connection, token) =>
        {
            await using var command = new NpgsqlCommand(_names.Fill(SqlText.ReadMarked("Performance/Baselines/Sql/InsertBaselines.sql")), connection);
            command.Parameters.Add(new() { Value = rows.Select(row => row.Subject!).ToArray() });
            command.Parameters.Add(new() { Value = rows.Select(row => row.Mean).ToArray() });
            command.Parameters.Add(new() { Value = rows.Select(row => row.P95!.Value).ToArray() });
            command.Parameters.Add(new() { Value = rows[0].CollectedAt.UtcDateTime });
            return await command.ExecuteNonQueryAsync(token);
        },
        cancellationToken);
}
