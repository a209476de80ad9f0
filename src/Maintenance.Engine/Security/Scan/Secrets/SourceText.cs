using System.Buffers;
using System.Text;

namespace Maintenance.Engine.Security.Scan.Secrets;

/// <summary>Reads a text of any length and looks for secrets in its lines. At most some hundred kilobytes of it are in memory.</summary>
internal static class SourceText
{
    private const int BlockLength = 64 * 1024;
    private const int KeyHeaderLength = 600;
    private const int LongLine = 4096;
    private const int Before = 100;
    private const int After = 2500;

    /// <summary>How many secrets of one text are told.</summary>
    public const int MostInOne = 100;

    private static readonly SearchValues<char> Separators = SearchValues.Create(" \t,;\"'`");

    /// <summary>Endings of files in which a value stands without quotes.</summary>
    private static readonly string[] SettingsEndings =
    [
        ".env", ".ini", ".cfg", ".conf", ".config", ".properties", ".toml", ".yml", ".yaml", ".sh", ".bash", ".ps1", ".bat", ".cmd", ".tfvars", ".npmrc", ".netrc", ".pgpass", ".txt", ".md", ".pem", ".key", ".xml", ".http",
    ];

    /// <summary>Whether a file's bytes begin like text: UTF-16 with a mark, or no zero among them.</summary>
    /// <param name="start">Its first bytes.</param>
    public static bool IsText(ReadOnlySpan<byte> start) =>
        start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) || !start.Contains((byte)0);

    /// <summary>Whether a file holds settings rather than code, by its name.</summary>
    /// <param name="name">Its name.</param>
    public static bool IsSettings(string name) =>
        SettingsEndings.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
        || Path.GetFileName(name) is var file && (file.StartsWith(".env", StringComparison.OrdinalIgnoreCase) || !file.Contains('.', StringComparison.Ordinal));

    /// <summary>Whether a file is for secrets, by its name: then it is read whatever its bytes look like.</summary>
    /// <param name="name">Its name.</param>
    public static bool IsForSecrets(string name) =>
        PasswordFile.Is(name) || name.StartsWith(".env", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".env", StringComparison.OrdinalIgnoreCase);

    /// <summary>Looks for secrets.</summary>
    /// <param name="text">The text; it is read to its end.</param>
    /// <param name="name">The name of the file, which tells settings from code.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IReadOnlyList<SourceSecret>> FindAsync(Stream text, string name, CancellationToken cancellationToken)
    {
        var found = new List<SourceSecret>();
        using var reader = new StreamReader(text, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, BlockLength, leaveOpen: true);
        var isSettings = IsSettings(name);
        var buffer = new char[2 * BlockLength];
        var (kept, number) = (0, 1);
        while (true)
        {
            var read = await reader.ReadBlockAsync(buffer.AsMemory(kept, buffer.Length - kept), cancellationToken);
            var length = kept + read;
            if (length == 0)
            {
                return found;
            }

            var isEnd = length < buffer.Length;
            var end = isEnd ? length : Whole(buffer.AsSpan(0, length));
            number = Look(buffer.AsSpan(0, end), number, name, isSettings, found);
            if (isEnd || found.Count >= MostInOne)
            {
                return found;
            }

            buffer.AsSpan(end, length - end).CopyTo(buffer);
            kept = length - end;
        }
    }

    // Whole lines only, a key's header never without what follows it; of a line longer than all this, whole words.
    private static int Whole(ReadOnlySpan<char> text)
    {
        var last = text.LastIndexOf('\n');
        if (last < 0)
        {
            return text.LastIndexOfAny(Separators) is > 0 and var separator ? separator + 1 : text.Length;
        }

        var tail = Math.Max(0, last - KeyHeaderLength);
        var header = text[tail..last].LastIndexOf("-----BEGIN", StringComparison.Ordinal);
        return header >= 0 && text[..(tail + header)].LastIndexOf('\n') is >= 0 and var before ? before + 1 : last + 1;
    }

    private static int Look(ReadOnlySpan<char> block, int number, string name, bool isSettings, List<SourceSecret> found)
    {
        var isPasswordFile = PasswordFile.Is(name);
        if (!isPasswordFile && !SourceSecrets.MayHold(block))
        {
            return number + block.Count('\n');
        }

        var lines = new List<Range>();
        foreach (var range in block.Split('\n'))
        {
            lines.Add(range);
        }

        for (var index = 0; index < lines.Count && found.Count < MostInOne; index++)
        {
            var line = block[lines[index]];
            if (isPasswordFile)
            {
                found.AddRange(PasswordFile.In(Line(line), number + index, name) is { } password ? [password] : []);
            }
            else if (SourceSecrets.MayHold(line))
            {
                var ahead = line.Contains("-----BEGIN", StringComparison.Ordinal) ? Ahead(block, lines, index) : [];
                foreach (var piece in Pieces(line))
                {
                    found.AddRange(SourceSecrets.In(piece, number + index, isSettings, ahead));
                }
            }
        }

        // After the last line break stands the beginning of a line that the next block counts.
        return number + lines.Count - 1;
    }

    private static List<string> Ahead(ReadOnlySpan<char> block, List<Range> lines, int index)
    {
        var ahead = new List<string>();
        for (var at = index + 1; at < lines.Count && ahead.Count < 4; at++)
        {
            ahead.Add(Line(block[lines[at]]));
        }

        return ahead;
    }

    // Of a long line only what stands around a hint, or the patterns would take seconds for the megabyte on one line that a bundler writes.
    private static List<string> Pieces(ReadOnlySpan<char> line)
    {
        if (line.Length <= LongLine)
        {
            return [Line(line)];
        }

        var pieces = new List<string>();
        for (var at = 0; at < line.Length && SourceSecrets.FirstHint(line[at..]) is >= 0 and var hint;)
        {
            var start = Math.Max(at, at + hint - Before);
            var end = Math.Min(line.Length, at + hint + After);
            pieces.Add(Line(line[start..end]));
            at = end;
        }

        return pieces;
    }

    private static string Line(ReadOnlySpan<char> line) => line.TrimEnd('\r').ToString();
}
