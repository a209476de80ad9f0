using System.Text;

namespace Maintenance.Engine.Backup.Restore;

/// <summary>
/// Feeds SQL text to psql. The first thing it says is <c>\restrict</c> with a random word, after which psql runs no command of its own,
/// such as <c>\! rm</c>, whatever the text holds: psql reads the text itself, so nothing that is hidden from us is seen by it.
/// On the way, roles that lines speak of are made known before the lines arrive; and the few commands that pg_dump itself writes are
/// left out, since psql would only complain of them.
/// </summary>
/// <param name="scan">Learns from the lines.</param>
/// <param name="onRoles">Called with roles that no line has named before.</param>
/// <param name="key">The random word: letters and digits.</param>
internal sealed class PlainFeed(DumpScan scan, Func<IReadOnlyList<string>, Task> onRoles, string key)
{
    private const int LongestLine = 64 * 1024;

    private bool _inCopy;

    /// <summary>True once all of it was fed.</summary>
    public bool Completed { get; private set; }

    /// <summary>Feeds all of it, in constant memory.</summary>
    /// <param name="source">The text.</param>
    /// <param name="psql">What psql reads.</param>
    /// <param name="cancellationToken">Ends the feeding.</param>
    public async Task RunAsync(Stream source, Stream psql, CancellationToken cancellationToken)
    {
        await psql.WriteAsync(Encoding.ASCII.GetBytes($"\\restrict {key}\n"), cancellationToken);
        var buffer = new byte[LongestLine];
        var filled = 0;
        var inLongLine = false;
        int read;
        while ((read = await source.ReadAsync(buffer.AsMemory(filled), cancellationToken)) > 0)
        {
            filled += read;
            var start = 0;
            var kept = 0;
            for (int end; (end = buffer.AsSpan(start, filled - start).IndexOf((byte)'\n')) >= 0; start += end + 1)
            {
                if (inLongLine)
                {
                    inLongLine = false;
                    continue;
                }

                var line = buffer.AsMemory(start, end);
                if (await IsOurBusinessAsync(line.Span.Length < 2 ? "" : TextOf(line.Span)))
                {
                    // What comes before goes out first, in its order.
                    await psql.WriteAsync(buffer.AsMemory(kept, start - kept), cancellationToken);
                    kept = start + end + 1;
                }
            }

            // A line that does not end goes on as it is; only ends of lines are waited for.
            if (filled - start == buffer.Length)
            {
                inLongLine = true;
                start = filled;
            }

            await psql.WriteAsync(buffer.AsMemory(kept, start - kept), cancellationToken);
            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
        }

        await psql.WriteAsync(buffer.AsMemory(0, filled), cancellationToken);
        await psql.FlushAsync(cancellationToken);
        Completed = true;
    }

    // Rows are passed on without a look: there are most of them.
    private string TextOf(ReadOnlySpan<byte> line) =>
        _inCopy && !line.StartsWith(@"\."u8) ? "" : Encoding.UTF8.GetString(line).TrimEnd('\r');

    private async Task<bool> IsOurBusinessAsync(string line)
    {
        if (_inCopy)
        {
            _inCopy = line != @"\.";
            return false;
        }

        if (line.StartsWith("COPY ", StringComparison.Ordinal) && line.EndsWith(" FROM stdin;", StringComparison.Ordinal))
        {
            _inCopy = true;
            return false;
        }

        if (scan.Read(line) is { Count: > 0 } roles)
        {
            await onRoles(roles);
        }

        return line.StartsWith(@"\restrict ", StringComparison.Ordinal)
            || line.StartsWith(@"\unrestrict ", StringComparison.Ordinal)
            || line.StartsWith(@"\connect ", StringComparison.Ordinal);
    }
}
