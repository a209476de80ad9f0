using Maintenance.Engine.Database;
using Maintenance.Engine.Health;

namespace Maintenance.Engine.Analytics;

/// <summary>Reads what a database uses.</summary>
internal static class ResourceReader
{
    public static async Task<ResourceUsage> ReadAsync(DatabaseSession session, TimeSpan window, Judgement judgement, CancellationToken cancellationToken)
    {
        var size = (await session.QueryAsync("Health/Sql/Server.sql", row => row.IsDBNull(1) ? (long?)null : row.GetInt64(1), cancellationToken))[0];
        var limit = session.Target.Analytics.StorageLimit;
        double? usage = size is { } bytes && limit is > 0 and { } most ? 100.0 * bytes / most : null;
        judgement.Measure("database_size_bytes", size, "The role may not connect to the database.", MetricUnit.Bytes);
        judgement.Measure("storage_usage_percent", usage, limit is null ? "Nobody said how much storage there is (analytics.storageLimit)." : "The size of the database is unknown.");
        // A system without functions on purpose has nobody who could tell: asking for it would leave the part unknown for ever.
        if (!session.Target.ExcludedComponents.Contains(HealthComponents.Functions, StringComparer.OrdinalIgnoreCase))
        {
            judgement.Measure("bandwidth_usage_percent", null, "A database does not know the bandwidth that is used; only the function can tell.");
        }

        if (limit is null)
        {
            judgement.Miss(
                "storage limit",
                MaintenanceErrorCode.NotConfigured,
                "How much storage there is is not configured, so the share in use is unknown.",
                "Set analytics.storageLimit in maintenance.json, for example \"8GB\".");
        }

        return new ResourceUsage
        {
            Target = judgement.Target.Name,
            Status = judgement.Status,
            Source = judgement.Source,
            SourceReason = judgement.SourceReason,
            Window = window,
            CollectedAt = judgement.Now,
            Metrics = judgement.Metrics,
            Findings = judgement.Findings,
            StorageBytes = size,
            StorageLimitBytes = limit,
            StorageUsagePercent = usage,
        };
    }
}
