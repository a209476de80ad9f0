using Maintenance.Engine.Database;

namespace Maintenance.Engine.Maintain;

/// <summary>Finds the tables that were asked for: by name, by OID, as a table, its TOAST table or, in vain, an index.</summary>
/// <param name="session">The session to look in.</param>
/// <param name="facts">The tables there are.</param>
/// <param name="now">The time.</param>
internal sealed class VacuumRequests(DatabaseSession session, VacuumFacts facts, DateTimeOffset now)
{
    private readonly Dictionary<long, VacuumRelation> _byOid = facts.Relations.ToDictionary(relation => relation.Oid);

    private readonly Dictionary<long, VacuumRelation> _byToast =
        facts.Relations.Where(relation => relation.Toast is not null).ToDictionary(relation => relation.Toast!.Oid);

    public async Task<IReadOnlyList<VacuumRequest>> ResolveAsync(IReadOnlyList<DbObjectReference> references, CancellationToken cancellationToken)
    {
        var requests = new List<VacuumRequest>();
        foreach (var reference in references)
        {
            requests.Add(Known(reference) is { } known ? new VacuumRequest(known, null) : await FindAsync(reference, cancellationToken));
        }

        return requests;
    }

    // Hundreds of tables may come through a pipeline; those that are as they were need not be looked for one by one.
    private VacuumRelation? Known(DbObjectReference reference) =>
        reference.Oid is { } oid && (reference.Database ?? facts.Database) == facts.Database
        && _byOid.TryGetValue(oid, out var relation) && reference.Name == relation.Name && reference.Schema == relation.Schema
            ? relation
            : null;

    private async Task<VacuumRequest> FindAsync(DbObjectReference reference, CancellationToken cancellationToken)
    {
        Relation found;
        try
        {
            found = await RelationFinder.FindAsync(session, reference, cancellationToken);
        }
        catch (MaintenanceException exception) when (exception.Code is MaintenanceErrorCode.ObjectNotFound or MaintenanceErrorCode.InvalidArgument)
        {
            // What came from another cmdlet was there a moment ago; a name that somebody typed is a mistake.
            var item = new Named(session.Target.Name, facts.Database, reference.Schema ?? "", reference.Name ?? reference.ToString(), reference.Oid ?? 0);
            return Refuse(item, reference.Item is null ? StepState.Failed : StepState.Skipped, exception.Code, exception.Message, exception.Recommendation);
        }

        if (_byOid.GetValueOrDefault(found.Oid) is { } relation)
        {
            return new VacuumRequest(relation, null);
        }

        if (_byToast.GetValueOrDefault(found.Oid) is { } owner)
        {
            return new VacuumRequest(owner, null);
        }

        var what = new Named(session.Target.Name, facts.Database, found.Schema, found.Name, found.Oid);
        return found.IsIndex
            ? Refuse(what, StepState.Skipped, null, "It is an index, which VACUUM cannot make smaller.", "Rebuild it: Invoke-DbReindex.")
            : Refuse(what, StepState.Skipped, null, "It is a temporary table, which only its own session can vacuum.", null);
    }

    private VacuumRequest Refuse(IDbObject item, StepState state, MaintenanceErrorCode? error, string message, string? recommendation) =>
        new(null, VacuumPlanner.Refuse(item.Target, facts.Database, item, state, error, message, recommendation, now));

    private sealed record Named(string Target, string Database, string Schema, string Name, long Oid) : IDbObject;
}
