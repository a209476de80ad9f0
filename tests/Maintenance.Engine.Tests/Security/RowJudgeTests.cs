using Maintenance.Engine.Security.Rows;

namespace Maintenance.Engine.Tests.Security;

public sealed class RowJudgeTests
{
    private const int Limit = 100;
    private static readonly RowSecuritySubject A = new("A", "app");
    private static readonly RowSecuritySubject Stranger = new("anon", "anon") { IsStranger = true };
    private static readonly RowRelation Table = new(1, "public", "notes", "public.notes", 'r', "postgres", true, false, true, "", [], true);

    private static RowSecurityAccess Judge(RowSecuritySubject subject, RowTrial trial, string? expectations = null, RowRelation? relation = null) =>
        new RowJudge(new MaintenanceTarget { Name = "test" }, "shop", expectations is null ? null : RowExpectations.Read(expectations), true, Limit, Facts.Now).Judge(subject, relation ?? Table, trial);

    private static RowTrial Selected(long? rows, long? total, string? code = null) =>
        new() { Answers = new Dictionary<RowCommand, RowAnswer> { [RowCommand.Select] = new(rows, null, code) }, Total = total };

    private static string Expecting(string value, string subject = "A") =>
        """{"version":1,"subjects":[{"name":"SUBJECT","role":"app"}],"tables":{"public.notes":{"SUBJECT":{"select":VALUE}}}}"""
            .Replace("SUBJECT", subject, StringComparison.Ordinal).Replace("VALUE", value, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"None\"", 0, 10, FindingOutcome.Pass)]
    [InlineData("\"None\"", 1, 10, FindingOutcome.Fail)]
    [InlineData("\"Some\"", 3, 10, FindingOutcome.Pass)]
    [InlineData("\"Some\"", 10, 10, FindingOutcome.Fail)]
    [InlineData("\"All\"", 10, 10, FindingOutcome.Pass)]
    [InlineData("\"All\"", 9, 10, FindingOutcome.Fail)]
    [InlineData("\"Denied\"", 0, 10, FindingOutcome.Fail)]
    [InlineData("3", 3, 10, FindingOutcome.Pass)]
    [InlineData("3", 4, 10, FindingOutcome.Fail)]
    [InlineData("200", 101, 101, FindingOutcome.Unknown)] // more than are counted
    [InlineData("50", 101, 101, FindingOutcome.Fail)]
    [InlineData("\"All\"", 101, 101, FindingOutcome.Pass)] // some or all, nobody knows: it is no more than expected
    public void What_is_reached_is_compared_with_what_is_expected(string expected, long rows, long total, FindingOutcome outcome) =>
        Assert.Equal(outcome, Judge(A, Selected(rows, total), Expecting(expected)).Select!.Outcome);

    [Fact]
    public void More_than_expected_is_a_leak_and_less_is_told_too()
    {
        var leak = Judge(A, Selected(10, 10), Expecting("\"Some\"")).Findings.Single(finding => finding.Outcome == FindingOutcome.Fail);
        Assert.Equal(("DBRLS-SELECT-LEAK", FindingSeverity.High, "public.notes"), (leak.Id, leak.Severity, leak.Subject));
        var less = Judge(A, Selected(1, 10), Expecting("\"All\"")).Findings.Single(finding => finding.Outcome == FindingOutcome.Fail);
        Assert.Equal(("DBRLS-SELECT-LESS", FindingSeverity.Medium), (less.Id, less.Severity));
        Assert.Equal("DBRLS-SELECT-LESS", Judge(A, Selected(null, null, "42501"), Expecting("\"None\"")).Findings.Single(finding => finding.Outcome == FindingOutcome.Fail).Id);
    }

    [Fact]
    public void That_nothing_is_reached_proves_something_only_where_there_is_something_to_see()
    {
        Assert.Equal(FindingOutcome.Unknown, Judge(Stranger, Selected(0, 0)).Select!.Outcome);
        Assert.Equal(FindingOutcome.NotPermitted, Judge(Stranger, Selected(0, null)).Select!.Outcome);
        Assert.Equal(FindingOutcome.NotPermitted, Judge(A, Selected(0, null), Expecting("\"None\"")).Select!.Outcome);
        Assert.Equal(FindingOutcome.Pass, Judge(Stranger, Selected(0, 10)).Select!.Outcome);
        Assert.Equal(FindingOutcome.Pass, Judge(Stranger, Selected(null, null, "42501")).Select!.Outcome);
    }

    [Fact]
    public void Without_expectations_only_strangers_are_judged_and_only_where_rows_belong_to_somebody()
    {
        Assert.Equal(FindingOutcome.Fail, Judge(Stranger, Selected(1, 10)).Select!.Outcome);
        Assert.Equal(FindingOutcome.Manual, Judge(Stranger, Selected(1, 10), relation: Table with { IsPersonal = false }).Select!.Outcome);
        Assert.Equal(FindingOutcome.Manual, Judge(A, Selected(1, 10)).Select!.Outcome);
        // But nobody who is a stranger writes anywhere.
        var deleting = new RowTrial { Answers = new Dictionary<RowCommand, RowAnswer> { [RowCommand.Delete] = new(1, null, null) }, Total = 10 };
        Assert.Equal(FindingOutcome.Fail, Judge(Stranger, deleting, relation: Table with { IsPersonal = false }).Delete!.Outcome);
    }

    [Fact]
    public void What_was_not_tried_or_went_wrong_is_never_well()
    {
        var access = Judge(A, new RowTrial { Failure = "somebody holds a lock on it", Untried = new Dictionary<RowCommand, string> { [RowCommand.Insert] = "rules would run other statements" } }, Expecting("\"None\""));
        Assert.DoesNotContain(access.Cells(), cell => cell.Outcome == FindingOutcome.Pass);
        Assert.Equal(FindingOutcome.Manual, access.Insert!.Outcome);
        Assert.Contains(access.Findings, finding => finding.Id == "DBRLS-NOT-TRIED" && finding.Message.Contains("somebody holds a lock", StringComparison.Ordinal));
        Assert.Equal("the server ended it with an error (22012 division_by_zero)", Judge(A, Selected(null, null, "22012")).Select!.Reason);
        Assert.Equal("the server ended it with an error (X1234)", Judge(A, Selected(null, null, "X1234")).Select!.Reason);
        Assert.Equal("the server refused it (42501 insufficient_privilege)", Judge(A, Selected(null, null, "42501")).Select!.Reason);
    }
}
