using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;

namespace Maintenance.Engine.Reporting.Plots;

/// <summary>Makes the drawing of bars: names at their beginnings, figures at their ends, and no axis that would only repeat these.</summary>
internal static class BarDrawing
{
    /// <summary>More bars are told in the table alone.</summary>
    public const int Most = 20;

    public static double Height(BarPlot plot, bool narrow) => Shown(plot).Count * (narrow ? 44 : 28) + 12;

    /// <summary>The bars that can be drawn, the longest first.</summary>
    public static List<PlotBar> Shown(BarPlot plot) => [.. plot.Bars.Where(bar => Thinning.IsDrawable(bar.Value) && bar.Value >= 0).OrderByDescending(bar => bar.Value).Take(Most)];

    public static PlotModel Of(BarPlot plot, bool narrow, double width)
    {
        var bars = Shown(plot);
        var scale = bars.Count == 0 ? 1 : Math.Max(bars.Max(bar => bar.Value), double.Epsilon);
        // Names stand above their bars where there is no room beside them.
        var (begin, room) = narrow ? (0d, 130d) : (270d, 220d);
        var model = TimeDrawing.Empty(narrow);
        model.Padding = new OxyThickness(0);
        model.PlotMargins = new OxyThickness(0);
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Minimum = 0, Maximum = width, IsAxisVisible = false });
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Minimum = 0, Maximum = Height(plot, narrow), StartPosition = 1, EndPosition = 0, IsAxisVisible = false });
        var step = narrow ? 44 : 28;
        foreach (var (index, bar) in bars.Index())
        {
            var top = 6 + index * step;
            var middle = narrow ? top + 31 : top + step / 2d;
            var half = narrow ? 8 : 9;
            var length = Math.Max(bar.Value / scale * (width - begin - room), bar.Value > 0 ? 1.5 : 0.75);
            model.Annotations.Add(new RectangleAnnotation { MinimumX = begin, MaximumX = begin + length, MinimumY = middle - half, MaximumY = middle + half, Fill = PlotColors.Line(0), Stroke = OxyColors.Undefined, StrokeThickness = 0 });
            var name = Fit(bar.Name, narrow ? 42 : 32);
            model.Annotations.Add(Text(name, narrow ? 0 : begin - 8, narrow ? top + 11 : middle, narrow ? HorizontalAlignment.Left : HorizontalAlignment.Right, PlotColors.Ink));
            var figure = FigureScale.Text(plot.Unit, bar.Value) + (bar.Note is { } note ? $" · {note}" : "");
            model.Annotations.Add(Text(Fit(figure, narrow ? 18 : 28), begin + length + 6, middle, HorizontalAlignment.Left, PlotColors.Soft));
        }

        return model;
    }

    private static TextAnnotation Text(string text, double x, double y, HorizontalAlignment alignment, OxyColor color) => new()
    {
        Text = text, TextPosition = new DataPoint(x, y), TextHorizontalAlignment = alignment, TextVerticalAlignment = VerticalAlignment.Middle, TextColor = color, StrokeThickness = 0, Stroke = OxyColors.Undefined,
        Background = OxyColors.Undefined, Padding = new OxyThickness(0), ClipByXAxis = false, ClipByYAxis = false,
    };

    private static string Fit(string text, int most)
    {
        var line = PlotSvg.Legal(text);
        return line.Length <= most ? line : $"{line[..(char.IsHighSurrogate(line[most - 2]) ? most - 2 : most - 1)]}…";
    }
}
