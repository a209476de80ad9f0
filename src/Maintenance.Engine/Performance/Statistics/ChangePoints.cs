namespace Maintenance.Engine.Performance.Statistics;

/// <summary>A stretch in which values follow one line.</summary>
/// <param name="First">Index of its first value.</param>
/// <param name="Count">Number of its values.</param>
internal readonly record struct Segment(int First, int Count)
{
    public int End => First + Count;
}

/// <summary>
/// Finds where values begin to follow another line: a jump, another slope, or both. Exact optimal partitioning (Jackson et al. 2005; the
/// search that PELT prunes, Killick, Fearnhead and Eckley 2012) over straight lines fitted by least squares, with the penalty of the Bayesian
/// information criterion for three parameters a change (Yao 1988), a third more for safety, and greater by (1 + r) / (1 - r) where
/// what the lines leave is correlated (after Lavielle and Moulines 2000). A single wild value is no change: it is bridged before.
/// </summary>
internal static class ChangePoints
{
    /// <summary>The fewest values that make a stretch of their own.</summary>
    public const int Fewest = 3;

    private const double ParametersPerChange = 4;
    private const double Great = 20;
    private const double MostInflation = 60;

    /// <summary>A value so many standard deviations off its neighbours, which agree, is wild.</summary>
    private const double Wild = 5;

    /// <summary>The stretches, in the order of time; one where there are too few values to tell.</summary>
    public static IReadOnlyList<Segment> Find(IReadOnlyList<TimedValue> points)
    {
        if (points.Count < 2 * Fewest)
        {
            return [new Segment(0, points.Count)];
        }

        var noise = Math.Max(Robust.Noise(points), Robust.Floor(points));
        var bridged = Bridge(points, noise);
        // What correlates is told from what is left by the great changes alone: lines through every small one would hide it.
        var correlation = Correlation.Of([.. Partition(bridged, noise, Great).SelectMany(segment => Residuals(bridged, segment))]);
        return Partition(bridged, noise, Math.Min(Inflation(correlation), MostInflation));
    }

    // The variance of sums of correlated values is greater by (1 + r) / (1 - r), and that of their second differences smaller.
    private static double Inflation(double correlation) =>
        (1 + correlation) / (1 - correlation) * 1.5 / (1.5 - 2 * correlation + 0.5 * correlation * correlation);

    private static List<Segment> Partition(TimedValue[] points, double noise, double inflation)
    {
        var costs = new LineCosts(points, noise);
        var penalty = ParametersPerChange * Math.Log(points.Length) * inflation;
        var best = new double[points.Length + 1];
        var from = new int[points.Length + 1];
        best[0] = -penalty;
        for (var end = 1; end <= points.Length; end++)
        {
            best[end] = double.PositiveInfinity;
            for (var first = 0; first <= end - Fewest; first++)
            {
                var cost = best[first] + costs.Of(first, end) + penalty;
                if (cost < best[end])
                {
                    (best[end], from[end]) = (cost, first);
                }
            }
        }

        var segments = new List<Segment>();
        for (var end = points.Length; end > 0; end = from[end])
        {
            segments.Add(new Segment(from[end], end - from[end]));
        }

        segments.Reverse();
        return segments;
    }

    private static IEnumerable<TimedValue> Residuals(TimedValue[] points, Segment segment)
    {
        var own = points.Skip(segment.First).Take(segment.Count).ToList();
        var line = TheilSen.Fit(own)!;
        return own.Select(point => point with { Value = point.Value - line.At(point.Day) });
    }

    private static TimedValue[] Bridge(IReadOnlyList<TimedValue> points, double noise)
    {
        var bridged = points.ToArray();
        for (var index = 1; index < points.Count - 1; index++)
        {
            var (before, here, after) = (bridged[index - 1], points[index], points[index + 1]);
            var between = before.Value + (here.Day - before.Day) / (after.Day - before.Day) * (after.Value - before.Value);
            var off = Math.Abs(here.Value - between);
            if (off > Wild * noise && Math.Abs(after.Value - before.Value) < off / 2)
            {
                bridged[index] = here with { Value = between };
            }
        }

        // The last value has no neighbour behind it: alone it is no change yet.
        if (points.Count > 5 && TheilSen.Fit(bridged[Math.Max(0, bridged.Length - 8)..^1]) is { } line && Math.Abs(points[^1].Value - line.At(points[^1].Day)) > Wild * noise)
        {
            bridged[^1] = points[^1] with { Value = line.At(points[^1].Day) };
        }

        return bridged;
    }

    /// <summary>Squared residuals of the line through any stretch, in units of the noise, from running sums.</summary>
    private sealed class LineCosts
    {
        private readonly double[] _t, _x, _tt, _tx, _xx;

        public LineCosts(TimedValue[] points, double noise)
        {
            (_t, _x, _tt, _tx, _xx) = (Sums(), Sums(), Sums(), Sums(), Sums());
            // Sums of squares of figures far from zero would lose the digits that matter.
            var (day, value) = (points[points.Length / 2].Day, Robust.Median(points.Select(point => point.Value)));
            for (var index = 0; index < points.Length; index++)
            {
                var (t, x) = (points[index].Day - day, (points[index].Value - value) / noise);
                _t[index + 1] = _t[index] + t;
                _x[index + 1] = _x[index] + x;
                _tt[index + 1] = _tt[index] + t * t;
                _tx[index + 1] = _tx[index] + t * x;
                _xx[index + 1] = _xx[index] + x * x;
            }

            double[] Sums() => new double[points.Length + 1];
        }

        public double Of(int first, int end)
        {
            double count = end - first;
            var (t, x) = (_t[end] - _t[first], _x[end] - _x[first]);
            var tt = _tt[end] - _tt[first] - t * t / count;
            var tx = _tx[end] - _tx[first] - t * x / count;
            var xx = _xx[end] - _xx[first] - x * x / count;
            return Math.Max(0, tt > 0 ? xx - tx * tx / tt : xx);
        }
    }
}
