namespace Maintenance.Engine.Security.Checks;

/// <summary>Roles that may do more than others, for how long, and what their passwords are worth.</summary>
internal static class RoleChecks
{
    private static readonly string[] Dangerous = ["pg_execute_server_program", "pg_write_server_files", "pg_read_server_files", "pg_write_all_data", "pg_read_all_data"];
    private static readonly string[] Access = ["Art. 32(1)(b)"];

    public static IReadOnlyList<SecurityCheck> All { get; } =
    [
        new("DBSEC-ROLE-SUPERUSER", "Only the server's own administrator is a superuser", FindingSeverity.High, Superusers)
        {
            Recommendation = "Nothing holds a superuser back, and nothing it does to the logs can be trusted. Grant what is needed instead, such as pg_monitor.",
            Cis = ["4.3"],
            Gdpr = Access,
            Scope = SecurityScope.Server,
        },
        new("DBSEC-ROLE-BYPASSRLS", "No role that can be logged in as bypasses row security", FindingSeverity.Medium, BypassRls)
        {
            Recommendation = "It sees the rows of every table it was granted. Keep it for roles that backups and administration use.",
            Cis = ["4.3", "4.7"],
            Gdpr = Access,
            Scope = SecurityScope.Server,
        },
        new("DBSEC-ROLE-CREATEROLE", "No ordinary role makes roles", FindingSeverity.Medium, CreateRole)
        {
            Recommendation = "Before PostgreSQL 16 such a role can grant itself nearly every other; from 16 those that it made. Revoke it where it is not needed.",
            Cis = ["4.3"],
            Gdpr = Access,
            Scope = SecurityScope.Server,
        },
        new("DBSEC-ROLE-REPLICATION", "Roles that replicate do nothing else", FindingSeverity.Medium, Replication)
        {
            Recommendation = "It can copy the whole server. Give replication a role of its own, which owns nothing and may do nothing else.",
            Cis = ["7.1"],
            Gdpr = Access,
            Scope = SecurityScope.Server,
        },
        new("DBSEC-ROLE-ESCALATION", "No ordinary role can become a powerful one", FindingSeverity.High, Escalation)
        {
            Recommendation = "Revoke the membership, or grant it to a role that people switch to on purpose and that is logged.",
            Cis = ["4.3", "4.9"],
            Gdpr = Access,
            Scope = SecurityScope.Server,
        },
        new("DBSEC-ROLE-NO-EXPIRY", "Passwords expire", FindingSeverity.Low, NoExpiry)
        {
            Recommendation = "Set VALID UNTIL, and renew the password before. Where passwords come from elsewhere (certificates, a directory), accept this finding.",
            Gdpr = Access,
            Scope = SecurityScope.Server,
        },
        new("DBSEC-ROLE-EXPIRED", "No expired role remains", FindingSeverity.Low, Expired)
        {
            Recommendation = "The password no longer works; other ways of logging in still do, and so does what was granted. Disable or drop the role.",
            Cis = ["4.4"],
            Gdpr = Access,
            Scope = SecurityScope.Server,
        },
        new("DBSEC-PASSWORD-MD5", "No password is kept as an MD5 hash", FindingSeverity.High, Md5)
        {
            Recommendation = "The hash is enough to log in with, and quickly guessed. Set password_encryption to scram-sha-256 and set the password again.",
            Cis = ["5.4"],
            Gdpr = ["Art. 32(1)(a)"],
            Scope = SecurityScope.Server,
        },
        new("DBSEC-PASSWORD-ENCRYPTION", "New passwords are kept as SCRAM verifiers", FindingSeverity.High, Encryption)
        {
            Recommendation = "Set it, and set the passwords again that were set before.",
            Cis = ["5.4"],
            Gdpr = ["Art. 32(1)(a)"],
            Scope = SecurityScope.Server,
        },
    ];

    private static IEnumerable<RoleFacts> Ordinary(AuditFacts facts) => facts.Roles.All.Where(role => !role.IsPredefined && !role.IsBootstrap);

    private static CheckResult Superusers(AuditFacts facts) => Of(facts, Ordinary(facts).Where(role => role.Superuser), role =>
        new Fault(role.Quoted, $"{role.Quoted} is a superuser{(role.Login ? " and can log in" : "")}.")
        {
            Severity = role.Login || facts.Roles.CanBeUsed(role.Oid) ? FindingSeverity.High : FindingSeverity.Low,
            FixSql = $"ALTER ROLE {role.Quoted} NOSUPERUSER;",
        });

    private static CheckResult BypassRls(AuditFacts facts) => Of(facts, Ordinary(facts).Where(role => role is { BypassRls: true, Superuser: false } && facts.Roles.CanBeUsed(role.Oid)), role =>
        new Fault(role.Quoted, $"{role.Quoted} bypasses row security{(role.Login ? " and can log in" : ", and others can log in and become it")}.")
        {
            Severity = role.Login ? FindingSeverity.Medium : FindingSeverity.Low,
            FixSql = $"ALTER ROLE {role.Quoted} NOBYPASSRLS;",
        });

    private static CheckResult CreateRole(AuditFacts facts) => Of(facts, Ordinary(facts).Where(role => role is { CreateRole: true, Superuser: false }), role =>
        new Fault(role.Quoted, $"{role.Quoted} may create and change roles.") { FixSql = $"ALTER ROLE {role.Quoted} NOCREATEROLE;" });

    private static CheckResult Replication(AuditFacts facts) => Of(facts, Ordinary(facts).Where(role => role is { Replication: true, Superuser: false } && More(facts, role).Count > 0), role =>
        new Fault(role.Quoted, $"{role.Quoted} may replicate, and is more than that: {string.Join(", ", More(facts, role))}.")
        {
            FixSql = $"ALTER ROLE {role.Quoted} NOREPLICATION;",
        });

    private static List<string> More(AuditFacts facts, RoleFacts role) =>
        [.. new[] { role.CreateRole ? "CREATEROLE" : null, role.CreateDatabase ? "CREATEDB" : null, role.BypassRls ? "BYPASSRLS" : null }
            .OfType<string>().Concat(facts.Roles.Reachable(role.Oid).Where(other => other != role.Oid).Select(facts.Quoted))];

    private static CheckResult Escalation(AuditFacts facts)
    {
        var powers = facts.Roles.All.Where(role => role.Superuser || role.BypassRls || role.CreateRole || Dangerous.Contains(role.Name)).ToDictionary(role => role.Oid);
        return CheckResult.Of(
            facts.Roles.All.Count(),
            from role in Ordinary(facts)
            where role.Login && !role.Superuser
            from oid in facts.Roles.Reachable(role.Oid)
            where oid != role.Oid && powers.ContainsKey(oid)
            let power = powers[oid]
            let inherited = facts.Roles.Inherited(role.Oid).Contains(oid)
            select new Fault(role.Quoted, $"{role.Quoted} can log in and {(inherited && Dangerous.Contains(power.Name) ? "has what is" : "can become what is")} {power.Quoted}'s: {What(power)}.")
            {
                Severity = power.Superuser || power.Name is "pg_execute_server_program" or "pg_write_server_files" ? FindingSeverity.High : power.CreateRole || Dangerous.Contains(power.Name) ? FindingSeverity.Medium : FindingSeverity.Low,
                Evidence = new Dictionary<string, object?> { ["Role"] = power.Quoted, ["Inherits"] = inherited, ["Grants"] = What(power) },
                FixSql = facts.Roles.MembersOf(oid).Any(member => member.Oid == role.Oid) ? $"REVOKE {power.Quoted} FROM {role.Quoted};" : null,
            });
    }

    private static string What(RoleFacts power) => power.Superuser ? "everything"
        : power.Name switch
        {
            "pg_execute_server_program" => "programs on the server",
            "pg_write_server_files" => "files of the server, to write",
            "pg_read_server_files" => "files of the server, to read",
            "pg_write_all_data" => "every table, to write",
            "pg_read_all_data" => "every table, to read",
            _ => power.BypassRls ? "rows past row security" : "other roles, to make and change",
        };

    private static CheckResult NoExpiry(AuditFacts facts)
    {
        var passwords = facts.Server.Passwords;
        return Of(
            facts,
            facts.Roles.All.Where(role => role is { Login: true, Expires: false, IsPredefined: false } && passwords?.GetValueOrDefault(role.Oid, PasswordKind.Other) != PasswordKind.None),
            role => new Fault(role.Quoted, $"The password of {role.Quoted} never expires{(passwords is null ? ", if it has one" : "")}.")
            {
                FixSql = $"ALTER ROLE {role.Quoted} VALID UNTIL '{facts.Now.AddDays(90).UtcDateTime:yyyy-MM-dd}';",
            });
    }

    private static CheckResult Expired(AuditFacts facts) => Of(facts, facts.Roles.All.Where(role => role is { Login: true, Expired: true }), role =>
        new Fault(role.Quoted, $"The password of {role.Quoted} expired {role.ExpiredWhen}, and the role can still log in otherwise.")
        {
            Evidence = new Dictionary<string, object?> { ["ValidUntil"] = role.ValidUntil },
            FixSql = $"ALTER ROLE {role.Quoted} NOLOGIN;",
        });

    private static CheckResult Md5(AuditFacts facts) => facts.Server.Passwords is not { } passwords
        ? CheckResult.NotPermitted("pg_authid", $"GRANT SELECT (oid, rolpassword) ON pg_catalog.pg_authid TO {facts.Server.QuotedRole};", "The grant shows every hash to this role: give it to a role that only audits, for as long as the audit takes.")
        : Of(facts, facts.Roles.All.Where(role => passwords.GetValueOrDefault(role.Oid) == PasswordKind.Md5), role =>
            new Fault(role.Quoted, $"The password of {role.Quoted} is kept as an MD5 hash.") { Evidence = new Dictionary<string, object?> { ["CanLogIn"] = role.Login } });

    private static CheckResult Encryption(AuditFacts facts) => SettingCheck.Judge(facts, "password_encryption", value => value == "scram-sha-256" ? null
        : new Fault("password_encryption", $"password_encryption is {value}: new passwords are kept as MD5 hashes.")
        {
            FixSql = "ALTER SYSTEM SET password_encryption = 'scram-sha-256'; SELECT pg_reload_conf();",
        });

    private static CheckResult Of(AuditFacts facts, IEnumerable<RoleFacts> roles, Func<RoleFacts, Fault> fault) => CheckResult.Of(facts.Roles.All.Count(role => !role.IsPredefined), roles.Select(role => fault(role) is { Evidence.Count: > 0 } told ? told : fault(role) with
    {
        Evidence = new Dictionary<string, object?> { ["CanLogIn"] = role.Login, ["ValidUntil"] = role.ValidUntil },
    }));
}
