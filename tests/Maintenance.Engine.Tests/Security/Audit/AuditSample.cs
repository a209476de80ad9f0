using Maintenance.Engine.Security;
using Maintenance.Engine.Security.Audit;

namespace Maintenance.Engine.Tests.Security.Audit;

/// <summary>Findings and reports for tests of the audit.</summary>
internal static class AuditSample
{
    public static readonly DateTimeOffset Now = new(2026, 11, 8, 3, 0, 0, TimeSpan.Zero);

    public static DateOnly Today => DateOnly.FromDateTime(Now.UtcDateTime);

    public static Finding Found(string id, FindingOutcome outcome = FindingOutcome.Fail, FindingSeverity severity = FindingSeverity.High, string? subject = null, string? message = null) => new()
    {
        Id = id,
        Area = SecurityAuditor.Area,
        Severity = severity,
        Outcome = outcome,
        Subject = subject,
        Message = message ?? $"{id} says {outcome}.",
        Recommendation = outcome == FindingOutcome.Pass ? null : $"Mend {id}.",
        Database = "app",
        Target = "production",
        CollectedAt = Now,
    };

    /// <summary>A pass for every check of the catalogue, and for every id that a line needs.</summary>
    public static List<Finding> AllPassed() =>
    [
        .. SecurityChecklist.Rules.SelectMany(rule => rule.Required).Select(need => need.Split('|')[0]).Select(need => need.EndsWith('*') ? $"{need[..^1]}ANYTHING" : need)
            .Distinct(StringComparer.Ordinal)
            .Select(id => Found(id, FindingOutcome.Pass, FindingSeverity.Info)),
    ];

    public static IReadOnlyList<AuditPartResult> Looked { get; } = [.. Enum.GetValues<AuditPart>().Select(part => new AuditPartResult(part, true, "Looked at."))];

    public static AuditLine Line(this IReadOnlyList<AuditSection> sections, string text) => sections.SelectMany(section => section.Lines).Single(line => line.Text.StartsWith(text, StringComparison.Ordinal));

    public static SecurityAuditReport Report(IReadOnlyList<Finding> findings, IReadOnlyList<Finding>? gone = null) => new()
    {
        Target = "production",
        Status = findings.Select(finding => finding.Status).DefaultIfEmpty().Max(),
        Message = "What it came to.",
        Findings = findings,
        Fixed = gone ?? [],
        Parts = Looked,
        Sections = SecurityChecklist.Judge(findings, Looked, Today),
        Counts = AuditNumbers.Count(new(findings, gone ?? [], [], [], [])),
        NextAuditOn = AuditCalendar.Next(Today, 2),
        ModuleVersion = "1.2.3",
        CollectedAt = Now,
        Duration = TimeSpan.FromSeconds(2),
    };
}
