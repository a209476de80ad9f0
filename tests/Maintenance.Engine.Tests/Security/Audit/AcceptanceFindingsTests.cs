using Maintenance.Engine.Security.Audit;
using static Maintenance.Engine.Tests.Security.Audit.AuditSample;

namespace Maintenance.Engine.Tests.Security.Audit;

public sealed class AcceptanceFindingsTests
{
    private static AcceptedFinding Rule(string id, int days, string? subject = null) => new() { Id = id, Subject = subject, Until = Today.AddDays(days), By = "A. Nyone", Reason = "known" };

    private static List<Finding> Of(IReadOnlyList<Finding> found, bool isWhole, params AcceptedFinding[] accepted) =>
        [.. AcceptanceFindings.Of(new MaintenanceTarget { Name = "production", Security = new SecurityPolicy { Accepted = accepted } }, found, isWhole, Now)];

    private static IEnumerable<(string Id, string? Subject)> Failed(IEnumerable<Finding> findings) => findings.Where(finding => finding.Outcome == FindingOutcome.Fail).Select(finding => (finding.Id, finding.Subject));

    [Fact]
    public void What_is_over_what_soon_is_and_what_names_nothing_is_told()
    {
        var found = Of([Found("DBSEC-A", subject: "x"), Found("DBSEC-B"), Found("DBSEC-C"), Found("DBSEC-D", FindingOutcome.Pass)], true, Rule("DBSEC-A", -1, "x"), Rule("DBSEC-B", 0), Rule("DBSEC-C", 30), Rule("DBSEC-D", 90));
        Assert.Equal([(AcceptanceFindings.Expired, "DBSEC-A of x"), (AcceptanceFindings.Expiring, "DBSEC-B"), (AcceptanceFindings.Unused, "DBSEC-D")], Failed(found));
        Assert.Equal(HealthStatus.Warning, found[0].Status);
        Assert.Equal(HealthStatus.Ok, found[1].Status);
    }

    [Fact]
    public void What_no_check_looked_at_is_not_called_unused()
    {
        Assert.DoesNotContain(Failed(Of([Found("DBSEC-A")], false, Rule("DBSEC-A", 90), Rule("DEP-*", 90))), pair => pair.Id == AcceptanceFindings.Unused);
        Assert.Contains(Failed(Of([Found("DBSEC-A"), Found("DEP-VULNERABLE", FindingOutcome.Pass)], false, Rule("DBSEC-A", 90), Rule("DEP-*", 90))), pair => pair.Id == AcceptanceFindings.Unused);
        Assert.Contains(Failed(Of([Found("DBSEC-A")], true, Rule("DBSEC-A", 90), Rule("DEP-*", 90))), pair => pair.Id == AcceptanceFindings.Unused);
    }

    [Fact]
    public void Where_nothing_was_accepted_there_is_nothing_to_say_and_where_all_is_well_that_is_said()
    {
        Assert.Empty(Of([Found("DBSEC-A")], true));
        Assert.All(Of([Found("DBSEC-A")], true, Rule("DBSEC-A", 90)), finding => Assert.Equal(FindingOutcome.Pass, finding.Outcome));
    }
}
