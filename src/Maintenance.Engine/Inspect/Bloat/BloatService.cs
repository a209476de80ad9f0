using Maintenance.Engine.Database;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>How much space tables and indexes could give back, and why they do not.</summary>
public sealed class BloatService
{
    private readonly DatabaseConnector _connector;
    private readonly TimeProvider _time;

    internal BloatService(DatabaseConnector connector, TimeProvider time)
    {
        _connector = connector;
        _time = time;
    }

    /// <summary>Estimates, and measures where asked. Default timeout 60 s for estimates, 10 minutes where pages are read.</summary>
    /// <param name="target">The target.</param>
    /// <param name="query">What to look at.</param>
    /// <param name="call">Where to tell what happens.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <returns>The relations, most reclaimable first, unknown ones last.</returns>
    public async Task<IReadOnlyList<DbBloat>> GetBloatAsync(MaintenanceTarget target, BloatQuery query, CallContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(call);
        var limit = call.Timeout ?? (query.Mode == BloatMode.Estimate ? TimeSpan.FromSeconds(60) : TimeSpan.FromMinutes(10));
        using var deadline = new Deadline(limit, _time, cancellationToken);
        return await deadline.RunAsync($"Looking for bloat in '{target.Name}'", async token =>
        {
            await using var session = await _connector.OpenAsync(target, new SessionOptions("Get-DbBloat", deadline.Remaining), call, token);
            var facts = await new BloatReader(session).ReadAsync(query, token);
            call.Sink.Verbose($"Read {facts.Relations.Count} relations of {session.Database} (PostgreSQL {session.ServerVersion}, role {session.User}).");
            if (facts.Holders.HiddenSessions > 0)
            {
                call.Sink.Warning($"{facts.Holders.HiddenSessions} session(s) of other roles are hidden, so who holds back dead rows may be one of them. Run as an administrator: GRANT pg_monitor TO {facts.Server.QuotedUser};");
            }

            var rows = new BloatRows(target, session.Database, facts, _time.GetUtcNow());
            var found = facts.Relations.Values
                .Where(relation => relation.Kind is not (DbRelationKind.PartitionedTable or DbRelationKind.PartitionedIndex))
                .Select(rows.Estimated)
                .ToDictionary(row => row.Oid);
            if (query.Mode != BloatMode.Estimate)
            {
                await new BloatVerifier(session, facts, rows, call.Sink).VerifyAsync(found, query, token);
            }

            return Select(BloatTotals.WithParts([.. found.Values, .. BloatTotals.Partitioned(facts, found, rows)]), query);
        });
    }

    /// <summary>True if the query asks for a row.</summary>
    internal static bool IsWanted(DbBloat row, BloatQuery query) =>
        (query.Kinds.Count == 0 || query.Kinds.Contains(row.Kind))
        && !(row.SizeBytes < (query.MinimumSize ?? (query.Tables.Count > 0 ? 0 : BloatQuery.DefaultMinimumSize)));

    private static List<DbBloat> Select(IEnumerable<DbBloat> rows, BloatQuery query) =>
        [.. rows.Where(row => IsWanted(row, query))
            .OrderByDescending(row => row.Reclaimable ?? -1)
            .ThenByDescending(row => row.SizeBytes)
            .ThenBy(row => row.QualifiedName, StringComparer.Ordinal)];
}
