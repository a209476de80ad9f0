using System.Globalization;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>Positions in the write-ahead log as text, and the names of its segments. Pure.</summary>
internal static class WalPosition
{
    /// <summary>What PostgreSQL's segments mostly have.</summary>
    public const long UsualSegmentSize = 16 * 1024 * 1024;

    private const ulong LogSize = 0x1_0000_0000;

    /// <summary>Reads <c>0/2000028</c>; null if it is no position.</summary>
    public static ulong? Parse(ReadOnlySpan<char> text)
    {
        var slash = text.IndexOf('/');
        return slash is > 0 and <= 8 && text.Length - slash - 1 is > 0 and <= 8
            && uint.TryParse(text[..slash], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var high)
            && uint.TryParse(text[(slash + 1)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low)
            ? ((ulong)high << 32) | low
            : null;
    }

    /// <summary>A position as PostgreSQL writes it.</summary>
    public static string Format(ulong position) => string.Create(CultureInfo.InvariantCulture, $"{position >> 32:X}/{(uint)position:X}");

    /// <summary>The number of a segment, counted from the beginning of the log.</summary>
    public static ulong NumberOf(uint high, uint low, long segmentSize) => (high * (LogSize / (ulong)segmentSize)) + low;

    /// <summary>The number of the segment that a position lies in.</summary>
    public static ulong NumberAt(ulong position, long segmentSize) => position / (ulong)segmentSize;

    /// <summary>A segment's name.</summary>
    public static string NameOf(uint timeline, ulong number, long segmentSize)
    {
        var perLog = LogSize / (ulong)segmentSize;
        return string.Create(CultureInfo.InvariantCulture, $"{timeline:X8}{number / perLog:X8}{number % perLog:X8}");
    }

    /// <summary>True for the sizes that PostgreSQL allows: powers of two from 1 MB to 1 GB.</summary>
    public static bool IsSegmentSize(long size) => size is >= 1 << 20 and <= 1 << 30 && long.IsPow2(size);
}
