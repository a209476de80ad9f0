using System.Globalization;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>What a file in an archive of write-ahead log is.</summary>
internal enum WalFileKind
{
    /// <summary>A segment.</summary>
    Segment,

    /// <summary>A segment that a timeline ended in before it was full.</summary>
    Partial,

    /// <summary>How a timeline came from others.</summary>
    History,

    /// <summary>The label that a base backup left: its name tells where that begins.</summary>
    BackupLabel,
}

/// <summary>What the name of a file in an archive tells. The number of a segment depends on the size, and is known later.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Timeline">Its timeline.</param>
/// <param name="High">The upper half of the segment's number.</param>
/// <param name="Low">The lower half of the segment's number.</param>
/// <param name="Compression">The ending that tells how it is compressed; empty if it is not.</param>
internal readonly partial record struct WalFileName(WalFileKind Kind, uint Timeline, uint High, uint Low, string Compression)
{
    // A log of 4 GB has as many segments of the smallest size.
    private const uint MostPerLog = 4096;

    public bool IsCompressed => Compression.Length > 0;

    /// <summary>Reads a name, with the folders before it; null for what is no part of an archive.</summary>
    /// <remarks>pgBackRest puts the SHA-1 of the content behind the name; other tools only add the ending of their compression.</remarks>
    public static WalFileName? Parse(string name)
    {
        if (Shape().Match(name[(name.LastIndexOf('/') + 1)..]) is not { Success: true } match)
        {
            return null;
        }

        var (timeline, compression) = (Hex(match.Groups["tli"]), match.Groups["zip"].Value.ToLowerInvariant());
        if (match.Groups["history"].Success)
        {
            return timeline > 1 ? new WalFileName(WalFileKind.History, timeline, 0, 0, compression) : null;
        }

        var kind = match.Groups["label"].Success ? WalFileKind.BackupLabel : match.Groups["partial"].Success ? WalFileKind.Partial : WalFileKind.Segment;
        var low = Hex(match.Groups["low"]);
        return timeline > 0 && low < MostPerLog ? new WalFileName(kind, timeline, Hex(match.Groups["high"]), low, compression) : null;
    }

    private static uint Hex(Group group) => uint.Parse(group.ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^(?<tli>[0-9A-F]{8})((?<history>\.history)|(?<high>[0-9A-F]{8})(?<low>[0-9A-F]{8})((?<label>\.[0-9A-F]{8}\.backup)|(?<partial>\.partial))?(-[0-9a-f]{40})?)(?<zip>\.(gz|zst|lz4|bz2|xz|br|lzo))?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Shape();
}
