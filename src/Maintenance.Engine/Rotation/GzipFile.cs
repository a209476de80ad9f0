using System.IO.Compression;
using System.Security.Cryptography;

namespace Maintenance.Engine.Rotation;

/// <summary>Compressing with proof: what was read is hashed on the way, and what was written is read back and hashed.</summary>
internal static class GzipFile
{
    private const int Piece = 128 * 1024;

    /// <summary>Compresses a stream into another, and gives the SHA-256 of what was read.</summary>
    public static async Task<byte[]> CompressAsync(Stream source, Stream destination, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var gzip = new GZipStream(destination, CompressionLevel.Optimal, leaveOpen: true);
        var buffer = new byte[Piece];
        for (int count; (count = await source.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            hash.AppendData(buffer, 0, count);
            await gzip.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>The SHA-256 of what a compressed stream holds.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static async Task<byte[]> HashAsync(Stream compressed, CancellationToken cancellationToken)
    {
        await using var content = new GZipStream(compressed, CompressionMode.Decompress, leaveOpen: true);
        return await SHA256.HashDataAsync(content, cancellationToken);
    }

    /// <summary>Whether all that a compressed stream holds is the beginning of another: then nothing is lost with it.</summary>
    /// <returns>False for a damaged one: nobody can tell what it held.</returns>
    public static async Task<bool> HoldsBeginningOfAsync(Stream compressed, Stream whole, CancellationToken cancellationToken)
    {
        await using var content = new GZipStream(compressed, CompressionMode.Decompress, leaveOpen: true);
        try
        {
            return await IsBeginningOfAsync(content, whole, cancellationToken);
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>Whether a stream is the beginning of another, or the whole of it.</summary>
    public static async Task<bool> IsBeginningOfAsync(Stream part, Stream whole, CancellationToken cancellationToken)
    {
        var (theirs, ours) = (new byte[Piece], new byte[Piece]);
        for (int count; (count = await part.ReadAsync(theirs, cancellationToken)) > 0;)
        {
            if (await whole.ReadAtLeastAsync(ours.AsMemory(0, count), count, throwOnEndOfStream: false, cancellationToken) < count
                || !ours.AsSpan(0, count).SequenceEqual(theirs.AsSpan(0, count)))
            {
                return false;
            }
        }

        return true;
    }
}
