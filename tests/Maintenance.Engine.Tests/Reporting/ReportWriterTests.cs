using Maintenance.Engine.Reporting;
using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Tests.Reporting;

public sealed class ReportWriterTests
{
    private static readonly ReportService Reports = new(TimeProvider.System);

    private const string Hostile = "a|b <script>alert(1)</script> [x](javascript:y) `c` **d**\n# e\u001b[31m\u202Ef";

    private static readonly MaintenanceRun Run = new()
    {
        Id = Guid.Parse("01939d2e-0000-7000-8000-000000000001"),
        Task = "Daily",
        Target = Hostile,
        Status = HealthStatus.Unknown,
        Message = Hostile,
        StartedAt = new DateTimeOffset(2026, 11, 24, 2, 0, 0, TimeSpan.Zero),
        Duration = TimeSpan.FromSeconds(1.5),
        Steps = [new MaintenanceStep { Name = "Errors", State = StepState.Failed, Status = HealthStatus.Unknown, Message = Hostile, StartedAt = DateTimeOffset.UnixEpoch }],
        Metrics = [new Metric { Name = "error_rate", Value = null, ObservedAt = DateTimeOffset.UnixEpoch, Status = HealthStatus.Unknown, Reason = "It could not be asked." }],
        Findings = [new Finding { Id = "X", Area = "A", Severity = FindingSeverity.Low, Subject = Hostile, Message = Hostile }],
    };

    [Fact]
    public void Long_names_in_tiles_are_broken_where_their_parts_end()
    {
        var report = new Report("Title", HealthStatus.Ok, ["All is well."], []) { Tiles = [new ReportTile("shop.orders_archive in use", "12.5 %", Note: "fits 1.5 times; see /var/lib")] };
        var html = HtmlReportWriter.Write([report], DateTimeOffset.UnixEpoch);
        Assert.Contains("<span>shop.<wbr/>orders_<wbr/>archive in use</span>", html, StringComparison.Ordinal);
        Assert.Contains("<b>12.5 %</b>", html, StringComparison.Ordinal);
        Assert.Contains("see /var/<wbr/>lib", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_keeps_its_shape_whatever_the_text()
    {
        var text = Reports.Render([Run], ReportFormat.Markdown);
        Assert.DoesNotContain("<script", text, StringComparison.Ordinal);
        Assert.DoesNotContain("](", text.Replace("\\](", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', text);
        Assert.DoesNotContain('\u202E', text);
        Assert.Equal(["# Daily maintenance", "## Steps", "## Findings", "## Figures", "## Files"], text.Split('\n').Where(line => line.StartsWith('#')).Select(line => line.Length > 19 ? line[..19] : line));
        Assert.All(text.Split('\n').Where(line => line.StartsWith('|')), line => Assert.True(line.Replace("\\|", "", StringComparison.Ordinal).Count(character => character == '|') is 4 or 6 or 7, line));
    }

    [Theory]
    [InlineData(ReportFormat.Markdown)]
    [InlineData(ReportFormat.Text)]
    [InlineData(ReportFormat.Json)]
    [InlineData(ReportFormat.Html)]
    public void What_is_unknown_is_called_so_with_its_reason(ReportFormat format)
    {
        var text = Reports.Render([Run], format);
        Assert.Contains("unknown", text, StringComparison.Ordinal);
        Assert.Contains("Unknown", text, StringComparison.Ordinal);
        Assert.Contains("It could not be asked.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_has_a_line_for_each_row_and_no_control_characters()
    {
        var text = Reports.Render([Run], ReportFormat.Text);
        Assert.DoesNotContain(text, character => char.IsControl(character) && character != '\n');
        Assert.Single(text.Split('\n'), line => line.StartsWith("  Unknown  Errors", StringComparison.Ordinal));
    }

    [Fact]
    public void Json_gives_every_value_back()
    {
        var report = JObject.Parse(Reports.Render([Run], ReportFormat.Json));
        Assert.Equal("maintenance.report/1", (string)report["schema"]!);
        Assert.Equal(Hostile, (string)report.SelectToken("$.sections[0].rows[0].Message")!);
        Assert.Equal("Unknown", (string)report["status"]!);
    }

    [Fact]
    public void Findings_make_one_report_together()
    {
        var text = Reports.Render([.. Run.Findings, .. Run.Findings], ReportFormat.Text);
        Assert.Contains("2 findings.", text, StringComparison.Ordinal);
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, Assert.Throws<MaintenanceException>(() => Reports.Render(["text"], ReportFormat.Text)).Code);
    }
}
