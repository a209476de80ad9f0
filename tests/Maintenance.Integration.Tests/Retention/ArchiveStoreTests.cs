using System.Security.Cryptography;
using Maintenance.Engine.Retention;
using Maintenance.Engine.Stores;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Retention;

/// <summary>Folders and Azurite as archive stores.</summary>
public sealed class ArchiveStoreTests(SandboxFixture fixture) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_can_be_seen_once_it_is_whole_and_is_what_was_written(bool blob)
    {
        var store = await OpenAsync(blob);
        // Several blocks, and a piece of one.
        var content = RandomNumberGenerator.GetBytes(9_000_001);
        await using var upload = await store.BeginAsync("a/b/part-00001.csv.gz", "application/gzip", Token);
        foreach (var piece in content.Chunk(100_000))
        {
            await upload.Content.WriteAsync(piece, Token);
        }

        var seen = true;
        var (bytes, sha256) = await upload.CommitAsync(async () => seen = (await NamesAsync(store, "a/")).Contains("a/b/part-00001.csv.gz"), Token);
        Assert.False(seen);
        Assert.Equal((content.Length, Convert.ToHexStringLower(SHA256.HashData(content))), (bytes, sha256));
        Assert.Equal(["a/b/part-00001.csv.gz"], await NamesAsync(store, "a/"));
        Assert.Equal(content, await ReadAsync(store, "a/b/part-00001.csv.gz"));
        Assert.Empty(await NamesAsync(store, "a/c"));
        await store.DeleteAsync("a/b/part-00001.csv.gz", Token);
        await store.DeleteAsync("a/b/part-00001.csv.gz", Token);
        Assert.Empty(await NamesAsync(store, ""));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_is_there_is_not_replaced(bool blob)
    {
        var store = await OpenAsync(blob);
        await UploadAsync(store, "a/x", [1]);
        await Assert.ThrowsAsync<MaintenanceException>(() => store.RunAsync(() => UploadAsync(store, "a/x", [2, 3]), Token));
        Assert.Equal([1], await ReadAsync(store, "a/x"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_not_committed_leaves_nothing_to_read(bool blob)
    {
        var store = await OpenAsync(blob);
        await using (var upload = await store.BeginAsync("a/x", "application/gzip", Token))
        {
            await upload.Content.WriteAsync(new byte[5_000_000], Token);
        }

        Assert.Empty(await NamesAsync(store, ""));
        var missing = await Assert.ThrowsAsync<MaintenanceException>(() => store.RunAsync(() => ReadAsync(store, "a/x"), Token));
        Assert.Equal(MaintenanceErrorCode.ArchiveNotFound, missing.Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_small_file_takes_the_place_of_the_one_before(bool blob)
    {
        var store = await OpenAsync(blob);
        await store.PutAsync("m/manifest.json", new byte[] { 1, 2, 3 }, "application/json", Token);
        await store.PutAsync("m/manifest.json", new byte[] { 4 }, "application/json", Token);
        Assert.Equal([4], await ReadAsync(store, "m/manifest.json"));
        Assert.Equal(["m/manifest.json"], await NamesAsync(store, "m/"));
    }

    [Fact]
    public async Task Files_in_a_folder_are_for_their_owner_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            // There the profile's own access rules do that.
            return;
        }

        var store = await OpenAsync(blob: false);
        await UploadAsync(store, "a/x", [1]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(store.Place, "a", "x")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(store.Place, "a")));
    }

    [Fact]
    public async Task Neither_names_nor_links_lead_out_of_a_folder()
    {
        var store = await OpenAsync(blob: false);
        await Assert.ThrowsAsync<MaintenanceException>(() => store.OpenAsync("../x", Token));
        Directory.CreateDirectory(store.Place);
        var outside = Directory.CreateDirectory(Path.Combine(_folder.Path, "outside"));
        Directory.CreateSymbolicLink(Path.Combine(store.Place, "a"), outside.FullName);
        await Assert.ThrowsAsync<MaintenanceException>(() => UploadAsync(store, "a/x", [1]));
        Assert.Empty(outside.GetFiles());
    }

    private static async Task UploadAsync(IFileStore store, string name, byte[] content)
    {
        await using var upload = await store.BeginAsync(name, "application/gzip", Token);
        await upload.Content.WriteAsync(content, Token);
        await upload.CommitAsync(() => ValueTask.CompletedTask, Token);
    }

    private static async Task<byte[]> ReadAsync(IFileStore store, string name)
    {
        await using var content = await store.OpenAsync(name, Token);
        using var memory = new MemoryStream();
        await content.CopyToAsync(memory, Token);
        return memory.ToArray();
    }

    // Those of nothing that is being written.
    private static async Task<List<string>> NamesAsync(IFileStore store, string begin)
    {
        var names = new List<string>();
        await foreach (var file in store.ListAsync(begin, Token))
        {
            if (!file.Name.EndsWith(".tmp", StringComparison.Ordinal))
            {
                names.Add(file.Name);
            }
        }

        return names;
    }

    private async Task<IFileStore> OpenAsync(bool blob)
    {
        var target = blob ? (await fixture.AzuriteAsync()).Target : new MaintenanceTarget { Name = "folder" };
        var settings = blob
            ? target.ArchiveStore! with { Container = $"archive-{Guid.NewGuid():N}", Prefix = "some/" }
            : new StoreSettings { Path = Path.Combine(_folder.Path, "store") };
        return await new ArchiveStores().OpenAsync(target with { ArchiveStore = settings }, Calls.Silent(), Token);
    }
}
