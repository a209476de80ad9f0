using Maintenance.Engine.Backup;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Tests.Backup;

/// <summary>What becomes of the files of a listing, and what is noted about them.</summary>
public sealed class BackupReaderTests
{
    private static readonly DateTimeOffset Now = new(2025, 6, 10, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_was_noted_at_a_blob_wins_over_its_name()
    {
        var (backups, _) = await ReadAsync(Noted("x-20250101.dump", 10, ("Database", "we%20ird"), ("takenat", "2025-06-10T03:00:00Z"), ("sha256", new string('A', 64)), ("sizebytes", "10")));
        var backup = Assert.Single(backups);
        Assert.Equal(("we ird", new DateTimeOffset(2025, 6, 10, 3, 0, 0, TimeSpan.Zero), BackupCompleteness.Complete), (backup.Database, backup.TakenAt, backup.Completeness));
        Assert.Equal((new string('a', 64), false), (backup.Sha256, backup.TakenAtFromName));
    }

    [Theory]
    [InlineData("sizebytes", "11", BackupCompleteness.Partial)]
    [InlineData("sizebytes", "-10", BackupCompleteness.Unknown)]
    [InlineData("sizebytes", "ten", BackupCompleteness.Unknown)]
    [InlineData("takenat", "tomorrow", BackupCompleteness.Unknown)]
    [InlineData("sha256", "abc", BackupCompleteness.Unknown)]
    public async Task What_cannot_be_meant_is_left_out(string name, string value, BackupCompleteness completeness)
    {
        var backup = Assert.Single((await ReadAsync(Noted("app-20250610.dump", 10, (name, value)))).Backups);
        Assert.Equal((completeness, null, true), (backup.Completeness, backup.Sha256, backup.TakenAtFromName));
    }

    [Fact]
    public async Task A_noted_time_after_the_backup_was_received_does_not_make_it_younger()
    {
        var backup = Assert.Single((await ReadAsync(Noted("app-20250601.dump", 10, ("takenat", "2025-06-10T12:30:00Z")))).Backups);
        Assert.Equal(new DateOnly(2025, 6, 1), DateOnly.FromDateTime(backup.TakenAt.UtcDateTime));
    }

    [Fact]
    public async Task A_base_backup_is_one_however_it_lies_there()
    {
        var (backups, others) = await ReadAsync(
        [
            .. Files("base-20250609/", "16384.tar.gz", "backup_manifest", "base.tar.gz", "pg_wal.tar.gz"),
            .. Files("base-20250610/", "PG_VERSION", "backup_label", "backup_manifest", "base/1/1247", "base/1/PG_VERSION", "base/16384/20250601", "global/pg_control"),
            .. Files("nightly/", "app.dump", "base.tar", "zeta.dump"),
        ]);
        Assert.Equal(
            [("base-20250609", BackupKind.BaseBackup, 40), ("base-20250610", BackupKind.BaseBackup, 70), ("nightly", BackupKind.BaseBackup, 10), ("nightly/app.dump", BackupKind.Custom, 10), ("nightly/zeta.dump", BackupKind.Custom, 10)],
            backups.Select(backup => (backup.Name, backup.Kind, backup.SizeBytes)).OrderBy(backup => backup.Name, StringComparer.Ordinal));
        Assert.Equal(1, others);
    }

    [Fact]
    public async Task The_tag_of_a_folder_changes_with_any_of_its_files()
    {
        var tags = new List<string?>();
        foreach (var tag in new[] { "1", "2", "1" })
        {
            var entries = Files("app-20250610/", "3041.dat.gz", "toc.dat").Select((entry, index) => entry with { ETag = index == 0 ? tag : "x" });
            tags.Add(Assert.Single((await ReadAsync([.. entries])).Backups).ETag);
        }

        Assert.Equal((tags[0], true), (tags[2], tags[0] != tags[1]));
    }

    [Fact]
    public async Task Manifests_are_no_files_of_their_own_and_are_read_where_the_listing_shows_them()
    {
        var asked = new List<(string, bool)>();
        var (backups, others) = await ReadAsync(
            [
                .. Files("", "a-20250610.dump", "a-20250610.dump.manifest.json", "b-20250610.dump", "c-20250610.manifest.json"),
                .. Files("c-20250610/", "3041.dat", "toc.dat"),
            ],
            (name, isListed, _) =>
            {
                asked.Add((name, isListed));
                return ValueTask.FromResult(isListed ? new BackupManifest { Name = name, Database = "noted", SizeBytes = 10, TakenAt = Now.AddHours(-3) } : null);
            });
        Assert.Equal([("a-20250610.dump", true), ("b-20250610.dump", false), ("c-20250610", true)], asked);
        Assert.Equal(
            [("noted", BackupCompleteness.Complete), ("b", BackupCompleteness.Unknown), ("noted", BackupCompleteness.Partial)],
            backups.Select(backup => (backup.Database!, backup.Completeness)));
        // The data in the folder.
        Assert.Equal(1, others);
    }

    [Theory]
    [InlineData("app-20250610.dump.partial")]
    [InlineData("x/app-20250610.dump.filepart")]
    [InlineData("app-20250610.dump.crdownload")]
    [InlineData(".app-20250610.dump.0123456789abcdef0123456789abcdef.tmp")]
    public async Task A_file_that_is_being_written_is_no_backup_and_is_known(string name)
    {
        var reader = new BackupReader(BackupNaming.ByWords, "store", null, Now);
        Assert.Empty(await ToListAsync(reader, [new StoreEntry(name, 5, Now)]));
        var unfinished = Assert.Single(reader.Unfinished);
        Assert.Equal(("app", BackupKind.Custom, BackupCompleteness.Partial), (unfinished.Database, unfinished.Kind, unfinished.Completeness));
    }

    [Theory]
    [InlineData("app'; DROP TABLE x; --20250610.dump")]
    [InlineData("a\npp-20250610.dump")]
    [InlineData("\u001b[31mapp\u001b[0m-20250610.dump")]
    [InlineData("\"app\"-20250610.dump")]
    [InlineData("$(reboot)-20250610.dump")]
    public async Task Hostile_names_are_names(string name)
    {
        var backup = Assert.Single((await ReadAsync(new StoreEntry(name, 5, Now))).Backups);
        Assert.Equal((name, BackupKind.Custom), (backup.Name, backup.Kind));
    }

    private static StoreEntry Noted(string name, long size, params (string, string)[] metadata) =>
        new(name, size, Now) { Metadata = metadata.ToDictionary(pair => pair.Item1, pair => pair.Item2) };

    private static StoreEntry[] Files(string folder, params string[] names) => [.. names.Select(name => new StoreEntry(folder + name, 10, Now, ETag: "tag"))];

    private static Task<(List<DatabaseBackup> Backups, long OtherFiles)> ReadAsync(params StoreEntry[] entries) => ReadAsync(entries, null);

    private static async Task<(List<DatabaseBackup> Backups, long OtherFiles)> ReadAsync(StoreEntry[] entries, Func<string, bool, CancellationToken, ValueTask<BackupManifest?>>? manifests)
    {
        var reader = new BackupReader(BackupNaming.ByWords, "store", null, Now, manifests);
        return (await ToListAsync(reader, entries), reader.OtherFiles);
    }

    private static async Task<List<DatabaseBackup>> ToListAsync(BackupReader reader, StoreEntry[] entries)
    {
        var backups = new List<DatabaseBackup>();
        await foreach (var backup in reader.ReadAsync(entries.ToAsyncEnumerable(), TestContext.Current.CancellationToken))
        {
            backups.Add(backup);
        }

        return backups;
    }
}
