using Maintenance.Engine.History;
using Maintenance.Engine.Security.Ledger;

namespace Maintenance.Engine.Security.Audit;

/// <summary>What audits before found, and when they were: from the history, and into it.</summary>
internal sealed class AuditLedger(HistoryService history, TimeProvider time)
{
    /// <summary>The kind of what the history keeps of an audit.</summary>
    public const string Audits = "security-audit";

    /// <summary>The kind of what the history keeps of a daily scan, whose news are another's.</summary>
    public const string Scans = "security-scan";

    /// <summary>Longer than anybody has to keep reports.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromDays(10 * 366);

    private readonly FindingLedgerService _ledger = new(history, time);

    /// <summary>Compares findings with what was found before.</summary>
    /// <param name="target">The target.</param>
    /// <param name="kind">What to compare with: audits, or scans.</param>
    /// <param name="found">What was found, passed checks included.</param>
    /// <param name="isWhole">What checks found is all there, not what somebody chose of it.</param>
    /// <param name="keep">The history is to keep it.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<AuditComparison> CompareAsync(
        MaintenanceTarget target, string kind, IReadOnlyList<Finding> found, bool isWhole, bool keep, CallContext call, CancellationToken cancellationToken)
    {
        try
        {
            // The first scan tells nothing that an audit told.
            var last = await LastAsync(target, kind, call, cancellationToken)
                ?? (kind == Scans ? await LastAsync(target, Audits, call, cancellationToken) : null);
            var tracked = await _ledger.TrackAsync(target, found, last?.TakenAt, isWhole, keep, call, cancellationToken);
            return new AuditComparison(kind == Scans && history.StoreOf(target, call) is not null ? tracked with { Findings = AuditGaps.Compare(tracked.Findings, last) } : tracked, last, null);
        }
        catch (MaintenanceException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var trouble = new Finding
            {
                Id = "AUDIT-HISTORY",
                Area = SecurityAuditor.Area,
                Severity = FindingSeverity.Medium,
                Outcome = FindingOutcome.Unknown,
                Subject = "History",
                Scope = AuditGatherer.Scope,
                Message = $"What is new, known and fixed could not be determined: {exception.Message}",
                Recommendation = exception.Recommendation,
                Target = target.Name,
                CollectedAt = time.GetUtcNow(),
            };
            return new AuditComparison(FindingLedgerService.Alone(target, [.. found, trouble], time.GetUtcNow()), null, exception);
        }
    }

    /// <summary>Keeps that there was an audit.</summary>
    /// <exception cref="MaintenanceException">What the history reports.</exception>
    public async Task KeepAsync(MaintenanceTarget target, string kind, SecurityAuditReport report, CallContext call, CancellationToken cancellationToken)
    {
        if (history.StoreOf(target, call) is { } store)
        {
            var now = time.GetUtcNow();
            await store.RecordAsync(new Snapshot { Target = target.Name, Kind = kind, TakenAt = now, Values = new Dictionary<string, double>([.. AuditNumbers.Write(report.Counts), .. AuditGaps.Write(report.Findings)], StringComparer.Ordinal) }, now - Memory, cancellationToken);
        }
    }

    private async Task<Snapshot?> LastAsync(MaintenanceTarget target, string kind, CallContext call, CancellationToken cancellationToken)
    {
        if (history.StoreOf(target, call) is not { } store)
        {
            return null;
        }

        var now = time.GetUtcNow();
        var times = await store.ReadSnapshotTimesAsync(target.Name, kind, now - Memory, cancellationToken);
        return times.Where(taken => taken <= now).Cast<DateTimeOffset?>().LastOrDefault() is { } last
            ? await store.ReadSnapshotAsync(target.Name, kind, last, cancellationToken)
            : null;
    }
}

/// <summary>Findings beside those of the audit before.</summary>
/// <param name="Tracked">The findings with their states.</param>
/// <param name="Last">The audit before; null if there was none.</param>
/// <param name="Trouble">Why the history could not be used; null if it could.</param>
internal sealed record AuditComparison(TrackedFindings Tracked, Snapshot? Last, MaintenanceException? Trouble);
