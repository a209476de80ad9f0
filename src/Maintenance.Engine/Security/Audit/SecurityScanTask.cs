using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Security.Audit;

/// <summary>The daily look at what can change from one day to the next (guide S5): catalogue, row security and scanners.</summary>
internal sealed class SecurityScanTask(SecurityAuditService audits) : IMaintenanceTask
{
    public const string TaskName = "SecurityScan";

    private static readonly AuditPart[] Parts = [AuditPart.Catalogue, AuditPart.RowSecurity, AuditPart.Dependencies, AuditPart.Secrets, AuditPart.Code];

    public string Name => TaskName;

    public string Description => "Looks at the catalogue, row security, dependencies and source code, and tells what is new or could not be determined.";

    public bool ChangesSystem => false;

    public string LockName => Name;

    public bool AnnouncesTroubleAlone => true;

    public string Announcement => "Tell on Security what is new and what could not be determined, if there is anything";

    public string LogFolder => "security-logs";

    // Guide S5: ten to twenty minutes.
    public TimeSpan DefaultTimeout => TimeSpan.FromMinutes(20);

    public IReadOnlyList<PlannedStep> Plan(MaintenanceTarget target) => [.. Parts.Select(part => new PlannedStep(AuditSteps.NameOf(part), $"Look at {AuditParts.Name(part)}"))];

    public async Task<TaskOutcome> RunAsync(TaskContext context, CancellationToken cancellationToken)
    {
        var report = await audits.AuditAsync(
            context.Target, new SecurityReportQuery { Parts = Parts }, AuditLedger.Scans, context.Call with { Timeout = context.Deadline.Remaining }, cancellationToken);
        return new TaskOutcome([.. AuditSteps.Of(report, Parts)], AuditSteps.Metrics(report), AuditSteps.Findings(report));
    }

    // Known faults are told once a month: what is told every day is read by nobody.
    public IReadOnlyList<NotificationMessage> MessagesFor(MaintenanceRun run)
    {
        var news = run.Findings.Any(finding => finding is { Outcome: FindingOutcome.Fail, State: FindingState.New or FindingState.Untracked, Severity: > FindingSeverity.Info });
        var unseen = run.Steps.Where(step => step.State != StepState.Done).Select(step => step.Name).ToList();
        return news || unseen.Count > 0
            ? [AuditMessages.Of(run, unseen.Count > 0 ? [$"Not looked at: {string.Join(", ", unseen)}."] : [])]
            : [];
    }
}
