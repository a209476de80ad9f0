namespace Maintenance.Engine.Security.Checks;

/// <summary>Secrets where everybody who may connect can read them: found here, shown nowhere.</summary>
internal static class SecretChecks
{
    private static readonly string[] Keeping = ["Art. 5(1)(f)", "Art. 32(1)(a)"];

    public static IReadOnlyList<SecurityCheck> All { get; } =
    [
        new("DBSEC-SECRET-FUNCTION", "No function holds a secret", FindingSeverity.High, Functions)
        {
            Recommendation = "Everybody who may connect can read it. Change the secret, and keep it in a vault or in a table that only the function's owner reads.",
            Gdpr = Keeping,
        },
        new("DBSEC-SECRET-DEFINITION", "No policy, view, default, constraint or trigger holds a secret", FindingSeverity.High, Definitions)
        {
            Recommendation = "Everybody who may connect can read it. Change the secret, and keep it in a vault or in a table that only a function reads which the definition calls.",
            Gdpr = Keeping,
        },
        new("DBSEC-SECRET-COMMENT", "No comment holds a secret", FindingSeverity.High, Comments)
        {
            Recommendation = "Everybody who may connect can read it. Change the secret, and the comment.",
            Gdpr = Keeping,
        },
        new("DBSEC-SECRET-SETTING", "No setting of a role or database holds a secret", FindingSeverity.High, StoredSettings)
        {
            Recommendation = "Everybody who may connect can read it. Change the secret, and keep it in a vault.",
            Gdpr = Keeping,
        },
        new("DBSEC-SECRET-OPTION", "No option of a foreign server holds a secret", FindingSeverity.High, Options)
        {
            Recommendation = "Everybody who may connect can read options of servers and tables. Change the secret; passwords belong into user mappings at least.",
            Gdpr = Keeping,
        },
        new("DBSEC-SECRET-SERVER-SETTING", "No setting of the server holds a secret", FindingSeverity.High, ServerSettings)
        {
            Recommendation = "Change the secret, and keep it in a password file or a service that the command asks.",
            Gdpr = Keeping,
            Scope = SecurityScope.Server,
        },
        new("DBSEC-SECRET-SUBSCRIPTION", "No subscription holds a password", FindingSeverity.Medium, Subscriptions)
        {
            Recommendation = "Superusers read it, and dumps carry it. Use a password file on the server (passfile) or a certificate.",
            Gdpr = Keeping,
        },
        new("DBSEC-SECRET-JOB", "No scheduled job holds a secret", FindingSeverity.High, Jobs)
        {
            Recommendation = "Who may read cron.job, and every log of it, has it. Change the secret, and let the job read it from a vault.",
            Gdpr = Keeping,
        },
    ];

    private static CheckResult Functions(AuditFacts facts) => CheckResult.Of(
        facts.Functions.Count,
        from function in facts.Functions
        from secret in SecretDetector.Find(function.Body)
        let name = function.Quoted[(function.Quoted.IndexOf(' ', StringComparison.Ordinal) + 1)..]
        select Fault(name, $"The body of {name}", secret));

    private static CheckResult Definitions(AuditFacts facts)
    {
        var policies =
            from table in facts.Relations.Values
            from policy in facts.Policies[table.Oid]
            select new PlacedText($"policy {policy.Quoted} on {table.Quoted}", "", string.Join(" AND ", new[] { policy.Using, policy.Check }.OfType<string>()));
        return CheckResult.Of(
            from definition in policies.Concat(facts.Definitions)
            from secret in SqlSecrets.Find(definition.Text)
            select Fault(definition.Place, $"The {definition.Place}", secret));
    }

    private static CheckResult Comments(AuditFacts facts) => CheckResult.Of(
        facts.Comments.Count,
        from comment in facts.Comments
        from secret in SecretDetector.Find(comment.Text)
        select Fault(comment.Place, $"The comment on {comment.Place}", secret));

    private static CheckResult StoredSettings(AuditFacts facts) => CheckResult.Of(
        facts.StoredSettings.Count,
        from setting in facts.StoredSettings
        where setting.IsHere
        from secret in SecretDetector.Find(setting.Name, setting.Value)
        select Fault($"{setting.Place}: {setting.Name}", $"The setting {setting.Name} of {setting.Place}", secret) with
        {
            FixSql = $"{setting.Alter} RESET {setting.QuotedName};",
        });

    private static CheckResult Options(AuditFacts facts) => CheckResult.Of(
        facts.ServerOptions.Count,
        from option in facts.ServerOptions
        from secret in SecretDetector.Find(option.Name, option.Text)
        select Fault($"{option.Place}: {option.Name}", $"The option {option.Name} of the {option.Place}", secret));

    private static CheckResult ServerSettings(AuditFacts facts)
    {
        var settings = facts.Settings.Values.Where(setting => SecuritySettings.MayHoldSecrets.Contains(setting.Name) || setting.Name.Contains('.', StringComparison.Ordinal)).ToList();
        var hidden = SecuritySettings.MayHoldSecrets.FirstOrDefault(name => !facts.Settings.ContainsKey(name));
        return CheckResult.Of(
            settings.Count,
            from setting in settings
            where setting.Source is not ("session" or "client" or "database" or "user" or "database user")
            from secret in SecretDetector.Find(setting.Name, setting.Value ?? "")
            select Fault(setting.Name, $"The setting {setting.Name}", secret)) with
        {
            Denied = hidden is null ? null : new Denial($"the setting {hidden}", $"GRANT pg_read_all_settings TO {facts.Server.QuotedRole};"),
        };
    }

    private static CheckResult Subscriptions(AuditFacts facts) => (facts.Server.Subscriptions, facts.Server.SubscriptionCount) switch
    {
        (_, 0) => CheckResult.NothingToCheck("there is no subscription"),
        (null, _) => CheckResult.NotPermitted("pg_subscription.subconninfo", $"GRANT SELECT (subconninfo) ON pg_catalog.pg_subscription TO {facts.Server.QuotedRole};"),
        ({ } subscriptions, _) => CheckResult.Of(
            subscriptions.Count,
            from subscription in subscriptions
            where subscription.Password
            select new Fault(subscription.Name, $"The subscription {subscription.Name} keeps the password it connects with.")),
    };

    private static CheckResult Jobs(AuditFacts facts) => (facts.Server.HasCron, facts.Server.CronJobs) switch
    {
        (false, _) => CheckResult.NothingToCheck("there is no table cron.job"),
        (_, null) => CheckResult.NotPermitted(
            "all rows of cron.job",
            $"GRANT USAGE ON SCHEMA cron TO {facts.Server.QuotedRole}; GRANT SELECT ON cron.job TO {facts.Server.QuotedRole}; ALTER ROLE {facts.Server.QuotedRole} BYPASSRLS;",
            "Row security shows a role its own jobs alone. Let the audit run once as a role that bypasses it."),
        (_, { } jobs) => CheckResult.Of(
            jobs.Count,
            from job in jobs
            from secret in SecretDetector.Find(job.Command)
            select Fault(Name(job), $"The command of {Name(job)}", secret)),
    };

    private static string Name(CronJob job) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"cron job {job.Job}");

    private static Fault Fault(string subject, string place, FoundSecret secret) => new(subject, $"{place} holds what looks like a secret: {secret.Kind}.")
    {
        Evidence = new Dictionary<string, object?> { ["Kind"] = secret.Kind, ["Value"] = secret.Redacted },
    };
}
