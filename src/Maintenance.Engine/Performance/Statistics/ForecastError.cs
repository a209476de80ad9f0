using MathNet.Numerics.Statistics;

namespace Maintenance.Engine.Performance.Statistics;

/// <summary>
/// How far off a line's forecast is likely to be. Pasts and futures are drawn again and again from what the line left: its innovations
/// after an autoregression of first order (residual bootstrap in the manner of a sieve, Bühlmann 1997). Each drawn past gets a line of its
/// own, so that what is not known of slope and level counts too. The same draws every time: a forecast made twice says the same.
/// </summary>
internal sealed class ForecastError
{
    private const int Draws = 400;
    private const int Seed = 8191;

    private readonly double[][] _errors;
    private readonly double[] _ahead;

    private ForecastError(double[] ahead, double[][] errors)
    {
        _ahead = ahead;
        _errors = errors;
    }

    /// <summary>Draws the errors of a line.</summary>
    /// <param name="residuals">What the line leaves, in the order of time.</param>
    /// <param name="correlation">Their correlation from one day to the next.</param>
    /// <param name="ahead">For how many days after the last value, rising.</param>
    public static ForecastError Of(IReadOnlyList<TimedValue> residuals, double correlation, double[] ahead)
    {
        var innovations = Innovations(residuals, correlation);
        var random = new Random(Seed);
        var errors = new double[ahead.Length][];
        for (var step = 0; step < ahead.Length; step++)
        {
            errors[step] = new double[Draws];
        }

        var last = residuals[^1].Day;
        var times = residuals.Select(residual => residual.Day - last).ToArray();
        var past = new double[times.Length];
        for (var draw = 0; draw < Draws; draw++)
        {
            var value = Drawn() / Math.Sqrt(1 - correlation * correlation);
            for (var index = 0; index < times.Length; index++)
            {
                value = index == 0 ? value : Next(value, times[index] - times[index - 1]);
                past[index] = value;
            }

            var (level, slope) = Line(times, past);
            var carried = past[^1] - level;
            var before = 0.0;
            for (var step = 0; step < ahead.Length; step++)
            {
                value = Next(value, ahead[step] - before);
                before = ahead[step];
                errors[step][draw] = value - (level + slope * before + carried * Math.Pow(correlation, before));
            }
        }

        foreach (var step in errors)
        {
            Array.Sort(step);
        }

        return new ForecastError(ahead, errors);

        double Drawn() => innovations[random.Next(innovations.Length)];

        double Next(double value, double days)
        {
            var kept = Math.Pow(correlation, days);
            return kept * value + Math.Sqrt((1 - kept * kept) / (1 - correlation * correlation)) * Drawn();
        }
    }

    /// <summary>A quantile of the error, so many days ahead as the number of a step says.</summary>
    public double Quantile(int step, double share) => SortedArrayStatistics.Quantile(_errors[step], share);

    /// <summary>Number of steps.</summary>
    public int Steps => _ahead.Length;

    // A fitted line leaves less than there was: two of the values went into it.
    private static double[] Innovations(IReadOnlyList<TimedValue> residuals, double correlation)
    {
        var scale = Math.Sqrt(residuals.Count / Math.Max(1.0, residuals.Count - 2));
        var innovations = new List<double>();
        for (var index = 0; index < residuals.Count; index++)
        {
            if (correlation == 0)
            {
                innovations.Add(residuals[index].Value * scale);
            }
            else if (index > 0 && residuals[index].Day - residuals[index - 1].Day is var days && days <= 1.6)
            {
                innovations.Add((residuals[index].Value - Math.Pow(correlation, days) * residuals[index - 1].Value) * scale);
            }
        }

        var middle = innovations.Mean();
        return [.. innovations.Select(innovation => innovation - middle)];
    }

    private static (double Level, double Slope) Line(double[] times, double[] values)
    {
        var (t, x) = (times.Average(), values.Average());
        var (above, below) = (0.0, 0.0);
        for (var index = 0; index < times.Length; index++)
        {
            above += (times[index] - t) * (values[index] - x);
            below += (times[index] - t) * (times[index] - t);
        }

        var slope = below > 0 ? above / below : 0;
        return (x - slope * t, slope);
    }
}
