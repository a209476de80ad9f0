using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statistics;

namespace Maintenance.Engine.Performance.Capacity;

/// <summary>Connections, against the guide's limit and the server's own, and bandwidth. Pure.</summary>
internal static class UsageForecasts
{
    public static IEnumerable<CapacityForecast> OfConnections(CapacityFacts facts)
    {
        var samples = facts.Of(SampledMetrics.Connections);
        var peaks = DailySeries.OfPeaks(samples, facts.Now);
        // One count is no peak: the last day is what counts as now.
        var lately = samples.Where(point => point.At <= facts.Now && point.To > facts.Now.AddDays(-1)).Select(point => point.Value.Maximum).ToList();
        double? current = lately.Count > 0 ? Math.Max(lately.Max(), facts.Present?.Connections ?? 0) : facts.Present?.Connections;
        IReadOnlyList<string> reasons =
        [
            .. StorageForecasts.Missing(facts),
            .. lately.Count == 0 && current is not null ? ["There are no samples of the last day: the present is a single count, not a peak."] : Array.Empty<string>(),
        ];
        var subject = new CapacityCase
        {
            Resource = CapacityResource.Connections,
            Subject = "against the wished limit",
            Unit = MetricUnit.Count,
            Series = peaks,
            Current = current,
            Limit = facts.Target.Capacity.ConnectionLimit,
            LimitSource = "capacity.connectionLimit (guide C3: 80)",
            IsWeekly = true,
            Reasons = reasons,
        };
        var wished = ForecastBuilder.Of(facts, subject);
        var month = samples.Where(point => point.At <= facts.Now && point.To > facts.Now.AddDays(-30)).Select(point => point.Value.Maximum).ToList();
        yield return facts.Reported is { } reported
            ? CapacityOpinions.OfConnections(wished, reported.PeakConnections, month.Count > 0 ? Math.Max(month.Max(), facts.Present?.Connections ?? 0) : null)
            : CapacityOpinions.WithTrouble(facts, wished);
        double? sampled = facts.Of(SampledMetrics.MaximumConnections) is [.., var last] ? last.Value.Mean : null;
        var most = facts.Present?.MostConnections ?? sampled;
        yield return ForecastBuilder.Of(facts, subject with
        {
            Subject = "against max_connections",
            Limit = most,
            LimitSource = most is null ? null : "max_connections, less what is reserved",
            IsHard = true,
            Reasons = most is null ? [.. reasons, "What max_connections is, is unknown."] : reasons,
        });
    }

    public static CapacityForecast OfBandwidth(CapacityFacts facts)
    {
        var samples = facts.Of(SampledMetrics.DailyBandwidth);
        double? current = facts.Reported is { } reported ? CapacityOpinions.Bytes(reported.DailyBandwidthGb) : null;
        var limit = facts.Target.Capacity.DailyBandwidthLimit;
        var forecast = ForecastBuilder.Of(facts, new CapacityCase
        {
            Resource = CapacityResource.Bandwidth,
            Subject = "bytes a day",
            Unit = MetricUnit.Bytes,
            Series = DailySeries.OfMedians(samples, facts.Now),
            Current = samples.Count == 0 ? current : null,
            Limit = limit,
            LimitSource = limit is null ? null : "capacity.dailyBandwidthLimit",
            IsWeekly = true,
            Reasons =
            [
                .. facts.HistoryTrouble is { } history ? [history] : Array.Empty<string>(),
                .. samples.Count == 0 ? ["A database does not know what is transferred: only the function tells, and the history has no samples of it."] : Array.Empty<string>(),
                .. limit is null ? ["No limit is configured (capacity.dailyBandwidthLimit): only the trend is told."] : Array.Empty<string>(),
            ],
        });
        return current is { } said ? CapacityOpinions.OfBandwidth(forecast, said) : CapacityOpinions.WithTrouble(facts, forecast);
    }
}
