using Maintenance.Engine.Inspect;
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
        // One count is no peak, and a day may be a quiet one: what counts is the highest of a month.
        var month = samples.Where(point => point.At <= facts.Now && point.To > facts.Now.AddDays(-ForecastBuilder.HighestDays)).ToList();
        var highest = month.Count > 0 ? month.MaxBy(point => point.Value.Maximum) : (SeriesPoint?)null;
        double? sampled = facts.Of(SampledMetrics.MaximumConnections) is [.., var last] ? last.Value.Mean : null;
        var most = facts.Present?.MostConnections ?? sampled;
        var past = new CapacityCase { Resource = CapacityResource.Connections, Subject = "", Unit = MetricUnit.Count, Series = peaks, IsWeekly = true, CountsHighest = true, JustNow = facts.Present?.Connections };
        past = past with { Course = PastCourse.Of(facts, past) };
        CapacityCase Against(double? limit) => past with
        {
            Current = facts.Present is { } present && (present.Connections > highest?.Value.Maximum || (highest is null && present.Connections >= limit * CapacityVerdict.MuchUsed)) ? present.Connections : highest?.Value.Maximum,
            CurrentAt = facts.Present?.Connections > (highest?.Value.Maximum ?? 0) ? null : highest?.To,
            Limit = limit,
            Reasons =
            [
                .. StorageForecasts.Missing(facts),
                .. highest is null && facts.Present is { Connections: var single } ? [Say.Text($"There are no samples of the last {ForecastBuilder.HighestDays} days: how many connections there are at the highest is unknown. Just now there are {single}.")] : Array.Empty<string>(),
            ],
        };
        var wish = Against(facts.Target.Capacity.ConnectionLimit);
        wish = wish with
        {
            Subject = "against capacity.connectionLimit",
            LimitSource = "capacity.connectionLimit (guide C3: 80)",
            Reasons = [.. wish.Reasons, "capacity.connectionLimit is how many you wish for at most: nothing is refused there, but at max_connections."],
        };
        var wished = ForecastBuilder.Of(facts, wish);
        yield return facts.Reported is { } reported
            ? CapacityOpinions.OfConnections(wished, reported.PeakConnections, highest is { } seen ? Math.Max(seen.Value.Maximum, facts.Present?.Connections ?? 0) : null)
            : CapacityOpinions.WithTrouble(facts, wished);
        var hard = Against(most);
        yield return ForecastBuilder.Of(facts, hard with
        {
            Subject = "against max_connections",
            LimitSource = most is null ? null : "max_connections, less what is reserved",
            IsHard = true,
            Reasons = most is null ? [.. hard.Reasons, "What max_connections is, is unknown."] : hard.Reasons,
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
