namespace Maintenance.Engine.Compliance;

/// <summary>What all parts came to together. Pure.</summary>
internal sealed class ComplianceVerdict
{
    private readonly PartJudgement[] _scored;

    private ComplianceVerdict(Func<PartJudgement> part)
    {
        (Consents, Access, Deletion, Audit, Sequence, Retention) = (part(), part(), part(), part(), part(), part());
        _scored = [Consents, Access, Deletion, Audit];
    }

    public PartJudgement Consents { get; }

    public PartJudgement Access { get; }

    public PartJudgement Deletion { get; }

    public PartJudgement Audit { get; }

    public PartJudgement Sequence { get; }

    public PartJudgement Retention { get; }

    /// <summary>The mean of the four parts that the guide names; parts where nothing was to do do not count. Null if one is unknown: a mean of the rest would hide it.</summary>
    public double? Score => _scored.All(part => !part.IsUnknown) && _scored.Any(part => part.Percent is not null) ? _scored.Average(part => part.Percent) : null;

    /// <summary>Why there is no score.</summary>
    public string? Reason => Score is null ? _scored.FirstOrDefault(part => part.IsUnknown)?.Reason ?? "There is nothing to judge by." : null;

    /// <summary>How many of the four parts the score stands on, in percent: neither those that could not be told nor those without anything to judge.</summary>
    public double Coverage => 100.0 * _scored.Count(part => part.Percent is not null) / _scored.Length;

    public IReadOnlyList<Finding> Findings =>
        [.. new[] { Consents, Access, Deletion, Audit, Sequence, Retention }.SelectMany(part => part.Findings)];

    /// <summary>What is wrong, in sentences.</summary>
    public IReadOnlyList<string> Issues => [.. Findings.Where(finding => finding.Outcome == FindingOutcome.Fail).Select(finding => finding.Message)];

    /// <summary>What is to be done about it, the most urgent first.</summary>
    public IReadOnlyList<ComplianceActionItem> ActionItems =>
        [.. Findings
            .Where(finding => finding.Outcome == FindingOutcome.Fail)
            .GroupBy(finding => finding.Recommendation!)
            .Select(same => (Action: same.Key, Severity: same.Max(finding => finding.Severity)))
            .OrderByDescending(item => item.Severity)
            .Select(item => ComplianceActionItem.Of(item.Action, item.Severity.ToString().ToLowerInvariant(), MeasurementSource.Database))];

    /// <summary>Judges what was read.</summary>
    /// <param name="target">The target.</param>
    /// <param name="facts">What was read.</param>
    /// <param name="now">The time.</param>
    public static ComplianceVerdict Of(MaintenanceTarget target, ComplianceFacts facts, DateTimeOffset now)
    {
        var verdict = new ComplianceVerdict(() => new PartJudgement(target.Name, facts.Database, now));
        var (consents, requests, log) = (TableName.Of(target.Analytics.Consents.Table), TableName.Of(target.Analytics.SubjectRequests.Table), TableName.Of(target.Analytics.AuditLog.Table));
        ComplianceRules.Consents(facts.Consents, consents, verdict.Consents);
        ComplianceRules.Requests(facts.Access, requests, verdict.Access, "access", "analytics.subjectRequests.accessType", ComplianceCheck.AccessOverdue, ComplianceCheck.AccessLate);
        ComplianceRules.Requests(facts.Deletion, requests, verdict.Deletion, "deletion", "analytics.subjectRequests.erasureType", ComplianceCheck.DeletionOverdue, ComplianceCheck.DeletionLate);
        ComplianceRules.Coverage(facts.Audit, log, verdict.Audit);
        ComplianceRules.Sequence(facts.Sequence, log, facts.Audit.Facts is not null, verdict.Sequence);
        ComplianceRules.Retention(facts.Retention, target.Retention.Count > 0, now, verdict.Retention);
        return verdict;
    }
}
