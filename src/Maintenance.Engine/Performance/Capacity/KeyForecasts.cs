using Maintenance.Engine.Inspect;
using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Engine.Performance.Capacity;

/// <summary>Sequences and integer keys, those nearest to their end. Pure.</summary>
internal static class KeyForecasts
{
    private const int MostNames = 5;

    public static IEnumerable<CapacityForecast> Of(CapacityFacts facts, int first)
    {
        if (facts.Present?.Keys is not { } all)
        {
            yield return Unknown(facts, CapacityResource.Sequence, "all", "Where sequences end only the database tells.", facts.PresentTrouble);
            yield return Unknown(facts, CapacityResource.IntegerKey, "all", "Where integer keys end only the database tells.", facts.PresentTrouble);
            yield break;
        }

        // What begins again at its end does not run out; one whose column ends before never comes there.
        var keys = all.Where(key => !key.Cycles || !key.EndsByItself).ToList();
        var nearest = keys.Where(key => Last(facts, key) is not null).OrderBy(key => NaiveDays(facts, key)).ThenByDescending(key => Last(facts, key) / key.Limit).ThenBy(key => key.Name, StringComparer.Ordinal).Take(first).ToList();
        // Most of a forecast is reckoning, and none needs another.
        foreach (var forecast in nearest.AsParallel().AsOrdered().Select(key => Of(facts, key)))
        {
            yield return forecast;
        }

        if (keys.Where(key => key.IsHidden).OrderBy(key => key.Name, StringComparer.Ordinal).ToList() is { Count: > 0 } hidden)
        {
            var schemas = hidden.Select(key => key.Schema).Distinct(StringComparer.Ordinal).ToList();
            yield return Unknown(
                facts,
                CapacityResource.Sequence,
                $"{hidden.Count} not permitted",
                $"The role {facts.Present.Role} may not see how far {Say.Count(hidden.Count, "sequence has", "sequences have")} come: {Names([.. hidden.Select(key => key.Name)])}.",
                null) with
            {
                Recommendation = $"Run as their owner: {string.Join(' ', schemas.Take(MostNames).Select(schema => $"GRANT SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {facts.Present.Role};"))}{(schemas.Count > MostNames ? Say.Text($" The same for {schemas.Count - MostNames} more schemas.") : "")}",
            };
        }

        // The tables are not read here: without a sample nobody knows how far a key has come.
        if (keys.Where(key => !key.IsSequence && !key.IsEmpty && Last(facts, key) is null).Select(key => key.Name).Order(StringComparer.Ordinal).ToList() is { Count: > 0 } unsampled)
        {
            yield return Unknown(
                facts,
                CapacityResource.IntegerKey,
                $"{unsampled.Count} without samples",
                $"How far {Say.Count(unsampled.Count, "integer key without a sequence has", "integer keys without a sequence have")} come is unknown: the history has no sample of {Names(unsampled)}.",
                facts.HistoryTrouble) with
            {
                Recommendation = facts.HistoryRemedy ?? "Let Invoke-MaintenanceTask PerformanceMetrics run every five minutes: it looks at keys every hour. If it does, the role may not read the column: GRANT SELECT on the table.",
            };
        }
    }

    private static CapacityForecast Of(CapacityFacts facts, KeyFacts key) => ForecastBuilder.Of(facts, new CapacityCase
    {
        Resource = key.IsSequence ? CapacityResource.Sequence : CapacityResource.IntegerKey,
        Subject = key.Name,
        Database = facts.Present!.Database,
        Unit = MetricUnit.Count,
        Series = StorageForecasts.WithPresent(Samples(facts, key), key.LastValue, facts),
        Current = key.LastValue,
        Limit = key.Limit,
        LimitSource = key.LimitSource,
        IsHard = true,
        OnlyRises = true,
        CountsDown = key.CountsDown,
        Reasons =
        [
            .. facts.HistoryTrouble is { } history ? [history] : Array.Empty<string>(),
            .. key.IsSequence ? Array.Empty<string>() : ["Its highest value is that of the newest sample: the table was not read."],
        ],
    });

    private static CapacityForecast Unknown(CapacityFacts facts, CapacityResource resource, string subject, string message, string? reason) => new()
    {
        Target = facts.Target.Name,
        Database = facts.Present?.Database,
        Resource = resource,
        Subject = subject,
        Status = HealthStatus.Unknown,
        Message = message,
        Recommendation = facts.Present is null ? facts.PresentRemedy : null,
        Unit = MetricUnit.Count,
        Projection = facts.Projection,
        Reasons = reason is null ? [] : [reason],
        CollectedAt = facts.Now,
    };

    private static string Names(List<string> names) => string.Join(", ", names.Take(MostNames)) + (names.Count > MostNames ? ", …" : "");

    private static IReadOnlyList<SeriesPoint> Samples(CapacityFacts facts, KeyFacts key) => facts.Keys.TryGetValue(key.Name, out var samples) ? samples : [];

    private static double? Last(CapacityFacts facts, KeyFacts key) => key.LastValue ?? (Samples(facts, key) is [.., var last] ? last.Value.Mean : null);

    // Good enough to choose those that are worth a forecast.
    private static double NaiveDays(CapacityFacts facts, KeyFacts key)
    {
        var last = Last(facts, key)!.Value;
        var growth = Samples(facts, key) is [var oldest, ..] ? (last - oldest.Value.Mean) / Math.Max(1, (facts.Now - oldest.At).TotalDays) : 0;
        var days = (key.Limit - last) / growth;
        return double.IsFinite(days) && days >= 0 ? days : double.MaxValue;
    }
}
