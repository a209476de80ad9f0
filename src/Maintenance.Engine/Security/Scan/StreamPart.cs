namespace Maintenance.Engine.Security.Scan;

/// <summary>A part of a stream that can be sought. The stream stays open.</summary>
/// <param name="inner">The stream.</param>
/// <param name="from">Where the part begins.</param>
/// <param name="to">Where it ends.</param>
internal sealed class StreamPart(Stream inner, long from, long to) : Stream
{
    private long _at = from;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count)
    {
        inner.Position = _at;
        var read = inner.Read(buffer, offset, (int)Math.Min(count, Math.Max(0, to - _at)));
        _at += read;
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
