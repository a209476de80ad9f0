using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>A file as the manifest of a base backup has it.</summary>
/// <param name="SizeBytes">Its size.</param>
/// <param name="Algorithm">How its checksum was made; null if there is none.</param>
/// <param name="Checksum">Its checksum; null if there is none.</param>
internal sealed record ManifestFile(long SizeBytes, string? Algorithm, byte[]? Checksum);

/// <summary>A part of the write-ahead log that a base backup needs.</summary>
/// <param name="Timeline">Its timeline.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="End">Where it ends.</param>
internal readonly record struct ManifestWal(uint Timeline, ulong Start, ulong End);

/// <summary>What PostgreSQL wrote down of a base backup: <c>backup_manifest</c>. Pure.</summary>
/// <param name="Files">The files, by their paths.</param>
/// <param name="Wal">The write-ahead log it needs, in the order of its timelines.</param>
/// <param name="SystemIdentifier">The server it is of; null before PostgreSQL 17.</param>
internal sealed record PhysicalManifest(IReadOnlyDictionary<string, ManifestFile> Files, IReadOnlyList<ManifestWal> Wal, string? SystemIdentifier)
{
    /// <summary>Larger than this is not read: it would hold some 400,000 files.</summary>
    public const int Largest = 64 * 1024 * 1024;

    private static readonly byte[] ChecksumKey = "\"Manifest-Checksum\""u8.ToArray();

    /// <summary>Reads a manifest.</summary>
    /// <param name="bytes">Its bytes.</param>
    /// <exception cref="InvalidDataException">It makes no sense, or its own checksum does not fit; the message says so.</exception>
    public static PhysicalManifest Parse(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            var root = document.RootElement;
            CheckOwn(bytes, root);
            var files = new Dictionary<string, ManifestFile>(StringComparer.Ordinal);
            foreach (var file in root.GetProperty(nameof(Files)).EnumerateArray())
            {
                var path = file.TryGetProperty("Path", out var plain) ? plain.GetString()! : Encoding.Latin1.GetString(Convert.FromHexString(file.GetProperty("Encoded-Path").GetString()!));
                var algorithm = file.TryGetProperty("Checksum-Algorithm", out var name) ? string.Intern(name.GetString()!) : null;
                var checksum = file.TryGetProperty("Checksum", out var sum) ? Convert.FromHexString(sum.GetString()!) : null;
                if (!files.TryAdd(path, new ManifestFile(file.GetProperty("Size").GetInt64(), algorithm, checksum)))
                {
                    throw new InvalidDataException($"It names {path} twice.");
                }
            }

            var wal = root.GetProperty("WAL-Ranges").EnumerateArray().Select(range => new ManifestWal(
                range.GetProperty("Timeline").GetUInt32(),
                WalPosition.Parse(range.GetProperty("Start-LSN").GetString()) ?? throw new FormatException(),
                WalPosition.Parse(range.GetProperty("End-LSN").GetString()) ?? throw new FormatException())).OrderBy(range => range.Timeline).ToList();
            return new PhysicalManifest(files, wal, root.TryGetProperty("System-Identifier", out var system) ? system.GetRawText() : null);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or FormatException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException($"It makes no sense: {exception.Message}", exception);
        }
    }

    // The last line is the checksum of all before it.
    private static void CheckOwn(byte[] bytes, JsonElement root)
    {
        var at = bytes.AsSpan().LastIndexOf(ChecksumKey);
        if (at < 0 || !root.TryGetProperty("Manifest-Checksum", out var noted))
        {
            throw new InvalidDataException("It has no checksum of its own, so it ends before it should.");
        }

        var actual = Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(0, at)));
        if (!string.Equals(actual, noted.GetString(), StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidDataException("Its own checksum does not fit.");
        }
    }
}
