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

        var kept = new List<PlotPoint>();
        var width = Math.Max(1, (to - from).Ticks / Math.Max(1, most / 2));
        var gapSince = (DateTimeOffset?)null;
        for (var index = 0; index < points.Count;)
        {
            var bucket = (points[index].At - from).Ticks / width;
            var (low, high, gap) = ((PlotPoint?)null, (PlotPoint?)null, (DateTimeOffset?)null);
            for (; index < points.Count && (points[index].At - from).Ticks / width == bucket; index++)
            {
                var point = points[index];
                if (!IsDrawable(point.Value))
                {
                    gap ??= point.At;
                    continue;
                }

                low = low is null || point.Value < low.Value.Value ? point : low;
                high = high is null || point.Value > high.Value.Value ? point : high;
            }

            if (low is not { } least || high is not { } most2)
            {
                // A stretch without a single value is wide enough to be seen.
                gapSince ??= gap;
                continue;
            }

            if (gapSince is { } since)
            {
                kept.Add(new PlotPoint(since, null));
                gapSince = null;
            }

            var (first, second) = least.At <= most2.At ? (least, most2) : (most2, least);
            kept.Add(first);
            if (second.At != first.At)
            {
                kept.Add(second);
            }
        }

        return kept;
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
