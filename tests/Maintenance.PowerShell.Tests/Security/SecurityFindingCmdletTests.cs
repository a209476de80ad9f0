using System.Management.Automation;

namespace Maintenance.ModuleTests.Security;

/// <summary>Get-DbSecurityFinding as scripts use it.</summary>
public sealed class SecurityFindingCmdletTests(SandboxFixture fixture) : IDisposable
{
    private readonly ModuleRunspace _runspace = new();

    private List<Finding> Findings(string script) =>
        [.. _runspace.Invoke(script, ("target", fixture.Sandbox.Target)).Select(row => (Finding)row.BaseObject)];

    [Fact]
    public void The_worst_comes_first_and_what_passed_only_if_asked_for()
    {
        var findings = Findings("Get-DbSecurityFinding -Target $target");
        Assert.Contains(findings, finding => finding is { Id: "DBSEC-RLS-OFF", Subject: "public.error_logs_archive", FixSql: "ALTER TABLE public.error_logs_archive ENABLE ROW LEVEL SECURITY;" });
        Assert.DoesNotContain(findings, finding => finding.Outcome == FindingOutcome.Pass);
        var failed = findings.TakeWhile(finding => finding.Outcome == FindingOutcome.Fail).ToList();
        Assert.Equal(failed.Select(finding => finding.Severity).OrderDescending(), failed.Select(finding => finding.Severity));
        Assert.Contains(Findings("$target | Get-DbSecurityFinding -All"), finding => finding.Outcome == FindingOutcome.Pass);
    }

    [Fact]
    public void Ids_and_severities_choose()
    {
        Assert.All(Findings("Get-DbSecurityFinding dbsec-rls-* -Target $target -All"), finding => Assert.StartsWith("DBSEC-RLS-", finding.Id, StringComparison.Ordinal));
        Assert.All(Findings("Get-DbSecurityFinding -Target $target -MinimumSeverity High"), finding => Assert.True(finding.Severity >= FindingSeverity.High));
    }

    [Theory]
    [InlineData("-Id DBSEC-RSL-OFF", "InvalidArgument,", "DBSEC-RLS-OFF")]
    [InlineData("-Id DBSEC-RLS-OFF, NOTHING-*", "InvalidArgument,", "Ids begin with DBSEC-RLS, DBSEC-POLICY")]
    [InlineData("-Schema public, pubic", "ObjectNotFound,", "Did you mean \"public\"? There are: ")]
    [InlineData("-UntrustedRole nosuchrole", "ObjectNotFound,", "anon, authenticated")]
    public void What_is_named_and_not_there_is_an_error_and_never_all_well(string arguments, string code, string help)
    {
        var output = _runspace.Run($"Get-DbSecurityFinding -Target $target -All {arguments}", ("target", fixture.Sandbox.Target));
        var error = Assert.Single(output.Errors);
        Assert.StartsWith(code, error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(help, error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void Databases_schemas_and_strangers_are_chosen_and_a_database_that_is_not_there_is_an_error()
    {
        Assert.Equal(["postgres"], Findings("Get-DbSecurityFinding -Target $target -Database post* -Id DBSEC-RLS-OFF").Select(finding => finding.Database!).Distinct());
        Assert.Empty(Findings("Get-DbSecurityFinding -Target $target -Schema auth -Id DBSEC-RLS-OFF"));
        Assert.All(Findings("Get-DbSecurityFinding -Target $target -UntrustedRole @() -Id DBSEC-RLS-OFF"), finding => Assert.Equal(FindingSeverity.Low, finding.Severity));
        var error = Assert.Single(_runspace.Run("Get-DbSecurityFinding -Target $target -Database nowhere", ("target", fixture.Sandbox.Target)).Errors);
        Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
        Assert.StartsWith("DatabaseNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_databases_and_tables_complete()
    {
        // The catalogue of checks is known without a server; names of databases and tables are not.
        Assert.Equal(["DBSEC-RLS-NO-POLICY", "DBSEC-RLS-NOT-FORCED", "DBSEC-RLS-OFF", "DBSEC-RLS-PARTITION", "DBSEC-RLS-POLICY-UNUSED"], _runspace.Complete("Get-DbSecurityFinding -Id dbsec-rls-").Order(StringComparer.Ordinal));
        Assert.DoesNotContain("postgres", _runspace.Complete("Get-DbSecurityFinding -Database post"));
        _runspace.Invoke(
            "$null = Connect-MaintenanceTarget -Name here -HostName $sandbox.Host -Port $sandbox.Port -Database $sandbox.Database -SslMode Disable -Credential ([pscredential]::new($sandbox.Username, $sandbox.Password))",
            ("sandbox", fixture.Sandbox));
        _runspace.Invoke("$null = Get-DbSecurityFinding -Id DBSEC-RLS-OFF");
        // Completion gives up after a moment, and this machine may be busy: once is enough.
        bool Comes(string input, string name) => Enumerable.Range(0, 20).Any(_ => _runspace.Complete(input).Contains(name));
        Assert.True(Comes("Get-DbSecurityFinding -Database post", "postgres"));
        Assert.True(Comes("Test-DbRowSecurity -Name public.user_c", "public.user_consents"));
    }

    [Fact]
    public void Keys_are_as_old_as_the_target_s_configuration_says()
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        var target = fixture.Sandbox.Target with { Security = new SecurityPolicy { ApiKeys = [new ApiKeyAge { Name = "anon", ChangedOn = today.AddDays(-100) }, new ApiKeyAge { Name = "service_role", ChangedOn = today }] } };
        var finding = (Finding)Assert.Single(_runspace.Invoke("Get-DbSecurityFinding -Target $target -Id DBSEC-API-KEY-AGE -All", ("target", target))).BaseObject;
        Assert.Equal((FindingOutcome.Fail, "API key anon"), (finding.Outcome, finding.Subject));
        Assert.Equal(FindingOutcome.Manual, Assert.Single(Findings("Get-DbSecurityFinding -Target $target -Id DBSEC-API-KEY-AGE")).Outcome);
    }

    public void Dispose() => _runspace.Dispose();
}
