using System.Xml.Linq;
using Maintenance.Engine.Backup.Drill;
using Maintenance.Engine.Reporting;
using Newtonsoft.Json.Linq;
using static Maintenance.Engine.Tests.Backup.Drill.DrillSample;

namespace Maintenance.Engine.Tests.Reporting;

public sealed class DrillReportTests
{
    private const string Hostile = "x\"><script>alert(1)</script><img src=x onerror=alert(2)> | [a](javascript:b) `c` </style>&#60;\n# d\u001b[31m\u202Ee' onload='f";

    private static readonly ReportService Reports = new(TimeProvider.System);

    private static RecoveryDrill HostileDrill
    {
        get
        {
            var backup = Dumped(Hostile, name: Hostile);
            var facts = Facts(Attempt(Broken(backup, message: Hostile)));
            return DrillEvaluator.Evaluate(facts with { Target = facts.Target with { Name = Hostile } });
        }
    }

    private static string Render(RecoveryDrill drill, ReportFormat format) => Reports.Render([drill], format);

    // What a browser would make of it, as far as a strict parser can say: every element is closed, every attribute is quoted.
    private static XElement Page(string html) => XDocument.Parse(
        html.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal)
            .Replace("<meta charset=\"utf-8\">", "", StringComparison.Ordinal)
            .Replace("'none'\">", "'none'\"/>", StringComparison.Ordinal)
            .Replace("initial-scale=1\">", "initial-scale=1\"/>", StringComparison.Ordinal)).Root!;

    [Fact]
    public void The_page_is_whole_and_says_first_what_a_manager_asks_first()
    {
        var drill = Judged(Attempt(Restored(Dumped("app"), 600)), Attempt(Restored(Dumped("crm"), 300)));
        var page = Page(Render(drill, ReportFormat.Html));
        Assert.Equal("en", (string)page.Attribute("lang")!);
        Assert.Equal("Recovery drill of production", page.Descendants("h1").Single().Value);
        Assert.Contains(drill.Verdict, page.Descendants("p").First().Value, StringComparison.Ordinal);
        Assert.Equal(
            ["Objectives", "Findings", "What was restored", "Timeline", "How fresh the backups are", "Checks", "Evidence"],
            page.Descendants("h2").Select(heading => heading.Value));
        Assert.All(page.Descendants("table"), table => Assert.All(table.Descendants("th"), head => Assert.Equal("col", (string)head.Attribute("scope")!)));
        var objectives = page.Descendants("table").First().Descendants("tr").Skip(1).Select(row => row.Elements("td").Select(cell => cell.Value).ToArray()).ToList();
        Assert.Equal(["Met", "15 min", "at most 1 h"], [objectives[0][0], objectives[0][2], objectives[0][3]]);
        Assert.Equal(["Met", "5 h", "at most 1 d"], [objectives[1][0], objectives[1][2], objectives[1][3]]);
        Assert.Equal(9, page.Descendants("span").Count(span => ((string?)span.Attribute("class"))?.StartsWith("bar", StringComparison.Ordinal) == true));
    }

    [Fact]
    public void The_page_loads_nothing_and_runs_nothing()
    {
        var html = Render(HostileDrill, ReportFormat.Html);
        var page = Page(html);
        Assert.Contains("default-src 'none'", html, StringComparison.Ordinal);
        Assert.DoesNotContain(page.DescendantsAndSelf(), element => element.Name.LocalName is "script" or "img" or "link" or "iframe" or "a" or "object");
        Assert.DoesNotContain(page.DescendantsAndSelf().Attributes(), attribute => attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal) || attribute.Name.LocalName is "src" or "href");
        Assert.DoesNotContain("http:", html, StringComparison.Ordinal);
        Assert.DoesNotContain("https:", html, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_from_outside_is_text_on_the_page()
    {
        var html = Render(HostileDrill, ReportFormat.Html);
        Assert.Contains("<script>alert(1)</script>", Page(html).Descendants("h1").Single().Value, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\u001b', html);
        Assert.DoesNotContain('\u202E', html);
        Assert.Equal(1, html.Split("</style>").Length - 1);
    }

    [Fact]
    public void Hostile_text_keeps_the_shape_of_markdown_and_of_text()
    {
        var markdown = Render(HostileDrill, ReportFormat.Markdown);
        Assert.DoesNotContain("<script", markdown, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("](", markdown.Replace("\\](", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(8, markdown.Split('\n').Count(line => line.StartsWith('#')));
        var text = Render(HostileDrill, ReportFormat.Text);
        Assert.DoesNotContain(text, character => char.IsControl(character) && character != '\n');
        Assert.DoesNotContain('\u202E', text);
    }

    [Fact]
    public void Json_gives_every_value_back()
    {
        var report = JObject.Parse(Render(HostileDrill, ReportFormat.Json));
        Assert.Equal(Hostile, (string)report.SelectToken("$.sections[2].rows[0].Backup")!);
        Assert.Equal("Critical", (string)report["status"]!);
        Assert.Equal("not known", (string)report.SelectToken("$.sections[0].rows[0].Measured")!);
    }

    [Theory]
    [InlineData(ReportFormat.Text)]
    [InlineData(ReportFormat.Markdown)]
    [InlineData(ReportFormat.Json)]
    [InlineData(ReportFormat.Html)]
    public void A_failing_drill_says_so_and_what_to_do_in_every_form(ReportFormat format)
    {
        var text = Render(Judged(Attempt(Restored(Dumped("app"))), Attempt(Broken(Dumped("crm")))), format);
        Assert.Contains("The system could not be recovered.", text, StringComparison.Ordinal);
        Assert.Contains("DRILL-RESTORE-FAILED", text.Replace("\\", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("find out what damaged this one", text, StringComparison.Ordinal);
        Assert.Contains("not known", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_drills_are_parts_of_one_page()
    {
        var drill = Judged(Attempt(Restored(Dumped("app"))));
        var page = Page(Reports.Render([drill, drill], ReportFormat.Html));
        Assert.Equal(2, page.Descendants("article").Count());
        var ids = page.Descendants().Attributes("id").Select(id => id.Value).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public void What_became_of_a_backup_has_the_whole_width_of_the_page()
    {
        var section = Page(Render(Judged(Attempt(Broken(Dumped("crm")))), ReportFormat.Html)).Descendants("section").Single(part => part.Element("h2")!.Value == "What was restored");
        Assert.Equal(["Verdict", "Database", "Backup", "Taken (UTC)", "Size", "Recovery took", "Loss"], section.Descendants("th").Select(head => head.Value));
        var rows = section.Descendants("tbody").Single().Elements("tr").ToList();
        Assert.Equal(2, rows.Count);
        var reason = rows[1].Elements("td").Single();
        Assert.Equal(("7", "The data of public.orders end in the middle."), ((string?)reason.Attribute("colspan"), reason.Value));
    }

    [Fact]
    public void A_backup_that_failed_has_neither_a_recovery_time_nor_a_loss()
    {
        var markdown = Render(Judged(Attempt(Broken(Dumped("crm")) with { RecoveryTime = TimeSpan.FromSeconds(1.8) })), ReportFormat.Markdown);
        Assert.Contains("| not recovered | not recovered |", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("1.8 s", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void Durations_are_never_shown_shorter_than_they_are()
    {
        Assert.Equal(["0 s", "1 ms", "11 ms", "999 ms", "1 s", "1.1 s", "1.69 s", "59.9 s", "1 min", "2 min 5 s", "3 h 12 min", "1 d", "5 d 2 h"], new[] { 0, 0.0002, 0.0105, 0.999, 0.9991, 1.1, 1.681, 59.81, 60, 125, 11520, 86400, 439200 }.Select(seconds => DrillText.Duration(TimeSpan.FromSeconds(seconds))));
    }
}
