using Maintenance.Engine.Backup;

namespace Maintenance.Engine.Health;

/// <summary>The backups as a part of the system (guide D6): is the newest of each database and kind young enough, and what it should be?</summary>
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
            Score = worst.State == BackupRecencyState.CannotDetermine ? null : recencies.Min(Score) ?? 0,
            Message = worst.Message,
            Findings = [.. recencies.Where(recency => recency.State != BackupRecencyState.Fresh).Select(recency => ToFinding(recency, target, now))],
            Metrics = [.. recencies.Select(recency => ToMetric(recency, target, now))],
            Error = worst.Error,
            Recommendation = worst.Recommendation,
        };
    }

    // An old backup loses what came after it; a small one perhaps something; no backup, and none that can be used, everything.
    private static double? Score(BackupRecency recency) => recency.State switch
    {
        BackupRecencyState.Fresh => 100,
        BackupRecencyState.Shrunk => 75,
        BackupRecencyState.Stale => 25,
        BackupRecencyState.CannotDetermine => null,
        _ => 0,
    };

    private static Finding ToFinding(BackupRecency recency, MaintenanceTarget target, DateTimeOffset now) => new()
    {
        Id = recency.State == BackupRecencyState.CannotDetermine ? "BACKUP-CANNOT-DETERMINE" : $"BACKUP-{recency.State.ToString().ToUpperInvariant()}",
        Area = HealthComponents.Backups,
        // Only what was seen is an emergency: that a store could not be asked is none, however it comes.
        Severity = recency.Status == HealthStatus.Critical ? FindingSeverity.Critical : FindingSeverity.Medium,
        Outcome = recency.State == BackupRecencyState.CannotDetermine ? FindingOutcome.Unknown : FindingOutcome.Fail,
        Subject = recency.Database ?? recency.Store,
        Message = recency.Message,
        Recommendation = recency.Recommendation,
        Evidence = new Dictionary<string, object?>
        {
            ["State"] = recency.State.ToString(),
            ["Database"] = recency.Database,
            ["Kind"] = recency.Kind?.ToString(),
            ["Newest"] = recency.Newest?.Name,
            ["AgeSeconds"] = recency.Age?.TotalSeconds,
            ["MaximumAgeSeconds"] = recency.MaximumAge.TotalSeconds,
            ["SizeBytes"] = recency.Newest?.SizeBytes,
            ["MedianSizeBytes"] = recency.MedianSizeBytes,
            ["Error"] = recency.Error?.ToString(),
        },
        Target = target.Name,
        CollectedAt = now,
    };

    // The limit is the store's own (its recovery point objective), so the verdict is that of the recency, not the catalogue's.
    private static Metric ToMetric(BackupRecency recency, MaintenanceTarget target, DateTimeOffset now) =>
        new MetricFactory(target, now).Create("backup_age_seconds", recency.Age?.TotalSeconds, recency.Message) with
        {
            Status = recency.Status,
            Labels = Labels(recency),
        };

    private static Dictionary<string, string> Labels(BackupRecency recency)
    {
        var labels = new Dictionary<string, string>();
        if (recency.Database is { } database)
        {
            labels["database"] = database;
        }

        if (recency.Kind is { } kind and not BackupKind.Unknown)
        {
            labels["kind"] = kind.ToString();
        }

        return labels;
    }
}
