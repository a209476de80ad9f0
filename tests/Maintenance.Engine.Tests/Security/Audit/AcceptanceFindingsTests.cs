using Maintenance.Engine.Security.Audit;
using Maintenance.Engine.Security.Ledger;
using static Maintenance.Engine.Tests.Security.Audit.AuditSample;

namespace Maintenance.Engine.Tests.Security.Audit;

public sealed class AcceptanceFindingsTests
{
    private static AcceptedFinding Rule(string id, int days, string? subject = null) => new() { Id = id, Subject = subject, Until = Today.AddDays(days), By = "A. Nyone", Reason = "known" };

    private static readonly AuditPart[] All = Enum.GetValues<AuditPart>();

    private static List<Finding> Of(IReadOnlyList<Finding> found, AuditPart[] looked, params AcceptedFinding[] accepted) =>
        [.. AcceptanceFindings.Of(new MaintenanceTarget { Name = "production", Security = new SecurityPolicy { Accepted = accepted } }, found, looked, Now)];

    private static IEnumerable<(string Id, string? Subject)> Failed(IEnumerable<Finding> findings) => findings.Where(finding => finding.Outcome == FindingOutcome.Fail).Select(finding => (finding.Id, finding.Subject));

    [Fact]
    public void What_is_over_what_soon_is_and_what_names_nothing_is_told()
    {
        var found = Of(
            [Found("DBSEC-RLS-OFF", subject: "x"), Found("DEP-VULNERABLE"), Found("CODE-FLAW"), Found("DBSEC-TLS-OFF", FindingOutcome.Pass)],
            All,
            Rule("DBSEC-RLS-OFF", -1, "x"), Rule("DEP-VULNERABLE", 0), Rule("CODE-FLAW", 30), Rule("DBSEC-TLS-OFF", 90));
        Assert.Equal([(AcceptanceFindings.Expired, "DBSEC-RLS-OFF of x"), (AcceptanceFindings.Expiring, "DEP-VULNERABLE"), (AcceptanceFindings.Unused, "DBSEC-TLS-OFF")], Failed(found));
        Assert.Equal(HealthStatus.Warning, found[0].Status);
        Assert.Equal(HealthStatus.Ok, found[1].Status);
    }

    [Fact]
    public void What_names_nothing_is_told_where_every_part_was_looked_at_that_it_may_be_about()
    {
        AcceptedFinding[] rules = [Rule("DBSEC-RLS-OFF", 90), Rule("DEP-VULN*", 90)];
        Assert.Empty(Unused([Found("DBSEC-RLS-OFF")], [AuditPart.Catalogue], rules));
        Assert.Equal(["DEP-VULN*"], Unused([Found("DBSEC-RLS-OFF")], [AuditPart.Catalogue, AuditPart.Dependencies], rules));
        // What could not be determined may be there.
        Assert.Empty(Unused([Found("DBSEC-RLS-OFF"), Found("DEP-VULNERABLE", FindingOutcome.Unknown)], [AuditPart.Catalogue, AuditPart.Dependencies], rules));
        // It is found only where the report is published.
        Assert.Empty(Unused([], All, Rule("AUDIT-NOT-IMMUTABLE", 90)));
    }

    [Theory]
    [InlineData("DBSEC-NO-SUCH-CHECK")]
    [InlineData("DBSEC-RSL-*")]
    [InlineData("DBSECRLS-OFF")]
    [InlineData("DEP")]
    public void What_no_check_is_called_is_told_wherever_was_looked(string id)
    {
        Assert.Equal([id], Unused([], [], Rule(id, 90)));
        Assert.False(AcceptedIds.CanExist(id));
    }

    [Theory]
    [InlineData("*-RLS-OFF")]
    [InlineData("dbsec-rls-off")]
    [InlineData("GDPR-*")]
    [InlineData("DEP-SOMETHING")]
    [InlineData("AZURE-NSG-*")]
    public void What_a_check_may_be_called_is_not(string id) => Assert.Empty(Unused([], [], Rule(id, 90)));

    [Theory]
    [InlineData("*", 90, FindingSeverity.Medium)]
    [InlineData("DBSEC-*", 90, FindingSeverity.Medium)]
    [InlineData("D*", 90, FindingSeverity.Medium)]
    [InlineData("DBSEC-RLS-*", 367, FindingSeverity.Low)]
    [InlineData("DBSEC-RLS-*", 366, null)]
    [InlineData("*-RLS-OFF", 90, null)]
    [InlineData("DBSEC-*", -1, null)]
    public void What_accepts_too_much_or_for_too_long_is_told_and_cannot_be_accepted(string id, int days, FindingSeverity? severity)
    {
        var rule = Rule(id, days);
        var wide = Of([Found("DBSEC-RLS-OFF")], All, rule).SingleOrDefault(finding => finding is { Id: AcceptanceFindings.Wide, Outcome: FindingOutcome.Fail });
        Assert.Equal(severity, wide?.Severity);
        Assert.Null(new AcceptanceList([rule], Today).Find(wide ?? Found(AcceptanceFindings.Wide)));
    }

    [Fact]
    public void Of_one_subject_every_check_may_be_accepted() =>
        Assert.DoesNotContain(Failed(Of([Found("DBSEC-RLS-OFF", subject: "x")], All, Rule("DBSEC-*", 90, "x"))), pair => pair.Id == AcceptanceFindings.Wide);

    [Fact]
    public void Where_nothing_was_accepted_there_is_nothing_to_say_and_where_all_is_well_that_is_said()
    {
        Assert.Empty(Of([Found("DBSEC-RLS-OFF")], All));
        Assert.All(Of([Found("DBSEC-RLS-OFF")], All, Rule("DBSEC-RLS-OFF", 90)), finding => Assert.Equal(FindingOutcome.Pass, finding.Outcome));
    }

    private static IEnumerable<string?> Unused(IReadOnlyList<Finding> found, AuditPart[] looked, params AcceptedFinding[] accepted) =>
        Failed(Of(found, looked, accepted)).Where(pair => pair.Id == AcceptanceFindings.Unused).Select(pair => pair.Subject);
}
