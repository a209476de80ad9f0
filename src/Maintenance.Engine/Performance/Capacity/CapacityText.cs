using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Performance.Capacity;

/// <summary>Figures of capacity in sentences.</summary>
internal static class CapacityText
{
    public static string Value(double? value, MetricUnit unit) => value is not { } known ? "unknown"
        : unit == MetricUnit.Bytes ? (known < 0 ? "-" : "") + Say.Size((long)Math.Min(Math.Abs(known), long.MaxValue / 2))
        : Math.Abs(known) >= 1e15 ? Say.Text($"{known:0.###e0}")
        : Say.Text($"{known:#,0.#}");

    public static string PerDay(double? value, MetricUnit unit) => value is { } known ? $"{(known > 0 ? "+" : "")}{Value(known, unit)} a day" : "unknown";

    /// <summary>The dates of a limit as a range.</summary>
    public static string Dates(CapacityForecast forecast) => forecast switch
    {
        { Limit: null } => "no limit is known",
        { ReachedExpected: { } expected } when expected <= forecast.CurrentAt => "reached",
        { ReachedExpected: { } expected } => $"about {Say.Day(expected)} ({(forecast.ReachedEarliest is { } early ? Say.Day(early) : "?")} to {(forecast.ReachedLatest is { } late ? Say.Day(late) : "later than can be told")})",
        { ReachedEarliest: { } early } => $"{Say.Day(early)} at the earliest, if at all",
        { Confidence: ForecastConfidence.None } => "unknown",
        _ => "not within what can be told",
    };

    public static string Title(CapacityForecast forecast) => forecast.Resource switch
    {
        CapacityResource.Storage => $"Storage: {forecast.Subject}",
        CapacityResource.Connections => $"Connections: {forecast.Subject}",
        CapacityResource.Bandwidth => "Bandwidth a day",
        CapacityResource.Sequence => $"Sequence {forecast.Subject}",
        CapacityResource.IntegerKey => $"Key {forecast.Subject}",
        _ => "Transaction ids",
    };
}
