using Maintenance.Engine.Backup;

namespace Maintenance.IntegrationTests.Backup;

/// <summary>Backups in a real folder.</summary>
public sealed class FolderStoreTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("maintenance-backups-");
    private readonly BackupService _backups = new(TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task Backups_are_found_in_folders_below_and_other_files_are_not()
    {
        Write("app-20250601.dump");
        Write("2025/06/02/app.sql.gz");
        Write("README.md");
        Write("app-20250601.dump.partial");
        Write(".hidden/app-20250603.dump");
        var backups = await ListAsync();
        Assert.Equal([".hidden/app-20250603.dump", "2025/06/02/app.sql.gz", "app-20250601.dump"], backups.Select(backup => backup.Name).Order(StringComparer.Ordinal));
        Assert.All(backups, backup => Assert.Equal(("app", _root.FullName, 6), (backup.Database, backup.Store, backup.SizeBytes)));
    }

    [Fact]
    public async Task A_folder_with_a_table_of_contents_is_one_backup()
    {
        Write("app-20250601/toc.dat");
        Write("app-20250601/3041.dat.gz", new string('x', 1000));
        var backup = Assert.Single(await ListAsync());
        Assert.Equal(("app-20250601", BackupKind.Directory, 1006), (backup.Name, backup.Kind, backup.SizeBytes));
    }

    [Fact]
    public async Task Links_are_followed_once_and_loops_end()
    {
        var elsewhere = Directory.CreateTempSubdirectory("maintenance-elsewhere-");
        try
        {
            Write("app-20250601.dump");
            File.WriteAllText(Path.Combine(elsewhere.FullName, "billing-20250601.dump"), "PGDMPx");
            Directory.CreateSymbolicLink(Path.Combine(_root.FullName, "loop"), _root.FullName);
            Directory.CreateSymbolicLink(Path.Combine(_root.FullName, "other"), elsewhere.FullName);
            Directory.CreateSymbolicLink(Path.Combine(elsewhere.FullName, "back"), _root.FullName);
            Directory.CreateSymbolicLink(Path.Combine(elsewhere.FullName, "self"), elsewhere.FullName);
            Directory.CreateSymbolicLink(Path.Combine(_root.FullName, "gone"), Path.Combine(_root.FullName, "nowhere"));
            File.CreateSymbolicLink(Path.Combine(_root.FullName, "broken-20250601.dump"), Path.Combine(_root.FullName, "nowhere.dump"));
            var names = (await ListAsync()).Select(backup => backup.Name).Order(StringComparer.Ordinal);
            Assert.Equal(["app-20250601.dump", "other/billing-20250601.dump"], names);
        }
        finally
        {
            elsewhere.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_copy_of_an_old_backup_stays_old()
    {
        Write("app-20200101.dump");
        Assert.Equal(BackupRecencyState.Stale, (await TestAsync()).State);
    }

    [Fact]
    public async Task An_undated_file_has_the_age_of_its_last_writing()
    {
        Write("app.dump");
        Assert.Equal(BackupRecencyState.Fresh, (await TestAsync()).State);
        File.SetLastWriteTimeUtc(Path.Combine(_root.FullName, "app.dump"), DateTime.UnixEpoch);
        Assert.Equal(BackupRecencyState.Stale, (await TestAsync()).State);
        File.SetLastWriteTimeUtc(Path.Combine(_root.FullName, "app.dump"), new DateTime(2100, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal(BackupRecencyState.CannotDetermine, (await TestAsync()).State);
    }

    [Fact]
    public async Task Empty_missing_and_no_folder_at_all_are_told_apart()
    {
        Assert.Equal(BackupRecencyState.None, (await TestAsync()).State);

        foreach (var path in new[] { Path.Combine(_root.FullName, "missing"), Write("file") })
        {
            var recency = Assert.Single(await _backups.TestRecencyAsync(new StoreSettings { Path = path }, null, Calls.Silent(), Token));
            Assert.Equal((BackupRecencyState.CannotDetermine, MaintenanceErrorCode.StoreNotFound), (recency.State, recency.Error));
            var listing = await Assert.ThrowsAsync<MaintenanceException>(() => ListAsync(new StoreSettings { Path = path }));
            Assert.Equal(MaintenanceErrorCode.StoreNotFound, listing.Code);
        }
    }

    [Fact]
    public async Task The_prefix_narrows_and_the_configured_age_counts()
    {
        Write("prod/app-20200101.dump");
        Write("test/app.dump");
        var store = new StoreSettings { Path = _root.FullName, Prefix = "prod/", MaximumAge = TimeSpan.FromDays(30_000) };
        Assert.Equal("prod/app-20200101.dump", Assert.Single(await ListAsync(store)).Name);
        var recency = Assert.Single(await _backups.TestRecencyAsync(store, null, Calls.Silent(), Token));
        Assert.Equal((BackupRecencyState.Fresh, store.MaximumAge), (recency.State, recency.MaximumAge));
    }

    [Fact]
    public async Task A_listing_that_nobody_reads_on_ends()
    {
        for (var number = 0; number < 3000; number++)
        {
            Write($"app-{number:00000}.dump", "");
        }

        await foreach (var backup in _backups.ListAsync(new StoreSettings { Path = _root.FullName }, new BackupQuery(), Calls.Silent(), Token))
        {
            Assert.NotNull(backup);
            break;
        }

        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _backups.TestRecencyAsync(new StoreSettings { Path = _root.FullName }, null, Calls.Silent(), stopped.Token));
    }

    private string Write(string name, string content = "PGDMPx")
    {
        var path = Path.Combine(_root.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    private async Task<BackupRecency> TestAsync() =>
        Assert.Single(await _backups.TestRecencyAsync(new StoreSettings { Path = _root.FullName }, null, Calls.Silent(), Token));

    private async Task<List<DatabaseBackup>> ListAsync(StoreSettings? store = null)
    {
        var backups = new List<DatabaseBackup>();
        await foreach (var backup in _backups.ListAsync(store ?? new StoreSettings { Path = _root.FullName }, new BackupQuery(), Calls.Silent(), Token))
        {
            backups.Add(backup);
        }

        return backups;
    }
}
