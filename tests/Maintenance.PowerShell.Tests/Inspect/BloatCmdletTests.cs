using System.Management.Automation;

namespace Maintenance.ModuleTests.Inspect;

/// <summary>Get-DbBloat as scripts use it.</summary>
public sealed class BloatCmdletTests(SandboxFixture fixture) : IDisposable
{
    private readonly ModuleRunspace _runspace = new();

    private List<DbBloat> Rows(string script) =>
        [.. _runspace.Invoke(script, ("target", fixture.Sandbox.Target)).Select(row => (DbBloat)row.BaseObject)];

    [Fact]
    public void The_most_reclaimable_comes_first_and_unknown_ones_last()
    {
        var rows = Rows("Get-DbBloat -Target $target -MinimumSize 0");
        Assert.NotEmpty(rows);
        Assert.Equal(rows.Select(row => row.Reclaimable ?? -1).OrderDescending(), rows.Select(row => row.Reclaimable ?? -1));
        Assert.All(rows, row => Assert.Equal((fixture.Sandbox.Target.Name, fixture.Sandbox.Database), (row.Target, row.Database)));
    }

    [Fact]
    public void Tables_schemas_kinds_and_sizes_choose()
    {
        var tables = Rows("Get-DbBloat *consents -Target $target -Kind Table");
        Assert.Equal("user_consents", Assert.Single(tables).Name);
        Assert.All(Rows("Get-DbBloat -Target $target -Schema auth -MinimumSize 0"), row => Assert.Equal("auth", row.Table.Split('.')[0]));
        Assert.Empty(Rows("Get-DbBloat -Target $target -MinimumSize '1 TB'"));
        Assert.Empty(Rows("Get-DbBloat -Target $target -Table 'no%such_*'"));
        Assert.All(Rows("Get-DbBloat -Target $target -Table auth.users"), row => Assert.Equal("auth.users", row.Table));
    }

    [Fact]
    public void A_name_of_nothing_is_an_error_and_one_with_wildcards_is_not()
    {
        var result = _runspace.Run("Get-DbBloat -Target $target -Table nope, user_consents, 'nope*', no%e", ("target", fixture.Sandbox.Target));
        Assert.Equal(["nope", "no%e"], result.Errors.Select(error => (string)error.TargetObject));
        Assert.All(result.Errors, error => Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category));
        Assert.StartsWith("There is no table nope in the database", result.Errors[0].ToString(), StringComparison.Ordinal);
        Assert.StartsWith("There is no schema nowhere in", Assert.Single(_runspace.Run("Get-DbBloat -Target $target -Schema nowhere, 'no*where', public", ("target", fixture.Sandbox.Target)).Errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_extension_is_a_warning_and_the_estimates_come_all_the_same()
    {
        var result = _runspace.Run("Get-DbBloat -Target $target -Mode Verify -IoBudget '10 MB' -IncludeSystem", ("target", fixture.Sandbox.Target with { Database = fixture.Sandbox.Target.Database! with { Database = "template1" } }));
        Assert.Empty(result.Errors);
        Assert.Contains(result.Warnings, warning => warning.Contains("CREATE EXTENSION pgstattuple;", StringComparison.Ordinal));
        Assert.NotEmpty(result.Output);
    }

    [Fact]
    public void Names_of_tables_complete_and_without_a_target_nothing_does()
    {
        Assert.DoesNotContain("public.user_consents", _runspace.Complete("Get-DbBloat -Table public.user_c"));
        _runspace.Invoke(
            "$null = Connect-MaintenanceTarget -Name here -HostName $sandbox.Host -Port $sandbox.Port -Database $sandbox.Database -SslMode Disable -Credential ([pscredential]::new($sandbox.Username, $sandbox.Password))",
            ("sandbox", fixture.Sandbox));
        _runspace.Invoke("$null = Get-DbBloat");
        Assert.Contains("public.user_consents", _runspace.CompleteInTime("Get-DbBloat -Table public.user_c"));
    }

    public void Dispose() => _runspace.Dispose();
}
