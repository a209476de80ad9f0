using System.Globalization;
using System.Text.RegularExpressions;

namespace Maintenance;

/// <summary>Reads sizes as people write them: <c>500MB</c>, <c>100 gb</c>, <c>1.5TiB</c>. Units are powers of 1024, as PostgreSQL's are.</summary>
public static partial class ByteSizes
{
    /// <summary>Reads a size.</summary>
    /// <param name="text">A number with its unit (B, kB, MB, GB, TB, PB, or KiB, MiB, …), in upper or lower case, or a number of bytes.</param>
    /// <param name="bytes">The size in bytes, if the text is one.</param>
    public static bool TryParse(string? text, out long bytes)
    {
        bytes = 0;
        if (text is null || Form().Match(text) is not { Success: true } match)
        {
            return false;
        }

        var power = match.Groups[2].Value is { Length: > 0 } unit ? "BKMGTP".IndexOf(char.ToUpperInvariant(unit[0]), StringComparison.Ordinal) : 0;
        var (number, factor) = (decimal.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), 1L << (10 * power));
        bytes = number <= long.MaxValue / factor ? (long)(number * factor) : 0;
        return bytes > 0;
    }

    [GeneratedRegex(@"\A([0-9]{1,15}(?:\.[0-9]{1,3})?) ?((?:[KMGTP]I?)?B)?\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
