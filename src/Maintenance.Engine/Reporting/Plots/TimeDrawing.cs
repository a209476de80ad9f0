using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Maintenance.Engine.Reporting.Plots;

/// <summary>Makes the drawing of lines along time.</summary>
internal static class TimeDrawing
{
    // A limit this much above everything would press the lines flat; it is told in words then.
    private const double FarAway = 2;

    // What names and figures beside the axis take, about.
    private const double RoomForFigures = 90;

    // More stretches than this would cover the whole picture.
    private const int MostFullSpans = 40;

    /// <summary>The times that a plot covers; null if nothing in it can be drawn.</summary>
    public static (DateTimeOffset From, DateTimeOffset To)? Range(TimePlot plot)
    {
        var times = plot.Lines.SelectMany(line => line.Points.Where(point => Thinning.IsDrawable(point.Value)).Select(point => point.At))
            .Concat(plot.Bands.SelectMany(band => band.Edges.Where(edge => Thinning.IsDrawable(edge.Low) && Thinning.IsDrawable(edge.High)).Select(edge => edge.At)))
            .ToList();
        if (times.Count == 0 || plot.Lines.All(line => !line.Points.Any(point => Thinning.IsDrawable(point.Value))))
        {
            return null;
        }

        var (from, to) = (times.Min(), times.Max());
        if (plot.Window is { } window)
        {
            return (window.From < from ? window.From : from, window.To > to ? window.To : to);
        }

        // A single moment is shown in the middle of an hour.
        return from == to ? (from.AddMinutes(-30), to.AddMinutes(30)) : (from, to);
    }

    /// <summary>True for a limit that is within the picture.</summary>
    public static bool IsShown(TimePlot plot, PlotLimit limit)
    {
        if (!Thinning.IsDrawable(limit.Value))
        {
            return false;
        }

        var values = Values(plot).ToList();
        if (values.Count == 0)
        {
            return false;
        }

        // The axis may reach as far by itself.
        var axis = AxisTicks.Of(values.Min(), values.Max(), plot.FromZero, plot.Unit);
        return (limit.Value >= axis.Low && limit.Value <= axis.High) || (limit.Value <= Math.Max(values.Max(), 0) * FarAway && limit.Value >= Math.Min(values.Min(), 0) * FarAway);
    }

    public static PlotModel Of(TimePlot plot, bool narrow, double width, (DateTimeOffset From, DateTimeOffset To) range)
    {
        var shown = plot.Limits.Where(limit => IsShown(plot, limit)).ToList();
        var values = Values(plot).Concat(shown.Select(limit => limit.Value)).ToList();
        var figures = AxisTicks.Of(values.Min(), values.Max(), plot.FromZero, plot.Unit);
        var times = AxisTicks.Of(range.From, range.To, width - RoomForFigures);
        var model = Empty(narrow);
        model.Axes.Add(Axis(times, AxisPosition.Bottom, grid: false));
        model.Axes.Add(Axis(figures, AxisPosition.Left, grid: true));
        double X(DateTimeOffset at) => (at - range.From).TotalSeconds;

        AddSpans(model, plot, X, figures, times);
        var most = narrow ? 240 : 500;
        foreach (var (index, band) in plot.Bands.Index())
        {
            foreach (var stretch in Thinning.Stretches(band.Edges))
            {
                var area = new AreaSeries { Color = OxyColors.Undefined, Color2 = OxyColors.Undefined, StrokeThickness = 0, Fill = PlotColors.Band(index), MarkerType = MarkerType.None };
                foreach (var edge in Thinning.Of(stretch, range.From, range.To, most / 2))
                {
                    area.Points.Add(new DataPoint(X(edge.At), edge.Low));
                    area.Points2.Add(new DataPoint(X(edge.At), edge.High));
                }

                if (area.Points.Count > 1)
                {
                    model.Series.Add(area);
                }
            }
        }

        // The most important line is drawn last, above the others.
        foreach (var (index, line) in plot.Lines.Index().Reverse())
        {
            Add(model, line, index, Thinning.Of(line.Points, range.From, range.To, most), X);
        }

        foreach (var limit in shown)
        {
            model.Annotations.Add(new LineAnnotation
            {
                Type = LineAnnotationType.Horizontal, Y = limit.Value, Color = PlotColors.Limit, StrokeThickness = 1.5, LineStyle = LineStyle.Dash, Layer = AnnotationLayer.AboveSeries,
            });
        }

        return model;
    }

    internal static PlotModel Empty(bool narrow) => new()
    {
        DefaultFont = "Arial", DefaultFontSize = 13, TextColor = PlotColors.Soft, PlotAreaBorderThickness = new OxyThickness(0), Background = OxyColors.Undefined,
        Padding = new OxyThickness(2, 8, narrow ? 18 : 26, 2), IsLegendVisible = false,
    };

    private static TickedAxis Axis(AxisTicks ticks, AxisPosition position, bool grid) => new(ticks)
    {
        Position = position, Minimum = ticks.Low, Maximum = ticks.High, MinimumPadding = 0, MaximumPadding = 0,
        AxislineStyle = grid ? LineStyle.None : LineStyle.Solid, AxislineColor = PlotColors.Soft, TicklineColor = PlotColors.Soft, TextColor = PlotColors.Soft,
        TickStyle = grid ? TickStyle.None : TickStyle.Outside, MajorTickSize = 5, MajorGridlineStyle = grid ? LineStyle.Solid : LineStyle.None, MajorGridlineColor = PlotColors.Grid, MajorGridlineThickness = 1,
    };

    private static void Add(PlotModel model, PlotLine line, int index, List<PlotPoint> points, Func<DateTimeOffset, double> x)
    {
        var series = new LineSeries
        {
            Color = PlotColors.Line(index), StrokeThickness = line.IsExpected || index > 0 ? 1.75 : 2, Dashes = PlotColors.Dashes(index, line.IsExpected),
            BrokenLineStyle = LineStyle.None, BrokenLineThickness = 0, BrokenLineColor = OxyColors.Undefined, LineJoin = LineJoin.Round,
        };
        // What stands alone between gaps would be a line without length.
        var alone = new ScatterSeries { MarkerType = MarkerType.Circle, MarkerSize = 2.5, MarkerFill = PlotColors.Line(index), MarkerStroke = OxyColors.Undefined, MarkerStrokeThickness = 0 };
        for (var place = 0; place < points.Count; place++)
        {
            if (points[place].Value is not { } value)
            {
                series.Points.Add(DataPoint.Undefined);
                continue;
            }

            series.Points.Add(new DataPoint(x(points[place].At), value));
            if ((place == 0 || points[place - 1].Value is null) && (place == points.Count - 1 || points[place + 1].Value is null))
            {
                alone.Points.Add(new ScatterPoint(x(points[place].At), value));
            }
        }

        model.Series.Add(series);
        if (alone.Points.Count > 0)
        {
            model.Series.Add(alone);
        }
    }

    private static void AddSpans(PlotModel model, TimePlot plot, Func<DateTimeOffset, double> x, AxisTicks figures, AxisTicks times)
    {
        // Too short to be seen is shown as wide as a hair.
        var hair = times.High / 500;
        var spans = plot.Spans.Select(span => (From: Math.Max(0, x(span.From)), To: Math.Min(times.High, Math.Max(x(span.To), x(span.From) + hair)))).Where(span => span.To > span.From).ToList();
        var top = spans.Count > MostFullSpans ? figures.Low + (figures.High - figures.Low) * 0.03 : figures.High;
        foreach (var (from, to) in spans)
        {
            model.Annotations.Add(new RectangleAnnotation
            {
                MinimumX = from, MaximumX = to, MinimumY = figures.Low, MaximumY = top, Fill = PlotColors.Span, Stroke = OxyColors.Undefined, StrokeThickness = 0, Layer = AnnotationLayer.BelowSeries,
            });
        }
    }

    private static IEnumerable<double> Values(TimePlot plot) => plot.Lines.SelectMany(line => line.Points.Where(point => Thinning.IsDrawable(point.Value)).Select(point => point.Value!.Value))
        .Concat(plot.Bands.SelectMany(band => band.Edges.Where(edge => Thinning.IsDrawable(edge.Low) && Thinning.IsDrawable(edge.High)).SelectMany(edge => new[] { edge.Low, edge.High })));
}
