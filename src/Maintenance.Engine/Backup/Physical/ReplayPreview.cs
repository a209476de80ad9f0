using System.Buffers.Binary;
using System.Text;

namespace Maintenance.Engine.Backup.Physical;

/// <summary>A tablespace that the log makes.</summary>
/// <param name="Path">Where; null where the record could not be understood.</param>
/// <param name="Position">Where in the log.</param>
internal sealed record LoggedTablespace(string? Path, ulong Position);

/// <summary>What a recovery would replay, as far as it matters before it is begun.</summary>
/// <param name="Tablespaces">Tablespaces that it would make.</param>
/// <param name="Records">How many records there are.</param>
/// <param name="End">Where the log ends.</param>
/// <param name="IsReached">True if the moment that is wanted lies before that end.</param>
internal sealed record ReplayPreview(IReadOnlyList<LoggedTablespace> Tablespaces, long Records, ulong End, bool IsReached)
{
    private const byte Transactions = 1;
    private const byte TablespaceManager = 5;
    private const byte Create = 0x00;

    /// <summary>Reads the log, up to the end or to a moment.</summary>
    /// <remarks>
    /// Making a tablespace is replayed at the path of the original, which may be in use on this machine: older servers clear the folder
    /// away, and all of them write there afterwards. Dropping one is not dangerous: that follows the link in pg_tblspc, and in a scratch
    /// folder those lead into the scratch folder alone.
    /// </remarks>
    /// <param name="records">The log.</param>
    /// <param name="until">The moment; null for all of it.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<ReplayPreview> OfAsync(WalRecords records, DateTimeOffset? until, CancellationToken cancellationToken)
    {
        var (tablespaces, count, reached) = (new List<LoggedTablespace>(), 0L, false);
        await foreach (var record in records.ReadAsync(cancellationToken))
        {
            count++;
            if (record.Manager == TablespaceManager && (record.Info & 0xF0) == Create && PathOf(record) is not "" and var path)
            {
                tablespaces.Add(new LoggedTablespace(path, record.Position));
            }
            else if (until is { } moment && record.Manager == Transactions && EndedAt(record) > Microseconds(moment))
            {
                reached = true;
                break;
            }
        }

        return new ReplayPreview(tablespaces, count, records.End, reached);
    }

    // Empty for one that lies in the data folder itself.
    private static string? PathOf(WalRecord record)
    {
        if (record.Data is not { Length: > sizeof(uint) } data)
        {
            return null;
        }

        var path = data.Span[sizeof(uint)..];
        return path.IndexOf((byte)0) is >= 0 and var end ? Encoding.UTF8.GetString(path[..end]) : null;
    }

    // When a transaction ended: the server stops before the first that did so after the moment.
    private static long? EndedAt(WalRecord record) => (record.Info & 0x70) is 0x00 or 0x20 or 0x30 or 0x40 && record.Data is { Length: >= sizeof(long) } data
        ? BinaryPrimitives.ReadInt64LittleEndian(data.Span)
        : null;

    // PostgreSQL's clock begins with the year 2000.
    private static long Microseconds(DateTimeOffset time) => (time.UtcTicks - new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks) / TimeSpan.TicksPerMicrosecond;
}
