using System.Text;
using Maintenance.Engine.Reporting.Plots;

namespace Maintenance.Engine.Reporting;

/// <summary>Writes a report as plain text: a line for each row.</summary>
internal static class TextReportWriter
{
    public static string Write(Report report)
    {
        var text = new StringBuilder();
        text.Append(ReportText.OneLine(report.Title)).Append(": ").Append(report.Status.ToString().ToUpperInvariant()).Append('\n');
        foreach (var line in report.Summary)
        {
            text.Append(ReportText.OneLine(line)).Append('\n');
        }

        if (report.Tiles.Count > 0)
        {
            text.Append(string.Join(", ", report.Tiles.Select(tile => $"{ReportText.OneLine(tile.Label)}: {ReportText.OneLine(tile.Value)}{(tile.Note is { } note ? $" ({ReportText.OneLine(note)})" : "")}"))).Append('\n');
        }

        foreach (var section in report.Sections)
        {
            text.Append('\n').Append(section.Title).Append('\n');
            foreach (var plot in section.Plots)
            {
                Write(text, plot);
            }

            Write(text, section);
            if (section.IsEmpty)
            {
                text.Append("  ").Append(section.Empty).Append('\n');
            }

            // The last column is the longest, and needs no width.
            var widths = section.Columns.Select((_, index) => section.Rows.Max(row => (int?)Math.Min(ReportText.OneLine(row[index]).Length, 40)) ?? 0).ToList();
            foreach (var row in section.Rows)
            {
                text.Append("  ").Append(string.Join("  ", row.Select((cell, index) => ReportText.OneLine(cell).PadRight(index == row.Count - 1 ? 0 : widths[index]))).TrimEnd()).Append('\n');
            }

            text.Append(section.Note is { } note ? $"  {note}\n" : "");
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, ReportPlot plot)
    {
        text.Append("  ").Append(ReportText.OneLine(plot.Title)).Append(". ").Append(ReportText.OneLine(plot.Caption)).Append('\n');
        if (plot is BarPlot)
        {
            foreach (var row in PlotTable.Of(plot).Rows)
            {
                text.Append("    ").Append(string.Join("  ", row.OfType<string>().Select(ReportText.OneLine))).Append('\n');
            }

            return;
        }

        foreach (var (index, row) in PlotTable.Summary((TimePlot)plot).Rows.Index())
        {
            var figures = row[1] is null ? "no figures" : $"first {row[1]}, last {row[2]}, lowest {row[3]}, highest {row[4]}, mean {row[5]}";
            text.Append("    ").Append(ReportText.OneLine($"{row[0]}: {figures}  {Sparkline.Of(((TimePlot)plot).Lines[index])}").TrimEnd()).Append('\n');
        }

        foreach (var limit in ((TimePlot)plot).Limits)
        {
            text.Append("    ").Append(ReportText.OneLine(limit.Name)).Append(": ").Append(FigureScale.Text(plot.Unit, (double?)limit.Value)).Append('\n');
        }
    }

    private static void Write(StringBuilder text, ReportSection section)
    {
        foreach (var check in section.Checks)
        {
            text.Append("  ").Append(ReportText.OneLine(check.Verdict).PadRight(13)).Append(ReportText.OneLine(check.Text)).Append(": ").Append(ReportText.OneLine(check.Evidence))
                .Append(check.Note is { } note ? $" ({ReportText.OneLine(note)})" : "").Append('\n');
        }

        foreach (var card in section.Cards)
        {
            text.Append("  ").Append(ReportText.OneLine(card.Verdict).PadRight(13)).Append(ReportText.OneLine(card.Title)).Append(card.Text is { } advice ? $": {ReportText.OneLine(advice)}" : "").Append('\n');
            foreach (var item in card.Items)
            {
                text.Append("    ").Append(ReportText.OneLine(string.Join(" ", new[] { item.Word, item.Title }.OfType<string>().Append(item.Text)))).Append('\n');
            }

            foreach (var line in card.Code is { } code ? ReportText.Lines(code).Split('\n') : [])
            {
                text.Append("    | ").Append(line).Append('\n');
            }
        }
    }
}
