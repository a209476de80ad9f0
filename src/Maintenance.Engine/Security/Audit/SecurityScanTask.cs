using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Security.Audit;

/// <summary>The daily look at what can change from one day to the next (guide S5): catalogue, row security and scanners.</summary>
internal sealed class SecurityScanTask(SecurityAuditService audits) : IMaintenanceTask
{
    public const string TaskName = "SecurityScan";

    private static readonly AuditPart[] Parts = [AuditPart.Catalogue, AuditPart.RowSecurity, AuditPart.Dependencies, AuditPart.Secrets, AuditPart.Code];

    public string Name => TaskName;

    public string Description => "Looks at the catalogue, row security, dependencies and source code, and tells what is new or newly could not be determined.";

    public bool ChangesSystem => false;

    public string LockName => Name;

    public bool AnnouncesTroubleAlone => true;

    public string Announcement => "Tell on Security what is new, and what newly could not be determined, if there is anything; on Sundays what still cannot be";

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

    // Known faults are told once a month: what is told every day is read by nobody. What could not be determined is told when it
    // begins, and once a week as long as it lasts.
    public IReadOnlyList<NotificationMessage> MessagesFor(MaintenanceRun run)
    {
        var faults = run.Findings.Any(finding => SecurityChecklist.IsFault(finding) && finding.State is FindingState.New or FindingState.Untracked);
        var gaps = run.Findings.Where(AuditGaps.Is).ToList();
        // Without a history nothing is known to be old; what nobody configured and what the role may not see is no failure.
        var news = gaps.Where(finding => finding.State == FindingState.New || (finding.State == FindingState.Untracked && AuditGaps.IsOfScanner(finding))).ToList();
        var failed = run.Steps.Where(step => step.State is not (StepState.Done or StepState.Skipped) && !IsKnown(step, run)).ToList();
        var isReminder = run.StartedAt.UtcDateTime.DayOfWeek == DayOfWeek.Sunday && gaps.Count > 0;
        if (!faults && news.Count == 0 && failed.Count == 0 && !isReminder)
        {
            return [];
        }

        var unseen = run.Steps.Where(step => step.State != StepState.Done).Select(step => step.Name).ToList();
        return
        [
            AuditMessages.Of(
                run,
                [
                    .. unseen.Count > 0 ? new[] { $"Not looked at: {string.Join(", ", unseen)}." } : [],
                    .. Ids("Could not be determined, which is new", news),
                    .. isReminder ? Ids("Still could not be determined", gaps.Except(news)) : [],
                ]),
        ];
    }

    private static bool IsKnown(MaintenanceStep step, MaintenanceRun run) =>
        Parts.Any(part => AuditSteps.NameOf(part) == step.Name && run.Findings.Any(finding => finding.Id == AuditParts.IdOf(part) && finding.State == FindingState.Known));

    private static IEnumerable<string> Ids(string what, IEnumerable<Finding> findings) =>
        findings.Select(finding => finding.Id).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList() is { Count: > 0 } ids
            ? [$"{what}: {string.Join(", ", ids.Take(10))}{(ids.Count > 10 ? " and others" : "")}."]
            : [];
}
