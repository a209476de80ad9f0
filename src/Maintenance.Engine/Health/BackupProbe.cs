using Maintenance.Engine.Backup;

namespace Maintenance.Engine.Health;

/// <summary>The backups as a part of the system (guide D6): is the newest of each database young enough?</summary>
internal sealed class BackupProbe(BackupService backups, TimeProvider time) : IHealthProbe
{
    public string Component => HealthComponents.Backups;

    public string Describe(MaintenanceTarget target) =>
        target.BackupStore is { } store ? $"Find the newest backup in {store}" : "Nothing: no backup store is configured";

    public async Task<ProbeResult> ProbeAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        var recencies = await backups.TestRecencyAsync(target, null, call, cancellationToken);
        var now = time.GetUtcNow();
        var worst = recencies.OrderByDescending(recency => recency.Status).First();
        return new ProbeResult
        {
            Status = worst.Status,
            Score = worst.State == BackupRecencyState.CannotDetermine ? null : recencies.Min(Score),
            Message = worst.Message,
            Findings = [.. recencies.Where(recency => recency.State != BackupRecencyState.Fresh).Select(recency => ToFinding(recency, target, now))],
            Metrics = [.. recencies.Select(recency => ToMetric(recency, target, now))],
            Error = worst.Error,
            Recommendation = worst.Recommendation,
        };
    }

    // An old backup loses what came after it; no backup loses everything.
    private static double Score(BackupRecency recency) => recency.State switch
    {
        BackupRecencyState.Fresh => 100,
        BackupRecencyState.Stale => 25,
        _ => 0,
    };

    /// <summary>What a recency that is not fresh amounts to.</summary>
    internal static Finding ToFinding(BackupRecency recency, MaintenanceTarget target, DateTimeOffset now) => new()
    {
        Id = recency.State == BackupRecencyState.CannotDetermine ? "BACKUP-CANNOT-DETERMINE" : $"BACKUP-{recency.State.ToString().ToUpperInvariant()}",
        Area = HealthComponents.Backups,
        Severity = recency.State == BackupRecencyState.CannotDetermine ? FindingSeverity.Medium : FindingSeverity.Critical,
        Outcome = recency.State == BackupRecencyState.CannotDetermine ? FindingOutcome.Unknown : FindingOutcome.Fail,
        Subject = recency.Database ?? recency.Store,
        Message = recency.Message,
        Recommendation = recency.Recommendation,
        Evidence = new Dictionary<string, object?>
        {
            ["State"] = recency.State.ToString(),
            ["Newest"] = recency.Newest?.Name,
            ["AgeSeconds"] = recency.Age?.TotalSeconds,
            ["MaximumAgeSeconds"] = recency.MaximumAge.TotalSeconds,
        },
        Target = target.Name,
        CollectedAt = now,
    };

    // The limit is the store's own (its recovery point objective), so the verdict is that of the recency, not the catalogue's.
    internal static Metric ToMetric(BackupRecency recency, MaintenanceTarget target, DateTimeOffset now) =>
        new MetricFactory(target, now).Create("backup_age_seconds", recency.Age?.TotalSeconds, recency.Message) with
        {
            Status = recency.Status,
            Labels = recency.Database is { } database ? new Dictionary<string, string> { ["database"] = database } : new Dictionary<string, string>(),
        };
}
