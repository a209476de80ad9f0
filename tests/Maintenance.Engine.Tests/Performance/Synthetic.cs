using Maintenance.Engine.Performance.Statistics;

namespace Maintenance.Engine.Tests.Performance;

/// <summary>Pasts whose truth is known.</summary>
internal static class Synthetic
{
    /// <summary>A Monday.</summary>
    public const double Monday = 20_454;

    /// <summary>Days with a value each.</summary>
    public static List<TimedValue> Days(int count, Func<int, double> value) => [.. Enumerable.Range(0, count).Select(day => new TimedValue(Monday + day + 0.5, value(day)))];

    /// <summary>Noise of a normal distribution, the same for the same seed; with a correlation from day to day.</summary>
    public static double[] Noise(int count, double deviation, int seed, double correlation = 0)
    {
        var random = new Random(seed);
        var noise = new double[count];
        for (var index = 0; index < count; index++)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            noise[index] = index == 0 ? deviation * normal : correlation * noise[index - 1] + deviation * Math.Sqrt(1 - correlation * correlation) * normal;
        }

        return noise;
    }

    /// <summary>What is asked on the day after the last.</summary>
    public static TrendQuestion Ask(IReadOnlyList<TimedValue> points, double days = 30) => new(points[^1].Day + 0.5, days);
}
