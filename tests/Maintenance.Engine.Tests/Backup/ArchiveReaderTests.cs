using System.IO.Compression;
using Maintenance.Engine.Backup.Testing;

namespace Maintenance.Engine.Tests.Backup;

/// <summary>Archives of each version of pg_dump, and what is damaged or hostile in them.</summary>
public sealed class ArchiveReaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(12, 4, 8)]
    [InlineData(13, 4, 8)]
    [InlineData(14, 4, 8)]
    [InlineData(15, 4, 8)]
    [InlineData(16, 4, 8)]
    [InlineData(14, 8, 4)]
    public async Task Each_form_is_read(int minor, byte numberBytes, byte offsetBytes)
    {
        var archive = new ArchiveWriter(minor, 1, numberBytes, offsetBytes).Header().Number(2)
            .Entry(1, "TABLE", "t")
            .Entry(2, "TABLE DATA", "t", hasData: true, offset: 700, dependencies: [1, 77])
            .ToArray();

        var contents = await ReadAsync(archive);

        Assert.Equal((new Version(1, minor), BackupKind.Custom, Compression.Gzip, "app"), (contents.Header.Version, contents.Header.Kind, contents.Header.Compression, contents.Header.Database));
        Assert.Equal(new DateTime(2026, 1, 2, 3, 4, 5), contents.Header.CreatedAt);
        Assert.Equal(archive.Length, contents.EndsAt);
        var data = Assert.Single(contents.TablesWithData);
        Assert.Equal((2, "public", "t", 700L), (data.Id, data.Schema, data.Name, data.Offset));
        Assert.Equal([1, 77], data.Dependencies);
    }

    [Theory]
    [InlineData(16, 0, Compression.None)]
    [InlineData(16, 2, Compression.Lz4)]
    [InlineData(16, 3, Compression.Zstd)]
    [InlineData(14, 0, Compression.None)]
    public async Task The_compression_is_known(int minor, int number, object expected) =>
        Assert.Equal(expected, (await ReadAsync(new ArchiveWriter(minor).Header(number).Number(0).ToArray())).Header.Compression);

    [Fact]
    public async Task Files_of_a_folder_are_named_and_may_not_lead_out_of_it()
    {
        var contents = await ReadAsync(new ArchiveWriter(16, format: 3).Header().Number(1).Entry(5, "TABLE DATA", "t", hasData: true, file: "5.dat").ToArray());
        Assert.Equal((BackupKind.Directory, "5.dat"), (contents.Header.Kind, contents.Entries[0].FileName));
        foreach (var hostile in new[] { "../5.dat", "/etc/passwd", "a/b", ".x", "a\\b" })
        {
            await FailsAsync(BackupFault.ContentsDamaged, new ArchiveWriter(16, format: 3).Header().Number(1).Entry(5, "TABLE DATA", "t", hasData: true, file: hostile).ToArray());
        }
    }

    [Fact]
    public async Task What_makes_no_sense_is_told_apart()
    {
        await FailsAsync(BackupFault.NewerVersion, new ArchiveWriter(17).Header().ToArray());
        await FailsAsync(BackupFault.HeaderDamaged, new ArchiveWriter(11).Header().ToArray());
        await FailsAsync(BackupFault.HeaderDamaged, new ArchiveWriter(200).Header().ToArray());
        await FailsAsync(BackupFault.HeaderDamaged, new ArchiveWriter(14, format: 4).Header().ToArray());
        await FailsAsync(BackupFault.HeaderDamaged, new ArchiveWriter(15).Header(compression: 9).ToArray());
        await FailsAsync(BackupFault.HeaderDamaged, new ArchiveWriter(14).Header(database: "a\0b").ToArray());
        await FailsAsync(BackupFault.ContentsDamaged, new ArchiveWriter(14).Header().Number(2).Entry(1, "TABLE", "t").Entry(1, "TABLE", "u").ToArray());
        await FailsAsync(BackupFault.ContentsDamaged, new ArchiveWriter(14).Header().Number(1).Entry(1, "table!", "t").ToArray());
        await FailsAsync(BackupFault.ContentsDamaged, new ArchiveWriter(14).Header().Number(1).Entry(1, "TABLE", "a\0b").ToArray());
        await FailsAsync(BackupFault.Truncated, new ArchiveWriter(14).Header().Number(2).Entry(1, "TABLE", "t").ToArray());
        await FailsAsync(BackupFault.Truncated, new ArchiveWriter(14).Header().ToArray()[..60]);
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(1_000_000_000)]
    [InlineData(50_000_000)]
    public async Task Hostile_lengths_cost_no_memory(int length)
    {
        byte[][] archives =
        [
            new ArchiveWriter(14).Header().Number(length).ToArray(),
            new ArchiveWriter(14).Header().Number(1).Number(1).Number(0).Number(length).ToArray(),
            new ArchiveWriter(14).Header().Number(1).Number(1).Number(0).Text("0").Text("0").Text("t").Text("TABLE").Number(2).Number(length).Bytes(new byte[100]).ToArray(),
            [.. new ArchiveWriter(14).Header(0).Number(1).Entry(1, "TABLE DATA", "t", hasData: true).Bytes([1]).Number(1).Number(length).ToArray(), .. new byte[100]],
        ];
        foreach (var archive in archives)
        {
            // Nothing here waits, so all of it happens on this thread.
            var before = GC.GetAllocatedBytesForCurrentThread();
            await Assert.ThrowsAsync<BackupFaultException>(() => WalkAsync(archive));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        }
    }

    [Fact]
    public async Task Data_are_walked_through_to_the_very_end()
    {
        var archive = DataArchive(Zlib("1\tone\n2\ttwo\n"));
        Assert.Equal((1, 12L), await WalkAsync(archive));

        Assert.Equal(BackupFault.Truncated, (await Assert.ThrowsAsync<BackupFaultException>(() => WalkAsync(archive[..^1]))).Fault);
        Assert.Equal(BackupFault.DataDamaged, (await Assert.ThrowsAsync<BackupFaultException>(() => WalkAsync([.. archive, 1, 0, 99, 0, 0, 0]))).Fault);
        Assert.Equal(BackupFault.Truncated, (await Assert.ThrowsAsync<BackupFaultException>(() => WalkAsync(DataArchive(Zlib("1\tone\n2\ttwo\n")[..^2])))).Fault);
        Assert.Equal(BackupFault.DataDamaged, (await Assert.ThrowsAsync<BackupFaultException>(() => WalkAsync(DataArchive([.. Zlib("x"), .. new byte[20000]])))).Fault);

        // A block that ended where it should, and then nothing of what the table of contents names besides.
        var missing = new ArchiveWriter(14).Header().Number(2).Entry(1, "TABLE DATA", "t", hasData: true).Entry(2, "TABLE DATA", "u", hasData: true);
        var cut = missing.Bytes([1]).Number(1).Number(0).ToArray();
        Assert.Equal(BackupFault.Truncated, (await Assert.ThrowsAsync<BackupFaultException>(() => WalkAsync(cut))).Fault);
    }

    [Fact]
    public async Task Whatever_is_flipped_there_is_a_fault_or_none_and_nothing_else()
    {
        var archive = DataArchive(Zlib(string.Concat(Enumerable.Range(0, 500).Select(n => $"{n}\t{n * 7919 % 1009}\n"))));
        var random = new Random(1);
        for (var i = 0; i < 4_000; i++)
        {
            var mutated = archive.ToArray();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
            {
                mutated[random.Next(mutated.Length)] ^= (byte)(1 << random.Next(8));
            }

            try
            {
                await WalkAsync(i % 20 == 0 ? mutated[..random.Next(mutated.Length)] : mutated);
            }
            catch (BackupFaultException fault)
            {
                Assert.NotEmpty(fault.Message);
            }
        }
    }

    private static byte[] DataArchive(byte[] data)
    {
        var writer = new ArchiveWriter(14).Header().Number(1).Entry(1, "TABLE DATA", "t", hasData: true).Bytes([1]).Number(1);
        foreach (var chunk in data.Chunk(7))
        {
            writer.Number(chunk.Length).Bytes(chunk);
        }

        return writer.Number(0).ToArray();
    }

    private static byte[] Zlib(string text)
    {
        using var memory = new MemoryStream();
        using (var zlib = new ZLibStream(memory, CompressionLevel.Optimal))
        {
            zlib.Write(System.Text.Encoding.UTF8.GetBytes(text));
        }

        return memory.ToArray();
    }

    private static async Task<ArchiveContents> ReadAsync(byte[] archive)
    {
        var reader = new ArchiveReader(new ByteReader(new MemoryStream(archive)), archive.Length);
        return await reader.ReadContentsAsync(await reader.ReadHeaderAsync(Token), Token);
    }

    private static async Task<(int Blocks, long Bytes)> WalkAsync(byte[] archive)
    {
        var bytes = new ByteReader(new MemoryStream(archive));
        var reader = new ArchiveReader(bytes, archive.Length);
        var contents = await reader.ReadContentsAsync(await reader.ReadHeaderAsync(Token), Token);
        return await new ArchiveWalk(bytes, contents).RunAsync(Token);
    }

    private static async Task FailsAsync(BackupFault fault, byte[] archive) =>
        Assert.Equal(fault, (await Assert.ThrowsAsync<BackupFaultException>(() => ReadAsync(archive))).Fault);
}
