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

    /// <summary>How far to trust a forecast; the figures are in the documentation of <see cref="ForecastConfidence"/>.</summary>
    public static ForecastConfidence ConfidenceOf(int days, double coverage, BacktestResult? backtest) => (days, coverage, backtest?.MeanAbsolutePercent) switch
    {
        (< FewDays, _, _) or (_, < PoorCoverage, _) or (_, _, null or > PoorBacktest) => ForecastConfidence.Low,
        (>= ManyDays, >= GoodCoverage, <= GoodBacktest) => ForecastConfidence.High,
        _ => ForecastConfidence.Medium,
    };

    public static CapacityForecast Judge(CapacityForecast forecast, bool isHard, bool isStale, bool countsDown = false)
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
            Recommendation = CapacityAdvice.Of(forecast with { Status = status }),
            Reasons = isStale ? [.. forecast.Reasons, $"The newest value is of {Say.Day(forecast.CurrentAt!.Value)}: what is so now is unknown."] : forecast.Reasons,
        };
    }

    public static bool IsReached(CapacityForecast forecast, bool countsDown = false) =>
        forecast is { Current: { } current, Limit: { } limit } && (countsDown ? current <= limit : current >= limit);

    private static HealthStatus StatusOf(CapacityForecast forecast, bool isHard, bool countsDown)
    {
        var end = forecast.CollectedAt + forecast.Projection;
        return IsReached(forecast, countsDown) ? isHard ? HealthStatus.Critical : HealthStatus.Warning
            : forecast.Current is null || forecast.Projected is null ? HealthStatus.Unknown
            : forecast.ReachedExpected <= end ? isHard ? HealthStatus.Critical : HealthStatus.Warning
            : forecast.ReachedEarliest <= end ? HealthStatus.Warning
            : HealthStatus.Ok;
    }

    private static string Sentence(CapacityForecast forecast, bool countsDown)
    {
        string Of(double? value) => CapacityText.Value(value, forecast.Unit);
        if (forecast.Current is null)
        {
            return "Its value is unknown.";
        }

        var of = forecast.Limit is null ? Of(forecast.Current) : $"{Of(forecast.Current)} of {Of(forecast.Limit)}";
        var now = forecast.Resource == CapacityResource.Connections ? $"{of} at the highest lately" : of;
        if (IsReached(forecast, countsDown))
        {
            return $"The limit is reached: {now}.";
        }

        if (forecast.Projected is null)
        {
            return $"{now}; when the limit is reached cannot be told: {forecast.Reasons.LastOrDefault(reason => reason.StartsWith("Insufficient", StringComparison.Ordinal))?.TrimEnd('.').ToLowerInvariant() ?? "insufficient data"}.";
        }

        var peak = CapacityText.Peak(forecast) is { } highest ? $"; at the highest on the way {highest}" : "";
        var dates = forecast.Limit is null ? ""
            : forecast.ReachedEarliest is null && forecast.ReachedExpected is null ? " The limit is not reached within what can be told."
            : $" The limit is reached {CapacityText.Dates(forecast)}.";
        return Say.Text($"{now}; {CapacityText.Projected(forecast)} expected in {forecast.Projection.TotalDays:0} days{peak}.") + dates;
    }
}
