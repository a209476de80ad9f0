namespace Maintenance.Engine.Backup.Testing;

/// <summary>Reads SQL text to its end, and looks whether the dump says there that it is complete.</summary>
internal static class SqlWalk
{
    // What pg_dump writes above each table, and above the rows of each, also where there are none.
    private static ReadOnlySpan<byte> TableMark => "; Type: TABLE; Schema: "u8;

    private static ReadOnlySpan<byte> RowsMark => "\n-- Data for Name: "u8;

    /// <summary>How many of the last bytes hold the closing words, and what psql is told behind them.</summary>
    public const int TailBytes = 1024;

    /// <summary>Reads to the end.</summary>
    /// <returns>How many bytes there are.</returns>
    /// <exception cref="BackupFaultException">Truncated, NoRows.</exception>
    public static async Task<long> RunAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[128 * 1024];
        var (bytes, kept, cluster) = (0L, 0, false);
        var (tables, rows) = (false, false);
        while (true)
        {
            // The last bytes before stay in front, since the closing words may lie across.
            var read = await stream.ReadAtLeastAsync(buffer.AsMemory(kept), buffer.Length - kept, throwOnEndOfStream: false, cancellationToken);
            cluster = bytes == 0 ? BackupHeader.SqlText.IsCluster(buffer.AsSpan(0, Math.Min(read, BackupHeader.Length))) : cluster;
            bytes += read;
            var end = kept + read;
            tables = tables || buffer.AsSpan(0, end).IndexOf(TableMark) >= 0;
            rows = rows || buffer.AsSpan(0, end).IndexOf(RowsMark) >= 0;
            var tail = Math.Min(end, TailBytes);
            buffer.AsSpan(end - tail, tail).CopyTo(buffer);
            kept = tail;
            if (end < buffer.Length)
            {
                break;
            }
        }

        return !BackupHeader.SqlText.Closes(buffer.AsSpan(0, kept), cluster) ? throw Truncated(BackupLevel.Checksum)
            : tables && !rows ? throw NoRows(BackupLevel.Checksum, "tables")
            : bytes;
    }

    /// <summary>There are tables, and nothing for their rows.</summary>
    public static BackupFaultException NoRows(BackupLevel level, string tables) => new(
        "Rows", level, BackupFault.NoRows, $"It holds {tables} and the rows of none: a dump of the schema alone, from which no row comes back.",
        "Dump the rows too (without --schema-only), and keep dumps of the schema alone out of the backup store.");

    /// <summary>The text does not say that it is complete.</summary>
    public static BackupFaultException Truncated(BackupLevel level) => new(
        "End", level, BackupFault.Truncated, "The text does not end with the words that a complete dump ends with.",
        "Make the backup again, and look at why it was cut off: a full disk, a connection that was lost, or an error of pg_dump.");
}
