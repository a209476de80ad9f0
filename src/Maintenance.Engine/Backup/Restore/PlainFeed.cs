using System.Text;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Backup.Restore;

/// <summary>
/// Feeds SQL text to psql. The first thing it says is <c>\restrict</c> with a random word, after which psql runs no command of its own,
/// such as <c>\! rm</c>, whatever the text holds: psql reads the text itself, so nothing that is hidden from us is seen by it.
/// On the way, roles that lines speak of are made known before the lines arrive. The few commands that pg_dump itself writes are left
/// out, since psql would only complain of them; and so is what concerns the database as a whole and its tablespaces, because all of it
/// goes into a database that is there already.
/// </summary>
/// <param name="scan">Learns from the lines.</param>
/// <param name="onRoles">Called with roles that no line has named before.</param>
/// <param name="lines">Learns where statements lie whose errors are to be told apart.</param>
/// <param name="key">The random word: letters and digits.</param>
internal sealed partial class PlainFeed(DumpScan scan, Func<IReadOnlyList<string>, Task> onRoles, FedLines lines, string key)
{
    private const int LongestLine = 64 * 1024;

    private readonly SqlLexer _lexer = new();
    private bool _inCopy;
    private bool _hasMade;
    private bool _isLeft;
    private bool _isCopy;
    private bool _isRemoval;
    private long _fed;

    /// <summary>True once all of it was fed.</summary>
    public bool Completed { get; private set; }

    /// <summary>True if rows came before anything was made that could hold them. The feeding has ended there.</summary>
    public bool IsDataOnly { get; private set; }

    /// <summary>Feeds all of it, in constant memory.</summary>
    /// <param name="source">The text.</param>
    /// <param name="psql">What psql reads.</param>
    /// <param name="cancellationToken">Ends the feeding.</param>
    public async Task RunAsync(Stream source, Stream psql, CancellationToken cancellationToken)
    {
        await psql.WriteAsync(Encoding.ASCII.GetBytes($"\\restrict {key}\n"), cancellationToken);
        _fed = 1;
        var buffer = new byte[LongestLine];
        var filled = 0;
        var inLongLine = false;
        int read;
        while (!IsDataOnly && (read = await source.ReadAsync(buffer.AsMemory(filled), cancellationToken)) > 0)
        {
            filled += read;
            var start = 0;
            var kept = 0;
            for (int end; (end = buffer.AsSpan(start, filled - start).IndexOf((byte)'\n')) >= 0; start += end + 1)
            {
                var line = buffer.AsMemory(start, end + 1);
                if (inLongLine)
                {
                    inLongLine = false;
                    EndLongLine(line.Span);
                }
                else if (await IsLeftOutAsync(line))
                {
                    // What comes before goes out first, in its order.
                    await psql.WriteAsync(buffer.AsMemory(kept, start - kept), cancellationToken);
                    kept = start + end + 1;
                    if (IsDataOnly)
                    {
                        filled = start = kept;
                        break;
                    }

                    continue;
                }

                _fed++;
            }

            // A line that does not end goes on as it is; only ends of lines are waited for.
            if (filled - start == buffer.Length)
            {
                PassLongLine(buffer, isFirst: !inLongLine);
                inLongLine = true;
                start = filled;
            }

            await psql.WriteAsync(buffer.AsMemory(kept, start - kept), cancellationToken);
            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
        }

        await psql.WriteAsync(buffer.AsMemory(0, IsDataOnly ? 0 : filled), cancellationToken);
        await psql.FlushAsync(cancellationToken);
        Completed = true;
    }

    private static string TextOf(ReadOnlySpan<byte> line) => Encoding.UTF8.GetString(line).TrimEnd('\n', '\r');

    private async Task<bool> IsLeftOutAsync(ReadOnlyMemory<byte> line)
    {
        if (_inCopy)
        {
            // Rows are passed on without a look: there are most of them.
            _inCopy = !(line.Span.StartsWith(@"\."u8) && TextOf(line.Span) == @"\.");
            return false;
        }

        var (isCode, isStart) = (_lexer.IsCode, _lexer.IsAtStart);
        var text = isCode && line.Length > 2 ? TextOf(line.Span) : "";
        if (isStart)
        {
            Begin(text);
        }

        _lexer.Read(line.Span);
        if (IsDataOnly)
        {
            return true;
        }

        if (text.Length > 0 && scan.Read(text) is { Count: > 0 } roles)
        {
            await onRoles(roles);
        }

        var isLeft = _isLeft;
        if (_lexer.IsAtStart)
        {
            End(_isCopy ? TextOf(line.Span) : "", isLeft);
        }

        return isLeft;
    }

    private void Begin(string line)
    {
        _isCopy = line.StartsWith("COPY ", StringComparison.Ordinal);
        // Statements behind it on the same line have no place in what pg_dump writes, and are not left out with it.
        _isLeft = LeftOut().IsMatch(line) && line.IndexOf(';', StringComparison.Ordinal) is var end && (end < 0 || end == line.Length - 1 || line[0] == '\\' || line.Contains('"', StringComparison.Ordinal));
        _isRemoval = !_hasMade && Removal().IsMatch(line);
        IsDataOnly |= !_hasMade && (_isCopy || line.StartsWith("INSERT INTO ", StringComparison.Ordinal));
        _hasMade |= !_isLeft && !_isRemoval && line.StartsWith("CREATE ", StringComparison.Ordinal);
        if (line.StartsWith("SET standard_conforming_strings = ", StringComparison.Ordinal))
        {
            _lexer.BackslashEscapes = line.EndsWith(" off;", StringComparison.Ordinal);
        }
    }

    private void End(string lastLine, bool isLeft)
    {
        if (_isCopy && lastLine.EndsWith(" FROM stdin;", StringComparison.Ordinal))
        {
            _inCopy = true;
            lines.AddCopy(_fed + 1);
        }
        else if (_isRemoval && !isLeft)
        {
            lines.AddRemoval(_fed + 1);
        }

        (_isCopy, _isRemoval, _isLeft) = (false, false, false);
    }

    private void PassLongLine(ReadOnlySpan<byte> part, bool isFirst)
    {
        if (_inCopy)
        {
            return;
        }

        if (isFirst && _lexer.IsAtStart)
        {
            Begin(Encoding.UTF8.GetString(part[..256]));
            // It is on its way already.
            _isLeft = false;
        }

        _lexer.Read(part);
    }

    private void EndLongLine(ReadOnlySpan<byte> rest)
    {
        if (_inCopy)
        {
            return;
        }

        _lexer.Read(rest);
        if (_lexer.IsAtStart)
        {
            End(TextOf(rest), isLeft: false);
        }
    }

    [GeneratedRegex("""
        ^(?:\\(?:restrict|unrestrict|connect)\ 
        |(?:CREATE|DROP|ALTER)\ DATABASE\ 
        |COMMENT\ ON\ DATABASE\ 
        |SECURITY\ LABEL\ .*?\bON\ DATABASE\ 
        |(?:GRANT|REVOKE)\ [A-Z,\ ]+\ ON\ DATABASE\ 
        |ALTER\ ROLE\ (?:"(?:[^"]|"")+"|[\w$]+)\ IN\ DATABASE\ 
        |SET\ default_tablespace\ =\ [^'])
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex LeftOut();

    // As pg_dump --clean writes them. A view is made to be removed where something depends on it in a circle.
    [GeneratedRegex(@"^(?:DROP |ALTER .* DROP (?:CONSTRAINT |DEFAULT\b|IDENTITY\b|TABLE |TABLES IN SCHEMA )|SELECT pg_catalog\.lo_unlink\(|CREATE OR REPLACE VIEW )")]
    private static partial Regex Removal();
}
