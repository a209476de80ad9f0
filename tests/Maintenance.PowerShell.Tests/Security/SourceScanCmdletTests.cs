using System.Management.Automation;

namespace Maintenance.ModuleTests.Security;

/// <summary>Find-Secret and Invoke-CodeScan as scripts use them: without any target.</summary>
public sealed class SourceScanCmdletTests : IDisposable
{
    private readonly ModuleRunspace _runspace = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;

    private static string Secret => "gh" + "p_q7Xw2Rt9MARKERz8Vb3Nc6Jd1Hf0Gs5KeYu";

    private List<Finding> Findings(string script) => [.. _runspace.Invoke(script, ("folder", _folder)).Select(row => (Finding)row.BaseObject)];

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    [Fact]
    public void Secrets_are_found_in_a_path_in_paths_from_the_pipeline_and_in_the_current_folder()
    {
        Write("a.js", $"const t = '{Secret}'\n");
        _runspace.Runspace.SessionStateProxy.Path.SetLocation(_folder);
        string[] scripts =
        [
            "Find-Secret $folder -Scanner maintenance",
            "$folder | Find-Secret -Scanner maintenance",
            "[System.IO.DirectoryInfo]::new($folder) | Find-Secret -Scanner maintenance",
            "Find-Secret -Scanner maintenance",
        ];
        Assert.All(scripts, script =>
        {
            var finding = Assert.Single(Findings(script));
            Assert.Equal(("SECRET-FOUND", "a.js", FindingOutcome.Fail, FindingSeverity.High), (finding.Id, finding.Subject, finding.Outcome, finding.Severity));
        });
    }

    [Fact]
    public void A_secret_is_on_no_stream()
    {
        Write("a.js", $"const t = '{Secret}'\n");
        var result = _runspace.Run("Find-Secret $folder -Scanner maintenance -Verbose", ("folder", _folder));
        var shown = string.Join('\n', result.Output.Select(row => $"{row}").Concat(result.Verbose).Concat(result.Warnings).Concat(result.Errors.Select(error => $"{error}")));
        Assert.Contains("github-token", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("MARKER", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Minimum_severity_leaves_out_findings_and_never_what_could_not_be_told()
    {
        Write("a.env", "MY_API_KEY=q7Xw2Rt9Lm4Pz8Vb\n");
        Assert.Equal(FindingSeverity.Medium, Assert.Single(Findings("Find-Secret $folder -Scanner maintenance")).Severity);
        Assert.Empty(Findings("Find-Secret $folder -Scanner maintenance -MinimumSeverity High"));
        Assert.Equal(FindingOutcome.Unknown, Assert.Single(Findings("Invoke-CodeScan $folder -Scanner sarif -MinimumSeverity Critical")).Outcome);
    }

    [Fact]
    public void SARIF_and_reports_of_gitleaks_are_read_and_what_is_neither_is_unknown()
    {
        Write("x.sarif", """{ "version": "2.1.0", "runs": [ { "tool": { "driver": { "name": "CodeQL" } }, "results": [ { "ruleId": "js/sqli", "level": "error", "message": { "text": "Tainted" }, "locations": [ { "physicalLocation": { "artifactLocation": { "uri": "a.js" }, "region": { "startLine": 7 } } } ] } ] } ] }""");
        var flaw = Assert.Single(Findings("Invoke-CodeScan $folder -ResultPath $folder/x.sarif"));
        Assert.Equal(("CODE-FLAW", "a.js", FindingSeverity.High, "a.js, line 7: Tainted."), (flaw.Id, flaw.Subject, flaw.Severity, flaw.Message));
        Write("leaks.json", """[ { "RuleID": "aws", "File": "b.js", "StartLine": 1, "Secret": "MARKER", "Commit": "" } ]""");
        Assert.Equal("b.js", Assert.Single(Findings("Find-Secret $folder -ResultPath $folder/leaks.json")).Subject);
        Write("page.html", "<html>Sign in</html>");
        Assert.Equal(FindingOutcome.Unknown, Assert.Single(Findings("Invoke-CodeScan $folder -ResultPath $folder/page.html")).Outcome);
    }

    [Theory]
    [InlineData("Find-Secret /nowhere/at/all", "FileUnavailable")]
    [InlineData("Find-Secret $folder -ResultPath $folder/none.json", "FileUnavailable")]
    [InlineData("Find-Secret $folder -Scanner semgrep", "InvalidArgument")]
    [InlineData("Invoke-CodeScan $folder -Scanner gitleaks", "InvalidArgument")]
    public void What_is_not_there_is_an_error(string script, string code)
    {
        var error = Assert.Single(_runspace.Run(script, ("folder", _folder)).Errors);
        Assert.StartsWith(code + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.NotEqual(ErrorCategory.NotSpecified, error.CategoryInfo.Category);
    }

    [Fact]
    public void Names_of_scanners_are_completed()
    {
        using var shell = _runspace.Create("");
        string[] Completed(string input) => [.. CommandCompletion.CompleteInput(input, input.Length, null, shell).CompletionMatches.Select(match => match.CompletionText)];
        Assert.Contains("maintenance", Completed("Find-Secret -Scanner ma"));
        Assert.Equal(["semgrep"], Completed("Invoke-CodeScan -Scanner sem"));
    }

    public void Dispose()
    {
        _runspace.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
