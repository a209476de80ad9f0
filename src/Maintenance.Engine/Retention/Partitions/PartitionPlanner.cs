using System.Globalization;

namespace Maintenance.Engine.Retention;

/// <summary>A partition that goes as a whole.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Parent">The table it is a partition of.</param>
/// <param name="Concurrently">Whether it can be detached while others use the table.</param>
internal sealed record PartitionStep(PartitionFacts Partition, PartitionedFacts Parent, bool Concurrently)
{
    /// <summary>The statement that takes it out of its table.</summary>
    public string Detach => PartitionStatements.Detach(Parent.QuotedName, Partition.QuotedName, Concurrently);
}

/// <summary>Which partitions go whole, and why others do not.</summary>
internal sealed record PartitionPlan(IReadOnlyList<PartitionStep> Steps, IReadOnlyList<string> Notes)
{
    /// <summary>
    /// The partition that the cut-off lies in, where the archive takes partitions whole and has none for its rows: they stay until all of
    /// them are past their age. Null where rows can go by themselves.
    /// </summary>
    public PartitionFacts? Unripe { get; init; }

    public static PartitionPlan Nothing { get; } = new([], []);

    /// <summary>The strongest lock it takes on the table.</summary>
    public string? Lock => Steps.Count == 0 ? null
        : Steps.All(step => step.Concurrently) ? "SHARE UPDATE EXCLUSIVE to detach partitions; ACCESS EXCLUSIVE on each of them once it is out"
        : "ACCESS EXCLUSIVE for a moment to detach partitions";
}

/// <summary>
/// Decides which partitions can go as a whole. Where anything speaks against it, their rows go in batches, which is slower and needs
/// nothing: so it is no refusal, but said. Pure.
/// </summary>
internal static class PartitionPlanner
{
    private const int FirstMajorWithConcurrently = 14;
    private const int NamesInNote = 5;

    /// <summary>Decides.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="facts">Its table, and the archive.</param>
    /// <param name="partitioning">The table's partitions.</param>
    /// <param name="allowAccessExclusive">What the caller allows.</param>
    public static PartitionPlan Plan(RetentionPolicy policy, PolicyFacts facts, PartitioningFacts partitioning, bool allowAccessExclusive)
    {
        if (!Applies(policy, facts))
        {
            return PartitionPlan.Nothing;
        }

        var unripe = Unripe(policy, facts, partitioning, allowAccessExclusive);
        var candidates = Candidates(policy.Action, facts.Table.Oid, partitioning).OrderBy(partition => partition.Rank).ToList();
        if (candidates.Count == 0)
        {
            return new PartitionPlan([], [.. Unseen(partitioning), .. Waiting(unripe)]) { Unripe = unripe };
        }

        if (WhyNone(policy, facts, partitioning, allowAccessExclusive) is { } reason)
        {
            return new PartitionPlan([], [Note(candidates, reason), .. Unseen(partitioning)]);
        }

        var steps = new List<PartitionStep>();
        var left = new List<(PartitionFacts Partition, string Reason)>();
        foreach (var partition in candidates)
        {
            var parent = partitioning.Tables[partition.ParentOid];
            var concurrently = facts.MajorVersion >= FirstMajorWithConcurrently && !parent.HasDefault;
            if (WhyNot(partition, parent, partitioning, concurrently || allowAccessExclusive, facts.MajorVersion) is { } obstacle)
            {
                left.Add((partition, obstacle));
            }
            else
            {
                steps.Add(new PartitionStep(partition, parent, concurrently));
            }
        }

        return new PartitionPlan(
            steps,
            [.. left.GroupBy(pair => pair.Reason, pair => pair.Partition).Select(group => Note([.. group], group.Key)), .. Unseen(partitioning), .. Waiting(unripe)])
        {
            Unripe = unripe,
        };
    }

    // A row of it has no place in the archive before the archive has a partition for it; and if it had one, or a DEFAULT partition, that would
    // keep the rest of the partition from being attached when its time comes.
    private static PartitionFacts? Unripe(RetentionPolicy policy, PolicyFacts facts, PartitioningFacts partitioning, bool allowAccessExclusive) =>
        policy.Action == RetentionAction.ArchiveToTable
        && partitioning.Tables[facts.Table.Oid] is { IsByTime: true, IsOurs: true } root
        && partitioning.Archive is { } archive && archive.Key == root.Key
        && WhyNone(policy, facts, partitioning, allowAccessExclusive) is null
            ? partitioning.Partitions.FirstOrDefault(partition => partition.ParentOid == root.Oid && partition is { HoldsCutOff: true, IsTaken: false, IsPending: false })
            : null;

    /// <summary>Whether the partitions of a table are worth a look.</summary>
    public static bool Applies(RetentionPolicy policy, PolicyFacts facts) =>
        facts is { Table.IsPartitioned: true, Time: not null } && (policy.Action is RetentionAction.Delete or RetentionAction.ArchiveToTable);

    /// <summary>Why partitions stay, in one sentence.</summary>
    public static string Note(IReadOnlyList<PartitionFacts> partitions, string reason)
    {
        var names = string.Join(", ", partitions.Take(NamesInNote).Select(partition => partition.Name));
        var more = partitions.Count > NamesInNote ? string.Create(CultureInfo.InvariantCulture, $" and {partitions.Count - NamesInNote} more") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{partitions.Count} partition(s) do not go whole, but row by row: {reason} ({names}{more}).");
    }

    // From the top: what goes takes along what is below it.
    private static IEnumerable<PartitionFacts> Candidates(RetentionAction action, long table, PartitioningFacts partitioning)
    {
        var isByTime = partitioning.Tables[table].IsByTime;
        foreach (var partition in partitioning.Partitions.Where(partition => partition.ParentOid == table && !partition.IsPending))
        {
            if (isByTime && partition is { IsPast: true, Bound: not null })
            {
                yield return partition;
            }
            // An archive divided in the same way has no place for ranges that lie beside each other.
            else if (partitioning.Tables.ContainsKey(partition.Oid) && (isByTime || action == RetentionAction.Delete))
            {
                foreach (var below in Candidates(action, partition.Oid, partitioning))
                {
                    yield return below;
                }
            }
        }
    }

    private static string? WhyNone(RetentionPolicy policy, PolicyFacts facts, PartitioningFacts partitioning, bool allowAccessExclusive)
    {
        var root = partitioning.Tables[facts.Table.Oid];
        return partitioning switch
        {
            { HasJournal: false } => "the role may not write down in schema maintenance what is on its way (GRANT CREATE ON DATABASE)",
            // Once it is out, its rows are no more in the table that the condition asks.
            _ when policy.LegalHold?.Contains(facts.Table.Name, StringComparison.OrdinalIgnoreCase) == true => "the legal hold names the table itself",
            _ when facts.Table.Triggers.Any(trigger => trigger.OnDelete) => "triggers have to see each row that is deleted",
            _ when root.IsPublished => "the table is published, and its subscribers have to learn of each row",
            _ when root.HasForeignKeys => "the table has foreign keys, or other tables refer to it",
            _ when policy.Action == RetentionAction.ArchiveToTable => WhyNotAttach(facts, partitioning, root, allowAccessExclusive),
            _ => null,
        };
    }

    private static string? WhyNotAttach(PolicyFacts facts, PartitioningFacts partitioning, PartitionedFacts root, bool allowAccessExclusive) => partitioning.Archive switch
    {
        null => "the archive is not partitioned",
        { IsOurs: false } => "only the owner of the archive can attach them",
        { IsByTime: false } => "the archive is not partitioned by range of the time column",
        { HasForeignKeys: true } => "the archive has foreign keys, or other tables refer to it",
        { IsPublished: true } => "the archive is published, and its subscribers have to learn of each row",
        { HasDefault: true } when !allowAccessExclusive => "the archive has a DEFAULT partition, which would be locked and read; -AllowAccessExclusive allows it",
        _ when facts.Archive!.Triggers.Any(trigger => trigger.OnInsert) => "triggers of the archive have to see each row that arrives",
        _ => null,
    };

    private static string? WhyNot(PartitionFacts partition, PartitionedFacts parent, PartitioningFacts partitioning, bool mayDetach, int major)
    {
        var all = Below(partition, partitioning).Append(partition).ToList();
        return parent switch
        {
            { IsOurs: false } => "only the owner can detach them",
            { HasPending: true } => "another partition of the same table is being detached; ALTER TABLE … DETACH PARTITION … FINALIZE ends that",
            { HasDefault: true } when !mayDetach => "the table has a DEFAULT partition, beside which none can be detached CONCURRENTLY; -AllowAccessExclusive allows to lock it",
            _ when !mayDetach => string.Create(CultureInfo.InvariantCulture, $"PostgreSQL {major} cannot detach CONCURRENTLY; -AllowAccessExclusive allows to lock the table"),
            _ when all.Exists(each => !each.IsOurs) => "only the owner can detach them",
            _ when all.Exists(each => !each.IsTable) => "they are foreign tables",
            _ when all.Exists(each => each.IsPending) => "one of their own partitions is being detached",
            _ when all.Exists(each => each.HasForeignKeys) => "they have foreign keys, or other tables refer to them",
            _ when all.Exists(each => each.HasTriggers) => "triggers have to see each row that is deleted",
            _ when all.Exists(each => each.IsPublished) => "they are published, and their subscribers have to learn of each row",
            _ when all.Exists(each => each.HidesRows) => "row security hides rows of them",
            _ when partitioning.Archive is null => all.Exists(each => each.HasViews) ? "views read them by their own names" : null,
            { Key: var key } when key != partitioning.Archive.Key => "the archive is partitioned by another key",
            _ when !partition.FitsArchive => "their columns or checks are not those of the archive",
            _ when partition.IsTaken => "the archive has a partition for their range already",
            _ => null,
        };
    }

    private static IEnumerable<PartitionFacts> Below(PartitionFacts partition, PartitioningFacts partitioning) =>
        partitioning.Partitions.Where(other => other.ParentOid == partition.Oid).SelectMany(other => Below(other, partitioning).Append(other));

    private static IEnumerable<string> Waiting(PartitionFacts? unripe) => unripe is null
        ? []
        : [$"Rows of {unripe.Name} stay until all of them are past their age: the archive takes partitions whole, and has none for them yet. The cut-off is where it begins."];

    private static IEnumerable<string> Unseen(PartitioningFacts partitioning) =>
        partitioning.Partitions.Where(partition => partition.IsPending).Select(partition =>
            $"Somebody has begun to detach {partition.QuotedName}, so nobody sees its rows: {PartitionStatements.Complete(partitioning.Tables[partition.ParentOid].QuotedName, partition.QuotedName)};");
}
