using Maintenance.Engine.Configuration;

namespace Maintenance.Engine.Tests.Configuration;

public sealed class BackupSettingsTests
{
    private static readonly string Folder = Path.GetDirectoryName(Path.GetFullPath("maintenance.json"))!;

    private static Task<ConfigurationFile> ReadAsync(string target) =>
        ConfigurationReader.ReadAsync($$"""{ "targets": { "t": {{target}} } }""", Path.GetFullPath("maintenance.json"));

    [Fact]
    public async Task A_file_says_how_backups_are_named_judged_and_kept()
    {
        var file = await ReadAsync(
            """
            { "backups": { "namePattern": "{database}-{yyyyMMddHH}.dump", "databases": ["app", "shop"], "kinds": ["Custom", "BaseBackup"],
                           "maximumShrinkage": 12.5, "keep": { "last": 3, "daily": 7, "within": "2d" } } }
            """);

        Assert.Empty(file.Problems);
        var backups = file.Targets["t"].Backups!;
        Assert.Equal("{database}-{yyyyMMddHH}.dump", backups.NamePattern);
        Assert.Equal(["app", "shop"], backups.Databases);
        Assert.Equal([BackupKind.Custom, BackupKind.BaseBackup], backups.Kinds);
        Assert.Equal(12.5, backups.MaximumShrinkage);
        Assert.Equal(new BackupKeepRules { Last = 3, Daily = 7, Within = TimeSpan.FromDays(2) }, backups.Keep);
    }

    [Fact]
    public async Task A_file_says_what_a_recovery_has_to_achieve_and_its_paths_begin_at_its_folder()
    {
        var file = await ReadAsync(
            """
            { "recovery": { "timeObjective": "4h", "pointObjective": "24h", "scratchPath": "./scratch", "postgresPath": "/opt/pg/bin",
                            "assertions": [ { "name": "orders", "sql": "SELECT true" }, { "name": "one", "sql": "SELECT 1", "expected": "1", "database": "app" } ] },
              "walArchive": { "path": "wal", "maximumAge": "30m" } }
            """);

        Assert.Empty(file.Problems);
        var (recovery, wal) = (file.Targets["t"].Recovery!, file.Targets["t"].WalArchive!);
        Assert.Equal((TimeSpan.FromHours(4), TimeSpan.FromHours(24)), (recovery.TimeObjective, recovery.PointObjective));
        Assert.Equal(Path.Combine(Folder, "scratch"), recovery.ScratchPath);
        Assert.Equal(
            [new RecoveryAssertion { Name = "orders", Sql = "SELECT true" }, new RecoveryAssertion { Name = "one", Sql = "SELECT 1", Expected = "1", Database = "app" }],
            recovery.Assertions);
        Assert.Equal((Path.Combine(Folder, "wal"), TimeSpan.FromMinutes(30)), (wal.Path, wal.MaximumAge));
    }

    [Theory]
    [InlineData("""{ "backups": { "maximumShrinkage": 0 } }""")]
    [InlineData("""{ "backups": { "kinds": ["Floppy"] } }""")]
    [InlineData("""{ "backups": { "keep": {} } }""")]
    [InlineData("""{ "backups": { "keep": { "last": 0 } } }""")]
    [InlineData("""{ "backups": { "keep": { "within": "0s" } } }""")]
    [InlineData("""{ "recovery": { "timeObjective": "soon" } }""")]
    [InlineData("""{ "recovery": { "pointObjective": "0h" } }""")]
    [InlineData("""{ "recovery": { "assertions": [ { "name": "no statement" } ] } }""")]
    [InlineData("""{ "recovery": { "assertions": [ { "name": "a", "sql": "SELECT 1" }, { "name": "A", "sql": "SELECT 2" } ] } }""")]
    [InlineData("""{ "walArchive": { "path": "wal", "container": "wal" } }""")]
    public async Task What_makes_no_sense_is_a_problem(string target) => Assert.NotEmpty((await ReadAsync(target)).Problems);

    [Fact]
    public void An_archived_log_in_the_account_of_the_backups_lies_beside_them()
    {
        var target = TargetFactory.Create(
            "t",
            "test",
            new PartialTarget(),
            new PartialTarget { WalArchive = new PartialStore { AccountName = "contoso" } },
            new PartialTarget());

        Assert.Equal(("contoso", "disaster-recovery", "wal/"), (target.WalArchive!.AccountName, target.WalArchive.Container, target.WalArchive.Prefix));
    }
}
