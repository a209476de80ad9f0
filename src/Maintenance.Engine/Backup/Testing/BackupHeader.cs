using System.IO.Compression;
using System.Text;

namespace Maintenance.Engine.Backup.Testing;

/// <summary>What the first bytes of a backup show. Pure.</summary>
internal static class BackupHeader
{
    /// <summary>How many bytes are needed: those of a tar archive's first header, and what may stand before SQL text.</summary>
    public const int Length = 4096;

    // Where pg_dump's archives say their format. The table of contents of a folder says the one of a tar archive.
    private const int FormatOffset = 10;

    /// <summary>Which format it is; Unknown if none that is known, or if it cannot be seen for encryption.</summary>
    /// <param name="bytes">The first bytes.</param>
    public static BackupKind FormatOf(ReadOnlySpan<byte> bytes) => Look(bytes).Kind;

    /// <summary>What it is, and what it is wrapped in.</summary>
    /// <param name="bytes">The first bytes.</param>
    public static HeaderLook Look(ReadOnlySpan<byte> bytes)
    {
        if (Encryptions.Of(bytes) is { } encryption)
        {
            return new HeaderLook(BackupKind.Unknown, Compression.None, encryption);
        }

        var compression = CompressionOf(bytes);
        if (compression == Compression.None)
        {
            return new HeaderLook(Plainly(bytes), Compression.None, null);
        }

        // What is inside a gzip can be seen too; of the others only that they are compressed, which for backups mostly is SQL.
        var inside = compression == Compression.Gzip ? Plainly(Inflate(bytes)) : BackupKind.Unknown;
        return new HeaderLook(inside is BackupKind.Unknown or BackupKind.Plain ? BackupKind.PlainCompressed : inside, compression, null)
        {
            IsSeen = inside != BackupKind.Unknown,
        };
    }

    private static BackupKind Plainly(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("PGDMP"u8))
        {
            return bytes.Length > FormatOffset && bytes[FormatOffset] is 3 or 5 ? BackupKind.Directory : BackupKind.Custom;
        }

        return TarHeader.IsOne(bytes) ? InTar(bytes) : SqlText.Opens(bytes) ? BackupKind.Plain : BackupKind.Unknown;
    }

    // The first member with content tells it; folders may come before it.
    private static BackupKind InTar(ReadOnlySpan<byte> bytes)
    {
        while (TarHeader.Read(bytes) is { } member)
        {
            var name = member.Name.StartsWith("./", StringComparison.Ordinal) ? member.Name[2..] : member.Name;
            if (name is "toc.dat")
            {
                return BackupKind.Tar;
            }

            if (name is "backup_label" or "tablespace_map" or "PG_VERSION" or "backup_manifest"
                || Array.Exists(DataFolders, folder => name.StartsWith(folder, StringComparison.Ordinal)))
            {
                return BackupKind.BaseBackup;
            }

            var next = TarHeader.Size + member.PaddedBytes;
            if (next >= bytes.Length)
            {
                break;
            }

            bytes = bytes[(int)next..];
        }

        return BackupKind.Unknown;
    }

    private static readonly string[] DataFolders = ["base/", "global/", "pg_wal/", "pg_xact/", "pg_tblspc/"];

    private static Compression CompressionOf(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B, 0x08]) ? Compression.Gzip
        : bytes.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) ? Compression.Zstd
        : bytes.StartsWith((ReadOnlySpan<byte>)[0x04, 0x22, 0x4D, 0x18]) ? Compression.Lz4
        : bytes.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0x00]) ? Compression.Xz
        : bytes.StartsWith("BZh"u8) && bytes.Length > 9 && bytes[4..].StartsWith((ReadOnlySpan<byte>)[0x31, 0x41, 0x59, 0x26, 0x53, 0x59]) ? Compression.Bzip2
        : bytes.StartsWith((ReadOnlySpan<byte>)[(byte)'P', (byte)'K', 3, 4]) ? Compression.Zip
        : Compression.None;

    // As much as the head gives; a head that ends in the middle is no fault.
    private static byte[] Inflate(ReadOnlySpan<byte> bytes)
    {
        var buffer = new byte[Length];
        var count = 0;
        try
        {
            using var stream = new GZipStream(new MemoryStream(bytes.ToArray()), CompressionMode.Decompress);
            for (int read; count < buffer.Length && (read = stream.Read(buffer.AsSpan(count))) > 0; count += read)
            {
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
        }

        return buffer[..count];
    }

    /// <summary>What SQL text of pg_dump and pg_dumpall begins and ends with.</summary>
    internal static class SqlText
    {
        private const string Database = "-- PostgreSQL database dump";
        private const string Cluster = "-- PostgreSQL database cluster dump";

        /// <summary>True for the text of pg_dump and pg_dumpall: their comment stands before anything but comments and settings.</summary>
        public static bool Opens(ReadOnlySpan<byte> bytes) => Title(bytes) is not null;

        /// <summary>True for the text of pg_dumpall.</summary>
        public static bool IsCluster(ReadOnlySpan<byte> bytes) => Title(bytes) == Cluster;

        /// <summary>True if the last bytes say that the dump came to its end.</summary>
        public static bool Closes(ReadOnlySpan<byte> tail, bool cluster) =>
            Lines(tail).Any(line => line == (cluster ? Cluster : Database) + " complete");

        private static string? Title(ReadOnlySpan<byte> bytes)
        {
            foreach (var line in Lines(bytes))
            {
                if (line is Database or Cluster)
                {
                    return line;
                }

                if (line.Length > 0 && !line.StartsWith("--", StringComparison.Ordinal) && !line.StartsWith('\\') && !line.StartsWith("SET ", StringComparison.Ordinal))
                {
                    return null;
                }
            }

            return null;
        }

        private static IEnumerable<string> Lines(ReadOnlySpan<byte> bytes) =>
            Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF').Split('\n').Select(line => line.TrimEnd('\r'));
    }

    /// <summary>What encrypted files begin with.</summary>
    private static class Encryptions
    {
        public static string? Of(ReadOnlySpan<byte> bytes) =>
            bytes.StartsWith("-----BEGIN PGP MESSAGE-----"u8) || IsOpenPgp(bytes) ? "OpenPGP (gpg)"
            : bytes.StartsWith("age-encryption.org/v1"u8) || bytes.StartsWith("-----BEGIN AGE ENCRYPTED FILE-----"u8) ? "age"
            : bytes.StartsWith("Salted__"u8) ? "openssl enc"
            : null;

        // The first packet holds a session key, encrypted for somebody (tag 1) or by a passphrase (tag 3), of a known version.
        private static bool IsOpenPgp(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length < 16 || (bytes[0] & 0x80) == 0)
            {
                return false;
            }

            var isNew = (bytes[0] & 0x40) != 0;
            var tag = isNew ? bytes[0] & 0x3F : (bytes[0] >> 2) & 0x0F;
            var lengthBytes = isNew ? (bytes[1] < 192 ? 1 : 2) : (bytes[0] & 3) switch { 0 => 1, 1 => 2, _ => 0 };
            var version = bytes[1 + lengthBytes];
            return lengthBytes > 0 && (tag, version) is (1, 3 or 6) or (3, 4 or 5 or 6);
        }
    }
}

/// <summary>What the first bytes show.</summary>
/// <param name="Kind">The format; of what is inside, where it is compressed and can be seen.</param>
/// <param name="Compression">What all of it is compressed with.</param>
/// <param name="Encryption">What it is encrypted with; null if it is not.</param>
internal sealed record HeaderLook(BackupKind Kind, Compression Compression, string? Encryption)
{
    /// <summary>False where the compression keeps what is inside from being seen.</summary>
    public bool IsSeen { get; init; } = true;
}

/// <summary>What a whole file, or the data in it, are compressed with.</summary>
internal enum Compression
{
    None,
    Gzip,
    Zstd,
    Lz4,
    Xz,
    Bzip2,
    Zip,
}
