using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Maintenance.Engine.Backup.Testing;

namespace Maintenance.Engine.Tests.Backup;

/// <summary>What first bytes tell.</summary>
public sealed class BackupHeaderTests
{
    private const string Dump = "--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\n-- Dumped from database version 15.18\n";

    [Theory]
    [InlineData(Dump, BackupKind.Plain)]
    [InlineData("--\n-- PostgreSQL database cluster dump\n--\n\nSET default_transaction_read_only = off;\n", BackupKind.Plain)]
    [InlineData("\uFEFF--\r\n-- PostgreSQL database dump\r\n--\r\n", BackupKind.Plain)]
    [InlineData("\\restrict x\nSET client_encoding = 'UTF8';\n--\n-- PostgreSQL database dump\n--\n", BackupKind.Plain)]
    [InlineData("# README\nThe file app.sql begins with\n-- PostgreSQL database dump\n", BackupKind.Unknown)]
    [InlineData("CREATE TABLE t ();\n-- PostgreSQL database dump\n", BackupKind.Unknown)]
    [InlineData("-- MySQL dump 10.13\n", BackupKind.Unknown)]
    [InlineData("PGDMP", BackupKind.Custom)]
    [InlineData("PGDM", BackupKind.Unknown)]
    [InlineData("", BackupKind.Unknown)]
    public void Text_is_a_backup_only_with_the_comment_of_pg_dump_in_front(string text, BackupKind expected) =>
        Assert.Equal(expected, BackupHeader.FormatOf(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("toc.dat", BackupKind.Tar)]
    [InlineData("backup_label", BackupKind.BaseBackup)]
    [InlineData("./PG_VERSION", BackupKind.BaseBackup)]
    [InlineData("base/1/1259", BackupKind.BaseBackup)]
    [InlineData("notes.txt", BackupKind.Unknown)]
    public void A_tar_archive_is_told_by_its_first_file(string member, BackupKind expected)
    {
        Assert.Equal(expected, BackupHeader.FormatOf(Tar(member)));
        var packed = BackupHeader.Look(Gzip(Tar(member)));
        Assert.Equal(Compression.Gzip, packed.Compression);
        Assert.Equal(expected == BackupKind.Unknown ? BackupKind.PlainCompressed : expected, packed.Kind);
    }

    [Fact]
    public void What_is_compressed_is_seen_through_where_that_is_possible()
    {
        Assert.Equal(new HeaderLook(BackupKind.PlainCompressed, Compression.Gzip, null), BackupHeader.Look(Gzip(Encoding.UTF8.GetBytes(Dump))));
        Assert.Equal(BackupKind.Custom, BackupHeader.Look(Gzip([.. "PGDMP"u8, 1, 14, 0, 4, 8, 1])).Kind);
        foreach (var (start, compression) in new (byte[], Compression)[]
        {
            ([0x28, 0xB5, 0x2F, 0xFD, 0, 0], Compression.Zstd),
            ([0x04, 0x22, 0x4D, 0x18, 0, 0], Compression.Lz4),
            ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], Compression.Xz),
            ([0x42, 0x5A, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59], Compression.Bzip2),
        })
        {
            var look = BackupHeader.Look(start);
            Assert.Equal((BackupKind.PlainCompressed, compression, false), (look.Kind, look.Compression, look.IsSeen));
        }
    }

    [Fact]
    public void What_is_encrypted_is_told_by_what_encrypted_it()
    {
        Assert.Equal("openssl enc", BackupHeader.Look("Salted__12345678"u8).Encryption);
        Assert.Equal("age", BackupHeader.Look("age-encryption.org/v1\n"u8).Encryption);
        Assert.Equal("age", BackupHeader.Look("-----BEGIN AGE ENCRYPTED FILE-----\n"u8).Encryption);
        Assert.Equal("OpenPGP (gpg)", BackupHeader.Look("-----BEGIN PGP MESSAGE-----\n"u8).Encryption);
        Assert.Equal("OpenPGP (gpg)", BackupHeader.Look(Convert.FromBase64String("jA0ECQMCZuX43+Zz9xhg0lIB3Go3JFxkMF3y")).Encryption);
        Assert.Equal("OpenPGP (gpg)", BackupHeader.Look([0x85, 0x01, 0x0C, 0x03, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]).Encryption);
        Assert.Null(BackupHeader.Look([0x85, 0x01, 0x0C, 0x07, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]).Encryption);
    }

    [Theory]
    [InlineData("--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict abc\n\n", false, true)]
    [InlineData("--\r\n-- PostgreSQL database dump complete\r\n--\r\n", false, true)]
    [InlineData("--\n-- PostgreSQL database dump complete\n--\n", true, false)]
    [InlineData("-- PostgreSQL database cluster dump complete\n--\n", true, true)]
    [InlineData("INSERT INTO t VALUES ('-- PostgreSQL database dump complete');\n", false, false)]
    [InlineData("-- PostgreSQL database dump comp", false, false)]
    public void The_end_of_the_text_says_that_it_is_complete(string tail, bool cluster, bool expected) =>
        Assert.Equal(expected, BackupHeader.SqlText.Closes(Encoding.UTF8.GetBytes(tail), cluster));

    private static byte[] Tar(string member)
    {
        using var memory = new MemoryStream();
        using (var tar = new TarWriter(memory, TarEntryFormat.Ustar))
        {
            tar.WriteEntry(new UstarTarEntry(TarEntryType.Directory, "pg_commit_ts/"));
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, member) { DataStream = new MemoryStream([1, 2, 3]) });
        }

        return memory.ToArray();
    }

    private static byte[] Gzip(byte[] content)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Optimal))
        {
            gzip.Write(content);
        }

        return memory.ToArray();
    }
}
