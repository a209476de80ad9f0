namespace Maintenance.Engine.Security.PersonalData;

/// <summary>Who of the strangers can read a column, and through what.</summary>
/// <param name="Roles">Strangers, quoted by the server.</param>
/// <param name="Through">Relations, quoted by the server.</param>
/// <param name="FixSql">What ends it.</param>
/// <param name="IsGuarded">Strangers may ask, and policies decide row by row.</param>
internal sealed record Exposed(IReadOnlyList<string> Roles, IReadOnlyList<string> Through, string? FixSql, bool IsGuarded);

/// <summary>
/// Whether strangers read a column: by grants to its table, to its partitions, or to views that show it with their owner's rights; row security
/// counted only where no policy lets everything pass. What policies that look at the row let through is another matter: Test-DbRowSecurity. Pure.
/// </summary>
internal sealed class ColumnExposure(AuditFacts facts, ILookup<long, (long View, short Column)> views)
{
    private readonly ILookup<long, RelationFacts> _partitions = facts.Relations.Values.Where(relation => relation.Parent is not null).ToLookup(relation => relation.Parent!.Value);

    public Exposed Of(long oid, PersonalColumn column)
    {
        HashSet<long> roles = [];
        List<(string Quoted, string Fix)> through = [];
        var guarded = false;
        if (facts.Relations.TryGetValue(oid, out var table))
        {
            foreach (var relation in Family(table))
            {
                var (open, some) = Direct(relation, column.Name);
                guarded |= some;
                if (open.Count > 0)
                {
                    roles.UnionWith(open);
                    through.Add((relation.Quoted, relation.HoldsRows && !relation.RowSecurity
                        ? $"ALTER TABLE {relation.Quoted} ENABLE ROW LEVEL SECURITY;"
                        : $"REVOKE SELECT ON {relation.Quoted} FROM {Grants.Revokees(facts, relation, "r")};"));
                }
            }

            foreach (var view in Views(table, column.Number, []))
            {
                var readers = facts.Exposure.Strangers.Where(role => facts.Exposure.Includes(view.Schema) && facts.Reach.Strangers(view, "r").Contains(role)).ToList();
                if (readers.Count > 0)
                {
                    roles.UnionWith(readers);
                    through.Add((view.Quoted, $"REVOKE SELECT ON {view.Quoted} FROM {Grants.Revokees(facts, view, "r")};"));
                }
            }
        }

        return new Exposed(
            [.. roles.Order().Select(facts.Quoted)], [.. through.Select(way => way.Quoted).Distinct(StringComparer.Ordinal)],
            through.Count == 0 ? null : string.Join(" ", through.Select(way => way.Fix).Distinct(StringComparer.Ordinal)), guarded && roles.Count == 0);
    }

    /// <summary>Strangers can read some of a table whatever its rows.</summary>
    public bool Any(long oid, IEnumerable<PersonalColumn> columns) => columns.Any(column => Of(oid, column).Roles.Count > 0);

    private IEnumerable<RelationFacts> Family(RelationFacts table) => _partitions[table.Oid].SelectMany(Family).Prepend(table);

    private (List<long> Open, bool Guarded) Direct(RelationFacts relation, string column)
    {
        if (!facts.Exposure.Includes(relation.Schema))
        {
            return ([], false);
        }

        var readers = facts.Exposure.Strangers.Where(role => facts.Reach.Reads(role, relation, column)).ToList();
        if (!relation.RowSecurity)
        {
            return (readers, false);
        }

        var open = readers.Where(role => LetsAllPass(relation, role)).ToList();
        return (open, readers.Exists(role => !open.Contains(role) && Policies(relation, role).Any(policy => policy.Permissive)));
    }

    private bool LetsAllPass(RelationFacts relation, long role) =>
        // Who owns it, or is above policies, sees everything.
        (role != RoleGraph.Public && facts.Roles.Find(role) is { } known && (known.Superuser || known.BypassRls || (!relation.Forced && facts.Roles.Inherited(role).Contains(relation.Owner))))
        || (Policies(relation, role).Any(policy => policy.Permissive && PolicyExpression.IsAlwaysTrue(policy.Using))
            && Policies(relation, role).All(policy => policy.Permissive || PolicyExpression.IsAlwaysTrue(policy.Using)));

    private IEnumerable<PolicyFacts> Policies(RelationFacts relation, long role) => facts.Policies[relation.Oid].Where(policy =>
        policy.Command is 'r' or '*' && policy.Roles.Any(to => to == RoleGraph.Public || facts.Roles.Inherited(role).Contains(to)));

    // Views that show the column with rights of their own: through those that read with their owner's, and whose owner policies do not stop.
    private IEnumerable<RelationFacts> Views(RelationFacts source, short? column, HashSet<long> seen)
    {
        foreach (var group in views[source.Oid].Where(shown => column is null || shown.Column == column || shown.Column == 0).GroupBy(shown => shown.View))
        {
            if (!facts.Relations.TryGetValue(group.Key, out var view) || view.SecurityInvoker || !seen.Add(view.Oid) || (source.RowSecurity && !LetsAllPass(source, view.Owner)))
            {
                continue;
            }

            yield return view;
            foreach (var further in Views(view, null, seen))
            {
                yield return further;
            }
        }
    }
}
