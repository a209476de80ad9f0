using Maintenance.Engine.Security.Audit;
using static Maintenance.Engine.Tests.Security.Audit.AuditSample;

namespace Maintenance.Engine.Tests.Security.Audit;

public sealed class AuditMessagesTests
{
    private static readonly Finding[] Some =
    [
        Found("DBSEC-A", severity: FindingSeverity.Critical, subject: "mrs.example@private") with { State = FindingState.New },
        Found("DBSEC-B", subject: "one") with { State = FindingState.Known },
        Found("DBSEC-B", subject: "two") with { State = FindingState.New },
        Found("DBSEC-C", severity: FindingSeverity.Medium) with { State = FindingState.Known },
        Found("DBSEC-D", severity: FindingSeverity.Low) with { State = FindingState.Known },
        Found("DBSEC-E") with { State = FindingState.Accepted },
        Found("AUDIT-CODE", FindingOutcome.Unknown),
        Found("DBSEC-F", FindingOutcome.NotPermitted),
        Found("DBSEC-G", FindingOutcome.Manual),
        Found("DBSEC-H", FindingOutcome.Pass),
    ];

    [Fact]
    public void The_summary_says_the_counts_and_the_worst_and_no_subject()
    {
        var message = AuditMessages.Of(Report(Some, [Found("DBSEC-I", subject: "gone") with { State = FindingState.Fixed }]));
        Assert.Equal(("Security", HealthStatus.Critical), (message.Channel, message.Severity));
        Assert.Equal("Security audit of production: 5 faults, 2 new, 2 could not be determined", message.Title);
        Assert.Contains("Worst: DBSEC-A (critical), DBSEC-B (high, 2 times), DBSEC-C (medium).", message.Text, StringComparison.Ordinal);
        Assert.Contains("The report was not published.", message.Text, StringComparison.Ordinal);
        Assert.Equal(["2", "3", "1", "1", "2", "1"], message.Fields.Select(field => field.Value));
        Assert.DoesNotContain("mrs.example", message.Title + message.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_scan_tells_only_what_is_new_or_could_not_be_looked_at()
    {
        var task = new SecurityScanTask(null!);
        Assert.Empty(task.MessagesFor(Run([Found("DBSEC-A") with { State = FindingState.Known }, Found("DBSEC-B") with { State = FindingState.Accepted }, Found("DBSEC-C", FindingOutcome.NotPermitted)])));
        Assert.Contains("1 new", Assert.Single(task.MessagesFor(Run([Found("DBSEC-A") with { State = FindingState.New }]))).Title, StringComparison.Ordinal);
        Assert.Contains("Not looked at: Secrets.", Assert.Single(task.MessagesFor(Run([], StepState.Failed))).Text, StringComparison.Ordinal);
        // Where there is no history nothing is known to be old.
        Assert.Single(task.MessagesFor(Run([Found("DBSEC-A")])));
    }

    private static MaintenanceRun Run(Finding[] findings, StepState state = StepState.Done) => new()
    {
        Id = Guid.CreateVersion7(),
        Task = "SecurityScan",
        Target = "production",
        Status = HealthStatus.Warning,
        Message = "",
        StartedAt = Now,
        Findings = findings,
        Steps = [new MaintenanceStep { Name = "Secrets", State = state, Status = HealthStatus.Ok, Message = "", StartedAt = Now }],
    };
}
