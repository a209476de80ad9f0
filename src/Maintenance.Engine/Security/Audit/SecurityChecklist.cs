using System.Globalization;

namespace Maintenance.Engine.Security.Audit;

/// <summary>
/// The checklist of the monthly audit (guide M1 to M7), and what answers each of its lines. A line that no check answers is never passed. Pure.
/// </summary>
internal static class SecurityChecklist
{
    public static readonly IReadOnlyList<string> Titles =
        ["Dependency security scan", "Code security analysis", "Infrastructure security review", "GDPR compliance review", "Access review", "Security recommendations", "Action items"];

    private const string Azure = "Azure security configurations";
    private const string Supabase = "Supabase security configurations";
    private const string Server = "Database server";
    private const string Gdpr = "GDPR compliance status";
    private const string Personal = "Personal data";
    private const string Users = "User access audit";
    private const string Api = "API access review";

    /// <summary>Every line that checks answer: section, group, text, and the ids it needs.</summary>
    public static IReadOnlyList<ChecklistRule> Rules { get; } =
    [
        new(1, "Dependencies", "Dependencies have no known vulnerabilities", "DEP-VULNERABLE") { Also = ["DEP-*"] },

        new(2, "Secret detection", "Source code holds no secrets", "SECRET-FOUND") { Also = ["SECRET-*"] },
        new(2, "Secret detection", "The database holds no secrets in functions, definitions, comments, settings and jobs", "DBSEC-SECRET-*"),
        new(2, "Static code analysis", "Static analysis finds no flaws", "CODE-FLAW") { Also = ["CODE-*"] },

        new(3, Azure, "Storage accounts use private endpoints", "AZURE-STORAGE-PRIVATE-ENDPOINT", "AZURE-STORAGE-NETWORK"),
        new(3, Azure, "Key Vault access policies are as they should be", "AZURE-VAULT-POLICY-BROAD", "AZURE-VAULT-RBAC"),
        new(3, Azure, "Network security groups are properly configured", "AZURE-NSG-ANY", "AZURE-NSG-POSTGRES", "AZURE-NSG-SSH", "AZURE-NSG-RDP"),
        new(3, Azure, "Services use managed identities where possible", "AZURE-IDENTITY-WEB", "AZURE-IDENTITY-COMPUTE"),
        new(3, Azure, "Nothing else in Azure is open that should not be", "AZURE-*")
        {
            Except = ["AZURE-STORAGE-PRIVATE-ENDPOINT", "AZURE-STORAGE-NETWORK", "AZURE-VAULT-POLICY-BROAD", "AZURE-VAULT-RBAC", "AZURE-NSG-*", "AZURE-IDENTITY-*"],
        },
        new(3, Supabase, "Row level security is enabled on all tables that others reach", "DBSEC-RLS-OFF", "DBSEC-RLS-PARTITION", "DBSEC-RLS-POLICY-UNUSED", "DBSEC-RLS-NO-POLICY", "DBSEC-RLS-NOT-FORCED"),
        new(3, Supabase, "Policies, views and functions let nobody past row security", "DBSEC-POLICY-*", "DBSEC-VIEW-BYPASSES-RLS", "DBSEC-DEFINER-*", "DBSEC-MATVIEW-EXPOSED", "DBSEC-FOREIGN-TABLE-EXPOSED", "DBSEC-AUTH-USERS-EXPOSED"),
        new(3, Supabase, "Row security, tried out, lets nobody see more than is right", "DBRLS-SELECT-LEAK") { Also = ["DBRLS-*"] },
        new(3, Supabase, "API keys were rotated within the time allowed", "DBSEC-API-KEY-AGE"),
        new(3, Supabase, "Foreign keys to accounts use their primary key", "DBSEC-AUTH-KEY"),
        new(3, Supabase, "Access to the database is logged, and the logs were reviewed", "DBSEC-LOG-*", "DBSEC-AUDIT-EXTENSION") { Person = "whether somebody read the logs no check can tell" },
        new(3, Supabase, "Permissions of edge functions were validated") { Person = "who may call which edge function is not readable from the database" },
        new(3, Server, "Connections are encrypted, and only those that should be are let in", "DBSEC-TLS-*", "DBSEC-HBA-*", "DBSEC-LISTEN-ALL"),
        new(3, Server, "The version is supported and up to date", "DBSEC-VERSION-*", "DBSEC-EXTENSION-OUTDATED"),
        new(3, Server, "Extensions, languages, foreign servers and settings are safe", "DBSEC-EXTENSION-*", "DBSEC-LANGUAGE-*", "DBSEC-FDW-*", "DBSEC-SERVER-USAGE", "DBSEC-SETTING-UNSAFE", "DBSEC-CHECKSUMS-OFF") { Except = ["DBSEC-EXTENSION-OUTDATED"] },

        new(4, Gdpr, "Consent is managed", "GDPR-CONSENT-MISSING") { Also = ["GDPR-CONSENT-*"] },
        new(4, Gdpr, "Requests for access are answered in time", "GDPR-ACCESS-OVERDUE", "GDPR-ACCESS-LATE") { Also = ["GDPR-ACCESS-*"] },
        new(4, Gdpr, "Requests for deletion are carried out in time", "GDPR-DELETION-OVERDUE", "GDPR-DELETION-LATE") { Also = ["GDPR-DELETION-*"] },
        new(4, Gdpr, "Processing is logged without gaps", "GDPR-AUDIT-GAP") { Also = ["GDPR-AUDIT-*"] },
        new(4, Gdpr, "Nothing is kept longer than it may be", "GDPR-RETENTION-OVERDUE") { Also = ["GDPR-RETENTION-*"] },
        new(4, Gdpr, "What the functions say of compliance agrees with what was counted", "GDPR-SCORES-DISAGREE|GDPR-FUNCTION-SCORE-LOW")
        {
            Also = ["GDPR-*"],
            Except = ["GDPR-CONSENT-*", "GDPR-ACCESS-*", "GDPR-DELETION-*", "GDPR-AUDIT-*", "GDPR-RETENTION-*"],
        },
        new(4, Personal, "Every table was looked into, and of every column it is plain what it holds", "PII-NOT-SAMPLED", "PII-UNSURE"),
        new(4, Personal, "Strangers read no personal data, secrets or identities", "PII-EXPOSED", "DBSEC-SENSITIVE-COLUMN"),
        new(4, Personal, "Personal data have an end", "PII-NO-RETENTION"),
        new(4, Personal, "Personal data are found from the person they are about", "PII-UNREACHABLE"),
        new(4, Personal, "What must not be in clear text is not", "PII-UNPROTECTED") { Also = ["PII-*"], Except = ["PII-NOT-SAMPLED", "PII-UNSURE", "PII-EXPOSED", "PII-NO-RETENTION", "PII-UNREACHABLE"] },

        new(5, Users, "Accounts were reviewed for activity", "ACCESS-ROLE-INACTIVE", "ACCESS-MEMBERSHIP-ORPHANED", "ACCESS-OWNER-DISABLED", "ACCESS-PRIVILEGES-UNUSED")
        {
            Also = ["ACCESS-*"],
            Except = ["ACCESS-ADMIN-*", "ACCESS-SERVICE-*", "ACCESS-API-*"],
        },
        new(5, Users, "Accounts that are inactive or past their end are disabled", "ACCESS-ROLE-INACTIVE", "DBSEC-ROLE-EXPIRED") { Also = ["ACCESS-ACCOUNT-INACTIVE"] },
        new(5, Users, "Administrators' privileges are validated", "ACCESS-ADMIN-REVIEW", "DBSEC-ROLE-SUPERUSER", "DBSEC-ROLE-BYPASSRLS", "DBSEC-ROLE-CREATEROLE", "DBSEC-ROLE-REPLICATION", "DBSEC-ROLE-ESCALATION") { Also = ["ACCESS-ADMIN-*"] },
        new(5, Users, "Permissions of service accounts are validated", "ACCESS-SERVICE-ADMIN", "ACCESS-SERVICE-SHARED") { Also = ["ACCESS-SERVICE-*"] },
        new(5, Users, "Passwords are kept well and end some time", "DBSEC-PASSWORD-*", "DBSEC-ROLE-NO-EXPIRY"),
        new(5, Users, "PUBLIC and strangers have no privileges that they should not have", "DBSEC-TABLE-*", "DBSEC-SCHEMA-CREATE", "DBSEC-GRANT-OPTION", "DBSEC-COLUMN-GRANT-VOID", "DBSEC-DATABASE-PUBLIC", "DBSEC-DEFAULT-PRIVILEGES", "DBSEC-STORAGE-LISTING"),
        new(5, Api, "Usage of API keys was reviewed", "ACCESS-API-KEY-USAGE"),
        new(5, Api, "Rate limits are configured", "ACCESS-API-RATE-LIMITS"),
        new(5, Api, "There are no unusual patterns of access", "ACCESS-API-PATTERNS"),
        new(5, Api, "Policies of API access are up to date", "ACCESS-API-POLICIES", "DBSEC-API-*") { Except = ["DBSEC-API-KEY-AGE"] },
    ];

    /// <summary>The checklist with a verdict for every line.</summary>
    /// <param name="findings">What was found, passed checks included.</param>
    /// <param name="parts">The parts, and whether each was looked at.</param>
    /// <param name="today">The day of the audit.</param>
    public static IReadOnlyList<AuditSection> Judge(IReadOnlyList<Finding> findings, IReadOnlyList<AuditPartResult> parts, DateOnly today)
    {
        var judged = Rules.GroupBy(rule => rule.Section).Select(section => new AuditSection(
            section.Key,
            Titles[section.Key - 1],
            [.. section.Select(rule => Judge(rule, [.. findings.Where(finding => rule.Means(finding.Id))], parts))])).ToList();
        return
        [
            .. judged,
            new AuditSection(6, Titles[5], AuditActions.Recommend(findings, parts)),
            new AuditSection(7, Titles[6], AuditActions.Items(findings, parts, today)),
        ];
    }

    /// <summary>A line's verdict.</summary>
    /// <param name="rule">The line.</param>
    /// <param name="answers">The findings that its ids mean.</param>
    /// <param name="parts">The parts.</param>
    public static AuditLine Judge(ChecklistRule rule, IReadOnlyList<Finding> answers, IReadOnlyList<AuditPartResult> parts)
    {
        var against = answers.Where(IsFault).ToList();
        var left = answers.Where(finding => finding is { Outcome: FindingOutcome.Manual, State: FindingState.Accepted }).ToList();
        var open = against.Where(finding => finding.State != FindingState.Accepted).ToList();
        var unseen = parts.Where(part => !part.IsLookedAt && rule.Parts.Contains(part.Part)).ToList();
        var unanswered = rule.Required.Where(need => !answers.Any(finding => rule.Answers(need, finding.Id))).ToList();
        var line = new AuditLine
        {
            Group = rule.Group,
            Text = rule.Text,
            Outcome = FindingOutcome.Pass,
            Evidence = "",
            FindingIds = [.. answers.Where(finding => finding.Outcome != FindingOutcome.Pass).Select(finding => finding.Id).Distinct(StringComparer.Ordinal)],
            FindingCount = answers.Count(finding => finding.Outcome != FindingOutcome.Pass),
            Priority = open.Count == 0 ? null : open.Max(finding => finding.Severity),
        };
        var unknown = answers.Where(finding => finding.Outcome == FindingOutcome.Unknown).ToList();
        var denied = answers.Where(finding => finding.Outcome == FindingOutcome.NotPermitted).ToList();
        var manual = answers.Where(finding => finding.Outcome == FindingOutcome.Manual && finding.State != FindingState.Accepted).ToList();
        var untold = unknown.Count + denied.Count;
        var rest = untold == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" {untold} more could not be determined.");
        return (open.Count, unseen.Count, unknown.Count, denied.Count) switch
        {
            ( > 0, _, _, _) => line with { Outcome = FindingOutcome.Fail, Evidence = $"{Say(open)}{rest}" },
            (_, > 0, _, _) => line with { Outcome = FindingOutcome.Unknown, Evidence = string.Join(" ", unseen.Select(part => part.Message).Distinct(StringComparer.Ordinal)) },
            (_, _, > 0, _) => line with { Outcome = FindingOutcome.Unknown, Evidence = Say(unknown) },
            (_, _, _, > 0) => line with { Outcome = FindingOutcome.NotPermitted, Evidence = Say(denied) },
            _ when rule.Person is not null => line with { Outcome = FindingOutcome.Manual, Evidence = $"{Passed(answers, "")}A person has to look: {rule.Person}." },
            _ when unanswered.Count > 0 => line with { Outcome = FindingOutcome.Unknown, Evidence = $"{Passed(answers, "")}No check told of {Some(unanswered)}." },
            _ when manual.Count > 0 => line with { Outcome = FindingOutcome.Manual, Evidence = Say(manual) },
            _ when against.Count > 0 => line with { Outcome = FindingOutcome.Fail, IsAccepted = true, Evidence = Accepted([.. against, .. left]) },
            _ when left.Count > 0 => line with { Outcome = FindingOutcome.Manual, IsAccepted = true, Evidence = Accepted(left) },
            _ => line with { Evidence = Passed(answers, "Nothing was found.").TrimEnd() },
        };
    }

    /// <summary>What is worth knowing with nothing to do speaks against no line.</summary>
    internal static bool IsFault(Finding finding) => finding is { Outcome: FindingOutcome.Fail, Severity: > FindingSeverity.Info };

    private static string Say(List<Finding> findings) => findings.Count == 1
        ? findings[0].Message
        : string.Create(CultureInfo.InvariantCulture, $"{findings.Count} findings, the worst: {Worst(findings).Message}");

    private static string Some(List<string> ids) =>
        string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", ids.Take(4))}{(ids.Count > 4 ? $" and {ids.Count - 4} more" : "")}");

    private static Finding Worst(List<Finding> findings) => findings.MaxBy(finding => finding.Severity)!;

    private static string Accepted(List<Finding> findings) => string.Create(
        CultureInfo.InvariantCulture,
        $"{findings.Count} accepted, the first of them {findings.Select(finding => finding.Acceptance).OfType<FindingAcceptance>().MinBy(acceptance => acceptance.Until)}.");

    // What was looked at, where the checks say it in numbers.
    private static string Passed(IReadOnlyList<Finding> answers, string otherwise)
    {
        var passed = answers.Where(finding => finding.Outcome == FindingOutcome.Pass).ToList();
        if (passed.Count == 0)
        {
            return answers.Any(finding => finding is { Outcome: FindingOutcome.Fail, Severity: FindingSeverity.Info }) ? "Nothing but what is worth knowing was found. " : otherwise;
        }

        var notes = answers.Count(finding => finding is { Outcome: FindingOutcome.Fail, Severity: FindingSeverity.Info });
        var noted = notes == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" {notes} worth knowing.");
        return passed.Count == 1
            ? $"{passed[0].Message}{noted} "
            : string.Create(CultureInfo.InvariantCulture, $"{passed.Count} checks passed: {string.Join(", ", passed.Select(finding => finding.Id).Distinct(StringComparer.Ordinal).Take(4))}{(passed.Count > 4 ? " and others" : "")}.{noted} ");
    }
}
