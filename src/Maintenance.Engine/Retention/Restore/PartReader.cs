using System.IO.Compression;
using System.Security.Cryptography;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Retention;

/// <summary>
/// Reads a file of an archive, and believes nothing of it: never more bytes than it is on record with, compressed or not, and at the
/// end the SHA-256 must be the one that was written down when its rows left.
/// </summary>
internal sealed class PartReader : IAsyncDisposable
{
    private readonly ArchivePart _part;
    private readonly StoredStream _stored;
    private readonly GZipStream _plain;
    private long _bytes;

    private PartReader(ArchivePart part, StoredStream stored)
    {
        _part = part;
        _stored = stored;
        _plain = new GZipStream(stored, CompressionMode.Decompress);
    }

    /// <summary>Opens a file.</summary>
    /// <exception cref="MaintenanceException">ArchiveNotFound, Store….</exception>
    public static async Task<PartReader> OpenAsync(IFileStore store, ArchivePart part, CancellationToken cancellationToken) =>
        new(part, new StoredStream(store, part, await store.RunAsync(() => ArchiveFinder.OpenAsync(store, part.Name, cancellationToken), cancellationToken)));

    /// <summary>Reads on, decompressed. 0 at the end.</summary>
    /// <exception cref="MaintenanceException">ArchiveMismatch, Store….</exception>
    public async Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int read;
        try
        {
            read = await _plain.ReadAsync(buffer, cancellationToken);
        }
        catch (InvalidDataException)
        {
            throw Damaged(_part, "cannot be decompressed");
        }

        _bytes += read;
        return _bytes <= _part.Bytes ? read : throw Damaged(_part, FormattableString.Invariant($"holds more than the {_part.Bytes} bytes that it is on record with"));
    }

    /// <summary>Reads to the end, and compares length and SHA-256.</summary>
    /// <exception cref="MaintenanceException">ArchiveMismatch, Store….</exception>
    public async Task VerifyAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        while (await ReadAsync(buffer, cancellationToken) > 0)
        {
            // What nobody wanted any more counts too.
        }

        while (await _stored.ReadAsync(buffer, cancellationToken) > 0)
        {
            // What lies behind the compressed data belongs to the file.
        }

        var sha256 = _stored.Sha256();
        if (_stored.Length != _part.StoredBytes || !string.Equals(sha256, _part.Sha256, StringComparison.OrdinalIgnoreCase))
        {
            throw Damaged(_part, _stored.Length != _part.StoredBytes
                ? FormattableString.Invariant($"has {_stored.Length} bytes, and is on record with {_part.StoredBytes}")
                : $"has the SHA-256 {sha256}, and is on record with {_part.Sha256}");
        }

        if (_bytes != _part.Bytes)
        {
            throw Damaged(_part, FormattableString.Invariant($"holds {_bytes} bytes, and is on record with {_part.Bytes}"));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _plain.DisposeAsync();
        await _stored.DisposeAsync();
    }

    /// <summary>The error for a file that is not what was written.</summary>
    public static MaintenanceException Damaged(ArchivePart part, string what) => new(
        MaintenanceErrorCode.ArchiveMismatch,
        $"The file {part.Name} {what}. Nothing of it was restored.",
        "Restore the file itself from a copy of the store; a storage account can often undelete or show an earlier version.");

    /// <summary>What comes out of the store: counted, hashed, and its errors told as those of the store.</summary>
    private sealed class StoredStream(IFileStore store, ArchivePart part, Stream inner) : Stream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private long _length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        /// <summary>Bytes so far.</summary>
        public override long Length => _length;

        public override long Position
        {
            get => _length;
            set => throw new NotSupportedException();
        }

        public string Sha256() => Convert.ToHexStringLower(_hash.GetCurrentHash());

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await store.RunAsync(async () => await inner.ReadAsync(buffer, cancellationToken), cancellationToken);
            _hash.AppendData(buffer.Span[..read]);
            _length += read;
            return _length <= part.StoredBytes ? read : throw Damaged(part, FormattableString.Invariant($"is longer than the {part.StoredBytes} bytes that it is on record with"));
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override async ValueTask DisposeAsync()
        {
            _hash.Dispose();
            await inner.DisposeAsync();
            await base.DisposeAsync();
        }
    }
}
