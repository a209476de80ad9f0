using System.Management.Automation;

namespace Maintenance.ModuleTests.Security;

/// <summary>Get-DbAccessReview as scripts use it.</summary>
public sealed class AccessReviewCmdletTests(SandboxFixture fixture) : IDisposable
{
    private readonly ModuleRunspace _runspace = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-access-").FullName;

    private MaintenanceTarget Target => fixture.Sandbox.Target with { History = new HistorySettings { Path = Path.Combine(_folder, "history.db") } };

    private List<T> Invoke<T>(string script) => [.. _runspace.Invoke(script, ("target", Target)).Select(row => (T)row.BaseObject)];

    [Fact]
    public void Roles_come_by_name_and_those_of_the_server_itself_only_if_asked_for()
    {
        var all = Invoke<DbAccessReview>("Get-DbAccessReview -Target $target");
        Assert.Contains(all, role => role is { Role: "postgres", IsSuperuser: true, Activity: RoleActivity.Active, Kind: DbAccountKind.Admin });
        Assert.Contains(all, role => role is { Role: "anon", CanLogin: false, Kind: DbAccountKind.Group });
        Assert.DoesNotContain(all, role => role.Kind == DbAccountKind.System);
        Assert.Contains(Invoke<DbAccessReview>("Get-DbAccessReview -Target $target -IncludeSystem"), role => role.Role == "pg_monitor");
        Assert.Equal(["pg_monitor"], Invoke<DbAccessReview>("Get-DbAccessReview pg_mon* -Target $target").Select(role => role.Role));
        Assert.Equal(["anon"], Invoke<DbAccessReview>("$target | Get-DbAccessReview ANON").Select(role => role.Role));
    }

    [Fact]
    public void Findings_come_instead_with_what_only_a_person_can_tell()
    {
        var findings = Invoke<Finding>("Get-DbAccessReview -Finding -Target $target -NoSample");
        Assert.All(findings, finding => Assert.StartsWith("ACCESS-", finding.Id, StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding is { Id: "ACCESS-API-KEY-USAGE", Outcome: FindingOutcome.Manual, Status: HealthStatus.Unknown });
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_run_is_kept_as_a_sample()
    {
        Assert.Equal(1, Assert.Single(Invoke<DbAccessReview>("Get-DbAccessReview postgres -Target $target -InactiveAfter 30.00:00:00")).Watch!.Samples);
        Assert.NotEmpty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_name_that_nobody_has_is_an_error()
    {
        var error = Assert.Single(_runspace.Run("Get-DbAccessReview nobody_of_this_name, anon -Target $target", ("target", Target)).Errors);
        Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
        Assert.StartsWith("ObjectNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(_runspace.Run("Get-DbAccessReview nobody_of_this_name* -Target $target", ("target", Target)).Errors);
    }

    [Theory]
    [InlineData("Get-DbAccessReview -Role 'gr[p' -Target $target")]
    [InlineData("Get-DbAccessReview -InactiveAfter 0d -Target $target")]
    [InlineData("Get-DbAccessReview -InactiveAfter -1.00:00:00 -Target $target")]
    [InlineData("Get-DbAccessReview -InactiveAfter ([timespan]::MaxValue) -Target $target")]
    [InlineData("Get-DbSecurityFinding -Id 'DBSEC-[' -Target $target")]
    [InlineData("Get-DbSecurityFinding -Database 'x[' -Target $target")]
    [InlineData("Test-DbRowSecurity -Name 'x[' -Target $target")]
    [InlineData("Get-DbIndexAdvice -Schema 'x[' -Target $target")]
    [InlineData("Get-AzureSecurityFinding -Id 'AZURE-[' -SubscriptionId 00000000-0000-0000-0000-000000000001 -Target $target")]
    [InlineData("Get-MaintenanceTarget 'x['")]
    public void What_cannot_be_meant_is_refused_with_what_to_do(string script)
    {
        var error = Assert.Single(_runspace.Run(script, ("target", Target)).Errors);
        Assert.StartsWith("InvalidArgument,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void Names_of_roles_complete_and_without_a_target_nothing_does()
    {
        Assert.DoesNotContain("authenticated", _runspace.Complete("Get-DbAccessReview -Role authent"));
        _runspace.Invoke(
            "$null = Connect-MaintenanceTarget -Name here -HostName $sandbox.Host -Port $sandbox.Port -Database $sandbox.Database -SslMode Disable -Credential ([pscredential]::new($sandbox.Username, $sandbox.Password))",
            ("sandbox", fixture.Sandbox));
        _runspace.Invoke("$null = Get-DbAccessReview -NoSample");
        Assert.Contains("authenticated", _runspace.CompleteInTime("Get-DbAccessReview -Role authent"));
    }

    public void Dispose()
    {
        _runspace.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
