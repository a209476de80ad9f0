using System.Buffers;
using System.Globalization;
using System.Text;

namespace Maintenance.Engine.Stores;

/// <summary>Cuts what is written into blocks, and sends one while the next is filled.</summary>
/// <param name="send">Sends a block under its id.</param>
internal sealed class BlockStream(Func<string, Stream, CancellationToken, Task> send) : Stream
{
    // Small enough to arrive in time over a slow line. A blob may have 50,000 blocks: those of a large one grow, to 1.2 TB in all.
    private const int SmallestBlock = 4 * 1024 * 1024;
    private const int BlocksOfOneSize = 10_000;

    private readonly string _upload = Guid.NewGuid().ToString("N");
    private readonly List<string> _ids = [];
    private byte[]? _block;
    private int _filled;
    private Task _sending = Task.CompletedTask;

    /// <summary>The blocks, in their order.</summary>
    public IReadOnlyList<string> Ids => _ids;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            var size = SmallestBlock << (_ids.Count / BlocksOfOneSize);
            _block ??= ArrayPool<byte>.Shared.Rent(size);
            var fits = Math.Min(buffer.Length, size - _filled);
            buffer[..fits].CopyTo(_block.AsMemory(_filled));
            _filled += fits;
            buffer = buffer[fits..];
            if (_filled == size)
            {
                await SendAsync(cancellationToken);
            }
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Sends what is left, and waits until all is sent.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        if (_filled > 0)
        {
            await SendAsync(cancellationToken);
        }

        await _sending;
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_block is not null)
        {
            ArrayPool<byte>.Shared.Return(_block);
            _block = null;
        }

        await base.DisposeAsync();
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        await _sending;
        // All ids of a blob have the same length.
        var id = Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{_upload}{_ids.Count:00000}")));
        _ids.Add(id);
        _sending = SendAsync(id, _block!, _filled, cancellationToken);
        (_block, _filled) = (null, 0);
    }

    private async Task SendAsync(string id, byte[] block, int length, CancellationToken cancellationToken)
    {
        try
        {
            using var content = new MemoryStream(block, 0, length, writable: false);
            await send(id, content, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}
