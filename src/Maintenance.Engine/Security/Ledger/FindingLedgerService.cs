using Maintenance.Engine.History;

namespace Maintenance.Engine.Security.Ledger;

/// <summary>Compares what audits find with what the history knows, and keeps it there.</summary>
internal sealed class FindingLedgerService(HistoryService history, TimeProvider time)
{
    /// <summary>How long a finding that was fixed is remembered: longer than a year, so that a yearly report can tell of it.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromDays(400);

    /// <summary>Compares findings of a target.</summary>
    /// <param name="target">The target.</param>
    /// <param name="found">What was found, passed checks included.</param>
    /// <param name="since">The time of the audit to compare with; null if there was none.</param>
    /// <param name="isWhole">What checks found is all there, not what somebody chose of it.</param>
    /// <param name="keep">The history is to keep what was found.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The comparison. Where the target keeps no history, only what was accepted is known: the states stay Untracked.</returns>
    /// <exception cref="MaintenanceException">HistoryUnavailable, HistoryCorrupt, HistoryTooNew, or what the database reports.</exception>
    public async Task<TrackedFindings> TrackAsync(
        MaintenanceTarget target, IReadOnlyList<Finding> found, DateTimeOffset? since, bool isWhole, bool keep, CallContext call, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (history.StoreOf(target, call) is not { } store)
        {
            return Alone(target, found, now);
        }

        var ledger = await store.ReadLedgerAsync(target.Name, since ?? now, cancellationToken);
        var tracked = FindingTracker.Track(found, ledger, target.Security.Accepted, since, isWhole, now);
        if (keep)
        {
            await store.RecordAsync(target.Name, tracked.Changes, now - Memory, cancellationToken);
        }

        return tracked;
    }

    /// <summary>What is known without a history: only what was accepted.</summary>
    /// <param name="target">The target.</param>
    /// <param name="found">What was found.</param>
    /// <param name="now">Now.</param>
    public static TrackedFindings Alone(MaintenanceTarget target, IReadOnlyList<Finding> found, DateTimeOffset now)
    {
        var alone = FindingTracker.Track(found, [], target.Security.Accepted, null, isWhole: true, now);
        return alone with { Findings = [.. alone.Findings.Select(finding => finding.State == FindingState.New ? finding with { State = FindingState.Untracked, FirstSeenAt = null } : finding with { FirstSeenAt = null })] };
    }
}
