using MathNet.Numerics.Distributions;

namespace Maintenance.Engine.Performance.Trends;

/// <summary>Where a row of figures is going: the slope that half of all pairs exceed (Theil-Sen), and whether it may be chance (Mann-Kendall). Outliers move neither. Pure.</summary>
/// <param name="Slope">Change a day.</param>
/// <param name="Probability">Two-sided p: how likely so steady a direction is where there is none.</param>
internal readonly record struct DailyTrend(double Slope, double Probability)
{
    /// <summary>With fewer days nearly every row looks as if it were going somewhere.</summary>
    public const int FewestDays = 6;

    /// <summary>Null with fewer than <see cref="FewestDays"/> figures.</summary>
    public static DailyTrend? Of(IReadOnlyList<(double Day, double Value)> points)
    {
        var count = points.Count;
        if (count < FewestDays)
        {
            return null;
        }

        var slopes = new List<double>(count * (count - 1) / 2);
        var score = 0;
        for (var first = 0; first < count; first++)
        {
            for (var second = first + 1; second < count; second++)
            {
                var days = points[second].Day - points[first].Day;
                if (days != 0)
                {
                    slopes.Add((points[second].Value - points[first].Value) / days);
                }

                score += Math.Sign(points[second].Value - points[first].Value);
            }
        }

        if (slopes.Count == 0)
        {
            return null;
        }

        slopes.Sort();
        var slope = (slopes[(slopes.Count - 1) / 2] + slopes[slopes.Count / 2]) / 2;
        // Equal figures make the score vary less.
        var ties = points.GroupBy(point => point.Value).Select(group => (double)group.Count()).Sum(size => size * (size - 1) * (2 * size + 5));
        var variance = (count * (count - 1d) * (2 * count + 5) - ties) / 18;
        var deviations = variance <= 0 ? 0 : (Math.Abs(score) - Math.Min(1, Math.Abs(score))) / Math.Sqrt(variance);
        return new DailyTrend(slope, Math.Min(1, 2 * Normal.CDF(0, 1, -deviations)));
    }
}
