namespace Maintenance.ModuleTests.Backup;

/// <summary>Get-DatabaseBackup and Test-BackupRecency in a session, over folders.</summary>
public sealed class BackupCmdletTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("maintenance-backups-");
    private readonly ModuleRunspace _session = new();

    private string Missing => Path.Combine(_root.FullName, "missing");

    public void Dispose()
    {
        _session.Dispose();
        _root.Delete(recursive: true);
    }

    [Fact]
    public void Listed_backups_can_be_judged()
    {
        Write("app.dump");
        Write("billing-20200101.dump");
        var records = Run<BackupRecency>("Get-DatabaseBackup -Path $root | Test-BackupRecency -MaximumAge 24:00:00").Output;
        Assert.Equal([("app", BackupRecencyState.Fresh), ("billing", BackupRecencyState.Stale)], records.Select(record => (record.Database!, record.State)));
        Assert.All(records, record => Assert.Equal(TimeSpan.FromHours(24), record.MaximumAge));
    }

    [Fact]
    public void The_newest_and_the_recent_can_be_picked()
    {
        Write("app-20200101.dump");
        Write("app-20200103.dump");
        Write("app-20200102.dump");
        Assert.Equal(["app-20200103.dump", "app-20200102.dump"], Run<DatabaseBackup>("Get-DatabaseBackup -Path $root -Newest 2").Output.Select(backup => backup.Name));
        Assert.Equal("app-20200103.dump", Assert.Single(Run<DatabaseBackup>("Get-DatabaseBackup -Path $root -Since 2020-01-03T00:00Z").Output).Name);
    }

    [Fact]
    public void A_folder_that_is_missing_is_an_error_to_the_list_and_a_record_to_the_test()
    {
        var list = _session.Run("Get-DatabaseBackup -Path $missing", ("missing", Missing));
        var error = Assert.Single(list.Errors);
        Assert.Equal("StoreNotFound,Maintenance.Commands.GetDatabaseBackupCommand", error.FullyQualifiedErrorId);
        Assert.Equal(System.Management.Automation.ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);

        var (records, result) = Run<BackupRecency>("Test-BackupRecency -Path $missing");
        var record = Assert.Single(records);
        Assert.Equal((BackupRecencyState.CannotDetermine, MaintenanceErrorCode.StoreNotFound), (record.State, record.Error));
        Assert.Empty(result.Errors);
        Assert.Contains("missing", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Test-BackupRecency -Path $root -Quiet", true)]
    [InlineData("Test-BackupRecency -Path $root, $missing -Quiet -WarningAction Ignore", false)]
    [InlineData("Test-BackupRecency -Path $root -MaximumAge 00:00:00.0000001 -Quiet", false)]
    [InlineData("Get-DatabaseBackup -Path $root | Test-BackupRecency -Quiet", true)]
    [InlineData("Get-DatabaseBackup -Path $root -Since 2100-01-01 | Test-BackupRecency -Target $fresh -Quiet", true)]
    [InlineData("Get-DatabaseBackup -Path $root -Since 2100-01-01 | Test-BackupRecency -Target $empty -Quiet", false)]
    [InlineData("$fresh, $empty | Test-BackupRecency -Quiet", false)]
    [InlineData("$fresh | Test-BackupRecency -Quiet", true)]
    public void Quiet_gives_one_Boolean_that_is_true_for_fresh_alone(string script, bool expected)
    {
        Write("app.dump");
        Assert.Equal([expected], Run<bool>(script).Output);
    }

    [Fact]
    public void Silence_of_the_pipeline_is_never_health()
    {
        // Nobody is connected, and the pipeline brings nothing: what should be judged is not known.
        var nothing = _session.Run("Get-DatabaseBackup -Path $root | Test-BackupRecency", ("root", _root.FullName));
        Assert.Equal("TargetNotConnected,Maintenance.Commands.TestBackupRecencyCommand", ErrorId(nothing));
        Assert.Empty(nothing.Output);

        // The store that was listed is named: it is asked itself.
        var (records, _) = Run<BackupRecency>("Get-DatabaseBackup -Target $empty | Test-BackupRecency -Target $empty");
        Assert.Equal(BackupRecencyState.None, Assert.Single(records).State);

        // The list failed.
        var failed = Run<BackupRecency>("Get-DatabaseBackup -Target $gone -ErrorAction SilentlyContinue | Test-BackupRecency -Target $gone -WarningAction Ignore");
        Assert.Equal(MaintenanceErrorCode.StoreNotFound, Assert.Single(failed.Output).Error);
    }

    [Fact]
    public void A_fresh_connected_target_does_not_vouch_for_another_store()
    {
        Write("app.dump");
        _session.Invoke("Connect-MaintenanceTarget -Name here -HostName 127.0.0.1 -Port 1 -BackupPath $root -SkipTest", ("root", _root.FullName));
        Assert.Equal(BackupRecencyState.Fresh, Assert.Single(Run<BackupRecency>("Test-BackupRecency").Output).State);

        var (records, result) = Run<BackupRecency>("Get-DatabaseBackup -Path $missing -ErrorAction SilentlyContinue | Test-BackupRecency");
        Assert.Equal(BackupRecencyState.CannotDetermine, Assert.Single(records).State);
        Assert.Single(result.Warnings);
        Assert.Equal([false], Run<bool>("Get-DatabaseBackup -Path $missing -ErrorAction SilentlyContinue | Test-BackupRecency -Quiet -WarningAction Ignore").Output);
    }

    [Fact]
    public void A_target_named_with_the_pipeline_must_be_in_it()
    {
        Write("app.dump");
        var records = Run<BackupRecency>("Get-DatabaseBackup -Target $fresh, $empty | Test-BackupRecency -Target $fresh, $empty").Output;
        Assert.Equal([("fresh", BackupRecencyState.Fresh), ("empty", BackupRecencyState.None)], records.Select(record => (record.Target!, record.State)));
    }

    [Fact]
    public void Backups_can_be_picked_by_database_kind_and_pattern()
    {
        Write("app-2020010103.dump");
        Write("app-2020010103.sql");
        Write("billing-2020010103.dump");
        Write("README");
        Assert.Equal(["app-2020010103.dump"], Run<DatabaseBackup>("Get-DatabaseBackup -Path $root -Database APP -Kind Custom").Output.Select(backup => backup.Name));
        Assert.Equal(["app-2020010103.sql"], Run<DatabaseBackup>("Get-DatabaseBackup -Path $root -NamePattern '{database}-{yyyyMMddHH}.sql'").Output.Select(backup => backup.Name));
        Assert.Equal(
            "InvalidArgument,Maintenance.Commands.GetDatabaseBackupCommand",
            ErrorId(_session.Run("Get-DatabaseBackup -Path $root -NamePattern '{database}-{YYYYMMDD}.dump'", ("root", _root.FullName))));
    }

    [Fact]
    public void A_pipeline_is_judged_as_its_target_is_configured()
    {
        Write("app.dump");
        Write("app.sql", "no backup");
        var target = Target("configured", _root.FullName) with { Backups = new BackupSettings { Databases = ["app", "crm"] }, Recovery = new RecoverySettings { PointObjective = TimeSpan.FromHours(2) } };
        var direct = _session.Run("$target | Test-BackupRecency", ("target", target)).Output.Select(item => (BackupRecency)item.BaseObject).ToList();
        var piped = _session.Run("Get-DatabaseBackup -Target $target | Test-BackupRecency -Target $target", ("target", target)).Output.Select(item => (BackupRecency)item.BaseObject).ToList();
        Assert.Equal([BackupRecencyState.Fresh, BackupRecencyState.Unreadable, BackupRecencyState.None], direct.Select(record => record.State));
        Assert.All(direct, record => Assert.Equal(TimeSpan.FromHours(2), record.MaximumAge));
        Assert.Equal(direct.Select(record => (record.Database, record.Kind, record.State, record.MaximumAge)), piped.Select(record => (record.Database, record.Kind, record.State, record.MaximumAge)));
    }

    [Fact]
    public void One_target_that_fails_does_not_stop_the_others()
    {
        Write("app.dump");
        var (backups, result) = Run<DatabaseBackup>("$gone, $fresh | Get-DatabaseBackup");
        Assert.Equal("fresh", Assert.Single(backups).Target);
        Assert.Equal("StoreNotFound,Maintenance.Commands.GetDatabaseBackupCommand", Assert.Single(result.Errors).FullyQualifiedErrorId);
    }

    [Theory]
    [InlineData("24:00:00", 24)]
    [InlineData("36h", 36)]
    [InlineData("'2d'", 48)]
    [InlineData("1.12:00:00", 36)]
    [InlineData("([timespan]::FromHours(5))", 5)]
    [InlineData("(@('24:00:00')[0])", 24)]
    public void An_age_is_read_as_people_write_it(string age, double hours)
    {
        Write("app.dump");
        Assert.Equal(TimeSpan.FromHours(hours), Assert.Single(Run<BackupRecency>($"Test-BackupRecency -Path $root -MaximumAge {age}").Output).MaximumAge);
    }

    [Fact]
    public void An_impossible_age_is_refused() =>
        Assert.Equal("InvalidArgument,Maintenance.Commands.TestBackupRecencyCommand", ErrorId(_session.Run("Test-BackupRecency -Path $root -MaximumAge 0", ("root", _root.FullName))));

    [Fact]
    public void A_path_with_wildcard_characters_is_taken_literally()
    {
        Write("[a]*/app.dump".Replace("*", "", StringComparison.Ordinal));
        Assert.Single(Run<DatabaseBackup>("Get-DatabaseBackup -Path \"$root/[a]\"").Output);
    }

    private static string? ErrorId(ScriptResult result) =>
        (result.Errors is [var first, ..] ? first : (result.Terminating as System.Management.Automation.IContainsErrorRecord)?.ErrorRecord)?.FullyQualifiedErrorId;

    private (List<T> Output, ScriptResult Result) Run<T>(string script)
    {
        var empty = _root.CreateSubdirectory(".empty").FullName;
        var result = _session.Run(
            script,
            ("root", _root.FullName),
            ("missing", Missing),
            ("fresh", Target("fresh", _root.FullName)),
            ("empty", Target("empty", empty)),
            ("gone", Target("gone", Missing)));
        Assert.True(result.Terminating is null, result.Terminating?.ToString());
        return ([.. result.Output.Select(item => (T)item.BaseObject)], result);
    }

    private static MaintenanceTarget Target(string name, string path) => new() { Name = name, BackupStore = new StoreSettings { Path = path } };

    private void Write(string name, string content = "PGDMPx")
    {
        var path = Path.Combine(_root.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }
}
