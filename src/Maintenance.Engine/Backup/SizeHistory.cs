namespace Maintenance.Engine.Backup;

/// <summary>Whether a size is much smaller than those before it. Pure.</summary>
internal static class SizeHistory
{
    /// <summary>How many sizes are compared with.</summary>
    public const int Most = 20;

    /// <summary>With fewer nothing is said.</summary>
    public const int Fewest = 3;

    /// <summary>What the median absolute deviation is multiplied by to estimate the standard deviation of normal noise.</summary>
    private const double NormalConsistency = 1.4826;

    /// <summary>So many standard deviations below the median are no noise.</summary>
    private const double Deviations = 3;

    /// <summary>The median; null if there are too few.</summary>
    public static double? Median(IReadOnlyCollection<long> sizes) => sizes.Count < Fewest ? null : MedianOf(sizes.Select(size => (double)size));

    /// <summary>True if a size is below the allowed share of the median, and lower than its usual ups and downs explain.</summary>
    /// <param name="size">The size.</param>
    /// <param name="before">The sizes before it.</param>
    /// <param name="maximumShrinkage">By how much it may be smaller than the median, in percent.</param>
    public static bool IsShrunk(long size, IReadOnlyCollection<long> before, double maximumShrinkage)
    {
        if (Median(before) is not { } median)
        {
            return false;
        }

        var deviation = MedianOf(before.Select(other => Math.Abs(other - median)));
        return size < (1 - (maximumShrinkage / 100)) * median && size < median - (Deviations * NormalConsistency * deviation);
    }

    private static double MedianOf(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        var middle = sorted.Count / 2;
        return sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
