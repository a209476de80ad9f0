using System.Management.Automation;

namespace Maintenance.ModuleTests.Repair;

/// <summary>Find-SystemIssue as scripts use it.</summary>
public sealed class SystemIssueCmdletTests(SandboxFixture fixture) : IDisposable
{
    private readonly ModuleRunspace _runspace = new();

    private List<Finding> Findings(string script) =>
        [.. _runspace.Invoke(script, ("target", fixture.Sandbox.Target)).Select(row => (Finding)row.BaseObject)];

    [Fact]
    public void What_is_wrong_comes_first_then_what_is_not_known_and_what_is_well_only_if_asked_for()
    {
        var findings = Findings("Find-SystemIssue -Target $target");

        Assert.DoesNotContain(findings, finding => finding.Outcome == FindingOutcome.Pass);
        var wrong = findings.TakeWhile(finding => finding.Outcome == FindingOutcome.Fail).ToList();
        Assert.Equal(wrong.Select(finding => finding.Severity).OrderDescending(), wrong.Select(finding => finding.Severity));
        Assert.DoesNotContain(findings.Skip(wrong.Count), finding => finding.Outcome == FindingOutcome.Fail);
        Assert.Contains(findings, finding => finding is { Id: "ISSUE-ALERT-FIRING", Outcome: FindingOutcome.Unknown, Remedy: null });
        Assert.Contains(Findings("$target | Find-SystemIssue -All"), finding => finding is { Id: "ISSUE-CONNECTIONS", Outcome: FindingOutcome.Pass });
    }

    [Fact]
    public void Ids_areas_and_severities_choose()
    {
        Assert.All(Findings("Find-SystemIssue repl-*, xid-* -Target $target -All"), finding => Assert.True(finding.Area is "Replication" or "Wraparound"));
        Assert.Equal(["ISSUE-BLOCKING", "ISSUE-IDLE-IN-TRANSACTION"], Findings("Find-SystemIssue -Area sessions -Target $target -All").Select(finding => finding.Id).Order(StringComparer.Ordinal));
        Assert.All(Findings("Find-SystemIssue -Target $target -MinimumSeverity High"), finding => Assert.True(finding.Severity >= FindingSeverity.High));
    }

    [Theory]
    [InlineData("-Id ISSUE-CONECTIONS", "ISSUE-CONNECTIONS")]
    [InlineData("-Id ISSUE-CONNECTIONS, NOTHING-*", "ISSUE-ERROR-RATE")]
    [InlineData("-Area Session", "Sessions")]
    [InlineData("-Id 'ISSUE-['", "bracket")]
    public void What_is_named_and_not_there_is_an_error_and_never_all_well(string arguments, string help)
    {
        var output = _runspace.Run($"Find-SystemIssue -Target $target -All {arguments}", ("target", fixture.Sandbox.Target));

        Assert.Empty(output.Output);
        var error = Assert.Single(output.Errors);
        Assert.StartsWith("InvalidArgument,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(help, $"{error.Exception.Message} {error.ErrorDetails.RecommendedAction}", StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Silence_comes_with_a_line_that_says_how_much_was_looked_at()
    {
        var output = _runspace.Run("Find-SystemIssue ISSUE-BLOCKING, ISSUE-CONNECTIONS -Target $target -InformationVariable said; $said", ("target", fixture.Sandbox.Target));

        var said = (InformationRecord)Assert.Single(output.Output).BaseObject;
        Assert.Equal($"'{fixture.Sandbox.Target.Name}': 0 issue(s) found, 0 of them with a remedy; 0 could not be told; 2 check(s) found nothing wrong.", said.MessageData);
        Assert.Equal(["Find-SystemIssue"], said.Tags);
    }

    [Fact]
    public void A_target_that_is_gone_is_unknown_in_all_parts_and_the_next_one_is_looked_at()
    {
        var gone = fixture.Sandbox.Target with { Name = "gone", Functions = null, Database = fixture.Sandbox.Target.Database! with { Port = 1 } };
        var output = _runspace.Run("$gone, $target | Find-SystemIssue -Area Sessions, Indexes -All -TimeoutSeconds 20", ("gone", gone), ("target", fixture.Sandbox.Target));
        var findings = output.Output.Select(row => (Finding)row.BaseObject).ToList();

        Assert.Equal(3, findings.Count(finding => finding is { Target: "gone", Outcome: FindingOutcome.Unknown }));
        Assert.All(findings.Where(finding => finding.Target == "gone"), finding => Assert.Equal("DatabaseUnreachable", finding.Evidence["Error"]));
        Assert.Equal(3, findings.Count(finding => finding.Target == fixture.Sandbox.Target.Name));
    }

    [Fact]
    public void Ids_and_areas_complete_without_a_server()
    {
        Assert.Equal(["ISSUE-CAPACITY", "ISSUE-COMPLIANCE", "ISSUE-CONNECTIONS"], _runspace.Complete("Find-SystemIssue issue-c").Order(StringComparer.Ordinal));
        Assert.Equal(["Sessions"], _runspace.Complete("Find-SystemIssue -Area se"));
    }

    public void Dispose() => _runspace.Dispose();
}
