using System.Management.Automation;

namespace Maintenance.ModuleTests.Operate;

/// <summary>The result of a run, as scripts use it and as people see it.</summary>
public sealed class TaskResultTests(SandboxFixture fixture) : IDisposable
{
    private readonly ModuleRunspace _runspace = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;

    private System.Collections.ObjectModel.Collection<PSObject> Invoke(string script)
    {
        var target = fixture.Sandbox.Target with { History = new HistorySettings { Path = Path.Combine(_folder, "history.db") } };
        return _runspace.Invoke(script, ("target", target));
    }

    [Theory]
    [InlineData("Steps", "Database", "Publish")]
    [InlineData("Metrics", "overall_health_percent", null)]
    public void Lists_are_indexed_as_scripts_expect(string list, string first, string? last)
    {
        foreach (var source in new[] { "Invoke-MaintenanceTask Daily -Target $target", "Invoke-MaintenanceTask Daily -Target $target | Out-Null; Get-MaintenanceHistory -Target $target -First 1" })
        {
            var names = Invoke($"$run = @($({source}))[0]; $run.{list}[0].Name; $run.{list}[-1].Name; $run.{list}.Count -gt 1").Select(name => name.BaseObject).ToList();
            Assert.Equal(3, names.Count);
            Assert.Equal(first, names[0]);
            Assert.True(last is null || last.Equals(names[1]), $"{names[1]}");
            Assert.Equal(true, names[2]);
        }
    }

    [Fact]
    public void What_if_shows_each_step_and_runs_none()
    {
        Assert.Empty(Invoke("Invoke-MaintenanceTask Daily -Target $target -WhatIf"));
        Assert.False(File.Exists(Path.Combine(_folder, "history.db")));
    }

    [Fact]
    public void A_run_is_shown_with_its_steps_and_what_to_do()
    {
        var text = Invoke("[Maintenance.Formatting.RunText]::Render((Invoke-MaintenanceTask Daily -Target $target))")[0].ToString()!;
        Assert.Contains("Daily on sandbox: ", text, StringComparison.Ordinal);
        Assert.Contains("  Database ", text, StringComparison.Ordinal);
        Assert.Contains("Log: ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_is_no_time_to_read_the_history_from()
    {
        var result = _runspace.Run("Get-MaintenanceHistory -Since 7");
        Assert.Contains("such as 7d", Assert.Single(result.Errors).ToString(), StringComparison.Ordinal);
        foreach (var written in new[] { "1d", "'1d'", "10s", "24h" })
        {
            var read = _runspace.Run($"Get-MaintenanceHistory -Since {written} -Path $path", ("path", Path.Combine(_folder, "none.db")));
            Assert.DoesNotContain(read.Errors, error => error.ToString().Contains("number", StringComparison.Ordinal));
            Assert.Empty(read.Output);
        }
    }

    public void Dispose()
    {
        _runspace.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
