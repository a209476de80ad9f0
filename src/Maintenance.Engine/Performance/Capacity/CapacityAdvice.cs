using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Performance.Capacity;

/// <summary>What to do about a forecast. Pure.</summary>
internal static class CapacityAdvice
{
    /// <summary>What makes the past known, where nothing stands in the way of it.</summary>
    public const string Sample = "Let Invoke-MaintenanceTask PerformanceMetrics run every five minutes, and ask again when the history has a week of samples.";

    /// <summary>What makes a past: for those who keep none.</summary>
    public const string Keep = $"Keep a history (history.kind in maintenance.json). {Sample}";

    private const string Bandwidth =
        "Where the system has the edge function database-scalability, name its functions in maintenance.json (functions); where it has none, its provider tells the bandwidth, and nothing here does.";

    /// <summary>What to do about a forecast; null where there is nothing to do.</summary>
    /// <param name="forecast">The forecast.</param>
    /// <param name="countsDown">True if it runs towards lower values.</param>
    /// <param name="remedy">What makes known what is not.</param>
    public static string? Of(CapacityForecast forecast, bool countsDown = false, string remedy = Sample) => forecast.Status switch
    {
        HealthStatus.Warning or HealthStatus.Critical => When(forecast) + Remedy(forecast, countsDown),
        // More samples of the database would not tell it.
        HealthStatus.Unknown when forecast.Resource == CapacityResource.Bandwidth && forecast.History.Count == 0 => Bandwidth,
        HealthStatus.Unknown when forecast.Projected is null => remedy,
        HealthStatus.Unknown => "See that Invoke-MaintenanceTask PerformanceMetrics runs every five minutes: the newest sample is old.",
        _ => null,
    };

    // The date to act by is the earliest. It is a day: today is now.
    private static string When(CapacityForecast forecast) => forecast switch
    {
        { ReachedEarliest: { } early } when early.UtcDateTime.Date > forecast.CollectedAt.UtcDateTime.Date => $"Before {Say.Day(early)}: ",
        _ => "Now: ",
    };

    private static string Remedy(CapacityForecast forecast, bool countsDown) => forecast.Resource switch
    {
        CapacityResource.Storage when forecast.LimitSource?.StartsWith("the guide", StringComparison.Ordinal) == true =>
            "say how much room there really is (capacity.storageLimit of the target); then add disk, or see which tables grow and let Invoke-DbRetention and Get-DbBloat tell what can go.",
        CapacityResource.Storage => "add disk and raise the limit, or see which tables grow and let Invoke-DbRetention and Get-DbBloat tell what can go.",
        CapacityResource.Connections => "see with Get-DbSession who holds connections, and put a pooler before the server or let applications close idle ones; raising max_connections needs a restart.",
        CapacityResource.Bandwidth => "see with Get-DbSlowQuery which statements return most rows.",
        CapacityResource.Sequence when forecast.LimitSource == KeyFacts.OwnEnd =>
            $"give the sequence a further end, if what takes its values has room for them: ALTER SEQUENCE {forecast.Subject} AS bigint {(countsDown ? "NO MINVALUE" : "NO MAXVALUE")}. That takes a moment and rewrites nothing.",
        CapacityResource.Sequence or CapacityResource.IntegerKey =>
            "give the column a wider type (bigint), and every column that refers to it. ALTER COLUMN ... TYPE rewrites the table and locks it meanwhile: plan a window, or fill a second column step by step.",
        _ => "see with Get-DbWraparound what keeps rows from being frozen, and freeze with Invoke-DbVacuum -Freeze.",
    };
}
