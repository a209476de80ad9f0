namespace Maintenance.Engine.Security;

/// <summary>Roles and their memberships: whose privileges a role has, and whom it can become.</summary>
internal sealed class RoleGraph
{
    /// <summary>PUBLIC, which is everybody.</summary>
    public const long Public = 0;

    private readonly Dictionary<long, RoleFacts> _roles;
    private readonly Dictionary<string, long> _oids;
    private readonly ILookup<long, MembershipFacts> _memberships;
    private readonly ILookup<long, MembershipFacts> _members;
    private readonly Dictionary<long, HashSet<long>> _inherited = [];
    private readonly Dictionary<long, HashSet<long>> _reachable = [];

    public RoleGraph(IEnumerable<RoleFacts> roles, IReadOnlyList<MembershipFacts> memberships)
    {
        _roles = roles.ToDictionary(role => role.Oid);
        _oids = _roles.Values.ToDictionary(role => role.Name, role => role.Oid, StringComparer.Ordinal);
        _memberships = memberships.ToLookup(membership => membership.Member);
        _members = memberships.ToLookup(membership => membership.Role);
    }

    public IEnumerable<RoleFacts> All => _roles.Values;

    public RoleFacts? Find(long oid) => _roles.GetValueOrDefault(oid);

    public RoleFacts? Find(string name) => _oids.TryGetValue(name, out var oid) ? _roles[oid] : null;

    /// <summary>A role's name, quoted by the server.</summary>
    public string Quoted(long oid) => oid == Public ? "PUBLIC" : Find(oid)?.Quoted ?? $"role {oid}";

    /// <summary>The role a grant is to; null if it is gone. PUBLIC is 0.</summary>
    public long? GranteeOf(Grant grant) => grant.IsPublic ? Public : _oids.TryGetValue(grant.Grantee, out var oid) ? oid : null;

    /// <summary>The roles whose privileges a role has without doing anything: itself, and what it inherits, however far.</summary>
    public IReadOnlySet<long> Inherited(long role) => Walk(role, _inherited, membership => membership.Inherits);

    /// <summary>The roles that a role can become or has the privileges of. Who administers a role can grant it to itself.</summary>
    public IReadOnlySet<long> Reachable(long role) => Walk(role, _reachable, membership => membership.Inherits || membership.Sets || membership.Administers);

    /// <summary>The roles that were made a member of another, directly.</summary>
    public IEnumerable<RoleFacts> MembersOf(long role) => _members[role].Select(membership => Find(membership.Member)).OfType<RoleFacts>();

    /// <summary>Somebody can log in and act as this role.</summary>
    public bool CanBeUsed(long role) => All.Any(other => other.Login && Reachable(other.Oid).Contains(role));

    private HashSet<long> Walk(long role, Dictionary<long, HashSet<long>> known, Func<MembershipFacts, bool> follows)
    {
        if (known.TryGetValue(role, out var found))
        {
            return found;
        }

        found = [role];
        var next = new Queue<long>(found);
        while (next.TryDequeue(out var member))
        {
            foreach (var membership in _memberships[member].Where(follows))
            {
                if (found.Add(membership.Role))
                {
                    next.Enqueue(membership.Role);
                }
            }
        }

        return known[role] = found;
    }
}
