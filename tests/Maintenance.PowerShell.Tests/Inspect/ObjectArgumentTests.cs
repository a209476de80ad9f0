namespace Maintenance.ModuleTests.Inspect;

/// <summary>Tables as people have them: by name, by OID, as an object; and what is said of what is none.</summary>
public sealed class ObjectArgumentTests(SandboxFixture fixture) : IDisposable
{
    private readonly ModuleRunspace _runspace = new();

    public void Dispose() => _runspace.Dispose();

    [Theory]
    [InlineData("Get-DbBloat -Target $target -MinimumSize 0 -Kind Table -Table {0} | ForEach-Object QualifiedName")]
    [InlineData("Invoke-DbVacuum -Target $target -WhatIf -Table {0} | ForEach-Object { $_.Schema + '.' + $_.Name }")]
    public void A_table_is_found_by_its_name_its_OID_and_as_an_object_even_one_that_was_kept(string command)
    {
        Bloat();
        foreach (var argument in new[] { "error_logs", "'public.error_logs'", "$row.Oid", "([int]$row.Oid)", "$row", "$kept" })
        {
            Assert.Equal("public.error_logs", Assert.Single(_runspace.Invoke(command.Replace("{0}", argument, StringComparison.Ordinal), ("target", fixture.Sandbox.Target))).ToString());
        }
    }

    [Fact]
    public void A_text_of_digits_is_a_name_and_a_number_is_an_OID()
    {
        Bloat();
        Assert.StartsWith("There is no table 2024 in", Error("Get-DbBloat -Target $target -Table '2024'"), StringComparison.Ordinal);
        Assert.StartsWith("There is no relation with the OID 999999999 in", Error("Get-DbBloat -Target $target -Table 999999999"), StringComparison.Ordinal);
        Assert.EndsWith("There is no table or index 2024 in the database 'postgres' of '" + fixture.Sandbox.Target.Name + "'.", Error("Invoke-DbVacuum -Target $target -WhatIf -Table '2024'"), StringComparison.Ordinal);
        Assert.Contains("OID 999999999", Error("Invoke-DbVacuum -Target $target -WhatIf -Table 999999999"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'profiles' | Invoke-DbVacuum", "No target named 'profiles'", "a table is named with -Table.")]
    [InlineData("16385 | Invoke-DbVacuum", "No target named '16385'", "a table is named with -Table.")]
    [InlineData("'profiles' | Get-DbBloat", "No target named 'profiles'", "a table is named with -Table.")]
    public void A_table_in_the_pipeline_is_told_where_tables_are_named(string command, string message, string advice)
    {
        var error = Assert.Single(_runspace.Run(command).Errors);
        Assert.StartsWith(message, error.Exception.Message, StringComparison.Ordinal);
        Assert.EndsWith(advice, error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.DoesNotContain("-Table", Assert.Single(_runspace.Run("Get-DbBloat -Target profiles").Errors).ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void An_index_that_is_not_there_is_called_as_it_was_written() =>
        Assert.StartsWith("ordrs_pkey: There is no table or index ordrs_pkey", Error("Invoke-DbReindex -Target $target -Index ordrs_pkey -Confirm:$false"), StringComparison.Ordinal);

    [Theory]
    [InlineData("Invoke-DbVacuum -Table (Get-Date)", "DateTime names no table or index. Give name, schema.name")]
    [InlineData("Invoke-DbVacuum -Table 1.5", "names no table or index. Give name, schema.name")]
    [InlineData("Invoke-DbVacuum -Table a.b.c", "'a.b.c' names no table or index. Give name, schema.name")]
    [InlineData("Invoke-DbReindex -Index @{ a = 1 }", "Hashtable names no table or index. Give name, schema.name")]
    [InlineData("Get-DbBloat -Table (Get-Date)", "DateTime names no table or index. Give name, schema.name")]
    [InlineData("Get-DbBloat -MinimumSize 10XB", "'10XB' is no size. Write it as 500kB, 10MB, 1.5 GB or 2GiB")]
    [InlineData("Invoke-DbVacuum -Deadline soon", "'soon' is no time. Give a date and time such as 2026-01-31T12:00:00Z, or a duration such as 7d or 12h, which means so long from now.")]
    [InlineData("Invoke-DbRetention -Policy error_logs", "'error_logs' is not a retention policy: that is a table of settings. Write @{ Table = 'error_logs'; TimeColumn = 'timestamp'; Age = '90d' }. A policy that the target is configured with is chosen by its table: -Table error_logs.")]
    [InlineData("'nowhere' | Invoke-DbRetention -WhatIf", "No target named 'nowhere'")]
    public void What_is_none_is_told_with_what_would_be_right(string command, string message) =>
        Assert.Contains(message, Assert.Single(_runspace.Run(command).Errors).ToString(), StringComparison.Ordinal);

    private void Bloat() => _runspace.Invoke(
        "$row = Get-DbBloat -Target $target -MinimumSize 0 -Kind Table -Table error_logs; $kept = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($row))",
        ("target", fixture.Sandbox.Target));

    private string Error(string command) => Assert.Single(_runspace.Run(command, ("target", fixture.Sandbox.Target)).Errors).ToString();
}
