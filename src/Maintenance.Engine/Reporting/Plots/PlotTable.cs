using System.Globalization;

namespace Maintenance.Engine.Reporting.Plots;

/// <summary>The figures behind a picture.</summary>
/// <param name="Columns">Headings.</param>
/// <param name="Rows">A cell for each column.</param>
/// <param name="Note">What is left out; null if nothing is.</param>
internal sealed record PlotTable(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string?>> Rows, string? Note)
{
    /// <summary>More rows are looked at by nobody.</summary>
    public const int MostRows = 60;

    public static PlotTable Of(ReportPlot plot) => plot is TimePlot lines ? Of(lines) : Of((BarPlot)plot);

    /// <summary>Each line in a row: what it began and ended with, and what came between.</summary>
    public static PlotTable Summary(TimePlot plot) => new(
        ["Line", "First", "Last", "Lowest", "Highest", "Mean"],
        [
            .. plot.Lines.Select(line =>
            {
                var values = line.Points.Where(point => Thinning.IsDrawable(point.Value)).Select(point => point.Value!.Value).ToList();
                return values.Count == 0
                    ? new string?[] { line.Name, null, null, null, null, null }
                    : [line.Name, .. new[] { values[0], values[^1], values.Min(), values.Max(), values.Average() }.Select(ScaleOf(plot).Write)];
            }),
        ],
        null);

    /// <summary>The same with limits, and with the course of each line in block characters.</summary>
    public static PlotTable Brief(TimePlot plot)
    {
        var summary = Summary(plot);
        return new PlotTable(
            [.. summary.Columns, "Course"],
            [
                .. summary.Rows.Select((row, index) => (IReadOnlyList<string?>)[.. row, Sparkline.Of(plot.Lines[index])]),
                .. plot.Limits.Select(limit => (IReadOnlyList<string?>)[limit.Name, null, FigureScale.Text(plot.Unit, (double?)limit.Value), null, null, null, null]),
            ],
            null);
    }

    private static PlotTable Of(BarPlot plot)
    {
        var bars = plot.Bars.OrderByDescending(bar => bar.Value).ToList();
        var noted = bars.Any(bar => bar.Note is not null);
        return new PlotTable(
            noted ? ["Name", "Figure", "Note"] : ["Name", "Figure"],
            [.. bars.Take(MostRows).Select(bar => (IReadOnlyList<string?>)[bar.Name, FigureScale.Text(plot.Unit, (double?)bar.Value), .. noted ? new[] { bar.Note } : []])],
            bars.Count > MostRows ? string.Create(CultureInfo.InvariantCulture, $"The {MostRows} longest of {bars.Count}.") : null);
    }

    private static PlotTable Of(TimePlot plot)
    {
        var lines = plot.Lines.Select(line => line.Points.GroupBy(point => point.At).ToDictionary(group => group.Key, group => group.Last().Value)).ToList();
        var bands = plot.Bands.Select(band => band.Edges.GroupBy(edge => edge.At).ToDictionary(group => group.Key, group => group.Last())).ToList();
        var times = lines.SelectMany(line => line.Keys).Concat(bands.SelectMany(band => band.Keys)).Distinct().Order().ToList();
        var format = times.Count > 0 && times[^1] - times[0] > TimeSpan.FromDays(60) ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm";
        var thinned = times.Count > MostRows;
        var stretches = Stretches(times);
        var scale = ScaleOf(plot);
        string? Figure(IReadOnlyList<DateTimeOffset> stretch, Dictionary<DateTimeOffset, double?> line)
        {
            var values = stretch.Where(line.ContainsKey).Select(time => line[time]).Where(value => Thinning.IsDrawable(value)).Select(value => value!.Value).ToList();
            return values.Count == 0 ? null
                : values.Count == 1 || values.Max() == values.Min() ? scale.Write(values[0])
                : $"{scale.Write(values.Average())} ({scale.Write(values.Min())} to {scale.Write(values.Max())})";
        }

        string? Edges(IReadOnlyList<DateTimeOffset> stretch, Dictionary<DateTimeOffset, PlotEdge> band)
        {
            var edges = stretch.Where(band.ContainsKey).Select(time => band[time]).Where(edge => Thinning.IsDrawable(edge.Low) && Thinning.IsDrawable(edge.High)).ToList();
            return edges.Count == 0 ? null : $"{scale.Write(edges.Min(edge => edge.Low))} to {scale.Write(edges.Max(edge => edge.High))}";
        }

        var usual = lines.Count > 0 ? plot.Bands.FirstOrDefault(band => band.IsUsual && band.Edges.Count > 0) : null;
        return new PlotTable(
            [thinned ? "From (UTC)" : "Time (UTC)", .. plot.Lines.Select(line => line.Name), .. plot.Bands.Select(band => band.Name), .. usual is null ? Array.Empty<string>() : ["Against usual"]],
            [
                .. stretches.Select(stretch => (IReadOnlyList<string?>)
                [
                    stretch[0].UtcDateTime.ToString(format, CultureInfo.InvariantCulture), .. lines.Select(line => Figure(stretch, line)), .. bands.Select(band => Edges(stretch, band)),
                    .. usual is null ? Array.Empty<string?>() : [Against(stretch, lines[0], usual)],
                ]),
            ],
            thinned ? string.Create(CultureInfo.InvariantCulture, $"{times.Count} times in {stretches.Count} stretches: the mean of each, and the lowest and highest in brackets. The report as JSON holds every figure.") : null);
    }

    // All figures of a table are compared with each other.
    private static FigureScale ScaleOf(TimePlot plot) => FigureScale.For(plot.Unit, plot.Lines.SelectMany(line => line.Points).Where(point => Thinning.IsDrawable(point.Value)).Select(point => point.Value));

    // Colour alone would not say where a line leaves the band.
    private static string? Against(IReadOnlyList<DateTimeOffset> stretch, Dictionary<DateTimeOffset, double?> line, PlotBand usual)
    {
        var values = stretch.Where(line.ContainsKey).Where(time => Thinning.IsDrawable(line[time])).Select(time => (Value: line[time]!.Value, Edge: usual.Edges.LastOrDefault(edge => edge.At <= time, usual.Edges[0]))).ToList();
        var (above, below) = (values.Count(pair => pair.Value > pair.Edge.High), values.Count(pair => pair.Value < pair.Edge.Low));
        string Of(string word, int count) => count == values.Count ? word : string.Create(CultureInfo.InvariantCulture, $"{word} {count} of {values.Count} times");
        return values.Count == 0 ? null
            : above + below == 0 ? "within"
            : string.Join(", ", new[] { above > 0 ? Of("above", above) : null, below > 0 ? Of("below", below) : null }.OfType<string>());
    }

    private static List<IReadOnlyList<DateTimeOffset>> Stretches(List<DateTimeOffset> times)
    {
        if (times.Count <= MostRows)
        {
            return [.. times.Select(time => new[] { time })];
        }

        var width = Math.Max(1, ((times[^1] - times[0]).Ticks + MostRows) / MostRows);
        return [.. times.GroupBy(time => (time - times[0]).Ticks / width).Select(group => group.ToList())];
    }
}
