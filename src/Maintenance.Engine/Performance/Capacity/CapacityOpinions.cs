using Maintenance.Engine.Performance.Statistics;

namespace Maintenance.Engine.Performance.Capacity;

/// <summary>What the function says, beside what was measured of the very same thing. Pure.</summary>
internal static class CapacityOpinions
{
    /// <summary>So much may two measurements of the same differ.</summary>
    private const double Tolerated = 0.1;

    /// <summary>Growth is measured over the same time in more than one way: only what is farther apart is another answer.</summary>
    private const double ToleratedGrowth = 0.25;

    /// <summary>The function does not say over how many days it takes its growth, nor its peak; the guide asks it for 30.</summary>
    private const int Days = 30;

    public static double Bytes(double gigabytes) => gigabytes * (1L << 30);

    public static CapacityForecast WithTrouble(CapacityFacts facts, CapacityForecast forecast) => facts.ReportedTrouble is { } trouble
        ? forecast with { Reasons = [.. forecast.Reasons, $"The function capacity_analysis did not answer: {trouble}"] }
        : forecast;

    /// <summary>Puts its size and growth of one database beside the forecast of storage.</summary>
    /// <param name="forecast">Ours, of the whole server.</param>
    /// <param name="database">The database that the function looks at; null if unknown.</param>
    /// <param name="size">The size that it says.</param>
    /// <param name="growth">The growth a day that it says.</param>
    /// <param name="measured">What was measured of that database; null if nothing was.</param>
    /// <param name="past">That database's past, a value a day.</param>
    public static CapacityForecast OfStorage(CapacityForecast forecast, string? database, double size, double growth, double? measured, IReadOnlyList<TimedValue> past)
    {
        var name = database ?? "the connected database";
        var differences = new List<string>();
        if (measured is { } now && Apart(now, size) > Tolerated)
        {
            differences.Add($"it says that {name} has {CapacityText.Value(size, MetricUnit.Bytes)}, measured were {CapacityText.Value(now, MetricUnit.Bytes)}");
        }

        var lately = past.Where(point => point.Day > past[^1].Day - Days).ToList();
        if (lately.Count >= Days / 2 && TheilSen.Fit(lately) is { } line)
        {
            // Steps count in the one, and not in the other: either is an answer to how fast it grows.
            var average = (lately[^1].Value - lately[0].Value) / (lately[^1].Day - lately[0].Day);
            if ((growth < Math.Min(line.Low, average) || growth > Math.Max(line.High, average)) && Math.Min(Apart(average, growth), Apart(line.Slope, growth)) > ToleratedGrowth)
            {
                differences.Add($"it says that {name} grows by {CapacityText.PerDay(growth, 0, MetricUnit.Bytes)}, measured were {CapacityText.PerDay(average, 0, MetricUnit.Bytes)} on average of the last {Days} days");
            }
        }

        return With(forecast, new CapacityOpinion(size, growth, size + growth * forecast.Projection.TotalDays, Sentence(differences)));
    }

    /// <summary>Puts its peak beside that of connections. It does not say of which time: only one that was never seen lately contradicts what was measured.</summary>
    /// <param name="forecast">Ours.</param>
    /// <param name="peak">What it says.</param>
    /// <param name="highest">The highest that was measured within the last thirty days; null if nothing was.</param>
    public static CapacityForecast OfConnections(CapacityForecast forecast, double peak, double? highest)
    {
        var disagrees = highest is { } most && peak > most + 1 && Apart(most, peak) > Tolerated;
        return With(forecast, new CapacityOpinion(peak, null, null, Sentence(disagrees
            ? [$"it says that there were {CapacityText.Value(peak, MetricUnit.Count)} connections at once, the most that was measured within {Days} days is {CapacityText.Value(highest, MetricUnit.Count)}"]
            : [])));
    }

    /// <summary>Bandwidth is known from it alone, so that there is nothing to compare it with.</summary>
    public static CapacityForecast OfBandwidth(CapacityForecast forecast, double said) => With(forecast, new CapacityOpinion(said, null, null, null));

    private static CapacityForecast With(CapacityForecast forecast, CapacityOpinion opinion) => forecast with
    {
        Reported = opinion,
        Reasons = opinion.Disagreement is { } disagreement ? [.. forecast.Reasons, disagreement] : forecast.Reasons,
    };

    private static string? Sentence(List<string> differences) => differences.Count == 0 ? null : $"The function capacity_analysis disagrees: {string.Join("; ", differences)}.";

    private static double Apart(double measured, double said) => measured == said ? 0 : Math.Abs(measured - said) / Math.Max(Math.Abs(measured), Math.Abs(said));
}
