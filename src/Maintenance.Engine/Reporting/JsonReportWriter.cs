using System.Globalization;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Reporting;

/// <summary>Writes a report as JSON. Rows are objects with the columns as names; the shape is documented in docs/artifacts.md.</summary>
internal static class JsonReportWriter
{
    public static string Write(Report report, DateTimeOffset now)
    {
        var json = Body(report, now);
        if (report.Tiles.Count > 0)
        {
            json["figures"] = new JObject(report.Tiles.Select(tile => new JProperty(tile.Label, tile.Value)));
        }

        if (report.Findings.Count > 0)
        {
            json["findings"] = new JArray(report.Findings.Select(Of));
        }

        if (report.Objects.Count > 0)
        {
            json["objects"] = new JArray(report.Objects.Select(PublicValues.Json));
        }

        return json.ToString(Formatting.Indented) + "\n";
    }

    private static JObject Body(Report report, DateTimeOffset now) => new()
    {
        ["schema"] = "maintenance.report/1",
        ["title"] = report.Title,
        ["status"] = report.Status.ToString(),
        ["writtenAt"] = now.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        ["summary"] = new JArray(report.Summary),
        ["sections"] = new JArray(report.Sections.Select(Of)),
    };

    private static JObject Of(ReportSection section)
    {
        var json = new JObject
        {
            ["title"] = section.Title,
            ["rows"] = new JArray(section.Rows.Select(row => new JObject(section.Columns.Select((column, index) => new JProperty(column, row[index]))))
                .Concat(section.Checks.Select(check => new JObject
                {
                    ["group"] = check.Group,
                    ["verdict"] = check.Verdict,
                    ["text"] = check.Text,
                    ["evidence"] = check.Evidence,
                    ["note"] = check.Note,
                }))
                .Concat(section.Cards.Select(card => new JObject
                {
                    ["verdict"] = card.Verdict,
                    ["title"] = card.Title,
                    ["text"] = card.Text,
                    ["note"] = card.Note,
                    ["about"] = new JArray(card.Items.Select(item => item.Title ?? item.Text)),
                    ["code"] = card.Code,
                }))),
        };
        if (section.Plots.Count > 0)
        {
            json["plots"] = new JArray(section.Plots.Select(Of));
        }

        return json;
    }

    // Every figure, in the unit itself; what a picture thins, a program gets whole.
    private static JObject Of(ReportPlot plot)
    {
        var json = new JObject { ["title"] = plot.Title, ["caption"] = plot.Caption, ["unit"] = plot.Unit.ToString() };
        if (plot is BarPlot bars)
        {
            json["bars"] = new JArray(bars.Bars.Select(bar => new JObject { ["name"] = bar.Name, ["value"] = Number(bar.Value), ["note"] = bar.Note }));
        }
        else if (plot is TimePlot time)
        {
            json["lines"] = new JArray(time.Lines.Select(line => new JObject
            {
                ["name"] = line.Name,
                ["expected"] = line.IsExpected,
                ["points"] = new JArray(line.Points.Select(point => new JArray { Time(point.At), Number(point.Value) })),
            }));
            json["bands"] = new JArray(time.Bands.Select(band => new JObject
            {
                ["name"] = band.Name,
                ["edges"] = new JArray(band.Edges.Select(edge => new JArray { Time(edge.At), Number(edge.Low), Number(edge.High) })),
            }));
            json["limits"] = new JArray(time.Limits.Select(limit => new JObject { ["name"] = limit.Name, ["value"] = Number(limit.Value) }));
            json["spans"] = new JArray(time.Spans.Select(span => new JObject { ["name"] = span.Name, ["from"] = Time(span.From), ["to"] = Time(span.To) }));
        }

        return json;
    }

    // JSON has no word for infinity, and it is no measurement.
    private static JValue Number(double? value) => value is { } known && double.IsFinite(known) ? new JValue(known) : JValue.CreateNull();

    private static JObject Of(Finding finding) => new()
    {
        ["id"] = finding.Id,
        ["area"] = finding.Area,
        ["severity"] = finding.Severity.ToString(),
        ["outcome"] = finding.Outcome.ToString(),
        ["state"] = finding.State.ToString(),
        ["target"] = finding.Target,
        ["database"] = finding.Database,
        ["scope"] = finding.Scope,
        ["subject"] = finding.Subject,
        ["message"] = finding.Message,
        ["evidence"] = new JObject(finding.Evidence.Select(fact => new JProperty(fact.Key, Fact(fact.Value)))),
        ["recommendation"] = finding.Recommendation,
        ["fixSql"] = finding.FixSql,
        ["mappings"] = new JArray(finding.Mappings.Select(mapping => new JObject { ["standard"] = mapping.Standard, ["section"] = mapping.Section })),
        ["fingerprint"] = finding.Fingerprint,
        ["firstSeenAt"] = Time(finding.FirstSeenAt),
        ["acceptance"] = finding.Acceptance is { } acceptance
            ? new JObject { ["by"] = acceptance.By, ["until"] = acceptance.Until.ToString("O", CultureInfo.InvariantCulture), ["reason"] = acceptance.Reason }
            : null,
        ["collectedAt"] = Time(finding.CollectedAt),
    };

    private static JToken? Fact(object? value) => value switch
    {
        null => null,
        string or bool or int or long or double or decimal => JToken.FromObject(value),
        System.Collections.IDictionary entries => new JObject(entries.Keys.Cast<object>().Select(key => new JProperty(key.ToString() ?? "", Fact(entries[key])))),
        System.Collections.IEnumerable items => new JArray(items.Cast<object?>().Select(Fact)),
        IFormattable text => text.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static string? Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
