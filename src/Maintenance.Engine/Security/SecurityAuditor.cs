namespace Maintenance.Engine.Security;

/// <summary>Runs the checks of the catalogue over what was read, and tells what came of each.</summary>
internal static class SecurityAuditor
{
    public const string Area = "Security";

    /// <summary>What is wrong comes first, the worst of it foremost; then what could not be checked; then what is well.</summary>
    public static IComparer<Finding> Order { get; } = new CompositeOrder();

    /// <summary>What is wrong comes first, the worst of it foremost; then what could not be checked; then what is well.</summary>
    public static IComparer<Finding> WorstFirst => Order;

    /// <summary>Judges one database.</summary>
    /// <param name="target">The target.</param>
    /// <param name="facts">What was read.</param>
    /// <param name="query">What is wanted.</param>
    /// <param name="withServer">Checks of the server are wanted too: once, however many databases it has.</param>
    public static IReadOnlyList<Finding> Audit(MaintenanceTarget target, AuditFacts facts, SecurityAuditQuery query, bool withServer) =>
        [.. SecurityCatalogue.Checks
            .Where(check => (withServer || check.Scope == SecurityScope.Database) && (query.Ids?.Invoke(check.Id) ?? true))
            .SelectMany(check => Findings(check, check.Evaluate(facts), facts.Server.QuotedRole, facts.Server.Database))
            .Where(finding => finding.Severity >= query.MinimumSeverity && (query.IncludePassed || finding.Outcome != FindingOutcome.Pass))
            .Select(finding => finding with { Target = target.Name, CollectedAt = facts.Now })
            .Order(Order)];

    /// <summary>What a check came to, as findings.</summary>
    /// <param name="check">The check.</param>
    /// <param name="result">What it came to.</param>
    /// <param name="quotedRole">Who asked.</param>
    /// <param name="database">The database.</param>
    public static IEnumerable<Finding> Findings(CheckDescription check, CheckResult result, string quotedRole, string database)
    {
        foreach (var fault in result.Faults)
        {
            // Expressions, rules and settings are judged as they are and shown without the secrets in them. A statement without them would mend nothing.
            yield return Make(check, database, FindingOutcome.Fail, SqlSecrets.Mask(fault.Message)) with
            {
                Severity = fault.Severity is { } severity && severity < check.Severity ? severity : check.Severity,
                Subject = fault.Subject,
                Evidence = fault.Evidence.ToDictionary(pair => pair.Key, pair => Shown(pair.Value), StringComparer.Ordinal),
                FixSql = fault.FixSql is { } fix && SqlSecrets.Mask(fix) == fix ? fix : null,
                Recommendation = fault.Recommendation ?? check.Recommendation,
            };
        }

        if (result.Denied is { } denied)
        {
            yield return Make(check, database, FindingOutcome.NotPermitted, $"{check.Title}: not checked, because {quotedRole} may not read {denied.What}.") with
            {
                Recommendation = denied.Advice ?? "Run the grant, or let the audit run as a role that has it.",
                FixSql = denied.Grant,
            };
        }
        else if (result.Unknown is { } reason)
        {
            yield return Make(check, database, FindingOutcome.Unknown, $"{check.Title}: not checked, because {reason}.") with { Recommendation = check.Recommendation };
        }
        else if (result.Manual is { } manual)
        {
            yield return Make(check, database, FindingOutcome.Manual, $"{check.Title}: {manual}.") with { Recommendation = check.Recommendation };
        }
        else if (result.Faults.Count == 0)
        {
            yield return Make(check, database, FindingOutcome.Pass, result.Note is { } note ? $"{check.Title}: {note}." : $"{check.Title}.") with
            {
                Evidence = result.Examined is { } count ? new Dictionary<string, object?> { ["Examined"] = count } : new Dictionary<string, object?>(),
            };
        }
    }

    private static object? Shown(object? value) => value switch
    {
        string text => SqlSecrets.Mask(text),
        IEnumerable<string> texts => texts.Select(SqlSecrets.Mask).ToArray(),
        _ => value,
    };

    private static Finding Make(CheckDescription check, string database, FindingOutcome outcome, string message) => new()
    {
        Id = check.Id,
        Area = Area,
        Severity = check.Severity,
        Outcome = outcome,
        Message = message,
        Database = check.Scope == SecurityScope.Database ? database : null,
        Mappings = [.. check.Cis.Select(section => new FindingMapping("CIS PostgreSQL 17", section)), .. check.Gdpr.Select(article => new FindingMapping("GDPR", article))],
    };

    private sealed class CompositeOrder : IComparer<Finding>
    {
        public int Compare(Finding? x, Finding? y)
        {
            var (one, other) = (x!, y!);
            var rank = Rank(one).CompareTo(Rank(other));
            rank = rank != 0 ? rank : other.Severity.CompareTo(one.Severity);
            rank = rank != 0 ? rank : string.CompareOrdinal(one.Id, other.Id);
            return rank != 0 ? rank : string.CompareOrdinal(one.Subject, other.Subject);
        }

        private static int Rank(Finding finding) => finding.Outcome switch
        {
            FindingOutcome.Fail => 0,
            FindingOutcome.NotPermitted => 1,
            FindingOutcome.Unknown => 2,
            FindingOutcome.Manual => 3,
            _ => 4,
        };
    }
}
