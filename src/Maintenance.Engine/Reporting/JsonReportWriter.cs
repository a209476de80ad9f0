using System.Globalization;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Reporting;

/// <summary>Writes a report as JSON. Rows are objects with the columns as names; the shape is documented in docs/reports.md.</summary>
internal static class JsonReportWriter
{
    public static string Write(Report report, DateTimeOffset now) => new JObject
    {
        ["schema"] = "maintenance.report/1",
        ["title"] = report.Title,
        ["status"] = report.Status.ToString(),
        ["writtenAt"] = now.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        ["summary"] = new JArray(report.Summary),
        ["sections"] = new JArray(report.Sections.Select(section => new JObject
        {
            ["title"] = section.Title,
            ["rows"] = new JArray(section.Rows.Select(row => new JObject(section.Columns.Select((column, index) => new JProperty(column, row[index]))))),
        })),
    }.ToString(Formatting.Indented) + "\n";
}
