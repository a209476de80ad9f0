using System.Management.Automation;

namespace Maintenance.ModuleTests.Backup;

/// <summary>Test-BackupRestore -Drill and its reports in a session, over folders with files that are no backups: restoring is tested elsewhere.</summary>
public sealed class RecoveryDrillCmdletTests : IDisposable
{
    private readonly ModuleRunspace _runspace = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-test-").FullName;

    public RecoveryDrillCmdletTests() => Directory.CreateDirectory(Path.Combine(_folder, "backups"));

    private MaintenanceTarget Target => new()
    {
        Name = "files",
        BackupStore = new StoreSettings { Path = Path.Combine(_folder, "backups") },
        Recovery = new RecoverySettings { TimeObjective = TimeSpan.FromHours(1) },
        History = new HistorySettings { Path = Path.Combine(_folder, "state", "history.db") },
        ArtifactStore = new StoreSettings { Path = Path.Combine(_folder, "artifacts") },
    };

    // A drill has a lock of its own for each state folder; other tests must not be in the way.
    private ScriptResult Run(string script) => _runspace.Run($"$env:XDG_STATE_HOME = \"$folder/state\"; {script}", ("folder", _folder), ("target", Target));

    private T[] Objects<T>(string script)
    {
        var result = Run(script);
        Assert.Null(result.Terminating);
        Assert.Empty(result.Errors);
        return [.. result.Output.Select(item => Assert.IsType<T>(item.BaseObject))];
    }

    [Fact]
    public void An_empty_store_is_a_drill_that_failed_and_says_so()
    {
        var drill = Assert.Single(Objects<RecoveryDrill>("$target | Test-BackupRestore -Drill"));
        Assert.Equal(("files", HealthStatus.Critical), (drill.Target, drill.Status));
        Assert.Contains("DRILL-NO-BACKUP", drill.Findings.Select(finding => finding.Id));
        Assert.Equal(ObjectiveResult.Unknown, drill.RecoveryTimeResult);
        Assert.Equal(ObjectiveResult.NoObjective, drill.RecoveryPointResult);
    }

    [Fact]
    public void The_report_is_written_as_its_extension_says_and_an_older_one_stays_unless_forced()
    {
        var drill = Assert.Single(Objects<RecoveryDrill>("Test-BackupRestore -Drill -Target $target -ReportPath $folder/drill.html"));
        var html = File.ReadAllText(Path.Combine(_folder, "drill.html"));
        Assert.StartsWith("<!DOCTYPE html>", html, StringComparison.Ordinal);
        Assert.Equal(new FileInfo(Path.Combine(_folder, "drill.html")).Length, Assert.Single(drill.Artifacts).SizeBytes);

        Assert.Equal("FileExists,Maintenance.Commands.TestBackupRestoreCommand", IdOf(Run("Test-BackupRestore -Drill -Target $target -ReportPath $folder/drill.html")));
        Assert.Equal(html, File.ReadAllText(Path.Combine(_folder, "drill.html")));
        Assert.Single(Objects<RecoveryDrill>("Test-BackupRestore -Drill -Target $target -ReportPath $folder/drill.html -Force"));
        Assert.Equal("FileUnavailable,Maintenance.Commands.TestBackupRestoreCommand", IdOf(Run("Test-BackupRestore -Drill -Target $target -ReportPath $folder/missing/drill.html")));
    }

    [Fact]
    public void The_drills_of_several_targets_come_into_one_report()
    {
        Assert.Equal(2, Objects<RecoveryDrill>("$target, $target | Test-BackupRestore -Drill -ReportPath $folder/drill.md").Length);
        Assert.Equal(2, File.ReadAllLines(Path.Combine(_folder, "drill.md")).Count(line => line.StartsWith("# Recovery drill of files", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("html", "<!DOCTYPE html>")]
    [InlineData("HTM", "<!DOCTYPE html>")]
    [InlineData("md", "# Recovery drill of files")]
    [InlineData("json", "{")]
    [InlineData("txt", "Recovery drill of files: CRITICAL")]
    public void A_drill_can_be_exported_in_every_form(string extension, string begins)
    {
        Objects<FileInfo>($"Test-BackupRestore -Drill -Target $target | Export-MaintenanceReport -Path $folder/report.{extension} -PassThru");
        Assert.StartsWith(begins, File.ReadAllText(Path.Combine(_folder, $"report.{extension}")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_without_a_store_is_an_error_and_the_others_go_on()
    {
        var result = _runspace.Run("$nothing, $target | Test-BackupRestore -Drill", ("target", Target), ("nothing", Target with { Name = "nothing", BackupStore = null }));
        Assert.Equal("NotConfigured,Maintenance.Commands.TestBackupRestoreCommand", Assert.Single(result.Errors).FullyQualifiedErrorId);
        Assert.Equal("files", Assert.IsType<RecoveryDrill>(Assert.Single(result.Output).BaseObject).Target);
    }

    [Theory]
    [InlineData("DisasterRecoveryTest")]
    [InlineData("BackupVerification")]
    public void Both_tasks_run_by_name_and_an_empty_store_is_critical(string task)
    {
        var run = Assert.Single(Objects<MaintenanceRun>($"Invoke-MaintenanceTask {task} -Target $target -Approve"));
        Assert.Equal((HealthStatus.Critical, 2), (run.Status, run.ExitCode));
        Assert.Equal(run.Id, Assert.Single(Objects<MaintenanceRun>("Get-MaintenanceHistory -Target $target")).Id);
    }

    public void Dispose()
    {
        _runspace.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string IdOf(ScriptResult result) =>
        result.Errors.Count > 0 ? result.Errors[0].FullyQualifiedErrorId : ((RuntimeException)result.Terminating!).ErrorRecord.FullyQualifiedErrorId;
}
