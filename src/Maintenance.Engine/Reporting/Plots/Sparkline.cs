namespace Maintenance.Engine.Reporting.Plots;

/// <summary>A line of time as a row of block characters: what a text has in place of a picture.</summary>
internal static class Sparkline
{
    private const string Blocks = "▁▂▃▄▅▆▇█";

    /// <summary>Means of equal stretches; a space for one without figures. Empty if there are none.</summary>
    public static string Of(PlotLine line, int width = 40)
    {
        var points = line.Points.Where(point => Thinning.IsDrawable(point.Value)).ToList();
        if (points.Count == 0)
        {
            return "";
        }

        var (from, to) = (points[0].At, points[^1].At);
        var means = points
            .GroupBy(point => to == from ? 0 : (int)Math.Min(width - 1, (point.At - from) / (to - from) * width))
            .ToDictionary(group => group.Key, group => group.Average(point => point.Value!.Value));
        var (low, high) = (means.Values.Min(), means.Values.Max());
        return string.Concat(Enumerable.Range(0, means.Keys.Max() + 1).Select(place =>
            means.TryGetValue(place, out var mean) ? Blocks[high == low ? 3 : (int)Math.Min(7, (mean - low) / (high - low) * 8)] : ' '));
    }
}
