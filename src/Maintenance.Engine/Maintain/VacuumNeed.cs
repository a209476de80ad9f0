using System.Globalization;
using Maintenance.Engine.Database;

namespace Maintenance.Engine.Maintain;

/// <summary>What a table needs, each with its reason; null is nothing. Pure.</summary>
/// <param name="Vacuum">Why it should be vacuumed.</param>
/// <param name="Analyze">Why its statistics should be gathered.</param>
/// <param name="Wraparound">Its transaction ids are old: this cannot be put off by anybody's snapshot.</param>
/// <param name="NeedsFreeze">Without FREEZE the server would leave old rows as they are.</param>
internal sealed record VacuumNeed(string? Vacuum, string? Analyze, bool Wraparound = false, bool NeedsFreeze = false)
{
    /// <summary>
    /// Autovacuum takes a table for wraparound at autovacuum_freeze_max_age. From vacuum_freeze_table_age on, but at the latest at this
    /// share of the former, a VACUUM reads the whole table by itself; so that is when it is due.
    /// </summary>
    private const double LatestFreezeShare = 0.95;

    /// <summary>Before PostgreSQL 18, ANALYZE of a partitioned table goes on to its partitions: those it comes to within this time are no news.</summary>
    private static readonly TimeSpan OneStatement = TimeSpan.FromHours(1);

    /// <summary>Judges a table.</summary>
    public static VacuumNeed Of(VacuumRelation relation, VacuumFacts facts, VacuumOptions options)
    {
        var thresholds = facts.Thresholds.With(relation.Heap.Options);
        var (wraparound, needsFreeze) = Wraparounds(relation, facts);
        return relation.IsPartitioned
            ? new VacuumNeed(null, null)
            : new VacuumNeed(
                wraparound
                    ?? Dead(relation.Heap, thresholds, options, "dead rows")
                    ?? Inserted(relation.Heap, thresholds, options)
                    ?? (relation.Toast is { } toast ? Dead(toast, facts.Thresholds.With(toast.Options), options, "dead TOAST chunks") : null),
                Statistics(relation, thresholds, options),
                wraparound is not null,
                needsFreeze);
    }

    /// <summary>
    /// Why the statistics of a partitioned table are due, which autovacuum never gathers. Nobody counts the changes below it, so they
    /// are put together from its partitions: what changed since each was analyzed, and, for one that was analyzed later than the
    /// whole, at least the threshold at which autovacuum does so.
    /// </summary>
    public static string? OfWhole(VacuumRelation whole, IReadOnlyList<VacuumRelation> partitions, VacuumFacts facts, VacuumOptions options)
    {
        var rows = partitions.Sum(partition => Math.Max(0, partition.Heap.Rows));
        if (whole.LastAnalyze is not { } last)
        {
            return partitions.Any(HasRows) ? "The statistics of the whole were never gathered" : null;
        }

        var changed = partitions.Sum(partition => partition.ChangedSinceAnalyze
            + (partition.LastAnalyze > last + OneStatement ? facts.Thresholds.With(partition.Heap.Options).Analyze(partition.Heap.Rows) : 0));
        var threshold = facts.Thresholds.Analyze(rows);
        return IsOver(changed, threshold, options) ? Text($"about {changed:N0} rows of its partitions changed since it was analyzed, of {rows:N0}") : null;
    }

    private static string? Statistics(VacuumRelation relation, AutovacuumThresholds thresholds, VacuumOptions options)
    {
        if (relation.LastAnalyze is null)
        {
            return HasRows(relation) ? "its statistics were never gathered" : null;
        }

        var threshold = thresholds.Analyze(relation.Heap.Rows);
        return IsOver(relation.ChangedSinceAnalyze, threshold, options)
            ? Text($"{relation.ChangedSinceAnalyze:N0} rows changed since it was analyzed; autovacuum would take it at {threshold:N0}")
            : null;
    }

    private static string? Dead(VacuumHeap heap, AutovacuumThresholds thresholds, VacuumOptions options, string what)
    {
        var threshold = thresholds.Vacuum(heap.Rows);
        return IsOver(heap.DeadRows, threshold, options) ? Text($"{heap.DeadRows:N0} {what}; autovacuum would take it at {threshold:N0}") : null;
    }

    private static string? Inserted(VacuumHeap heap, AutovacuumThresholds thresholds, VacuumOptions options) =>
        thresholds.Insert(heap.Rows, heap.Pages, heap.FrozenPages) is { } threshold && IsOver(heap.InsertedSinceVacuum, threshold, options)
            ? Text($"{heap.InsertedSinceVacuum:N0} rows inserted since it was vacuumed; autovacuum would take it at {threshold:N0}")
            : null;

    private static (string? Reason, bool NeedsFreeze) Wraparounds(VacuumRelation relation, VacuumFacts facts)
    {
        foreach (var heap in new[] { relation.Heap, relation.Toast }.OfType<VacuumHeap>())
        {
            var own = facts.Thresholds.With(heap.Options);
            if (Old(heap.XidAge, own.FreezeMaximumAge, facts.Thresholds.FreezeMaximumAge, facts.FreezeTableAge) is { } needsFreeze)
            {
                return (Text($"its oldest transaction id is {heap.XidAge:N0} transactions old; autovacuum freezes it at {own.FreezeMaximumAge:N0}"), needsFreeze);
            }

            if (Old(heap.MultixactAge, own.MultixactFreezeMaximumAge, facts.Thresholds.MultixactFreezeMaximumAge, facts.MultixactFreezeTableAge) is { } needsFreezeToo)
            {
                return (Text($"its oldest multixact is {heap.MultixactAge:N0} old; autovacuum freezes it at {own.MultixactFreezeMaximumAge:N0}"), needsFreezeToo);
            }
        }

        return (null, false);
    }

    // Null if it is young enough. A VACUUM knows the server's ages alone: one that is due by the table's own must be told to freeze.
    private static bool? Old(long? age, long ownMaximum, long serverMaximum, long tableAge)
    {
        var byItself = Math.Min(tableAge, LatestFreezeShare * serverMaximum);
        return age >= Math.Min(byItself, LatestFreezeShare * ownMaximum) ? age < byItself : null;
    }

    private static bool IsOver(double count, double threshold, VacuumOptions options) =>
        count > threshold || (count >= options.MinimumDeadRows && count > threshold * options.ThresholdPercent / 100);

    private static bool HasRows(VacuumRelation relation) => relation.Heap.Rows > 0 || relation.Heap.Pages > 0 || relation.ChangedSinceAnalyze > 0;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
