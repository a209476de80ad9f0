using System.Text;
using Maintenance.Engine.Reporting.Plots;

namespace Maintenance.Engine.Reporting;

/// <summary>Writes a report as Markdown with tables. Text from outside stays text: it makes no table, link, markup or HTML.</summary>
internal static class MarkdownReportWriter
{
    public static string Write(Report report)
    {
        var text = new StringBuilder();
        text.Append("# ").Append(Escape(report.Title)).Append("\n\n**").Append(report.Status.ToString()).Append("**\n");
        foreach (var line in report.Summary)
        {
            text.Append('\n').Append(Escape(line)).Append('\n');
        }

        if (report.Tiles.Count > 0)
        {
            text.Append('\n');
            Row(text, [.. report.Tiles.Select(tile => tile.Label)]);
            Row(text, [.. report.Tiles.Select(_ => "---")], escape: false);
            Row(text, [.. report.Tiles.Select(tile => tile.Note is null ? tile.Value : $"{tile.Value} ({tile.Note})")]);
        }

        foreach (var section in report.Sections)
        {
            text.Append("\n## ").Append(Escape(section.Title)).Append("\n\n");
            if (section.IsEmpty)
            {
                text.Append(Escape(section.Empty)).Append('\n');
                continue;
            }

            foreach (var plot in section.Plots)
            {
                Write(text, plot);
            }

            Write(text, section.Checks);
            Write(text, section.Cards);
            if (section.Rows.Count == 0)
            {
                continue;
            }

            Row(text, section.Columns);
            Row(text, [.. section.Columns.Select(_ => "---")], escape: false);
            foreach (var row in section.Rows)
            {
                Row(text, row);
            }

            text.Append(section.Note is { } note ? $"\n{Escape(note)}\n" : "");
        }

        return text.ToString();
    }

    // What there is of a picture without pictures: its caption, how it went, and the figures that matter.
    private static void Write(StringBuilder text, ReportPlot plot)
    {
        text.Append("### ").Append(Escape(plot.Title)).Append("\n\n").Append(Escape(plot.Caption)).Append("\n\n");
        var table = plot is TimePlot lines ? PlotTable.Brief(lines) : PlotTable.Of(plot);
        if (table.Rows.Count > 0)
        {
            Row(text, table.Columns);
            Row(text, [.. table.Columns.Select(_ => "---")], escape: false);
            foreach (var row in table.Rows)
            {
                Row(text, row);
            }

            text.Append(table.Note is { } note ? $"\n{Escape(note)}\n" : "").Append('\n');
        }
    }

    private static void Write(StringBuilder text, IReadOnlyList<ReportCheck> checks)
    {
        foreach (var group in checks.GroupBy(check => check.Group))
        {
            text.Append("### ").Append(Escape(group.Key)).Append("\n\n");
            foreach (var check in group)
            {
                // A box is ticked only where nothing is left to do.
                text.Append("- [").Append(check.Verdict is "Pass" or "Fixed" ? 'x' : ' ').Append("] **").Append(Escape(check.Verdict)).Append("** ").Append(Escape(check.Text)).Append(": ").Append(Escape(check.Evidence));
                text.Append(check.Note is { } note ? $" ({Escape(note)})" : "").Append('\n');
            }

            text.Append('\n');
        }
    }

    private static void Write(StringBuilder text, IReadOnlyList<ReportCard> cards)
    {
        foreach (var card in cards)
        {
            text.Append("### ").Append(Escape(card.Verdict)).Append(": ").Append(Escape(card.Title)).Append("\n\n");
            if (card.Text is not null || card.Note is not null)
            {
                text.Append(card.IsDone ? "" : "To do: ").Append(Escape(card.Text ?? "look at it.")).Append(card.Note is { } note ? $" ({Escape(note)})" : "").Append("\n\n");
            }

            foreach (var item in card.Items)
            {
                text.Append("- ").Append(item.Word is { } word ? $"**{Escape(word)}** " : "").Append(item.Title is { } title ? $"**{Escape(title)}**: " : "").Append(Escape(item.Text));
                text.Append(item.Note is { } facts ? $" ({Escape(facts)})" : "").Append('\n');
            }

            text.Append(card.Code is { } code ? $"\n{Fence(code)}" : "").Append('\n');
        }
    }

    // Longer than any in the text, which therefore cannot end it.
    private static string Fence(string code)
    {
        var lines = ReportText.Lines(code);
        var longest = 0;
        for (var (index, run) = (0, 0); index < lines.Length; index++)
        {
            run = lines[index] == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        var fence = new string('`', Math.Max(3, longest + 1));
        return $"{fence}sql\n{lines}\n{fence}\n";
    }

    private static void Row(StringBuilder text, IReadOnlyList<string?> cells, bool escape = true) =>
        text.Append("| ").AppendJoin(" | ", cells.Select(cell => escape ? Escape(cell) : cell)).Append(" |\n");

    // Readers that make links of addresses by themselves are kept from it too.
    private static string Escape(string? text) => Marks(text)
        .Replace("://", "\\://", StringComparison.Ordinal)
        .Replace("www.", "www\\.", StringComparison.OrdinalIgnoreCase);

    private static string Marks(string? text) => string.Concat(ReportText.OneLine(text).Select(character => character switch
    {
        '<' => "&lt;",
        '>' => "&gt;",
        '&' => "&amp;",
        '\\' or '`' or '*' or '_' or '[' or ']' or '|' or '~' or '#' or '!' => $"\\{character}",
        _ => character.ToString(),
    }));
}
