using System.Globalization;

namespace Maintenance.Engine.Security.Access;

/// <summary>Service accounts, the application's accounts, and what only people can tell.</summary>
internal static class AccountChecks
{
    /// <summary>From more addresses than this at the same time, a service account is shared. No source: a service with several instances has a few.</summary>
    public const int ManyAddresses = 5;

    private const string Accounts = "auth.users";
    private static readonly string[] Access = ["Art. 32(1)(b)"];
    private static readonly string[] Storage = ["Art. 5(1)(e)"];

    public static IReadOnlyList<AccessCheck> All { get; } =
    [
        new("ACCESS-SERVICE-ADMIN", "Service accounts are no administrators", FindingSeverity.High, ServiceAdmins)
        {
            Recommendation = "Give the program what it needs and no more. Where it has to administer or to read everything (backups), accept the finding.",
            Cis = ["4.3"],
            Gdpr = Access,
            Scope = SecurityScope.Server,
        },
        new("ACCESS-SERVICE-SHARED", "Service accounts are used from few addresses", FindingSeverity.Low, SharedServices)
        {
            Recommendation = "Give each program an account of its own, so that one can be stopped without the others, and logs tell them apart.",
            Gdpr = Access,
            Scope = SecurityScope.Server,
        },
        new("ACCESS-ACCOUNT-INACTIVE", "Accounts of the application are used", FindingSeverity.Medium, InactiveAccounts)
        {
            Recommendation = "Disable or delete accounts that nobody uses, after telling their owners.",
            Gdpr = Storage,
        },
        new("ACCESS-ACCOUNT-UNUSED", "Accounts of the application were used once", FindingSeverity.Low, UnusedAccounts)
        {
            Recommendation = "Delete accounts that were made and never signed in with.",
            Gdpr = Storage,
        },
        Manual("ACCESS-ADMIN-REVIEW", "Administrators are needed, each of them", SecurityScope.Server, Admins,
            "Ask for each who it is and what for. Too much power is told by DBSEC-ROLE-SUPERUSER, -BYPASSRLS, -CREATEROLE, -REPLICATION and -ESCALATION, passwords without end by DBSEC-ROLE-NO-EXPIRY."),
        Manual("ACCESS-PRIVILEGES-USAGE", "Privileges are used", SecurityScope.Server,
            _ => "PostgreSQL counts statements by role and reads by table, but not which role reads which table",
            "Compare what is granted (Get-DbAccessReview, Privileges) with what each program does; pgAudit's log of objects tells it where it runs."),
        Manual("ACCESS-API-KEY-USAGE", "API keys are used as meant", SecurityScope.Database, _ => "no server keeps which key made which request", "Look at the API's logs, key by key. Their age is told by DBSEC-API-KEY-AGE."),
        Manual("ACCESS-API-RATE-LIMITS", "The API limits how often it is asked", SecurityScope.Database, _ => "limits lie in the gateway and in the settings of the sign-in service", "Look at the limits of the gateway and of sign-in, and try one."),
        Manual("ACCESS-API-PATTERNS", "Nothing unusual is asked of the API", SecurityScope.Database, _ => "what is usual only its owner knows", "Look at the requests by address, hour and status; Get-ErrorAnalytics shows the failures."),
        Manual("ACCESS-API-POLICIES", "The API's policies say what is meant", SecurityScope.Database, _ => "what is meant only its owner knows", "Write expectations once and compare: Test-DbRowSecurity -ExpectationPath."),
    ];

    private static AccessCheck Manual(string id, string title, SecurityScope scope, Func<AccessReviewContext, string> why, string recommendation) =>
        new(id, title, FindingSeverity.Info, context => new CheckResult { Manual = why(context) }) { Recommendation = recommendation, Scope = scope, Gdpr = Access };

    private static string Admins(AccessReviewContext context)
    {
        var admins = context.Roles.All.Where(role => role.Login && AdminRights.Of(role, context.Roles).Count > 0).OrderBy(role => role.Name, StringComparer.Ordinal).ToList();
        var names = string.Join(", ", admins.Take(10).Select(role => role.Quoted)) + (admins.Count > 10 ? $" and {admins.Count - 10} more" : "");
        return $"{admins.Count} role(s) that can log in have an administrator's rights or can take them ({names}), and whether they still need them only people know";
    }

    private static CheckResult OfServices(AccessReviewContext context, Func<IReadOnlyList<RoleFacts>, CheckResult> judge)
    {
        if (context.ServicePatterns.Count == 0)
        {
            return new CheckResult { Manual = "which roles programs log in as is not configured (security.serviceAccounts)" };
        }

        var result = judge(context.Services);
        // A name that nobody has is a name misspelt, and somebody's account was not looked at.
        return context.IdlePatterns is not { Count: > 0 } idle ? result : result with
        {
            Unknown = $"no role that can log in fits {string.Join(", ", idle.Select(pattern => $"'{pattern}'"))} (security.serviceAccounts)"
                + (result.Unknown is null || context.Services.Count == 0 ? "" : $", and {result.Unknown}"),
        };
    }

    private static CheckResult ServiceAdmins(AccessReviewContext context) => OfServices(context, services => CheckResult.Of(
        services.Count,
        from role in services
        let rights = AdminRights.Of(role, context.Roles)
        where rights.Count > 0
        let strong = context.Roles.Reachable(role.Oid).Select(context.Roles.Find).Any(other => other is { Superuser: true } or { CreateRole: true } || other?.Name is "pg_execute_server_program" or "pg_write_server_files")
        select new Fault(role.Quoted, $"The service account {role.Quoted} has an administrator's rights: {string.Join(", ", rights)}.")
        {
            Severity = strong ? FindingSeverity.High : FindingSeverity.Medium,
            Evidence = new Dictionary<string, object?> { ["AdminRights"] = rights },
            // The one that initdb made stays what it is: the program needs another.
            FixSql = role.IsBootstrap ? null : Fix(context, role),
        }));

    // What it has itself is taken away; what comes from others by the memberships that lead there.
    private static string Fix(AccessReviewContext context, RoleFacts role)
    {
        string?[] own = [role.Superuser ? "NOSUPERUSER" : null, role.CreateRole ? "NOCREATEROLE" : null, role.BypassRls ? "NOBYPASSRLS" : null, role.Replication ? "NOREPLICATION" : null];
        var attributes = string.Join(' ', own.OfType<string>());
        var memberships = context.Facts.Memberships
            .Where(membership => membership.Member == role.Oid && context.Roles.Find(membership.Role) is { } other && AdminRights.Of(other, context.Roles).Count > 0)
            .Select(membership => $"REVOKE {context.Roles.Quoted(membership.Role)} FROM {role.Quoted};").Distinct();
        return string.Join(' ', memberships.Prepend(attributes.Length > 0 ? $"ALTER ROLE {role.Quoted} {attributes};" : "").Where(statement => statement.Length > 0));
    }

    private static CheckResult SharedServices(AccessReviewContext context) => OfServices(context, services =>
    {
        var connected = services.Where(role => context.Facts.Sessions.GetValueOrDefault(role.Oid) is { Count: > 0 }).ToList();
        var hidden = connected.Exists(role => context.Facts.Sessions[role.Oid].Hidden > 0);
        return CheckResult.Of(
            connected.Count,
            from role in connected
            let sessions = context.Facts.Sessions[role.Oid]
            where sessions.Addresses > ManyAddresses
            select new Fault(role.Quoted, $"The service account {role.Quoted} is logged in from {sessions.Addresses} addresses at the same time.")
            {
                Evidence = new Dictionary<string, object?> { ["Addresses"] = sessions.Addresses, ["Sessions"] = sessions.Count },
            }) with
        {
            Denied = hidden ? new Denial("the addresses that sessions of other roles come from", $"GRANT pg_monitor TO {context.Facts.Server.QuotedRole};") : null,
            Unknown = connected.Count == 0 ? "no service account is connected at this moment" : null,
            Note = $"{connected.Count} of {services.Count} service account(s) are connected at this moment",
        };
    });

    private static CheckResult InactiveAccounts(AccessReviewContext context) => OfAccounts(context, counts =>
    {
        var compared = context.Facts.Accounts.SessionsCompared;
        return counts.Inactive is not > 0 ? [] :
        [
            new Fault(Accounts, $"{counts.Inactive} of {counts.Total} account(s) did not sign in for {Days(context.InactiveAfter)}{(compared ? ", and no session of theirs was renewed since" : "; whether they stayed signed in is not known, since sessions cannot be read")}.")
            {
                Severity = compared ? FindingSeverity.Medium : FindingSeverity.Low,
                Evidence = new Dictionary<string, object?> { ["Total"] = counts.Total, ["Inactive"] = counts.Inactive, ["Banned"] = counts.Banned, ["SessionsCompared"] = compared },
            },
        ];
    });

    private static CheckResult UnusedAccounts(AccessReviewContext context) => OfAccounts(context, counts => counts.NeverSignedInAndOld is not > 0 ? [] :
    [
        new Fault(Accounts, $"{counts.NeverSignedInAndOld} account(s) were made more than {Days(context.InactiveAfter)} ago and never signed in with.")
        {
            Evidence = new Dictionary<string, object?> { ["Total"] = counts.Total, ["NeverSignedIn"] = counts.NeverSignedIn, ["NeverSignedInAndOld"] = counts.NeverSignedInAndOld, ["Unconfirmed"] = counts.Unconfirmed },
        },
    ]);

    private static CheckResult OfAccounts(AccessReviewContext context, Func<DbApplicationAccounts, IEnumerable<Fault>> judge) => context.Facts.Accounts switch
    {
        // The application may have accounts all the same.
        { Exist: false } => new CheckResult { Manual = "there is no auth.users, so that accounts, if there are any, are kept elsewhere" },
        { Readable: false, Grant: { } grant } => CheckResult.NotPermitted("every row of auth.users", grant, "Only counts are taken. Row security, where it is on, hides rows from whoever is not past it."),
        { TellsSignIns: false } => new CheckResult { Unknown = "auth.users does not tell when somebody signed in last" },
        { Counts: { } counts } => CheckResult.Of((int)Math.Min(counts.Total ?? 0, int.MaxValue), judge(counts)),
        _ => new CheckResult { Unknown = "the accounts could not be counted" },
    };

    private static string Days(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0.#} days");
}
