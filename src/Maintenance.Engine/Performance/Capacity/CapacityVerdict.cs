using Maintenance.Engine.Inspect;
using Maintenance.Engine.Performance.Statistics;

namespace Maintenance.Engine.Performance.Capacity;

/// <summary>What a forecast amounts to, and the sentence that says so. Pure.</summary>
internal static class CapacityVerdict
{
    private const int ManyDays = 30;
    private const int FewDays = 14;
    private const double GoodCoverage = 80;
    private const double PoorCoverage = 50;
    private const double GoodBacktest = 10;
    private const double PoorBacktest = 25;

    /// <summary>From this share of its limit on, what is used is worth a look, though nothing is known of the future.</summary>
    public const double MuchUsed = 0.9;

    /// <summary>From this one on there is nothing to wait for.</summary>
    private const double NearlyUsed = 0.95;

    /// <summary>A limit that the highest reached before that is no emergency any more.</summary>
    private static readonly TimeSpan Lately = TimeSpan.FromDays(7);

    /// <summary>How far to trust a forecast; the figures are in the documentation of <see cref="ForecastConfidence"/>.</summary>
    public static ForecastConfidence ConfidenceOf(int days, double coverage, BacktestResult? backtest) => (days, coverage, backtest?.MeanAbsolutePercent) switch
    {
        (< FewDays, _, _) or (_, < PoorCoverage, _) or (_, _, null or > PoorBacktest) => ForecastConfidence.Low,
        (>= ManyDays, >= GoodCoverage, <= GoodBacktest) => ForecastConfidence.High,
        _ => ForecastConfidence.Medium,
    };

    public static CapacityForecast Judge(CapacityForecast forecast, bool isHard, bool isStale, bool countsDown = false, string remedy = CapacityAdvice.Sample)
    {
        var status = StatusOf(forecast, isHard, countsDown);
        if (isStale && status < HealthStatus.Unknown)
        {
            status = HealthStatus.Unknown;
        }

        return forecast with
        {
            Status = status,
            Message = Sentence(forecast, countsDown),
            Recommendation = CapacityAdvice.Of(forecast with { Status = status }, countsDown, remedy),
            Reasons = isStale ? [.. forecast.Reasons, $"The newest value is of {Say.Day(forecast.CurrentAt!.Value)}: what is so now is unknown."] : forecast.Reasons,
        };
    }

    public static bool IsReached(CapacityForecast forecast, bool countsDown = false) =>
        forecast is { Current: { } current, Limit: { } limit } && (countsDown ? current <= limit : current >= limit);

    private static HealthStatus StatusOf(CapacityForecast forecast, bool isHard, bool countsDown)
    {
        var end = forecast.CollectedAt + forecast.Projection;
        var reached = isHard ? HealthStatus.Critical : HealthStatus.Warning;
        return IsReached(forecast, countsDown) ? forecast.CollectedAt - forecast.CurrentAt > Lately ? HealthStatus.Warning : reached
            : forecast.Current is null || forecast.Projected is null ? OfUse(forecast, reached)
            : forecast.ReachedExpected <= end ? reached
            : forecast.ReachedEarliest <= end || IsWithinError(forecast) ? HealthStatus.Warning
            : HealthStatus.Ok;
    }

    // Where the future cannot be told, the present still can. Without a limit there is nothing to hold either against.
    private static HealthStatus OfUse(CapacityForecast forecast, HealthStatus reached) =>
        forecast is { Current: not null, Limit: null } ? HealthStatus.Ok
        : forecast.Current is not { } current || forecast.Limit is not { } limit || limit == 0 ? HealthStatus.Unknown
        : current / limit >= NearlyUsed ? reached
        : current / limit >= MuchUsed ? HealthStatus.Warning
        : HealthStatus.Unknown;

    private static bool IsWithinError(CapacityForecast forecast) =>
        forecast is { Current: { } current, Limit: { } limit } && Math.Abs(limit - current) < CapacityText.ErrorOf(forecast);

    private static string Sentence(CapacityForecast forecast, bool countsDown)
    {
        if (forecast.Current is null)
        {
            return forecast.Resource == CapacityResource.Connections
                ? Say.Text($"How many there were at the highest of the last {ForecastBuilder.HighestDays} days is unknown.")
                : forecast.Resource == CapacityResource.Bandwidth ? "How much is transferred a day is unknown: only the edge function tells, and neither it nor the history did."
                : "Its value is unknown.";
        }

        var now = CapacityText.Now(forecast);
        if (IsReached(forecast, countsDown))
        {
            return forecast.CollectedAt - forecast.CurrentAt > Lately ? $"The limit was reached: {now}." : $"The limit is reached: {now}.";
        }

        if (forecast.Projected is null)
        {
            return $"{now}; {(forecast.Limit is null ? "how it goes on" : "when the limit is reached")} cannot be told: {forecast.Reasons.LastOrDefault(reason => reason.StartsWith("Insufficient", StringComparison.Ordinal))?.TrimEnd('.').ToLowerInvariant() ?? "insufficient data"}.";
        }

        var dates = forecast.Limit is null ? ""
            : forecast.ReachedEarliest is null && forecast.ReachedExpected is null ? " The limit is not reached within what can be told."
            : $" The limit is reached {CapacityText.Dates(forecast)}.";
        return Say.Text($"{now}; {CapacityText.Ahead(forecast)}.") + dates;
    }
}
