using MathNet.Numerics.Distributions;

namespace Maintenance.Engine.Performance.Statistics;

/// <summary>What a comparison of hours with the same hours of a baseline came to.</summary>
/// <param name="Usual">The mean of the baseline at these hours.</param>
/// <param name="Now">The mean of now.</param>
/// <param name="Probability">Two-sided p.</param>
/// <param name="LeftOut">So many hours of now are not in the baseline and were left out.</param>
internal readonly record struct LikeHoursResult(double Usual, double Now, double Probability, int LeftOut);

/// <summary>
/// Compares figures that have a rhythm: each hour with what was usual at it. A test of Student on what is left, whose standard error counts the hours
/// by how far they are independent of each other; those of now cannot count for more than the time they are of.
/// </summary>
internal static class LikeHours
{
    /// <summary>With fewer independent hours the baseline does not tell how much they differ by themselves.</summary>
    public const double FewestIndependent = 3;

    /// <summary>Compares; null where the baseline does not have enough of these hours.</summary>
    /// <param name="baseline">What was usual.</param>
    /// <param name="now">What is so now.</param>
    /// <param name="fewestDays">On so many days the baseline has an hour.</param>
    /// <param name="ownError">The standard error that the mean of now has by itself, where its hours are means of few observations.</param>
    public static LikeHoursResult? Compare(BaselineRhythm baseline, BaselineRhythm now, int fewestDays, double ownError = 0)
    {
        if (baseline is not { Deviation: { } deviation, IndependentHours: >= FewestIndependent and { } independent })
        {
            return null;
        }

        var usual = baseline.Hours.Where(hour => hour.Days >= fewestDays).ToDictionary(hour => (hour.IsWeekend, hour.Hour));
        var pairs = now.Hours.Where(hour => usual.ContainsKey((hour.IsWeekend, hour.Hour))).Select(hour => (Now: hour, Usual: usual[(hour.IsWeekend, hour.Hour)])).ToList();
        var (count, all) = (pairs.Sum(pair => pair.Now.Days), now.Hours.Sum(hour => hour.Days));
        // What is left would not speak for the time that is compared.
        if (count == 0 || 2 * count < all)
        {
            return null;
        }

        var before = pairs.Sum(pair => pair.Now.Days * pair.Usual.Mean) / count;
        var after = pairs.Sum(pair => pair.Now.Days * pair.Now.Mean) / count;
        // Hours that count as one.
        var together = Math.Max(1, usual.Values.Sum(hour => hour.Days) / independent);
        var inBaseline = 1 / (together * pairs.Sum(pair => Math.Pow((double)pair.Now.Days / count, 2) / pair.Usual.Days));
        var inNow = Math.Max(1, count / together);
        // Where now is more restless than the baseline, its own restlessness counts.
        var spread = pairs.Count < 2 ? 0 : Math.Sqrt(pairs.Sum(pair => Math.Pow(pair.Now.Mean - pair.Usual.Mean - (after - before), 2)) / (pairs.Count - 1));
        var error = Math.Sqrt(Math.Pow(Math.Max(deviation, spread), 2) * (1 / inBaseline + 1 / inNow) + ownError * ownError);
        return new LikeHoursResult(before, after, Probability(after - before, error, independent - 1), all - count);
    }

    private static double Probability(double difference, double error, double freedom) =>
        error > 0 ? 2 * StudentT.CDF(0, 1, freedom, -Math.Abs(difference) / error)
        // What never varies differs for certain, or not at all.
        : difference == 0 ? 1 : 0;
}
