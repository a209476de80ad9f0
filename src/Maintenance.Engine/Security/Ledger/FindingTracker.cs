using Maintenance.Engine.History;
using Maintenance.Engine.Security.Audit;

namespace Maintenance.Engine.Security.Ledger;

/// <summary>Compares what was found with what was found before and with what somebody accepted. Pure.</summary>
internal static class FindingTracker
{
    /// <summary>Compares.</summary>
    /// <param name="found">What was found now, passed checks included: only a check that ran can show that something is fixed.</param>
    /// <param name="ledger">What was found before.</param>
    /// <param name="accepted">What somebody decided to live with.</param>
    /// <param name="since">The time of the audit to compare with; null if there was none, and then all is new: nobody was told of it.</param>
    /// <param name="isWhole">What checks found is all there. What came through a pipeline may be filtered: that something is not in it says nothing.</param>
    /// <param name="now">Now.</param>
    public static TrackedFindings Track(
        IReadOnlyList<Finding> found, IReadOnlyList<LedgerEntry> ledger, IReadOnlyList<AcceptedFinding> accepted, DateTimeOffset? since, bool isWhole, DateTimeOffset now)
    {
        var known = ledger.ToDictionary(entry => entry.Finding.Fingerprint, StringComparer.Ordinal);
        var acceptances = new AcceptanceList(accepted, DateOnly.FromDateTime(now.UtcDateTime));
        var entries = new Dictionary<string, LedgerEntry>(StringComparer.Ordinal);
        var compared = new List<Finding>(found.Count);
        foreach (var finding in found)
        {
            var acceptance = finding.Outcome is FindingOutcome.Fail or FindingOutcome.Manual ? acceptances.Find(finding) : null;
            if (finding.Outcome != FindingOutcome.Fail)
            {
                compared.Add(acceptance is null ? finding : finding with { State = acceptances.Holds(acceptance) ? FindingState.Accepted : finding.State, Acceptance = acceptance });
                continue;
            }

            var open = known.GetValueOrDefault(finding.Fingerprint) is { FixedAt: null } before ? before : null;
            var first = open?.FirstSeenAt ?? now;
            entries[finding.Fingerprint] = new LedgerEntry(finding, first, now, null);
            compared.Add(finding with
            {
                State = acceptance is not null && acceptances.Holds(acceptance) ? FindingState.Accepted
                    : open is null || since is null || first > since ? FindingState.New
                    : FindingState.Known,
                FirstSeenAt = first,
                Acceptance = acceptance,
            });
        }

        var judged = new JudgedChecks(isWhole ? found : []);
        var gone = ledger.Where(entry => entry.FixedAt is null && !entries.ContainsKey(entry.Finding.Fingerprint)).ToLookup(entry => judged.Contains(entry.Finding));
        var mended = gone[true].Select(entry => entry with { FixedAt = now }).ToList();
        return new TrackedFindings(
            compared,
            [.. mended.Concat(ledger.Where(entry => entry.FixedAt > since && !entries.ContainsKey(entry.Finding.Fingerprint))).Select(entry => Of(entry, FindingState.Fixed))],
            // What the audit found in its own setup is looked at when it matters, such as where a report is published.
            [.. gone[false].Where(entry => !AuditParts.IsOfAuditItself(entry.Finding.Id)).Select(entry => Of(entry, FindingState.Known))],
            acceptances.Unused,
            [.. entries.Values, .. mended]);
    }

    private static Finding Of(LedgerEntry entry, FindingState state) => entry.Finding with { State = state, FirstSeenAt = entry.FirstSeenAt };

    /// <summary>The checks that came to a whole judgement, each over its scope.</summary>
    private sealed class JudgedChecks
    {
        private readonly HashSet<(string Id, string? Scope)> _judged = [];

        public JudgedChecks(IReadOnlyList<Finding> found)
        {
            _judged.UnionWith(found.Where(finding => finding.Outcome is FindingOutcome.Fail or FindingOutcome.Pass).Select(finding => (finding.Id, finding.Scope)));
            // A check that saw only a part may have missed it.
            _judged.ExceptWith(found.Where(finding => finding.Outcome is FindingOutcome.NotPermitted or FindingOutcome.Unknown).Select(finding => (finding.Id, finding.Scope)));
        }

        public bool Contains(Finding finding) => _judged.Contains((finding.Id, finding.Scope));
    }
}

/// <summary>What was found, compared with what was found before.</summary>
/// <param name="Findings">What was found now, each with its state.</param>
/// <param name="Fixed">What was found before and is gone, since the audit it was compared with.</param>
/// <param name="NotChecked">What was found before, and no check looked again.</param>
/// <param name="UnusedAcceptances">What was accepted and is not there: to be taken out of the configuration.</param>
/// <param name="Changes">What the history has to keep.</param>
internal sealed record TrackedFindings(
    IReadOnlyList<Finding> Findings,
    IReadOnlyList<Finding> Fixed,
    IReadOnlyList<Finding> NotChecked,
    IReadOnlyList<AcceptedFinding> UnusedAcceptances,
    IReadOnlyList<LedgerEntry> Changes);
