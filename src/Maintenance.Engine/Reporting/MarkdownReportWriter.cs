using System.Text;

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

        foreach (var section in report.Sections)
        {
            text.Append("\n## ").Append(Escape(section.Title)).Append("\n\n");
            if (section.Rows.Count == 0)
            {
                text.Append(Escape(section.Empty)).Append('\n');
                continue;
            }

            Row(text, section.Columns);
            Row(text, [.. section.Columns.Select(_ => "---")], escape: false);
            foreach (var row in section.Rows)
            {
                Row(text, row);
            }
        }

        return text.ToString();
    }

    private static void Row(StringBuilder text, IReadOnlyList<string?> cells, bool escape = true) =>
        text.Append("| ").AppendJoin(" | ", cells.Select(cell => escape ? Escape(cell) : cell)).Append(" |\n");

    private static string Escape(string? text) => string.Concat(ReportText.OneLine(text).Select(character => character switch
    {
        '<' => "&lt;",
        '>' => "&gt;",
        '&' => "&amp;",
        '\\' or '`' or '*' or '_' or '[' or ']' or '|' or '~' or '#' or '!' => $"\\{character}",
        _ => character.ToString(),
    }));
}
