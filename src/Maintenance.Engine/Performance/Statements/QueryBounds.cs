using System.Globalization;

namespace Maintenance.Engine.Performance.Statements;

/// <summary>What a statement spends its time on, as far as the server's counters tell, and how that is known. Pure.</summary>
internal static class QueryBounds
{
    // Of these no time is measured, only an amount. At such rates a disk is busy with it for most of the time.
    private const double BusyBytesPerSecond = 50 * 1024 * 1024;

    // No disk takes longer for a block, as a rule.
    private const double MostMillisecondsPerBlock = 10;

    // A processor does many thousands a second. With less, and not for a moment only, it has mostly waited.
    private const double LeastDone = 1000;
    private const double LeastWait = 50;

    // Of deleting a row. Finding it in a tree takes a handful, and so does each index.
    private const double MostBlocksPerRow = 1000;

    /// <summary>Judges.</summary>
    /// <param name="counts">What was counted.</param>
    /// <param name="tracking">What the server counts at all.</param>
    /// <param name="text">The statement without literals, if it is known.</param>
    /// <param name="running">Its executions of this moment.</param>
    public static (QueryBound Bound, string Reason) Of(StatementCounts counts, StatementTracking tracking, string? text = null, RunningStatements running = default)
    {
        var (bound, reason) = Judge(counts, tracking, text, running);
        var perRow = counts.Rows > 0 ? (counts.BlocksHit + counts.BlocksRead) / counts.Rows : 0;
        return perRow > MostBlocksPerRow && StatementKinds.Deletes(text)
            ? (bound, string.Create(
                CultureInfo.InvariantCulture,
                $"{reason} {perRow:0} blocks were touched for each deleted row: the rows are found by reading the whole table, or another table refers to this one by a foreign key without an index, which is then read for every row. Get-DbIndexAdvice tells of such keys."))
            : (bound, reason);
    }

    private static (QueryBound Bound, string Reason) Judge(StatementCounts counts, StatementTracking tracking, string? text, RunningStatements running)
    {
        var all = counts.Time + counts.PlanTime;
        if (all <= 0)
        {
            return (QueryBound.Unknown, "No time was counted.");
        }

        var parts = new List<(QueryBound Bound, double Time, string What)>
        {
            (QueryBound.Planning, counts.PlanTime, "planning"),
            (QueryBound.Jit, counts.JitTime, "compiling expressions (JIT)"),
            (QueryBound.Io, counts.IoTime, "reading and writing blocks"),
            (QueryBound.TemporaryFiles, counts.TemporaryIoTime, "reading and writing temporary files"),
        };
        var (bound, time, what) = parts.MaxBy(part => part.Time);
        var rest = all - parts.Sum(part => part.Time);
        if (time > 0 && time >= rest)
        {
            return (bound, Share(time / all, $"of the time was spent on {what}."));
        }

        // The rest, by what is known of amounts.
        var seconds = all / 1000;
        var (temporary, wal) = (counts.TemporaryBlocks * tracking.BlockSize / seconds, counts.WalBytes / seconds);
        if (temporary > BusyBytesPerSecond && !(tracking.IoTiming && tracking.JitAndTemporaryFiles))
        {
            return (QueryBound.TemporaryFiles, Rate(temporary, "of temporary files were read and written. The time for it is not measured."));
        }

        if (wal > BusyBytesPerSecond)
        {
            return (QueryBound.Wal, Rate(wal, "of write-ahead log were written. The time for it is not measured."));
        }

        if (running.Waiting > 0 && running.Waiting * 2 >= running.Count)
        {
            return (QueryBound.Lock, string.Create(CultureInfo.InvariantCulture, $"Of {running.Count} executions that run this moment {running.Waiting} wait for locks of others: Get-DbSession shows who holds them. The server does not count such waits."));
        }

        var unmeasured = tracking.IoTiming ? 0 : counts.BlocksRead + counts.BlocksWritten + counts.TemporaryBlocks;
        if (unmeasured * MostMillisecondsPerBlock >= rest / 2)
        {
            return (QueryBound.Unknown, "It reads or writes blocks, and the server does not measure the time for it: set track_io_timing to on.");
        }

        var done = (counts.BlocksHit + counts.BlocksRead + counts.BlocksWritten + counts.TemporaryBlocks + counts.Rows) / (rest / 1000);
        if (done < LeastDone && rest / counts.Calls >= LeastWait)
        {
            var little = string.Create(CultureInfo.InvariantCulture, $"It handled only {done:0.#} blocks and rows in each second of its time");
            return StatementKinds.TakesLocks(text)
                ? (QueryBound.Lock, $"{little}, so most of it was probably waiting for locks of others (an inference: the server does not count waits). Get-DbSession shows who holds them, as it happens.")
                : (QueryBound.Unknown, $"{little}: it waited, for locks, clients or time, or computed much from little. The server does not tell these apart; Get-DbSession shows waits as they happen.");
        }

        var share = Share(rest / all, "of the time was neither planning, nor compiling, nor reading and writing: it computes, as far as counters tell; waits for locks or clients are not counted apart.");
        return (QueryBound.Cpu, tracking.Planning ? share : share.Replace("neither planning, nor", "neither", StringComparison.Ordinal));
    }

    private static string Share(double share, string what) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0} % {what}");

    private static string Rate(double bytesPerSecond, string what) => string.Create(CultureInfo.InvariantCulture, $"{bytesPerSecond / 1024 / 1024:0} MB a second {what}");
}
