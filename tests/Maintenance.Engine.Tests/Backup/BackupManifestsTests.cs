using System.Text;
using Maintenance.Engine.Backup;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Tests.Backup;

/// <summary>What is noted beside backups, and what is not believed.</summary>
public sealed class BackupManifestsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maintenance-manifests-");
    private readonly FolderFileStore _store;

    public BackupManifestsTests() => _store = new FolderFileStore(_folder.FullName, "");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static BackupManifest Manifest { get; } = new()
    {
        Name = "nightly/app-20261126T010750Z.dump",
        Database = "äpp \"x\"\n/..",
        Kind = BackupKind.Custom,
        ServerVersion = "15.18",
        SystemIdentifier = "7300000000000000001",
        Program = "pg_dump 15.18",
        ModuleVersion = "0.6.0",
        TakenAt = new DateTimeOffset(2026, 11, 26, 1, 7, 50, TimeSpan.Zero).AddTicks(1234567),
        FinishedAt = new DateTimeOffset(2026, 11, 26, 1, 8, 0, TimeSpan.Zero),
        SizeBytes = 5_000_000_000,
        Sha256 = new string('a', 64),
        DatabaseSizeBytes = 30_000_000_000,
        Tables = [new("public", "users", 12), new("public", "Secrets", null)],
    };

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task What_is_written_is_read_again()
    {
        await BackupManifests.WriteAsync(_store, Manifest, Token);
        var read = await BackupManifests.ReadAsync(_store, Manifest.Name, Token);
        Assert.Equivalent(Manifest, read, strict: true);
        Assert.Equal(Manifest.TakenAt, read!.TakenAt);
    }

    [Fact]
    public async Task Where_there_is_none_there_is_none() =>
        Assert.Null(await BackupManifests.ReadAsync(_store, "x.dump", Token));

    [Fact]
    public async Task A_copy_in_another_folder_keeps_its_notes_and_one_under_another_name_has_none()
    {
        await BackupManifests.WriteAsync(_store, Manifest, Token);
        var text = await File.ReadAllBytesAsync(Path.Combine(_folder.FullName, BackupManifests.NameOf(Manifest.Name)), Token);
        await _store.PutAsync("copy/app-20261126T010750Z.dump.manifest.json", text, "", Token);
        await _store.PutAsync("other.dump.manifest.json", text, "", Token);
        Assert.Equal("copy/app-20261126T010750Z.dump", (await BackupManifests.ReadAsync(_store, "copy/app-20261126T010750Z.dump", Token))!.Name);
        Assert.Null(await BackupManifests.ReadAsync(_store, "other.dump", Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("\u0000")]
    [InlineData("""{"name":"x.dump"}""")]
    [InlineData("""{"name":"x.dump","database":null}""")]
    [InlineData("""{"name":"x.dump","database":""}""")]
    [InlineData("""{"name":"x.dump","database":"a","formatVersion":2}""")]
    [InlineData("""{"name":"x.dump","database":"a","sizeBytes":-1}""")]
    [InlineData("""{"name":"x.dump","database":"a","sizeBytes":1e99}""")]
    [InlineData("""{"name":"x.dump","database":"a","kind":1}""")]
    [InlineData("""{"name":"x.dump","database":"a","kind":"Nonsense"}""")]
    [InlineData("""{"name":"x.dump","database":"a","sha256":"../../etc"}""")]
    [InlineData("""{"name":"x.dump","database":"a","takenAt":"yesterday"}""")]
    [InlineData("""{"name":"x.dump","database":"a","database":"b"}""")]
    [InlineData("""{"name":"x.dump","database":"a","files":null}""")]
    [InlineData("""{"name":"x.dump","database":"a","files":[null]}""")]
    [InlineData("""{"name":"x.dump","database":"a","files":[{"name":"a"}]}""")]
    [InlineData("""{"name":"x.dump","database":"a","files":[{"name":"../a","sizeBytes":0,"sha256":"HASH"}]}""")]
    [InlineData("""{"name":"x.dump","database":"a","files":[{"name":"/a","sizeBytes":0,"sha256":"HASH"}]}""")]
    [InlineData("""{"name":"x.dump","database":"a","sizeBytes":2,"files":[{"name":"a","sizeBytes":1,"sha256":"HASH"}]}""")]
    [InlineData("""{"name":"x.dump","database":"a","sizeBytes":2,"files":[{"name":"a","sizeBytes":1,"sha256":"HASH"},{"name":"a","sizeBytes":1,"sha256":"HASH"}]}""")]
    [InlineData("""{"name":"x.dump","database":"a","tables":[null]}""")]
    [InlineData("""{"name":"x.dump","database":"a","tables":[{"schema":"s","name":null,"rows":1}]}""")]
    [InlineData("""{"name":"x.dump","database":"a","tables":[{"schema":"s","name":"t","rows":-1}]}""")]
    [InlineData("""{"name":"x.dump","database":"a","tables":[{"schema":"s","name":"t","rows":1},{"schema":"s","name":"t","rows":2}]}""")]
    public async Task What_makes_no_sense_is_not_believed(string json)
    {
        await _store.PutAsync("x.dump.manifest.json", Encoding.UTF8.GetBytes(json.Replace("HASH", new string('0', 64), StringComparison.Ordinal)), "", Token);
        Assert.Null(await BackupManifests.ReadAsync(_store, "x.dump", Token));
    }

    [Fact]
    public async Task Deep_nesting_breaks_nothing()
    {
        await _store.PutAsync("x.dump.manifest.json", Encoding.UTF8.GetBytes($$"""{"name":"x.dump","database":"a","more":{{new string('[', 100_000)}}"""), "", Token);
        Assert.Null(await BackupManifests.ReadAsync(_store, "x.dump", Token));
    }

    [Fact]
    public void Metadata_can_travel_in_headers_and_be_read_back()
    {
        var metadata = BackupManifests.MetadataOf(Manifest);
        Assert.All(metadata, entry => Assert.All(entry.Value, character => Assert.InRange(character, ' ', '~')));
        Assert.Equal(Manifest.Database, Uri.UnescapeDataString(metadata["database"]));
        Assert.Equal(Manifest.TakenAt, DateTimeOffset.ParseExact(metadata["takenat"], "O", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal("5000000000", metadata["sizebytes"]);
    }
}
