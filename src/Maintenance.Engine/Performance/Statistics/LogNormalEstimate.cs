using MathNet.Numerics.Distributions;

namespace Maintenance.Engine.Performance.Statistics;

/// <summary>Percentiles of durations of which only mean and standard deviation are known, as if they were log-normal: many short ones, a few long ones.</summary>
internal static class LogNormalEstimate
{
    /// <summary>Said wherever such a percentile is shown.</summary>
    public const string Note = "p50 and p95 are estimates from mean and standard deviation, as of a log-normal distribution.";

    /// <summary>A quantile; null where mean or deviation tell nothing.</summary>
    /// <param name="mean">The mean.</param>
    /// <param name="standardDeviation">The standard deviation; null if it is not known.</param>
    /// <param name="quantile">0.5 for the median.</param>
    public static double? Quantile(double mean, double? standardDeviation, double quantile) => (mean, standardDeviation) switch
    {
        (_, null) or ( < 0, _) => null,
        (0, _) or (_, 0) => mean,
        (_, { } deviation) => LogNormal.WithMeanVariance(mean, deviation * deviation).InverseCumulativeDistribution(quantile) is var value && double.IsFinite(value) ? value : null,
    };
}
