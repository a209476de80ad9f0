using Maintenance.Engine.Reporting;
using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Security.Audit;

/// <summary>The monthly audit (guide S9): every part, and a report that is published.</summary>
internal sealed class SecurityAuditTask(SecurityAuditService audits) : IMaintenanceTask
{
    /// <summary>Name of the step that publishes the report.</summary>
    public const string ReportStep = "Report";

    public string Name => "SecurityAudit";

    public string Description => "Audits security as a whole, compares it with the audit before, publishes the report, and tells the summary.";

    public bool ChangesSystem => false;

    public string LockName => Name;

    public string Announcement => "Tell the summary on Security";

    public string LogFolder => "security-logs";

    // Guide S9: three to six hours.
    public TimeSpan DefaultTimeout => TimeSpan.FromHours(6);

    public IReadOnlyList<PlannedStep> Plan(MaintenanceTarget target) =>
    [
        .. Enum.GetValues<AuditPart>().Select(part => new PlannedStep(AuditSteps.NameOf(part), $"Look at {AuditParts.Name(part)}")),
        new PlannedStep(ReportStep, SecurityAuditService.PlaceOf(target) is { } place ? $"Publish the report to {place}" : "Keep the report beside the log: no auditStore or artifactStore is configured"),
    ];

    public async Task<TaskOutcome> RunAsync(TaskContext context, CancellationToken cancellationToken)
    {
        var call = context.Call with { Timeout = context.Deadline.Remaining };
        var report = await audits.AuditAsync(context.Target, new SecurityReportQuery { WillPublish = true }, call, cancellationToken);
        var startedAt = context.Time.GetUtcNow();
        MaintenanceStep published;
        try
        {
            report = await audits.PublishAsync(context.Target, report, context.Call with { Timeout = null }, cancellationToken);
            published = Published(HealthStatus.Ok, StepState.Done, $"Published as {string.Join(", ", report.Published.Select(artifact => artifact.Location))}.");
        }
        catch (MaintenanceException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            published = Published(HealthStatus.Warning, StepState.Failed, exception.Message) with { Error = exception.Code, Recommendation = exception.Recommendation };
        }

        return new TaskOutcome([.. AuditSteps.Of(report, null), published], AuditSteps.Metrics(report), AuditSteps.Findings(report))
        {
            // What is published has a name of its own; what could not be is kept beside the log.
            Documents = published.State == StepState.Done ? [] :
            [
                new TaskDocument("AuditReport", "security-audits", "security-audit", "html", HtmlReportWriter.Write([SecurityReport.Of(report)], context.Time.GetUtcNow())),
                new TaskDocument("AuditReport", "security-audits", "security-audit", "md", MarkdownReportWriter.Write(SecurityReport.Of(report))),
            ],
        };

        MaintenanceStep Published(HealthStatus status, StepState state, string message) => new()
        {
            Name = ReportStep,
            State = state,
            Status = status,
            Message = message,
            StartedAt = startedAt,
            Duration = context.Time.GetUtcNow() - startedAt,
        };
    }

    public IReadOnlyList<NotificationMessage> MessagesFor(MaintenanceRun run)
    {
        var unseen = run.Steps.Where(step => step.State != StepState.Done && step.Name != ReportStep).Select(step => step.Name).ToList();
        return
        [
            AuditMessages.Of(
                run,
                [
                    .. unseen.Count > 0 ? new[] { $"Not looked at: {string.Join(", ", unseen)}." } : [],
                    .. run.Steps.Where(step => step.Name == ReportStep).Select(step => step.Message),
                ]),
        ];
    }
}
