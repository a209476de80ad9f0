using MathNet.Numerics.Distributions;

namespace Maintenance.Engine.Performance.Trends;

/// <summary>Compares counts of rare events: one deadlock in five minutes is not 288 a day. Pure.</summary>
internal static class RareEvents
{
    /// <summary>How likely counts differ so much by chance, where events come at the same rate in both times (exact conditional test of two Poisson counts, two-sided).</summary>
    /// <param name="before">Count of the time before.</param>
    /// <param name="beforeSeconds">How much of it was measured.</param>
    /// <param name="during">Count of the time.</param>
    /// <param name="duringSeconds">How much of it was measured.</param>
    public static double? Chance(long before, double beforeSeconds, long during, double duringSeconds)
    {
        if (beforeSeconds <= 0 || duringSeconds <= 0 || before + during > int.MaxValue)
        {
            return null;
        }

        if (before + during == 0)
        {
            return 1;
        }

        var share = duringSeconds / (beforeSeconds + duringSeconds);
        var count = (int)(before + during);
        var (most, fewest) = (Binomial.CDF(share, count, during), during == 0 ? 1 : 1 - Binomial.CDF(share, count, during - 1));
        return Math.Min(1, 2 * Math.Min(most, fewest));
    }
}
