using System.Globalization;

namespace Maintenance.Engine.Security.Audit;

/// <summary>What to do about what an audit found: made of the findings, never constant. Pure.</summary>
internal static class AuditActions
{
    private const string Derived = "From what was found";

    /// <summary>Section 6: the guide's four lines, judged, and what is to be mended, part by part; section 7 says how and by when.</summary>
    public static IReadOnlyList<AuditLine> Recommend(IReadOnlyList<Finding> findings, IReadOnlyList<AuditPartResult> parts) =>
    [
        Need("Schedule dependency updates for the next maintenance window", "dependencies with known vulnerabilities", [AuditPart.Dependencies], findings, parts),
        Need("Review and update security policies", "faults of policies, grants and roles", [AuditPart.Catalogue, AuditPart.RowSecurity, AuditPart.Access], findings, parts),
        Need("Conduct security training for the development team", "secrets and flaws in source code", [AuditPart.Secrets, AuditPart.Code], findings, parts),
        new AuditLine
        {
            Group = "Every audit",
            Text = "Plan a penetration test for the next quarter",
            Outcome = FindingOutcome.Manual,
            Evidence = "Whether one is planned no check can tell.",
        },
        .. Open(findings).Where(SecurityChecklist.IsFault)
            .GroupBy(finding => AuditParts.Of(finding.Id))
            .OrderByDescending(group => group.Max(finding => finding.Severity)).ThenBy(group => group.Key)
            .Select(group => Line(Derived, $"Mend what is wrong with {(group.Key is { } part ? AuditParts.Name(part) : "the audit itself")}", [.. group]) with { Evidence = Most([.. group]) }),
    ];

    /// <summary>Section 7: what has to be done by when: an item for each check that failed, for each that could not tell, and the guide's own.</summary>
    public static IReadOnlyList<AuditLine> Items(IReadOnlyList<Finding> findings, IReadOnlyList<AuditPartResult> parts, DateOnly today)
    {
        var open = Open(findings).ToList();
        var high = open.Where(finding => finding.Severity >= FindingSeverity.High).ToList();
        var review = AuditCalendar.Due(today, FindingSeverity.High);
        return
        [
            new AuditLine
            {
                Group = "Every audit",
                Text = "Address high-priority security findings",
                Outcome = high.Count > 0 ? FindingOutcome.Fail : parts.Any(part => !part.IsLookedAt) ? FindingOutcome.Unknown : FindingOutcome.Pass,
                Evidence = high.Count > 0 ? string.Create(CultureInfo.InvariantCulture, $"{high.Count} are open, of {high.Select(finding => finding.Id).Distinct(StringComparer.Ordinal).Count()} kinds.")
                    : parts.Any(part => !part.IsLookedAt) ? "None is open where was looked; not every part was looked at."
                    : "None is open.",
                FindingIds = [.. high.Select(finding => finding.Id).Distinct(StringComparer.Ordinal)],
                FindingCount = high.Count,
                Priority = high.Count > 0 ? high.Max(finding => finding.Severity) : null,
                DueOn = high.Count > 0 ? review : null,
            },
            .. open.Where(finding => finding.Severity > FindingSeverity.Info)
                .GroupBy(finding => finding.Id, StringComparer.Ordinal)
                .OrderByDescending(group => group.Max(finding => finding.Severity)).ThenBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => Line("Faults", Do([.. group]), [.. group]) with
                {
                    DueOn = AuditCalendar.Due(today, group.Max(finding => finding.Severity)),
                }),
            .. parts.Where(part => !part.IsLookedAt).Select(part => new AuditLine
            {
                Group = "What could not be determined",
                Text = part.Recommendation ?? $"Find out why {AuditParts.Name(part.Part)} could not be looked at",
                Outcome = FindingOutcome.Unknown,
                Evidence = part.Message,
                FindingIds = [AuditParts.IdOf(part.Part)],
                FindingCount = 1,
                Priority = FindingSeverity.Medium,
                DueOn = AuditCalendar.Due(today, FindingSeverity.High),
            }),
            .. findings.Where(finding => finding.Outcome is FindingOutcome.NotPermitted or FindingOutcome.Unknown && AuditParts.Of(finding.Id) is not null)
                .GroupBy(finding => finding.FixSql ?? finding.Recommendation ?? "", StringComparer.Ordinal)
                .OrderByDescending(group => group.Max(finding => finding.Severity)).ThenBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => new AuditLine
                {
                    Group = "What could not be determined",
                    Text = group.First().FixSql is { } grant ? $"Let the audit see it: {grant}" : group.First().Recommendation ?? "Find out why it could not be determined",
                    Outcome = group.First().Outcome,
                    Evidence = string.Create(CultureInfo.InvariantCulture, $"{group.First().Message}{(group.Count() > 1 ? $" And {group.Count() - 1} more." : "")}"),
                    FindingIds = [.. group.Select(finding => finding.Id).Distinct(StringComparer.Ordinal)],
                    FindingCount = group.Count(),
                    Priority = group.Max(finding => finding.Severity),
                    DueOn = AuditCalendar.Due(today, FindingSeverity.Medium),
                }),
            new AuditLine
            {
                Group = "Every audit",
                Text = "Update the security documentation",
                Outcome = FindingOutcome.Manual,
                Evidence = "Whether it says what is so no check can tell.",
            },
            new AuditLine
            {
                Group = "Every audit",
                Text = "Follow-up review in 30 days",
                Outcome = FindingOutcome.Manual,
                Evidence = string.Create(CultureInfo.InvariantCulture, $"{open.Count(finding => finding.Severity > FindingSeverity.Info)} faults are open."),
                DueOn = review,
            },
        ];
    }

    private static IEnumerable<Finding> Open(IReadOnlyList<Finding> findings) =>
        findings.Where(finding => finding is { Outcome: FindingOutcome.Fail, State: not FindingState.Accepted });

    // What was not looked at may need it too.
    private static AuditLine Need(string text, string faults, AuditPart[] of, IReadOnlyList<Finding> findings, IReadOnlyList<AuditPartResult> parts)
    {
        var mine = findings.Where(finding => AuditParts.Of(finding.Id) is { } part && of.Contains(part)).ToList();
        var open = Open(mine).Where(SecurityChecklist.IsFault).ToList();
        var unseen = parts.Where(part => !part.IsLookedAt && of.Contains(part.Part)).ToList();
        var untold = mine.Count(finding => finding.Outcome is FindingOutcome.Unknown or FindingOutcome.NotPermitted);
        var line = new AuditLine { Group = "Every audit", Text = text, Outcome = FindingOutcome.Pass, Evidence = $"No {faults} were found." };
        return open.Count > 0 ? Line("Every audit", text, open) with { Evidence = string.Create(CultureInfo.InvariantCulture, $"{open.Count} {faults}.") }
            : unseen.Count > 0 ? line with { Outcome = FindingOutcome.Unknown, Evidence = string.Join(" ", unseen.Select(part => part.Message)) }
            : untold > 0 ? line with { Outcome = FindingOutcome.Unknown, Evidence = string.Create(CultureInfo.InvariantCulture, $"{untold} checks could not tell.") }
            : line;
    }

    private static AuditLine Line(string group, string text, List<Finding> about) => new()
    {
        Group = group,
        Text = text,
        Outcome = FindingOutcome.Fail,
        Evidence = about.Count == 1 ? about[0].Message : string.Create(CultureInfo.InvariantCulture, $"{about.Count} findings: {Subjects(about)}."),
        FindingIds = [.. about.Select(finding => finding.Id).Distinct(StringComparer.Ordinal)],
        FindingCount = about.Count,
        Priority = about.Max(finding => finding.Severity),
    };

    private static string Most(List<Finding> about)
    {
        var kinds = about.GroupBy(finding => finding.Id, StringComparer.Ordinal)
            .OrderByDescending(group => group.Max(finding => finding.Severity)).ThenByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).ToList();
        var severities = about.GroupBy(finding => finding.Severity).OrderByDescending(group => group.Key).Select(group => $"{group.Count()} {group.Key.ToString().ToLowerInvariant()}");
        return string.Create(CultureInfo.InvariantCulture, $"{about.Count} faults of {kinds.Count} kinds: {string.Join(", ", severities)}.");
    }

    private static string Do(List<Finding> about) =>
        about.MaxBy(finding => finding.Severity)!.Recommendation is { Length: > 0 } advice ? advice : $"Look at {about[0].Id}";

    private static string Subjects(List<Finding> about)
    {
        var named = about.Select(finding => finding.Subject ?? finding.Id).Distinct(StringComparer.Ordinal).ToList();
        return string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", named.Take(5))}{(named.Count > 5 ? $" and {named.Count - 5} more" : "")}");
    }
}
