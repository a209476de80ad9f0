using System.Globalization;

namespace Maintenance.Engine.Security.Access;

/// <summary>Who was used, who owns and may do things that nobody uses any more.</summary>
internal static class RoleUseChecks
{
    private const int MostNames = 5;
    private static readonly string[] Access = ["Art. 32(1)(b)"];

    public static IReadOnlyList<AccessCheck> All { get; } =
    [
        new("ACCESS-ROLE-INACTIVE", "Roles that can log in are used", FindingSeverity.Medium, Inactive)
        {
            Recommendation = "Ask whose it is. Disable it, and drop it when nobody misses it. Let Get-DbAccessReview run daily: PostgreSQL keeps no time of the last login, so only what was watched is known.",
            Cis = ["4.4"],
            Gdpr = Access,
            Scope = SecurityScope.Server,
        },
        new("ACCESS-OWNER-DISABLED", "Owners of objects can be acted as", FindingSeverity.Low, DisabledOwners)
        {
            Recommendation = "Give the objects to a role that somebody answers for (REASSIGN OWNED BY, in each database), then drop the role.",
            Gdpr = Access,
            Scope = SecurityScope.Server,
        },
        new("ACCESS-MEMBERSHIP-ORPHANED", "Memberships serve somebody", FindingSeverity.Low, OrphanedMemberships)
        {
            Recommendation = "Revoke the membership, or grant it anew where it is still meant.",
            Gdpr = Access,
            Scope = SecurityScope.Server,
        },
        new("ACCESS-PRIVILEGES-UNUSED", "Privileges of groups are held by somebody who was active", FindingSeverity.Low, UnusedPrivileges)
        {
            Recommendation = "Revoke what nobody uses, and drop the group when nothing is left. What roles that can log in hold is told with ACCESS-ROLE-INACTIVE.",
            Cis = ["4.6"],
            Gdpr = Access,
            Scope = SecurityScope.Server,
        },
    ];

    private static IEnumerable<RoleFacts> Logins(AccessReviewContext context) => context.Ordinary.Where(role => role.Login);

    private static CheckResult Inactive(AccessReviewContext context)
    {
        var logins = Logins(context).ToList();
        var unknown = logins.Where(role => context.Activity[role.Oid].Activity == RoleActivity.Unknown).ToList();
        return CheckResult.Of(logins.Count, from role in logins
                                            let verdict = context.Activity[role.Oid]
                                            where verdict.Activity == RoleActivity.Inactive
                                            select new Fault(role.Quoted, $"{role.Quoted} can log in{(context.IsServiceAccount(role) ? ", is a service account," : "")} and was not active for {Days(context.InactiveAfter)}. {verdict.Note}".TrimEnd('.') + ".")
                                            {
                                                Evidence = Evidence(context, role, verdict),
                                                FixSql = $"ALTER ROLE {role.Quoted} NOLOGIN;",
                                            }) with
        {
            Unknown = unknown.Count == 0 ? null
                : $"of {unknown.Count} of {logins.Count} role(s) not enough is known ({Names(unknown)}): {context.Activity[unknown[0].Oid].Note.TrimEnd('.')}",
        };
    }

    private static Dictionary<string, object?> Evidence(AccessReviewContext context, RoleFacts role, ActivityVerdict verdict) => new()
    {
        ["LastActivityAt"] = verdict.LastActivityAt,
        ["WatchedSince"] = verdict.Watch?.Since,
        ["Samples"] = verdict.Watch?.Samples,
        ["LargestGap"] = verdict.Watch?.LargestGap,
        ["CountedSince"] = verdict.Watch?.CountedSince,
        ["ObjectsOwned"] = context.Owned(role).Sum(objects => objects.Count),
        ["PrivilegesHeld"] = context.Granted(role).Sum(privilege => privilege.Count),
    };

    private static CheckResult DisabledOwners(AccessReviewContext context) => CheckResult.Of(
        context.Ordinary.Count(role => context.Owned(role).Any()),
        from role in context.Ordinary
        let owned = context.Owned(role).ToList()
        where owned.Count > 0
        let expired = role is { Login: true, Expired: true }
        where expired || !context.Usable.Contains(role.Oid)
        select new Fault(role.Quoted, $"{role.Quoted} owns {owned.Sum(objects => objects.Count)} object(s), and {(expired ? $"its password expired {role.ExpiredWhen}" : "nobody but a superuser can log in and act as it")}.")
        {
            Evidence = new Dictionary<string, object?> { ["Owned"] = owned.Select(objects => new DbRoleObjects(objects.Database, objects.Kind, objects.Count).ToString()).ToArray() },
        });

    private static CheckResult OrphanedMemberships(AccessReviewContext context) => CheckResult.Of(
        context.Facts.Memberships.Count,
        from membership in context.Facts.Memberships
        let member = context.Roles.Find(membership.Member)
        let role = context.Roles.Find(membership.Role)
        where member is not { IsPredefined: true }
        let fault = Orphaned(context, membership, member, role)
        where fault is not null
        orderby fault.Subject
        select fault);

    private static Fault? Orphaned(AccessReviewContext context, GrantedMembership membership, RoleFacts? member, RoleFacts? role)
    {
        var subject = $"{context.Roles.Quoted(membership.Member)} in {context.Roles.Quoted(membership.Role)}";
        if (member is null || role is null)
        {
            return new Fault(subject, $"The membership of {subject} is left over: one of them is gone.");
        }

        var revoke = $"REVOKE {role.Quoted} FROM {member.Quoted};";
        if (membership is { Inherits: false, Sets: false, Administers: false })
        {
            return new Fault(subject, $"The membership of {subject} gives nothing: it is neither inherited, nor may it be set.") { Severity = FindingSeverity.Info, FixSql = revoke };
        }

        if (!context.Usable.Contains(member.Oid))
        {
            return new Fault(subject, $"The membership of {subject} serves nobody: nobody can log in and act as {member.Quoted}.") { FixSql = revoke };
        }

        return membership.GrantorExists ? null : new Fault(subject, $"Who granted the membership of {subject} is gone.")
        {
            Severity = FindingSeverity.Info,
            FixSql = $"{revoke} GRANT {role.Quoted} TO {member.Quoted}{(membership.Administers ? " WITH ADMIN OPTION" : "")};",
        };
    }

    private static CheckResult UnusedPrivileges(AccessReviewContext context)
    {
        var groups = context.Ordinary.Where(role => !role.Login && context.Granted(role).Count > 0).ToList();
        var unknown = new List<RoleFacts>();
        var faults = new List<Fault>();
        foreach (var group in groups)
        {
            var users = context.Users[group.Oid].ToList();
            var idle = users.TrueForAll(user => context.Activity[user.Oid].Activity == RoleActivity.Inactive);
            if (users.Count == 0 || (idle && context.Activity[group.Oid].Activity != RoleActivity.Active))
            {
                faults.Add(Unused(context, group, users));
            }
            // A group is active itself where statements were counted as its own: somebody had become it.
            else if (context.Activity[group.Oid].Activity != RoleActivity.Active && users.TrueForAll(user => context.Activity[user.Oid].Activity != RoleActivity.Active))
            {
                unknown.Add(group);
            }
        }

        return CheckResult.Of(groups.Count, faults) with
        {
            Unknown = unknown.Count == 0 ? null : $"of nobody who has the privileges of {Names(unknown)} it is known whether he was active",
        };
    }

    private static Fault Unused(AccessReviewContext context, RoleFacts group, List<RoleFacts> users)
    {
        var granted = context.Granted(group);
        return new Fault(group.Quoted, users.Count == 0
            ? $"{group.Quoted} holds privileges, and nobody but a superuser can log in and use them."
            : $"{group.Quoted} holds privileges, and nobody who has them was active for {Days(context.InactiveAfter)} ({Names(users)}).")
        {
            Severity = users.Count == 0 ? FindingSeverity.Info : FindingSeverity.Low,
            Evidence = new Dictionary<string, object?> { ["Privileges"] = granted.Select(privilege => privilege.ToString()).ToArray(), ["Users"] = users.Count },
            // It owns nothing that this would drop.
            FixSql = users.Count == 0 && !context.Owned(group).Any() && granted.All(privilege => privilege.Database is null || privilege.Database == context.Facts.Server.Database)
                ? $"DROP OWNED BY {group.Quoted};"
                : null,
        };
    }

    private static string Names(List<RoleFacts> roles) =>
        string.Join(", ", roles.Take(MostNames).Select(role => role.Quoted)) + (roles.Count > MostNames ? $" and {roles.Count - MostNames} more" : "");

    private static string Days(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0.#} days");
}
