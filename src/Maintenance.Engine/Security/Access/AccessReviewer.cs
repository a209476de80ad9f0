namespace Maintenance.Engine.Security.Access;

/// <summary>Judges what was read: a record for each role, and findings. Pure.</summary>
internal static class AccessReviewer
{
    public static IReadOnlyList<AccessCheck> Checks { get; } = [.. RoleUseChecks.All, .. AccountChecks.All];

    /// <summary>Every check's findings, passed ones included, the worst first.</summary>
    public static IReadOnlyList<Finding> Findings(MaintenanceTarget target, AccessReviewContext context) =>
        [.. Checks
            .SelectMany(check => SecurityAuditor.Findings(check, check.Evaluate(context), context.Facts.Server.QuotedRole, context.Facts.Server.Database))
            .Select(finding => finding with { Target = target.Name, CollectedAt = context.Facts.Now })
            .Order(SecurityAuditor.Order)];

    /// <summary>Every role by name, then the application's accounts if there are any.</summary>
    public static IReadOnlyList<DbAccessReview> Roles(MaintenanceTarget target, AccessReviewContext context, IReadOnlyList<Finding> findings)
    {
        var faults = findings.Where(finding => finding is { Outcome: FindingOutcome.Fail, Subject: not null }).ToLookup(finding => finding.Subject!, StringComparer.Ordinal);
        var memberships = context.Facts.Memberships.ToLookup(membership => membership.Member);
        var roles = context.Roles.All.OrderBy(role => role.Name, StringComparer.Ordinal).Select(role => Role(target, context, role, memberships, faults));
        return [.. roles, .. context.Facts.Accounts.Exist ? [Application(target, context, findings)] : Array.Empty<DbAccessReview>()];
    }

    private static DbAccessReview Role(
        MaintenanceTarget target, AccessReviewContext context, RoleFacts role, ILookup<long, GrantedMembership> memberships, ILookup<string, Finding> faults)
    {
        var facts = context.Facts;
        var verdict = context.Activity[role.Oid];
        var rights = AdminRights.Of(role, context.Roles);
        var own = faults[role.Quoted].Concat(memberships[role.Oid].Select(membership => $"{role.Quoted} in {context.Roles.Quoted(membership.Role)}").Distinct().SelectMany(subject => faults[subject])).ToList();
        return new DbAccessReview
        {
            Target = target.Name,
            Database = facts.Server.Database,
            Role = role.Name,
            QuotedRole = role.Quoted,
            Oid = role.Oid,
            Kind = Kind(context, role, rights),
            CanLogin = role.Login,
            IsSuperuser = role.Superuser,
            BypassesRowSecurity = role.BypassRls,
            CanCreateRole = role.CreateRole,
            CanCreateDatabase = role.CreateDatabase,
            CanReplicate = role.Replication,
            ValidUntil = role.ValidUntil,
            IsExpired = role.Expired == true,
            AdminRights = rights,
            SuperuserThrough = [.. AdminRights.PathToSuperuser(role, context.Roles, memberships).Select(step => step.Name)],
            MemberOf = [.. memberships[role.Oid].GroupBy(membership => membership.Role).Select(group => new DbRoleMembership
            {
                Role = context.Roles.Find(group.Key)?.Name ?? context.Roles.Quoted(group.Key),
                Inherits = group.Any(membership => membership.Inherits),
                CanSet = group.Any(membership => membership.Sets),
                Administers = group.Any(membership => membership.Administers),
            }).OrderBy(membership => membership.Role, StringComparer.Ordinal)],
            Inherits = Names(context, context.Roles.Inherited(role.Oid), role),
            CanBecome = Names(context, context.Roles.Reachable(role.Oid), role),
            Members = [.. context.Roles.MembersOf(role.Oid).Select(member => member.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Sessions = facts.Sessions.GetValueOrDefault(role.Oid)?.Count ?? 0,
            Activity = verdict.Activity,
            LastActivityAt = verdict.LastActivityAt,
            LastActivitySource = verdict.Source,
            Watch = verdict.Watch,
            ActivityNote = verdict.Note,
            Statements = facts.Statements is { } statements ? (long)statements.Calls.GetValueOrDefault(role.Oid) : null,
            Owned = role.Oid < AuditFacts.FirstUserOid ? null : [.. context.Owned(role).Select(objects => new DbRoleObjects(objects.Database, objects.Kind, objects.Count))],
            Privileges = context.Granted(role),
            Findings = own,
            Status = own.Select(finding => finding.Status)
                .Append(role is { Login: true, IsPredefined: false, IsBootstrap: false } && verdict.Activity == RoleActivity.Unknown ? HealthStatus.Unknown : HealthStatus.Ok)
                .Max(),
            CollectedAt = facts.Now,
        };
    }

    private static DbAccessReview Application(MaintenanceTarget target, AccessReviewContext context, IReadOnlyList<Finding> findings)
    {
        var accounts = context.Facts.Accounts;
        var own = findings.Where(finding => finding.Id.StartsWith("ACCESS-ACCOUNT-", StringComparison.Ordinal) && finding.Outcome != FindingOutcome.Pass).ToList();
        return new DbAccessReview
        {
            Target = target.Name,
            Database = context.Facts.Server.Database,
            Role = "auth.users",
            QuotedRole = "auth.users",
            Kind = DbAccountKind.Application,
            Accounts = accounts.Counts,
            ActivityNote = accounts.Counts is not { } counts ? "The accounts may not be read, or not all of them."
                : $"{counts.Total} account(s), {Count(counts.NeverSignedIn)} never signed in, {Count(counts.Inactive)} inactive, {Count(counts.Banned)} banned, {Count(counts.Unconfirmed)} unconfirmed.",
            Findings = own,
            Status = own.Select(finding => finding.Status).DefaultIfEmpty(HealthStatus.Ok).Max(),
            CollectedAt = context.Facts.Now,
        };
    }

    private static string Count(long? count) => count is { } known ? known.ToString(System.Globalization.CultureInfo.InvariantCulture) : "unknown how many";

    private static DbAccountKind Kind(AccessReviewContext context, RoleFacts role, IReadOnlyList<string> rights) =>
        role.IsPredefined ? DbAccountKind.System
        : !role.Login ? DbAccountKind.Group
        : context.IsServiceAccount(role) ? DbAccountKind.Service
        : rights.Count > 0 ? DbAccountKind.Admin
        : context.ServicePatterns.Count == 0 ? DbAccountKind.Login
        : DbAccountKind.Person;

    private static IReadOnlyList<string> Names(AccessReviewContext context, IEnumerable<long> roles, RoleFacts but) =>
        [.. roles.Where(oid => oid != but.Oid).Select(oid => context.Roles.Find(oid)?.Name).OfType<string>().Order(StringComparer.Ordinal)];
}
