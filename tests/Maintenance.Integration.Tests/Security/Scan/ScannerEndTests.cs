namespace Maintenance.IntegrationTests.Security.Scan;

/// <summary>
/// How runs of gitleaks and semgrep end. Neither can be installed here: shell scripts stand in for them, which write what their documentation describes.
/// </summary>
public sealed class ScannerEndTests
{
    private static string Gitleaks(string body) => $$"""
        if [ "$1" = version ]; then echo 8.24.0; exit 0; fi
        echo "$@" > "$(dirname "$0")/arguments"
        while [ $# -gt 0 ]; do if [ "$1" = --report-path ]; then report=$2; fi; shift; done
        {{body}}
        """;

    private const string Leak = """[ { "RuleID": "slack-webhook-url", "File": "a.js", "StartLine": 2, "Secret": "qMARKER", "Match": "qMARKER", "Email": "MARKER@example.org", "Commit": "" } ]""";

    private static void SkipOnWindows() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Shell scripts stand in for the programs.");

    [Fact]
    public async Task Gitleaks_with_a_leak_and_without()
    {
        SkipOnWindows();
        using var scene = new SourceScene();
        var finding = Assert.Single(await scene.ScanAsync("gitleaks", scene.StandIn("gitleaks", Gitleaks($"echo '{Leak}' > \"$report\"; exit 77"))));
        Assert.Equal((FindingOutcome.Fail, "a.js", "8.24.0"), (finding.Outcome, finding.Subject, finding.Evidence["Version"]));
        Assert.StartsWith("dir ", await File.ReadAllTextAsync(Path.Combine(scene.Root, "..", "arguments"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(scene.Root, ".git"));
        var passed = Assert.Single(await scene.ScanAsync("gitleaks", scene.StandIn("gitleaks", Gitleaks("echo '[]' > \"$report\"; exit 0"))));
        Assert.Equal(FindingOutcome.Pass, passed.Outcome);
        Assert.Contains("commits only", passed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo 'panic: qMARKER postgres://app:xMARKERx@db/x' >&2; exit 2", "exit code 2")]
    [InlineData("exit 0", "wrote no result")]
    [InlineData("echo '[]' > \"$report\"; exit 1", "exit code 1")]
    [InlineData("echo '[ {' > \"$report\"; exit 77", "cannot be read")]
    [InlineData("printf '\\033[31m[]' > \"$report\"; exit 0", "cannot be read")]
    [InlineData("kill -SEGV $$", "exit code 139")]
    [InlineData("sleep 60", "did not end in the time")]
    public async Task Gitleaks_that_ends_badly_is_unknown(string body, string problem)
    {
        SkipOnWindows();
        using var scene = new SourceScene();
        var script = Gitleaks(body.Replace("qMARKER", "", StringComparison.Ordinal));
        var finding = Assert.Single(await scene.ScanAsync("gitleaks", scene.StandIn("gitleaks", script), timeout: body.StartsWith("sleep", StringComparison.Ordinal) ? TimeSpan.FromSeconds(2) : null));
        Assert.Equal(FindingOutcome.Unknown, finding.Outcome);
        Assert.Contains(problem, finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scanner_that_is_not_installed_is_told_with_what_ours_say_and_unknown_if_somebody_named_it()
    {
        using var scene = new SourceScene();
        scene.Write("a.js", "1\n");
        var passed = Assert.Single(await scene.ScanAsync(null));
        Assert.Equal((FindingOutcome.Pass, "maintenance: app"), (passed.Outcome, passed.Scope));
        Assert.Contains("gitleaks did not look, not being installed", passed.Message, StringComparison.Ordinal);
        Assert.Matches("^[0-9]+\\.[0-9]+", Assert.IsType<string>(passed.Evidence["Version"]));
        var missing = Assert.Single(await scene.ScanAsync("gitleaks"));
        Assert.Equal((FindingOutcome.Unknown, "gitleaks: app"), (missing.Outcome, missing.Scope));
        Assert.Contains("no program gitleaks", missing.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""echo '{"version":"1.99.0","results":[],"errors":[],"paths":{"scanned":["a.js"]}}'""", FindingOutcome.Pass, "found nothing")]
    [InlineData("""echo '{"version":"1.99.0","results":[],"errors":[{"level":"error","type":"SemgrepError","message":"no rules"}],"paths":{"scanned":[]}}'; exit 7""", FindingOutcome.Unknown, "exit code 7")]
    [InlineData("echo 'Traceback'; exit 2", FindingOutcome.Unknown, "exit code 2")]
    [InlineData("true", FindingOutcome.Unknown, "empty")]
    [InlineData("""echo '{"results":[{"check_id":"r","path":"a.js","start":{"line":1},"extra":{"message":"m","severity":"ERROR","lines":"MARKER"}}],"errors":[],"paths":{"scanned":["a.js"]}}'; exit 1""", FindingOutcome.Fail, "a.js, line 1: m.")]
    public async Task Semgrep_ends_as_it_says(string body, FindingOutcome outcome, string message)
    {
        SkipOnWindows();
        using var scene = new SourceScene();
        var finding = Assert.Single(await scene.ScanAsync("semgrep", scene.StandIn("semgrep", $"if [ \"$1\" = --version ]; then echo 1.99.0; exit 0; fi\n{body}"), ScanKind.Code));
        Assert.Equal(outcome, finding.Outcome);
        Assert.Equal("CODE-FLAW", finding.Id);
        Assert.Contains(message, finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SARIF_of_any_tool_is_read_under_the_tool_s_name()
    {
        using var scene = new SourceScene();
        var file = Path.Combine(scene.Root, "..", "x.sarif");
        await File.WriteAllTextAsync(file, """{ "version": "2.1.0", "runs": [ { "tool": { "driver": { "name": "CodeQL", "semanticVersion": "2.20.0" } }, "results": [] } ] }""", TestContext.Current.CancellationToken);
        var passed = Assert.Single(await scene.ScanAsync(null, kind: ScanKind.Code, result: file));
        Assert.Equal((FindingOutcome.Pass, "CodeQL: app", "2.20.0"), (passed.Outcome, passed.Scope, passed.Evidence["Version"]));
        await File.WriteAllTextAsync(file, """{ "version": "2.1.0", "runs": [ { "tool": { "driver": { "name": "CodeQL" } }, "results": [""", TestContext.Current.CancellationToken);
        Assert.Equal(FindingOutcome.Unknown, Assert.Single(await scene.ScanAsync(null, kind: ScanKind.Code, result: file)).Outcome);
        await File.WriteAllTextAsync(file, "<html>", TestContext.Current.CancellationToken);
        Assert.Equal(FindingOutcome.Unknown, Assert.Single(await scene.ScanAsync(null, kind: ScanKind.Code, result: file)).Outcome);
        Assert.Equal(FindingOutcome.Unknown, Assert.Single(await scene.ScanAsync("sarif", kind: ScanKind.Code)).Outcome);
    }
}
