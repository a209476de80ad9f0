using Maintenance.Engine.History;
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
        Assert.Equal("Security audit of production: 5 faults, 2 new, 2 could not be determined, 1 accepted", message.Title);
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

    [Fact]
    public void What_could_not_be_determined_is_told_when_it_begins_and_on_Sundays_and_not_each_day()
    {
        var task = new SecurityScanTask(null!);
        var crashed = Found("SECRET-FOUND", FindingOutcome.Unknown);
        Assert.Contains("which is new: SECRET-FOUND.", Assert.Single(task.MessagesFor(Run([crashed with { State = FindingState.New }]))).Text, StringComparison.Ordinal);
        Assert.Empty(task.MessagesFor(Run([crashed with { State = FindingState.Known }])));
        Assert.Contains("Still could not be determined: SECRET-FOUND.", Assert.Single(task.MessagesFor(Run([crashed with { State = FindingState.Known }], day: 1))).Text, StringComparison.Ordinal);
        Assert.Empty(task.MessagesFor(Run([], day: 1)));

        // A part that failed yesterday too, and one that nobody configured.
        var part = Found("AUDIT-SECRETS", FindingOutcome.Unknown);
        Assert.Empty(task.MessagesFor(Run([part with { State = FindingState.Known }], StepState.Failed)));
        Assert.Single(task.MessagesFor(Run([part with { State = FindingState.New }], StepState.Skipped)));
        Assert.Empty(task.MessagesFor(Run([part with { State = FindingState.Known }], StepState.Skipped)));
        Assert.Empty(task.MessagesFor(Run([part], StepState.Skipped)));
        // Without a history.
        Assert.Single(task.MessagesFor(Run([crashed])));
    }

    [Fact]
    public void Where_nothing_could_be_judged_nobody_is_told_that_there_are_no_faults()
    {
        var message = AuditMessages.Of(Report([Found("AUDIT-CATALOGUE", FindingOutcome.Unknown), Found("AUDIT-ACCEPTANCE-WIDE", FindingOutcome.Pass)]));
        Assert.Contains("nothing could be judged", message.Title, StringComparison.Ordinal);
        Assert.StartsWith("Nothing could be judged", message.Text, StringComparison.Ordinal);
        Assert.Contains("no faults found", AuditMessages.Of(Report([Found("DBSEC-RLS-OFF", FindingOutcome.Pass)])).Title, StringComparison.Ordinal);
    }

    [Fact]
    public void What_could_not_be_determined_is_known_by_check_and_scope_until_it_is_another_thing()
    {
        var gap = Found("SECRET-FOUND", FindingOutcome.Unknown, subject: "a") with { Scope = "gitleaks: web" };
        var last = new Snapshot { Target = "production", Kind = AuditLedger.Scans, TakenAt = Now, Values = AuditGaps.Write([gap, Found("DBSEC-A")]).ToDictionary() };
        Assert.Single(last.Values);
        FindingState StateOf(Finding finding, Snapshot? before) => AuditGaps.Compare([finding], before).Single().State;
        Assert.Equal(FindingState.Known, StateOf(gap with { Subject = "b", Message = "otherwise" }, last));
        Assert.Equal(FindingState.New, StateOf(gap, null));
        Assert.Equal(FindingState.New, StateOf(gap with { Scope = "secretlint: web" }, last));
        Assert.Equal(FindingState.New, StateOf(gap with { Severity = FindingSeverity.Medium }, last));
        Assert.Equal(FindingState.Untracked, StateOf(Found("DBSEC-B"), last));
    }

    private static MaintenanceRun Run(Finding[] findings, StepState state = StepState.Done, int day = 2) => new()
    {
        Id = Guid.CreateVersion7(),
        Task = "SecurityScan",
        Target = "production",
        Status = HealthStatus.Warning,
        Message = "",
        // The first of November 2026 is a Sunday.
        StartedAt = new DateTimeOffset(2026, 11, day, 3, 0, 0, TimeSpan.Zero),
        Findings = findings,
        Steps = [new MaintenanceStep { Name = "Secrets", State = state, Status = HealthStatus.Ok, Message = "", StartedAt = Now }],
    };
}
