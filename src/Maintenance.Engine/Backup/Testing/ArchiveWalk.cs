using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup.Testing;

/// <summary>
/// Walks through the data of pg_dump's custom format to the very end of the file: every block belongs to an entry of the table of
/// contents, each entry with data has its block, and what is compressed with zlib fits its sum.
/// </summary>
/// <param name="bytes">The file, behind its table of contents.</param>
/// <param name="contents">The table of contents.</param>
internal sealed class ArchiveWalk(ByteReader bytes, ArchiveContents contents)
{
    private const string Check = "Data";
    private const byte Data = 1;
    private const byte LargeObjects = 3;
    private const int LargestBlock = 1 << 30;

    private readonly byte[] _room = contents.Header.Compression == Compression.Gzip ? new byte[128 * 1024] : [];
    private readonly int _numberBytes = contents.Header.NumberBytes;

    /// <summary>Walks to the end.</summary>
    /// <returns>How many blocks of data there are, and how many bytes they hold inflated.</returns>
    /// <exception cref="BackupFaultException">Truncated, DataDamaged.</exception>
    public async Task<(int Blocks, long Bytes)> RunAsync(CancellationToken cancellationToken)
    {
        var missing = contents.Entries.Where(entry => entry.HasData).ToDictionary(entry => entry.Id);
        var (blocks, held, entry) = (0, 0L, (ArchiveEntry?)null);
        try
        {
            while (await bytes.TryEnsureAsync(1, cancellationToken))
            {
                var start = bytes.Position;
                var kind = await bytes.ByteAsync(cancellationToken);
                var id = await bytes.NumberAsync(_numberBytes, cancellationToken) ?? -1;
                if (kind is not (Data or LargeObjects) || !missing.Remove(id, out entry) || (entry.Offset is { } noted && noted != start))
                {
                    throw Damaged($"at {start} there should be a block of data, and is none that the table of contents names");
                }

                held += kind == Data ? await DataAsync(cancellationToken) : await LargeObjectsAsync(cancellationToken);
                blocks++;
            }
        }
        catch (EndOfStreamException)
        {
            throw Truncated($"The file ends within the data of {Name(entry)}");
        }
        catch (InvalidDataException)
        {
            throw Damaged($"what is compressed in {Name(entry)} does not fit its own sum");
        }

        return missing.Count == 0 ? (blocks, held) : throw Truncated(
            $"The file ends before the data of {missing.Count} of its entries, such as {Name(missing.Values.First())}");
    }

    private static string Name(ArchiveEntry? entry) => entry is null ? "its first entry" : $"{entry.Description} {entry.Schema} {entry.Name}".Replace("  ", " ", StringComparison.Ordinal);

    private async Task<long> DataAsync(CancellationToken token)
    {
        if (contents.Header.Compression != Compression.Gzip)
        {
            return await PassAsync(token);
        }

        await using var chunks = new ChunkStream(bytes, _numberBytes);
        return await Decompression.DrainZlibAsync(chunks, _room, token);
    }

    // A number for each object, which may be larger than a signed one holds, and nought at the end.
    private async Task<long> LargeObjectsAsync(CancellationToken token)
    {
        for (var held = 0L; ; held += await DataAsync(token))
        {
            await bytes.EnsureAsync(_numberBytes + 1, token);
            if (!bytes.Take(_numberBytes + 1)[1..].ContainsAnyExcept((byte)0))
            {
                return held;
            }
        }
    }

    // Uncompressed, a chunk is a row: most are here already, and passed over without waiting.
    private async Task<long> PassAsync(CancellationToken token)
    {
        var held = 0L;
        while (true)
        {
            var left = 0;
            while (bytes.Ready.Length > _numberBytes)
            {
                left = Length(bytes.Take(_numberBytes + 1));
                held += left;
                if (left == 0)
                {
                    return held;
                }

                var here = Math.Min(left, bytes.Ready.Length);
                _ = bytes.Take(here);
                left -= here;
            }

            await bytes.SkipAsync(left, token);
            await bytes.EnsureAsync(_numberBytes + 1, token);
        }
    }

    private static int Length(ReadOnlySpan<byte> number) => ByteReader.Number(number) is { } length and >= 0 and <= LargestBlock ? length : throw Damaged("the length of a part makes no sense");

    private static BackupFaultException Damaged(string why) => new(
        Check, BackupLevel.Checksum, BackupFault.DataDamaged, $"The data are damaged: {why}.", "Use another backup, and look at the disk or network this one came over.");

    private static BackupFaultException Truncated(string what) => new(
        Check, BackupLevel.Checksum, BackupFault.Truncated, $"{what}.", "Make the backup again, and look at why it was cut off: a full disk, or a connection that was lost.");

    /// <summary>The content of chunks, up to the empty one that ends them.</summary>
    private sealed class ChunkStream(ByteReader bytes, int numberBytes) : ReadingStream
    {
        private int _left;
        private bool _ended;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = 0;
            while (count < buffer.Length && !_ended)
            {
                if (_left == 0)
                {
                    await bytes.EnsureAsync(numberBytes + 1, cancellationToken);
                    _left = Length(bytes.Take(numberBytes + 1));
                    _ended = _left == 0;
                    continue;
                }

                await bytes.EnsureAsync(1, cancellationToken);
                var part = Math.Min(Math.Min(_left, bytes.Ready.Length), buffer.Length - count);
                bytes.Take(part).CopyTo(buffer.Span[count..]);
                _left -= part;
                count += part;
            }

            return count;
        }
    }
}
