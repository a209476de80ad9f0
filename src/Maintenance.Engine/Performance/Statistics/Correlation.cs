namespace Maintenance.Engine.Performance.Statistics;

/// <summary>How closely values a day apart follow each other, once their line is taken away.</summary>
internal static class Correlation
{
    /// <summary>More is told from a random walk no more.</summary>
    private const double Most = 0.97;

    /// <summary>Values farther apart are no neighbours.</summary>
    private const double Neighbours = 1.6;

    private const int Fewest = 8;

    /// <summary>
    /// The correlation of neighbours, 0 to 0.97: negative ones would promise more than a forecast can keep. Corrected for what a fitted line
    /// takes from it, (2 + 4 r) / n (Marriott and Pope 1954, Kendall 1954); wild values count as three standard deviations.
    /// </summary>
    /// <param name="residuals">What the line leaves, in the order of time.</param>
    public static double Of(IReadOnlyList<TimedValue> residuals)
    {
        var bound = 3 * Math.Max(Robust.ScaleAroundZero(residuals.Select(residual => residual.Value)), Robust.Floor(residuals));
        var (products, squares, pairs) = (0.0, 0.0, 0);
        for (var index = 1; index < residuals.Count; index++)
        {
            if (residuals[index].Day - residuals[index - 1].Day <= Neighbours)
            {
                var (before, here) = (Math.Clamp(residuals[index - 1].Value, -bound, bound), Math.Clamp(residuals[index].Value, -bound, bound));
                products += before * here;
                squares += (before * before + here * here) / 2;
                pairs++;
            }
        }

        if (pairs < Fewest || squares == 0)
        {
            return 0;
        }

        return Math.Clamp((pairs * products / squares + 2) / (pairs - 4), 0, Most);
    }
}
