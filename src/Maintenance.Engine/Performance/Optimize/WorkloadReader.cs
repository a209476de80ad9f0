using System.Globalization;
using Maintenance.Engine.Database;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Performance.Indexes;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>Reads the texts of statements, which must be whole to be planned, and how much they do.</summary>
internal static class WorkloadReader
{
    /// <summary>What takes the most time is what helping helps; a database has thousands of others.</summary>
    private const int Most = 100;

    /// <summary>Texts of so many are looked through for those that were named.</summary>
    private const int All = 5000;

    private const int BlockBytes = 8192;

    /// <summary>Reads.</summary>
    /// <param name="session">A session of the database.</param>
    /// <param name="queries">The statements; null for those that take the most time.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <param name="most">How many of those that take the most time.</param>
    /// <exception cref="MaintenanceException">ExtensionMissing, PermissionDenied.</exception>
    public static async Task<Workload> ReadAsync(DatabaseSession session, IReadOnlyList<SlowQuery>? queries, CancellationToken cancellationToken, int most = Most)
    {
        await StatementsExtension.RequireAsync(session, "The extension pg_stat_statements is not installed in this database, so nobody counts which statements take the time.", cancellationToken);

        var hidden = 0L;
        var total = 0.0;
        var rows = new List<WorkloadItem>();
        await session.QueryAsync(
            "Performance/Optimize/Sql/Workload.sql",
            row =>
            {
                total = row.GetDouble(7);
                var (text, calls) = (row.IsDBNull(1) ? "" : row.GetString(1), row.GetDouble(3));
                // What the server says to a role that may not see it.
                if (text is "" or "<insufficient privilege>")
                {
                    hidden += row.GetInt64(8);
                    return 0;
                }

                rows.Add(new WorkloadItem(
                    new WorkloadStatement(row.GetInt64(0), text, calls, row.GetDouble(4)) { Rows = row.GetDouble(6) },
                    row.IsDBNull(2) ? null : row.GetString(2),
                    calls > 0 ? row.GetDouble(5) * BlockBytes / calls : 0));
                return 0;
            },
            cancellationToken,
            queries is null ? most : All);
        var unknowns = new List<string>();
        if (hidden > 0)
        {
            unknowns.Add(Say.Text($"{Say.Count(hidden, "statement of another role is", "statements of other roles are")} hidden from {session.User}, and whether anything would help {(hidden == 1 ? "it" : "them")} is not known: GRANT pg_read_all_stats TO {session.User}."));
        }

        return (queries is null ? new Workload(rows, total, unknowns) : Chosen(session, queries, rows, total, unknowns)) with { Hidden = hidden };
    }

    // The window's figures, with the server's text: what was shown has lost its literals, and may be cut.
    private static Workload Chosen(DatabaseSession session, IReadOnlyList<SlowQuery> queries, List<WorkloadItem> rows, double total, List<string> unknowns)
    {
        var items = new List<WorkloadItem>();
        foreach (var query in queries)
        {
            if (query.Database != session.Database)
            {
                unknowns.Add($"Statement {query.QueryId} ran in the database {query.Database}: connect a target to it.");
            }
            else if (rows.FirstOrDefault(row => row.Statement.QueryId == query.QueryId && (query.User is null || row.User == query.User)) is not { } known)
            {
                unknowns.Add(string.Create(CultureInfo.InvariantCulture, $"The server does not know the text of statement {query.QueryId?.ToString(CultureInfo.InvariantCulture) ?? "?"} any more, or does not show it to {session.User}."));
            }
            else
            {
                items.Add(known with { Statement = Within(known.Statement, query) });
            }
        }

        // Shares of the window, as far as they were told.
        var share = queries.Sum(query => query.SharePercent ?? 0);
        var window = queries.Sum(query => query.TotalTime.TotalMilliseconds);
        return new Workload(
            [.. items.OrderByDescending(item => item.Statement.TotalMilliseconds)], share > 0 ? window / share * 100 : Math.Max(window, Math.Min(total, window)), unknowns)
        {
            Basis = share > 0 ? $"of the server {Window(queries)}" : $"that were named, {Window(queries)}",
        };
    }

    private static string Window(IReadOnlyList<SlowQuery> queries) => string.Create(
        CultureInfo.InvariantCulture,
        $"from {queries.Min(query => query.From).UtcDateTime:yyyy-MM-dd HH:mm} to {queries.Max(query => query.To).UtcDateTime:yyyy-MM-dd HH:mm} UTC{(queries.Any(query => query.IsMadeUp) ? ", part of it sample data that nobody measured" : "")}");

    // Rows of one execution are the server's: they belong to its number of calls, not to that of the window.
    private static WorkloadStatement Within(WorkloadStatement statement, SlowQuery query) => statement with
    {
        Rows = statement.Calls > 0 ? statement.Rows / statement.Calls * query.Calls : null,
        Calls = query.Calls,
        TotalMilliseconds = query.TotalTime.TotalMilliseconds,
    };
}
