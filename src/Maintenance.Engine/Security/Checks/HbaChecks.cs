namespace Maintenance.Engine.Security.Checks;

/// <summary>Who is let in from where, and how they prove who they are.</summary>
internal static class HbaChecks
{
    private static readonly string[] Access = ["Art. 32(1)(b)"];

    public static IReadOnlyList<SecurityCheck> All { get; } =
    [
        Check("DBSEC-HBA-TRUST", "Nobody is let in without proof", FindingSeverity.Critical, ["5.3", "5.4"],
            "Whoever reaches the server is whoever they say. Ask for scram-sha-256, or peer on the socket.",
            rule => rule.AuthMethod != "trust" ? null : new Fault(rule.Place, $"The rule lets everybody in who claims a name: {rule.Text}.")
            {
                Severity = !rule.IsNetwork ? FindingSeverity.Medium : rule.IsLoopback ? FindingSeverity.High : FindingSeverity.Critical,
            }),
        Check("DBSEC-HBA-WEAK-METHOD", "Proofs are not weak", FindingSeverity.High, ["5.4"],
            "Ask for scram-sha-256. What is told as md5 takes SCRAM too where the password is kept so; set passwords again first.",
            rule => rule.AuthMethod switch
            {
                "password" => new Fault(rule.Place, $"The rule takes passwords in the clear: {rule.Text}."),
                "md5" => new Fault(rule.Place, $"The rule takes MD5: {rule.Text}.") { Severity = FindingSeverity.Medium },
                "ident" => new Fault(rule.Place, $"The rule believes what the client's machine says of itself: {rule.Text}.") { Severity = FindingSeverity.Medium },
                _ => null,
            }),
        Check("DBSEC-HBA-NO-TLS", "Nobody comes over a network without TLS", FindingSeverity.High, ["5.4", "6.8"],
            "Change host to hostssl, once the server has TLS and clients use it.",
            rule => rule.Type is "host" or "hostnossl" or "hostgssenc" or "hostnogssenc" && rule.Type != "hostgssenc" && !rule.IsLoopback && !rule.AsksForCertificate
                ? new Fault(rule.Place, $"The rule lets connections in that are not encrypted: {rule.Text}.") { Severity = rule.Type == "hostnossl" ? FindingSeverity.High : FindingSeverity.Medium }
                : null),
        Check("DBSEC-HBA-ANYWHERE", "Rules name databases, roles and networks", FindingSeverity.High, ["5.4"],
            "Name the networks that clients come from, the databases, and the roles.",
            rule => !rule.IsNetwork || rule.IsLoopback ? null
                : rule is { IsAnywhere: true, IsForAll: true } ? new Fault(rule.Place, $"The rule is for every role, every database and every address: {rule.Text}.")
                : rule.IsAnywhere ? new Fault(rule.Place, $"The rule is for every address: {rule.Text}.") { Severity = FindingSeverity.Medium }
                : rule.IsForAll ? new Fault(rule.Place, $"The rule is for every role and every database: {rule.Text}.") { Severity = FindingSeverity.Low }
                : null),
        new("DBSEC-HBA-ERROR", "Every rule can be read by the server", FindingSeverity.Medium, Errors)
        {
            Recommendation = "The server keeps the rules it had before, and does not start with these. Mend the line and reload.",
            Cis = ["5.4"],
            Scope = SecurityScope.Server,
        },
    ];

    private static SecurityCheck Check(string id, string title, FindingSeverity severity, IReadOnlyList<string> cis, string recommendation, Func<HbaRule, Fault?> judge) =>
        new(id, title, severity, facts => Rules(facts, rules => CheckResult.Of(rules.Count, rules.Where(rule => rule.Admits).Select(rule => Named(rule, judge(rule))).OfType<Fault>())))
        {
            Recommendation = recommendation,
            Cis = cis,
            Gdpr = Access,
            Scope = SecurityScope.Server,
        };

    private static Fault? Named(HbaRule rule, Fault? fault) =>
        fault is null ? null : fault with { Evidence = new Dictionary<string, object?> { ["Rule"] = rule.Text, ["Line"] = rule.LineNumber } };

    private static CheckResult Errors(AuditFacts facts) => Rules(facts, rules => CheckResult.Of(
        rules.Count, rules.Where(rule => rule.IsUnreadable).Select(rule => new Fault(rule.Place, $"The server cannot read {rule.Place}: {rule.Error}."))));

    private static CheckResult Rules(AuditFacts facts, Func<IReadOnlyList<HbaRule>, CheckResult> judge) => facts.Server.HbaRules is { } rules
        ? judge(rules)
        : CheckResult.NotPermitted(
            "pg_hba_file_rules",
            $"GRANT SELECT ON pg_catalog.pg_hba_file_rules TO {facts.Server.QuotedRole}; GRANT EXECUTE ON FUNCTION pg_catalog.pg_hba_file_rules() TO {facts.Server.QuotedRole};");
}
