using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Maintenance.Engine.Backup.Testing;

/// <summary>
/// Reads the header and the table of contents of what pg_dump makes in custom, directory and tar format: forms 1.12 to 1.16, which
/// PostgreSQL 9.0 to 18 write. Trusts nothing that it reads.
/// </summary>
/// <param name="bytes">The archive from its first byte.</param>
/// <param name="size">Size of the file it lies in; where it is longer than that, it is no longer read.</param>
internal sealed class ArchiveReader(ByteReader bytes, long size)
{
    /// <summary>The newest form that is known here.</summary>
    public static readonly Version Newest = new(1, 16);

    private static readonly Version Oldest = new(1, 12);

    // Sixteen forms in twenty-five years: what is farther ahead is a flipped bit.
    private const int FarthestMinor = 31;

    /// <summary>The largest table of contents that is read: some hundred thousand tables.</summary>
    public const long LargestContents = 256L << 20;

    private const int LongestText = 64 << 20;
    private const int LongestName = 32 * 1024;

    // An entry has two numbers and more than ten texts, each with a number of five bytes.
    private const int SmallestEntry = 60;

    private const string Check = "Contents";
    private readonly UTF8Encoding _utf8 = new(false, throwOnInvalidBytes: false);
    private readonly Dictionary<string, string> _words = new(StringComparer.Ordinal);
    private int _numberBytes = 4;

    /// <summary>The oldest major version of PostgreSQL whose pg_restore reads a form.</summary>
    public static int MajorFor(Version form) => form.Minor switch { <= 12 => 9, 13 => 10, 14 => 12, 15 => 16, _ => 17 };

    /// <summary>Reads what the archive says of itself.</summary>
    /// <exception cref="BackupFaultException">HeaderDamaged, NewerVersion, Truncated.</exception>
    public async Task<ArchiveHeader> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await HeaderAsync(cancellationToken);
        }
        catch (EndOfStreamException)
        {
            throw new BackupFaultException(
                "Archive", BackupLevel.Header, BackupFault.Truncated, "The file ends within its header.", "Make the backup again, and look at why it was cut off.");
        }
    }

    /// <summary>Reads the table of contents.</summary>
    /// <exception cref="BackupFaultException">ContentsDamaged, Truncated.</exception>
    public async Task<ArchiveContents> ReadContentsAsync(ArchiveHeader header, CancellationToken cancellationToken)
    {
        try
        {
            var count = await bytes.NumberAsync(_numberBytes, cancellationToken);
            if (count is not >= 0 || count > Math.Max(0, size - bytes.Position) / SmallestEntry + 1)
            {
                throw Damaged($"it claims to have {count?.ToString(CultureInfo.InvariantCulture) ?? "a senseless number of"} entries, which {size} bytes cannot hold");
            }

            var entries = new List<ArchiveEntry>();
            var ids = new HashSet<int>();
            for (var i = 0; i < count; i++)
            {
                var entry = await EntryAsync(header, cancellationToken);
                entries.Add(ids.Add(entry.Id) ? entry : throw Damaged($"the number {entry.Id} comes twice"));
                if (bytes.Position > LargestContents)
                {
                    throw new BackupFaultException(
                        Check, BackupLevel.Toc, BackupFault.None, $"The table of contents is larger than {LargestContents >> 20} MB, and is not read.",
                        "Look at it with pg_restore --list.");
                }
            }

            return new ArchiveContents(header, entries, bytes.Position);
        }
        catch (EndOfStreamException)
        {
            throw new BackupFaultException(
                Check, BackupLevel.Toc, BackupFault.Truncated, $"The file ends within its table of contents, after {bytes.Position} bytes.",
                "Make the backup again, and look at why it was cut off: a full disk, or a connection that was lost.");
        }
    }

    private async Task<ArchiveHeader> HeaderAsync(CancellationToken token)
    {
        await bytes.EnsureAsync(11, token);
        var start = bytes.Take(11).ToArray();
        if (!start.AsSpan().StartsWith("PGDMP"u8))
        {
            throw Broken("it does not begin with PGDMP");
        }

        var version = new Version(start[5], start[6]);
        if (version.Major != 1 || version.Minor > FarthestMinor)
        {
            throw Broken($"its form is {version}, which does not exist");
        }

        if (version < Oldest)
        {
            throw Broken($"its form is {version}, and pg_dump has written {Oldest} or later since PostgreSQL 9");
        }

        if (version > Newest)
        {
            throw new BackupFaultException(
                "Archive", BackupLevel.Header, BackupFault.NewerVersion, $"The archive has the form {version}; the newest that is known here is {Newest}.",
                "Use a newer version of this module, and of PostgreSQL's client programs.");
        }

        _numberBytes = start[8];
        var (offsetBytes, format) = (start[9], start[10]);
        if (_numberBytes is not (4 or 8) || offsetBytes is not (4 or 8))
        {
            throw Broken($"its numbers have {_numberBytes} bytes and its offsets {offsetBytes}");
        }

        var kind = format switch { 1 => BackupKind.Custom, 3 or 5 => BackupKind.Directory, _ => throw Broken($"its format is number {format}, which does not exist") };
        var compression = await CompressionAsync(version, token);
        var created = await TimeAsync(token);
        var database = await HeaderTextAsync("name of the database", isName: true, token);
        var server = await HeaderTextAsync("server's version", isName: false, token);
        var program = await HeaderTextAsync("pg_dump's version", isName: false, token);
        return new ArchiveHeader(version, kind, _numberBytes, offsetBytes, compression, created, database, server, program);
    }

    private async Task<Compression> CompressionAsync(Version version, CancellationToken token)
    {
        if (version.Minor >= 15)
        {
            return await bytes.ByteAsync(token) switch
            {
                0 => Compression.None,
                1 => Compression.Gzip,
                2 => Compression.Lz4,
                3 => Compression.Zstd,
                var other => throw Broken($"its compression is number {other}, which does not exist"),
            };
        }

        return await bytes.NumberAsync(_numberBytes, token) switch
        {
            0 => Compression.None,
            >= -1 and <= 9 => Compression.Gzip,
            var other => throw Broken($"its compression is {other?.ToString(CultureInfo.InvariantCulture) ?? "no number"}"),
        };
    }

    // Seconds, minutes, hours, day, month from nought, years since 1900, and whether it was summer time.
    private async Task<DateTime> TimeAsync(CancellationToken token)
    {
        var parts = new int?[7];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = await bytes.NumberAsync(_numberBytes, token);
        }

        if (parts is not [>= 0 and <= 61 and var second, >= 0 and <= 59 and var minute, >= 0 and <= 23 and var hour, >= 1 and <= 31 and var day, >= 0 and <= 11 and var month, >= 70 and <= 1000 and var year, >= -1 and <= 1]
            || day > DateTime.DaysInMonth(year + 1900, month + 1))
        {
            throw Broken("the time at which it was made is none");
        }

        return new DateTime(year + 1900, month + 1, day, hour, minute, Math.Min(second, 59), DateTimeKind.Unspecified);
    }

    private async Task<string> HeaderTextAsync(string what, bool isName, CancellationToken token)
    {
        if (await bytes.NumberAsync(_numberBytes, token) is not ({ } length and >= 0 and <= LongestName))
        {
            throw Broken($"the length of the {what} makes no sense");
        }

        var text = _utf8.GetString(await bytes.BytesAsync(length, token));
        // PostgreSQL lets names hold anything else.
        return text.Any(isName ? static letter => letter == '\0' : char.IsControl) ? throw Broken($"the {what} holds what no text holds") : text;
    }

    private async Task<ArchiveEntry> EntryAsync(ArchiveHeader header, CancellationToken token)
    {
        var minor = header.Version.Minor;
        var id = await NumberAsync("number of an entry", 1, int.MaxValue, token);
        var hasData = await NumberAsync("sign of data", 0, 1, token) == 1;
        _ = await OidAsync(token);
        _ = await OidAsync(token);
        var name = await TextAsync("name", LongestName, token) ?? "";
        var description = await TextAsync("kind", 128, token) ?? "";
        if (description.Length == 0 || !description.All(letter => char.IsAsciiLetterUpper(letter) || letter is ' ' or '_'))
        {
            throw Damaged($"an entry is of no kind that exists");
        }

        _ = await NumberAsync("section", 1, 4, token);
        for (var i = 0; i < 3; i++)
        {
            await SkipTextAsync(token); // What makes it, what drops it, and how its rows are copied.
        }

        var schema = await TextAsync("schema", LongestName, token) ?? "";
        _ = await TextAsync("tablespace", LongestName, token);
        if (minor >= 14)
        {
            _ = await TextAsync("access method", LongestName, token);
        }

        if (minor >= 16)
        {
            _ = await NumberAsync("kind of relation", 0, 127, token);
        }

        var owner = await TextAsync("owner", LongestName, token) ?? "";
        if (await TextAsync("sign of row numbers", 8, token) is not ("true" or "false" or null))
        {
            throw Damaged("the sign of row numbers is neither true nor false");
        }

        var entry = new ArchiveEntry(id, Word(description), Word(schema), name, Word(owner), hasData, await DependenciesAsync(token));
        return header.Kind == BackupKind.Custom
            ? entry with { Offset = await OffsetAsync(header.OffsetBytes, token) }
            : entry with { FileName = await TextAsync("file name", LongestName, token) is { Length: > 0 } file ? FileName(file) : null };
    }

    private async Task<int[]> DependenciesAsync(CancellationToken token)
    {
        List<int>? found = null;
        while (await TextAsync("dependency", 16, token) is { } text)
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || found?.Count > 1_000_000)
            {
                throw Damaged("a dependency is no number");
            }

            (found ??= []).Add(id);
        }

        return found?.ToArray() ?? [];
    }

    // Whether it was noted, and the lowest byte first.
    private async Task<long?> OffsetAsync(int length, CancellationToken token)
    {
        await bytes.EnsureAsync(1 + length, token);
        return Read(bytes.Take(1 + length));

        static long? Read(ReadOnlySpan<byte> field)
        {
            var offset = field.Length > 8 ? BinaryPrimitives.ReadInt64LittleEndian(field[1..]) : BinaryPrimitives.ReadUInt32LittleEndian(field[1..]);
            return field[0] switch
            {
                2 => offset >= 0 ? offset : throw Damaged("an offset makes no sense"),
                1 or 3 => null,
                _ => throw Damaged("the sign of an offset makes no sense"),
            };
        }
    }

    private async Task<long> OidAsync(CancellationToken token) =>
        uint.TryParse(await TextAsync("object identifier", 16, token), NumberStyles.None, CultureInfo.InvariantCulture, out var oid)
            ? oid
            : throw Damaged("an object identifier is no number");

    private async ValueTask<int> NumberAsync(string what, int lowest, int highest, CancellationToken token) =>
        await bytes.NumberAsync(_numberBytes, token) is { } number && number >= lowest && number <= highest ? number : throw Damaged($"the {what} makes no sense");

    private async ValueTask<string?> TextAsync(string what, int longest, CancellationToken token)
    {
        var length = await LengthAsync(what, longest, token);
        if (length < 0)
        {
            return null;
        }

        var text = await bytes.TryEnsureAsync(length, token) ? _utf8.GetString(bytes.Take(length)) : throw new EndOfStreamException();
        return text.Contains('\0', StringComparison.Ordinal) ? throw Damaged($"the {what} holds what no text holds") : text;
    }

    private async ValueTask SkipTextAsync(CancellationToken token)
    {
        for (var left = await LengthAsync("text of a statement", LongestText, token); left > 0;)
        {
            await bytes.EnsureAsync(1, token);
            var part = bytes.Take(Math.Min(left, bytes.Ready.Length));
            left -= part.Length;
            if (part.Contains((byte)0))
            {
                throw Damaged("the text of a statement holds what no text holds");
            }
        }
    }

    private async ValueTask<int> LengthAsync(string what, int longest, CancellationToken token)
    {
        var length = await bytes.NumberAsync(_numberBytes, token);
        return length is >= -1 && length <= longest ? length.Value : throw Damaged($"the length of the {what} makes no sense");
    }

    // The same few words stand in every entry.
    private string Word(string text)
    {
        if (_words.TryGetValue(text, out var known))
        {
            return known;
        }

        _words[text] = text;
        return text;
    }

    private static string FileName(string name) => name.Length < 256 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-') && name[0] != '.'
        ? name
        : throw Damaged("the name of a file is none that pg_dump gives");

    private static BackupFaultException Broken(string why) => new(
        "Archive", BackupLevel.Header, BackupFault.HeaderDamaged, $"The header of the archive is damaged: {why}.", "Use another backup, and look at the disk or network this one came over.");

    private static BackupFaultException Damaged(string why) => new(
        Check, BackupLevel.Toc, BackupFault.ContentsDamaged, $"The table of contents is damaged: {why}.", "Use another backup, and look at the disk or network this one came over.");
}
