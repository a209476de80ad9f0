using Maintenance.Engine.Inspect;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statistics;

namespace Maintenance.Engine.Performance.Capacity;

/// <summary>Storage: all databases together, and the connected one where there are others. Pure.</summary>
internal static class StorageForecasts
{
    /// <summary>The guide's limit (C2), where nobody said another.</summary>
    public const long GuideLimit = 100L << 30;

    /// <summary>Others that make up less do not make the connected database worth a forecast of its own.</summary>
    private const double OthersMatter = 0.1;

    /// <summary>Without a stretch of storage, tables are compared over so many days.</summary>
    private const int TableDays = 60;

    private const int FewestDays = 3;
    private const int MostTables = 10;

    public static IEnumerable<CapacityForecast> Of(CapacityFacts facts)
    {
        var (limit, source) = facts.Target.Capacity.StorageLimit is { } own ? (own, "capacity.storageLimit")
            : facts.Target.Analytics.StorageLimit is { } analytics ? (analytics, "analytics.storageLimit")
            : (GuideLimit, "the guide (C2): no limit is configured (capacity.storageLimit)");
        var all = facts.Of(SampledMetrics.ServerSize);
        var database = facts.Of(SampledMetrics.DatabaseSize);
        if (all.Count == 0 && facts.Present?.ServerBytes is null && (database.Count > 0 || facts.Present?.DatabaseBytes is not null))
        {
            // The others are not seen: what is seen is at least part of it.
            yield return WithTables(facts, ForecastBuilder.Of(facts, Case(facts, database, facts.Present?.DatabaseBytes, facts.Present?.Database ?? "the connected database") with
            {
                Limit = limit,
                LimitSource = source,
                Reasons = ["The role does not see the size of every database: this is that of the connected one alone. GRANT pg_monitor shows them all.", .. Missing(facts)],
            }));
            yield break;
        }

        var server = WithOpinion(facts, WithTables(facts, ForecastBuilder.Of(facts, Case(facts, all, facts.Present?.ServerBytes, "all databases") with
        {
            Database = null,
            Limit = limit,
            LimitSource = source,
            IsHard = source.StartsWith("capacity", StringComparison.Ordinal) || source.StartsWith("analytics", StringComparison.Ordinal),
            Reasons = Missing(facts),
        })));
        yield return server;
        if (facts.Present is { DatabaseBytes: { } bytes } present && server.Current is { } whole && whole > 0 && 1 - bytes / whole > OthersMatter && database.Count > 0)
        {
            yield return WithTables(facts, ForecastBuilder.Of(facts, Case(facts, database, bytes, present.Database) with
            {
                Reasons = ["It has no limit of its own: see all databases."],
            }));
        }
    }

    private static CapacityCase Case(CapacityFacts facts, IReadOnlyList<SeriesPoint> samples, long? present, string subject) => new()
    {
        Resource = CapacityResource.Storage,
        Subject = subject,
        Database = facts.Present?.Database,
        Unit = MetricUnit.Bytes,
        Series = WithPresent(samples, present, facts),
        Current = present,
    };

    /// <summary>A value a day, that of today being what was read just now: the median of a day on which it jumped may be that from before.</summary>
    public static DailySeries WithPresent(IReadOnlyList<SeriesPoint> samples, double? present, CapacityFacts facts)
    {
        var series = DailySeries.OfMedians(samples, facts.Now);
        if (present is not { } value)
        {
            return series;
        }

        var now = TimedValue.DayOf(facts.Now);
        var today = series.Points is [.., var last] && Math.Floor(last.Day) >= Math.Floor(now) ? 1 : 0;
        return series with
        {
            Points = [.. series.Points.SkipLast(today), new TimedValue(now, value)],
            Counts = [.. series.Counts.SkipLast(today), series.Counts.TakeLast(today).Sum() + 1],
        };
    }

    public static IReadOnlyList<string> Missing(CapacityFacts facts) =>
    [
        .. facts.PresentTrouble is { } present ? [$"The database did not answer, so what is so now is not known: {present}"] : Array.Empty<string>(),
        .. facts.HistoryTrouble is { } history ? [history] : Array.Empty<string>(),
    ];

    private static CapacityForecast WithTables(CapacityFacts facts, CapacityForecast forecast)
    {
        var since = TimedValue.DayOf(forecast.SegmentStart is { } start && forecast.Days >= FewestDays ? start : facts.Now.AddDays(-TableDays));
        var newest = facts.Tables.Values.SelectMany(points => points.TakeLast(1)).Select(point => point.To).DefaultIfEmpty().Max();
        var (growths, young) = (new List<TableGrowth>(), 0);
        foreach (var (name, samples) in facts.Tables)
        {
            // Tables that are gone grow no more.
            if (samples[^1].To < newest.AddDays(-1))
            {
                continue;
            }

            var points = DailySeries.OfMedians(samples, facts.Now).Points.Where(point => point.Day >= since - 0.5).ToList();
            if (points.Count < FewestDays)
            {
                young++;
            }
            else if (TheilSen.Fit(points) is { Slope: not 0 } line)
            {
                growths.Add(new TableGrowth { Target = facts.Target.Name, Table = name, SizeBytes = (long)samples[^1].Value.Mean, BytesPerDay = line.Slope, Days = points.Count });
            }
        }

        var total = growths.Where(table => table.BytesPerDay > 0).Sum(table => table.BytesPerDay);
        var listed = growths.OrderByDescending(table => table.BytesPerDay).ThenBy(table => table.Table, StringComparer.Ordinal).Take(MostTables)
            .Select(table => table with { SharePercent = total > 0 && table.BytesPerDay > 0 ? 100 * table.BytesPerDay / total : null });
        return forecast with
        {
            Tables = [.. listed],
            Reasons =
            [
                .. forecast.Reasons,
                .. facts.Tables.Count == 0 ? ["Which tables grow is unknown: there are no samples of tables."] : Array.Empty<string>(),
                .. young > 0 ? [Say.Text($"{young} {(young == 1 ? "table has" : "tables have")} samples of fewer than {FewestDays} days: their growth is unknown.")] : Array.Empty<string>(),
            ],
        };
    }

    private static CapacityForecast WithOpinion(CapacityFacts facts, CapacityForecast forecast)
    {
        if (facts.Reported is not { } reported)
        {
            return CapacityOpinions.WithTrouble(facts, forecast);
        }

        // It tells of the connected database, not of the server: it is compared with what was measured of that one.
        var own = WithPresent(facts.Of(SampledMetrics.DatabaseSize), facts.Present?.DatabaseBytes, facts).Points;
        var (size, growth) = (CapacityOpinions.Bytes(reported.DatabaseSizeGb), CapacityOpinions.Bytes(reported.DailyGrowthGb));
        return CapacityOpinions.OfStorage(forecast, facts.Present?.Database, size, growth, facts.Present?.DatabaseBytes, own);
    }
}
