using System.Globalization;
using System.Net;
using System.Text;

namespace Maintenance.Engine.Reporting.Plots;

/// <summary>
/// Writes a picture into a page: what is to be seen in it, what the lines are, the picture itself, twice, for wide and for narrow pages, and the
/// table behind it.
/// </summary>
internal static class HtmlPlotWriter
{
    private const double Wide = 900;
    private const double Narrow = 340;

    public static void Write(StringBuilder page, ReportPlot plot, string id)
    {
        page.Append(CultureInfo.InvariantCulture, $"<figure class=\"plot\">\n<figcaption><strong>{Text(plot.Title)}</strong> {Text(plot.Caption)}</figcaption>\n");
        switch (plot)
        {
            case TimePlot lines when TimeDrawing.Range(lines) is { } range:
                Legend(page, lines);
                page.Append(PlotSvg.Write(TimeDrawing.Of(lines, false, Wide, range), Wide, 280, $"{id}w", "broad", plot.Title, plot.Caption)).Append('\n');
                page.Append(PlotSvg.Write(TimeDrawing.Of(lines, true, Narrow, range), Narrow, 230, $"{id}n", "slim", plot.Title, plot.Caption)).Append('\n');
                break;
            case BarPlot bars when BarDrawing.Shown(bars).Count > 0:
                page.Append(PlotSvg.Write(BarDrawing.Of(bars, false, Wide), Wide, BarDrawing.Height(bars, false), $"{id}w", "broad", plot.Title, plot.Caption)).Append('\n');
                page.Append(PlotSvg.Write(BarDrawing.Of(bars, true, Narrow), Narrow, BarDrawing.Height(bars, true), $"{id}n", "slim", plot.Title, plot.Caption)).Append('\n');
                break;
            default:
                page.Append("<p class=\"note\">There are no figures to draw.</p>\n</figure>\n");
                return;
        }

        Table(page, PlotTable.Of(plot));
        page.Append("</figure>\n");
    }

    private static void Legend(StringBuilder page, TimePlot plot)
    {
        page.Append("<ul class=\"legend\">\n");
        var summary = PlotTable.Summary(plot);
        foreach (var (index, line) in plot.Lines.Index())
        {
            var row = summary.Rows[index];
            var dashes = PlotColors.Dashes(index, line.IsExpected) is { } pattern ? $";stroke-dasharray:{string.Join(',', pattern.Select(dash => (dash * 2).ToString(CultureInfo.InvariantCulture)))}" : "";
            var figures = row[1] is null ? "no figures" : $"{(line.IsExpected ? "at the end" : "last")} {row[2]}, lowest {row[3]}, highest {row[4]}";
            Key(page, $"<line x1=\"0\" y1=\"5\" x2=\"28\" y2=\"5\" style=\"stroke:var(--plot{index % PlotColors.Lines + 1});stroke-width:2.5{dashes}\"/>", line.Name, figures);
        }

        foreach (var (index, band) in plot.Bands.Index())
        {
            Key(page, $"<rect width=\"28\" height=\"10\" style=\"fill:var(--band{index % 2 + 1})\"/>", band.Name, null);
        }

        foreach (var limit in plot.Limits.Where(limit => Thinning.IsDrawable(limit.Value)))
        {
            Key(page, "<line x1=\"0\" y1=\"5\" x2=\"28\" y2=\"5\" style=\"stroke:var(--limit);stroke-width:2;stroke-dasharray:6,3\"/>", limit.Name, FigureScale.Text(plot.Unit, limit.Value) + (TimeDrawing.IsShown(plot, limit) ? "" : ", far outside the picture"));
        }

        foreach (var group in plot.Spans.GroupBy(span => span.Name))
        {
            Key(page, "<rect width=\"28\" height=\"10\" style=\"fill:var(--span)\"/>", group.Key, group.Count() == 1 ? null : string.Create(CultureInfo.InvariantCulture, $"{group.Count()} times"));
        }

        page.Append("</ul>\n");
    }

    private static void Key(StringBuilder page, string drawing, string name, string? figures) =>
        page.Append(CultureInfo.InvariantCulture, $"<li><svg viewBox=\"0 0 28 10\" aria-hidden=\"true\">{drawing}</svg><span>{Text(name)}{(figures is null ? "" : $": <small>{Text(figures)}</small>")}</span></li>\n");

    private static void Table(StringBuilder page, PlotTable table)
    {
        page.Append("<details>\n<summary>The figures as a table</summary>\n");
        if (table.Note is { } note)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"note\">{Text(note)}</p>\n");
        }

        page.Append("<div class=\"wide figures\" tabindex=\"0\">\n<table>\n<thead><tr>").AppendJoin("", table.Columns.Select(column => $"<th scope=\"col\">{Text(column)}</th>")).Append("</tr></thead>\n<tbody>\n");
        foreach (var row in table.Rows)
        {
            page.Append("<tr>").AppendJoin("", row.Select(cell => $"<td>{(cell is null ? "–" : Text(cell))}</td>")).Append("</tr>\n");
        }

        page.Append("</tbody>\n</table>\n</div>\n</details>\n");
    }

    private static string Text(string? text) => WebUtility.HtmlEncode(ReportText.OneLine(text));
}
