using System.Diagnostics;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Maintenance.ModuleTests.Operate;

/// <summary>Targets without a database: their daily run is over at once, and recorded like any other.</summary>
public sealed class GetMaintenanceHistoryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-history-").FullName;
    private readonly ModuleRunspace _session = new();

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_run_is_read_back_whole()
    {
        Connect("alpha");

        var run = Assert.Single(Runs("Invoke-MaintenanceTask Daily"));
        var read = Assert.Single(_session.Invoke("Get-MaintenanceHistory"));

        var kept = Assert.IsType<MaintenanceRun>(read.BaseObject);
        Assert.Equal(run.Id, kept.Id);
        Assert.Equal(run.Message, kept.Message);
        Assert.Equal(run.Steps.Select(step => (step.Name, step.Status, step.Message)), kept.Steps.Select(step => (step.Name, step.Status, step.Message)));
        Assert.Equal(run.Metrics.Count, kept.Metrics.Count);
        Assert.Equal(run.Findings.Select(finding => finding.Id), kept.Findings.Select(finding => finding.Id));
        Assert.Equal(run.Artifacts, kept.Artifacts);
    }

    [Fact]
    public void The_histories_of_all_connected_targets_are_read_as_one()
    {
        Connect("alpha");
        Connect("beta");
        _session.Invoke("foreach ($name in 'alpha', 'beta', 'alpha') { Invoke-MaintenanceTask Daily -Target $name }");

        Assert.Equal(["alpha", "beta", "alpha"], Runs("Get-MaintenanceHistory").Select(run => run.Target));
        Assert.Equal(["beta"], Runs("Get-MaintenanceHistory beta").Select(run => run.Target));
        Assert.Equal(["alpha", "beta"], Runs("Get-MaintenanceHistory -First 2").Select(run => run.Target));
        Assert.Equal(["beta"], Runs("Get-MaintenanceTarget beta | Get-MaintenanceHistory").Select(run => run.Target));
        Assert.Equal(["alpha", "alpha"], Runs("Get-MaintenanceHistory -Path (Join-Folder 'alpha.db')").Select(run => run.Target));
        Assert.Empty(Runs("Get-MaintenanceHistory beta -Path (Join-Folder 'alpha.db')"));
    }

    [Fact]
    public void What_was_tried_about_issues_is_read_back_newest_first()
    {
        Connect("alpha");
        var findings = new[] { "TEST-ONE", "TEST-TWO" }.Select(id => new Finding { Id = id, Area = "Test", Severity = FindingSeverity.High, Message = "It is wrong." }).ToArray();
        _session.Invoke("$findings | Repair-SystemIssue -ScriptBlock { 'Done.' } -Wait 0s -Confirm:$false", ("findings", findings));

        var repairs = _session.Invoke("Get-MaintenanceHistory -Repair").Select(item => Assert.IsType<SystemRepair>(item.BaseObject)).ToList();
        Assert.Equal(["TEST-TWO", "TEST-ONE"], repairs.Select(repair => repair.FindingId));
        Assert.Equal("TEST-TWO", Assert.IsType<SystemRepair>(Assert.Single(_session.Invoke("Get-MaintenanceHistory alpha -Repair -Since 1h -First 1")).BaseObject).FindingId);
    }

    [Fact]
    public void A_run_from_the_pipeline_finds_the_runs_of_its_task_and_target()
    {
        Connect("alpha");
        Connect("beta");
        _session.Invoke("foreach ($name in 'alpha', 'beta') { Invoke-MaintenanceTask Daily -Target $name }");

        Assert.Equal(["alpha", "alpha"], Runs("Invoke-MaintenanceTask Daily -Target alpha | Get-MaintenanceHistory").Select(run => run.Target));
    }

    [Fact]
    public void Conditions_select()
    {
        Connect("alpha");
        var run = Assert.Single(Runs("Invoke-MaintenanceTask Daily"));

        Assert.Single(Runs("Get-MaintenanceHistory -Task daily"));
        Assert.Empty(Runs("Get-MaintenanceHistory -Task Weekly"));
        Assert.Single(Runs($"Get-MaintenanceHistory -Status {run.Status}"));
        Assert.Empty(Runs("Get-MaintenanceHistory -Status Ok"));
        Assert.Single(Runs("Get-MaintenanceHistory -Since ([timespan]::FromHours(1))"));
        Assert.Single(Runs("Get-MaintenanceHistory -Since ([timespan]::FromHours(-1))"));
        Assert.Empty(Runs("Get-MaintenanceHistory -Until ([timespan]::FromHours(1))"));
        Assert.Single(Runs("Get-MaintenanceHistory -Since ([datetime]::Today.AddDays(-1)) -Until ([datetime]::Today.AddDays(2))"));
        Assert.Empty(Runs("Get-MaintenanceHistory -Since 2199-01-01"));
        Assert.Single(Runs("Get-MaintenanceHistory -Since ([timespan]::MaxValue) -Until $null"));
    }

    [Theory]
    [InlineData("Get-MaintenanceHistory -First 0")]
    [InlineData("Get-MaintenanceHistory -Since yesterday")]
    [InlineData("Get-MaintenanceHistory -Status Splendid")]
    [InlineData("Get-MaintenanceHistory -Target $null")]
    [InlineData("Get-MaintenanceHistory -Path ''")]
    public void What_makes_no_sense_does_not_bind(string script) =>
        Assert.IsAssignableFrom<ParameterBindingException>(Assert.Single(_session.Run(script).Errors).Exception);

    [Fact]
    public void A_file_that_is_not_there_is_an_error_and_not_an_empty_history()
    {
        var path = Path.Combine(_folder, "missing.db");

        var error = Assert.Single(_session.Run("Get-MaintenanceHistory -Path $path", ("path", path)).Errors);

        Assert.StartsWith("HistoryUnavailable,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ResourceUnavailable, error.CategoryInfo.Category);
        Assert.Contains(path, error.ErrorDetails.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_history_does_not_hide_the_others()
    {
        Connect("alpha");
        Connect("broken");
        _session.Invoke("Invoke-MaintenanceTask Daily -Target alpha");
        File.WriteAllText(Path.Combine(_folder, "broken.db"), "no database at all");

        var result = _session.Run("Get-MaintenanceHistory");

        Assert.Single(result.Output);
        Assert.StartsWith("HistoryCorrupt,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("no database at all", File.ReadAllText(Path.Combine(_folder, "broken.db")));
    }

    [Fact]
    public void A_damaged_history_does_not_stop_the_run_itself()
    {
        Connect("broken");
        File.WriteAllText(Path.Combine(_folder, "broken.db"), "no database at all");

        var result = _session.Run("Invoke-MaintenanceTask Daily");

        Assert.Null(result.Terminating);
        Assert.Empty(result.Errors);
        Assert.IsType<MaintenanceRun>(Assert.Single(result.Output).BaseObject);
        Assert.Contains(result.Warnings, warning => warning.Contains("broken.db", StringComparison.Ordinal));
    }

    [Fact]
    public void Target_completes_with_the_connected_targets()
    {
        Connect("alpha");
        Connect("beta");

        using var shell = _session.Create("");
        var completion = CommandCompletion.CompleteInput("Get-MaintenanceHistory -Target b", 32, null, shell);

        Assert.Equal(["beta"], completion.CompletionMatches.Select(match => match.CompletionText));
    }

    [Fact]
    public async Task With_nothing_connected_the_users_own_file_is_read_and_SQLite_is_the_modules_own()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The user's own folder can only be moved by XDG_STATE_HOME.");
        var backups = Directory.CreateDirectory(Path.Combine(_folder, "backups")).FullName;
        var output = await HostAsync($$"""
            Connect-MaintenanceTarget -Name gamma -BackupPath '{{backups}}' -SkipTest | Out-Null
            Invoke-MaintenanceTask Daily | Out-Null
            Disconnect-MaintenanceTarget gamma
            Get-MaintenanceHistory
            Get-MaintenanceHistory gamma | ForEach-Object { "found $($_.Target)" }
            Get-MaintenanceHistory delta | ForEach-Object { "found $($_.Target)" }
            [System.Diagnostics.Process]::GetCurrentProcess().Modules | Where-Object ModuleName -Like '*e_sqlite3*' | ForEach-Object { "native $($_.FileName)" }
            """);

        Assert.True(File.Exists(Path.Combine(_folder, "maintenance", "history.db")), output);
        // The table of the view, with its headers, and the run in it.
        Assert.Contains("Started (UTC)", output, StringComparison.Ordinal);
        Assert.Contains("Target: gamma", output, StringComparison.Ordinal);
        Assert.Matches("(?m)^[0-9-]{10} [0-9:]{8} +Daily +Critical", output);
        Assert.Contains("found gamma", output, StringComparison.Ordinal);
        Assert.DoesNotContain("found delta", output, StringComparison.Ordinal);
        Assert.Matches($"(?m)^native .*{Regex.Escape(Path.Combine("Maintenance", "lib", "runtimes"))}", output);
    }

    private void Connect(string name)
    {
        var backups = Directory.CreateDirectory(Path.Combine(_folder, "backups")).FullName;
        _session.Invoke(
            "function Join-Folder($name) { [System.IO.Path]::Combine($folder, $name) }; "
            + "Connect-MaintenanceTarget -Name $name -BackupPath $backups -HistoryPath (Join-Folder \"$name.db\") -SkipTest",
            ("name", name),
            ("folder", _folder),
            ("backups", backups));
    }

    private IEnumerable<MaintenanceRun> Runs(string script) => _session.Invoke(script).Select(item => (MaintenanceRun)item.BaseObject);

    private async Task<string> HostAsync(string script)
    {
        var start = new ProcessStartInfo("dotnet", [ModuleRunspace.HostPath, "-NonInteractive", "-Command", script])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["XDG_STATE_HOME"] = _folder;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output + await errors;
    }
}
