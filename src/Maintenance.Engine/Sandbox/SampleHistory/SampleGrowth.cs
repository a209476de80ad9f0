namespace Maintenance.Engine.Sandbox.SampleHistory;

/// <summary>How tables and counters came to what they are now. Pure; the end is what was measured.</summary>
internal sealed class SampleGrowth(SampleTimeline timeline, SampleAnchors anchors)
{
    private const int Page = 8192;

    /// <summary>Months until counters that are past the half of their way get to their end: one may hold the values of another.</summary>
    private const double MonthsLeft = 7;

    // Tables that old rows are deleted from, as the sample's retention does; and those that only ever grow.
    private static readonly HashSet<string> Purged = new(StringComparer.Ordinal) { "public.error_logs", "public.performance_alerts", "public.query_performance_logs", "shop.visits" };
    private static readonly HashSet<string> Growing = new(StringComparer.Ordinal) { "public.gdpr_audit_log", "public.error_logs_archive", "public.trust_scores", "shop.orders", "shop.order_lines" };

    /// <summary>Bytes of each table.</summary>
    public Dictionary<string, double> Tables(DateTimeOffset at)
    {
        var (days, purges) = (timeline.DaysBack(at), timeline.PurgesSince(at));
        return anchors.Tables.ToDictionary(pair => pair.Key, pair => Pages(pair.Value, Share(pair.Key, days, purges)), StringComparer.Ordinal);
    }

    /// <summary>The last value of each counter.</summary>
    public Dictionary<string, double> Keys(DateTimeOffset at)
    {
        var days = timeline.DaysBack(at);
        return anchors.Keys.ToDictionary(
            pair => pair.Key,
            pair => Math.Max(1, Math.Floor(pair.Value.Last > pair.Value.Maximum / 2
                ? pair.Value.Last - (pair.Value.Maximum - pair.Value.Last) / (MonthsLeft * 30) * days
                : pair.Value.Last * Math.Max(0, 1 - 0.0025 * days))),
            StringComparer.Ordinal);
    }

    /// <summary>Bytes of the database: its tables, and what does not change.</summary>
    public double Database(DateTimeOffset at) => anchors.DatabaseSize - anchors.Tables.Values.Sum() + Tables(at).Values.Sum();

    private static double Share(string table, double days, int purges) => Math.Max(0.02,
        Purged.Contains(table) ? 1 - 0.005 * days + 0.35 * purges
        : Growing.Contains(table) ? 1 - 0.0025 * days
        : 1 - 0.0005 * days);

    private static double Pages(long bytes, double share) => Math.Round(bytes * share / Page) * Page;
}
