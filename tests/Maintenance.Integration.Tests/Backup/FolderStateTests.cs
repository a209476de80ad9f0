using System.IO.Compression;
using Maintenance.Engine.Backup;
using Maintenance.Engine.Programs;
using Maintenance.Engine.Stores;
using Maintenance.IntegrationTests.Infrastructure;
using static System.FormattableString;

namespace Maintenance.IntegrationTests.Backup;

/// <summary>Backups made by real programs, and files that only look like them, in a real folder.</summary>
public sealed class FolderStateTests(SandboxFixture fixture) : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("maintenance-backups-");
    private readonly BackupService _backups = new(TimeProvider.System);
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private StoreSettings Store => new() { Path = _root.FullName };

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task Every_format_that_pg_dump_writes_is_fresh_and_seen()
    {
        var sandbox = await fixture.PostgresAsync(15);
        var connection = SandboxFixture.ConnectionString(sandbox);
        var tool = await PostgresTools.FindAsync("pg_dump", 15, null, Token);
        foreach (var (format, name) in new[] { ("custom", "app.dump"), ("plain", "app.sql"), ("tar", "app.tar"), ("directory", "app") })
        {
            var dump = new ProgramCall(tool.Path, ["--schema-only", "--no-password", $"--format={format}", "--file", Path.Combine(_root.FullName, name)], _root.FullName)
            {
                Environment = ToolConnection.EnvironmentOf(connection),
            };
            Assert.Equal(0, (await dump.RunAsync(Token)).ExitCode);
        }

        await using (var compressed = new GZipStream(File.Create(Path.Combine(_root.FullName, "app.sql.gz")), CompressionLevel.Fastest))
        {
            await compressed.WriteAsync(await File.ReadAllBytesAsync(Path.Combine(_root.FullName, "app.sql"), Token), Token);
        }

        var records = await TestAsync();
        Assert.Equal(
            [BackupKind.Custom, BackupKind.Directory, BackupKind.Tar, BackupKind.Plain, BackupKind.PlainCompressed],
            records.Select(record => record.Kind!.Value));
        Assert.All(records, record => Assert.Equal((BackupRecencyState.Fresh, true, "app"), (record.State, record.ContentSeen, record.Database)));
        Assert.All(records, record => Assert.DoesNotContain("although", record.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Statements_without_pg_dumps_comments_are_SQL_and_prose_is_not()
    {
        Write("a.sql", "SET statement_timeout = 0;\nCREATE TABLE t ();\n");
        Write("b.sql", "Dear all,\nthe backup failed.\n");
        Assert.Equal([BackupRecencyState.Fresh, BackupRecencyState.Unreadable], (await TestAsync()).Select(record => record.State));
    }

    [Fact]
    public async Task A_dump_of_another_format_than_its_name_says_is_told_and_no_alarm()
    {
        Write("app.dump", "--\n-- PostgreSQL database dump\n--\n");
        var record = Assert.Single(await TestAsync());
        Assert.Equal((BackupRecencyState.Fresh, true), (record.State, record.ContentSeen));
        Assert.Contains("format Plain, although its name says Custom", record.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_encrypted_backup_is_said_to_be_unseen()
    {
        Write("app.dump.gpg", "anything");
        Write("billing.dump", "age-encryption.org/v1\n-> X25519 abc\n");
        var records = await TestAsync();
        Assert.All(records, record => Assert.Equal((BackupRecencyState.Fresh, false), (record.State, record.ContentSeen)));
        Assert.All(records, record => Assert.Contains("encrypted", record.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_manifest_beside_a_backup_is_believed_where_its_size_fits()
    {
        Write("2020/x.dump");
        var files = new FolderFileStore(_root.FullName, "");
        var manifest = new BackupManifest { Name = "2020/x.dump", Database = "app", Kind = BackupKind.Custom, TakenAt = _now.AddHours(-1), SizeBytes = 6, Sha256 = new string('b', 64) };
        await BackupManifests.WriteAsync(files, manifest, Token);
        var backup = Assert.Single(await ListAsync());
        Assert.Equal(("app", manifest.TakenAt, BackupCompleteness.Complete, manifest.Sha256), (backup.Database, backup.TakenAt, backup.Completeness, backup.Sha256));

        await BackupManifests.WriteAsync(files, manifest with { SizeBytes = 600 }, Token);
        var record = Assert.Single(await TestAsync());
        Assert.Equal((BackupRecencyState.Incomplete, BackupCompleteness.Partial), (record.State, record.Newest!.Completeness));
        Assert.Contains("6 bytes", record.Message, StringComparison.Ordinal);

        Write("2020/x.dump.manifest.json", "{ \"database\": ");
        backup = Assert.Single(await ListAsync());
        Assert.Equal(("x", BackupCompleteness.Unknown, null), (backup.Database, backup.Completeness, backup.Sha256));
    }

    [Fact]
    public async Task The_tag_of_a_file_changes_with_its_content()
    {
        var path = Write("app-20250601/toc.dat");
        Write("app-20250601/1.dat");
        Write("one.dump");
        var first = (await ListAsync()).ToDictionary(backup => backup.Name, backup => backup.ETag);
        Assert.Equal(first, (await ListAsync()).ToDictionary(backup => backup.Name, backup => backup.ETag));
        File.AppendAllText(path, "x");
        var second = (await ListAsync()).ToDictionary(backup => backup.Name, backup => backup.ETag);
        Assert.Equal((first["one.dump"], true), (second["one.dump"], first["app-20250601"] != second["app-20250601"]));
        Assert.Matches("^6-[0-9]+$", first["one.dump"]!);
    }

    [Fact]
    public async Task A_base_backup_is_one_with_all_its_files()
    {
        var folder = Invariant($"base-{_now:yyyyMMddHH}");
        Write($"{folder}/PG_VERSION", "18\n");
        Write($"{folder}/base/1/1247", "12345");
        Write($"{folder}/base/1/PG_VERSION", "18\n");
        Write("tar/base.tar.gz", "\u001f");
        Write("tar/pg_wal.tar.gz", "12");
        Write("tar/app.dump");
        var backups = (await ListAsync()).OrderBy(backup => backup.Name, StringComparer.Ordinal).ToList();
        Assert.Equal(
            [(folder, BackupKind.BaseBackup, 11), ("tar", BackupKind.BaseBackup, 3), ("tar/app.dump", BackupKind.Custom, 6)],
            backups.Select(backup => (backup.Name, backup.Kind, backup.SizeBytes)));
    }

    [Fact]
    public async Task An_upload_in_progress_is_no_backup_and_one_left_behind_is_a_failure()
    {
        Write(Invariant($"app-{_now.AddHours(-20):yyyyMMddHH}.dump"));
        var partial = Write(Invariant($"app-{_now:yyyyMMddHH}.dump.partial"));
        Write(".app-20250601.dump.0123456789abcdef0123456789abcdef.tmp");
        Assert.Single(await ListAsync());
        Assert.Equal(BackupRecencyState.Fresh, Assert.Single(await TestAsync()).State);
        File.Move(partial, Path.Combine(_root.FullName, Invariant($"app-{_now.AddHours(-10):yyyyMMddHH}.dump.partial")));
        foreach (var file in _root.GetFiles("*.partial").Concat(_root.GetFiles(".app*")))
        {
            file.LastWriteTimeUtc = _now.AddHours(-9).UtcDateTime;
        }

        Assert.Equal(BackupRecencyState.Incomplete, Assert.Single(await TestAsync()).State);
    }

    [Fact]
    public async Task A_clock_that_runs_ahead_makes_no_backup_fresh()
    {
        var path = Write("app.dump");
        File.SetLastWriteTimeUtc(path, _now.AddHours(3).UtcDateTime);
        Assert.Equal(BackupRecencyState.CannotDetermine, Assert.Single(await TestAsync()).State);
        File.SetLastWriteTimeUtc(path, _now.AddMinutes(5).UtcDateTime);
        Assert.Equal(BackupRecencyState.Fresh, Assert.Single(await TestAsync()).State);

        // A name from tomorrow on a file of today is a slip of whoever wrote it.
        Write(Invariant($"billing-{_now.AddDays(1):yyyyMMdd}.dump"));
        var slip = (await ListAsync()).Single(backup => backup.Database == "billing");
        Assert.False(slip.TakenAtFromName);
    }

    [Fact]
    public async Task Hostile_names_are_listed_opened_and_cannot_forge_a_message()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not allow such names.");
        string[] names = ["a\nb-20250601.dump", "\u001b[31mred.dump", "\"quoted\".dump", "$(reboot);'--.dump", "..dump.dump", "-rf.dump"];
        foreach (var name in names)
        {
            Write(name);
        }

        Write("\u001b]0;title\u0007empty.dump", "");
        Assert.Equal(names.Length + 1, (await ListAsync()).Count);
        var records = await TestAsync();
        Assert.All(records, record => Assert.DoesNotContain(record.Message, char.IsControl));
        Assert.All(records.Where(record => record.State == BackupRecencyState.Fresh), record => Assert.True(record.ContentSeen));
        Assert.Contains(records, record => record.State == BackupRecencyState.Incomplete);
    }

    [Fact]
    public async Task A_pattern_reads_names_below_the_prefix()
    {
        Write(Invariant($"prod/app/{_now:yyyy}/{_now:MM}/{_now:dd}/x_{_now:HHmm}.bak"));
        Write("prod/other.dump");
        var store = Store with { Prefix = "prod/" };
        const string Pattern = "{database}/{yyyy}/{MM}/{dd}/x_{HHmm}.bak";
        var record = Assert.Single(await _backups.TestRecencyAsync(store, null, Pattern, Calls.Silent(), Token));
        Assert.Equal((BackupRecencyState.Fresh, "app", BackupKind.Unknown), (record.State, record.Database, record.Kind));
        Assert.Equal("app", Assert.Single(await ListAsync(store, new BackupQuery { NamePattern = Pattern })).Database);
        var error = await Assert.ThrowsAsync<MaintenanceException>(() => _backups.TestRecencyAsync(store, null, "{YYYY}", Calls.Silent(), Token));
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, error.Code);
    }

    private string Write(string name, string content = "PGDMPx")
    {
        var path = Path.Combine(_root.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    private Task<IReadOnlyList<BackupRecency>> TestAsync() => _backups.TestRecencyAsync(Store, null, Calls.Silent(), Token);

    private async Task<List<DatabaseBackup>> ListAsync(StoreSettings? store = null, BackupQuery? query = null)
    {
        var backups = new List<DatabaseBackup>();
        await foreach (var backup in _backups.ListAsync(store ?? Store, query ?? new BackupQuery(), Calls.Silent(), Token))
        {
            backups.Add(backup);
        }

        return backups;
    }
}
