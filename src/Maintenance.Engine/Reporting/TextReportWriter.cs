using System.Text;

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

        foreach (var section in report.Sections)
        {
            text.Append('\n').Append(section.Title).Append('\n');
            if (section.Rows.Count == 0)
            {
                text.Append("  ").Append(section.Empty).Append('\n');
            }

            // The last column is the longest, and needs no width.
            var widths = section.Columns.Select((_, index) => section.Rows.Max(row => (int?)Math.Min(ReportText.OneLine(row[index]).Length, 40)) ?? 0).ToList();
            foreach (var row in section.Rows)
            {
                text.Append("  ").Append(string.Join("  ", row.Select((cell, index) => ReportText.OneLine(cell).PadRight(index == row.Count - 1 ? 0 : widths[index]))).TrimEnd()).Append('\n');
            }
        }

        return text.ToString();
    }
}
