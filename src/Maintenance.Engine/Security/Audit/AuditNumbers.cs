using System.Globalization;
using Maintenance.Engine.Security.Ledger;

namespace Maintenance.Engine.Security.Audit;

/// <summary>Counts what an audit found. Pure.</summary>
internal static class AuditNumbers
{
    public static AuditCounts Count(TrackedFindings tracked)
    {
        var failed = tracked.Findings.Where(finding => finding is { Outcome: FindingOutcome.Fail, State: not FindingState.Accepted }).ToList();
        var open = failed.Where(SecurityChecklist.IsFault).ToList();
        return new AuditCounts
        {
            Failed = open.Count,
            Critical = Of(FindingSeverity.Critical),
            High = Of(FindingSeverity.High),
            Medium = Of(FindingSeverity.Medium),
            Low = Of(FindingSeverity.Low),
            Info = failed.Count - open.Count,
            New = open.Count(finding => finding.State == FindingState.New),
            Known = open.Count(finding => finding.State == FindingState.Known),
            Accepted = tracked.Findings.Count(finding => finding.State == FindingState.Accepted),
            Fixed = tracked.Fixed.Count,
            NotChecked = tracked.NotChecked.Count,
            Unknown = tracked.Findings.Count(finding => finding.Outcome == FindingOutcome.Unknown),
            NotPermitted = tracked.Findings.Count(finding => finding.Outcome == FindingOutcome.NotPermitted),
            Manual = tracked.Findings.Count(finding => finding is { Outcome: FindingOutcome.Manual, State: not FindingState.Accepted }),
            Passed = tracked.Findings.Count(finding => finding.Outcome == FindingOutcome.Pass && !AuditParts.IsOfAuditItself(finding.Id)),
            // What the audit finds in itself says nothing about the system.
            Judged = tracked.Findings.Count(finding => finding.Outcome is FindingOutcome.Fail or FindingOutcome.Pass && !AuditParts.IsOfAuditItself(finding.Id)),
        };

        int Of(FindingSeverity severity) => open.Count(finding => finding.Severity == severity);
    }

    /// <summary>One sentence: how many of what.</summary>
    public static string Say(AuditCounts counts)
    {
        string[] severities = [.. new[] { (counts.Critical, "critical"), (counts.High, "high"), (counts.Medium, "medium"), (counts.Low, "low") }
            .Where(pair => pair.Item1 > 0).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Item1} {pair.Item2}"))];
        var faults = counts is { Failed: 0, Judged: 0 } ? "Nothing could be judged" : counts.Failed == 0 ? "No faults were found" : string.Create(CultureInfo.InvariantCulture, $"{counts.Failed} faults ({string.Join(", ", severities)})");
        var news = counts.New + counts.Known == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", of them {counts.New} new");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{faults}{news}; {counts.Info} worth knowing, {counts.Fixed} fixed, {counts.Accepted} accepted, {counts.Unknown + counts.NotPermitted} could not be determined, {counts.Manual} for a person, {counts.Passed} checks passed.");
    }

    /// <summary>What the history keeps of them.</summary>
    public static IReadOnlyDictionary<string, double> Write(AuditCounts counts) =>
        typeof(AuditCounts).GetProperties().Where(property => property.PropertyType == typeof(int)).ToDictionary(property => property.Name, property => (double)(int)property.GetValue(counts)!);

    /// <summary>What the history kept.</summary>
    public static AuditCounts Read(IReadOnlyDictionary<string, double> values)
    {
        int Of(string name) => (int)values.GetValueOrDefault(name);
        return new AuditCounts
        {
            Failed = Of(nameof(AuditCounts.Failed)), Critical = Of(nameof(AuditCounts.Critical)), High = Of(nameof(AuditCounts.High)), Medium = Of(nameof(AuditCounts.Medium)),
            Low = Of(nameof(AuditCounts.Low)), Info = Of(nameof(AuditCounts.Info)), New = Of(nameof(AuditCounts.New)), Known = Of(nameof(AuditCounts.Known)),
            Accepted = Of(nameof(AuditCounts.Accepted)), Fixed = Of(nameof(AuditCounts.Fixed)), Unknown = Of(nameof(AuditCounts.Unknown)), NotPermitted = Of(nameof(AuditCounts.NotPermitted)),
            Manual = Of(nameof(AuditCounts.Manual)), Passed = Of(nameof(AuditCounts.Passed)), Judged = Of(nameof(AuditCounts.Judged)), NotChecked = Of(nameof(AuditCounts.NotChecked)),
        };
    }
}
