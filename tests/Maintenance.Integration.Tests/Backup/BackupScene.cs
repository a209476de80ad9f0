using System.Net;
using Azure.Storage.Blobs;
using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Backup;

/// <summary>Where a test puts backups: both kinds of stores must tell the same.</summary>
public enum Place
{
    Folder,
    Azurite,
}

/// <summary>A store with backups in it, of a target with a history of its own.</summary>
internal sealed class BackupScene : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StoreSettings _store;

    private BackupScene(StoreSettings? store, Func<string, StoreSettings> folder)
    {
        _store = store ?? folder(Directory.CreateDirectory(Path.Combine(_folder.Path, "store")).FullName);
        Target = new MaintenanceTarget
        {
            Name = "app",
            BackupStore = _store,
            History = new HistorySettings { Path = Path.Combine(_folder.Path, "history.db") },
        };
    }

    public MaintenanceEngine Engine { get; } = new();

    public MaintenanceTarget Target { get; set; }

    public RecordingSink Sink { get; } = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public BlobContainerClient Container => new(new NetworkCredential("", _store.ConnectionString!.ToSecureString()).Password, _store.Container);

    public static async Task<BackupScene> InAsync(Place place, SandboxFixture fixture)
    {
        if (place == Place.Folder)
        {
            return new BackupScene(null, path => new StoreSettings { Path = path });
        }

        var store = (await fixture.AzuriteAsync()).Target.BackupStore! with { Prefix = "", Container = $"read-{Guid.NewGuid():N}" };
        var scene = new BackupScene(store, _ => store);
        await scene.Container.CreateAsync(cancellationToken: Token);
        return scene;
    }

    public async Task PutAsync(string name, byte[] content)
    {
        if (_store.IsFolder)
        {
            var path = Path.Combine(_store.Path!, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, content, Token);
            return;
        }

        await Container.GetBlobClient(name).UploadAsync(new BinaryData(content), overwrite: true, Token);
    }

    public async Task PutFolderAsync(string name, IReadOnlyDictionary<string, byte[]> files)
    {
        foreach (var (file, content) in files)
        {
            await PutAsync($"{name}/{file}", content);
        }
    }

    /// <summary>The one backup of this name, as it is listed.</summary>
    public async Task<DatabaseBackup> ListedAsync(string name)
    {
        var backups = new List<DatabaseBackup>();
        await foreach (var backup in Engine.Backups.ListAsync(Target, new BackupQuery(), Calls.Silent(), Token))
        {
            backups.Add(backup);
        }

        return Assert.Single(backups, backup => backup.Name == name);
    }

    /// <summary>Puts a backup, lists and tests it.</summary>
    public async Task<BackupVerification> TestAsync(string name, byte[] content, BackupLevel level)
    {
        await PutAsync(name, content);
        return await TestAsync(name, level);
    }

    /// <summary>Lists and tests a backup.</summary>
    public async Task<BackupVerification> TestAsync(string name, BackupLevel level) =>
        await TestAsync(await ListedAsync(name), new BackupTestOptions { Level = level });

    public Task<BackupVerification> TestAsync(DatabaseBackup backup, BackupTestOptions options) =>
        Engine.BackupTests.TestAsync(backup, Target, options, Calls.To(Sink), Token);

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        if (!_store.IsFolder)
        {
            await Container.DeleteIfExistsAsync(cancellationToken: CancellationToken.None);
        }

        _folder.Dispose();
    }
}
