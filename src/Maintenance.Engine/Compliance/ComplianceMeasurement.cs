using Maintenance.Engine.Analytics;

namespace Maintenance.Engine.Compliance;

/// <summary>
/// The score alone, as a part of the system's health (guide D4): judged by its limits, not by each finding, which
/// Get-ComplianceReport tells. Pure.
/// </summary>
internal static class ComplianceMeasurement
{
    /// <summary>Makes it of what was read.</summary>
    /// <exception cref="MaintenanceException">Nothing could be read at all: what kept the first part.</exception>
    public static ComplianceReport Of(ComplianceFacts facts, ComplianceReportType type, Judgement judgement)
    {
        if (facts.Failures.Count == 4)
        {
            throw facts.Failures[0];
        }

        foreach (var (subject, failure) in new[]
        {
            ("consents", facts.Consents.Failure),
            ("access requests", facts.Access.Failure),
            ("erasure requests", facts.Deletion.Failure),
            ("audit log", facts.Audit.Failure),
        })
        {
            if (failure is not null)
            {
                judgement.Miss(subject, failure);
            }
        }

        var verdict = ComplianceVerdict.Of(judgement.Target, facts, judgement.Now);
        judgement.Measure("gdpr_compliance_score", verdict.Score, verdict.Reason);
        return new ComplianceReport
        {
            Target = judgement.Target.Name,
            Status = judgement.Status,
            Source = judgement.Source,
            SourceReason = judgement.SourceReason,
            Window = ComplianceReader.Period,
            CollectedAt = judgement.Now,
            Metrics = judgement.Metrics,
            Findings = judgement.Findings,
            ReportType = type,
            Score = verdict.Score,
            CoveragePercent = verdict.Coverage,
            ConsentPercent = verdict.Consents.Percent,
            AccessRequestPercent = verdict.Access.Percent,
            DeletionPercent = verdict.Deletion.Percent,
            AuditPercent = verdict.Audit.Percent,
            Issues = verdict.Issues,
            ActionItems = verdict.ActionItems,
        };
    }
}
