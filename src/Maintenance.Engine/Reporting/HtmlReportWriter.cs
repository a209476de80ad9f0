using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Maintenance.Engine.Backup.Drill;
using Maintenance.Engine.Reporting.Plots;

namespace Maintenance.Engine.Reporting;

/// <summary>
/// Writes reports as one page for a browser or a printer. Nothing is loaded from elsewhere and nothing runs, which the page itself
/// demands of the browser too; text from outside is encoded, whatever it is.
/// </summary>
internal static partial class HtmlReportWriter
{
    /// <summary>Columns whose words are verdicts.</summary>
    private static readonly HashSet<string> VerdictColumns = ["Status", "Verdict", "Result", "Outcome", "State"];

    // The colour only repeats what the word says.
    private static readonly Dictionary<string, string> Words = new()
    {
        ["Ok"] = "ok", ["Verified"] = "ok", ["Met"] = "ok", ["Pass"] = "ok", ["Done"] = "ok", ["Fresh"] = "ok",
        ["Warning"] = "warning", ["Medium"] = "warning", ["Low"] = "warning", ["No objective"] = "warning",
        ["Critical"] = "critical", ["High"] = "critical", ["Failed"] = "critical", ["Fail"] = "critical", ["Missed"] = "critical",
        ["Stale"] = "critical", ["None"] = "critical", ["Shrunk"] = "critical", ["Incomplete"] = "critical", ["Unreadable"] = "critical",
        ["New"] = "critical", ["Known"] = "note", ["Fixed"] = "ok", ["Accepted"] = "note", ["Info"] = "note", ["Not checked"] = "unknown", ["Not looked at"] = "unknown", ["Looked at"] = "ok",
        ["Unknown"] = "unknown", ["CannotDetermine"] = "unknown", ["NotPermitted"] = "unknown", ["Manual"] = "unknown",
        ["Conflict"] = "warning", ["Gone"] = "critical", ["Here"] = "ok",
    };

    private static readonly Lazy<string> Style = new(() =>
    {
        using var stream = typeof(HtmlReportWriter).Assembly.GetManifestResourceStream("Reporting/Report.css")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    });

    public static string Write(IReadOnlyList<Report> reports, DateTimeOffset now)
    {
        var page = new StringBuilder();
        page.Append(
            CultureInfo.InvariantCulture,
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Text(string.Join(", ", reports.Select(report => report.Title)))}</title>
            <style>
            {Style.Value}</style>
            </head>
            <body>
            <main>

            """);
        for (var index = 0; index < reports.Count; index++)
        {
            Write(page, reports[index], string.Create(CultureInfo.InvariantCulture, $"r{index + 1}"));
        }

        return page
            .Append(CultureInfo.InvariantCulture, $"</main>\n<footer><p>Written by Maintenance, {now.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC. All times are UTC.</p></footer>\n</body>\n</html>\n")
            .Replace("\r\n", "\n").ToString();
    }

    private static void Write(StringBuilder page, Report report, string id)
    {
        page.Append(CultureInfo.InvariantCulture, $"<article class=\"{Class(report.Status.ToString())}\" aria-labelledby=\"{id}\">\n<header>\n<h1 id=\"{id}\">{Text(report.Title)}</h1>\n");
        page.Append(CultureInfo.InvariantCulture, $"<p class=\"verdict\">{Badge(report.Status.ToString())} {Text(report.Summary[0])}</p>\n");
        foreach (var line in report.Summary.Skip(1))
        {
            // What to do must not look like the small print around it.
            page.Append(CultureInfo.InvariantCulture, $"<p{(line.StartsWith("What to do:", StringComparison.Ordinal) ? " class=\"todo\"" : "")}>{Text(line)}</p>\n");
        }

        page.Append("</header>\n");
        Write(page, report.Tiles);
        for (var index = 0; index < report.Sections.Count; index++)
        {
            Write(page, report.Sections[index], string.Create(CultureInfo.InvariantCulture, $"{id}s{index + 1}"));
        }

        page.Append("</article>\n");
    }

    private static void Write(StringBuilder page, ReportSection section, string id)
    {
        page.Append(CultureInfo.InvariantCulture, $"<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{Text(section.Title)}</h2>\n");
        if (section.IsEmpty)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p>{Text(section.Empty)}</p>\n</section>\n");
            return;
        }

        for (var index = 0; index < section.Plots.Count; index++)
        {
            HtmlPlotWriter.Write(page, section.Plots[index], string.Create(CultureInfo.InvariantCulture, $"{id}p{index + 1}"));
        }

        Write(page, section.Checks);
        Write(page, section.Cards);
        if (section.Rows.Count == 0)
        {
            page.Append("</section>\n");
            return;
        }

        if (section.Chart is { } chart)
        {
            Write(page, chart);
        }

        var beside = Enumerable.Range(0, section.Columns.Count).Where(index => section.Columns[index] != section.Below).ToList();
        page.Append(CultureInfo.InvariantCulture, $"<div class=\"wide{(PrintedCells.FitsPaper(section, beside) ? "" : " many")}\" role=\"region\" aria-labelledby=\"{id}\" tabindex=\"0\">\n<table>\n<thead><tr>");
        foreach (var index in beside)
        {
            page.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\">{Text(section.Columns[index])}</th>");
        }

        page.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in section.Rows)
        {
            page.Append(section.Below is null ? "<tr>" : "<tr class=\"above\">");
            foreach (var index in beside)
            {
                page.Append(CultureInfo.InvariantCulture, $"<td{PrintedCells.Class(row[index])} data-label=\"{Text(section.Columns[index])}\">{(VerdictColumns.Contains(section.Columns[index]) ? Badge(row[index]) : Text(row[index]))}</td>");
            }

            page.Append("</tr>\n");
            if (section.Below is not null)
            {
                page.Append(CultureInfo.InvariantCulture, $"<tr class=\"below\"><td colspan=\"{beside.Count}\"><div>{Text(row[^1])}</div></td></tr>\n");
            }
        }

        page.Append("</tbody>\n</table>\n</div>\n");
        page.Append(section.Note is { } note ? $"<p class=\"note\">{Text(note)}</p>\n" : "").Append("</section>\n");
    }

    private static void Write(StringBuilder page, IReadOnlyList<ReportTile> tiles)
    {
        if (tiles.Count == 0)
        {
            return;
        }

        page.Append("<ul class=\"tiles\">\n");
        foreach (var tile in tiles)
        {
            page.Append(CultureInfo.InvariantCulture, $"<li class=\"{(tile.Word is { } word ? Class(word) : "")}\"><b>{Breakable(tile.Value)}</b> <span>{Breakable(tile.Label)}</span>{(tile.Note is { } note ? $" <small>{Breakable(note)}</small>" : "")}</li>\n");
        }

        page.Append("</ul>\n");
    }

    private static void Write(StringBuilder page, IReadOnlyList<ReportCheck> checks)
    {
        foreach (var group in checks.GroupBy(check => check.Group))
        {
            page.Append(CultureInfo.InvariantCulture, $"<h3>{Text(group.Key)}</h3>\n<ul class=\"checks\">\n");
            foreach (var check in group)
            {
                page.Append(CultureInfo.InvariantCulture, $"<li><span class=\"mark\">{Badge(check.Verdict)}</span><div><strong>{Text(check.Text)}</strong><p>{Text(check.Evidence)}</p>{(check.Note is { } note ? $"<p class=\"note\">{Text(note)}</p>" : "")}</div></li>\n");
            }

            page.Append("</ul>\n");
        }
    }

    private static void Write(StringBuilder page, IReadOnlyList<ReportCard> cards)
    {
        foreach (var card in cards)
        {
            page.Append(CultureInfo.InvariantCulture, $"<div class=\"card {Class(card.Verdict)}\">\n<h3>{Badge(card.Verdict)} <span>{Text(card.Title)}</span>{(card.Note is { } note ? $" <small>{Text(note)}</small>" : "")}</h3>\n");
            if (card.Text is { } advice)
            {
                page.Append(CultureInfo.InvariantCulture, $"<p class=\"todo\">{Text(advice)}</p>\n");
            }

            page.Append(card.Items.Count > 0 ? "<ul>\n" : "");
            foreach (var item in card.Items)
            {
                page.Append(CultureInfo.InvariantCulture, $"<li>{(item.Word is { } word ? $"{Badge(word)} " : "")}{(item.Title is { } title ? $"<strong>{Text(title)}</strong>" : "")}<p>{Text(item.Text)}</p>{(item.Note is { } facts ? $"<p class=\"note\">{Text(facts)}</p>" : "")}</li>\n");
            }

            page.Append(card.Items.Count > 0 ? "</ul>\n" : "");
            page.Append(card.Code is { } code ? $"<pre tabindex=\"0\"><code>{WebUtility.HtmlEncode(ReportText.Lines(code))}</code></pre>\n" : "");
            page.Append("</div>\n");
        }
    }

    // The table below has the same figures, so that nothing is in the picture alone.
    private static void Write(StringBuilder page, ReportChart chart)
    {
        var end = chart.Bars.Max(bar => bar.Start + bar.Length);
        var whole = Math.Max(end.TotalSeconds, 0.001);
        page.Append(CultureInfo.InvariantCulture, $"<figure>\n<figcaption>{Text(chart.Caption)}: <span class=\"key strong\"></span> {Text(chart.Strong)}, <span class=\"key\"></span> {Text(chart.Weak)}.</figcaption>\n<div class=\"chart\" aria-hidden=\"true\">\n");
        foreach (var row in chart.Bars.GroupBy(bar => bar.Row))
        {
            page.Append(CultureInfo.InvariantCulture, $"<div class=\"row\"><div class=\"name\">{Text(row.Key)}</div><div class=\"track\">");
            foreach (var bar in row)
            {
                page.Append(
                    CultureInfo.InvariantCulture,
                    $"<span class=\"bar{(bar.IsStrong ? " strong" : "")}\" style=\"left:{Share(bar.Start, whole):0.###}%;width:{Share(bar.Length, whole):0.###}%\" title=\"{Text(bar.Text)}: {DrillText.Duration(bar.Length)}\"></span>");
            }

            page.Append("</div></div>\n");
        }

        page.Append(CultureInfo.InvariantCulture, $"<div class=\"row axis\"><div class=\"name\"></div><div class=\"track\"><span>0 s</span><span>{DrillText.Duration(end / 2)}</span><span>{DrillText.Duration(end)}</span></div></div>\n</div>\n</figure>\n");
    }

    private static double Share(TimeSpan time, double whole) => Math.Clamp(time.TotalSeconds / whole * 100, 0, 100);

    private static string Badge(string? word) => word is not null && Words.TryGetValue(word, out var kind) ? $"<span class=\"badge {kind}\">{Text(word)}</span>" : Text(word);

    private static string Class(string word) => Words.GetValueOrDefault(word, "");

    // Where there is little room, a long name is broken behind what separates its parts, and within a word only where that is not enough.
    private static string Breakable(string? text) => Separator().Replace(Text(text), "$0<wbr/>");

    [GeneratedRegex(@"(?<=[\p{L}\p{Nd}])[._/:-]+(?=\p{L})")]
    private static partial Regex Separator();

    private static string Text(string? text) => WebUtility.HtmlEncode(ReportText.OneLine(text));
}
