using System.Text.Json;
using Maintenance.Engine.Security.Access;
using Maintenance.Engine.Security.Audit;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Security;

/// <summary>Reviews of who has access to a real server, over months that pass by a clock of the test's own.</summary>
public sealed class AccessReviewTests(SandboxFixture fixture)
{
    private async Task<AccessScene> SceneAsync(int major) => await AccessScene.CreateAsync(await fixture.PostgresAsync(major));

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_role_that_was_never_seen_is_unknown_until_it_was_watched_for_long_and_then_inactive(int major)
    {
        await using var scene = await SceneAsync(major);
        var role = await scene.RoleAsync("idle");
        var first = await scene.ReviewAsync("idle");
        Assert.Equal((RoleActivity.Unknown, null, HealthStatus.Unknown), (first.Activity, first.LastActivityAt, first.Status));
        Assert.StartsWith("Not seen since ", first.ActivityNote, StringComparison.Ordinal);
        for (var sample = 0; sample < 31; sample++)
        {
            scene.Pass(TimeSpan.FromDays(3));
            await scene.ReviewAsync();
        }

        var review = await scene.ReviewAsync();
        var last = scene.Of(review, "idle");
        Assert.Equal((RoleActivity.Inactive, HealthStatus.Warning), (last.Activity, last.Status));
        Assert.Equal(first.Watch!.Since.ToUnixTimeSeconds(), last.Watch!.Since.ToUnixTimeSeconds());
        Assert.Equal(31, last.Watch.Samples);
        Assert.InRange(last.Watch.LargestGap, TimeSpan.FromDays(2.9), TimeSpan.FromDays(3.1));
        var finding = Assert.Single(last.Findings);
        Assert.Equal(("ACCESS-ROLE-INACTIVE", $"ALTER ROLE {role} NOLOGIN;"), (finding.Id, finding.FixSql));
        // The administrator, who looks, is there all the time.
        Assert.Equal(RoleActivity.Active, review.Roles.Single(one => one.Role == scene.Sandbox.Username).Activity);

        await scene.ExecuteAsync(finding.FixSql!);
        Assert.DoesNotContain((await scene.ReviewAsync()).Findings, one => one.Subject == role && one.Id == "ACCESS-ROLE-INACTIVE");
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task An_end_of_a_password_outside_the_calendar_of_programs_blinds_nobody(int major)
    {
        await using var scene = await SceneAsync(major);
        var owner = await scene.RoleAsync("before", "LOGIN VALID UNTIL '-infinity'");
        await scene.ExecuteAsync($"CREATE TABLE kept (id int); ALTER TABLE kept OWNER TO {owner}");
        await scene.RoleAsync("ides", "LOGIN VALID UNTIL '0044-03-15 BC'");
        await scene.RoleAsync("first", "LOGIN VALID UNTIL '0001-01-01 00:00+00'");
        await scene.RoleAsync("last", "LOGIN VALID UNTIL '9999-12-31 23:59:59.999999+00'");
        await scene.RoleAsync("after", "NOLOGIN VALID UNTIL '20000-01-01'");
        await scene.RoleAsync("never", "LOGIN VALID UNTIL 'infinity'");
        var review = await scene.ReviewAsync();
        (DateTimeOffset?, bool) End(string name) => (scene.Of(review, name).ValidUntil, scene.Of(review, name).IsExpired);
        Assert.Equal((null, true), End("before"));
        Assert.Equal((null, true), End("ides"));
        Assert.Equal((DateTimeOffset.MinValue, true), End("first"));
        Assert.Equal((new DateTimeOffset(9999, 12, 31, 23, 59, 59, TimeSpan.Zero).AddTicks(9_999_990), false), End("last"));
        Assert.Equal((null, false), End("after"));
        Assert.Equal((null, false), End("never"));
        var finding = Assert.Single(scene.Of(review, "before").Findings, one => one.Id == "ACCESS-OWNER-DISABLED");
        Assert.EndsWith("its password expired before the year 1.", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_role_that_was_seen_is_remembered_and_few_samples_after_that_prove_nothing(int major)
    {
        await using var scene = await SceneAsync(major);
        await scene.RoleAsync("seen");
        await using var session = await scene.LoginAsync("seen");
        var here = await scene.ReviewAsync("seen");
        Assert.Equal((RoleActivity.Active, RoleActivitySource.Session, 1), (here.Activity, here.LastActivitySource, here.Sessions));
        await scene.LogoutAsync(session);
        scene.Pass(TimeSpan.FromDays(10));
        var later = await scene.ReviewAsync("seen");
        Assert.Equal((RoleActivity.Active, 0), (later.Activity, later.Sessions));
        Assert.Equal(here.LastActivityAt!.Value.ToUnixTimeSeconds(), later.LastActivityAt!.Value.ToUnixTimeSeconds());
        scene.Pass(TimeSpan.FromDays(100));
        var much = await scene.ReviewAsync("seen");
        Assert.Equal((RoleActivity.Unknown, later.LastActivityAt), (much.Activity, much.LastActivityAt));
        Assert.Contains("not closely enough", much.ActivityNote, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Statements_tell_of_sessions_that_no_sample_saw(int major)
    {
        await using var scene = await SceneAsync(major);
        await scene.ExecuteAsync("CREATE EXTENSION pg_stat_statements");
        await scene.RoleAsync("brief");
        Assert.Null((await scene.ReviewAsync("brief")).LastActivityAt);
        await using var session = await scene.LoginAsync("brief");
        await session.ExecuteAsync("SELECT 1");
        await scene.LogoutAsync(session);
        scene.Pass(TimeSpan.FromHours(1));
        var review = await scene.ReviewAsync("brief");
        Assert.Equal((RoleActivity.Active, RoleActivitySource.Statements), (review.Activity, review.LastActivitySource));
        Assert.True(review.Statements > 0);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Without_a_history_nothing_is_known_and_without_sampling_nothing_is_kept(int major)
    {
        await using var scene = await SceneAsync(major);
        await scene.RoleAsync("idle");
        await scene.ReviewAsync(new DbAccessQuery { NoSample = true });
        Assert.False(File.Exists(scene.HistoryFile));
        scene.Target = scene.Target with { History = new HistorySettings { Kind = HistoryKind.None } };
        var review = await scene.ReviewAsync("idle");
        Assert.Equal(RoleActivity.Unknown, review.Activity);
        Assert.Contains("keeps no history", review.ActivityNote, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_role_without_any_rights_sees_who_is_connected_and_is_told_what_it_may_not_see(int major)
    {
        await using var scene = await SceneAsync(major);
        var plain = await scene.RoleAsync("plain");
        await scene.RoleAsync("svc");
        scene.Target = scene.Target with { Security = scene.Target.Security with { ServiceAccounts = [$"{scene.Database}_sv?"] } };
        await scene.ExecuteAsync(
            """
            CREATE SCHEMA auth;
            CREATE TABLE auth.users (id uuid, email text, last_sign_in_at timestamptz, created_at timestamptz);
            CREATE TABLE public.secret (id int);
            """);
        await using var session = await scene.LoginAsync("svc");
        var review = await scene.ReviewAsync(user: scene.RoleName("plain"));
        var service = scene.Of(review, "svc");
        Assert.Equal((DbAccountKind.Service, RoleActivity.Active, RoleActivitySource.Connected), (service.Kind, service.Activity, service.LastActivitySource));
        var denied = review.Findings.Where(finding => finding.Outcome == FindingOutcome.NotPermitted).ToList();
        Assert.Equal(["ACCESS-ACCOUNT-INACTIVE", "ACCESS-ACCOUNT-UNUSED", "ACCESS-SERVICE-SHARED"], denied.Select(finding => finding.Id).Order());
        Assert.Equal(AccessReviewer.Checks.Select(check => check.Id).Order(), review.Findings.Select(finding => finding.Id).Distinct().Order());
        Assert.Null(review.Roles.Single(role => role.Kind == DbAccountKind.Application).Accounts);

        foreach (var grant in denied.Select(finding => finding.FixSql!).Distinct())
        {
            Assert.Contains(plain, grant, StringComparison.Ordinal);
            await scene.ExecuteAsync(grant);
        }

        review = await scene.ReviewAsync(user: scene.RoleName("plain"));
        Assert.DoesNotContain(review.Findings, finding => finding.Outcome == FindingOutcome.NotPermitted);
        Assert.Equal(0, review.Roles.Single(role => role.Kind == DbAccountKind.Application).Accounts!.Total);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Owned_objects_and_privileges_are_told_for_every_database_of_the_server(int major)
    {
        await using var scene = await SceneAsync(major);
        var owner = await scene.RoleAsync("owner", "NOLOGIN");
        var reader = await scene.RoleAsync("reader", "NOLOGIN");
        await scene.ExecuteAsync($"CREATE TABLE public.a (id int); CREATE TABLE public.b (id serial); CREATE VIEW public.v AS SELECT 1; ALTER TABLE public.a OWNER TO {owner}; ALTER TABLE public.b OWNER TO {owner}; GRANT SELECT ON public.a, public.b, public.v TO {reader}; GRANT UPDATE (id) ON public.a TO {reader}; GRANT CONNECT ON DATABASE {scene.Database} TO {reader}");
        var here = await scene.ReviewAsync();
        Assert.Equal([new(scene.Database, "sequence", 1), new(scene.Database, "table", 2)], scene.Of(here, "owner").Owned!);
        Assert.Equal(
            [new(null, "database", "CONNECT", 1), new(scene.Database, "column", "UPDATE", 1), new(scene.Database, "table", "SELECT", 2), new(scene.Database, "view", "SELECT", 1)],
            scene.Of(here, "reader").Privileges);
        Assert.Contains(here.Findings, finding => finding.Id == "ACCESS-OWNER-DISABLED" && finding.Subject == owner);
        Assert.Equal("DROP OWNED BY " + reader + ";", Assert.Single(here.Findings, finding => finding.Id == "ACCESS-PRIVILEGES-UNUSED" && finding.Subject == reader).FixSql);

        // From another database only is known that there is something.
        scene.Target = scene.Target.As(database: scene.Sandbox.Database);
        var elsewhere = await scene.ReviewAsync();
        Assert.Equal([new(scene.Database, "relation", 3)], scene.Of(elsewhere, "owner").Owned!);
        Assert.Contains(new DbRolePrivilege(scene.Database, "relation", null, 3), scene.Of(elsewhere, "reader").Privileges);
        Assert.Null(Assert.Single(elsewhere.Findings, finding => finding.Id == "ACCESS-PRIVILEGES-UNUSED" && finding.Subject == reader).FixSql);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Memberships_are_followed_to_whoever_can_be_become(int major)
    {
        await using var scene = await SceneAsync(major);
        var ada = await scene.RoleAsync("ada");
        var team = await scene.RoleAsync("team", "NOLOGIN");
        var root = await scene.RoleAsync("root", "NOLOGIN SUPERUSER");
        await scene.ExecuteAsync($"GRANT {team} TO {ada} WITH ADMIN OPTION; GRANT {root} TO {team}");
        var review = await scene.ReviewAsync();
        var one = scene.Of(review, "ada");
        Assert.Equal([scene.RoleName("ada"), scene.RoleName("team"), scene.RoleName("root")], one.SuperuserThrough);
        Assert.Equal([new DbRoleMembership { Role = scene.RoleName("team"), Inherits = true, CanSet = true, Administers = true }], one.MemberOf);
        Assert.Equal([scene.RoleName("root"), scene.RoleName("team")], one.CanBecome);
        Assert.Equal(DbAccountKind.Admin, one.Kind);
        Assert.Equal([scene.RoleName("ada")], scene.Of(review, "team").Members);
    }

    [Fact]
    public async Task From_version_16_a_membership_says_what_it_gives_and_one_that_gives_nothing_is_told()
    {
        await using var scene = await SceneAsync(18);
        var ada = await scene.RoleAsync("ada");
        var team = await scene.RoleAsync("team", "NOLOGIN");
        await scene.ExecuteAsync($"GRANT {team} TO {ada} WITH INHERIT FALSE, SET TRUE");
        var one = await scene.ReviewAsync("ada");
        Assert.Equal([new DbRoleMembership { Role = scene.RoleName("team"), CanSet = true }], one.MemberOf);
        Assert.Empty(one.Inherits);
        Assert.Equal([scene.RoleName("team")], one.CanBecome);
        await scene.ExecuteAsync($"GRANT {team} TO {ada} WITH SET FALSE");
        one = await scene.ReviewAsync("ada");
        Assert.Empty(one.CanBecome);
        var finding = Assert.Single(one.Findings);
        Assert.Equal(("ACCESS-MEMBERSHIP-ORPHANED", $"REVOKE {team} FROM {ada};"), (finding.Id, finding.FixSql));
        await scene.ExecuteAsync(finding.FixSql!);
        Assert.Empty((await scene.ReviewAsync("ada")).MemberOf);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Names_of_every_kind_are_quoted_and_what_would_mend_them_runs(int major)
    {
        await using var scene = await SceneAsync(major);
        const string evil = "a\"b'c\n<b>&amp;</b>%s$1;--";
        var login = await scene.RoleAsync(evil, "LOGIN CREATEROLE");
        var group = await scene.RoleAsync("g" + evil, "NOLOGIN");
        scene.Target = scene.Target with { Security = scene.Target.Security with { ServiceAccounts = [scene.Database + "_a*"] } };
        await scene.ExecuteAsync($"CREATE TABLE public.t (id int); GRANT SELECT ON public.t TO {group}");
        for (var sample = 0; sample < 32; sample++)
        {
            await scene.ReviewAsync();
            scene.Pass(TimeSpan.FromDays(3));
        }

        var review = await scene.ReviewAsync();
        var one = scene.Of(review, evil);
        Assert.Equal(["ACCESS-ROLE-INACTIVE", "ACCESS-SERVICE-ADMIN"], one.Findings.Select(finding => finding.Id).Order());
        Assert.Equal(["ACCESS-PRIVILEGES-UNUSED"], scene.Of(review, "g" + evil).Findings.Select(finding => finding.Id));
        Assert.Equal(login, one.QuotedRole);
        foreach (var fix in one.Findings.Concat(scene.Of(review, "g" + evil).Findings).Select(finding => finding.FixSql!))
        {
            await scene.ExecuteAsync(fix);
        }

        review = await scene.ReviewAsync();
        Assert.Empty(scene.Of(review, evil).Findings);
        Assert.Empty(scene.Of(review, "g" + evil).Findings);
        Assert.Equal((DbAccountKind.Group, false), (scene.Of(review, evil).Kind, scene.Of(review, evil).CanCreateRole));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Accounts_of_the_application_are_counted_and_nobody_is_named(int major)
    {
        await using var scene = await SceneAsync(major);
        await scene.ExecuteAsync(
            """
            CREATE SCHEMA auth;
            CREATE TABLE auth.users (id uuid, email text, last_sign_in_at timestamptz, created_at timestamptz, banned_until timestamptz, email_confirmed_at timestamptz, deleted_at timestamptz);
            CREATE TABLE auth.sessions (id uuid, user_id uuid, created_at timestamptz, updated_at timestamptz, refreshed_at timestamp);
            -- Ten accounts: 1 to 3 never signed in, of which 1 is new; 4 to 9 signed in 40 to 90 days ago; 10 is deleted.
            INSERT INTO auth.users
            SELECT format('00000000-0000-4000-8000-%s', lpad(i::text, 12, '0'))::uuid, format('someone%s@example.invalid', i),
                   CASE WHEN i > 3 THEN now() - make_interval(days => i * 10) END,
                   now() - make_interval(days => CASE i WHEN 1 THEN 1 ELSE 400 END),
                   CASE WHEN i = 5 THEN now() + interval '1 day' END,
                   CASE WHEN i > 2 THEN now() END,
                   CASE WHEN i = 10 THEN now() END
            FROM generate_series(1, 10) AS i;
            -- 8 stayed signed in; 9's session is old.
            INSERT INTO auth.sessions
            SELECT gen_random_uuid(), format('00000000-0000-4000-8000-%s', lpad(i::text, 12, '0'))::uuid, now() - interval '300 days', NULL, (now() - make_interval(days => CASE i WHEN 8 THEN 1 ELSE 200 END)) AT TIME ZONE 'UTC'
            FROM generate_series(8, 9) AS i;
            """);
        var review = await scene.ReviewAsync(new DbAccessQuery { InactiveAfter = TimeSpan.FromDays(65) });
        var accounts = review.Roles.Single(role => role.Kind == DbAccountKind.Application);
        Assert.Equal(
            new DbApplicationAccounts { Total = 9, NeverSignedIn = 3, NeverSignedInAndOld = 2, Inactive = 2, Banned = 1, Unconfirmed = 2, Sessions = 2, OldSessions = 1 },
            accounts.Accounts);
        Assert.Equal(["ACCESS-ACCOUNT-INACTIVE", "ACCESS-ACCOUNT-UNUSED"], accounts.Findings.Select(finding => finding.Id));
        Assert.DoesNotContain("someone", JsonSerializer.Serialize(review.Findings) + JsonSerializer.Serialize(review.Roles), StringComparison.Ordinal);

        // A table that tells less is counted as far as it goes; row security that would hide rows is told.
        await scene.ExecuteAsync("DROP TABLE auth.sessions; ALTER TABLE auth.users DROP COLUMN last_sign_in_at, DROP COLUMN banned_until");
        review = await scene.ReviewAsync();
        Assert.Equal(new DbApplicationAccounts { Total = 9, Unconfirmed = 2 }, review.Roles.Single(role => role.Kind == DbAccountKind.Application).Accounts);
        Assert.Equal(FindingOutcome.Unknown, Assert.Single(review.Findings, finding => finding.Id == "ACCESS-ACCOUNT-INACTIVE").Outcome);
        var plain = await scene.RoleAsync("plain");
        await scene.ExecuteAsync($"ALTER TABLE auth.users ENABLE ROW LEVEL SECURITY; GRANT USAGE ON SCHEMA auth TO {plain}; GRANT SELECT ON auth.users TO {plain}");
        var denied = Assert.Single((await scene.ReviewAsync(user: scene.RoleName("plain"))).Findings, finding => finding.Id == "ACCESS-ACCOUNT-INACTIVE");
        Assert.Equal(FindingOutcome.NotPermitted, denied.Outcome);
        Assert.EndsWith($"ALTER ROLE {plain} BYPASSRLS;", denied.FixSql, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task The_audit_takes_the_same_findings_and_a_sample(int major)
    {
        await using var scene = await SceneAsync(major);
        var part = new AccessPart(scene.Reviews);
        Assert.Null(part.NotConfigured(scene.Target));
        Assert.NotNull(part.NotConfigured(scene.Target with { Database = null }));
        var findings = await part.CollectAsync(scene.Target, Calls.Silent(), TestContext.Current.CancellationToken);
        Assert.Contains(findings, finding => finding.Outcome == FindingOutcome.Pass);
        Assert.Equal(AccessReviewer.Checks.Select(check => check.Id).Order(), findings.Select(finding => finding.Id).Distinct().Order());
        Assert.True(File.Exists(scene.HistoryFile));
    }
}
