using Maintenance.Engine.Security;
using Maintenance.Engine.Security.Audit;
using static Maintenance.Engine.Tests.Security.Audit.AuditSample;

namespace Maintenance.Engine.Tests.Security.Audit;

public sealed class SecurityChecklistTests
{
    private const string RowSecurity = "Row level security is enabled";

    private static IReadOnlyList<AuditSection> Judge(IReadOnlyList<Finding> findings, IReadOnlyList<AuditPartResult>? parts = null) => SecurityChecklist.Judge(findings, parts ?? Looked, Today);

    [Fact]
    public void It_has_the_guides_seven_sections_in_their_order()
    {
        var sections = Judge([]);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], sections.Select(section => section.Number));
        Assert.Equal(
            ["Dependency security scan", "Code security analysis", "Infrastructure security review", "GDPR compliance review", "Access review", "Security recommendations", "Action items"],
            sections.Select(section => section.Title));
        Assert.All(sections, section => Assert.NotEmpty(section.Lines));
    }

    [Fact]
    public void Without_findings_no_line_of_a_check_passes()
    {
        Assert.All(Judge([]).Take(5).SelectMany(section => section.Lines), line => Assert.True(line.Outcome is FindingOutcome.Unknown or FindingOutcome.Manual, line.Text));
    }

    [Fact]
    public void With_every_check_passed_every_line_passes_but_those_that_only_a_person_can_answer()
    {
        var left = Judge(AllPassed()).Take(5).SelectMany(section => section.Lines).Where(line => line.Outcome != FindingOutcome.Pass).ToList();
        Assert.All(left, line => Assert.Equal(FindingOutcome.Manual, line.Outcome));
        Assert.Equal(["Access to the database is logged, and the logs were reviewed", "Permissions of edge functions were validated"], left.Select(line => line.Text));
    }

    [Fact]
    public void Every_check_of_the_catalogue_answers_a_line()
    {
        Assert.All(SecurityCatalogue.Checks, check => Assert.True(SecurityChecklist.Rules.Any(rule => rule.Means(check.Id)), check.Id));
        // And every id of the catalogue that a line names is one.
        var ids = SecurityCatalogue.Checks.Select(check => check.Id).ToHashSet(StringComparer.Ordinal);
        Assert.All(SecurityChecklist.Rules.SelectMany(rule => rule.Required).Where(need => need.StartsWith("DBSEC-", StringComparison.Ordinal)), need => Assert.Contains(need, ids));
        Assert.DoesNotContain(SecurityChecklist.Rules.SelectMany(rule => rule.Needs), need => need.StartsWith("DBSEC-", StringComparison.Ordinal) && need.EndsWith('*') && !ids.Any(id => id.StartsWith(need[..^1], StringComparison.Ordinal)));
    }

    [Fact]
    public void One_check_that_did_not_run_keeps_a_line_from_passing_and_is_named()
    {
        var line = Judge([.. AllPassed().Where(finding => finding.Id != "DBSEC-RLS-PARTITION")]).Line(RowSecurity);
        Assert.Equal(FindingOutcome.Unknown, line.Outcome);
        Assert.Contains("DBSEC-RLS-PARTITION", line.Evidence, StringComparison.Ordinal);
        // Of a pattern that means many checks of the catalogue each one must have run.
        Assert.Equal(FindingOutcome.Unknown, Judge([Found("DBSEC-SECRET-FUNCTION", FindingOutcome.Pass)]).Line("The database holds no secrets").Outcome);
    }

    [Theory]
    [InlineData(FindingOutcome.Unknown)]
    [InlineData(FindingOutcome.NotPermitted)]
    [InlineData(FindingOutcome.Manual)]
    public void What_could_not_be_told_is_the_verdict_with_its_reason_although_all_else_passed(FindingOutcome outcome)
    {
        var line = Judge([.. AllPassed(), Found("DBSEC-RLS-OFF", outcome, message: "The reason.")]).Line(RowSecurity);
        Assert.Equal(outcome, line.Outcome);
        Assert.Equal("The reason.", line.Evidence);
    }

    [Fact]
    public void A_fault_fails_the_line_and_what_could_not_be_told_beside_it_is_said()
    {
        var line = Judge([.. AllPassed(), Found("DBSEC-RLS-OFF", subject: "public.a"), Found("DBSEC-RLS-PARTITION", FindingOutcome.NotPermitted)]).Line(RowSecurity);
        Assert.Equal(FindingOutcome.Fail, line.Outcome);
        Assert.Contains("1 more could not be determined", line.Evidence, StringComparison.Ordinal);
        Assert.Equal(["DBSEC-RLS-OFF", "DBSEC-RLS-PARTITION"], line.FindingIds);
    }

    [Fact]
    public void What_is_only_worth_knowing_fails_no_line()
    {
        Assert.Equal(FindingOutcome.Pass, Judge([.. AllPassed(), Found("DBSEC-RLS-NO-POLICY", severity: FindingSeverity.Info)]).Line(RowSecurity).Outcome);
    }

    [Fact]
    public void What_was_accepted_is_called_accepted_and_never_passed()
    {
        var accepted = Found("DBSEC-RLS-OFF") with { State = FindingState.Accepted, Acceptance = new FindingAcceptance("A. Nyone", new DateOnly(2027, 1, 31), "known") };
        var line = Judge([.. AllPassed().Where(finding => finding.Id != "DBSEC-RLS-OFF"), accepted]).Line(RowSecurity);
        Assert.Equal(("Accepted", FindingOutcome.Fail), (line.Verdict(), line.Outcome));
        Assert.Contains("until 2027-01-31 by A. Nyone: known", line.Evidence, StringComparison.Ordinal);
        Assert.Equal(FindingOutcome.Fail, Judge([.. AllPassed(), accepted, Found("DBSEC-RLS-PARTITION")]).Line(RowSecurity).Outcome);
        Assert.False(Judge([.. AllPassed(), accepted, Found("DBSEC-RLS-PARTITION")]).Line(RowSecurity).IsAccepted);
    }

    [Fact]
    public void What_a_person_has_to_look_at_and_was_accepted_is_called_accepted_and_never_passed()
    {
        var accepted = Found("DBSEC-API-KEY-AGE", FindingOutcome.Manual) with { State = FindingState.Accepted, Acceptance = new FindingAcceptance("A. Nyone", new DateOnly(2027, 1, 31), "known") };
        var line = Judge([.. AllPassed().Where(finding => finding.Id != "DBSEC-API-KEY-AGE"), accepted]).Line("API keys were rotated");
        Assert.Equal(("Accepted", FindingOutcome.Manual), (line.Verdict(), line.Outcome));
        Assert.Contains("until 2027-01-31 by A. Nyone: known", line.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_of_one_check_says_what_the_check_says() =>
        Assert.Equal("There is no API.", Judge([Found("DBSEC-API-KEY-AGE", FindingOutcome.Pass, message: "There is no API."), Found("DBSEC-AUTH-KEY", FindingOutcome.Pass)]).Line("API keys were rotated").Evidence);

    [Fact]
    public void A_part_that_was_not_looked_at_makes_its_lines_unknown_with_the_reason()
    {
        AuditPartResult[] parts = [.. Looked.Select(part => part.Part == AuditPart.Dependencies ? new AuditPartResult(part.Part, false, "npm could not be started.") : part)];
        var sections = Judge([.. AllPassed(), Found("AUDIT-DEPENDENCIES", FindingOutcome.Unknown)], parts);
        Assert.Equal((FindingOutcome.Unknown, "npm could not be started."), (sections.Line("Dependencies have").Outcome, sections.Line("Dependencies have").Evidence));
        Assert.Equal(FindingOutcome.Unknown, sections.Line("Schedule dependency updates").Outcome);
        Assert.Contains(sections[6].Lines, line => line.Evidence == "npm could not be started." && line.DueOn is not null);
        Assert.Equal(FindingOutcome.Unknown, sections.Line("Address high-priority").Outcome);
    }

    [Fact]
    public void What_is_to_be_done_follows_from_the_findings_with_a_day_that_fits_how_much_it_matters()
    {
        var sections = Judge([Found("DBSEC-TLS-OFF", severity: FindingSeverity.Critical), Found("DBSEC-RLS-OFF", subject: "a"), Found("DBSEC-RLS-OFF", subject: "b"), Found("DBSEC-LOG-STATEMENT", severity: FindingSeverity.Low)]);
        var items = sections[6].Lines.Where(line => line.Group == "Faults").ToList();
        Assert.Equal(["Mend DBSEC-TLS-OFF.", "Mend DBSEC-RLS-OFF.", "Mend DBSEC-LOG-STATEMENT."], items.Select(line => line.Text));
        Assert.Equal([Today.AddDays(7), Today.AddDays(30), Today.AddDays(180)], items.Select(line => line.DueOn!.Value));
        Assert.Contains("2 findings: a, b.", items[1].Evidence, StringComparison.Ordinal);
        Assert.Equal(3, sections.Line("Address high-priority").FindingCount);
        Assert.Equal(Today.AddDays(30), sections.Line("Follow-up review").DueOn);
        Assert.Contains(sections[5].Lines, line => line.Text.StartsWith("Mend what is wrong with the catalogue", StringComparison.Ordinal) && line.Evidence.Contains("4 faults of 3 kinds", StringComparison.Ordinal));
        Assert.DoesNotContain(Judge(AllPassed())[6].Lines, line => line.Group is "Faults" or "What could not be determined");
        Assert.Equal(FindingOutcome.Pass, Judge(AllPassed()).Line("Schedule dependency updates").Outcome);
    }
}
