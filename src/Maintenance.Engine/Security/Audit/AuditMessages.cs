using System.Globalization;
using Maintenance.Engine.Security.Ledger;

namespace Maintenance.Engine.Security.Audit;

/// <summary>What people are told of an audit (guide M9): true counts and ids of checks, and nothing that names an object or a person. Pure.</summary>
internal static class AuditMessages
{
    public const string Channel = "Security";

    /// <summary>The summary of a report.</summary>
    public static NotificationMessage Of(SecurityAuditReport report) => Of(
        $"Security audit of {report.Target}",
        report.Status,
        report.Counts,
        report.Findings,
        [
            .. report.Parts.Where(part => !part.IsLookedAt).Select(part => AuditParts.Name(part.Part)).ToList() is { Count: > 0 } unseen ? new[] { $"Not looked at: {string.Join("; ", unseen)}." } : [],
            report.Published.Count > 0 ? $"Report: {report.Published[0].Location}" : "The report was not published.",
            string.Create(CultureInfo.InvariantCulture, $"Next audit: {report.NextAuditOn:yyyy-MM-dd}."),
        ],
        "SecurityAudit");

    /// <summary>The summary of a run.</summary>
    /// <param name="run">The run; its findings have states, and those that are fixed are among them.</param>
    /// <param name="lines">What else to say.</param>
    public static NotificationMessage Of(MaintenanceRun run, IReadOnlyList<string> lines)
    {
        var passed = (int)(run.Metrics.FirstOrDefault(metric => metric.Name == AuditSteps.Passed)?.Value ?? 0);
        var found = AuditNumbers.Count(Split(run.Findings));
        var counts = found with { Passed = passed, Judged = found.Judged + passed };
        return Of($"{(run.Task == SecurityScanTask.TaskName ? "Security scan" : "Security audit")} of {run.Target}", run.Status, counts, run.Findings, lines, run.Task);
    }

    private static NotificationMessage Of(
        string title, HealthStatus status, AuditCounts counts, IReadOnlyList<Finding> findings, IReadOnlyList<string> lines, string source)
    {
        var worst = findings
            .Where(finding => finding is { Outcome: FindingOutcome.Fail, State: not (FindingState.Accepted or FindingState.Fixed) })
            .GroupBy(finding => finding.Id, StringComparer.Ordinal)
            .OrderByDescending(group => group.Max(finding => finding.Severity)).ThenByDescending(group => group.Count(finding => finding.State == FindingState.New)).ThenBy(group => group.Key, StringComparer.Ordinal)
            .Take(3)
            .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Key} ({group.Max(finding => finding.Severity).ToString().ToLowerInvariant()}{(group.Count() > 1 ? $", {group.Count()} times" : "")})"))
            .ToList();
        return new NotificationMessage
        {
            Channel = Channel,
            Severity = status,
            Title = string.Create(CultureInfo.InvariantCulture, $"{title}: {(counts is { Failed: 0, Judged: 0 } ? "nothing could be judged" : counts.Failed == 0 ? "no faults found" : $"{counts.Failed} faults, {counts.New} new")}{(counts.Unknown + counts.NotPermitted > 0 ? $", {counts.Unknown + counts.NotPermitted} could not be determined" : "")}{(counts.Accepted > 0 ? $", {counts.Accepted} accepted" : "")}"),
            Text = string.Join('\n', [AuditNumbers.Say(counts), .. worst.Count > 0 ? new[] { $"Worst: {string.Join(", ", worst)}." } : [], .. lines]),
            Fields =
            [
                Field("New", counts.New), Field("Known", counts.Known), Field("Fixed", counts.Fixed), Field("Accepted", counts.Accepted),
                Field("Could not be determined", counts.Unknown + counts.NotPermitted), Field("For a person", counts.Manual),
            ],
            Source = source,
        };
    }

    private static TrackedFindings Split(IReadOnlyList<Finding> findings) => new(
        [.. findings.Where(finding => finding.State != FindingState.Fixed)], [.. findings.Where(finding => finding.State == FindingState.Fixed)], [], [], []);

    private static NotificationField Field(string name, int count) => new(name, count.ToString(CultureInfo.InvariantCulture));
}
