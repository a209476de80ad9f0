using Maintenance.Engine.History;

namespace Maintenance.Engine.Security.Audit;

/// <summary>What could not be determined, and whether that is news. Pure.</summary>
internal static class AuditGaps
{
    private const string Begin = "undetermined:";

    private static readonly AuditPart[] Scanned = [AuditPart.Dependencies, AuditPart.Secrets, AuditPart.Code];

    /// <summary>Whether a finding says that something could not be determined.</summary>
    public static bool Is(Finding finding) => finding.Outcome is FindingOutcome.Unknown or FindingOutcome.NotPermitted;

    /// <summary>Whether a part or a scanner came to nothing, rather than one check of many.</summary>
    public static bool IsOfPartOrScanner(Finding finding) => Is(finding) && (IsOfPart(finding) || IsOfScanner(finding));

    /// <summary>Whether it says that a part was not looked at.</summary>
    public static bool IsOfPart(Finding finding) => Enum.GetValues<AuditPart>().Any(part => AuditParts.IdOf(part) == finding.Id);

    /// <summary>Whether it says that a scanner came to nothing.</summary>
    public static bool IsOfScanner(Finding finding) => finding.Outcome == FindingOutcome.Unknown && AuditParts.Of(finding.Id) is { } part && Scanned.Contains(part);

    /// <summary>What the history keeps of them, beside the figures.</summary>
    public static IEnumerable<KeyValuePair<string, double>> Write(IReadOnlyList<Finding> findings) =>
        findings.Where(Is).Select(KeyOf).Distinct(StringComparer.Ordinal).Select(key => KeyValuePair.Create(key, 1.0));

    /// <summary>Findings with what could not be determined told as new or known.</summary>
    /// <param name="findings">The findings.</param>
    /// <param name="last">What the history kept the last time; null if there was no time before.</param>
    public static IReadOnlyList<Finding> Compare(IReadOnlyList<Finding> findings, Snapshot? last) =>
    [
        .. findings.Select(finding => !Is(finding) ? finding : finding with { State = last?.Values.ContainsKey(KeyOf(finding)) == true ? FindingState.Known : FindingState.New }),
    ];

    // Without the subject: that the same check cannot tell of one table more is no news. With the severity: a part that
    // is configured now and fails says something else than it did when it was not.
    private static string KeyOf(Finding finding) => Begin + FindingFingerprint.Of(finding.Id, finding.Scope, finding.Severity.ToString());
}
