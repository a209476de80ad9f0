namespace Maintenance.Engine.Security.Scan;

/// <summary>A stream whose beginning was looked at, to be read from its start all the same. What it reads from stays open.</summary>
internal sealed class PeekedStream : Stream
{
    private readonly Stream _inner;
    private readonly byte[] _start = new byte[4096];
    private readonly int _length;
    private int _at;

    public PeekedStream(Stream inner)
    {
        _inner = inner;
        _length = inner.ReadAtLeast(_start, _start.Length, throwOnEndOfStream: false);
    }

    /// <summary>The first character that is no white space, whatever the encoding; null for none.</summary>
    public char? FirstCharacter => _start.AsSpan(0, _length).IndexOfAnyExcept(Blank) is >= 0 and var at ? (char)_start[at] : null;

    /// <summary>The first bytes.</summary>
    public ReadOnlySpan<byte> Start => _start.AsSpan(0, _length);

    private static ReadOnlySpan<byte> Blank => [0x20, 0x09, 0x0D, 0x0A, 0x00, 0xEF, 0xBB, 0xBF, 0xFE, 0xFF];

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (_at == _length)
        {
            return _inner.Read(buffer);
        }

        var count = Math.Min(buffer.Length, _length - _at);
        _start.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _at == _length ? _inner.ReadAsync(buffer, cancellationToken) : ValueTask.FromResult(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
