using Maintenance.Engine.Compliance;

namespace Maintenance.Engine.Tests.Compliance;

/// <summary>Resolved is what is gone, whatever the function says.</summary>
public sealed class ComplianceResolverTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 31, 12, 0, 0, TimeSpan.Zero);

    private static readonly ComplianceResolution Plan = new()
    {
        Target = "t",
        State = ComplianceResolutionState.Planned,
        Reason = "",
        Issues = [Issue("3 alerts stand open", "Low "), Issue("A banner is old", "low"), Issue("5 requests are overdue", "high")],
        CollectedAt = Now,
    };

    private static ComplianceIssue Issue(string text, string severity) => new() { Issue = text, Severity = severity };

    private static ComplianceResolution Compare(IReadOnlyList<ComplianceIssue> after, long? claimed = 2, MaintenanceException? failure = null) =>
        ComplianceResolver.Compare(Plan, after, claimed, failure, Now);

    [Fact]
    public void What_is_gone_is_resolved_and_others_are_not_touched()
    {
        var result = Compare([Issue("5 requests are overdue", "high")]);
        Assert.Equal((ComplianceResolutionState.Resolved, 2L), (result.State, result.ClaimedCount));
        Assert.Equal([ComplianceIssueState.Resolved, ComplianceIssueState.Resolved, ComplianceIssueState.NotTouched], result.Issues.Select(issue => issue.State));
    }

    [Fact]
    public void What_is_still_there_is_not_resolved_though_its_figure_is_another()
    {
        var result = Compare([Issue("2 alerts stand open", "low"), Issue("A banner is old", "low")]);
        Assert.Equal(ComplianceResolutionState.NotResolved, result.State);
        Assert.Contains("still tells of all 2 of low severity", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_issue_that_is_only_called_otherwise_now_is_still_there() =>
        Assert.Equal(ComplianceResolutionState.PartlyResolved, Compare([Issue("A banner is old", "info")]).State);

    [Fact]
    public void A_call_that_failed_may_have_done_it_nevertheless()
    {
        var result = Compare([], null, new MaintenanceException(MaintenanceErrorCode.FunctionTimeout, "No answer.", "Try again."));
        Assert.Equal((ComplianceResolutionState.Resolved, null), (result.State, result.ClaimedCount));
        Assert.Contains("FunctionTimeout", result.Reason, StringComparison.Ordinal);
    }
}
