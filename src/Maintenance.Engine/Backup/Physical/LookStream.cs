using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>A file that is looked into here and there: it is read in parts, and what is passed over is not.</summary>
/// <param name="length">Its length.</param>
/// <param name="read">Reads a part.</param>
internal sealed class LookStream(long length, Func<long, int, CancellationToken, Task<byte[]>> read) : ReadingStream, ISkippable
{
    private const int Part = 256 * 1024;

    private byte[] _part = [];
    private long _partStart;
    private long _position;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position >= length || buffer.Length == 0)
        {
            return 0;
        }

        if (_position < _partStart || _position >= _partStart + _part.Length)
        {
            _partStart = _position;
            _part = await read(_position, (int)Math.Min(Part, length - _position), cancellationToken);
        }

        var offset = (int)(_position - _partStart);
        var count = Math.Min(buffer.Length, _part.Length - offset);
        _part.AsMemory(offset, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public Task SkipAsync(long count, CancellationToken cancellationToken)
    {
        _position += count;
        return Task.CompletedTask;
    }
}
