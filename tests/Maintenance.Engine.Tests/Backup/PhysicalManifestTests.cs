using System.Security.Cryptography;
using System.Text;
using Maintenance.Engine.Backup.Physical;

namespace Maintenance.Engine.Tests.Backup;

public sealed class PhysicalManifestTests
{
    [Theory]
    [InlineData("CRC32C", "123456789", "839206e3")]
    [InlineData("SHA224", "abc", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7")]
    [InlineData("SHA224", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "75388b16512776cc5dba5da1fd890150b0c6455cb4f58b1952522525")]
    [InlineData("SHA256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    public void Checksums_are_those_of_the_standards(string algorithm, string text, string expected)
    {
        using var checksum = FileChecksum.Begin(algorithm)!;
        foreach (var part in Encoding.ASCII.GetBytes(text).Chunk(5))
        {
            checksum.Append(part);
        }

        Assert.Equal(expected, Convert.ToHexStringLower(checksum.Finish()));
    }

    [Fact]
    public void A_manifest_is_read_and_its_own_checksum_believed_only_where_it_fits()
    {
        var bytes = Manifest();
        var manifest = PhysicalManifest.Parse(bytes);
        Assert.Equal(["PG_VERSION", "base/1/\u00ff"], manifest.Files.Keys);
        Assert.Equal(new ManifestWal(1, 0x2000028, 0x2000100), Assert.Single(manifest.Wal));

        bytes[bytes.AsSpan().IndexOf("PG_VERSION"u8)] = (byte)'Q';
        Assert.Contains("checksum", Assert.Throws<InvalidDataException>(() => PhysicalManifest.Parse(bytes)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => PhysicalManifest.Parse(Manifest()[..100]));
        Assert.Throws<InvalidDataException>(() => PhysicalManifest.Parse("{}"u8.ToArray()));
        Assert.Throws<InvalidDataException>(() => PhysicalManifest.Parse([]));
    }

    [Fact]
    public void Every_way_to_differ_from_the_manifest_is_told()
    {
        var manifest = PhysicalManifest.Parse(Manifest());
        byte[] right = [0x8a, 0x74, 0x47, 0x22];
        var comparison = new ManifestComparison(manifest);
        comparison.Add("PG_VERSION", 3, right);
        comparison.Add("pg_wal/000000010000000000000002", 16777216, null);
        comparison.Add("backup_manifest", 99, null);
        comparison.Complete();
        Assert.Equal((BackupFault.Truncated, 1), (comparison.Fault, comparison.FaultCount));

        Assert.Equal(BackupFault.ChecksumMismatch, Compare(manifest, 3, [1, 2, 3, 4]));
        Assert.Equal(BackupFault.Truncated, Compare(manifest, 2, right));
        Assert.Equal(BackupFault.DataDamaged, Compare(manifest, 4, right));
        Assert.Equal(BackupFault.None, Compare(manifest, 3, right));
    }

    [Fact]
    public void A_label_is_read()
    {
        var label = BackupLabel.Parse("""
            START WAL LOCATION: 0/2000028 (file 000000030000000000000002)
            CHECKPOINT LOCATION: 0/2000060
            BACKUP METHOD: streamed
            BACKUP FROM: primary
            START TIME: 2026-11-26 01:54:01 UTC
            LABEL: nightly
            START TIMELINE: 3
            """)!;
        Assert.Equal((0x2000028UL, 3U, new DateTimeOffset(2026, 11, 26, 1, 54, 1, TimeSpan.Zero), "nightly"), (label.Start, label.Timeline, label.StartedAt!.Value, label.Label.Trim()));
        Assert.Null(BackupLabel.Parse("LABEL: nothing else"));
        Assert.Null(BackupLabel.Parse("START WAL LOCATION: 0/2000028 (file 000000030000000000000002)\nSTART TIME: 2026-11-26 01:54:01 CEST\n")!.StartedAt);
    }

    [Fact]
    public void The_log_of_a_server_tells_how_a_recovery_went()
    {
        var beyond = RecoveryLog.Parse("""
            2026-01-01 00:00:00 UTC [1] LOG:  redo done at 0/6000110 system usage: CPU
            2026-01-01 00:00:00 UTC [1] LOG:  last completed transaction was at log time 2026-01-01 00:00:01.5+00
            2026-01-01 00:00:00 UTC [1] FATAL:  recovery ended before configured recovery target was reached
            """);
        Assert.Equal((true, false, "0/6000110", new DateTimeOffset(2026, 1, 1, 0, 0, 1, 500, TimeSpan.Zero)), (beyond.EndedBefore, beyond.Incomplete, beyond.Replayed, beyond.LastCommit!.Value));
        Assert.True(RecoveryLog.Parse("FATAL:  WAL ends before end of online backup").Incomplete);
        Assert.Equal(new RecoveryLog(null, false, false, false, null, null), RecoveryLog.Parse(""));
    }

    private static BackupFault Compare(PhysicalManifest manifest, long size, byte[] checksum)
    {
        var comparison = new ManifestComparison(manifest);
        comparison.Add("PG_VERSION", size, checksum);
        return comparison.Fault;
    }

    private static byte[] Manifest()
    {
        var text = """
            { "PostgreSQL-Backup-Manifest-Version": 1,
            "Files": [
            { "Path": "PG_VERSION", "Size": 3, "Last-Modified": "2026-11-26 01:54:00 GMT", "Checksum-Algorithm": "CRC32C", "Checksum": "8a744722" },
            { "Encoded-Path": "626173652f312fff", "Size": 0, "Last-Modified": "2026-11-26 01:54:00 GMT" }
            ],
            "WAL-Ranges": [
            { "Timeline": 1, "Start-LSN": "0/2000028", "End-LSN": "0/2000100" }
            ],

            """.ReplaceLineEndings("\n");
        return Encoding.UTF8.GetBytes($"{text}\"Manifest-Checksum\": \"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}\"}}\n");
    }
}
