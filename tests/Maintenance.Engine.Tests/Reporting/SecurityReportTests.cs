using System.Xml.Linq;
using Maintenance.Engine.Reporting;
using Maintenance.Engine.Tests.Security.Audit;
using Newtonsoft.Json.Linq;
using static Maintenance.Engine.Tests.Security.Audit.AuditSample;

namespace Maintenance.Engine.Tests.Reporting;

public sealed class SecurityReportTests
{
    private const string Hostile = "x\"><script>alert(1)</script> | [a](javascript:b) ![i](x) https://evil.example www.evil.example `c` ``` </style>&#60;\n# d\n```\n- [x] e\u001b[31m\u202Ef' onload='g {0}";

    private static readonly ReportService Reports = new(TimeProvider.System);

    private static readonly SecurityAuditReport Audit = AuditSample.Report(
        [
            Found("DBSEC-RLS-OFF", subject: Hostile, message: Hostile) with { FixSql = $"ALTER TABLE {Hostile} ENABLE ROW LEVEL SECURITY;", State = FindingState.New, FirstSeenAt = Now, Evidence = new Dictionary<string, object?> { [Hostile] = Hostile, ["Rows"] = 5 }, Mappings = [new("CIS PostgreSQL 17", "4.7")] },
            Found("DBSEC-TLS-OFF", severity: FindingSeverity.Medium) with { State = FindingState.Known, FirstSeenAt = Now.AddDays(-30) },
            Found("DBSEC-HBA-TRUST", FindingOutcome.NotPermitted) with { FixSql = "GRANT SELECT ON pg_hba_file_rules TO audit;" },
            Found("SECRET-FOUND", FindingOutcome.Unknown, message: "gitleaks could not tell whether secrets are in web: it crashed."),
            Found("DBSEC-API-KEY-AGE", FindingOutcome.Manual),
            Found("DBSEC-LOG-STATEMENT", severity: FindingSeverity.Low) with { State = FindingState.Accepted, FirstSeenAt = Now.AddDays(-60), Acceptance = new FindingAcceptance("A. Nyone", new DateOnly(2027, 1, 31), "pgaudit does it") },
            Found("DBSEC-VERSION-EOL", FindingOutcome.Pass, FindingSeverity.Info),
        ],
        [Found("DBSEC-ROLE-EXPIRED", subject: "old") with { State = FindingState.Fixed, FirstSeenAt = Now.AddDays(-90) }]) with { PreviousAuditAt = Now.AddDays(-28) };

    private static XElement Page(string html) => XDocument.Parse(
        html.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal)
            .Replace("<meta charset=\"utf-8\">", "", StringComparison.Ordinal)
            .Replace("'none'\">", "'none'\"/>", StringComparison.Ordinal)
            .Replace("initial-scale=1\">", "initial-scale=1\"/>", StringComparison.Ordinal)).Root!;

    [Fact]
    public void The_page_shows_the_figures_the_seven_sections_and_the_findings()
    {
        var page = Page(Reports.Render([Audit], ReportFormat.Html));
        var headings = page.Descendants("h2").Select(heading => heading.Value).ToList();
        Assert.Equal("What changed since 2026-10-11", headings[0]);
        Assert.Equal(["1. Dependency security scan", "2. Code security analysis", "3. Infrastructure security review", "4. GDPR compliance review", "5. Access review", "6. Security recommendations", "7. Action items"], headings.Skip(1).Take(7));
        Assert.Contains("High findings (1)", headings);
        Assert.Equal(7, page.Descendants("ul").First(list => (string?)list.Attribute("class") == "tiles").Elements("li").Count());
        Assert.Contains("ENABLE ROW LEVEL SECURITY", page.Descendants("pre").First().Value, StringComparison.Ordinal);
        var unknown = page.Descendants("section").Single(section => section.Element("h2")!.Value == "What could not be determined");
        Assert.Contains("it crashed", unknown.Value, StringComparison.Ordinal);
        Assert.Contains(unknown.Descendants("span"), badge => badge.Value == "Unknown");
        Assert.Contains(page.Descendants("li"), line => line.Value.StartsWith("Unknown", StringComparison.Ordinal) && line.Value.Contains("Source code holds no secrets", StringComparison.Ordinal));
        Assert.Contains("pgaudit does it", page.Descendants("section").Single(section => section.Element("h2")!.Value == "Accepted").Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_from_outside_is_text_on_the_page()
    {
        var html = Reports.Render([Audit], ReportFormat.Html);
        var page = Page(html);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(page.DescendantsAndSelf(), element => element.Name.LocalName is "script" or "img" or "a" or "link" or "iframe");
        Assert.DoesNotContain(page.DescendantsAndSelf().Attributes(), attribute => attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal) || attribute.Name.LocalName is "src" or "href");
        Assert.DoesNotContain('\u001b', html);
        Assert.DoesNotContain('\u202E', html);
        Assert.Equal(1, html.Split("</style>").Length - 1);
        Assert.DoesNotContain("url(", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_text_makes_no_markup_link_or_heading_in_markdown()
    {
        var markdown = Reports.Render([Audit], ReportFormat.Markdown);
        var outside = OutsideFences(markdown);
        Assert.DoesNotContain(outside, line => line.Contains("<script", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(outside, line => line.Replace("\\](", "", StringComparison.Ordinal).Contains("](", StringComparison.Ordinal));
        Assert.DoesNotContain(outside, line => line.Contains("https://", StringComparison.Ordinal) || line.Contains("www.e", StringComparison.Ordinal));
        Assert.DoesNotContain(outside, line => line.StartsWith("# d", StringComparison.Ordinal) || line.StartsWith("- [x] e", StringComparison.Ordinal));
        Assert.Equal(16, outside.Count(line => line.StartsWith("## ", StringComparison.Ordinal)));
        Assert.Contains(outside, line => line.StartsWith("- [ ] **Unknown** Source code holds no secrets", StringComparison.Ordinal));
        Assert.Contains(outside, line => line.StartsWith("- [x] **Fixed** DBSEC-ROLE-EXPIRED: old", StringComparison.Ordinal));
    }

    [Fact]
    public void Json_holds_every_finding_with_its_values()
    {
        var json = JObject.Parse(Reports.Render([Audit], ReportFormat.Json));
        var first = (JObject)json["findings"]![0]!;
        Assert.Equal((Hostile, "New", 5), ((string)first["subject"]!, (string)first["state"]!, (int)first["evidence"]!["Rows"]!));
        Assert.Equal(8, json["findings"]!.Count());
        Assert.Equal("2027-01-31", (string)json.SelectToken("$.findings[5].acceptance.until")!);
        Assert.Equal("1", (string)json["figures"]!["critical and high"]!);
    }

    [Fact]
    public void Sarif_has_what_the_standard_asks_for()
    {
        var sarif = JObject.Parse(Reports.Render([Audit], ReportFormat.Sarif));
        Assert.Equal("2.1.0", (string)sarif["version"]!);
        Assert.StartsWith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/", (string)sarif["$schema"]!, StringComparison.Ordinal);
        var run = (JObject)Assert.Single(sarif["runs"]!);
        var rules = (JArray)run.SelectToken("$.tool.driver.rules")!;
        Assert.Equal("Maintenance", (string)run.SelectToken("$.tool.driver.name")!);
        Assert.Equal(rules.Count, rules.Select(rule => (string)rule["id"]!).Distinct().Count());
        Assert.All(rules, rule => Assert.False(string.IsNullOrEmpty((string?)rule.SelectToken("$.help.text"))));
        Assert.All(rules, rule => Assert.Contains((string)rule.SelectToken("$.defaultConfiguration.level")!, new[] { "none", "note", "warning", "error" }));
        Assert.All(run["results"]!, result =>
        {
            Assert.Equal((string)result["ruleId"]!, (string)rules[(int)result["ruleIndex"]!]["id"]!);
            Assert.False(string.IsNullOrEmpty((string?)result.SelectToken("$.message.text")));
            Assert.Equal(32, ((string)result["partialFingerprints"]!.Children<JProperty>().Single().Value!).Length);
            // Only what failed has a level (3.27.10).
            Assert.Equal((string)result["kind"]! != "fail", (string)result["level"]! == "none");
        });
        Assert.NotNull(run.SelectToken("$.invocations[0].endTimeUtc"));
    }

    [Theory]
    [InlineData("SECRET-FOUND", FindingSeverity.High, "error", false)]
    [InlineData("AUDIT-SECRETS", FindingSeverity.High, "error", false)]
    [InlineData("AUDIT-AZURE", FindingSeverity.Medium, "warning", true)] // not configured
    [InlineData("DBSEC-HBA-TRUST", FindingSeverity.High, null, true)] // one check of many
    public void In_Sarif_a_part_or_a_scanner_that_came_to_nothing_is_a_failure_of_the_run(string id, FindingSeverity severity, string? level, bool successful)
    {
        var sarif = JObject.Parse(Reports.Render([Audit with { Findings = [AuditSample.Found(id, FindingOutcome.Unknown, severity, message: "It crashed.")] }], ReportFormat.Sarif));
        var invocation = sarif.SelectToken("$.runs[0].invocations[0]")!;
        Assert.Equal((successful, level), ((bool)invocation["executionSuccessful"]!, (string?)invocation.SelectToken("$.toolExecutionNotifications[0].level")));
        Assert.Equal(level is null ? null : "It crashed.", (string?)invocation.SelectToken("$.toolExecutionNotifications[0].message.text"));
    }

    [Fact]
    public void A_report_of_what_came_through_the_pipeline_says_that_what_is_gone_cannot_be_told()
    {
        Assert.Contains("what is gone cannot be told", Reports.Render([Audit with { IsFromPipeline = true }], ReportFormat.Markdown), StringComparison.Ordinal);
        Assert.DoesNotContain("what is gone cannot be told", Reports.Render([Audit], ReportFormat.Markdown), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DBSEC-RLS-OFF", "fail", "error", "new")]
    [InlineData("DBSEC-TLS-OFF", "fail", "warning", "unchanged")]
    [InlineData("DBSEC-HBA-TRUST", "open", "none", null)]
    [InlineData("SECRET-FOUND", "open", "none", null)]
    [InlineData("DBSEC-API-KEY-AGE", "review", "none", null)]
    [InlineData("DBSEC-LOG-STATEMENT", "fail", "note", "unchanged")]
    [InlineData("DBSEC-VERSION-EOL", "pass", "none", null)]
    [InlineData("DBSEC-ROLE-EXPIRED", "fail", "error", "absent")]
    public void Sarif_says_what_each_came_to_and_where_it_stands(string id, string kind, string level, string? baseline)
    {
        var result = JObject.Parse(Reports.Render([Audit], ReportFormat.Sarif)).SelectToken($"$.runs[0].results[?(@.ruleId == '{id}')]")!;
        Assert.Equal((kind, level, baseline), ((string)result["kind"]!, (string)result["level"]!, (string?)result["baselineState"]));
        Assert.Equal(id == "DBSEC-LOG-STATEMENT" ? "until 2027-01-31 by A. Nyone: pgaudit does it" : null, (string?)result.SelectToken("$.suppressions[0].justification"));
    }

    [Fact]
    public void Sarif_messages_hold_no_places_for_arguments_and_no_links()
    {
        var message = (string)JObject.Parse(Reports.Render([Audit], ReportFormat.Sarif)).SelectToken("$.runs[0].results[0].message.text")!;
        Assert.Contains("{{0}}", message, StringComparison.Ordinal);
        Assert.Contains("[a\\](javascript:b)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Findings_and_runs_are_written_as_sarif_too()
    {
        var sarif = JObject.Parse(Reports.Render([Found("DBSEC-A") with { Target = "one" }, Found("DBSEC-B") with { Target = "two" }], ReportFormat.Sarif));
        Assert.Equal(["findings/one/", "findings/two/"], sarif["runs"]!.Select(run => (string)run.SelectToken("$.automationDetails.id")!));
        Assert.Throws<MaintenanceException>(() => Reports.Render(["no"], ReportFormat.Sarif));
    }

    private static List<string> OutsideFences(string markdown)
    {
        var lines = new List<string>();
        string? fence = null;
        foreach (var line in markdown.Split('\n'))
        {
            if (fence is null && line.StartsWith("```", StringComparison.Ordinal))
            {
                fence = line[..^3];
            }
            else if (line == fence)
            {
                fence = null;
            }
            else if (fence is null)
            {
                lines.Add(line);
            }
        }

        Assert.Null(fence);
        return lines;
    }
}
