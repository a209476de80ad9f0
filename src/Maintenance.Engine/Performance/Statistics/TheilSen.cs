using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;

namespace Maintenance.Engine.Performance.Statistics;

/// <summary>A line through values.</summary>
/// <param name="Slope">Growth a day.</param>
/// <param name="Low">Lower end of the slope's interval.</param>
/// <param name="High">Upper end of the slope's interval.</param>
/// <param name="Origin">A day.</param>
/// <param name="Level">The value of the line on that day.</param>
internal sealed record TrendLine(double Slope, double Low, double High, double Origin, double Level)
{
    /// <summary>The line's value on a day.</summary>
    public double At(double day) => Level + Slope * (day - Origin);
}

/// <summary>
/// The line whose slope is the median of the slopes between all pairs of values (Theil 1950, Sen 1968): up to 29 % of the values may be
/// wild without moving it. Its interval comes from the variance of Kendall's S, ties counted (Sen 1968); where values follow each other
/// closely, the variance is greater by (1 + r) / (1 - r) (after Hamed and Rao 1998).
/// </summary>
internal static class TheilSen
{
    /// <summary>More values are put together with their neighbours before: the number of slopes grows with the square.</summary>
    private const int MostPoints = 250;

    /// <summary>Fits a line; null with fewer than two values at different times.</summary>
    /// <param name="points">Values in the order of time.</param>
    /// <param name="confidence">Of the slope's interval, such as 0.95.</param>
    /// <param name="correlation">Correlation of neighbours, 0 to 1 (excluded).</param>
    public static TrendLine? Fit(IReadOnlyList<TimedValue> points, double confidence = 0.95, double correlation = 0)
    {
        points = Together(points);
        var slopes = Slopes(points);
        if (slopes.Length == 0)
        {
            return null;
        }

        // Three of some 30,000 slopes are wanted: picking them costs a fraction of sorting all.
        var slope = ArrayStatistics.MedianInplace(slopes);
        var inflation = (1 + correlation) / (1 - correlation);
        var reach = Normal.InvCDF(0, 1, (1 + confidence) / 2) * Math.Sqrt(KendallVariance(points) * inflation);
        var low = Math.Clamp((int)Math.Floor((slopes.Length - reach) / 2) - 1, 0, slopes.Length - 1);
        var high = Math.Clamp((int)Math.Ceiling((slopes.Length + reach) / 2), 0, slopes.Length - 1);
        double At(int index) => ArrayStatistics.OrderStatisticInplace(slopes, index + 1);
        var origin = points[^1].Day;
        return new TrendLine(slope, Math.Min(At(low), slope), Math.Max(At(high), slope), origin, Robust.Median(points.Select(point => point.Value - slope * (point.Day - origin))));
    }

    private static double[] Slopes(IReadOnlyList<TimedValue> points)
    {
        var slopes = new List<double>(points.Count * (points.Count - 1) / 2);
        for (var second = 1; second < points.Count; second++)
        {
            for (var first = 0; first < second; first++)
            {
                var days = points[second].Day - points[first].Day;
                if (days > 0)
                {
                    slopes.Add((points[second].Value - points[first].Value) / days);
                }
            }
        }

        return [.. slopes];
    }

    private static double KendallVariance(IReadOnlyList<TimedValue> points)
    {
        static double Term(double count) => count * (count - 1) * (2 * count + 5);
        var ties = points.GroupBy(point => point.Value).Where(group => group.Count() > 1).Sum(group => Term(group.Count()));
        return (Term(points.Count) - ties) / 18;
    }

    private static IReadOnlyList<TimedValue> Together(IReadOnlyList<TimedValue> points)
    {
        if (points.Count <= MostPoints)
        {
            return points;
        }

        var size = (points.Count + MostPoints - 1) / MostPoints;
        return [.. points.Chunk(size).Select(chunk => new TimedValue(chunk.Average(point => point.Day), Robust.Median(chunk.Select(point => point.Value))))];
    }
}
