using Maintenance.Engine.Security;
using Maintenance.Engine.Security.Access;

namespace Maintenance.Engine.Tests.Security;

/// <summary>What a review makes of roles, memberships, grants and a watch.</summary>
public sealed class AccessReviewerTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly MaintenanceTarget Target = new() { Name = "app" };

    private readonly Dictionary<long, RoleActivity> _activity = [];
    private readonly List<RoleFacts> _roles = [Role(10, "postgres", login: true, superuser: true)];
    private readonly List<GrantedMembership> _memberships = [];
    private readonly List<RoleObjects> _objects = [];
    private readonly List<RolePrivilege> _privileges = [];
    private readonly Dictionary<long, RoleSessions> _sessions = [];
    private AccountFacts _accounts = new(false, false, false, false, false, false, null, null);
    private string[]? _services = ["svc_*"];

    private static RoleFacts Role(long oid, string name, bool login = false, bool superuser = false, bool createRole = false, bool? expired = null) =>
        new(oid, name, name, superuser, login, false, createRole, false, false, expired is not null, expired is null ? null : Now.AddDays(-1), expired);

    private static GrantedMembership Member(long member, long role, bool inherits = true, bool sets = true, bool admin = false, bool grantor = true) => new(member, role, inherits, sets, admin, 10, grantor);

    private AccessReviewContext Context() => new()
    {
        Facts = new AccessFacts
        {
            Server = new AccessServer("app", 10, "auditor", true, false, 1, true),
            Roles = new RoleGraph(_roles, [.. _memberships.Select(one => new MembershipFacts(one.Member, one.Role, one.Inherits, one.Sets, one.Administers))]),
            Memberships = _memberships,
            Sessions = _sessions,
            Objects = _objects.ToLookup(one => one.Role),
            Privileges = _privileges.ToLookup(one => one.Role),
            Accounts = _accounts,
            Now = Now,
        },
        Activity = _roles.ToDictionary(role => role.Oid, role => new ActivityVerdict(_activity.GetValueOrDefault(role.Oid, RoleActivity.Active), "Note.")),
        InactiveAfter = TimeSpan.FromDays(90),
        ServicePatterns = _services ?? [],
    };

    private IReadOnlyList<Finding> Findings(string id) => [.. AccessReviewer.Findings(Target, Context()).Where(finding => finding.Id == id)];

    private DbAccessReview Review(string role)
    {
        var context = Context();
        return AccessReviewer.Roles(Target, context, AccessReviewer.Findings(Target, context)).Single(review => review.Role == role);
    }

    [Fact]
    public void Every_check_says_something_and_only_one_thing_besides_faults()
    {
        var findings = AccessReviewer.Findings(Target, Context());
        Assert.Equal(AccessReviewer.Checks.Select(check => check.Id).Order(), findings.Select(finding => finding.Id).Order());
        Assert.All(findings, finding => Assert.StartsWith("ACCESS-", finding.Id, StringComparison.Ordinal));
        Assert.All(findings, finding => Assert.Equal(("Security", "app", Now), (finding.Area, finding.Target, finding.CollectedAt)));
    }

    [Fact]
    public void Inactive_and_unknown_are_two_things()
    {
        _roles.AddRange([Role(20001, "ada", login: true), Role(20002, "ben", login: true), Role(20003, "staff")]);
        _activity[20001] = RoleActivity.Inactive;
        _activity[20002] = RoleActivity.Unknown;
        var findings = Findings("ACCESS-ROLE-INACTIVE");
        var fault = Assert.Single(findings, finding => finding.Outcome == FindingOutcome.Fail);
        Assert.Equal(("ada", "ALTER ROLE ada NOLOGIN;"), (fault.Subject, fault.FixSql));
        Assert.Contains("(ben)", Assert.Single(findings, finding => finding.Outcome == FindingOutcome.Unknown).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(findings, finding => finding.Outcome == FindingOutcome.Pass);
        Assert.Equal(HealthStatus.Warning, Review("ada").Status);
        Assert.Equal(HealthStatus.Unknown, Review("ben").Status);
        Assert.Equal(HealthStatus.Ok, Review("staff").Status);
    }

    [Fact]
    public void Kinds_are_what_the_server_and_the_configuration_tell()
    {
        _roles.AddRange([Role(20001, "ada", login: true), Role(20002, "svc_app", login: true), Role(20003, "staff"), Role(20004, "boss", login: true, createRole: true), Role(3373, "pg_monitor")]);
        Assert.Equal(DbAccountKind.Person, Review("ada").Kind);
        Assert.Equal(DbAccountKind.Service, Review("svc_app").Kind);
        Assert.Equal(DbAccountKind.Group, Review("staff").Kind);
        Assert.Equal(DbAccountKind.Admin, Review("boss").Kind);
        Assert.Equal(DbAccountKind.System, Review("pg_monitor").Kind);
        _services = null;
        Assert.Equal(DbAccountKind.Login, Review("ada").Kind);
        Assert.Equal(DbAccountKind.Login, Review("svc_app").Kind);
        Assert.Equal(FindingOutcome.Manual, Assert.Single(Findings("ACCESS-SERVICE-ADMIN")).Outcome);
    }

    [Fact]
    public void The_way_to_a_superuser_is_told_step_by_step()
    {
        _roles.AddRange([Role(20001, "ada", login: true), Role(20002, "team"), Role(20003, "root", superuser: true)]);
        _memberships.AddRange([Member(20001, 20002), Member(20002, 20003, inherits: false, sets: false, admin: true)]);
        Assert.Equal(["ada", "team", "root"], Review("ada").SuperuserThrough);
        Assert.Equal(["SUPERUSER (root)"], Review("ada").AdminRights);
        Assert.Empty(Review("root").SuperuserThrough);
        _memberships[1] = Member(20002, 20003, inherits: false, sets: false);
        Assert.Empty(Review("ada").SuperuserThrough);
    }

    [Fact]
    public void A_service_account_that_administers_is_told_with_what_takes_it_away()
    {
        _roles.AddRange([Role(20001, "svc_app", login: true, createRole: true), Role(20002, "root", superuser: true)]);
        _memberships.Add(Member(20001, 20002));
        var fault = Assert.Single(Findings("ACCESS-SERVICE-ADMIN"));
        Assert.Equal((FindingSeverity.High, "ALTER ROLE svc_app NOCREATEROLE; REVOKE root FROM svc_app;"), (fault.Severity, fault.FixSql));
    }

    [Fact]
    public void A_service_account_is_shared_when_it_comes_from_many_addresses_and_unknown_when_they_are_hidden()
    {
        _roles.Add(Role(20001, "svc_app", login: true));
        var unseen = Assert.Single(Findings("ACCESS-SERVICE-SHARED"));
        Assert.Equal(FindingOutcome.Unknown, unseen.Outcome);
        Assert.Contains("no service account is connected at this moment", unseen.Message, StringComparison.Ordinal);
        _sessions[20001] = new RoleSessions(9, 0, TimeSpan.Zero, 5);
        Assert.Equal(FindingOutcome.Pass, Assert.Single(Findings("ACCESS-SERVICE-SHARED")).Outcome);
        _sessions[20001] = new RoleSessions(9, 0, TimeSpan.Zero, 6);
        Assert.Equal(FindingOutcome.Fail, Assert.Single(Findings("ACCESS-SERVICE-SHARED")).Outcome);
        _sessions[20001] = new RoleSessions(9, 9, null, 0);
        var denied = Assert.Single(Findings("ACCESS-SERVICE-SHARED"));
        Assert.Equal((FindingOutcome.NotPermitted, "GRANT pg_monitor TO auditor;"), (denied.Outcome, denied.FixSql));
    }

    [Theory]
    [InlineData("ACCESS-SERVICE-ADMIN")]
    [InlineData("ACCESS-SERVICE-SHARED")]
    public void A_service_account_that_does_not_exist_is_told_and_never_well(string id)
    {
        _services = ["svc_*", "raport"];
        _roles.AddRange([Role(20001, "svc_app", login: true, createRole: true), Role(20002, "raport")]);
        _sessions[20001] = new RoleSessions(9, 0, TimeSpan.Zero, 9);
        // The one that is there is judged all the same; one that cannot log in is none.
        Assert.Equal([FindingOutcome.Fail, FindingOutcome.Unknown], Findings(id).Select(finding => finding.Outcome));
        Assert.EndsWith("not checked, because no role that can log in fits 'raport' (security.serviceAccounts).", Findings(id)[1].Message, StringComparison.Ordinal);
        _services = ["nobody_*", "raport"];
        var nothing = Assert.Single(Findings(id));
        Assert.Equal(FindingOutcome.Unknown, nothing.Outcome);
        Assert.EndsWith("fits 'nobody_*', 'raport' (security.serviceAccounts).", nothing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_server_s_own_administrator_as_a_service_account_is_told_and_is_not_to_be_taken_its_rights()
    {
        _services = ["postgres"];
        var fault = Assert.Single(Findings("ACCESS-SERVICE-ADMIN"));
        Assert.Equal((FindingOutcome.Fail, "postgres", null), (fault.Outcome, fault.Subject, fault.FixSql));
    }

    [Fact]
    public void Owners_that_nobody_can_act_as_are_told_and_owners_with_members_are_not()
    {
        _roles.AddRange([Role(20001, "lost"), Role(20002, "owners"), Role(20003, "ada", login: true), Role(20004, "late", login: true, expired: true)]);
        _memberships.Add(Member(20003, 20002));
        _objects.AddRange([new(20001, 'o', "app", true, "table", 3), new(20002, 'o', "app", true, "table", 1), new(20004, 'o', "other", false, "relation", 2)]);
        Assert.Equal(["late", "lost"], Findings("ACCESS-OWNER-DISABLED").Select(finding => finding.Subject));
        Assert.Equal(HealthStatus.Warning, Review("lost").Status);
    }

    [Fact]
    public void Memberships_that_serve_nobody_are_told()
    {
        _roles.AddRange([Role(20001, "ada", login: true), Role(20002, "staff"), Role(20003, "empty"), Role(3373, "pg_monitor"), Role(3374, "pg_read_all_settings")]);
        _memberships.AddRange([
            Member(20001, 20002), Member(20001, 20003, inherits: false, sets: false), Member(20003, 20002), Member(20001, 29999), Member(3373, 3374),
            Member(20001, 3373, grantor: false, admin: true)]);
        var findings = Findings("ACCESS-MEMBERSHIP-ORPHANED");
        Assert.Equal(["ada in empty", "ada in pg_monitor", "ada in role 29999", "empty in staff"], findings.Select(finding => finding.Subject).Order(StringComparer.Ordinal));
        Assert.Equal("REVOKE pg_monitor FROM ada; GRANT pg_monitor TO ada WITH ADMIN OPTION;", findings.Single(finding => finding.Subject == "ada in pg_monitor").FixSql);
        Assert.Equal("REVOKE staff FROM empty;", findings.Single(finding => finding.Subject == "empty in staff").FixSql);
        Assert.Equal(3, Review("ada").Findings.Count);
    }

    [Fact]
    public void Privileges_of_a_group_are_unused_when_nobody_has_them_or_all_who_do_are_inactive()
    {
        _roles.AddRange([Role(20001, "ada", login: true), Role(20002, "staff"), Role(20003, "alone")]);
        _memberships.Add(Member(20001, 20002));
        _privileges.AddRange([new(20002, false, "table", "SELECT", 4), new(20003, false, "table", "SELECT", 1)]);
        var alone = Assert.Single(Findings("ACCESS-PRIVILEGES-UNUSED"));
        Assert.Equal(("alone", "DROP OWNED BY alone;", FindingSeverity.Info), (alone.Subject, alone.FixSql, alone.Severity));

        // What it owns would be dropped too.
        _objects.Add(new(20003, 'o', "other", false, "relation", 1));
        Assert.Null(Assert.Single(Findings("ACCESS-PRIVILEGES-UNUSED")).FixSql);

        _activity[20001] = RoleActivity.Inactive;
        _activity[20002] = RoleActivity.Inactive;
        Assert.Equal(["staff", "alone"], Findings("ACCESS-PRIVILEGES-UNUSED").Select(finding => finding.Subject));

        _activity[20001] = RoleActivity.Unknown;
        Assert.Equal(FindingOutcome.Unknown, Findings("ACCESS-PRIVILEGES-UNUSED")[^1].Outcome);

        // Somebody had become the group.
        _activity[20002] = RoleActivity.Active;
        Assert.Equal(["alone"], Findings("ACCESS-PRIVILEGES-UNUSED").Select(finding => finding.Subject));
    }

    [Fact]
    public void Accounts_are_counted_denied_or_not_there()
    {
        // Nothing was measured: the application may keep its accounts elsewhere.
        Assert.Equal(FindingOutcome.Manual, Assert.Single(Findings("ACCESS-ACCOUNT-INACTIVE")).Outcome);
        Assert.Equal(FindingOutcome.Manual, Assert.Single(Findings("ACCESS-ACCOUNT-UNUSED")).Outcome);
        _accounts = new AccountFacts(true, false, false, false, false, true, "GRANT ...;", null);
        Assert.Equal((FindingOutcome.NotPermitted, "GRANT ...;"), (Findings("ACCESS-ACCOUNT-INACTIVE")[0].Outcome, Findings("ACCESS-ACCOUNT-INACTIVE")[0].FixSql));
        Assert.Equal(HealthStatus.Unknown, Review("auth.users").Status);

        var counts = new DbApplicationAccounts { Total = 9, Inactive = 4, NeverSignedIn = 3, NeverSignedInAndOld = 2 };
        _accounts = new AccountFacts(true, true, true, true, true, true, null, counts);
        Assert.Equal(FindingSeverity.Medium, Assert.Single(Findings("ACCESS-ACCOUNT-INACTIVE")).Severity);
        Assert.Equal("2 account(s) were made more than 90 days ago and never signed in with.", Assert.Single(Findings("ACCESS-ACCOUNT-UNUSED")).Message);
        Assert.Equal((DbAccountKind.Application, counts), (Review("auth.users").Kind, Review("auth.users").Accounts));

        // Who stayed signed in is not told: it matters less.
        _accounts = _accounts with { SessionsCompared = false };
        Assert.Equal(FindingSeverity.Low, Assert.Single(Findings("ACCESS-ACCOUNT-INACTIVE")).Severity);
        _accounts = _accounts with { TellsSignIns = false };
        Assert.Equal(FindingOutcome.Unknown, Assert.Single(Findings("ACCESS-ACCOUNT-INACTIVE")).Outcome);
    }
}
