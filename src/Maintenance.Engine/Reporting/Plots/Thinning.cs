namespace Maintenance.Engine.Reporting.Plots;

/// <summary>Fewer points for a picture: of each stretch of time the lowest and the highest stay, so that no peak and no dip is lost; so do gaps.</summary>
internal static class Thinning
{
    // A drawing has no place for more, and their difference would overflow.
    private const double Largest = 1e300;

    /// <summary>True for what can be drawn.</summary>
    public static bool IsDrawable(double? value) => value is { } known && double.IsFinite(known) && Math.Abs(known) < Largest;

    /// <summary>The points to draw, about as many as asked for; a value of null stands between two that no line joins.</summary>
    public static List<PlotPoint> Of(IReadOnlyList<PlotPoint> points, DateTimeOffset from, DateTimeOffset to, int most)
    {
        if (points.Count <= most)
        {
            return [.. points.Select(point => point with { Value = IsDrawable(point.Value) ? point.Value : null })];
        }

        var width = Math.Max(1, (to - from).Ticks / Math.Max(1, most / 2));
        var kept = new List<PlotPoint>();
        foreach (var stretch in Stretches(points, width))
        {
            if (kept.Count > 0)
            {
                kept.Add(new PlotPoint(stretch[0].At, null));
            }

            foreach (var bucket in stretch.GroupBy(point => (point.At - from).Ticks / width))
            {
                var (low, high) = (bucket.MinBy(point => point.Value), bucket.MaxBy(point => point.Value));
                kept.AddRange(low == high ? [low] : low.At < high.At ? [low, high] : [high, low]);
            }
        }

        return kept;
    }

    // What no gap divides that is wide enough to be seen.
    private static IEnumerable<List<PlotPoint>> Stretches(IReadOnlyList<PlotPoint> points, long width)
    {
        var stretch = new List<PlotPoint>();
        var isGap = false;
        foreach (var point in points)
        {
            if (!IsDrawable(point.Value))
            {
                isGap = true;
                continue;
            }

            if (isGap && stretch.Count > 0 && (point.At - stretch[^1].At).Ticks > width)
            {
                yield return stretch;
                stretch = [];
            }

            isGap = false;
            stretch.Add(point);
        }

        if (stretch.Count > 0)
        {
            yield return stretch;
        }
    }

    /// <summary>The stretches of a band between which something is missing.</summary>
    public static IEnumerable<List<PlotEdge>> Stretches(IReadOnlyList<PlotEdge> edges)
    {
        var stretch = new List<PlotEdge>();
        foreach (var edge in edges)
        {
            if (IsDrawable(edge.Low) && IsDrawable(edge.High))
            {
                stretch.Add(edge);
            }
            else if (stretch.Count > 0)
            {
                yield return stretch;
                stretch = [];
            }
        }

        if (stretch.Count > 0)
        {
            yield return stretch;
        }
    }

    /// <summary>Edges to draw: of each stretch of time the lowest and the highest.</summary>
    public static List<PlotEdge> Of(IReadOnlyList<PlotEdge> edges, DateTimeOffset from, DateTimeOffset to, int most)
    {
        var drawable = edges.Where(edge => IsDrawable(edge.Low) && IsDrawable(edge.High)).ToList();
        if (drawable.Count <= most)
        {
            return drawable;
        }

        var width = Math.Max(1, (to - from).Ticks / Math.Max(1, most));
        return [.. drawable.GroupBy(edge => (edge.At - from).Ticks / width).Select(group => new PlotEdge(group.First().At, group.Min(edge => edge.Low), group.Max(edge => edge.High)))];
    }
}
