using System.Globalization;

namespace Maintenance.Engine.Maintain;

/// <summary>
/// What a VACUUM has removed. Whoever reads a page may prune its dead rows and leave their line pointers, which the statistics go on
/// counting as dead rows and the indexes go on pointing at; VACUUM then removes line pointers, and reports hardly a row. So both are
/// counted: line pointers beyond the rows that it removed itself are rows that had been pruned. (It is a lower bound: rows of a chain
/// that fit on their page leave none.) Pure.
/// </summary>
internal sealed record VacuumOutcome
{
    /// <summary>Dead rows that are gone now and were counted before; null if nobody knows.</summary>
    public long? RowsRemoved { get; private init; }

    /// <summary>Those of them of which the line pointers alone were left.</summary>
    public long? RowsPrunedBefore { get; private init; }

    public long? ToastRowsRemoved { get; private init; }

    /// <summary>What was removed, as a sentence.</summary>
    public required string Message { get; init; }

    /// <summary>Puts together what the server reported and what its statistics count.</summary>
    /// <param name="report">What the server reported.</param>
    /// <param name="deadBefore">Dead rows of the table that the statistics counted before.</param>
    /// <param name="deadAfter">And after; null if they could not be read.</param>
    public static VacuumOutcome Of(VacuumReport report, long deadBefore, long? deadAfter)
    {
        var pruned = Pruned(report.Removed, report.ItemIdentifiersRemoved);
        var removed = report.Removed + pruned ?? (deadAfter is null ? null : Math.Max(0, deadBefore - deadAfter.Value));
        var toastPruned = Pruned(report.ToastRemoved, report.ToastItemIdentifiersRemoved);
        var toast = report.ToastRemoved + toastPruned;
        return new VacuumOutcome
        {
            RowsRemoved = removed,
            RowsPrunedBefore = report.Removed is null ? null : pruned,
            ToastRowsRemoved = toast,
            Message = Describe(report, removed, toast ?? 0, pruned + toastPruned, deadBefore),
        };
    }

    private static long Pruned(long? removed, long? identifiers) => Math.Max(0, (identifiers ?? 0) - (removed ?? 0));

    private static string Describe(VacuumReport report, long? removed, long toast, long pruned, long deadBefore)
    {
        if (removed is null)
        {
            return "It was vacuumed; how many dead rows were removed is not known.";
        }

        var all = removed.Value + toast;
        if (all == 0 && deadBefore == 0 && report.NotRemovable is 0 && report.ItemIdentifiersLeft is not > 0)
        {
            return "There were no dead rows; its pages were marked as visible to all.";
        }

        var message = Text($"{all:N0} dead rows were removed{(pruned > 0 ? Text($" ({pruned:N0} of them had been pruned to their line pointers before)") : "")}.");
        if (report.ItemIdentifiersLeft is > 0 and var left)
        {
            return Text($"{message} {left:N0} line pointers of pruned rows are left for a later VACUUM: the server passed over the indexes for so few pages, or for want of time.");
        }

        // Without an index nothing tells what was pruned before (from PostgreSQL 17 on), and statistics may be estimates.
        return deadBefore > removed + (report.NotRemovable ?? 0)
            ? Text($"{message} The statistics had counted {deadBefore:N0}: the others had been pruned before, or the count was an estimate.")
            : message;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
