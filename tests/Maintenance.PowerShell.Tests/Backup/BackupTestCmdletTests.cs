using System.Management.Automation;

namespace Maintenance.ModuleTests.Backup;

/// <summary>Test-BackupRestore in a session, over folders.</summary>
public sealed class BackupTestCmdletTests : IDisposable
{
    private const string Sql = "--\n-- PostgreSQL database dump\n--\n\nSELECT 1;\n\n--\n-- PostgreSQL database dump complete\n--\n\n";

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("maintenance-backups-");
    private readonly ModuleRunspace _session = new();

    public void Dispose()
    {
        _session.Dispose();
        _root.Delete(recursive: true);
    }

    [Fact]
    public void Backups_from_a_pipeline_are_tested_one_after_the_other_whatever_is_wrong_with_one()
    {
        Write("a-20260101.sql", Sql);
        Write("b-20260101.dump", "Salted__and something that nobody can read");
        Write("c-20260101.dump", "a README");
        Write("d-20260101.sql", Sql);
        var result = Run("Get-DatabaseBackup -Path $root | Test-BackupRestore -Level Checksum");

        var found = Records(result).ToDictionary(record => record.Database!);
        Assert.Equal((BackupVerdict.Verified, BackupVerdict.Verified), (found["a"].Verdict, found["d"].Verdict));
        Assert.Equal((BackupVerdict.CannotDetermine, BackupFault.Encrypted), (found["b"].Verdict, found["b"].Fault));
        Assert.Equal((BackupVerdict.Failed, BackupFault.UnknownFormat), (found["c"].Verdict, found["c"].Fault));
        Assert.Empty(result.Errors);
        Assert.Contains("b-20260101.dump", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_backup_may_be_named_by_its_path()
    {
        Write("app-20260101.sql", Sql);
        Write("cut-20260101.sql", Sql[..40]);
        var result = Run("Test-BackupRestore -Path \"$root/app-20260101.sql\", \"$root/missing.dump\", \"$root/cut-20260101.sql\" -Level Toc");

        Assert.Equal([("app", BackupVerdict.Verified), ("cut", BackupVerdict.Failed)], Records(result).Select(record => (record.Database!, record.Verdict)));
        var error = Assert.Single(result.Errors);
        Assert.Equal("BackupNotFound,Maintenance.Commands.TestBackupRestoreCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
    }

    [Fact]
    public void Without_a_backup_it_says_how_one_is_named_instead_of_asking()
    {
        var error = Assert.Single(Run("Test-BackupRestore").Errors);
        Assert.Equal("InvalidArgument,Maintenance.Commands.TestBackupRestoreCommand", error.FullyQualifiedErrorId);
        Assert.Contains("Get-DatabaseBackup -Newest | Test-BackupRestore", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(Run("Get-DatabaseBackup -Path $root | Test-BackupRestore").Errors);
    }

    [Fact]
    public void Backups_of_the_store_are_completed_the_newest_first()
    {
        Write("a-20260101.sql", Sql);
        Write("a-20260103.sql", Sql);
        Write("b c-20260102.sql", Sql);
        _session.Run("$null = Connect-MaintenanceTarget -BackupPath $root -Name app -SkipTest", ("root", _root.FullName));
        Assert.Equal(["a-20260103.sql", "'b c-20260102.sql'", "a-20260101.sql"], _session.CompleteInTime("Test-BackupRestore -InputObject "));
        Assert.Equal(["a-20260103.sql", "a-20260101.sql"], _session.CompleteInTime("Test-BackupRestore -InputObject a"));
        Assert.Empty(_session.CompleteInTime("Test-BackupRestore -Target nobody -InputObject a"));
        Assert.Equal(BackupVerdict.Verified, Assert.Single(Records(Run("Test-BackupRestore -InputObject 'b c-20260102.sql'"))).Verdict);
    }

    [Fact]
    public void What_passed_and_has_not_changed_is_not_read_again_unless_that_is_asked()
    {
        Write("app-20260101.sql", Sql);
        var target = new MaintenanceTarget
        {
            Name = "app",
            BackupStore = new StoreSettings { Path = _root.FullName },
            History = new HistorySettings { Path = Path.Combine(_root.FullName, "history.db") },
        };
        BackupVerification Test(string arguments) => Assert.Single(Records(_session.Run(
            $"Get-DatabaseBackup -Target $target | Test-BackupRestore -Target $target {arguments}", ("target", target))));

        Assert.False(Test("-Level Checksum").FromLedger);
        var again = Test("-Level Toc");
        Assert.Equal((true, 0L, 0), (again.FromLedger, again.BytesRead, again.Requests));
        Assert.False(Test("-Level Checksum -Force").FromLedger);
        Assert.False(Test("-Level Checksum -ReverifyAfter 0").FromLedger);
    }

    private static IEnumerable<BackupVerification> Records(ScriptResult result) =>
        result.Output.Select(item => Assert.IsType<BackupVerification>(item.BaseObject));

    private ScriptResult Run(string script) => _session.Run(script, ("root", _root.FullName));

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_root.FullName, name), content);
}
