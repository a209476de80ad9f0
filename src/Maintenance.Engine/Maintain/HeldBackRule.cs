using System.Globalization;

namespace Maintenance.Engine.Maintain;

/// <summary>
/// Says when a VACUUM would be pointless, because somebody may still have to see what it would remove. Only on evidence: what is not
/// known to be pointless is run, and its measured effect is the evidence for the next time. Pure.
/// </summary>
internal static class HeldBackRule
{
    /// <summary>Key of <see cref="DbAction.Effect"/>: rows that died before this transaction were removed, later ones were not.</summary>
    public const string Cutoff = "RemovableCutoff";

    /// <summary>An older cutoff is no evidence: transaction ids come round again.</summary>
    private static readonly TimeSpan OldestEvidence = TimeSpan.FromDays(7);

    /// <summary>Somebody's VACUUM as young as this was in vain, if as many dead rows as autovacuum acts on are there again.</summary>
    private static readonly TimeSpan InVain = TimeSpan.FromMinutes(10);

    /// <summary>Why a VACUUM can remove nothing, and who is to blame; null if it may do something.</summary>
    public static (string Message, XminHolder Holder)? Judge(VacuumRelation relation, VacuumFacts facts, DbAction? last)
    {
        if (facts.Holders.Oldest is not { XminAge: > 0 } holder || relation.IsSystem)
        {
            return null;
        }

        // Our own VACUUM removed all that died before its cutoff. As long as somebody's snapshot is as old as that, there is nothing new.
        if (last is not null && last.Oid == relation.Oid && last.Effect.GetValueOrDefault(Cutoff) is long cutoff
            && facts.ServerTime - last.StartedAt < OldestEvidence
            && IsOlderThan(holder, last.StartedAt)
            && unchecked((int)(facts.NextXid - (uint)cutoff)) is > 0 and var age && holder.XminAge >= age)
        {
            return (Text($"The VACUUM of {last.StartedAt.UtcDateTime:u} removed all that can be removed as long as this is open: {holder.Description}."), holder);
        }

        // Somebody else's, most likely autovacuum's, ended while the holder was there, and left or met as many dead rows as made it start.
        return relation.LastVacuum is { } vacuumed && holder.Since < vacuumed && facts.ServerTime - vacuumed < InVain
            && relation.Heap.DeadRows > facts.Thresholds.With(relation.Heap.Options).Vacuum(relation.Heap.Rows)
            ? (Text($"It was vacuumed at {vacuumed.UtcDateTime:u}, and {relation.Heap.DeadRows:N0} dead rows remain because of: {holder.Description}."), holder)
            : null;
    }

    // A slot does not say since when, but it stands for a consumer that stands still, not for a statement of a moment.
    private static bool IsOlderThan(XminHolder holder, DateTimeOffset time) => holder.Since is not { } since || since < time;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
