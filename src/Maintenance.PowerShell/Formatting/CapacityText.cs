using System.Globalization;
using Maintenance.Engine.Performance.Capacity;

namespace Maintenance.Formatting;

/// <summary>How views show figures and dates of capacity: as reports do. What is not known is shown as nothing.</summary>
public static class CapacityText
{
    /// <summary>A measured figure in its unit: <c>12.3 GB</c>, <c>2,147,483,647</c>.</summary>
    /// <param name="value">The figure.</param>
    /// <param name="unit">Its unit.</param>
    public static string Value(double? value, MetricUnit unit) => value is null ? "" : CapacityService.Figure(value, unit);

    /// <summary>The verdict in a word; <c>no limit</c> where there is nothing to hold it against.</summary>
    /// <param name="forecast">The forecast.</param>
    public static string Verdict(CapacityForecast forecast) => CapacityService.Verdict(forecast);

    /// <summary>The growth of a table a day: <c>+1.2 GB</c>.</summary>
    /// <param name="table">The table.</param>
    public static string Growth(TableGrowth table) => $"{(table.BytesPerDay > 0 ? "+" : "")}{CapacityService.Growth(table)}";

    /// <summary>The growth a day: <c>+1.2 GB</c>.</summary>
    /// <param name="forecast">The forecast.</param>
    public static string Growth(CapacityForecast forecast) => forecast.TrendPerDay is null ? "" : CapacityService.Words(forecast).Growth;

    /// <summary>The growth with its range.</summary>
    /// <param name="forecast">The forecast.</param>
    public static string GrowthRange(CapacityForecast forecast) => forecast.TrendPerDay is null ? "" : CapacityService.Words(forecast).GrowthRange;

    /// <summary>What is expected at the end of the projection, and the peak on the way.</summary>
    /// <param name="forecast">The forecast.</param>
    public static string Expected(CapacityForecast forecast) => forecast.Projected is null ? "" : CapacityService.Words(forecast).Expected;

    /// <summary>What is expected at the end of the projection, with its range.</summary>
    /// <param name="forecast">The forecast.</param>
    public static string Projected(CapacityForecast forecast) => forecast.Projected is null ? ""
        : string.Create(CultureInfo.InvariantCulture, $"{CapacityService.Words(forecast).Projected} in {forecast.Projection.TotalDays:0} days");

    /// <summary>The highest value expected on the way, and when.</summary>
    /// <param name="forecast">The forecast.</param>
    public static string Peak(CapacityForecast forecast) => CapacityService.Words(forecast).Peak ?? "";

    /// <summary>When the limit is expected to be reached: <c>2025-06-01</c>.</summary>
    /// <param name="forecast">The forecast.</param>
    public static string Reached(CapacityForecast forecast) => CapacityService.Words(forecast).Reached;

    /// <summary>The dates between which the limit is reached.</summary>
    /// <param name="forecast">The forecast.</param>
    public static string Between(CapacityForecast forecast) => CapacityService.Words(forecast).Between;
}
