namespace Maintenance.Engine.Maintain;

/// <summary>
/// How much a VACUUM has to do. That decides how long it takes, not the table's size alone: one that finds nothing dead is over at once,
/// however large the table, and says nothing about one that has to go through all indexes. Pure.
/// </summary>
/// <param name="Bytes">Size of the table.</param>
/// <param name="DeadRows">Dead rows of table and TOAST.</param>
/// <param name="Pages">Pages that are visited even though nothing on them is dead: to be frozen, or written anew. At most so many.</param>
internal sealed record VacuumWork(long Bytes, long DeadRows, long Pages)
{
    /// <summary>An earlier run counts if it had at least this share of the work, for the size that the table had.</summary>
    private const double Share = 0.5;

    /// <summary>What has to be done to a table now.</summary>
    /// <param name="relation">The table.</param>
    /// <param name="readsAll">It is to be frozen, so that every page is read.</param>
    public static VacuumWork Of(VacuumRelation relation, bool readsAll) => new(
        relation.SizeBytes,
        relation.Heap.DeadRows + (relation.Toast?.DeadRows ?? 0),
        readsAll ? relation.Heap.Pages : Math.Min(relation.Heap.Pages, relation.Heap.DeadRows > 0 ? 0 : relation.Heap.InsertedSinceVacuum));

    /// <summary>True if an earlier run had about as much to do as there is now; false too if that is not on record.</summary>
    public bool IsLike(DbAction earlier)
    {
        var scale = earlier.SizeBytes is > 0 and var size ? (double)Bytes / size : 1;
        return Enough(DeadRows, (Figure(earlier, "RowsRemoved") ?? 0) + (Figure(earlier, "ToastRowsRemoved") ?? 0))
            && Enough(Pages, Figure(earlier, "PagesScanned") ?? 0);

        bool Enough(long now, long then) => now == 0 || then * scale >= now * Share;
    }

    private static long? Figure(DbAction action, string name) => action.Effect.GetValueOrDefault(name) as long?;
}
