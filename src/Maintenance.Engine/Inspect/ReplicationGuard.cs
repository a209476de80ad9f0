namespace Maintenance.Engine.Inspect;

/// <summary>What heavy work, which writes much log, must respect. Pure.</summary>
/// <param name="MaxLagBytes">The greatest distance of a standby; 0 without standbys; null if it is not known.</param>
/// <param name="SlotsInDanger">Slots that are lost or about to be.</param>
/// <param name="ArchiverFailing">Whether the newest thing the archiver did was to fail; null if it is not known.</param>
/// <param name="Unknown">What is not known, and why.</param>
internal sealed record ReplicationGuard(long? MaxLagBytes, IReadOnlyList<string> SlotsInDanger, bool? ArchiverFailing, IReadOnlyList<string> Unknown)
{
    public static ReplicationGuard Of(ReplicationFacts facts)
    {
        var unknown = facts.Gaps.Select(gap => gap.Message).ToList();
        // A base backup and a consumer that is starting have no position yet, and hold nothing up.
        var behind = facts.Standbys?.Where(standby => standby.State is not ("backup" or "startup")).Select(standby => standby.ReplayLagBytes ?? standby.FlushLagBytes).ToList();
        if (behind?.Contains(null) == true)
        {
            unknown.Add("How far standbys are behind may be seen by members of pg_monitor only.");
        }

        return new ReplicationGuard(
            behind is null || behind.Contains(null) ? null : behind.Max() ?? 0,
            [.. (facts.Slots ?? []).Where(slot => IsInDanger(slot.Slot)).Select(slot => slot.Slot.Name)],
            facts.Archiver?.IsFailing,
            unknown);
    }

    /// <summary>Whether a slot is lost, or will be at one of the next checkpoints.</summary>
    public static bool IsInDanger(DbReplicationSlot slot) => slot.WalStatus is "unreserved" or "lost" || slot.InvalidationReason is not null;
}
