namespace Maintenance.Engine.Security.Audit;

/// <summary>An audit as steps, figures and findings of a run. Pure.</summary>
internal static class AuditSteps
{
    /// <summary>Name of the figure of checks that passed.</summary>
    public const string Passed = "security_checks_passed";

    /// <summary>Name of the step that looks at a part.</summary>
    public static string NameOf(AuditPart part) => part switch
    {
        AuditPart.RowSecurity => "Row security",
        AuditPart.PersonalData => "Personal data",
        _ => part.ToString(),
    };

    /// <summary>A step for each part that was asked for.</summary>
    /// <param name="report">The audit.</param>
    /// <param name="parts">The parts that were asked for; null for all.</param>
    public static IEnumerable<MaintenanceStep> Of(SecurityAuditReport report, IReadOnlyList<AuditPart>? parts) =>
        report.Parts.Where(part => parts?.Contains(part.Part) != false).Select(part => new MaintenanceStep
        {
            Name = NameOf(part.Part),
            State = part.IsLookedAt ? StepState.Done : part.IsConfigured ? StepState.Failed : StepState.Skipped,
            Status = report.Findings
                .Where(finding => AuditParts.Of(finding.Id) == part.Part)
                .Select(finding => finding.Status)
                .Append(part.IsLookedAt ? HealthStatus.Ok : HealthStatus.Unknown)
                .Max(),
            Message = part.Message,
            Recommendation = part.Recommendation,
            StartedAt = report.CollectedAt,
            Duration = part.Duration,
        });

    /// <summary>What the history keeps: everything but the checks that passed, which are a figure.</summary>
    public static IReadOnlyList<Finding> Findings(SecurityAuditReport report) =>
        [.. report.Findings.Where(finding => finding.Outcome != FindingOutcome.Pass), .. report.Fixed];

    public static IReadOnlyList<Metric> Metrics(SecurityAuditReport report)
    {
        return
        [
            Of("security_findings_open", report.Counts.Failed),
            Of("security_findings_critical", report.Counts.Critical),
            Of("security_findings_high", report.Counts.High),
            Of("security_findings_new", report.Counts.New),
            Of("security_findings_accepted", report.Counts.Accepted),
            Of("security_checks_unknown", report.Counts.Unknown + report.Counts.NotPermitted),
            Of(Passed, report.Counts.Passed),
        ];

        Metric Of(string name, int value) => new() { Name = name, Value = value, Unit = MetricUnit.Count, ObservedAt = report.CollectedAt, Target = report.Target };
    }
}
