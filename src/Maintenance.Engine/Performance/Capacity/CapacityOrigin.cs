using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Engine.Performance.Capacity;

/// <summary>Whether what a forecast is made of was measured. Pure.</summary>
internal static class CapacityOrigin
{
    // The present of a sandbox is measured like that of any system: only its past was made up.
    private const string Past = "The past is sample data: the sandbox made it up; only the present was measured.";

    /// <summary>What to say beside a forecast; null where all that it is made of was measured.</summary>
    public static string? Of(CapacityFacts facts, CapacityForecast forecast)
    {
        // Without a past of its own it is made of the present alone.
        var origin = forecast.History.Count == 0 ? null : MadeUp.Say(Series(facts, forecast));
        return origin == MadeUp.Note && facts.Present is not null && forecast.Resource is not (CapacityResource.Bandwidth or CapacityResource.IntegerKey) ? Past : origin;
    }

    private static IEnumerable<IReadOnlyList<SeriesPoint>> Series(CapacityFacts facts, CapacityForecast forecast) => forecast.Resource switch
    {
        CapacityResource.Storage => [facts.Of(SampledMetrics.ServerSize), facts.Of(SampledMetrics.DatabaseSize), .. facts.Tables.Values],
        CapacityResource.Connections => [facts.Of(SampledMetrics.Connections)],
        CapacityResource.Bandwidth => [facts.Of(SampledMetrics.DailyBandwidth)],
        CapacityResource.TransactionIds => [facts.Of(SampledMetrics.XidAge)],
        _ => facts.Keys.TryGetValue(forecast.Subject, out var samples) ? [samples] : [],
    };
}
