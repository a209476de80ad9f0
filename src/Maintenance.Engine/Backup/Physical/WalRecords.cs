using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>A record of the write-ahead log.</summary>
/// <param name="Position">Where it begins.</param>
/// <param name="Manager">Which part of the server it is of: the number of its resource manager.</param>
/// <param name="Info">What it is there; the lower four bits belong to the log itself.</param>
/// <param name="Body">What follows its header: all of it, or its beginning where it is long. Until the next one is asked for.</param>
internal readonly record struct WalRecord(ulong Position, byte Manager, byte Info, ReadOnlyMemory<byte> Body)
{
    private const byte ShortData = 255;
    private const byte LongData = 254;
    private const byte Origin = 253;
    private const byte TopTransaction = 252;

    /// <summary>What the record says; null if it refers to pages of tables, so that it is not looked for.</summary>
    public ReadOnlyMemory<byte>? Data
    {
        get
        {
            var (rest, found) = (Body, (ReadOnlyMemory<byte>?)null);
            while (found is null && rest.Length > 5)
            {
                switch (rest.Span[0])
                {
                    case ShortData:
                        found = rest[2..];
                        break;
                    case LongData:
                        found = rest[5..];
                        break;
                    case Origin:
                        rest = rest[3..];
                        break;
                    case TopTransaction:
                        rest = rest[5..];
                        break;
                    default:
                        return null;
                }
            }

            return found;
        }
    }
}

/// <summary>
/// Walks through the records of a log as a recovery does, and ends where that would end: where a page or a record is not what it has to
/// be, or the checksum of a record does not fit. The form of pages and records has been the same since PostgreSQL 9.5.
/// </summary>
/// <param name="open">Opens the segment of a number; null if there is none.</param>
/// <param name="segmentSize">Size of a segment.</param>
/// <param name="start">Where to begin: at a record.</param>
internal sealed class WalRecords(Func<ulong, Stream?> open, long segmentSize, ulong start) : IAsyncDisposable
{
    private const int HeaderLength = 24;
    private const int ChecksumAt = 20;
    private const int Kept = 4096;
    private const uint Longest = 1 << 30;
    private const ushort Continued = 0x0001;
    private const ushort LongPage = 0x0002;
    private const ushort Abandoned = 0x0008;
    private const byte SwitchManager = 0;
    private const byte SwitchInfo = 0x40;

    private readonly ulong _segmentSize = (ulong)segmentSize;
    private readonly byte[] _header = new byte[HeaderLength];
    private readonly byte[] _body = new byte[Kept];
    private byte[] _page = [];
    private Stream? _segment;
    private ulong _number;
    private ulong _pageAt;
    private ushort _magic;
    private int _offset;

    /// <summary>Where the log ends: behind the last whole record. Known when all were read.</summary>
    public ulong End { get; private set; }

    /// <summary>The records, in their order.</summary>
    public async IAsyncEnumerable<WalRecord> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        End = start;
        if (!await BeginAsync(cancellationToken))
        {
            yield break;
        }

        while (true)
        {
            _offset = (_offset + 7) & ~7;
            if (_offset >= _page.Length && (!await PageAsync(_pageAt + (ulong)_page.Length, cancellationToken) || (Flags & Continued) != 0))
            {
                yield break;
            }

            var (position, length) = (_pageAt + (ulong)_offset, BinaryPrimitives.ReadUInt32LittleEndian(_page.AsSpan(_offset)));
            if (length is < HeaderLength or > Longest)
            {
                yield break;
            }

            switch (await RecordAsync(length, cancellationToken))
            {
                case null:
                    yield break;
                case false:
                    // Its writer crashed, and wrote on behind it.
                    continue;
            }

            End = _pageAt + (ulong)_offset;
            var (manager, info) = (_header[17], _header[16]);
            yield return new WalRecord(position, manager, info, _body.AsMemory(0, (int)Math.Min(Kept, length - HeaderLength)));
            if (manager == SwitchManager && (info & 0xF0) == SwitchInfo)
            {
                End = (End + _segmentSize - 1) / _segmentSize * _segmentSize;
                if (!await PageAsync(End, cancellationToken))
                {
                    yield break;
                }
            }
        }
    }

    public ValueTask DisposeAsync() => _segment?.DisposeAsync() ?? ValueTask.CompletedTask;

    private ushort Flags => BinaryPrimitives.ReadUInt16LittleEndian(_page.AsSpan(2));

    // The first page of a segment tells how large pages are.
    private async Task<bool> BeginAsync(CancellationToken cancellationToken)
    {
        _number = start / _segmentSize;
        _segment = open(_number);
        var first = new byte[WalSegmentHeader.Length];
        if (_segment is null || await _segment.ReadAtLeastAsync(first, first.Length, throwOnEndOfStream: false, cancellationToken) < first.Length || WalSegmentHeader.Parse(first) is null)
        {
            return false;
        }

        var size = BinaryPrimitives.ReadUInt32LittleEndian(first.AsSpan(36));
        if (size is < 1024 or > 65536 || !uint.IsPow2(size))
        {
            return false;
        }

        _magic = BinaryPrimitives.ReadUInt16LittleEndian(first);
        _page = new byte[size];
        var page = start / size * size;
        _segment.Position = (long)(page % _segmentSize);
        if (!await PageAsync(page, cancellationToken))
        {
            return false;
        }

        _offset = Math.Max(_offset, (int)(start - page));
        return true;
    }

    private async Task<bool> PageAsync(ulong address, CancellationToken cancellationToken)
    {
        if (address / _segmentSize is var number && number != _number)
        {
            await DisposeAsync();
            (_number, _segment) = (number, open(number));
        }

        if (_segment is null || await _segment.ReadAtLeastAsync(_page, _page.Length, throwOnEndOfStream: false, cancellationToken) < _page.Length
            || BinaryPrimitives.ReadUInt16LittleEndian(_page) != _magic || BinaryPrimitives.ReadUInt64LittleEndian(_page.AsSpan(8)) != address)
        {
            return false;
        }

        _pageAt = address;
        _offset = (Flags & LongPage) != 0 ? WalSegmentHeader.Length : HeaderLength;
        return true;
    }

    // True for a whole record, false for one that was given up, null for the end of the log.
    private async Task<bool?> RecordAsync(uint length, CancellationToken cancellationToken)
    {
        using var checksum = FileChecksum.Begin(FileChecksum.Usual)!;
        for (var done = 0U; ;)
        {
            var count = (int)Math.Min(length - done, (uint)(_page.Length - _offset));
            Take(checksum, _page.AsSpan(_offset, count), done);
            (done, _offset) = (done + (uint)count, _offset + count);
            if (done == length)
            {
                checksum.Append(_header.AsSpan(0, ChecksumAt));
                return checksum.Finish().AsSpan().SequenceEqual(_header.AsSpan(ChecksumAt)) ? true : null;
            }

            if (!await PageAsync(_pageAt + (ulong)_page.Length, cancellationToken))
            {
                return null;
            }

            if ((Flags & Abandoned) != 0)
            {
                return false;
            }

            if ((Flags & Continued) == 0 || BinaryPrimitives.ReadUInt32LittleEndian(_page.AsSpan(16)) != length - done)
            {
                return null;
            }
        }
    }

    private void Take(FileChecksum checksum, ReadOnlySpan<byte> part, uint done)
    {
        if (done < HeaderLength)
        {
            var count = Math.Min(part.Length, HeaderLength - (int)done);
            part[..count].CopyTo(_header.AsSpan((int)done));
            part = part[count..];
            done += (uint)count;
        }

        checksum.Append(part);
        if (done - HeaderLength is var at && at < Kept && part.Length > 0)
        {
            part[..Math.Min(part.Length, Kept - (int)at)].CopyTo(_body.AsSpan((int)at));
        }
    }
}
