using System.Globalization;

namespace Maintenance.Engine.Performance.Statements;

/// <summary>What pg_stat_statements counts by. Without the user, the database and the level two statements would be taken for one.</summary>
/// <param name="UserId">OID of the role.</param>
/// <param name="DatabaseId">OID of the database.</param>
/// <param name="QueryId">The statement.</param>
/// <param name="TopLevel">False inside a function; PostgreSQL 13 does not tell, there it is true.</param>
internal readonly record struct StatementKey(long UserId, long DatabaseId, long QueryId, bool TopLevel)
{
    /// <summary>As samples and baselines name it: <c>10/5/-4711/top</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{UserId}/{DatabaseId}/{QueryId}/{(TopLevel ? "top" : "nested")}");

    /// <summary>Reads that form; null for another.</summary>
    public static StatementKey? Parse(string text) =>
        text.Split('/') is [var user, var database, var query, "top" or "nested"]
        && long.TryParse(user, CultureInfo.InvariantCulture, out var userId)
        && long.TryParse(database, CultureInfo.InvariantCulture, out var databaseId)
        && long.TryParse(query, CultureInfo.InvariantCulture, out var queryId)
            ? new StatementKey(userId, databaseId, queryId, text.EndsWith("top", StringComparison.Ordinal))
            : null;
}
