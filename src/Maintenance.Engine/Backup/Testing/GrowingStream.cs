using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup.Testing;

/// <summary>
/// Reads the beginning of a file as far as somebody asks, with few requests: each asks for four times as much as the one before, so
/// that little is read that nobody needs.
/// </summary>
/// <param name="file">The backup.</param>
/// <param name="name">Its name, or that of a file of it.</param>
/// <param name="head">What was read of it before.</param>
internal sealed class GrowingStream(BackupFile file, string name, ReadOnlyMemory<byte> head) : ReadingStream
{
    private const int FirstRequest = 64 * 1024;
    private const int LargestRequest = 16 * 1024 * 1024;

    private ReadOnlyMemory<byte> _head = head;
    private Stream? _part;
    private long _offset = head.Length;
    private long _left;
    private int _request = FirstRequest;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_head.Length > 0)
        {
            var count = Math.Min(buffer.Length, _head.Length);
            _head[..count].CopyTo(buffer);
            _head = _head[count..];
            return count;
        }

        // A file that was shorter than its head is at its end.
        if (_part is null && _offset < BackupHeader.Length)
        {
            return 0;
        }

        while (true)
        {
            if (_part is null)
            {
                _part = await file.OpenAsync(name, _offset, _request, cancellationToken);
                _left = _request;
            }

            var read = await file.RunAsync(() => _part.ReadAsync(buffer, cancellationToken).AsTask(), cancellationToken);
            if (read > 0)
            {
                _offset += read;
                _left -= read;
                return read;
            }

            await _part.DisposeAsync();
            _part = null;
            if (_left > 0)
            {
                _offset = 0; // The file has ended.
                return 0;
            }

            _request = Math.Min(_request * 4, LargestRequest);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_part is not null)
        {
            await _part.DisposeAsync();
        }

        await base.DisposeAsync();
    }
}
