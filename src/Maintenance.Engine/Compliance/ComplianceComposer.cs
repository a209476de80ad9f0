using Maintenance.Engine.Analytics;
using Maintenance.Engine.Functions;
using Maintenance.Engine.Health;
using Maintenance.Engine.Thresholds;

namespace Maintenance.Engine.Compliance;

/// <summary>Makes the report of what was read and what the function says. Pure.</summary>
/// <param name="target">The target.</param>
/// <param name="type">Which report.</param>
/// <param name="choice">Where figures were to come from.</param>
/// <param name="now">The time.</param>
internal sealed class ComplianceComposer(MaintenanceTarget target, ComplianceReportType type, MeasurementSourceChoice choice, DateTimeOffset now)
{
    /// <summary>Makes it.</summary>
    /// <param name="facts">What was read; null if the database was not to be asked.</param>
    /// <param name="opinion">What the function says; null if it was not to be asked.</param>
    public ComplianceReport Compose(ComplianceFacts? facts, Reading<ComplianceOpinion>? opinion)
    {
        var verdict = facts is null ? null : ComplianceVerdict.Of(target, facts, now);
        var theirs = opinion?.Facts;
        // Where we could tell nothing at all, the function's word is what there is; that we could not is told by the findings.
        var source = verdict is not null && (theirs is null || facts!.Failures.Count < 4) ? MeasurementSource.Database : MeasurementSource.Function;
        var isOurs = source == MeasurementSource.Database;
        var metrics = new MetricFactory(target, now);
        var judgement = new Judgement(target, HealthComponents.Compliance, source, Reason(facts, opinion, source), now);
        judgement.Measure("gdpr_compliance_score", isOurs ? verdict!.Score : theirs?.Score, isOurs ? verdict!.Reason : opinion?.Failure?.Message);
        var function = new PartJudgement(target.Name, target.Database?.Database, now);
        Judge(opinion, verdict, function);
        Finding[] findings = [.. verdict?.Findings ?? [], .. function.Findings, .. judgement.Findings];
        List<Metric> all = [.. judgement.Metrics, .. verdict is null ? [] : Shares(verdict, facts!, metrics)];
        if (opinion is not null)
        {
            // Under a name of its own: a series of ours must not mix with it.
            all.Add(metrics.Create("function_compliance_score", theirs?.Score, opinion.Failure?.Message, MetricUnit.Percent));
        }

        return new ComplianceReport
        {
            Target = target.Name,
            Status = all.Select(metric => metric.Status).Concat(Counted(findings)).Max(),
            Source = source,
            SourceReason = judgement.SourceReason,
            Window = ComplianceReader.Period,
            CollectedAt = now,
            Metrics = all,
            Findings = [.. findings.OrderByDescending(finding => finding.Status).ThenByDescending(finding => finding.Severity).ThenBy(finding => finding.Id, StringComparer.Ordinal).ThenBy(finding => finding.Subject, StringComparer.Ordinal)],
            ReportType = type,
            Score = isOurs ? verdict!.Score : theirs?.Score,
            CoveragePercent = isOurs ? verdict!.Coverage : null,
            ConsentPercent = isOurs ? verdict!.Consents.Percent : theirs?.Consents,
            AccessRequestPercent = isOurs ? verdict!.Access.Percent : theirs?.Access,
            DeletionPercent = isOurs ? verdict!.Deletion.Percent : theirs?.Deletion,
            AuditPercent = isOurs ? verdict!.Audit.Percent : theirs?.Audit,
            RetentionPercent = verdict?.Retention.Percent,
            OverdueRequests = facts?.Access.Facts?.Overdue + facts?.Deletion.Facts?.Overdue,
            FunctionScore = theirs?.Score,
            FunctionConsentPercent = theirs?.Consents,
            FunctionAccessRequestPercent = theirs?.Access,
            FunctionDeletionPercent = theirs?.Deletion,
            FunctionAuditPercent = theirs?.Audit,
            FunctionReason = FunctionReason(opinion),
            Issues = isOurs ? verdict!.Issues : theirs?.Issues ?? [],
            FunctionIssues = theirs?.Issues ?? [],
            ActionItems = [.. (verdict?.ActionItems ?? []).Concat(theirs?.ActionItems ?? []).OrderByDescending(item => item.PriorityLevel)],
            ProcessingActivities = [.. facts?.Activities?.Facts ?? [], .. theirs?.Activities ?? []],
        };
    }

    // What only a person can tell is no measurement that failed: it stands in the findings, and does not change the verdict on the rest.
    private static IEnumerable<HealthStatus> Counted(IEnumerable<Finding> findings) =>
        findings.Where(finding => finding.Outcome != FindingOutcome.Manual).Select(finding => finding.Status);

    private void Judge(Reading<ComplianceOpinion>? opinion, ComplianceVerdict? verdict, PartJudgement function)
    {
        if (opinion?.Failure is { } failure)
        {
            function.Unknown(
                ComplianceCheck.ScoresDisagree,
                FunctionCatalogue.GdprCompliance,
                $"The function's own scores are not known. {failure.Message}",
                failure.Recommendation,
                ("Error", failure.Code.ToString()));
        }

        opinion?.Facts?.Judge(verdict, ThresholdCatalogue.For(target, "gdpr_compliance_score")!.Evaluate(opinion.Facts.Score), function);
    }

    // Where there was nothing to do, there is no metric: one without a value would say that it could not be measured.
    private static IEnumerable<Metric> Shares(ComplianceVerdict verdict, ComplianceFacts facts, MetricFactory metrics)
    {
        (string Name, PartJudgement Part)[] parts =
        [
            ("gdpr_consent_percent", verdict.Consents),
            ("gdpr_access_request_percent", verdict.Access),
            ("gdpr_deletion_percent", verdict.Deletion),
            ("gdpr_audit_percent", verdict.Audit),
            .. facts.Retention is null ? Array.Empty<(string, PartJudgement)>() : [("gdpr_retention_percent", verdict.Retention)],
        ];
        foreach (var (name, part) in parts.Where(part => part.Part.Percent is not null || part.Part.IsUnknown))
        {
            yield return metrics.Create(name, part.Percent, part.Reason, MetricUnit.Percent);
        }

        yield return metrics.Create(
            "gdpr_overdue_requests",
            facts.Access.Facts?.Overdue + facts.Deletion.Facts?.Overdue,
            (facts.Access.Failure ?? facts.Deletion.Failure)?.Message,
            MetricUnit.Count);
    }

    private string Reason(ComplianceFacts? facts, Reading<ComplianceOpinion>? opinion, MeasurementSource source) => (source, opinion) switch
    {
        (MeasurementSource.Function, _) when facts is not null => $"{FunctionCatalogue.GdprCompliance} answered; from the database nothing could be told: {facts.Failures[0].Message}",
        (MeasurementSource.Function, _) => $"{FunctionCatalogue.GdprCompliance} answered.",
        (_, { Failure: { } failure }) => $"{FunctionCatalogue.GdprCompliance} failed ({failure.Code}): {failure.Message}",
        (_, { Facts: not null }) => $"Computed from the database; the scores of {FunctionCatalogue.GdprCompliance} stand beside.",
        _ when choice == MeasurementSourceChoice.Database => "The database was asked for.",
        _ => "The functions are not configured.",
    };

    private string FunctionReason(Reading<ComplianceOpinion>? opinion) => opinion switch
    {
        null when choice == MeasurementSourceChoice.Database => "The database alone was asked for.",
        null => "The functions are not configured.",
        { Failure: { } failure } => $"{failure.Code}: {failure.Message}",
        _ => $"{FunctionCatalogue.GdprCompliance} answered.",
    };
}
