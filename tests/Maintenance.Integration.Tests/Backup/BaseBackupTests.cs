using System.Net;
using Azure.Storage.Blobs;
using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Backup;

/// <summary>Base backups by a real pg_basebackup: verified, damaged, and recovered to points in time.</summary>
public sealed class BaseBackupTests(ArchivingServer server, SandboxFixture fixture) : IClassFixture<ArchivingServer>, IAsyncDisposable
{
    private readonly MaintenanceEngine _engine = new();
    private readonly string _copy = Directory.CreateTempSubdirectory("base-test-").FullName;
    private readonly string _scratch = ScratchFolder();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        Assert.Empty(Directory.GetFileSystemEntries(_scratch));
        Directory.Delete(_copy, recursive: true);
        Directory.Delete(_scratch);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("archives")]
    [InlineData("base-streamed.tar")]
    public async Task Every_form_is_verified_to_its_checksums(string name)
    {
        foreach (var level in new[] { BackupLevel.Header, BackupLevel.Toc, BackupLevel.Checksum })
        {
            var verification = await TestAsync(server.Backups, name, new() { Level = level });
            Assert.True(verification.Verdict == BackupVerdict.Verified, string.Join('\n', verification.Checks));
            Assert.Equal(BackupKind.BaseBackup, verification.Format);
            Assert.Equal(name == "plain" && level == BackupLevel.Checksum, verification.Checks.Any(check => check is { Name: "pg_verifybackup", Outcome: FindingOutcome.Pass }));
        }
    }

    [Fact]
    public async Task A_flipped_byte_in_a_folder_is_found_and_pg_verifybackup_says_so_too()
    {
        CopyFolder("plain");
        Flip(Path.Combine(_copy, "plain", "global", "1262"), 100);
        Assert.Equal(BackupVerdict.Verified, (await TestAsync(_copy, "plain", new() { Level = BackupLevel.Toc })).Verdict);
        var verification = await TestAsync(_copy, "plain", new() { Level = BackupLevel.Checksum });
        Assert.Equal((BackupVerdict.Failed, BackupFault.ChecksumMismatch), (verification.Verdict, verification.Fault));
        Assert.Contains("global/1262", verification.Message, StringComparison.Ordinal);
        Assert.Equal(FindingOutcome.Fail, Assert.Single(verification.Checks, check => check.Name == "pg_verifybackup").Outcome);
    }

    [Fact]
    public async Task A_missing_file_is_found_without_reading_the_others()
    {
        CopyFolder("plain");
        File.Delete(Path.Combine(_copy, "plain", "global", "1262"));
        var verification = await TestAsync(_copy, "plain", new() { Level = BackupLevel.Toc });
        Assert.Equal((BackupVerdict.Failed, BackupFault.Truncated), (verification.Verdict, verification.Fault));
        Assert.Contains("global/1262 is missing", verification.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_that_was_touched_is_not_believed()
    {
        CopyFolder("plain");
        Flip(Path.Combine(_copy, "plain", "backup_manifest"), 300);
        var verification = await TestAsync(_copy, "plain", new() { Level = BackupLevel.Toc });
        Assert.Equal((BackupVerdict.Failed, BackupFault.ContentsDamaged), (verification.Verdict, verification.Fault));
    }

    [Fact]
    public async Task An_archive_with_a_flipped_byte_or_cut_short_is_damaged()
    {
        var path = Path.Combine(_copy, "base-1.tar");
        File.Copy(Path.Combine(server.Backups, "base-streamed.tar"), path);
        Flip(path, Find(path, "base/1/1259") + 512 + 4000);
        Assert.Equal(BackupFault.ChecksumMismatch, (await TestAsync(_copy, "base-1.tar", new() { Level = BackupLevel.Checksum })).Fault);

        await using (var file = File.OpenWrite(path))
        {
            file.SetLength(file.Length / 2);
        }

        Assert.Equal(BackupFault.Truncated, (await TestAsync(_copy, "base-1.tar", new() { Level = BackupLevel.Checksum })).Fault);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("archives")]
    [InlineData("base-streamed.tar")]
    public async Task A_recovery_to_a_moment_between_two_rows_shows_exactly_the_first(string name)
    {
        var verification = await TestAsync(server.Backups, name, Full(1) with { PointInTime = server.Between });
        Assert.True(verification.Verdict == BackupVerdict.Verified, string.Join('\n', verification.Checks));
        Assert.NotNull(verification.RecoveryTime);
        Assert.InRange(verification.RecoveryPoint!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        Assert.Equal(["Find the log", "Extract", "Fetch the log", "Replay", "Answer"], verification.Phases.Where(phase => phase.CountsAsRecovery).Select(phase => phase.Name));
    }

    [Fact]
    public async Task A_recovery_to_the_end_of_the_log_shows_both_rows()
    {
        var verification = await TestAsync(server.Backups, "plain", Full(2));
        Assert.True(verification.Verdict == BackupVerdict.Verified, string.Join('\n', verification.Checks));
    }

    [Fact]
    public async Task A_segment_missing_in_the_middle_is_named_and_what_is_before_it_is_recovered()
    {
        CopyArchive();
        var segments = Directory.GetFiles(_copy).Where(file => Path.GetFileName(file).Length == 24).Order(StringComparer.Ordinal).ToList();
        var removed = segments[^3];
        File.Delete(removed);
        var verification = await TestAsync(server.Backups, "plain", Full(0) with { WalArchive = new StoreSettings { Path = _copy }, Assertions = [] });
        Assert.Equal((BackupVerdict.Failed, BackupFault.WalMissing), (verification.Verdict, verification.Fault));
        Assert.Contains(Path.GetFileName(removed), verification.Message, StringComparison.Ordinal);
        Assert.Contains(verification.Checks, check => check is { Name: "Replay", Outcome: FindingOutcome.Pass });
    }

    [Fact]
    public async Task A_moment_beyond_the_end_of_the_log_cannot_be_recovered_and_the_last_that_can_is_told()
    {
        var verification = await TestAsync(server.Backups, "plain", Full(2) with { PointInTime = TimeProvider.System.GetUtcNow() });
        Assert.Equal((BackupVerdict.Failed, BackupFault.WalMissing), (verification.Verdict, verification.Fault));
        Assert.Contains("the last moment that can be recovered is", verification.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_archive_a_backup_without_log_cannot_be_recovered_and_one_with_log_can()
    {
        foreach (var level in new[] { BackupLevel.Toc, BackupLevel.Checksum, BackupLevel.Full })
        {
            var without = await TestAsync(server.Backups, "plain", Full(0) with { Level = level }, target: null, withArchive: false);
            Assert.Equal((BackupVerdict.CannotDetermine, BackupFault.WalMissing), (without.Verdict, without.Fault));
            Assert.Contains("no archive is known", without.Message, StringComparison.Ordinal);
        }

        var with = await TestAsync(server.Backups, "archives", Full(0), target: null, withArchive: false);
        Assert.True(with.Verdict == BackupVerdict.Verified, string.Join('\n', with.Checks));
    }

    [Fact]
    public async Task Without_a_manifest_only_a_restore_tells_and_it_does()
    {
        CopyFolder("plain");
        File.Delete(Path.Combine(_copy, "plain", "backup_manifest"));
        Assert.Equal(BackupVerdict.CannotDetermine, (await TestAsync(_copy, "plain", new() { Level = BackupLevel.Checksum })).Verdict);
        var verification = await TestAsync(_copy, "plain", Full(2));
        Assert.True(verification.Verdict == BackupVerdict.Verified, string.Join('\n', verification.Checks));
        Assert.Equal(FindingOutcome.Manual, Assert.Single(verification.Checks, check => check.Name == "Checksums").Outcome);
    }

    [Fact]
    public async Task A_folder_of_backups_is_told_from_a_backup()
    {
        await File.WriteAllTextAsync(Path.Combine(_copy, "app-20260101.dump"), "PGDMP", Token);
        var verification = await _engine.BackupTests.TestAsync(_engine.BackupTests.FromPath(_copy), null, new BackupTestOptions(), Calls.Silent(), Token);
        Assert.Equal((BackupVerdict.CannotDetermine, MaintenanceErrorCode.InvalidArgument), (verification.Verdict, verification.Error));
        Assert.Contains("folder of backups, such as app-20260101.dump", verification.Message, StringComparison.Ordinal);
        Assert.Contains("Get-DatabaseBackup -Path", verification.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Backup_and_log_in_a_container_are_recovered_too()
    {
        var store = (await fixture.AzuriteAsync()).Target.BackupStore! with { Container = "pitr", Prefix = "backups/" };
        var client = new BlobContainerClient(new NetworkCredential("", store.ConnectionString!.ToSecureString()).Password, store.Container);
        await client.CreateIfNotExistsAsync(cancellationToken: Token);
        foreach (var (folder, prefix) in new[] { (Path.Combine(server.Backups, "archives"), "backups/base-20260101/"), (server.Archive, "wal/") })
        {
            foreach (var file in Directory.GetFiles(folder))
            {
                await using var content = File.OpenRead(file);
                await client.UploadBlobAsync(prefix + Path.GetFileName(file), content, Token);
            }
        }

        var target = server.Target with { BackupStore = store, WalArchive = store with { Prefix = "wal/" } };
        var backups = new List<DatabaseBackup>();
        await foreach (var backup in _engine.Backups.ListAsync(target, new BackupQuery(), Calls.Silent(), Token))
        {
            backups.Add(backup);
        }

        var verification = await _engine.BackupTests.TestAsync(Assert.Single(backups), target, Full(1) with { PointInTime = server.Between, WalArchive = null }, Calls.Silent(), Token);
        Assert.True(verification.Verdict == BackupVerdict.Verified, string.Join('\n', verification.Checks));
    }

    [Fact]
    public async Task A_base_backup_of_a_newer_version_than_any_server_here_says_nothing_about_it()
    {
        using var older = new TemporaryFolder();
        foreach (var program in new[] { "initdb", "pg_ctl", "postgres" })
        {
            older.Write(program, "#!/bin/sh\necho 'postgres (PostgreSQL) 14.9'\n");
        }

        var verification = await TestAsync(server.Backups, "plain", Full(2) with { PostgresPath = older.Path });
        Assert.Equal((BackupVerdict.CannotDetermine, BackupFault.NewerVersion), (verification.Verdict, verification.Fault));
        Assert.Null(verification.Error);
        Assert.Contains("14.9", verification.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recovery_that_was_noted_answers_no_other_since_the_log_grows()
    {
        using var home = new TemporaryFolder();
        var target = new MaintenanceTarget { Name = "ledger", BackupStore = new StoreSettings { Path = server.Backups }, History = new HistorySettings { Path = Path.Combine(home.Path, "history.db") } };
        var backup = _engine.BackupTests.FromPath(Path.Combine(server.Backups, "plain")) with { ETag = "1" };
        async Task<BackupVerification> Test(BackupTestOptions options) => await _engine.BackupTests.TestAsync(backup, target, options with { WalArchive = new StoreSettings { Path = server.Archive } }, Calls.Silent(), Token);
        async Task<IEnumerable<BackupLevel>> Noted() => (await _engine.BackupTests.LedgerAsync(target, Calls.Silent(), Token)).Select(known => known.Level);

        Assert.Equal(BackupVerdict.Verified, (await Test(Full(1) with { PointInTime = server.Between })).Verdict);
        Assert.Equal(BackupVerdict.Failed, (await Test(Full(1) with { PointInTime = TimeProvider.System.GetUtcNow() })).Verdict);
        Assert.Empty(await Noted());
        for (var i = 0; i < 2; i++)
        {
            var whole = await Test(Full(2));
            Assert.Equal((BackupVerdict.Verified, false), (whole.Verdict, whole.FromLedger));
        }

        Assert.Equal([BackupLevel.Full], await Noted());
        Assert.True((await Test(new() { Level = BackupLevel.Checksum })).FromLedger);
        Assert.False((await Test(Full(1) with { PointInTime = server.Between })).FromLedger);
    }

    private BackupTestOptions Full(int rows) => new()
    {
        Level = BackupLevel.Full,
        ScratchPath = _scratch,
        WalArchive = new StoreSettings { Path = server.Archive },
        Assertions = [new RecoveryAssertion { Name = "rows", Sql = "SELECT count(*) FROM public.moments", Expected = rows.ToString(System.Globalization.CultureInfo.InvariantCulture), Database = "postgres" }],
    };

    private Task<BackupVerification> TestAsync(string folder, string name, BackupTestOptions options) => TestAsync(folder, name, options, null, withArchive: true);

    private async Task<BackupVerification> TestAsync(string folder, string name, BackupTestOptions options, MaintenanceTarget? target, bool withArchive)
    {
        await foreach (var backup in _engine.Backups.ListAsync(new StoreSettings { Path = folder }, new BackupQuery(), Calls.Silent(), Token))
        {
            if (backup.Name == name)
            {
                var archive = withArchive ? options.WalArchive ?? new StoreSettings { Path = server.Archive } : null;
                return await _engine.BackupTests.TestAsync(backup, target, options with { WalArchive = archive, Force = true }, Calls.Silent(), Token);
            }
        }

        throw new InvalidOperationException($"There is no {name} in {folder}.");
    }

    // The server's account has to pass through it.
    private static string ScratchFolder()
    {
        var folder = Directory.CreateTempSubdirectory("base-scratch-").FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }

        return folder;
    }

    private void CopyFolder(string name)
    {
        var source = Path.Combine(server.Backups, name);
        foreach (var folder in Directory.GetDirectories(source, "*", SearchOption.AllDirectories).Prepend(source))
        {
            Directory.CreateDirectory(Path.Combine(_copy, name, Path.GetRelativePath(source, folder)));
        }

        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(_copy, name, Path.GetRelativePath(source, file)));
        }
    }

    private void CopyArchive()
    {
        foreach (var file in Directory.GetFiles(server.Archive))
        {
            File.Copy(file, Path.Combine(_copy, Path.GetFileName(file)));
        }
    }

    private static long Find(string path, string member)
    {
        var bytes = File.ReadAllBytes(path);
        return bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(member + "\0"));
    }

    private static void Flip(string path, long offset)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = offset;
        var value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ 0x01));
    }
}
