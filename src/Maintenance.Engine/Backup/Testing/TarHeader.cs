using System.Text;

namespace Maintenance.Engine.Backup.Testing;

/// <summary>The header of a member of a tar archive: 512 bytes with a sum of their own. Pure.</summary>
/// <param name="Name">Name of the member.</param>
/// <param name="Bytes">Size of its content.</param>
/// <param name="Type">What it is: '0' or NUL for a file, '5' for a folder, others for what describes the next one.</param>
internal readonly record struct TarHeader(string Name, long Bytes, char Type)
{
    /// <summary>Size of a header, and what contents are filled up to a multiple of.</summary>
    public const int Size = 512;

    private const int SumOffset = 148;

    /// <summary>Size of the content as it lies in the archive.</summary>
    public long PaddedBytes => (Bytes + Size - 1) / Size * Size;

    /// <summary>True if bytes begin with a header.</summary>
    public static bool IsOne(ReadOnlySpan<byte> bytes) => bytes.Length >= Size && bytes[257..].StartsWith("ustar"u8) && Read(bytes) is not null;

    /// <summary>True for 512 bytes of nothing, of which two end an archive.</summary>
    public static bool IsEnd(ReadOnlySpan<byte> bytes) => bytes.Length >= Size && !bytes[..Size].ContainsAnyExcept((byte)0);

    /// <summary>Reads a header; null if bytes begin with none, or with one that its sum does not fit.</summary>
    public static TarHeader? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Size || Number(bytes.Slice(SumOffset, 8)) is not { } sum || Number(bytes.Slice(124, 12)) is not { } length)
        {
            return null;
        }

        var actual = 8L * ' ';
        for (var i = 0; i < Size; i++)
        {
            actual += i is >= SumOffset and < SumOffset + 8 ? 0 : bytes[i];
        }

        if (actual != sum || length < 0)
        {
            return null;
        }

        var name = Text(bytes[..100]);
        var prefix = bytes[257..].StartsWith("ustar\0"u8) ? Text(bytes.Slice(345, 155)) : "";
        return new TarHeader(prefix.Length == 0 ? name : $"{prefix}/{name}", length, (char)bytes[156]);
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes.IndexOf((byte)0) is >= 0 and var end ? bytes[..end] : bytes);

    // Octal digits; or, for what is too large for them, a number in base 256 behind a set highest bit.
    private static long? Number(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) != 0)
        {
            var large = field[0] & 0x7FL;
            foreach (var digit in field[1..])
            {
                if (large > long.MaxValue >> 8)
                {
                    return null;
                }

                large = (large << 8) | digit;
            }

            return large;
        }

        var number = 0L;
        foreach (var digit in field.Trim("\0 "u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return null;
            }

            number = (number << 3) | (long)(digit - '0');
        }

        return number;
    }
}
