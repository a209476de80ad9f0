namespace Maintenance.Engine.Security;

/// <summary>Who reaches an object, through grants to PUBLIC, to themselves, or to roles they inherit from.</summary>
internal sealed class Reach(RoleGraph roles, Exposure exposure, IReadOnlyList<PrivilegeHolder> holders, ILookup<long, ColumnPrivilege> columns)
{
    /// <summary>Reading and writing rows: a, r, w and d in the server's letters.</summary>
    public const string Rows = "rawd";

    private readonly Dictionary<long, PrivilegeHolder> _schemas = holders.Where(holder => holder.Kind == "schema").ToDictionary(holder => holder.Oid);
    private readonly long? _readAll = roles.Find("pg_read_all_data")?.Oid;
    private readonly long? _writeAll = roles.Find("pg_write_all_data")?.Oid;

    /// <summary>Strangers who can do one of some things to a relation, row security apart.</summary>
    public IReadOnlyList<long> Strangers(RelationFacts relation, string privileges) =>
        [.. exposure.Strangers.Where(role => Uses(role, relation.SchemaOid) && (Has(role, relation.Owner, relation.Access, privileges)
            || columns[relation.Oid].Any(column => Has(role, relation.Owner, column.Access, privileges)) || HasAll(role, privileges)))];

    /// <summary>Strangers who can call a function.</summary>
    public IReadOnlyList<long> Strangers(FunctionFacts function) =>
        [.. exposure.Strangers.Where(role => Uses(role, function.SchemaOid) && Has(role, function.Owner, function.Access, "X"))];

    /// <summary>Others that a relation was granted to: neither strangers, nor its owner, nor anybody whom row security does not stop anyway.</summary>
    public IReadOnlyList<long> Others(RelationFacts relation, string privileges) =>
        [.. relation.Access.Grants.Concat(columns[relation.Oid].SelectMany(column => column.Access.Grants))
            .Where(grant => grant.GivesAny(privileges))
            .Select(roles.GranteeOf).OfType<long>()
            .Where(role => role != RoleGraph.Public && role != relation.Owner && !exposure.Strangers.Contains(role) && roles.Find(role) is { Superuser: false, BypassRls: false, IsPredefined: false })
            .Distinct()];

    /// <summary>A role can read one column of a relation, row security apart.</summary>
    public bool Reads(long role, RelationFacts relation, string column) => Uses(role, relation.SchemaOid) && (Has(role, relation.Owner, relation.Access, "r")
        || columns[relation.Oid].Any(granted => granted.Name == column && Has(role, relation.Owner, granted.Access, "r")) || HasAll(role, "r"));

    /// <summary>A role has one of some privileges.</summary>
    public bool Has(long role, long owner, AccessList access, string privileges)
    {
        var inherited = roles.Inherited(role);
        return (role != RoleGraph.Public && inherited.Contains(owner))
            || access.Grants.Any(grant => grant.GivesAny(privileges) && (grant.IsPublic || (roles.GranteeOf(grant) is { } grantee && inherited.Contains(grantee))));
    }

    /// <summary>The letters of what a role may do to a relation as a whole.</summary>
    public string Letters(long role, RelationFacts relation, string among) =>
        string.Concat(among.Where(letter => Has(role, relation.Owner, relation.Access, letter.ToString()) || columns[relation.Oid].Any(column => Has(role, relation.Owner, column.Access, letter.ToString()))));

    private bool Uses(long role, long schema) => _schemas.TryGetValue(schema, out var holder) && (Has(role, holder.Owner, holder.Access, "U") || HasAll(role, "r"));

    private bool HasAll(long role, string privileges) => role != RoleGraph.Public
        && ((_readAll is { } read && privileges.Contains('r', StringComparison.Ordinal) && roles.Inherited(role).Contains(read))
            || (_writeAll is { } write && privileges.AsSpan().ContainsAny("awd") && roles.Inherited(role).Contains(write)));
}
