using MathNet.Numerics.Statistics;

namespace Maintenance.Engine.Performance.Statistics;

/// <summary>Quantiles of values that were measured. One definition for all of them: that of PostgreSQL's percentile_cont (R's type 7), which the log of requests is asked by.</summary>
internal static class Quantiles
{
    /// <summary>A quantile of values in any order; NaN of none.</summary>
    public static double Of(IEnumerable<double> values, double share) => values.QuantileCustom(share, QuantileDefinition.R7);
}
