using MathNet.Numerics.Statistics;

namespace Maintenance.Engine.Performance.Statistics;

/// <summary>A value at a time.</summary>
/// <param name="Day">When, in days since 1970-01-01 UTC.</param>
/// <param name="Value">The value.</param>
internal readonly record struct TimedValue(double Day, double Value)
{
    /// <summary>The time as a date.</summary>
    public DateTimeOffset At => DateTimeOffset.UnixEpoch.AddDays(Day);

    /// <summary>Days since 1970 of a time.</summary>
    public static double DayOf(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).TotalDays;
}

/// <summary>Figures that a few wild values do not move.</summary>
internal static class Robust
{
    /// <summary>Makes the median of absolute deviations a standard deviation where values are normal.</summary>
    private const double MadScale = 1.4826;

    /// <summary>Share of the second differences that is left out as wild, and what that takes from the variance of normal ones.</summary>
    private const double Trimmed = 0.05;
    private const double TrimmedVariance = 0.759;

    public static double Median(IEnumerable<double> values) => values.Median();

    /// <summary>Standard deviation from the median of absolute values around zero.</summary>
    public static double ScaleAroundZero(IEnumerable<double> values) => MadScale * values.Select(Math.Abs).Median();

    /// <summary>
    /// Standard deviation of the noise around a trend, whatever the trend: from how far each value is from the line between its neighbours
    /// (the differences of second order, after Gasser, Sroka and Jennen-Steinmetz 1986), the widest of them left out so that a few steps do not count.
    /// Steps that come every week do count: they are part of how the values are.
    /// </summary>
    public static double Noise(IReadOnlyList<TimedValue> points)
    {
        var differences = new List<double>();
        for (var index = 1; index < points.Count - 1; index++)
        {
            var (before, here, after) = (points[index - 1], points[index], points[index + 1]);
            var share = (here.Day - before.Day) / (after.Day - before.Day);
            var between = before.Value + share * (after.Value - before.Value);
            differences.Add((here.Value - between) / Math.Sqrt(1 + share * share + (1 - share) * (1 - share)));
        }

        if (differences.Count == 0)
        {
            return 0;
        }

        var ordered = differences.Select(Math.Abs).Order().ToList();
        var left = ordered.Count - Math.Min(Math.Max(3, (int)(Trimmed * ordered.Count)), ordered.Count / 5);
        var trimmed = Math.Sqrt(ordered.Take(left).Sum(value => value * value) / left / TrimmedVariance);
        return Math.Max(ScaleAroundZero(differences), trimmed);
    }

    /// <summary>What counts as nothing beside such values: rounding, and a twentieth of what a usual day adds.</summary>
    public static double Floor(IReadOnlyList<TimedValue> points)
    {
        var (low, high) = (points.Min(point => point.Value), points.Max(point => point.Value));
        var steps = points.Zip(points.Skip(1), (before, after) => Math.Abs(after.Value - before.Value)).ToList();
        return 0.05 * (steps.Count > 0 ? Median(steps) : 0) + 1e-6 * (high - low) + 1e-9 * Math.Max(Math.Abs(low), Math.Abs(high)) + 1e-12;
    }
}
