using Maintenance.Engine.Repair.Issues;

namespace Maintenance.Engine.Repair;

/// <summary>What was found and what came of it, as people are told. Pure.</summary>
internal sealed class RepairReport
{
    /// <param name="issues">The issues, and what came of each; also what could not be told.</param>
    /// <param name="firing">Alerts that fire now, after the repairs.</param>
    public RepairReport(IReadOnlyList<RepairedIssue> issues, IReadOnlyList<Finding> firing)
    {
        var known = issues.Select(issue => IssueCauses.Of(issue.Finding)).ToHashSet(StringComparer.Ordinal);
        // What is found to fire only now was wrong all the same.
        var left = Incident.Of(issues, firing).Where(incident => incident.End == IncidentEnd.Remains).SelectMany(incident => incident.Findings).ToList();
        Firing = [.. IssueCauses.Folded([.. left, .. firing]).Where(finding => IssueCauses.IsAlert(finding) && !known.Contains(IssueCauses.Of(finding)))];
        Incidents = Incident.Of(issues.Concat(Firing.Select(alert => new RepairedIssue(alert, null))), firing);
        Gaps = [.. issues.Select(issue => issue.Finding).Where(finding => finding.Outcome is not FindingOutcome.Fail and not FindingOutcome.Pass)];
        var explained = firing.Where(alert => !known.Contains(IssueCauses.Of(alert)) && IssueCauses.Explaining(alert, left) is not null).ToList();
        Aside = explained.Find(IssueCauses.IsOfWhole) is { } whole ? $"The score of the whole system is low because of that: {whole.Message}"
            : explained.Count > 0 ? $"Because of that {(explained.Count == 1 ? "an alert fires" : "alerts fire")} too: {string.Join(", ", explained.Select(alert => alert.Subject))}."
            : null;
    }

    /// <summary>What was wrong, each thing once.</summary>
    public IReadOnlyList<Incident> Incidents { get; }

    /// <summary>Alerts that fire now and are of no issue that was found.</summary>
    public IReadOnlyList<Finding> Firing { get; }

    /// <summary>What could not be looked at.</summary>
    public IReadOnlyList<Finding> Gaps { get; }

    /// <summary>What else there is to say; null for nothing.</summary>
    public string? Aside { get; }
}
