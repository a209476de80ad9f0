using System.Text;
using Maintenance.Engine.Security.Scan;
using Maintenance.Engine.Security.Scan.Secrets;

namespace Maintenance.Engine.Tests.Security.Scan;

/// <summary>What the adapter makes of secretlint's reports and ends. The form is that of secretlint 12, which the integration tests run.</summary>
public sealed class SecretlintReportTests
{
    private const string Marker = "MARKER7HqZk29";

    private static readonly string Recorded = $$$"""
        [{"filePath":"/srv/app/a.txt","sourceContent":"hook = {{{Marker}}}","sourceContentType":"text","messages":[{"message":"found Slack Incoming Webhook: {{{Marker}}}","range":[7,84],"type":"message",
        "ruleId":"@secretlint/secretlint-rule-slack","ruleParentId":"@secretlint/secretlint-rule-preset-recommend","loc":{"start":{"line":1,"column":7},"end":{"line":1,"column":84}},"severity":"error",
        "messageId":"IncomingWebhook","data":{"URL":"{{{Marker}}}"}}]},{"filePath":"/srv/app/ok.txt","sourceContent":"{{{Marker}}}","sourceContentType":"text","messages":[]}]
        """;

    private static ScanReading Read(string report, int? exitCode = null, string errors = "it wrote nothing.") =>
        new SecretlintScanner().Read(new MemoryStream(Encoding.UTF8.GetBytes(report)), exitCode is { } code ? new ScanEnd(code, errors) : null, "/srv/app");

    [Fact]
    public void Rule_file_and_line_are_told_and_nothing_of_what_the_file_holds()
    {
        var reading = Read(Recorded, 1);
        var flaw = Assert.Single(reading.Flaws);
        Assert.Null(reading.Problem);
        Assert.Equal(2, reading.Examined);
        Assert.Equal("a.txt, line 1: secretlint found a secret by its rule slack/IncomingWebhook.", flaw.Message);
        Assert.Equal(FindingSeverity.High, flaw.Severity);
        Assert.DoesNotContain(Marker, string.Join(' ', [flaw.ToString(), flaw.Identity, .. flaw.Evidence.Values.Select(value => $"{value}")]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "[]", "read no file")]
    [InlineData(0, "[{\"filePath\":\"a\",\"messages\":[]}]", null)]
    [InlineData(1, "[{\"filePath\":\"a\",\"messages\":[]}]", "names nothing")]
    [InlineData(2, "", "exit code 2")]
    [InlineData(2, "[{\"filePath\":\"a\",\"messages\":[]}]", "exit code 2")]
    [InlineData(127, "", "exit code 127")]
    [InlineData(0, "", "cannot be read")]
    [InlineData(0, "{}", "cannot be read")]
    [InlineData(0, "[{}]", "names no file")]
    [InlineData(0, "[{\"filePath\":\"a\"}]", "names no file")]
    [InlineData(0, "[{\"filePath\":\"a\",\"messages\":[", "too early")]
    [InlineData(0, "npm warn exec", "cannot be read")]
    public void Only_a_whole_report_of_files_that_were_read_counts(int exitCode, string report, string? problem)
    {
        var reading = Read(report, exitCode);
        if (problem is null)
        {
            Assert.Null(reading.Problem);
        }
        else
        {
            Assert.Contains(problem, reading.Problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_failure_says_what_to_do() =>
        Assert.Contains("npm install", Read("", 2, "Error: Failed to load rule module: \"@secretlint/secretlint-rule-preset-recommend\" is not found.").Recommendation, StringComparison.Ordinal);

    [Fact]
    public void It_masks_and_brings_rules_where_there_are_none()
    {
        var command = new SecretlintScanner().Command("/nowhere", "/tmp/x");
        Assert.Contains("--maskSecrets", command.Arguments);
        var (file, content) = Assert.Single(command.Files);
        Assert.Contains("preset-recommend", content, StringComparison.Ordinal);
        Assert.Equal($"/tmp/{file}", command.Arguments[command.Arguments.ToList().IndexOf("--secretlintrc") + 1]);
        Assert.Equal("**/*", new SecretlintScanner().Command(Path.GetTempPath(), "/tmp/x").Arguments[^1]);
        Assert.Equal("a\\*\\[b\\].env", new SecretlintScanner().Command("/nowhere/a*[b].env", "/tmp/x").Arguments[^1]);
    }
}
