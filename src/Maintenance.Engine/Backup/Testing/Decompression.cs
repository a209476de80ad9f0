using System.IO.Compression;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup.Testing;

/// <summary>
/// Streams that inflate, and notice a premature end. Those of the platform verify the sums at the end where they get there, but take
/// an end before that for the end of the content.
/// </summary>
internal static class Decompression
{
    /// <summary>Inflates a zlib stream to its very end, and throws the content away.</summary>
    /// <param name="compressed">The stream; stays open.</param>
    /// <param name="buffer">Room to work in.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many bytes it holds.</returns>
    /// <exception cref="InvalidDataException">A sum or the compression does not fit, or something follows.</exception>
    /// <exception cref="EndOfStreamException">It ends before it should.</exception>
    public static async Task<long> DrainZlibAsync(Stream compressed, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var watched = new WatchedStream(compressed);
        var bytes = 0L;
        await using (var content = new ZLibStream(watched, CompressionMode.Decompress, leaveOpen: true))
        {
            for (int read; (read = await InflateAsync(content, buffer, cancellationToken)) > 0;)
            {
                bytes += read;
            }
        }

        // One that has found its end asks for no more; and one that never got a byte holds nothing, which is whole.
        if (watched.SawEnd && watched.Bytes > 0)
        {
            throw new EndOfStreamException();
        }

        return await watched.ReadAsync(buffer, cancellationToken) == 0 ? bytes : throw new InvalidDataException("Something follows the end of the compressed data.");
    }

    /// <summary>Reads what a stream of the platform inflates. What that says of damage is misleading, and is not passed on.</summary>
    /// <exception cref="InvalidDataException">A sum or the compression does not fit.</exception>
    public static async ValueTask<int> InflateAsync(Stream content, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await content.ReadAsync(buffer, cancellationToken);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException("The compressed data are damaged.", exception);
        }
    }

    /// <summary>Tells whether somebody came to the end.</summary>
    private sealed class WatchedStream(Stream inner) : ReadingStream
    {
        public bool SawEnd { get; private set; }

        public long Bytes { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            SawEnd |= read == 0;
            Bytes += read;
            return read;
        }
    }
}

/// <summary>
/// The content of a gzip file, one member or several. To see that the last one is whole, a member of our own is put behind it: only
/// who has come to the end of all before finds it.
/// </summary>
internal sealed class GzipContent : ReadingStream
{
    private static readonly byte[] Mark = "\0end of the file\0"u8.ToArray();
    private static readonly byte[] MarkMember = Compress(Mark);

    private readonly SealedStream _compressed;
    private readonly GZipStream _content;
    private readonly byte[] _buffer = new byte[128 * 1024];
    private int _at;
    private int _end;
    private bool _ended;

    /// <summary>Reads a file.</summary>
    /// <param name="compressed">The file; stays open.</param>
    public GzipContent(Stream compressed)
    {
        _compressed = new SealedStream(compressed);
        _content = new GZipStream(_compressed, CompressionMode.Decompress);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">A sum or the compression does not fit.</exception>
    /// <exception cref="EndOfStreamException">It ends before it should.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // What may be the mark is held back until more comes.
        while (_end - _at <= Mark.Length && !_ended)
        {
            _buffer.AsSpan(_at, _end - _at).CopyTo(_buffer);
            (_at, _end) = (0, _end - _at);
            var read = await InflateAsync(cancellationToken);
            _end += read;
            _ended = read == 0;
        }

        if (_ended && !_buffer.AsSpan(_at, _end - _at).SequenceEqual(Mark))
        {
            throw new EndOfStreamException();
        }

        var count = _ended ? 0 : Math.Min(buffer.Length, _end - _at - Mark.Length);
        _buffer.AsMemory(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    public override async ValueTask DisposeAsync()
    {
        await _content.DisposeAsync();
        await base.DisposeAsync();
    }

    // What does not fit once our own mark was taken for a part of it fits up to there, and ends too early.
    private async ValueTask<int> InflateAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Decompression.InflateAsync(_content, _buffer.AsMemory(_end), cancellationToken);
        }
        catch (InvalidDataException) when (_compressed.Ended)
        {
            throw new EndOfStreamException();
        }
    }

    private static byte[] Compress(byte[] bytes)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.NoCompression, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return memory.ToArray();
    }

    /// <summary>A stream and the mark behind it.</summary>
    private sealed class SealedStream(Stream inner) : ReadingStream
    {
        private ReadOnlyMemory<byte> _mark = MarkMember;

        public bool Ended { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!Ended)
            {
                var read = await inner.ReadAsync(buffer, cancellationToken);
                if (read > 0 || buffer.Length == 0)
                {
                    return read;
                }

                Ended = true;
            }

            var count = Math.Min(buffer.Length, _mark.Length);
            _mark[..count].CopyTo(buffer);
            _mark = _mark[count..];
            return count;
        }
    }
}
