namespace Maintenance.Engine.Repair.Issues;

/// <summary>Compares a finding with what its probe finds now. Pure.</summary>
internal static class IssueRechecks
{
    /// <summary>Says whether an issue is still there.</summary>
    /// <param name="probe">The probe.</param>
    /// <param name="before">The finding as it was.</param>
    /// <param name="now">What the probe finds.</param>
    /// <param name="at">When it looked.</param>
    public static IssueRecheck Judge(IIssueProbe probe, Finding before, IReadOnlyList<Finding> now, DateTimeOffset at)
    {
        IssueRecheck Of(bool? isThere, Finding? finding, string message) => new() { IsThere = isThere, Finding = finding, Message = message, CollectedAt = at };

        var wrong = now.Where(finding => finding.Outcome == FindingOutcome.Fail && finding.Id.Equals(before.Id, StringComparison.OrdinalIgnoreCase)).ToList();
        if (wrong.Find(finding => finding.Fingerprint == before.Fingerprint) is { } same)
        {
            return Of(true, same, same.Message);
        }

        if (probe.IsOneIssue && wrong is [var other, ..])
        {
            return Of(true, other, other.Message);
        }

        // What could not be looked at may be just this.
        if (now.FirstOrDefault(finding => finding.Outcome is not FindingOutcome.Fail and not FindingOutcome.Pass && MayHide(probe, finding, before)) is { } hidden)
        {
            return Of(null, hidden, hidden.Message);
        }

        // Of the very thing, or of all such things together: what is said of another thing says nothing of this one.
        var passed = now.Where(finding => finding.Outcome == FindingOutcome.Pass).ToList();
        return (passed.Find(finding => finding.Fingerprint == before.Fingerprint) ?? passed.Find(finding => finding.Subject is null && !passed.Exists(other => other.Subject is not null))) is { } well
            ? Of(false, well, well.Message)
            : Of(false, null, $"It is not found any more: {before.Id}{(before.Subject is { } subject ? $" of {subject}" : "")}.");
    }

    // A probe with one kind of finding says of which subject it could not tell; of others nobody knows what a gap covers.
    private static bool MayHide(IIssueProbe probe, Finding gap, Finding before) =>
        probe.Kinds.Count > 1 || gap.Subject is null || before.Subject is null || gap.Subject == before.Subject;
}
