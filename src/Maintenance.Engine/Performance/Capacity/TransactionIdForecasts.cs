using Maintenance.Engine.Inspect;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statistics;

namespace Maintenance.Engine.Performance.Capacity;

/// <summary>
/// Transaction ids: their age rises as they are taken and falls as rows are frozen, like a saw. The trend is that of the ids taken, from the
/// rises alone. While freezing keeps the age down, no date is expected: that it would stop is an assumption, and said as one. Pure.
/// </summary>
internal static class TransactionIdForecasts
{
    /// <summary>Beyond this share of the age at which autovacuum must freeze, freezing does not keep up.</summary>
    private const double KeepsUp = 1.05;

    /// <summary>Where the version of the server is not known: what every supported one stops at, or earlier.</summary>
    private const int StrictVersion = 14;

    /// <summary>So often the age must have fallen to be a saw, within so many days.</summary>
    private const int FewestFreezings = 2;
    private const int SawDays = 90;

    public static CapacityForecast Of(CapacityFacts facts)
    {
        var series = StorageForecasts.WithPresent(facts.Of(SampledMetrics.XidAge), facts.Present?.XidAge, facts);
        var freezings = Enumerable.Range(1, Math.Max(0, series.Points.Count - 1)).Count(index => series.Points[index].Day >= TimedValue.DayOf(facts.Now) - SawDays && series.Points[index].Value < series.Points[index - 1].Value);
        var forecast = ForecastBuilder.Of(facts, new CapacityCase
        {
            Resource = CapacityResource.TransactionIds,
            Subject = "oldest database",
            Unit = MetricUnit.Count,
            Series = series with { Points = Taken(series.Points) },
            Shown = series.Points,
            Current = facts.Present?.XidAge,
            Limit = WraparoundLimits.XidStop(facts.Present?.MajorVersion ?? StrictVersion),
            LimitSource = "age at which the server gives out no more (see Get-DbWraparound)",
            IsHard = true,
            OnlyRises = true,
            Reasons = StorageForecasts.Missing(facts),
        });
        return forecast.Projected is null ? forecast : Held(facts, forecast, series.Points, freezings);
    }

    /// <summary>The ages as if nothing had been frozen: the rises added up, backwards from the last one. Where the age fell, ids were taken at the usual pace.</summary>
    internal static IReadOnlyList<TimedValue> Taken(IReadOnlyList<TimedValue> ages)
    {
        var rises = ages.Zip(ages.Skip(1)).Where(pair => pair.Second.Value >= pair.First.Value)
            .Select(pair => (pair.Second.Value - pair.First.Value) / (pair.Second.Day - pair.First.Day)).ToList();
        if (rises.Count == 0)
        {
            return ages;
        }

        var usual = Robust.Median(rises);
        var taken = ages.ToArray();
        for (var index = ages.Count - 2; index >= 0; index--)
        {
            var rise = ages[index + 1].Value - ages[index].Value;
            taken[index] = ages[index] with { Value = taken[index + 1].Value - (rise >= 0 ? rise : usual * (ages[index + 1].Day - ages[index].Day)) };
        }

        return taken;
    }

    private static CapacityForecast Held(CapacityFacts facts, CapacityForecast forecast, IReadOnlyList<TimedValue> ages, int freezings)
    {
        var limit = facts.Present?.FreezeLimit;
        // Rows are often frozen long before they must be. Beyond the highest age so far only what autovacuum must do is known.
        var seen = facts.Of(SampledMetrics.XidAge).Where(point => point.At <= facts.Now && point.To > facts.Now.AddDays(-SawDays)).Select(point => point.Value.Maximum).DefaultIfEmpty(0).Max();
        var isSaw = freezings >= FewestFreezings && seen > 0 && forecast.Current <= seen * KeepsUp;
        var ceiling = isSaw ? Math.Max(seen, forecast.Current ?? 0) : Math.Max(limit ?? 0, freezings > 0 ? ages.Max(age => age.Value) : 0);
        var keepsUp = limit is { } freeze ? forecast.Current <= freeze * KeepsUp : freezings > 0;
        if (!keepsUp)
        {
            return forecast with { Reasons = [.. forecast.Reasons, limit is null ? "The age at which rows must be frozen is unknown." : Say.Text($"The age is beyond {limit:#,0}, at which autovacuum must freeze: freezing does not keep up (see Get-DbWraparound).")] };
        }

        double? Capped(double? value) => value is { } known ? Math.Min(known, Math.Max(ceiling, forecast.Current ?? 0)) : null;
        var unfrozen = forecast.ReachedExpected is { } date
            ? $" Were nothing frozen from now on, the server would stop taking writes about {Say.Day(date)}."
            : "";
        var held = forecast with
        {
            Projected = Capped(forecast.Projected),
            ProjectedLow = Capped(forecast.ProjectedLow),
            ProjectedHigh = Capped(forecast.ProjectedHigh),
            ProjectedIsPeak = forecast.Projected >= ceiling,
            ReachedEarliest = null,
            ReachedExpected = null,
            ReachedLatest = null,
            Forecast = [.. forecast.Forecast.Select(value => new CapacityExpectation(value.At, Capped(value.Expected)!.Value, Capped(value.Low)!.Value, Capped(value.High)!.Value))],
            Reasons =
            [
                .. forecast.Reasons,
                Say.Text($"{(isSaw ? Say.Text($"Freezing has kept the age at {ceiling:#,0} or less in the last {SawDays} days") : Say.Text($"Freezing keeps the age below {ceiling:#,0}"))}{(freezings > 0 ? Say.Text($" ({Say.Count(freezings, "time", "times")} seen)") : "")}, so no date is expected.") + unfrozen,
            ],
        };
        return CapacityVerdict.Judge(held, isHard: true, isStale: false, remedy: facts.Remedy) is var judged && forecast.Status == HealthStatus.Unknown ? judged with { Status = HealthStatus.Unknown } : judged;
    }
}
