using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Threading.Channels;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup.Testing;

/// <summary>
/// Reads a file once, and lets several look at it at the same time: its hash is made on one processor while its structure is looked
/// at on another and the next part is on its way. What is in memory is a few parts, however long the file is.
/// </summary>
internal sealed class ContentReading
{
    private const int PartBytes = 1024 * 1024;
    private const int PartsAhead = 8;

    private readonly ConcurrentBag<byte[]> _free = [];
    private readonly Stream _source;
    private readonly List<Channel<Part>> _listeners = [];

    private ContentReading(Stream source) => _source = source;

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="source">The stream.</param>
    /// <param name="examine">Looks at it meanwhile; null to make its hash alone. It need not read to the end, nor succeed.</param>
    /// <param name="withMd5">True to make its MD5 too.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The hashes, and what the look ended with if it did not end well.</returns>
    public static async Task<ContentHashes> ReadAsync(
        Stream source, Func<Stream, CancellationToken, Task>? examine, bool withMd5, CancellationToken cancellationToken)
    {
        // Where one fails the others must not wait for it.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = new ContentReading(source);
        var bytes = 0L;
        var sha256 = StopOnFailureAsync(reading.HashAsync(HashAlgorithmName.SHA256, count => bytes += count, stop.Token), stop);
        var md5 = withMd5 ? StopOnFailureAsync(reading.HashAsync(HashAlgorithmName.MD5, _ => { }, stop.Token), stop) : Task.FromResult<byte[]>([]);
        var examined = examine is null ? Task.FromResult<Exception?>(null) : StopOnFailureAsync(reading.ExamineAsync(examine, stop.Token), stop);
        await Task.WhenAll(reading.ProduceAsync(stop.Token), sha256, md5, examined);
        return new ContentHashes(bytes, Convert.ToHexStringLower(await sha256), withMd5 ? await md5 : null, await examined);
    }

    private static async Task<T> StopOnFailureAsync<T>(Task<T> work, CancellationTokenSource stop)
    {
        try
        {
            return await work;
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private async Task ProduceAsync(CancellationToken cancellationToken)
    {
        try
        {
            for (var ended = false; !ended;)
            {
                var buffer = _free.TryTake(out var used) ? used : GC.AllocateUninitializedArray<byte>(PartBytes);
                var length = await _source.ReadAtLeastAsync(buffer, PartBytes, throwOnEndOfStream: false, cancellationToken);
                ended = length < PartBytes;
                var part = new Part(this, buffer, length, _listeners.Count);
                foreach (var listener in _listeners)
                {
                    await listener.Writer.WriteAsync(part, cancellationToken);
                }
            }

            _listeners.ForEach(listener => listener.Writer.Complete());
        }
        catch (Exception exception)
        {
            _listeners.ForEach(listener => listener.Writer.TryComplete(exception));
            throw;
        }
    }

    private ChannelReader<Part> Listen()
    {
        var listener = Channel.CreateBounded<Part>(new BoundedChannelOptions(PartsAhead) { SingleReader = true, SingleWriter = true });
        _listeners.Add(listener);
        return listener.Reader;
    }

    private Task<byte[]> HashAsync(HashAlgorithmName algorithm, Action<int> onRead, CancellationToken cancellationToken)
    {
        var parts = Listen();
        return Task.Run(
            async () =>
            {
                using var hash = IncrementalHash.CreateHash(algorithm);
                await foreach (var part in parts.ReadAllAsync(cancellationToken))
                {
                    hash.AppendData(part.Bytes.Span);
                    onRead(part.Bytes.Length);
                    part.Release();
                }

                return hash.GetHashAndReset();
            },
            cancellationToken);
    }

    private Task<Exception?> ExamineAsync(Func<Stream, CancellationToken, Task> examine, CancellationToken cancellationToken)
    {
        var parts = Listen();
        return Task.Run(
            async () =>
            {
                Exception? found = null;
                await using var stream = new PartStream(parts);
                try
                {
                    await examine(stream, cancellationToken);
                }
                catch (Exception exception) when (exception is BackupFaultException or EndOfStreamException or InvalidDataException)
                {
                    found = exception;
                }

                // The others still want the rest.
                await foreach (var part in parts.ReadAllAsync(cancellationToken))
                {
                    part.Release();
                }

                return found;
            },
            cancellationToken);
    }

    /// <summary>A part of the file, whose memory is used again once everybody has seen it.</summary>
    private sealed class Part(ContentReading reading, byte[] buffer, int length, int readers)
    {
        private int _readers = readers;

        public ReadOnlyMemory<byte> Bytes => buffer.AsMemory(0, length);

        public void Release()
        {
            if (Interlocked.Decrement(ref _readers) == 0)
            {
                reading._free.Add(buffer);
            }
        }
    }

    /// <summary>The parts, one after the other.</summary>
    private sealed class PartStream(ChannelReader<Part> parts) : ReadingStream
    {
        private Part? _part;
        private int _at;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (_part is null || _at == _part.Bytes.Length)
            {
                _part?.Release();
                _part = null;
                if (!parts.TryRead(out _part))
                {
                    if (!await parts.WaitToReadAsync(cancellationToken))
                    {
                        return 0;
                    }

                    continue;
                }

                _at = 0;
            }

            var count = Math.Min(buffer.Length, _part.Bytes.Length - _at);
            _part.Bytes.Slice(_at, count).CopyTo(buffer);
            _at += count;
            return count;
        }
    }
}

/// <summary>What a reading came to.</summary>
/// <param name="Bytes">How many bytes there were.</param>
/// <param name="Sha256">Their SHA-256 in hexadecimal digits.</param>
/// <param name="Md5">Their MD5; null if it was not asked for.</param>
/// <param name="Found">What was wrong inside: a fault, a premature end, or a compression that does not fit; null for nothing.</param>
internal sealed record ContentHashes(long Bytes, string Sha256, byte[]? Md5, Exception? Found);
