namespace Maintenance.Engine.Stores;

/// <summary>Tells of what is read.</summary>
/// <param name="inner">Where it comes from; closed with this.</param>
/// <param name="onRead">Told of each number of bytes.</param>
internal sealed class CountingStream(Stream inner, Action<int> onRead) : ReadingStream
{
    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = inner.Read(buffer, offset, count);
        onRead(read);
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        onRead(read);
        return read;
    }

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
