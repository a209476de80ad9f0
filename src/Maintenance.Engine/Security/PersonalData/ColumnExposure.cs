namespace Maintenance.Engine.Security.PersonalData;

/// <summary>Who of the strangers can read a column, and through what.</summary>
/// <param name="Roles">Strangers, quoted by the server.</param>
/// <param name="Through">Relations, quoted by the server.</param>
/// <param name="FixSql">What ends it; null where no statement does.</param>
/// <param name="IsGuarded">Strangers may ask, and policies decide row by row.</param>
internal sealed record Exposed(IReadOnlyList<string> Roles, IReadOnlyList<string> Through, string? FixSql, bool IsGuarded)
{
    /// <summary>Functions that strangers call, that read as their owner, and that name what holds the column.</summary>
    public IReadOnlyList<FunctionFacts> Functions { get; init; } = [];

    /// <summary>Strangers read it; null where a function of <see cref="Functions"/> may tell it to them.</summary>
    public bool? IsExposed => Roles.Count > 0 ? true : Functions.Count > 0 ? null : false;
}

/// <summary>
/// Whether strangers read a column: by grants to its table, to its partitions, or to views that show it with their owner's rights; row security
/// counted only where no policy lets everything pass. What policies that look at the row let through is another matter: Test-DbRowSecurity. What
/// functions with their owner's rights tell, nobody can say who does not read them: that they name the table is all that is known. Pure.
/// </summary>
internal sealed class ColumnExposure(AuditFacts facts, ILookup<long, (long View, short Column)> views)
{
    private readonly ILookup<long, RelationFacts> _partitions = facts.Relations.Values.Where(relation => relation.Parent is not null).ToLookup(relation => relation.Parent!.Value);
    private readonly long? _readAll = facts.Roles.Find("pg_read_all_data")?.Oid;
    private readonly ILookup<long, FunctionFacts> _functions = Callable(facts);

    public Exposed Of(long oid, PersonalColumn column)
    {
        HashSet<long> roles = [];
        List<(string Quoted, string? Fix)> through = [];
        HashSet<FunctionFacts> functions = [];
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
                    through.Add((relation.Quoted, Fix(relation, column.Name, open)));
                }

                functions.UnionWith(_functions[relation.Oid].Where(function => Sees(function.Owner, relation, column.Name)));
            }

            foreach (var view in Views(table, column.Number, []))
            {
                var readers = facts.Exposure.Strangers.Where(role => facts.Exposure.Includes(view.Schema) && facts.Reach.Strangers(view, "r").Contains(role)).ToList();
                if (readers.Count > 0)
                {
                    roles.UnionWith(readers);
                    through.Add((view.Quoted, Fix(view, null, readers)));
                }

                functions.UnionWith(_functions[view.Oid]);
            }
        }

        return new Exposed(
            [.. roles.Order().Select(facts.Quoted)], [.. through.Select(way => way.Quoted).Distinct(StringComparer.Ordinal)],
            string.Join(" ", through.Select(way => way.Fix).OfType<string>().Distinct(StringComparer.Ordinal)) is { Length: > 0 } fix ? fix : null, guarded && roles.Count == 0)
        {
            Functions = [.. functions.OrderBy(function => function.Quoted, StringComparer.Ordinal)],
        };
    }

    /// <summary>Strangers can read some of a table whatever its rows; null where a function may tell it to them.</summary>
    public bool? Any(long oid, IEnumerable<PersonalColumn> columns)
    {
        var all = columns.Select(column => Of(oid, column).IsExposed).ToHashSet();
        return all.Contains(true) ? true : all.Contains(null) ? null : false;
    }

    /// <summary>Strangers who can call some functions, quoted by the server.</summary>
    public IReadOnlyList<string> Callers(IEnumerable<FunctionFacts> functions) => [.. functions.SelectMany(facts.Reach.Strangers).Distinct().Order().Select(facts.Quoted)];

    /// <summary>What keeps strangers from calling a function.</summary>
    public string Fix(FunctionFacts function) => $"REVOKE EXECUTE ON {function.Quoted} FROM {Grants.Revokees(facts, function)};";

    private static ILookup<long, FunctionFacts> Callable(AuditFacts facts)
    {
        var names = new NamedRelations(facts.Relations.Values);
        return facts.Functions
            .Where(function => function is { Definer: true, IsTrigger: false } && facts.Exposure.Includes(function.Schema)
                && facts.Reach.Strangers(function).Count > 0 && Grants.Revokees(facts, function).Length > 0)
            .SelectMany(function => names.In(function.Body), (function, relation) => (relation.Oid, function))
            .ToLookup(pair => pair.Oid, pair => pair.function);
    }

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

    private bool Sees(long role, RelationFacts relation, string column) =>
        (facts.Roles.Find(role) is { Superuser: true } || facts.Reach.Reads(role, relation, column)) && (!relation.RowSecurity || LetsAllPass(relation, role));

    // By the way they have it: a privilege on the column is taken away alone, and of a table that all columns of were granted row security hides the rows.
    private string? Fix(RelationFacts relation, string? column, List<long> readers)
    {
        var table = Grantees(relation, relation.Access);
        var columns = facts.Columns[relation.Oid].Where(granted => column is null || granted.Name == column).ToList();
        List<string> fixes = [];
        if (relation.HoldsRows && !relation.RowSecurity && (table.Count > 0 || readers.Exists(role => Inherits(role, _readAll))))
        {
            fixes.Add($"ALTER TABLE {relation.Quoted} ENABLE ROW LEVEL SECURITY;");
        }
        else
        {
            if (table.Count > 0)
            {
                // This takes their privileges on single columns with it.
                fixes.Add($"REVOKE SELECT ON {relation.Quoted} FROM {Names(table)};");
            }

            fixes.AddRange(
                from granted in columns
                let grantees = Grantees(relation, granted.Access).Except(table).ToList()
                where grantees.Count > 0
                select $"REVOKE SELECT ({granted.Quoted}) ON {relation.Quoted} FROM {Names(grantees)};");
            fixes.AddRange(readers.Where(role => Inherits(role, _readAll)).SelectMany(role => Leave(role, _readAll!.Value)));
        }

        fixes.AddRange(readers.Where(role => Inherits(role, relation.Owner)).SelectMany(role => Leave(role, relation.Owner)));
        return fixes.Count == 0 ? null : string.Join(" ", fixes.Distinct(StringComparer.Ordinal));
    }

    // What an owner has is not taken away by revoking it.
    private List<long> Grantees(RelationFacts relation, AccessList access) =>
        [.. access.Grants.Where(grant => grant.Gives('r')).Select(facts.Roles.GranteeOf).OfType<long>()
            .Where(grantee => grantee == RoleGraph.Public || (grantee != relation.Owner && facts.Exposure.Strangers.Any(stranger => Inherits(stranger, grantee)))).Distinct().Order()];

    private bool Inherits(long role, long? from) => from is { } other && role != RoleGraph.Public && facts.Roles.Inherited(role).Contains(other);

    // The memberships by which a role has what another has.
    private IEnumerable<string> Leave(long role, long other) => facts.Roles.All
        .Where(group => group.Oid != role && facts.Roles.Inherited(group.Oid).Contains(other) && facts.Roles.MembersOf(group.Oid).Any(member => member.Oid == role))
        .Select(group => $"REVOKE {group.Quoted} FROM {facts.Quoted(role)};");

    private string Names(IEnumerable<long> roles) => string.Join(", ", roles.Select(facts.Quoted));

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
