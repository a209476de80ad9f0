using Maintenance.Engine.Backup;

namespace Maintenance.Engine.Tests.Backup;

public sealed class BackupNameTests
{
    [Theory]
    [InlineData("app-20250601.dump", BackupKind.Custom)]
    [InlineData("app-20250601.DUMP", BackupKind.Custom)]
    [InlineData("app.backup", BackupKind.Custom)]
    [InlineData("app-20250601.dump.gz", BackupKind.Custom)]
    [InlineData("app-20250601.dump.gpg", BackupKind.Custom)]
    [InlineData("app-20250601.sql", BackupKind.Plain)]
    [InlineData("app-20250601.sql.gz", BackupKind.PlainCompressed)]
    [InlineData("app-20250601.sql.zst", BackupKind.PlainCompressed)]
    [InlineData("app-20250601.sql.xz.age", BackupKind.PlainCompressed)]
    [InlineData("app-20250601.tar", BackupKind.Tar)]
    [InlineData("database-20250601.tar", BackupKind.Tar)]
    [InlineData("20250601/base.tar.gz", BackupKind.BaseBackup)]
    [InlineData("pg_basebackup-20250601.tar.zst", BackupKind.BaseBackup)]
    [InlineData("nightly/app-20250601/toc.dat", BackupKind.Directory)]
    [InlineData("db-2025060103", BackupKind.Unknown)]
    public void The_ending_tells_the_kind(string name, BackupKind kind)
    {
        var parsed = BackupName.Parse(name);
        Assert.NotNull(parsed);
        Assert.Equal(kind, parsed.Kind);
    }

    [Theory]
    [InlineData("README")]
    [InlineData("README.md")]
    [InlineData("notes-20250601.txt")]
    [InlineData("app-20250601.dump.partial")]
    [InlineData("app-20250601.dump.sha256")]
    [InlineData("logs-20250601.gz")]
    [InlineData("2025/06/01/README")]
    [InlineData("app-20250601/3041.dat.gz")]
    [InlineData("app-20250601/blobs.toc")]
    [InlineData("20250601/pg_wal.tar.gz")]
    [InlineData("20250601/16385.tar.gz")]
    [InlineData("backup_manifest")]
    [InlineData("app-20250601.dump.part")]
    [InlineData(".app-20250601.dump.0123456789abcdef0123456789abcdef.tmp")]
    [InlineData(".app-20250601.0123456789abcdef0123456789abcdef.tmp/toc.dat")]
    [InlineData("toc.dat")]
    [InlineData("000000010000000000000042")]
    [InlineData("")]
    public void A_file_of_another_kind_is_no_backup(string name) => Assert.Null(BackupName.Parse(name));

    [Theory]
    [InlineData("app-20250601.dump", "app")]
    [InlineData("app_backup_2025-06-01_03-00-00.sql.gz", "app")]
    [InlineData("backup-my_app-20250601.dump", "my_app")]
    [InlineData("daily/app-20250601.dump", "app")]
    [InlineData("2025-06-01_app.sql.gz", "app")]
    [InlineData("2025/06/01/app.dump", "app")]
    [InlineData("20250601/app/toc.dat", "app")]
    [InlineData("app-20250601/toc.dat", "app")]
    [InlineData("prod/db-2025060103", "prod")]
    [InlineData("prod/20250601/base.tar.gz", "prod")]
    [InlineData("app.dump", "app")]
    [InlineData("app_20240101_2025060103.dump", "app_20240101")]
    [InlineData("database-backups/db-2025060103", null)]
    [InlineData("20250601.dump", null)]
    [InlineData("1493107454_2025_06_01.tar", null)]
    [InlineData("9f8b2c4d-11aa-20250601.dump", null)]
    [InlineData("base-20250601.tar", null)]
    public void The_words_around_the_date_tell_the_database(string name, string? database) =>
        Assert.Equal(database, BackupName.Parse(name)!.Database);

    [Fact]
    public void A_backup_in_directory_format_is_named_by_its_folder() =>
        Assert.Equal("nightly/app-20250601", BackupName.Parse("nightly/app-20250601/toc.dat")!.Name);

    [Fact]
    public void Hostile_names_are_read_quickly_and_break_nothing()
    {
        string[] hostile = [new('2', 20_000), string.Concat(Enumerable.Repeat("2025-06-0", 3000)), "a\0b'; DROP--$(rm)\n20250601.dump", "///", "\ud800.dump"];
        foreach (var name in hostile)
        {
            _ = BackupName.Parse(name);
            _ = SeekPlanner.Next(name, new DateOnly(2025, 6, 1));
        }
    }
}
