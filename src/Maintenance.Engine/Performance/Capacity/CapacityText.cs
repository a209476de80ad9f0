using System.Globalization;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Performance.Capacity;

/// <summary>Figures and dates of capacity in words: what was measured as it is, what is expected with no more digits than its error leaves.</summary>
internal static class CapacityText
{
    /// <summary>Estimates have no more digits than this, however sure they seem.</summary>
    private const int MostDigits = 4;
    private const int GrowthDigits = 3;

    /// <summary>A limit of so many, of which less than this percentage is used, says nothing as a number.</summary>
    private const double Countless = 1e15;
    private const double HardlyUsed = 0.0001;

    /// <summary>Digits of an estimate are told down to a third of its error.</summary>
    private const double ToldOfError = 1 / 3.0;

    /// <summary>A range of dates that is wider is told in months.</summary>
    private static readonly TimeSpan Months = TimeSpan.FromDays(92);

    /// <summary>A measured figure or a limit: <c>12.3 GB</c>, <c>2,147,483,647</c>.</summary>
    /// <param name="value">The figure; null for one that is not known.</param>
    /// <param name="unit">Its unit.</param>
    public static string Value(double? value, MetricUnit unit) => value is { } known ? Value(known, unit, 0) : "unknown";

    /// <summary>An expected figure, rounded to what its error leaves of it: <c>109 GB</c>.</summary>
    /// <param name="value">The figure; null for one that is not known.</param>
    /// <param name="error">How far off it may be.</param>
    /// <param name="unit">Its unit.</param>
    public static string Expected(double? value, double error, MetricUnit unit) => value is not { } known ? "unknown" : Value(Rounded(known, error, MostDigits, unit), unit, 0);

    /// <summary>A growth: <c>+1.2 GB a day</c>.</summary>
    /// <param name="value">The figure; null for one that is not known.</param>
    /// <param name="error">How far off it may be.</param>
    /// <param name="unit">Its unit.</param>
    public static string PerDay(double? value, double error, MetricUnit unit) => value is { } known ? $"{Signed(known, error, unit)} a day" : "unknown";

    /// <summary>The growth of a forecast: <c>+1.2 GB</c>.</summary>
    /// <param name="forecast">The forecast.</param>
    public static string Growth(CapacityForecast forecast) => forecast.TrendPerDay is { } growth ? Signed(growth, GrowthErrorOf(forecast), forecast.Unit) : "unknown";

    /// <summary>The growth of a forecast with its range: <c>+1.2 GB a day (+1.1 GB to +1.4 GB)</c>.</summary>
    /// <param name="forecast">The forecast.</param>
    public static string GrowthRange(CapacityForecast forecast)
    {
        string Of(double value) => Signed(value, GrowthErrorOf(forecast), forecast.Unit);
        return forecast is not { TrendPerDay: { } growth, TrendLow: { } low, TrendHigh: { } high } ? "unknown"
            : Of(low) == Of(high) ? $"{Of(growth)} a day"
            : $"{Of(growth)} a day ({Of(low)} to {Of(high)})";
    }

    /// <summary>What a forecast expects at the end of its projection, with the range: <c>109 GB (105 GB to 114 GB)</c>.</summary>
    /// <param name="forecast">The forecast.</param>
    public static string Projected(CapacityForecast forecast) => forecast.Projected is { } expected
        ? (forecast.ProjectedIsPeak ? "peaks of " : "") + Range(forecast, expected, forecast.ProjectedLow ?? expected, forecast.ProjectedHigh ?? expected)
        : "unknown";

    /// <summary>The same without the range, or the highest value on the way where there is one: <c>peak 72</c>.</summary>
    /// <param name="forecast">The forecast.</param>
    public static string Briefly(CapacityForecast forecast)
    {
        string Of(double? value) => Expected(value, ErrorOf(forecast), forecast.Unit);
        return forecast.Peak is { } peak ? $"peak {Of(peak.Expected)}" : $"{(forecast.ProjectedIsPeak ? "peak " : "")}{Of(forecast.Projected)}";
    }

    /// <summary>What is used, of what there may be: <c>12 GB of 100 GB</c>. Where nothing stops it, that no limit is set; for what counts at its highest, of which time.</summary>
    /// <param name="forecast">The forecast.</param>
    public static string Now(CapacityForecast forecast)
    {
        var current = Value(forecast.Current, forecast.Unit);
        var of = forecast switch
        {
            { Limit: null } => $"{current}, no limit set",
            { Unit: MetricUnit.Count, UsedPercent: < HardlyUsed, Limit: >= Countless } => $"{current}, less than a millionth of its limit",
            _ => $"{current} of {Value(forecast.Limit, forecast.Unit)}",
        };
        return forecast is { Resource: CapacityResource.Connections, CurrentAt: { } at } ? Say.Text($"{of} at the highest of the last {ForecastBuilder.HighestDays} days ({Say.Day(at)})") : of;
    }

    /// <summary>What is expected within the projection: the highest, where days differ, for it is what counts; otherwise the value at its end.</summary>
    /// <param name="forecast">The forecast.</param>
    public static string Ahead(CapacityForecast forecast) => IsRaised(forecast)
        ? Say.Text($"on {BadDay(forecast)} up to {Expected(forecast.Peak?.Expected, ErrorOf(forecast), forecast.Unit)} in the next {forecast.Projection.TotalDays:0} days, on usual days up to {Expected(forecast.Forecast.Max(value => value.Expected), ErrorOf(forecast), forecast.Unit)}")
        : Peak(forecast) is { } peak
        ? Say.Text($"at the highest of the next {forecast.Projection.TotalDays:0} days {peak} expected")
        : Say.Text($"{Projected(forecast)} expected in {forecast.Projection.TotalDays:0} days");

    /// <summary>The highest value on the way, with its day; null where it is none of its own.</summary>
    /// <param name="forecast">The forecast.</param>
    public static string? Peak(CapacityForecast forecast) => IsRaised(forecast)
        // How often such a day comes is not known: there is no range of it.
        ? $"{Expected(forecast.Peak?.Expected, ErrorOf(forecast), forecast.Unit)} on {BadDay(forecast)}"
        : forecast.Peak is { } peak ? $"{Range(forecast, peak.Expected, peak.Low, peak.High)} about {Say.Day(peak.At)}" : null;

    /// <summary>How far off what a forecast expects may be: half of its range, or as far as it was off when it was tried on the past.</summary>
    /// <param name="forecast">The forecast.</param>
    public static double ErrorOf(CapacityForecast forecast) => Math.Max(Half(forecast.ProjectedLow, forecast.ProjectedHigh), forecast.Backtest?.MeanAbsoluteError ?? 0);

    /// <summary>The dates of a limit as a range.</summary>
    /// <param name="forecast">The forecast.</param>
    public static string Dates(CapacityForecast forecast) => forecast switch
    {
        { Limit: null } => "no limit is known",
        { ReachedExpected: { } expected } when expected <= forecast.CurrentAt => "reached",
        { ReachedExpected: { } expected } when IsRaised(forecast) => $"from {(expected.UtcDateTime.Date <= forecast.CollectedAt.UtcDateTime.Date ? "today" : Day(forecast, expected))} if a day is {AsFar(forecast)}; {OnUsualDays(forecast)}",
        { ReachedEarliest: { } early } when IsRaised(forecast) => $"from {Day(forecast, early)} at the earliest if a day is {AsFar(forecast)}; {OnUsualDays(forecast)}",
        { ReachedExpected: { } expected } => $"about {Day(forecast, expected)}{Around(forecast)}",
        { ReachedEarliest: { } early } => $"{Day(forecast, early)} at the earliest, if at all",
        { Confidence: ForecastConfidence.None } => "unknown",
        _ => "not within what can be told",
    };

    /// <summary>The earliest and the latest date of a limit: <c>2026-06-20 to 2026-07-02</c>. Nothing where neither is known.</summary>
    /// <param name="forecast">The forecast.</param>
    public static string Between(CapacityForecast forecast) => (forecast.ReachedEarliest, forecast.ReachedLatest) switch
    {
        (null, null) => "",
        ({ } early, null) => $"{Day(forecast, early)} or later",
        (null, { } late) => $"{Day(forecast, late)} at the latest",
        ({ } early, { } late) => Day(forecast, early) is var first && Day(forecast, late) is var last && first == last ? first : $"{first} to {last}",
    };

    /// <summary>When the limit is expected to be reached, no finer than can be told; nothing where it is not.</summary>
    /// <param name="forecast">The forecast.</param>
    public static string Reached(CapacityForecast forecast) => forecast.ReachedExpected is { } expected ? Day(forecast, expected) : "";

    /// <summary>True if its dates are those of bad days: of such as were highest lately, and not of what is usual.</summary>
    /// <param name="forecast">The forecast.</param>
    public static bool IsRaised(CapacityForecast forecast) => forecast is { HighestAbove: > 0, Forecast.Count: > 0 };

    /// <summary>The bad day that may come again: <c>a day as far above the usual as 2025-06-01 was</c>.</summary>
    /// <param name="forecast">The forecast; raised.</param>
    public static string BadDay(CapacityForecast forecast) => $"a day {AsFar(forecast)}";

    /// <summary>When usual days reach the limit, within the projection; null where they do not.</summary>
    /// <param name="forecast">The forecast; raised.</param>
    public static DateTimeOffset? ReachedOnUsualDays(CapacityForecast forecast) => forecast.Forecast.FirstOrDefault(value => value.Expected >= forecast.Limit)?.At;

    /// <summary>True if there is a verdict: without a limit there is nothing to hold it against.</summary>
    /// <param name="forecast">The forecast.</param>
    public static bool IsJudged(CapacityForecast forecast) => forecast.Limit is not null || forecast.Status != HealthStatus.Ok;

    /// <summary>A text that begins like a sentence.</summary>
    /// <param name="text">The text; not empty.</param>
    public static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>What it is about.</summary>
    /// <param name="forecast">The forecast.</param>
    public static string Title(CapacityForecast forecast) => forecast.Resource switch
    {
        CapacityResource.Storage => $"Storage: {forecast.Subject}",
        CapacityResource.Connections => $"Connections {forecast.Subject}",
        CapacityResource.Bandwidth => "Bandwidth a day",
        // Some of which nothing is known.
        CapacityResource.Sequence when forecast.Limit is null => $"Sequences: {forecast.Subject}",
        CapacityResource.IntegerKey when forecast.Limit is null => $"Keys: {forecast.Subject}",
        CapacityResource.Sequence => $"Sequence {forecast.Subject}",
        CapacityResource.IntegerKey => $"Key {forecast.Subject}",
        _ => "Transaction ids",
    };

    private static double GrowthErrorOf(CapacityForecast forecast) => Half(forecast.TrendLow, forecast.TrendHigh);

    private static string Signed(double value, double error, MetricUnit unit)
    {
        var rounded = Rounded(value, error, GrowthDigits, unit);
        return $"{(rounded > 0 ? "+" : "")}{Value(rounded, unit, Math.Abs(rounded) < 10 ? 2 : 0)}";
    }

    private static string Range(CapacityForecast forecast, double expected, double low, double high)
    {
        var error = Math.Max(ErrorOf(forecast), (high - low) / 2);
        string Of(double value) => Expected(value, error, forecast.Unit);
        return Of(low) == Of(high) ? Of(expected) : $"{Of(expected)} ({Of(low)} to {Of(high)})";
    }

    private static string Around(CapacityForecast forecast)
    {
        var latest = forecast.ReachedLatest is { } late ? Day(forecast, late) : "a day later than can be told";
        return forecast.ReachedEarliest is not { } early || Day(forecast, early) == latest ? "" : $" (between {Day(forecast, early)} and {latest})";
    }

    // A day, where the range is no wider than a season; a month otherwise.
    private static string Day(CapacityForecast forecast, DateTimeOffset time) =>
        (forecast.ReachedLatest ?? forecast.ReachedExpected) - forecast.ReachedEarliest > Months ? Say.Text($"{time.UtcDateTime:yyyy-MM}") : Say.Day(time);

    private static string AsFar(CapacityForecast forecast) =>
        $"as far above the usual as {(forecast.HighestAboveAt is { } at ? Say.Day(at) : Say.Text($"the highest of the last {ForecastBuilder.HighestDays}"))} was";

    private static string OnUsualDays(CapacityForecast forecast) => ReachedOnUsualDays(forecast) is { } usual
        ? $"on usual days from {Say.Day(usual)} on"
        : Say.Text($"on usual days not within {forecast.Projection.TotalDays:0} days");

    private static double Half(double? low, double? high) => (high - low) / 2 ?? 0;

    // Bytes are rounded in the unit that they are told in.
    private static double Rounded(double value, double error, int digits, MetricUnit unit)
    {
        var one = unit == MetricUnit.Bytes && Math.Abs(value) >= 1 ? Math.Pow(1024, Math.Floor(Math.Log(Math.Abs(value), 1024))) : 1;
        return Significant(value / one, error / one, digits) * one;
    }

    private static double Significant(double value, double error, int digits)
    {
        if (value == 0 || !double.IsFinite(value))
        {
            return value;
        }

        var told = Math.Abs(error) * ToldOfError;
        var finest = Math.Floor(Math.Log10(Math.Abs(value))) - digits + 1;
        var step = Math.Pow(10, told > 0 ? Math.Max(finest, Math.Floor(Math.Log10(told))) : finest);
        return Math.Round(value / step) * step;
    }

    private static string Value(double value, MetricUnit unit, int decimals)
    {
        if (unit == MetricUnit.Bytes)
        {
            return (value < 0 ? "-" : "") + Say.Size((long)Math.Min(Math.Abs(value), long.MaxValue / 2));
        }

        return Math.Abs(value) >= 1e15 ? Say.Text($"{value / 1e18:0.###} quintillion") : value.ToString(decimals == 0 ? "#,0" : "#,0.##", CultureInfo.InvariantCulture);
    }
}
