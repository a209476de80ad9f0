using System.Buffers.Binary;
using System.Globalization;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>The long header that a segment begins with. Pure.</summary>
/// <param name="Timeline">The timeline it was written on.</param>
/// <param name="PageAddress">Where in the log it begins.</param>
/// <param name="SystemIdentifier">The server that wrote it.</param>
/// <param name="SegmentSize">Size of its segments.</param>
internal sealed record WalSegmentHeader(uint Timeline, ulong PageAddress, string SystemIdentifier, long SegmentSize)
{
    /// <summary>How many bytes it takes.</summary>
    public const int Length = 40;

    private const ushort LongHeader = 0x0002;

    /// <summary>Reads it; null if these are not the first bytes of a segment.</summary>
    /// <remarks>
    /// A magic number of the version, flags, the timeline, the page's address, what is left of a record, padding, and then the
    /// identifier of the server, the size of a segment and that of a page; in the byte order of the server, which is mostly little-endian.
    /// </remarks>
    public static WalSegmentHeader? Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Length || (BinaryPrimitives.ReadUInt16LittleEndian(bytes) & 0xFF00) != 0xD100
            || (BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]) & LongHeader) == 0)
        {
            return null;
        }

        var size = (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..]);
        return WalPosition.IsSegmentSize(size)
            ? new WalSegmentHeader(
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]).ToString(CultureInfo.InvariantCulture),
                size)
            : null;
    }
}
