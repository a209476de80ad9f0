namespace Maintenance.Engine.Security.Access;

/// <summary>What of an administrator's rights roles have, and how they come by them. Pure.</summary>
internal static class AdminRights
{
    private static readonly Dictionary<string, string> Predefined = new(StringComparer.Ordinal)
    {
        ["pg_execute_server_program"] = "programs on the server",
        ["pg_write_server_files"] = "writing the server's files",
        ["pg_read_server_files"] = "reading the server's files",
        ["pg_write_all_data"] = "writing every table",
        ["pg_read_all_data"] = "reading every table",
    };

    /// <summary>What a role has or can take, its own first; what comes from another names it.</summary>
    public static IReadOnlyList<string> Of(RoleFacts role, RoleGraph roles) =>
        [.. Own(role), .. roles.Reachable(role.Oid).Where(oid => oid != role.Oid).Select(roles.Find).OfType<RoleFacts>()
            .OrderBy(other => other.Name, StringComparer.Ordinal).SelectMany(other => Own(other).Select(right => $"{right} ({other.Quoted})"))];

    /// <summary>The shortest way by which a role can become a superuser: itself, and each role on the way; empty if there is none or it is one.</summary>
    public static IReadOnlyList<RoleFacts> PathToSuperuser(RoleFacts role, RoleGraph roles, ILookup<long, GrantedMembership> memberships)
    {
        if (role.Superuser)
        {
            return [];
        }

        var cameFrom = new Dictionary<long, long> { [role.Oid] = role.Oid };
        var next = new Queue<long>([role.Oid]);
        while (next.TryDequeue(out var at))
        {
            if (roles.Find(at) is { Superuser: true })
            {
                var path = new List<RoleFacts>();
                for (var step = at; ; step = cameFrom[step])
                {
                    path.Insert(0, roles.Find(step)!);
                    if (step == role.Oid)
                    {
                        return path;
                    }
                }
            }

            foreach (var membership in memberships[at].Where(membership => membership.Inherits || membership.Sets || membership.Administers))
            {
                if (cameFrom.TryAdd(membership.Role, at))
                {
                    next.Enqueue(membership.Role);
                }
            }
        }

        return [];
    }

    private static IEnumerable<string> Own(RoleFacts role)
    {
        if (role.Superuser)
        {
            yield return "SUPERUSER";
        }

        if (role.CreateRole)
        {
            yield return "CREATEROLE";
        }

        if (role.BypassRls)
        {
            yield return "BYPASSRLS";
        }

        if (role.Replication)
        {
            yield return "REPLICATION";
        }

        if (role.IsPredefined && Predefined.TryGetValue(role.Name, out var right))
        {
            yield return right;
        }
    }
}
