using System.Buffers.Binary;

namespace Maintenance.Engine.Backup.Testing;

/// <summary>Reads numbers and bytes of a stream, a little ahead of who asks. Mostly without waiting, which is what makes it fast.</summary>
/// <param name="stream">Where they come from; stays open.</param>
/// <param name="position">Where in the file the stream begins.</param>
internal sealed class ByteReader(Stream stream, long position = 0)
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _at;
    private int _end;
    private long _read = position;

    /// <summary>Where the next byte lies.</summary>
    public long Position => _read - (_end - _at);

    /// <summary>Bytes that are here already.</summary>
    public ReadOnlyMemory<byte> Ready => _buffer.AsMemory(_at, _end - _at);

    /// <summary>Takes bytes that are here already.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        var taken = _buffer.AsSpan(_at, count);
        _at += count;
        return taken;
    }

    /// <summary>Brings so many bytes here, or as many as are left; at most a few thousand.</summary>
    /// <returns>True if they are here.</returns>
    public ValueTask<bool> TryEnsureAsync(int count, CancellationToken cancellationToken) =>
        _end - _at >= count ? ValueTask.FromResult(true) : FillAsync(count, cancellationToken);

    /// <summary>Brings so many bytes here.</summary>
    /// <exception cref="EndOfStreamException">There are not so many.</exception>
    public async ValueTask EnsureAsync(int count, CancellationToken cancellationToken)
    {
        if (!await TryEnsureAsync(count, cancellationToken))
        {
            throw new EndOfStreamException();
        }
    }

    /// <summary>The next byte.</summary>
    /// <exception cref="EndOfStreamException">There is none.</exception>
    public async ValueTask<byte> ByteAsync(CancellationToken cancellationToken)
    {
        await EnsureAsync(1, cancellationToken);
        return _buffer[_at++];
    }

    /// <summary>A number of pg_dump's archives: a sign, and so many bytes with the lowest first.</summary>
    /// <returns>The number; null if it is none that its 32 bits hold.</returns>
    /// <exception cref="EndOfStreamException">The file ends in it.</exception>
    public async ValueTask<int?> NumberAsync(int size, CancellationToken cancellationToken)
    {
        await EnsureAsync(size + 1, cancellationToken);
        return Number(Take(size + 1));
    }

    /// <summary>Reads a number out of its bytes.</summary>
    public static int? Number(ReadOnlySpan<byte> bytes)
    {
        if (bytes[0] > 1 || bytes[5..].ContainsAnyExcept((byte)0))
        {
            return null;
        }

        var value = BinaryPrimitives.ReadUInt32LittleEndian(bytes[1..]);
        return value > int.MaxValue ? null : bytes[0] == 1 ? -(int)value : (int)value;
    }

    /// <summary>Reads so many bytes into an array of their own.</summary>
    /// <exception cref="EndOfStreamException">There are not so many.</exception>
    public async ValueTask<byte[]> BytesAsync(int count, CancellationToken cancellationToken)
    {
        // Grows with what is really there: a length that is damaged must not cost memory.
        var bytes = new byte[Math.Min(count, _buffer.Length)];
        for (var at = 0; at < count;)
        {
            await EnsureAsync(1, cancellationToken);
            if (at == bytes.Length)
            {
                Array.Resize(ref bytes, (int)Math.Min(count, bytes.Length * 2L));
            }

            var part = Math.Min(_end - _at, bytes.Length - at);
            Take(part).CopyTo(bytes.AsSpan(at));
            at += part;
        }

        return bytes;
    }

    /// <summary>Passes over bytes.</summary>
    /// <exception cref="EndOfStreamException">There are not so many.</exception>
    public async ValueTask SkipAsync(long count, CancellationToken cancellationToken)
    {
        while (count > 0)
        {
            await EnsureAsync(1, cancellationToken);
            var part = (int)Math.Min(_end - _at, count);
            _at += part;
            count -= part;
        }
    }

    private async ValueTask<bool> FillAsync(int count, CancellationToken cancellationToken)
    {
        _buffer.AsSpan(_at, _end - _at).CopyTo(_buffer);
        (_at, _end) = (0, _end - _at);
        while (_end < count)
        {
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read == 0)
            {
                return false;
            }

            _end += read;
            _read += read;
        }

        return true;
    }
}
