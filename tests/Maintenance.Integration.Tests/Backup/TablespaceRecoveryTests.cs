using Maintenance.Engine;
using Maintenance.Engine.Backup.Physical;
using Maintenance.Engine.Programs;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Backup;

/// <summary>Recoveries of servers with tablespaces: nothing is ever written to where those of the original lie.</summary>
public sealed class TablespaceRecoveryTests(ArchivingServer server) : IClassFixture<ArchivingServer>, IAsyncDisposable
{
    private readonly MaintenanceEngine _engine = new();
    private readonly TemporaryFolder _scratch = new();
    private readonly TemporaryFolder _copy = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        Assert.Empty(Directory.GetFileSystemEntries(_scratch.Path));
        _scratch.Dispose();
        _copy.Dispose();
    }

    [Fact]
    public async Task Tablespaces_of_a_backup_are_laid_out_in_the_scratch_folder_in_each_form()
    {
        var (used, unused, dropped) = (await TablespaceAsync("used"), await TablespaceAsync("unused"), await TablespaceAsync("dropped"));
        await ExecuteAsync("CREATE TABLE placed TABLESPACE used AS SELECT n FROM generate_series(1, 1000) AS n");
        var moved = await server.Server.FolderAsync("moved");
        var mapping = new[] { used, unused, dropped }.SelectMany(path => new[] { "-T", $"{path}={Path.Combine(moved, Path.GetFileName(path))}" });
        await server.Server.BaseBackupAsync(Path.Combine(server.Backups, "spaces-plain"), ["-Fp", .. mapping]);
        await server.Server.BaseBackupAsync(Path.Combine(server.Backups, "spaces-archives"), "-Ft", "-z");
        await server.Server.BaseBackupAsync(Path.Combine(server.Backups, "spaces-uncompressed"), "-Ft");
        await ExecuteAsync("INSERT INTO placed SELECT n FROM generate_series(1001, 2000) AS n");
        await ExecuteAsync("CREATE TABLE late TABLESPACE unused AS SELECT 1 AS n");
        await ExecuteAsync("DROP TABLESPACE dropped");
        await server.SwitchAsync();
        await server.ArchivedAsync();
        await ExecuteAsync("CHECKPOINT");
        await File.WriteAllTextAsync(Path.Combine(dropped, "mine"), "of somebody else", Token);
        var before = new[] { used, unused, dropped, moved }.Select(Fingerprint).ToList();

        foreach (var name in new[] { "spaces-plain", "spaces-archives", "spaces-uncompressed" })
        {
            var verification = await TestAsync(name, Full("SELECT (SELECT count(*) FROM public.placed) + (SELECT count(*) FROM public.late)", "2001"));
            Assert.True(verification.Verdict == BackupVerdict.Verified, RestoreScene.Text(verification));
        }

        Assert.Equal(before, new[] { used, unused, dropped, moved }.Select(Fingerprint));

        // Half of it was copied to where it is tested.
        File.Delete(Directory.GetFiles(Path.Combine(server.Backups, "spaces-archives"), "*.tar.gz").First(path => char.IsAsciiDigit(Path.GetFileName(path)[0])));
        Directory.Delete(Path.Combine(moved, Path.GetFileName(unused)), recursive: true);
        foreach (var name in new[] { "spaces-plain", "spaces-archives" })
        {
            File.Delete(Path.Combine(server.Backups, name, "backup_manifest"));
            var lacking = await TestAsync(name, Full("SELECT 1", "1"));
            Assert.Equal((BackupVerdict.Failed, BackupFault.Truncated), (lacking.Verdict, lacking.Fault));
            Assert.Contains("lacks the tablespace", lacking.Message, StringComparison.Ordinal);
        }

        await ExecuteAsync("DROP TABLE placed; DROP TABLE late");
        await ExecuteAsync("DROP TABLESPACE used");
        await ExecuteAsync("DROP TABLESPACE unused");
    }

    [Fact]
    public async Task A_log_that_makes_a_tablespace_is_not_replayed_and_up_to_before_it_is()
    {
        await server.Server.BaseBackupAsync(Path.Combine(server.Backups, "before-space"), "-Fp");
        await ExecuteAsync("CREATE TABLE early AS SELECT 1 AS n");
        var before = await MomentAsync();
        var path = await TablespaceAsync("later");
        await ExecuteAsync("CREATE TABLE within TABLESPACE later AS SELECT n FROM generate_series(1, 100) AS n");
        await server.SwitchAsync();
        await server.ArchivedAsync();
        await ExecuteAsync("CHECKPOINT");
        var untouched = Fingerprint(path);

        var refused = await TestAsync("before-space", Full("SELECT 1", "1"));
        Assert.True((refused.Verdict, refused.Fault, refused.RecoveryTime) == (BackupVerdict.CannotDetermine, BackupFault.None, null), RestoreScene.Text(refused));
        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
        Assert.Contains("newer base backup", refused.Recommendation, StringComparison.Ordinal);
        Assert.DoesNotContain("Replay", refused.Phases.Select(phase => phase.Name));
        Assert.Equal(untouched, Fingerprint(path));

        var earlier = await TestAsync("before-space", Full("SELECT count(*) FROM public.early", "1") with { PointInTime = before });
        Assert.True(earlier.Verdict == BackupVerdict.Verified, RestoreScene.Text(earlier));
        Assert.Equal(untouched, Fingerprint(path));
        await ExecuteAsync("DROP TABLE within; DROP TABLE early");
        await ExecuteAsync("DROP TABLESPACE later");
    }

    [Fact]
    public async Task The_log_is_read_record_by_record_as_pg_waldump_does()
    {
        var path = await TablespaceAsync("counted");
        await ExecuteAsync("CREATE TABLE many AS SELECT n, repeat('x', 500 + n % 9000) AS t FROM generate_series(1, 20000) AS n; DROP TABLE many");
        await ExecuteAsync("DROP TABLESPACE counted");
        await server.SwitchAsync();
        await server.ArchivedAsync();
        var segments = Directory.GetFiles(server.Archive).Where(file => Path.GetFileName(file).Length == 24).Order(StringComparer.Ordinal).ToList();
        var first = WalFileName.Parse(segments[0])!.Value;
        var begin = (WalPosition.NumberOf(first.High, first.Low, WalPosition.UsualSegmentSize) + 1) * (ulong)WalPosition.UsualSegmentSize;
        var tool = await PostgresTools.FindAsync("pg_waldump", 15, null, Token);
        var lines = new List<string>();
        await new ProgramCall(tool.Path, ["-p", server.Archive, "-s", WalPosition.Format(begin)], "/").RunAsync(null, lines.Add, _ => { }, Token);
        var records = lines.Where(line => line.StartsWith("rmgr:", StringComparison.Ordinal)).ToList();
        var start = records[0][(records[0].IndexOf("lsn: ", StringComparison.Ordinal) + 5)..].Split(',')[0];

        var folder = new WalSegmentFolder(server.Archive, [new WalStretch(1, 0, null)], WalPosition.UsualSegmentSize);
        await using var reader = new WalRecords(folder.Open, folder.SegmentSize, WalPosition.Parse(start)!.Value);
        var preview = await ReplayPreview.OfAsync(reader, null, Token);
        Assert.True(records.Count > 20000);
        Assert.Equal(records.Count, preview.Records);
        Assert.Contains(path, preview.Tablespaces.Select(made => made.Path));
        Assert.Equal(records.Count(record => record.Contains("Tablespace", StringComparison.Ordinal) && record.Contains("desc: CREATE", StringComparison.Ordinal)), preview.Tablespaces.Count);
        Assert.Empty(folder.Behind(preview.End));
    }

    [Fact]
    public async Task A_damaged_segment_in_the_middle_of_the_log_is_found_before_anything_is_replayed()
    {
        await server.Server.BaseBackupAsync(Path.Combine(server.Backups, "before-damage"), "-Fp", "-X", "none");
        var moment = DateTimeOffset.MinValue;
        for (var i = 0; i < 3; i++)
        {
            await ExecuteAsync("CREATE TABLE filling AS SELECT n FROM generate_series(1, 10000) AS n; DROP TABLE filling");
            moment = i == 0 ? await MomentAsync() : moment;
            await server.SwitchAsync();
        }

        await server.ArchivedAsync();
        foreach (var file in Directory.GetFiles(server.Archive))
        {
            File.Copy(file, Path.Combine(_copy.Path, Path.GetFileName(file)));
        }

        var damaged = Directory.GetFiles(_copy.Path).Where(file => Path.GetFileName(file).Length == 24).Order(StringComparer.Ordinal).ToList()[^2];
        await using (var file = new FileStream(damaged, FileMode.Open, FileAccess.Write))
        {
            file.Position = 100_000;
            file.Write("damage"u8);
        }

        var options = Full("SELECT 1", "1") with { WalArchive = new StoreSettings { Path = _copy.Path } };
        var found = await TestAsync("before-damage", options);
        Assert.True((found.Verdict, found.Fault) == (BackupVerdict.Failed, BackupFault.WalMissing), RestoreScene.Text(found));
        Assert.Contains("is damaged at", found.Message, StringComparison.Ordinal);
        var before = await TestAsync("before-damage", options with { PointInTime = moment });
        Assert.True(before.Verdict == BackupVerdict.Verified, RestoreScene.Text(before));
    }

    private BackupTestOptions Full(string sql, string expected) => new()
    {
        Level = BackupLevel.Full,
        Force = true,
        ScratchPath = _scratch.Path,
        WalArchive = new StoreSettings { Path = server.Archive },
        Assertions = [new RecoveryAssertion { Name = "rows", Sql = sql, Expected = expected, Database = "postgres" }],
    };

    private Task<BackupVerification> TestAsync(string name, BackupTestOptions options) =>
        _engine.BackupTests.TestAsync(_engine.BackupTests.FromPath(Path.Combine(server.Backups, name)), null, options, Calls.Silent(), Token);

    private async Task<string> TablespaceAsync(string name)
    {
        var path = await server.Server.FolderAsync($"space {name}");
        await ExecuteAsync($"CREATE TABLESPACE {name} LOCATION '{path}'");
        return path;
    }

    private async Task<DateTimeOffset> MomentAsync()
    {
        await using var connection = await SandboxDatabase.OpenAsync(server.Server.Sandbox);
        await connection.ExecuteAsync("SELECT pg_sleep(0.1)");
        var now = await connection.ScalarAsync<DateTime>("SELECT clock_timestamp()");
        // A transaction that ends behind it, before which a recovery stops.
        await connection.ExecuteAsync("SELECT pg_sleep(0.1), txid_current()");
        return new DateTimeOffset(now, TimeSpan.Zero);
    }

    private Task ExecuteAsync(string sql) => SandboxDatabase.ExecuteAsync(server.Server.Sandbox, sql);

    // Every file with its size and time: whoever writes there changes it.
    private static string Fingerprint(string folder) => string.Join('\n', Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(path => FormattableString.Invariant($"{path} {(File.Exists(path) ? new FileInfo(path).Length : 0)} {File.GetLastWriteTimeUtc(path).Ticks}")));
}
