using System.Text;
using Maintenance.Engine.Security.Scan;
using Maintenance.Engine.Security.Scan.Secrets;

namespace Maintenance.Engine.Tests.Security.Scan;

/// <summary>
/// gitleaks is not installed where this is tested. Its report and its exit codes are those that its documentation and its report's field names describe (version 8), written down
/// by hand here; no run of the program is behind them.
/// </summary>
public sealed class GitleaksTests
{
    private const string Marker = "MARKER7HqZk29";

    private static readonly string Documented = $$"""
        [
         { "RuleID": "slack-webhook-url", "Description": "Discovered a Slack Webhook", "StartLine": 4, "EndLine": 4, "StartColumn": 10, "EndColumn": 90,
           "Match": "hook = {{Marker}}", "Secret": "{{Marker}}", "File": "src/notify.js", "SymlinkFile": "", "Commit": "5f1c2d3e4b5a69788796a5b4c3d2e1f001122334", "Link": "https://example.org/{{Marker}}",
           "Entropy": 4.1, "Author": "{{Marker}} Author", "Email": "{{Marker}}@example.org", "Date": "2026-01-02T03:04:05Z", "Message": "add {{Marker}}", "Tags": [],
           "Fingerprint": "5f1c2d3e4b5a69788796a5b4c3d2e1f001122334:src/notify.js:slack-webhook-url:4" },
         { "RuleID": "generic-api-key", "Description": "Detected a Generic API Key", "StartLine": 9, "EndLine": 9, "StartColumn": 1, "EndColumn": 40,
           "Match": "{{Marker}}", "Secret": "{{Marker}}", "File": "/srv/app/.env", "SymlinkFile": "", "Commit": "", "Entropy": 3.9, "Author": "", "Email": "", "Date": "", "Message": "", "Tags": [],
           "Fingerprint": "/srv/app/.env:generic-api-key:9" }
        ]
        """;

    private static ScanReading Read(string report, int? exitCode = null, string errors = "it wrote nothing.") =>
        new GitleaksScanner().Read(new MemoryStream(Encoding.UTF8.GetBytes(report)), exitCode is { } code ? new ScanEnd(code, errors) : null, "/srv/app");

    [Fact]
    public void Rule_file_line_and_commit_are_told_and_nothing_of_the_secret_or_the_author()
    {
        var reading = Read(Documented);
        Assert.Null(reading.Problem);
        Assert.Equal(["src/notify.js", ".env"], reading.Flaws.Select(flaw => flaw.Subject));
        Assert.Equal("src/notify.js, line 4, in commit 5f1c2d3e4b5a: gitleaks found a secret by its rule slack-webhook-url.", reading.Flaws[0].Message);
        Assert.Equal(".env, line 9: gitleaks found a secret by its rule generic-api-key.", reading.Flaws[1].Message);
        Assert.All(reading.Flaws, flaw => Assert.Equal(FindingSeverity.High, flaw.Severity));
        Assert.DoesNotContain(Marker, Everything(reading), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_in_one_file_are_two_and_stay_so_on_other_lines()
    {
        string Report(int one, int two) => $$"""[ { "RuleID": "r", "File": "a", "StartLine": {{one}} }, { "RuleID": "r", "File": "a", "StartLine": {{two}} } ]""";
        var identities = Read(Report(1, 2)).Flaws.Select(flaw => flaw.Identity).ToList();
        Assert.Equal(2, identities.Distinct().Count());
        Assert.Equal(identities, Read(Report(50, 60)).Flaws.Select(flaw => flaw.Identity));
    }

    [Theory]
    [InlineData(0, "[]", null, 0)]
    [InlineData(GitleaksScanner.Found, "[ { \"RuleID\": \"r\", \"File\": \"a\" } ]", null, 1)]
    [InlineData(GitleaksScanner.Found, "[]", "its report is empty", 0)]
    [InlineData(1, "[]", "exit code 1", 0)]
    [InlineData(1, "[ { \"RuleID\": \"r\", \"File\": \"a\" } ]", "exit code 1", 1)]
    [InlineData(126, "", "exit code 126", 0)]
    [InlineData(137, "[ { \"RuleID\":", "exit code 137", 0)]
    [InlineData(0, "", "cannot be read", 0)]
    [InlineData(0, "{}", "cannot be read", 0)]
    [InlineData(0, "[ { \"RuleID\": \"r\" } ]", "no rule or no file", 0)]
    [InlineData(0, "[ 1 ]", "no rule or no file", 0)]
    [InlineData(0, "Segmentation fault", "cannot be read", 0)]
    public void Only_an_end_that_agrees_with_the_report_counts(int exitCode, string report, string? problem, int flaws)
    {
        var reading = Read(report, exitCode);
        Assert.Equal(flaws, reading.Flaws.Count);
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
    public void It_is_told_to_redact_and_to_end_with_a_code_of_its_own_and_git_may_fetch_nothing()
    {
        var command = new GitleaksScanner().Command("/srv/app", "/tmp/x/result.json", "8.24.0");
        Assert.Equal(["dir", "/srv/app"], command.Arguments.Take(2));
        Assert.Contains("--redact", command.Arguments);
        Assert.Equal("77", command.Arguments[command.Arguments.ToList().IndexOf("--exit-code") + 1]);
        Assert.True(command.WritesFile);
        Assert.Equal("1", command.Environment["GIT_NO_LAZY_FETCH"]);
    }

    [Theory]
    [InlineData("8.18.4", "detect")]
    [InlineData("v8.2.0", "detect")]
    [InlineData("8.19.0", "dir")]
    [InlineData("version is set by build process", "dir")]
    [InlineData(null, "dir")]
    public void Older_versions_have_another_command(string? version, string command) =>
        Assert.Equal(command, new GitleaksScanner().Command("/srv/app", "/tmp/x", version).Arguments[0]);

    [Fact]
    public void Hostile_names_of_files_and_rules_come_out_as_one_line()
    {
        var reading = Read("""[ { "RuleID": "r\u001b[2J\n", "File": "a\r\n\u001b]0;x\u0007<script>'\".js", "StartLine": -4, "Commit": "$(rm -rf /)" } ]""");
        var flaw = Assert.Single(reading.Flaws);
        Assert.DoesNotContain(Everything(reading), char.IsControl);
        Assert.DoesNotContain("rm -rf", Everything(reading), StringComparison.Ordinal);
        Assert.Null(flaw.Evidence["Line"]);
    }

    [Fact]
    public void Its_reports_are_recognised_and_others_are_not()
    {
        var scanner = new GitleaksScanner();
        Assert.True(scanner.Recognises(Documented));
        Assert.False(scanner.Recognises("[]"));
        Assert.False(scanner.Recognises("""[{"filePath":"a","sourceContent":""}]"""));
        Assert.True(scanner.Recognises("""{ "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [ { "tool": { "driver": { "name": "gitleaks" """));
    }

    private static string Everything(ScanReading reading) =>
        string.Join(' ', reading.Flaws.SelectMany(Texts)) + reading.Problem + reading.Recommendation;

    private static IEnumerable<string?> Texts(ScanFlaw flaw) =>
        [flaw.Subject, flaw.Message, flaw.Identity.Replace('\n', ' '), flaw.Recommendation, .. flaw.Evidence.Values.Select(value => $"{value}")];
}
