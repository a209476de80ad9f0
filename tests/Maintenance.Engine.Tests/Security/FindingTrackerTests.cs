using Maintenance.Engine.History;
using Maintenance.Engine.Security.Ledger;

namespace Maintenance.EngineTests.Security;

public class FindingTrackerTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 8, 3, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset LastAudit = Now.AddDays(-28);

    [Fact]
    public void What_was_not_there_is_new_and_what_was_there_is_known()
    {
        var tracked = Track([Fail("A", "x"), Fail("A", "y")], [Open("A", "y", LastAudit.AddDays(-1))]);

        Assert.Equal([FindingState.New, FindingState.Known], tracked.Findings.Select(finding => finding.State));
        Assert.Equal([Now, LastAudit.AddDays(-1)], tracked.Findings.Select(finding => finding.FirstSeenAt!.Value));
    }

    [Fact]
    public void What_a_scan_saw_since_the_last_audit_is_new_to_the_audit() =>
        Assert.Equal(FindingState.New, Assert.Single(Track([Fail("A", "x")], [Open("A", "x", LastAudit.AddDays(3))]).Findings).State);

    [Theory]
    [InlineData(FindingOutcome.Pass, true)]
    [InlineData(FindingOutcome.Fail, true)]
    [InlineData(FindingOutcome.Unknown, false)]
    [InlineData(FindingOutcome.NotPermitted, false)]
    [InlineData(FindingOutcome.Manual, false)]
    public void Only_a_check_that_ran_shows_that_something_is_fixed(FindingOutcome outcome, bool isFixed)
    {
        var tracked = Track([Fail("A", "other") with { Outcome = outcome }], [Open("A", "x", LastAudit)]);

        Assert.Equal(isFixed ? 1 : 0, tracked.Fixed.Count);
        Assert.Equal(isFixed ? 0 : 1, tracked.NotChecked.Count);
        Assert.Equal(isFixed, tracked.Changes.Any(entry => entry.FixedAt == Now));
    }

    [Fact]
    public void A_check_that_saw_a_part_fixes_nothing()
    {
        var tracked = Track([Fail("A", "y"), Fail("A", null) with { Outcome = FindingOutcome.NotPermitted }], [Open("A", "x", LastAudit)]);

        Assert.Empty(tracked.Fixed);
        Assert.Equal("x", Assert.Single(tracked.NotChecked).Subject);
    }

    [Fact]
    public void What_may_be_filtered_fixes_nothing_and_says_that_what_is_not_in_it_was_not_looked_at()
    {
        var tracked = FindingTracker.Track([Fail("A", "y"), Fail("B", null) with { Outcome = FindingOutcome.Pass }], [Open("A", "x", LastAudit), Open("B", "x", LastAudit)], [], LastAudit, isWhole: false, Now);

        Assert.Empty(tracked.Fixed);
        Assert.Equal(2, tracked.NotChecked.Count);
        Assert.Equal(("y", null), (Assert.Single(tracked.Changes).Finding.Subject, tracked.Changes[0].FixedAt));
    }

    [Fact]
    public void Before_the_first_audit_what_scans_saw_is_new() =>
        Assert.Equal(FindingState.New, Assert.Single(FindingTracker.Track([Fail("A", "x")], [Open("A", "x", LastAudit)], [], null, isWhole: true, Now).Findings).State);

    [Fact]
    public void What_the_audit_found_in_itself_is_not_told_as_not_looked_at_again() =>
        Assert.Empty(Track([], [Open("AUDIT-NOT-IMMUTABLE", "x", LastAudit)]).NotChecked);

    [Fact]
    public void The_same_check_in_another_database_fixes_nothing() =>
        Assert.Empty(Track([Fail("A", "x") with { Database = "other" }], [Open("A", "x", LastAudit)]).Fixed);

    [Fact]
    public void What_was_fixed_and_comes_back_is_new()
    {
        var entry = Open("A", "x", LastAudit.AddDays(-60)) with { FixedAt = LastAudit.AddDays(-30) };

        var finding = Assert.Single(Track([Fail("A", "x")], [entry]).Findings);

        Assert.Equal((FindingState.New, Now), (finding.State, finding.FirstSeenAt));
    }

    [Fact]
    public void What_was_fixed_since_the_last_audit_is_told_by_it()
    {
        var entry = Open("A", "x", LastAudit.AddDays(-60)) with { FixedAt = LastAudit.AddDays(2) };

        var tracked = Track([], [entry]);

        Assert.Equal((FindingState.Fixed, HealthStatus.Ok), (Assert.Single(tracked.Fixed).State, tracked.Fixed[0].Status));
        Assert.Empty(tracked.Changes);
    }

    [Theory]
    [InlineData("2026-11-08", FindingState.Accepted, HealthStatus.Ok)]
    [InlineData("2026-11-07", FindingState.New, HealthStatus.Critical)]
    public void An_acceptance_counts_up_to_its_last_day(string until, FindingState state, HealthStatus status)
    {
        var tracked = Track([Fail("A-1", "public.x")], [], Accept("A-*", until) with { Subject = "public.*" });

        var finding = Assert.Single(tracked.Findings);
        Assert.Equal((state, status, "Jane"), (finding.State, finding.Status, finding.Acceptance?.By));
        Assert.Empty(tracked.UnusedAcceptances);
    }

    [Theory]
    [InlineData(FindingOutcome.Unknown)]
    [InlineData(FindingOutcome.NotPermitted)]
    public void What_could_not_be_found_out_cannot_be_accepted(FindingOutcome outcome)
    {
        var finding = Assert.Single(Track([Fail("A", "x") with { Outcome = outcome }], [], Accept("A", "2027-01-01")).Findings);

        Assert.Equal((FindingState.Untracked, HealthStatus.Unknown), (finding.State, finding.Status));
    }

    [Fact]
    public void What_only_a_person_can_tell_may_be_accepted() =>
        Assert.Equal(HealthStatus.Ok, Assert.Single(Track([Fail("A", "x") with { Outcome = FindingOutcome.Manual }], [], Accept("A", "2027-01-01")).Findings).Status);

    [Fact]
    public void An_acceptance_of_nothing_is_told() =>
        Assert.Equal("GONE", Assert.Single(Track([Fail("A", "x")], [], Accept("GONE", "2027-01-01")).UnusedAcceptances).Id);

    [Fact]
    public void Parts_of_a_fingerprint_do_not_run_together()
    {
        Assert.NotEqual(FindingFingerprint.Of("A", "b", null), FindingFingerprint.Of("A", null, "b"));
        Assert.NotEqual(FindingFingerprint.Of("A", "b\nc"), FindingFingerprint.Of("A\nb", "c"));
        Assert.Equal(32, FindingFingerprint.Of("A").Length);
    }

    private static TrackedFindings Track(IReadOnlyList<Finding> found, IReadOnlyList<LedgerEntry> ledger, params AcceptedFinding[] accepted) =>
        FindingTracker.Track(found, ledger, accepted, LastAudit, isWhole: true, Now);

    private static Finding Fail(string id, string? subject) =>
        new() { Id = id, Area = "Security", Severity = FindingSeverity.High, Subject = subject, Message = "m", Database = "app" };

    private static LedgerEntry Open(string id, string subject, DateTimeOffset firstSeenAt) => new(Fail(id, subject), firstSeenAt, LastAudit, null);

    private static AcceptedFinding Accept(string id, string until) =>
        new() { Id = id, Until = DateOnly.Parse(until, System.Globalization.CultureInfo.InvariantCulture), By = "Jane", Reason = "because" };
}
