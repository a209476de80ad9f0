namespace Maintenance.Engine.Backup.Testing;

/// <summary>Reads SQL text to its end, and looks whether the dump says there that it is complete.</summary>
internal static class SqlWalk
{
    /// <summary>How many of the last bytes hold the closing words, and what psql is told behind them.</summary>
    public const int TailBytes = 1024;

    /// <summary>Reads to the end.</summary>
    /// <returns>How many bytes there are.</returns>
    /// <exception cref="BackupFaultException">Truncated.</exception>
    public static async Task<long> RunAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[128 * 1024];
        var (bytes, kept, cluster) = (0L, 0, false);
        while (true)
        {
            // The last bytes before stay in front, since the closing words may lie across.
            var read = await stream.ReadAtLeastAsync(buffer.AsMemory(kept), buffer.Length - kept, throwOnEndOfStream: false, cancellationToken);
            cluster = bytes == 0 ? BackupHeader.SqlText.IsCluster(buffer.AsSpan(0, Math.Min(read, BackupHeader.Length))) : cluster;
            bytes += read;
            var end = kept + read;
            var tail = Math.Min(end, TailBytes);
            buffer.AsSpan(end - tail, tail).CopyTo(buffer);
            kept = tail;
            if (end < buffer.Length)
            {
                break;
            }
        }

        return BackupHeader.SqlText.Closes(buffer.AsSpan(0, kept), cluster) ? bytes : throw Truncated(BackupLevel.Checksum);
    }

    /// <summary>The text does not say that it is complete.</summary>
    public static BackupFaultException Truncated(BackupLevel level) => new(
        "End", level, BackupFault.Truncated, "The text does not end with the words that a complete dump ends with.",
        "Make the backup again, and look at why it was cut off: a full disk, a connection that was lost, or an error of pg_dump.");
}
