using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Azure.Storage.Blobs.Models;
using Maintenance.Engine.Backup;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Backup;

/// <summary>Reading backups that the real pg_dump made, whole and damaged, in a folder and in Azurite: each fault is told apart.</summary>
public sealed class BackupReadingTests(SandboxFixture fixture, DumpFiles dumps) : IClassFixture<DumpFiles>
{
    private const string Name = "app-20260101.dump";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Place, string> Files { get; } = Each("custom.dump", "streamed.dump", "plain.dump", "data.tar", "data.sql", "roles.sql", "data.sql.gz", "custom.dump.gz");

    private static TheoryData<Place, string> Each(params string[] names)
    {
        var data = new TheoryData<Place, string>();
        foreach (var place in Enum.GetValues<Place>())
        {
            foreach (var name in names)
            {
                data.Add(place, name);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Each_format_passes_each_level(Place place, string file)
    {
        await using var scene = await BackupScene.InAsync(place, fixture);
        var content = await dumps.FileAsync(file);
        var name = $"app-20260101-{file}";
        foreach (var level in new[] { BackupLevel.Header, BackupLevel.Toc, BackupLevel.Checksum })
        {
            var found = await scene.TestAsync(name, content, level);

            AssertIs(BackupVerdict.Verified, BackupFault.None, found);
            Assert.Equal(level == BackupLevel.Checksum ? Convert.ToHexStringLower(SHA256.HashData(content)) : null, found.Sha256);
            Assert.NotEqual(BackupKind.Unknown, found.Format);
            Assert.All(found.Checks, check => Assert.True(check.Level <= level));
            Assert.True(level == BackupLevel.Checksum || found.BytesRead <= 4096 + 65536 + 2048, $"{found.BytesRead} bytes were read");
        }
    }

    [Theory]
    [InlineData("schema.dump", BackupLevel.Toc)]
    [InlineData("schema.tar", BackupLevel.Toc)]
    [InlineData("schema.sql", BackupLevel.Checksum)]
    [InlineData("schema.sql.gz", BackupLevel.Checksum)]
    public async Task A_dump_of_the_schema_alone_is_no_backup_of_the_rows(string file, BackupLevel level)
    {
        await using var scene = await BackupScene.InAsync(Place.Folder, fixture);
        var found = await scene.TestAsync($"app-20260101-{file}", await dumps.FileAsync(file), level);

        AssertIs(BackupVerdict.Failed, BackupFault.NoRows, found);
        Assert.Contains("schema alone", found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dump_of_empty_tables_is_a_backup_of_them()
    {
        await using var scene = await BackupScene.InAsync(Place.Folder, fixture);
        AssertIs(BackupVerdict.Verified, BackupFault.None, await scene.TestAsync("app-20260101-empty.sql", await dumps.FileAsync("empty.sql"), BackupLevel.Checksum));
    }

    [Fact]
    public async Task A_moment_to_recover_to_is_refused_for_a_dump_which_holds_one_alone()
    {
        await using var scene = await BackupScene.InAsync(Place.Folder, fixture);
        await scene.TestAsync(Name, await dumps.FileAsync("custom.dump"), BackupLevel.Header);
        var found = await scene.TestAsync(await scene.ListedAsync(Name), new BackupTestOptions { Level = BackupLevel.Toc, PointInTime = DateTimeOffset.UnixEpoch, Force = true });

        Assert.Equal((BackupVerdict.CannotDetermine, MaintenanceErrorCode.InvalidArgument), (found.Verdict, found.Error));
    }

    [Theory]
    [InlineData(Place.Folder, "directory")]
    [InlineData(Place.Folder, "directory0")]
    [InlineData(Place.Azurite, "directory")]
    [InlineData(Place.Azurite, "directory0")]
    public async Task A_folder_of_pg_dump_passes_each_level_and_what_is_missing_or_damaged_in_it_is_seen(Place place, string folder)
    {
        await using var scene = await BackupScene.InAsync(place, fixture);
        var files = await dumps.FolderAsync(folder);
        await scene.PutFolderAsync("app-20260101", files);
        foreach (var level in new[] { BackupLevel.Header, BackupLevel.Toc, BackupLevel.Checksum })
        {
            AssertIs(BackupVerdict.Verified, BackupFault.None, await scene.TestAsync("app-20260101", level));
        }

        var data = files.Where(file => char.IsAsciiDigit(file.Key[0])).MaxBy(file => file.Value.Length);
        await scene.PutFolderAsync("missing-20260102", files.Where(file => file.Key != data.Key).ToDictionary());
        AssertIs(BackupVerdict.Failed, BackupFault.Truncated, await scene.TestAsync("missing-20260102", BackupLevel.Toc));

        var blob = files.Keys.First(file => file.StartsWith("blob_", StringComparison.Ordinal));
        await scene.PutFolderAsync("noblob-20260103", files.Where(file => file.Key != blob).ToDictionary());
        AssertIs(BackupVerdict.Failed, BackupFault.Truncated, await scene.TestAsync("noblob-20260103", BackupLevel.Toc));
        if (folder == "directory")
        {
            await scene.PutFolderAsync("flipped-20260104", new Dictionary<string, byte[]>(files) { [data.Key] = Flipped(data.Value, data.Value.Length / 2) });
            AssertIs(BackupVerdict.Verified, BackupFault.None, await scene.TestAsync("flipped-20260104", BackupLevel.Toc));
            AssertIs(BackupVerdict.Failed, BackupFault.DataDamaged, await scene.TestAsync("flipped-20260104", BackupLevel.Checksum));
            await scene.PutFolderAsync("cut-20260105", new Dictionary<string, byte[]>(files) { [data.Key] = data.Value[..^5] });
            AssertIs(BackupVerdict.Failed, BackupFault.Truncated, await scene.TestAsync("cut-20260105", BackupLevel.Checksum));
        }
    }

    [Theory]
    [InlineData(Place.Folder)]
    [InlineData(Place.Azurite)]
    public async Task A_truncated_dump_is_told_wherever_it_ends(Place place)
    {
        await using var scene = await BackupScene.InAsync(place, fixture);
        var dump = await dumps.FileAsync("custom.dump");
        AssertIs(BackupVerdict.Failed, BackupFault.Truncated, await scene.TestAsync(Name, dump[..40], BackupLevel.Header));
        AssertIs(BackupVerdict.Failed, BackupFault.Truncated, await scene.TestAsync(Name, dump[..1200], BackupLevel.Toc));
        AssertIs(BackupVerdict.Failed, BackupFault.Truncated, await scene.TestAsync(Name, dump[..(dump.Length / 2)], BackupLevel.Toc));

        // All that a table of contents names begins before the end: only reading all of it can tell.
        foreach (var cut in new[] { 1, 6, 200 })
        {
            AssertIs(BackupVerdict.Failed, BackupFault.Truncated, await scene.TestAsync(Name, dump[..^cut], BackupLevel.Checksum));
        }

        var streamed = await dumps.FileAsync("streamed.dump");
        var toc = await scene.TestAsync(Name, streamed[..(streamed.Length / 2)], BackupLevel.Toc);
        Assert.Contains(toc.Checks, check => check is { Name: "Offsets", Outcome: FindingOutcome.Manual });
        AssertIs(BackupVerdict.Failed, BackupFault.Truncated, await scene.TestAsync(Name, streamed[..(streamed.Length / 2)], BackupLevel.Checksum));
    }

    [Theory]
    [InlineData(Place.Folder)]
    [InlineData(Place.Azurite)]
    public async Task Flipped_bytes_are_told_apart_by_where_they_are(Place place)
    {
        await using var scene = await BackupScene.InAsync(place, fixture);
        var dump = await dumps.FileAsync("custom.dump");
        foreach (var header in new[] { 6, 8, 9, 11, 27 })
        {
            AssertIs(BackupVerdict.Failed, BackupFault.HeaderDamaged, await scene.TestAsync(Name, Flipped(dump, header, 0x40), BackupLevel.Header));
        }

        var entry = Find(dump, "ENCODING") - 4;
        AssertIs(BackupVerdict.Failed, BackupFault.ContentsDamaged, await scene.TestAsync(Name, Flipped(dump, entry + 3, 0x40), BackupLevel.Toc));
        AssertIs(BackupVerdict.Failed, BackupFault.ContentsDamaged, await scene.TestAsync(Name, Flipped(dump, entry - 1), BackupLevel.Toc));

        var toc = await scene.TestAsync(Name, Flipped(dump, dump.Length * 2 / 3), BackupLevel.Toc);
        AssertIs(BackupVerdict.Verified, BackupFault.None, toc);
        foreach (var data in new[] { dump.Length / 2, dump.Length * 2 / 3, dump.Length * 3 / 4 })
        {
            var found = await scene.TestAsync(Name, Flipped(dump, data), BackupLevel.Checksum);
            AssertIs(BackupVerdict.Failed, BackupFault.DataDamaged, found);
            Assert.NotNull(found.Sha256);
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task With_a_hash_that_was_noted_any_byte_that_was_changed_is_seen(Place place, string file)
    {
        await using var scene = await BackupScene.InAsync(place, fixture);
        var content = await dumps.FileAsync(file);
        var name = $"app-20260101-{file}";
        await NoteAsync(scene, name, content);
        var whole = await scene.TestAsync(name, content, BackupLevel.Checksum);
        AssertIs(BackupVerdict.Verified, BackupFault.None, whole);
        Assert.Contains(whole.Checks, check => check is { Name: "Hash", Outcome: FindingOutcome.Pass });

        var changed = await scene.TestAsync(name, Flipped(content, content.Length * 3 / 5), BackupLevel.Checksum);
        Assert.Equal(BackupVerdict.Failed, changed.Verdict);
        Assert.Contains(changed.Checks, check => check is { Name: "Hash", Fault: BackupFault.ChecksumMismatch });

        AssertIs(BackupVerdict.Failed, BackupFault.Truncated, await scene.TestAsync(name, content[..^1], BackupLevel.Header));
    }

    [Fact]
    public async Task A_store_that_keeps_its_own_sum_is_believed_where_nobody_noted_one()
    {
        await using var scene = await BackupScene.InAsync(Place.Azurite, fixture);
        var content = await dumps.FileAsync("data.sql");
        async Task<BackupVerification> WithMd5Async(byte[] md5)
        {
            await scene.PutAsync("app-20260101.sql", content);
            await scene.Container.GetBlobClient("app-20260101.sql").SetHttpHeadersAsync(new BlobHttpHeaders { ContentHash = md5 }, cancellationToken: Token);
            return await scene.TestAsync("app-20260101.sql", BackupLevel.Checksum);
        }

        var whole = await WithMd5Async(Md5(content));
        AssertIs(BackupVerdict.Verified, BackupFault.None, whole);
        Assert.Contains(whole.Checks, check => check is { Name: "Hash", Outcome: FindingOutcome.Pass });
        AssertIs(BackupVerdict.Failed, BackupFault.ChecksumMismatch, await WithMd5Async(new byte[16]));
    }

    [Theory]
    [InlineData(Place.Folder)]
    [InlineData(Place.Azurite)]
    public async Task A_tar_archive_that_is_cut_or_damaged_is_seen(Place place)
    {
        await using var scene = await BackupScene.InAsync(place, fixture);
        var tar = await dumps.FileAsync("data.tar");
        var name = "app-20260101.tar";
        AssertIs(BackupVerdict.Failed, BackupFault.Truncated, await scene.TestAsync(name, tar[..(tar.Length / 2)], BackupLevel.Toc));
        AssertIs(BackupVerdict.Failed, BackupFault.Truncated, await scene.TestAsync(name, tar[..(tar.Length / 1024 * 512)], BackupLevel.Checksum));
        var header = Find(tar, "blobs.toc");
        AssertIs(BackupVerdict.Failed, BackupFault.DataDamaged, await scene.TestAsync(name, Flipped(tar, header + 130, 1), BackupLevel.Checksum));
        AssertIs(BackupVerdict.Failed, BackupFault.ContentsDamaged, await scene.TestAsync(name, Flipped(tar, Find(tar, "ENCODING") - 1, 0x40), BackupLevel.Toc));
    }

    [Theory]
    [InlineData(Place.Folder)]
    [InlineData(Place.Azurite)]
    public async Task Text_that_does_not_say_that_it_is_complete_is_truncated_compressed_or_not(Place place)
    {
        await using var scene = await BackupScene.InAsync(place, fixture);
        var sql = await dumps.FileAsync("data.sql");
        AssertIs(BackupVerdict.Failed, BackupFault.Truncated, await scene.TestAsync("app-20260101.sql", sql[..(sql.Length / 2)], BackupLevel.Toc));

        var gzip = await dumps.FileAsync("data.sql.gz");
        foreach (var cut in new[] { 1, 4, 8, 9, 1000 })
        {
            AssertIs(BackupVerdict.Failed, BackupFault.Truncated, await scene.TestAsync("app-20260101.sql.gz", gzip[..^cut], BackupLevel.Checksum));
        }

        AssertIs(BackupVerdict.Failed, BackupFault.DataDamaged, await scene.TestAsync("app-20260101.sql.gz", Flipped(gzip, gzip.Length / 2), BackupLevel.Checksum));
        AssertIs(BackupVerdict.Failed, BackupFault.DataDamaged, await scene.TestAsync("app-20260101.sql.gz", Flipped(gzip, gzip.Length - 6), BackupLevel.Checksum));

        // Whole as a compressed file, and cut off before it was compressed.
        AssertIs(BackupVerdict.Failed, BackupFault.Truncated, await scene.TestAsync("app-20260101.sql.gz", Gzip(sql[..(sql.Length / 2)]), BackupLevel.Checksum));

        // Two members after another are one file.
        byte[] joined = [.. Gzip(sql[..1000]), .. Gzip(sql[1000..])];
        AssertIs(BackupVerdict.Verified, BackupFault.None, await scene.TestAsync("app-20260101.sql.gz", joined, BackupLevel.Checksum));
    }

    [Theory]
    [InlineData(Place.Folder)]
    [InlineData(Place.Azurite)]
    public async Task What_is_no_backup_or_cannot_be_read_is_told_apart(Place place)
    {
        await using var scene = await BackupScene.InAsync(place, fixture);
        var dump = await dumps.FileAsync("custom.dump");
        AssertIs(BackupVerdict.Failed, BackupFault.Empty, await scene.TestAsync(Name, [], BackupLevel.Header));
        AssertIs(BackupVerdict.Failed, BackupFault.UnknownFormat, await scene.TestAsync(Name, "# README\nHow the backups are made.\n"u8.ToArray(), BackupLevel.Checksum));
        AssertIs(BackupVerdict.Failed, BackupFault.UnknownFormat, await scene.TestAsync(Name, RandomNumberGenerator.GetBytes(5000), BackupLevel.Checksum));

        byte[][] encrypted =
        [
            [.. "Salted__"u8, .. dump],
            [.. "age-encryption.org/v1\n-> scrypt "u8, .. dump],
            Encoding.ASCII.GetBytes("-----BEGIN PGP MESSAGE-----\n\njA0ECQMC"),
            Convert.FromBase64String("jA0ECQMCZuX43+Zz9xhg0lIB3Go3JFxkMF3yQ7f8u2Y1auzE2T+ZPjzed1l86C0zjEWKwHuVyru5bjM5wYJyizPurjAXCDoFOj0OO327+yR9BPzLjmJEQtXHfMfOov3vYmJT"),
        ];
        foreach (var content in encrypted)
        {
            var found = await scene.TestAsync(Name, content, BackupLevel.Checksum);
            AssertIs(BackupVerdict.CannotDetermine, BackupFault.Encrypted, found);
            Assert.NotEmpty(found.Recommendation!);
        }

        AssertIs(BackupVerdict.CannotDetermine, BackupFault.NewerVersion, await scene.TestAsync(Name, Flipped(dump, 6, 0x0E ^ 0x11), BackupLevel.Toc));

        byte[] zstd = [0x28, 0xB5, 0x2F, 0xFD, .. dump];
        var packed = await scene.TestAsync("app-20260101.sql.zst", zstd, BackupLevel.Checksum);
        AssertIs(BackupVerdict.CannotDetermine, BackupFault.None, packed);
        Assert.NotNull(packed.Sha256);
    }

    [Fact]
    public async Task What_lies_in_the_Archive_tier_is_not_tried_and_nothing_is_changed()
    {
        await using var scene = await BackupScene.InAsync(Place.Azurite, fixture);
        await scene.PutAsync(Name, await dumps.FileAsync("custom.dump"));
        var blob = scene.Container.GetBlobClient(Name);
        var before = await scene.ListedAsync(Name);
        await blob.SetAccessTierAsync(AccessTier.Archive, cancellationToken: Token);
        var listed = await scene.ListedAsync(Name);
        var found = await scene.TestAsync(listed, new BackupTestOptions { Level = BackupLevel.Full });
        AssertIs(BackupVerdict.CannotDetermine, BackupFault.Archived, found);
        Assert.Contains("Rehydrate", found.Recommendation, StringComparison.Ordinal);
        Assert.Equal((0, 0L), (found.Requests, found.BytesRead));

        // Listed before it went there: the service says it.
        AssertIs(BackupVerdict.CannotDetermine, BackupFault.Archived, await scene.TestAsync(before with { ETag = null }, new BackupTestOptions { Level = BackupLevel.Toc }));
        BlobProperties properties = await blob.GetPropertiesAsync(cancellationToken: Token);
        Assert.Equal("Archive", properties.AccessTier);
        Assert.Null(properties.ArchiveStatus);
    }

    [Theory]
    [InlineData(Place.Folder)]
    [InlineData(Place.Azurite)]
    public async Task A_backup_that_is_gone_or_replaced_says_nothing(Place place)
    {
        await using var scene = await BackupScene.InAsync(place, fixture);
        await scene.PutAsync(Name, await dumps.FileAsync("custom.dump"));
        var listed = await scene.ListedAsync(Name);
        var gone = await scene.TestAsync(listed with { Name = "other-20260101.dump", ETag = null }, new BackupTestOptions { Level = BackupLevel.Toc });
        Assert.Equal((BackupVerdict.CannotDetermine, MaintenanceErrorCode.BackupNotFound), (gone.Verdict, gone.Error));
        if (place == Place.Azurite)
        {
            await scene.PutAsync(Name, await dumps.FileAsync("plain.dump"));
            var replaced = await scene.TestAsync(listed, new BackupTestOptions { Level = BackupLevel.Toc });
            Assert.Equal((BackupVerdict.CannotDetermine, MaintenanceErrorCode.StoreError), (replaced.Verdict, replaced.Error));
        }
    }

    [Theory]
    [InlineData("custom.dump", 300)]
    [InlineData("plain.dump", 150)]
    [InlineData("streamed.dump", 100)]
    [InlineData("data.tar", 150)]
    [InlineData("data.sql.gz", 100)]
    public async Task Whatever_is_flipped_or_cut_there_is_a_verdict(string file, int times)
    {
        await using var scene = await BackupScene.InAsync(Place.Folder, fixture);
        scene.Target = scene.Target with { History = new HistorySettings { Kind = HistoryKind.None } };
        var dump = await dumps.FileAsync(file);
        var random = new Random(20260101);
        var name = $"app-20260101-{file}";
        for (var i = 0; i < times; i++)
        {
            var mutated = dump.ToArray();
            var reach = i % 3 == 0 ? dump.Length : 6000; // Most of what can go wrong is in front.
            for (var flips = random.Next(1, 5); flips > 0; flips--)
            {
                mutated[random.Next(reach)] ^= (byte)(1 << random.Next(8));
            }

            mutated = i % 10 == 0 ? mutated[..random.Next(mutated.Length)] : mutated;
            var found = await scene.TestAsync(name, mutated, BackupLevel.Checksum);
            Assert.True(found.Error is null, string.Create(CultureInfo.InvariantCulture, $"{i}: {found.Message}"));
            Assert.NotEmpty(found.Message);
        }
    }

    private static byte[] Flipped(byte[] content, int at, byte bits = 0xFF)
    {
        var flipped = content.ToArray();
        flipped[at] ^= bits;
        return flipped;
    }

    private static byte[] Md5(byte[] content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        hash.AppendData(content);
        return hash.GetHashAndReset();
    }

    private static int Find(byte[] content, string text) => content.AsSpan().IndexOf(Encoding.ASCII.GetBytes(text));

    private static byte[] Gzip(byte[] content)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return memory.ToArray();
    }

    private static Task NoteAsync(BackupScene scene, string name, byte[] content) => scene.PutAsync(
        BackupManifests.NameOf(name),
        Encoding.UTF8.GetBytes($$"""
            {"formatVersion":1,"name":"{{name}}","database":"dump_files","kind":"Custom","takenAt":"2026-01-01T00:00:00Z","finishedAt":"2026-01-01T00:00:00Z","sizeBytes":{{content.Length}},"sha256":"{{Convert.ToHexStringLower(SHA256.HashData(content))}}","files":[]}
            """));

    private static void AssertIs(BackupVerdict verdict, BackupFault fault, BackupVerification found)
    {
        Assert.True((verdict, fault) == (found.Verdict, found.Fault), $"{found.Verdict} {found.Fault}: {found.Message}\n{string.Join('\n', found.Checks)}");
    }
}
