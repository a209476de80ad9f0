using Maintenance.Engine.Database;

namespace Maintenance.Engine.Performance.Indexes;

/// <summary>The workload as pg_stat_statements has counted it since it began.</summary>
internal static class WorkloadReader
{
    /// <summary>Statements of the session's database, those that took the most time first. Leaves names to be looked for in the extension's schema first.</summary>
    /// <exception cref="MaintenanceException">ExtensionMissing where there is nothing to read.</exception>
    public static async Task<(IReadOnlyList<WorkloadStatement> Statements, long Hidden)> ReadAsync(DatabaseSession session, int most, CancellationToken cancellationToken)
    {
        await StatementsExtension.RequireAsync(session, "The extension pg_stat_statements is not installed in this database, so the statements that an index could help are unknown.", cancellationToken);

        var hidden = 0L;
        var statements = new List<WorkloadStatement>();
        await session.QueryAsync(
            "Performance/Indexes/Sql/Workload.sql",
            row =>
            {
                // What the role may not see has a text that says so, and no id.
                hidden += row.GetInt64(5);
                if (!row.IsDBNull(0) && !row.IsDBNull(1))
                {
                    statements.Add(new WorkloadStatement(row.GetInt64(0), row.GetString(1), row.GetDouble(2), row.GetDouble(3)) { Rows = row.GetDouble(4) });
                }

                return true;
            },
            cancellationToken,
            most);
        return (statements, hidden);
    }
}
