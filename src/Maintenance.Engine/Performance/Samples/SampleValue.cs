namespace Maintenance.Engine.Performance.Samples;

/// <summary>One figure in the time of a sample: one measurement, or what many came to.</summary>
/// <param name="Count">Number of measurements.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Minimum">The lowest.</param>
/// <param name="Maximum">The highest.</param>
/// <param name="Squares">Sum of the squared differences from the mean (Welford's M2): with it, means and variances can be put together exactly.</param>
internal readonly record struct SampleValue(long Count, double Mean, double Minimum, double Maximum, double Squares)
{
    /// <summary>Standard deviation of the measurements (of a sample); null for a single one.</summary>
    public double? StandardDeviation => Count > 1 ? Math.Sqrt(Squares / (Count - 1)) : null;

    /// <summary>One measurement.</summary>
    public static SampleValue Of(double value) => new(1, value, value, value, 0);

    /// <summary>Two times together, by the parallel form of Welford's sums (Chan, Golub, LeVeque 1979).</summary>
    public SampleValue With(SampleValue other)
    {
        var count = Count + other.Count;
        var difference = other.Mean - Mean;
        return new SampleValue(
            count,
            Mean + difference * other.Count / count,
            Math.Min(Minimum, other.Minimum),
            Math.Max(Maximum, other.Maximum),
            Squares + other.Squares + difference * difference * Count * other.Count / count);
    }
}
