namespace Maintenance.Engine.Performance.Capacity;

/// <summary>What the function says, beside what was measured. Pure.</summary>
internal static class CapacityOpinions
{
    /// <summary>So much may two measurements of the same differ.</summary>
    private const double Tolerated = 0.1;

    public static double Bytes(double gigabytes) => gigabytes * (1L << 30);

    public static CapacityForecast WithTrouble(CapacityFacts facts, CapacityForecast forecast) => facts.ReportedTrouble is { } trouble
        ? forecast with { Reasons = [.. forecast.Reasons, $"The function capacity_analysis did not answer: {trouble}"] }
        : forecast;

    /// <summary>Puts the function's figures beside ours, and says where they are more than 10 % apart or its growth lies outside of our interval.</summary>
    /// <param name="forecast">Ours.</param>
    /// <param name="current">Its value now.</param>
    /// <param name="perDay">Its growth a day; null where it tells none.</param>
    /// <param name="same">What was measured of the very thing that it tells of; null where nothing was.</param>
    public static CapacityForecast With(CapacityForecast forecast, double current, double? perDay, double? same)
    {
        string Of(double? value) => CapacityText.Value(value, forecast.Unit);
        var differences = new List<string>();
        if (same is { } measured && Differs(measured, current))
        {
            differences.Add($"it says {Of(current)} now, measured were {Of(measured)}");
        }

        if (perDay is { } growth && forecast is { TrendPerDay: { } trend, TrendLow: { } low, TrendHigh: { } high } && (growth < low || growth > high) && Differs(trend, growth))
        {
            differences.Add($"it says {CapacityText.PerDay(growth, forecast.Unit)}, measured were {CapacityText.PerDay(trend, forecast.Unit)}");
        }

        var disagreement = differences.Count == 0 ? null : $"The function capacity_analysis disagrees: {string.Join("; ", differences)}.";
        return forecast with
        {
            Reported = new CapacityOpinion(current, perDay, current + perDay * forecast.Projection.TotalDays, disagreement),
            Reasons = disagreement is null ? forecast.Reasons : [.. forecast.Reasons, disagreement],
        };
    }

    private static bool Differs(double measured, double said) => Math.Abs(measured - said) > Tolerated * Math.Max(Math.Abs(measured), Math.Abs(said));
}
