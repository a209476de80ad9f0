using MathNet.Numerics;

namespace Maintenance.Engine.Performance.Statistics;

/// <summary>
/// Compares two shares by what was counted: Fisher's exact test (Fisher 1922). Welch's would take a time without a single failure for one that never
/// varies, and be certain after a handful of requests.
/// </summary>
internal static class FisherTest
{
    // Of sums of logarithms: what is equally likely may differ in the last digits.
    private const double Tolerance = 1e-7;

    /// <summary>Two-sided p: how likely what was counted, or anything as unlikely, is if both shares are the same.</summary>
    /// <param name="firstHits">So many of the first.</param>
    /// <param name="first">The number of the first.</param>
    /// <param name="secondHits">So many of the second.</param>
    /// <param name="second">The number of the second.</param>
    public static double Compare(long firstHits, long first, long secondHits, long second)
    {
        var hits = firstHits + secondHits;
        var whole = Choose(first + second, hits);
        var observed = Weight(firstHits);
        var probability = 0.0;
        for (var at = Math.Max(0, hits - second); at <= Math.Min(first, hits); at++)
        {
            if (Weight(at) is var weight && weight <= observed + Tolerance)
            {
                probability += Math.Exp(weight);
            }
        }

        return Math.Min(1, probability);

        double Weight(long at) => Choose(first, at) + Choose(second, hits - at) - whole;
    }

    private static double Choose(long all, long chosen) => SpecialFunctions.GammaLn(all + 1.0) - SpecialFunctions.GammaLn(chosen + 1.0) - SpecialFunctions.GammaLn(all - chosen + 1.0);
}
