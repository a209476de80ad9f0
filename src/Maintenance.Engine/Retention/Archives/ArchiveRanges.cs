using System.Collections.Concurrent;
using System.Globalization;
using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Retention;

/// <summary>
/// Divides what is due into ranges of about as many rows as a part shall have: by time along the index, and where there is none, or many
/// rows have the same time, by the table's pages.
/// </summary>
internal sealed class ArchiveRanges(DatabaseSession session, ArchiveStatements statements, PartSize size)
{
    private readonly Stack<ArchiveRange> _left = new();
    private readonly ConcurrentQueue<ArchiveRange> _again = new();
    private double _rowsPerPage = 1;

    /// <summary>Whether anything is left to be divided.</summary>
    public bool HasMore => _left.Count > 0 || !_again.IsEmpty;

    /// <summary>Begins with everything that is due.</summary>
    /// <param name="end">The cut-off.</param>
    /// <param name="byTime">Whether an index leads through the table by time.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task StartAsync(string end, bool byTime, CancellationToken cancellationToken)
    {
        const string Beginning = "-infinity";
        if (!byTime)
        {
            await PushPagesAsync(new ArchiveRange(Beginning, end), cancellationToken);
        }
        else if (await session.ReadTextAsync(statements.First, cancellationToken, Beginning, end) is { } first)
        {
            _left.Push(new ArchiveRange(first, end));
        }
    }

    /// <summary>Comes later once more.</summary>
    public void PutBack(ArchiveRange range) => _again.Enqueue(range);

    /// <summary>The next range; null if there is none.</summary>
    public async Task<ArchiveRange?> NextAsync(CancellationToken cancellationToken)
    {
        while (_again.TryDequeue(out var range) || _left.TryPop(out range))
        {
            var rows = size.After(range.Tries);
            if (range.ByPages)
            {
                return CutPages(range, rows);
            }

            var bound = await session.ReadTextAsync(statements.Bound, cancellationToken, range.From, range.To, (long)rows);
            if (bound is null)
            {
                return range;
            }

            if (bound != range.From)
            {
                _left.Push(range with { From = bound });
                return range with { To = bound };
            }

            // More rows of one time than a part may have.
            var next = await session.ReadTextAsync(statements.NextTime, cancellationToken, range.From, range.To);
            if (next is not null)
            {
                _left.Push(range with { From = next });
            }

            await PushPagesAsync(range with { To = next ?? range.To }, cancellationToken);
        }

        return null;
    }

    private ArchiveRange CutPages(ArchiveRange range, int rows)
    {
        var pages = (long)Math.Max(1, rows / _rowsPerPage);
        if (range.FirstPage + pages >= range.EndPage)
        {
            return range;
        }

        _left.Push(range with { FirstPage = range.FirstPage + pages });
        return range with { EndPage = range.FirstPage + pages };
    }

    private async Task PushPagesAsync(ArchiveRange range, CancellationToken cancellationToken)
    {
        var (rows, first, last) = await session.RunAsync(
            statements.Pages,
            pages => $"{pages.Item1} row(s)",
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(SqlText.Marked(statements.Pages), connection);
                command.Parameters.Add(new() { Value = range.From });
                command.Parameters.Add(new() { Value = range.To });
                await using var reader = await command.ExecuteReaderAsync(token);
                await reader.ReadAsync(token);
                return reader.GetInt64(0) is var count and > 0 ? (count, reader.GetInt64(1), reader.GetInt64(2)) : (0, 0, 0);
            },
            cancellationToken);
        if (rows > 0)
        {
            _rowsPerPage = (double)rows / (last - first + 1);
            _left.Push(range with { FirstPage = first, EndPage = last + 1 });
        }
    }

    /// <summary>The values of a range as the statements want them.</summary>
    public static string[] Values(ArchiveRange range, bool always = false) => range.ByPages
        ? [range.From, range.To, string.Create(CultureInfo.InvariantCulture, $"({range.FirstPage},0)"), string.Create(CultureInfo.InvariantCulture, $"({range.EndPage},0)")]
        : always ? [range.From, range.To, "", ""] : [range.From, range.To];
}
