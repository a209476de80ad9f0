using Maintenance.Engine.Database;

namespace Maintenance.Engine.Retention;

/// <summary>Asks how archived values get into the types that a table has now.</summary>
internal static class CastReader
{
    public static async Task<IReadOnlyDictionary<(long From, long To), ValueCast>> ReadAsync(
        DatabaseSession session, IReadOnlyList<SourceColumn> columns, TableFacts destination, IReadOnlyDictionary<string, string> renamed, CancellationToken cancellationToken)
    {
        var pairs = columns
            .Join(destination.Columns, column => renamed.GetValueOrDefault(column.Name, column.Name), column => column.Name, (from, to) => (From: from.TypeOid, To: to.TypeOid))
            .Where(pair => pair.From != pair.To)
            .Distinct()
            .ToList();
        return pairs.Count == 0 ? new Dictionary<(long, long), ValueCast>() : (await session.QueryAsync(
            "Retention/Sql/Casts.sql",
            row => (Pair: (row.GetInt64(0), row.GetInt64(1)), Cast: row.GetString(2) switch
            {
                "a" => ValueCast.Assignment,
                "t" => ValueCast.FromText,
                "v" => ValueCast.ThroughText,
                _ => ValueCast.Impossible,
            }),
            cancellationToken,
            pairs.Select(pair => pair.From).ToArray(),
            pairs.Select(pair => pair.To).ToArray())).ToDictionary(found => found.Pair, found => found.Cast);
    }
}
