using System.Text;
using Maintenance.Engine.Backup;
using Maintenance.Engine.Backup.Dump;

namespace Maintenance.Engine.Tests.Backup;

/// <summary>How backups are called, whatever their databases are.</summary>
public sealed class DumpNamesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 2, 7, 50, TimeSpan.FromHours(1));

    public static TheoryData<string> Hostile { get; } =
    [
        "../../etc/passwd", "..", ".", " ", "a b", "a/b", @"a\b", "a\nb", "'; DROP TABLE x; --", "\"quoted\"", "-rf", "con", "x.dump", "x.partial", "🐘", "münchen", "app.2024-01-01",
        "dbname=postgres host=evil", "postgres://evil/", "%41", "ﬁ", new string('x', 63), new string('ä', 31), "a\u202eb", "日本語", "20240101", "x.manifest.json",
    ];

    [Fact]
    public void A_plain_name_stays_and_the_time_is_UTC()
    {
        Assert.Equal("app-20261126T010750Z.dump", DumpNames.Default("app", BackupKind.Custom, Now));
        Assert.Equal("my_App-2-20261126T010750Z.sql.gz", DumpNames.Default("my_App-2", BackupKind.PlainCompressed, Now));
        Assert.Equal("app-20261126T010750Z", DumpNames.Default("app", BackupKind.Directory, Now));
        Assert.Equal("app-20261126T010750Z.sql", DumpNames.Default("app", BackupKind.Plain, Now));
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Any_database_has_a_name_that_is_one_of_a_backup_everywhere(string database)
    {
        foreach (var kind in new[] { BackupKind.Custom, BackupKind.Directory, BackupKind.Plain, BackupKind.PlainCompressed })
        {
            var name = DumpNames.Default(database, kind, Now);
            DumpNames.Check(name, kind);
            Assert.DoesNotContain('/', name);
            Assert.True(Encoding.UTF8.GetByteCount(name) < 120);
            var parsed = BackupName.Parse(kind == BackupKind.Directory ? $"{name}/toc.dat" : name)!;
            Assert.Equal(kind, parsed.Kind);
            Assert.Equal(new DateTimeOffset(2026, 11, 26, 1, 7, 50, TimeSpan.Zero), parsed.Date!.From);
        }
    }

    [Fact]
    public void Databases_that_would_be_written_the_same_are_told_apart()
    {
        var names = Hostile.Select(row => DumpNames.FileName((string)row.Data)).Concat(["a_b", "a-b", "_"]).ToList();
        Assert.Equal(names.Count, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Theory]
    [InlineData("../x.dump")]
    [InlineData("a/../x.dump")]
    [InlineData("/etc/x.dump")]
    [InlineData("a//x.dump")]
    [InlineData(@"..\x.dump")]
    [InlineData("C:x.dump")]
    [InlineData(".hidden.dump")]
    [InlineData("x.dump ")]
    [InlineData("x.dump/")]
    [InlineData("x\0.dump")]
    [InlineData("x.txt")]
    [InlineData("README")]
    [InlineData("x.dump.partial")]
    [InlineData("x.sql")]
    [InlineData("x.dump.manifest.json")]
    [InlineData("12.dat")]
    [InlineData("")]
    public void A_name_that_leads_elsewhere_or_is_none_of_such_a_backup_is_refused(string name) =>
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, Assert.Throws<MaintenanceException>(() => DumpNames.Check(name, BackupKind.Custom)).Code);

    [Fact]
    public void A_folder_is_not_called_like_a_file() =>
        Assert.Throws<MaintenanceException>(() => DumpNames.Check("x.dump", BackupKind.Directory));

    [Theory]
    [InlineData(BackupKind.Tar)]
    [InlineData(BackupKind.BaseBackup)]
    [InlineData(BackupKind.Unknown)]
    public void Formats_that_are_not_made_are_refused(BackupKind kind) =>
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, Assert.Throws<MaintenanceException>(() => DumpNames.EndingOf(kind)).Code);
}
