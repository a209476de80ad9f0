using System.Globalization;

namespace Maintenance.Engine.Performance.Statements;

/// <summary>What a statement spends its time on, as far as the server's counters tell, and how that is known. Pure.</summary>
internal static class QueryBounds
{
    // Of these no time is measured, only an amount. At such rates a disk is busy with it for most of the time.
    private const double BusyBytesPerSecond = 50 * 1024 * 1024;

    public static (QueryBound Bound, string Reason) Of(StatementCounts counts, StatementTracking tracking)
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

        if (!tracking.IoTiming && counts.BlocksRead + counts.BlocksWritten + counts.TemporaryBlocks > 0)
        {
            return (QueryBound.Unknown, "It reads or writes blocks, and the server does not measure the time for it: set track_io_timing to on.");
        }

        var share = Share(rest / all, "of the time was neither planning, nor compiling, nor reading and writing: it computes, or waits for locks or clients, which is not counted apart.");
        return (QueryBound.Cpu, tracking.Planning ? share : share.Replace("neither planning, nor", "neither", StringComparison.Ordinal));
    }

    private static string Share(double share, string what) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0} % {what}");

    private static string Rate(double bytesPerSecond, string what) => string.Create(CultureInfo.InvariantCulture, $"{bytesPerSecond / 1024 / 1024:0} MB a second {what}");
}
