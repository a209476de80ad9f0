using MathNet.Numerics.Distributions;

namespace Maintenance.Engine.Performance.Statistics;

/// <summary>Observations as three figures.</summary>
/// <param name="Count">Their number.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="StandardDeviation">Their standard deviation (of a sample).</param>
internal readonly record struct Observations(long Count, double Mean, double StandardDeviation);

/// <summary>What a comparison of two means came to.</summary>
/// <param name="Statistic">Welch's t: the difference of the means in standard errors; positive if the second is higher.</param>
/// <param name="DegreesOfFreedom">After Welch and Satterthwaite.</param>
/// <param name="Probability">Two-sided p: how likely so large a difference is if nothing changed.</param>
internal readonly record struct WelchResult(double Statistic, double DegreesOfFreedom, double Probability);

/// <summary>Welch's test for two means with unequal variances (Welch 1947).</summary>
internal static class WelchTest
{
    /// <summary>Compares two means; null where fewer than two observations of one of them are known.</summary>
    public static WelchResult? Compare(Observations first, Observations second)
    {
        if (first.Count < 2 || second.Count < 2)
        {
            return null;
        }

        var (a, b) = (Square(first.StandardDeviation) / first.Count, Square(second.StandardDeviation) / second.Count);
        if (a + b == 0)
        {
            // Figures that never vary differ for certain, or not at all.
            return first.Mean == second.Mean
                ? new WelchResult(0, first.Count + second.Count - 2, 1)
                : new WelchResult(double.CopySign(double.PositiveInfinity, second.Mean - first.Mean), first.Count + second.Count - 2, 0);
        }

        var statistic = (second.Mean - first.Mean) / Math.Sqrt(a + b);
        var freedom = Square(a + b) / (Square(a) / (first.Count - 1) + Square(b) / (second.Count - 1));
        return new WelchResult(statistic, freedom, 2 * StudentT.CDF(0, 1, freedom, -Math.Abs(statistic)));
    }

    private static double Square(double value) => value * value;
}
