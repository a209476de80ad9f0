using System.Diagnostics;

namespace Maintenance.ModuleTests.Backup;

/// <summary>Base backups and archived write-ahead log through the cmdlets, as people use them.</summary>
public sealed class PhysicalBackupCmdletTests(SandboxFixture fixture) : IDisposable
{
    private const long Segment = 16 << 20;

    private readonly ModuleRunspace _session = new();
    private readonly DirectoryInfo _base = Directory.CreateTempSubdirectory("maintenance-base-");
    private readonly DirectoryInfo _wal = Directory.CreateTempSubdirectory("maintenance-wal-");
    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("maintenance-test-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _session.Dispose();
        foreach (var folder in new[] { _base, _wal, _scratch })
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void An_archive_is_judged_by_its_folder()
    {
        for (var number = 3; number <= 7; number++)
        {
            WriteSegment(number);
        }

        var fresh = Recency("Test-BackupRecency -WalPath $wal");
        Assert.Equal((BackupRecencyState.Fresh, BackupKind.WalArchive, 5L), (fresh.State, fresh.Kind, fresh.BackupCount));
        Assert.Equal("000000010000000000000007", fresh.Newest!.Name);
        Assert.Null(fresh.Target);

        foreach (var file in _wal.EnumerateFiles())
        {
            file.LastWriteTimeUtc = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-2);
        }

        Assert.Equal(BackupRecencyState.Stale, Recency("Test-BackupRecency -WalPath $wal").State);
        Assert.Equal(BackupRecencyState.Fresh, Recency("Test-BackupRecency -WalPath $wal -MaximumAge 3h").State);

        File.Delete(Path.Combine(_wal.FullName, "000000010000000000000005"));
        var gap = Recency("Test-BackupRecency -WalPath $wal -MaximumAge 3h");
        Assert.Equal((BackupRecencyState.Gap, "000000010000000000000005"), (gap.State, Assert.Single(gap.Wal!.Gaps).FirstMissing));
    }

    [Fact]
    public void Quiet_is_true_only_if_every_archive_is_fresh()
    {
        WriteSegment(3);
        Assert.True(Quiet("Test-BackupRecency -WalPath $wal -Quiet"));
        Assert.False(Quiet("Test-BackupRecency -WalPath $wal, $base -Quiet"));
        Assert.False(Quiet("Test-BackupRecency -WalPath \"$wal/missing\" -Quiet"));
    }

    [Fact]
    public void An_archive_that_is_empty_or_not_there_is_no_fresh_one()
    {
        Assert.Equal(BackupRecencyState.None, Recency("Test-BackupRecency -WalPath $wal").State);
        var missing = Recency("Test-BackupRecency -WalPath \"$wal/missing\"");
        Assert.Equal(BackupRecencyState.CannotDetermine, missing.State);
        Assert.NotNull(missing.Error);
    }

    [Fact]
    public async Task A_base_backup_from_the_pipeline_is_recovered_to_a_moment_or_to_the_end_of_the_log()
    {
        var moment = await BaseBackupAsync();
        Open();
        Assert.Empty(Run("Get-DatabaseBackup -Path $base | Test-BackupRestore -Level Full -WalPath $wal -ScratchPath $scratch -WhatIf").Output);

        foreach (var (arguments, rows) in new[] { ($"-PointInTime '{moment:yyyy-MM-ddTHH:mm:ss.ffffffZ}'", 1), ("", 2) })
        {
            var found = Assert.IsType<BackupVerification>(Assert.Single(Run(
                $"Get-DatabaseBackup -Path $base | Test-BackupRestore -Level Full -WalPath $wal {arguments} -ScratchPath $scratch -Assertion @{{ Name = 'rows'; Sql = 'SELECT count(*) FROM pitr_rows'; Expected = {rows}; Database = 'postgres' }}").Output).BaseObject);
            Assert.True(found.Verdict == BackupVerdict.Verified, $"{found.Message}\n{string.Join('\n', found.Checks)}");
            Assert.Contains(found.Checks, check => check.Name == "postgres: Assertion rows" && check.Outcome == FindingOutcome.Pass);
            Assert.NotNull(found.RecoveryTime);
            Assert.Empty(_scratch.EnumerateFileSystemInfos());
        }

        var future = Assert.IsType<BackupVerification>(Assert.Single(Run("Get-DatabaseBackup -Path $base | Test-BackupRestore -Level Full -WalPath $wal -PointInTime '2999-01-01' -ScratchPath $scratch").Output).BaseObject);
        Assert.Equal((BackupVerdict.CannotDetermine, MaintenanceErrorCode.InvalidArgument), (future.Verdict, future.Error));
    }

    // A base backup, a row, the moment that is given back, another row; and the log of it in the folder of the archive.
    private async Task<DateTime> BaseBackupAsync()
    {
        var sandbox = fixture.Sandbox;
        var program = Tool("pg_basebackup");
        Assert.SkipWhen(program is null, "No pg_basebackup is installed here.");
        await using var connection = ServerConnection.Open(fixture);
        connection.Execute("SELECT pg_create_physical_replication_slot('cmdlet_pitr', true)");
        try
        {
            connection.Execute("CREATE TABLE pitr_rows (n int)");
            var start = new ProcessStartInfo(program!, ["-D", Path.Combine(_base.FullName, "base-20260101"), "-Ft", "-z", "-X", "none", "-c", "fast", "--no-sync", "-h", sandbox.Host, "-p", $"{sandbox.Port}", "-U", sandbox.Username]);
            start.Environment["PGPASSWORD"] = fixture.Password;
            using var running = Process.Start(start)!;
            await running.WaitForExitAsync(Token);
            Assert.Equal(0, running.ExitCode);
            connection.Execute("INSERT INTO pitr_rows VALUES (1)");
            connection.Execute("SELECT pg_sleep(0.1)");
            var moment = connection.Scalar<DateTime>("SELECT clock_timestamp()");
            connection.Execute("SELECT pg_sleep(0.1)");
            connection.Execute("INSERT INTO pitr_rows VALUES (2)");
            var last = connection.Scalar<string>("SELECT pg_walfile_name(pg_switch_wal())");
            foreach (var file in new DirectoryInfo(Path.Combine(sandbox.Path, "server", "data", "pg_wal")).EnumerateFiles())
            {
                if (file.Name.Length == 24 && string.CompareOrdinal(file.Name, last) <= 0)
                {
                    file.CopyTo(Path.Combine(_wal.FullName, file.Name));
                }
            }

            return moment;
        }
        finally
        {
            connection.Execute("SELECT pg_drop_replication_slot('cmdlet_pitr')");
            connection.Execute("DROP TABLE IF EXISTS pitr_rows");
        }
    }

    private static string? Tool(string name) =>
        (Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Select(folder => Path.Combine(folder, "bin")) : [])
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);

    private void WriteSegment(int number)
    {
        using var file = File.Create(Path.Combine(_wal.FullName, $"0000000100000000{number:X8}"));
        file.SetLength(Segment);
    }

    // The server's account has to pass through it.
    private void Open()
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_scratch.FullName, File.GetUnixFileMode(_scratch.FullName) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
    }

    private ScriptResult Run(string script) => _session.Run(script, ("base", _base.FullName), ("wal", _wal.FullName), ("scratch", _scratch.FullName));

    private BackupRecency Recency(string script) => Assert.IsType<BackupRecency>(Assert.Single(Run(script).Output).BaseObject);

    private bool Quiet(string script) => Assert.IsType<bool>(Assert.Single(Run(script).Output).BaseObject);
}
