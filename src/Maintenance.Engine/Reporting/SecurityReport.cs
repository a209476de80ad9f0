using System.Globalization;
using Maintenance.Engine.Backup.Drill;

namespace Maintenance.Engine.Reporting;

/// <summary>Makes the report of a security audit: how it stands and what changed come first, then the guide's checklist, then the evidence. Pure.</summary>
internal static class SecurityReport
{
    /// <summary>Facts longer than this are cut: what a finding is must stay readable.</summary>
    private const int LongestFact = 300;

    private const string PipelineNote = "From the pipeline: what is gone cannot be told, because findings may have been left out on the way.";

    public static Report Of(SecurityAuditReport audit) => new(
        $"Security audit of {audit.Target}",
        audit.Status,
        [
            audit.Message,
            string.Create(CultureInfo.InvariantCulture, $"Audit completed {Time(audit.CollectedAt + audit.Duration)} UTC, took {DrillText.Duration(audit.Duration)}. {Before(audit)} Next audit: {Day(audit.NextAuditOn)}. Auditor: Maintenance {audit.ModuleVersion}."),
            .. audit.IsFromPipeline ? new[] { PipelineNote } : [],
            "Confidential.",
        ],
        [
            Changes(audit),
            .. audit.Sections.Select(section => ReportSection.Checklist(
                string.Create(CultureInfo.InvariantCulture, $"{section.Number}. {section.Title}"),
                [.. section.Lines.Select(line => new ReportCheck(line.Group, Word(section, line), line.Text, line.Evidence, Note(line)))],
                "Nothing is to be done.")),
            .. new[] { FindingSeverity.Critical, FindingSeverity.High, FindingSeverity.Medium, FindingSeverity.Low, FindingSeverity.Info }
                .Select(severity => (severity, found: audit.Findings.Where(finding => finding.Severity == severity && finding is { Outcome: FindingOutcome.Fail, State: not FindingState.Accepted }).ToList()))
                .Where(group => group.found.Count > 0)
                .Select(group => ReportSection.Of(string.Create(CultureInfo.InvariantCulture, $"{Heading(group.severity)} ({group.found.Count})"), Cards(group.found), "")),
            ReportSection.Of("What could not be determined", Cards(audit.Findings.Where(finding => finding.Outcome is FindingOutcome.Unknown or FindingOutcome.NotPermitted)), "Everything that was looked at could be determined."),
            ReportSection.Of("For a person to decide", Cards(audit.Findings.Where(finding => finding is { Outcome: FindingOutcome.Manual, State: not FindingState.Accepted })), "Nothing."),
            new ReportSection(
                "Accepted",
                ["Id", "Subject", "Until", "By", "Reason", "Message"],
                [
                    .. audit.Findings.Where(finding => finding.State == FindingState.Accepted).Select(finding => new[]
                    {
                        finding.Id, finding.Subject, finding.Acceptance is { } acceptance ? Day(acceptance.Until) : null, finding.Acceptance?.By, finding.Acceptance?.Reason, finding.Message,
                    }),
                ],
                "Nothing was accepted.")
            {
                Below = "Message",
            },
            new ReportSection(
                "Parts",
                ["State", "Part", "Findings", "Passed", "Took", "Message"],
                [
                    .. audit.Parts.Select(part => new[]
                    {
                        part.IsLookedAt ? "Looked at" : "Not looked at", part.Part.ToString(), Number(part.FindingCount), Number(part.PassedCount),
                        part.Duration == TimeSpan.Zero ? null : DrillText.Duration(part.Duration), part.Recommendation is { } advice ? $"{part.Message} {advice}" : part.Message,
                    }),
                ],
                "The audit has no parts.")
            {
                Below = "Message",
            },
            new ReportSection(
                "Checks that passed",
                ["Outcome", "Id", "Scope", "Message"],
                [.. audit.Findings.Where(finding => finding.Outcome == FindingOutcome.Pass).Select(finding => new[] { "Pass", finding.Id, finding.Scope, finding.Message })],
                "No check passed, or passed checks were not given (Get-DbSecurityFinding -All)."),
            new ReportSection(
                "Provenance",
                ["What", "Value"],
                [
                    ["Target", audit.Target],
                    ["Server version", audit.ServerVersion ?? "not asked"],
                    ["Role", audit.Role ?? "not asked"],
                    ["Machine", audit.Machine],
                    ["Module version", audit.ModuleVersion],
                    ["Began (UTC)", Time(audit.CollectedAt)],
                    ["Audit before (UTC)", audit.PreviousAuditAt is { } before ? Time(before) : "none recorded"],
                    ["Next audit", Day(audit.NextAuditOn)],
                ],
                ""),
        ])
    {
        Tiles = Tiles(audit),
        Findings = [.. audit.Findings, .. audit.Fixed],
    };

    private static List<ReportTile> Tiles(SecurityAuditReport audit)
    {
        var (now, before) = (audit.Counts, audit.PreviousCounts);
        // The last two sections are made of what was found: they are no checks of their own.
        var lines = audit.Sections.Where(section => section.Number <= 5).SelectMany(section => section.Lines).ToList();
        return
        [
            new("critical and high", Number(now.Critical + now.High), now.Critical + now.High > 0 ? "Critical" : null, Was(before?.Critical + before?.High)),
            new("medium and low", Number(now.Medium + now.Low), now.Medium + now.Low > 0 ? "Warning" : null, Was(before?.Medium + before?.Low)),
            new("new", Number(now.New), now.New > 0 ? "New" : null, audit.PreviousAuditAt is { } last ? $"since {last.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}" : "no audit before"),
            new("fixed", Number(now.Fixed), now.Fixed > 0 ? "Ok" : null),
            new("accepted", Number(now.Accepted), now.Accepted > 0 ? "Accepted" : null, Was(before?.Accepted)),
            new("not determined", Number(now.Unknown + now.NotPermitted), now.Unknown + now.NotPermitted > 0 ? "Unknown" : null, Was(before?.Unknown + before?.NotPermitted)),
            new("checklist lines passed", string.Create(CultureInfo.InvariantCulture, $"{lines.Count(line => line.Outcome == FindingOutcome.Pass)} of {lines.Count}"), null),
        ];
    }

    private static string? Was(int? count) => count is { } before ? string.Create(CultureInfo.InvariantCulture, $"was {before}") : null;

    private static ReportSection Changes(SecurityAuditReport audit) => ReportSection.Checklist(
        audit.PreviousAuditAt is { } before ? $"What changed since {before.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}" : "What changed",
        [
            // Where there was no audit before, all is new, and stands below.
            .. Lines("New", audit.PreviousAuditAt is null ? [] : [.. audit.Findings.Where(finding => finding.State == FindingState.New)], finding => finding.Severity.ToString()),
            .. Lines("Fixed", audit.Fixed, _ => nameof(FindingState.Fixed)),
            .. Lines("Found before, and not looked at again", audit.NotChecked, _ => "Not checked"),
        ],
        audit.PreviousAuditAt is null ? "No audit before is on record to compare with."
        : audit.IsFromPipeline ? $"Nothing is new. {PipelineNote}"
        : "Nothing is new, and nothing was fixed.");

    private static IEnumerable<ReportCheck> Lines(string group, IReadOnlyList<Finding> findings, Func<Finding, string> verdict) => findings.Select(finding => new ReportCheck(
        string.Create(CultureInfo.InvariantCulture, $"{group} ({findings.Count})"), verdict(finding), finding.Subject is { } subject ? $"{finding.Id}: {subject}" : finding.Id, finding.Message, null));

    // What one check says of many things is one card: the advice is the same.
    private static List<ReportCard> Cards(IEnumerable<Finding> findings) =>
    [
        .. findings
            .GroupBy(finding => (finding.Id, Verdict: finding.Verdict(), finding.Recommendation))
            .Select(group =>
            {
                var first = group.First();
                var statements = group.Select(finding => finding.FixSql).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
                return new ReportCard(first.Verdict(), first.Id, first.Recommendation, first.Mappings.Count == 0 ? null : string.Join(", ", first.Mappings))
                {
                    Items = [.. group.Select(Item)],
                    Code = statements.Count == 0 ? null : string.Join('\n', statements),
                };
            }),
    ];

    private static ReportItem Item(Finding finding) => new(
        finding.State is FindingState.New or FindingState.Known ? finding.State.ToString() : null,
        finding.Subject,
        finding.Message,
        string.Join("; ", Facts(finding)) is { Length: > 0 } facts ? facts : null);

    private static IEnumerable<string> Facts(Finding finding)
    {
        foreach (var (name, value) in finding.Evidence.Where(fact => fact.Value is not null))
        {
            var text = value switch
            {
                string plain => plain,
                System.Collections.IEnumerable items => string.Join(", ", items.Cast<object?>()),
                IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
                _ => value!.ToString() ?? "",
            };
            yield return $"{name}: {(text.Length > LongestFact ? $"{text[..LongestFact]}…" : text)}";
        }

        if (finding.Database is { } database)
        {
            yield return $"Database: {database}";
        }

        if (finding.FirstSeenAt is { } first)
        {
            yield return $"First seen: {first.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}";
        }

        if (finding.Acceptance is { } acceptance)
        {
            yield return $"Was accepted {acceptance}";
        }
    }

    // In the last two sections what is to be done is told by how much it matters.
    private static string Word(AuditSection section, AuditLine line) =>
        section.Number > 5 && line is { Outcome: FindingOutcome.Fail, Priority: { } priority } ? priority.ToString() : line.Verdict();

    private static string? Note(AuditLine line)
    {
        string?[] parts =
        [
            line.DueOn is { } day ? $"due {Day(day)}" : null,
            line.FindingIds.Count == 0 ? null : string.Join(", ", line.FindingIds.Take(8)) + (line.FindingIds.Count > 8 ? " …" : ""),
        ];
        return string.Join(" · ", parts.OfType<string>()) is { Length: > 0 } note ? note : null;
    }

    private static string Heading(FindingSeverity severity) => severity switch
    {
        FindingSeverity.Critical => "Critical findings",
        FindingSeverity.High => "High findings",
        FindingSeverity.Medium => "Medium findings",
        FindingSeverity.Low => "Low findings",
        _ => "Worth knowing",
    };

    private static string Before(SecurityAuditReport audit) =>
        audit.PreviousAuditAt is { } before ? $"The audit before was on {before.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}." : "No audit before is on record.";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
