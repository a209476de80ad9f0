namespace Maintenance.Engine.Inspect;

/// <summary>
/// Turns facts about indexes into advice: what is broken, what another index does as well, what nobody uses, what is missing. Pure.
/// Each index gets one piece of advice at most, and what is to stay because another goes is never advised to go itself.
/// </summary>
internal sealed class IndexAdviser
{
    private readonly IndexFacts _facts;
    private readonly IndexAdviceQuery _query;
    private readonly DateTimeOffset _now;
    private readonly ILookup<long, IndexFact> _byTable;
    private readonly ILookup<long, IndexFact> _children;
    private readonly ILookup<long, TableFact> _partitions;
    private readonly ILookup<long, ForeignKeyFact> _keys;
    private readonly Dictionary<long, IndexUsage> _usage = [];
    private readonly Dictionary<long, IndexDraft> _drafts = [];

    private IndexAdviser(IndexFacts facts, IndexAdviceQuery query, DateTimeOffset now)
    {
        _facts = facts;
        _query = query;
        _now = now;
        // What was made between two reads has no table yet; it is left for next time.
        var indexes = facts.Indexes.Where(index => facts.Tables.ContainsKey(index.TableOid)).OrderBy(index => index.Oid).ToList();
        _byTable = indexes.ToLookup(index => index.TableOid);
        _children = indexes.Where(index => index.ParentOid is not null).ToLookup(index => index.ParentOid!.Value);
        _keys = facts.ForeignKeys.ToLookup(key => key.TableOid);
        _partitions = facts.Tables.Values.Where(table => table.ParentOid is not null).ToLookup(table => table.ParentOid!.Value);
    }

    /// <summary>Judges everything; what is not wanted is left out at the end, because it matters to what is.</summary>
    public static IReadOnlyList<IndexDraft> Advise(IndexFacts facts, IndexAdviceQuery query, DateTimeOffset now)
    {
        var adviser = new IndexAdviser(facts, query, now);
        foreach (var indexes in adviser._byTable)
        {
            adviser.FindInvalid(indexes);
            adviser.FindRedundant(indexes);
        }

        // In the order in which they would be dropped: each is judged by what would then be left.
        foreach (var index in adviser.Candidates().OrderByDescending(adviser.SizeOf).ThenBy(index => index.Oid))
        {
            adviser.FindUnused(index);
        }

        adviser.FindBloated();
        return [.. adviser._drafts.Values
            .Concat(adviser.FindUnsupported())
            .Where(adviser.IsWanted)
            .OrderBy(draft => draft.Verdict)
            .ThenByDescending(draft => draft.SizeBytes)
            .ThenBy(draft => draft.Table.Schema, StringComparer.Ordinal)
            .ThenBy(draft => draft.Name, StringComparer.Ordinal)];
    }

    private bool IsWanted(IndexDraft draft) =>
        (_query.Kinds.Count == 0 || _query.Kinds.Contains(draft.Kind))
        && (_query.Verdicts.Count == 0 || _query.Verdicts.Contains(draft.Verdict))
        // What is broken or redundant is a fault of any size; what is idle or missing matters as much as it is large.
        && (draft.Kind is IndexAdviceKind.Invalid or IndexAdviceKind.Duplicate or IndexAdviceKind.Covered || draft.SizeBytes is null || draft.SizeBytes >= _query.MinimumSizeBytes)
        && (_query.Tables is null || _query.Tables(draft.Table.Schema, draft.Table.Name));

    // ---- Invalid

    private void FindInvalid(IEnumerable<IndexFact> indexes)
    {
        foreach (var index in indexes.Where(index => !index.IsUsable))
        {
            var twin = _byTable[index.TableOid].FirstOrDefault(other => other.IsUsable && IndexComparison.Relate(index, other) == IndexRelation.Same);
            var (verdict, action, reasons) = InvalidIndex.Judge(index, twin, MissingPartitions(index), _facts);
            var hidden = !_facts.SeesAll && _facts.Builds.Any(build => build.TableOid == 0);
            var status = InvalidIndex.IsUnderWay(index, _facts) ? HealthStatus.Ok : hidden ? HealthStatus.Unknown : HealthStatus.Warning;
            Draft(index, IndexAdviceKind.Invalid, verdict, reasons, action, twin, status);
        }
    }

    private IReadOnlyList<string> MissingPartitions(IndexFact index)
    {
        if (!index.IsPartitioned)
        {
            return [];
        }

        var attached = _children[index.Oid].Where(child => child.IsUsable).Select(child => child.TableOid).ToHashSet();
        return [.. _partitions[index.TableOid].Where(partition => !partition.IsForeign && !attached.Contains(partition.Oid)).Select(partition => partition.Name).Order(StringComparer.Ordinal)];
    }

    // ---- Duplicate and covered

    private void FindRedundant(IEnumerable<IndexFact> indexes)
    {
        var staying = new List<IndexFact>();
        // What can stand in for others comes first; among equals what is bound, then what enforces, is used, is older.
        var ordered = indexes.Where(index => index.IsUsable)
            .OrderByDescending(index => IndexProtection.Bound(index).Any())
            .ThenByDescending(index => index.KeyCount)
            .ThenByDescending(index => index.Columns.Count)
            .ThenByDescending(index => index.IsUnique)
            .ThenByDescending(index => index.IsClustered)
            .ThenByDescending(index => UsageOf(index).Scans)
            .ThenBy(index => index.Oid);
        foreach (var index in ordered)
        {
            // An index that nobody uses cannot stand in for another: it goes itself.
            var (other, relation) = staying
                .Where(other => !IsUseless(other))
                .Select(other => (Other: other, Relation: IndexComparison.Relate(index, other)))
                .Where(pair => pair.Relation != IndexRelation.None)
                .OrderBy(pair => pair.Relation)
                .ThenBy(pair => SizeOf(pair.Other))
                .FirstOrDefault();
            // That of a partition is no choice of its own.
            if (other is null || index.ParentOid is not null || !DraftRedundant(index, other, relation))
            {
                staying.Add(index);
            }
        }
    }

    /// <returns>True if the index is to go.</returns>
    private bool DraftRedundant(IndexFact index, IndexFact other, IndexRelation relation)
    {
        var duplicate = relation is IndexRelation.Same or IndexRelation.SameReversed;
        List<string> doubts = [.. IndexProtection.Bound(index), .. IndexProtection.Doubtful(index)];
        var usage = UsageOf(index);
        if (!duplicate && usage.Scans > 0 && SizeOf(index) is > 0 and var own && SizeOf(other) is { } others && others > IndexDraft.MuchLarger * own)
        {
            doubts.Add($"{other.Name} is much larger ({Say.Size(others)} against {Say.Size(own)}): queries that use this one would read more.");
        }

        var reversed = relation is IndexRelation.SameReversed or IndexRelation.CoveredReversed;
        List<string> reasons =
        [
            duplicate
                ? $"{other.Name} has the same columns, operator classes, collations{(index.IsPartial ? ", condition" : "")} and {(reversed ? "the very opposite order: read backwards, it gives the same" : "order")}."
                : $"{other.Name} begins with the same columns in {(reversed ? "the very opposite order: read backwards, it answers what this one does" : "the same order, and answers what this one does")}.",
            .. other.IsUnique && !index.IsUnique ? [$"{other.Name} is unique and stays for that."] : (IEnumerable<string>)[],
            .. doubts,
            .. usage.Reasons,
        ];
        var verdict = doubts.Count > 0 ? IndexVerdict.Observe : IndexVerdict.Drop;
        // What belongs to a constraint has no statement of its own: the constraint would have to go.
        var action = IndexProtection.Bound(index).Any() ? IndexAction.None : IndexAction.Drop;
        Draft(index, duplicate ? IndexAdviceKind.Duplicate : IndexAdviceKind.Covered, verdict, reasons, action, other);
        return verdict == IndexVerdict.Drop;
    }

    // ---- Unused and rarely used

    private IEnumerable<IndexFact> Candidates() =>
        _byTable.SelectMany(indexes => indexes).Where(index => index.IsUsable && index.ParentOid is null && !_drafts.ContainsKey(index.Oid));

    /// <summary>Nobody uses it, it has been idle long enough, and nothing else speaks for it.</summary>
    private bool IsUseless(IndexFact index) =>
        UsageOf(index) is { IsUnused: true, IsProven: true } && !IndexProtection.Enforcing(index).Any() && !IndexProtection.DoubtfulAlone(index).Any();

    private void FindUnused(IndexFact index)
    {
        var usage = UsageOf(index);
        if (!usage.IsUnused)
        {
            FindSeldomUsed(index, usage);
            return;
        }

        var bound = IndexProtection.Enforcing(index).ToList();
        var supported = SupportedBy(index).Where(key => !HasOtherSupport(key, index)).ToList();
        var serving = supported.Where(key => ReferencedChanges(key)).ToList();
        if (bound.Count > 0 || serving.Count > 0)
        {
            Draft(index, IndexAdviceKind.Unused, IndexVerdict.Keep, [.. bound, .. serving.Select(OnlySupport), .. usage.Reasons], IndexAction.None);
            return;
        }

        List<string> doubts = [.. IndexProtection.DoubtfulAlone(index), .. supported.Select(OnlySupport), .. usage.Doubts];
        Draft(
            index,
            IndexAdviceKind.Unused,
            doubts.Count > 0 ? IndexVerdict.Observe : IndexVerdict.Drop,
            [usage.Reasons[0], .. doubts, .. usage.Reasons.Skip(1)],
            IndexAction.Drop);
    }

    private void FindSeldomUsed(IndexFact index, IndexUsage usage)
    {
        if (IndexProtection.Enforcing(index).Any())
        {
            return;
        }

        var writes = LeavesOf(index).Sum(leaf => _facts.Tables[leaf.TableOid].IndexWrites);
        if (_query.MinimumObservation > TimeSpan.Zero && usage.IdleFor >= _query.MinimumObservation)
        {
            Draft(
                index,
                IndexAdviceKind.Unused,
                IndexVerdict.Observe,
                [.. usage.Reasons, $"It has been idle for {Say.Duration(usage.IdleFor)}. It was used before: work that comes once a quarter or a year may need it.", .. IndexProtection.DoubtfulAlone(index), .. SupportedBy(index).Where(key => !HasOtherSupport(key, index)).Select(OnlySupport), .. usage.Doubts],
                IndexAction.Drop);
        }
        else if (usage.Scans <= IndexDraft.FewScans && writes >= IndexDraft.ManyWritesPerScan * usage.Scans)
        {
            Draft(
                index,
                IndexAdviceKind.RarelyUsed,
                IndexVerdict.Observe,
                [.. usage.Reasons, Say.Text($"In the same time {writes} entries were written to it, {writes / usage.Scans} for each use."), .. IndexProtection.DoubtfulAlone(index), .. SupportedBy(index).Where(key => !HasOtherSupport(key, index)).Select(OnlySupport)],
                IndexAction.Drop);
        }
    }

    private IEnumerable<ForeignKeyFact> SupportedBy(IndexFact index) =>
        _keys[index.TableOid].Where(key => ForeignKeySupport.Supports(index, key.Columns, key.ColumnNames, key.Collations));

    private bool HasOtherSupport(ForeignKeyFact key, IndexFact index) =>
        _byTable[key.TableOid].Any(other => other.Oid != index.Oid && Stays(other) && ForeignKeySupport.Supports(other, key.Columns, key.ColumnNames, key.Collations));

    private bool Stays(IndexFact index) => !_drafts.TryGetValue(index.Oid, out var draft) || draft.Verdict != IndexVerdict.Drop;

    private bool ReferencedChanges(ForeignKeyFact key) =>
        _facts.Tables.TryGetValue(key.ReferencedOid, out var table) && WithPartitions(table).Any(part => part.Deleted > 0 || part.Updated > 0);

    private string OnlySupport(ForeignKeyFact key) => ReferencedChanges(key)
        ? $"It is the only index for the foreign key {key.Name}, and rows of {NameOf(key.ReferencedOid)} are deleted or changed."
        : $"It is the only index for the foreign key {key.Name}: without it a delete from {NameOf(key.ReferencedOid)} would read the whole table. There was none since the statistics began.";

    // ---- Bloated

    private void FindBloated()
    {
        foreach (var index in Candidates().Where(index => !index.IsPartitioned).Concat(_byTable.SelectMany(indexes => indexes).Where(index => index is { IsUsable: true, ParentOid: not null })))
        {
            if (_query.ReclaimableBytes?.GetValueOrDefault(index.Oid) is > 0 and var bytes
                && SizeOf(index) is > 0 and var size && bytes >= IndexDraft.BloatedShare * size && bytes >= _query.MinimumSizeBytes
                && (!_drafts.TryGetValue(index.Oid, out var draft) || draft.Verdict == IndexVerdict.Keep))
            {
                Draft(index, IndexAdviceKind.Bloated, IndexVerdict.Observe, [Say.Text($"A rebuild would give back {Say.Size(bytes)} of {Say.Size(size)}: rebuild it rather than drop it.")], IndexAction.Rebuild);
            }
        }
    }

    // ---- Unsupported foreign keys

    private IEnumerable<IndexDraft> FindUnsupported()
    {
        var ofPartitions = _facts.ForeignKeys.Where(key => key.ParentOid != 0).ToLookup(key => key.ParentOid);
        var roots = _facts.ForeignKeys.Where(key => key.ParentOid == 0 && _facts.Tables.ContainsKey(key.TableOid));
        // Several keys of the same columns want one index.
        foreach (var keys in roots.GroupBy(key => (key.TableOid, string.Join(",", key.Columns.Order()))))
        {
            var key = keys.First();
            var table = _facts.Tables[key.TableOid];
            if (_byTable[table.Oid].Any(index => ForeignKeySupport.Supports(index, key.Columns, key.ColumnNames, key.Collations)))
            {
                continue;
            }

            var without = PartitionsWithout(key, table, ofPartitions);
            if (without.Count > 0)
            {
                yield return UnsupportedForeignKey.Draft([.. keys], table, without, _facts, WithPartitions, _byTable[table.Oid], _now);
            }
        }
    }

    /// <summary>The tables that hold referring rows and have no index for them; of a table that is not partitioned, itself.</summary>
    private List<long> PartitionsWithout(ForeignKeyFact key, TableFact table, ILookup<long, ForeignKeyFact> ofPartitions)
    {
        if (!table.IsPartitioned)
        {
            return [table.Oid];
        }

        var supported = Below(key.Oid)
            .Where(child => _byTable[child.TableOid].Any(index => ForeignKeySupport.Supports(index, child.Columns, child.ColumnNames, child.Collations)))
            .SelectMany(child => WithPartitions(_facts.Tables[child.TableOid]))
            .Select(part => part.Oid)
            .ToHashSet();
        return [.. WithPartitions(table).Where(part => !part.IsPartitioned && !part.IsForeign && !supported.Contains(part.Oid)).Select(part => part.Oid)];

        IEnumerable<ForeignKeyFact> Below(long constraint) =>
            ofPartitions[constraint].Where(child => child.TableOid != table.Oid && _facts.Tables.ContainsKey(child.TableOid)).SelectMany(child => Below(child.Oid).Prepend(child));
    }

    // ---- What all of them need

    private void Draft(
        IndexFact index, IndexAdviceKind kind, IndexVerdict verdict, IReadOnlyList<string> reasons, IndexAction action, IndexFact? replacedBy = null, HealthStatus? status = null)
    {
        var leaves = LeavesOf(index);
        var usage = UsageOf(index);
        _drafts[index.Oid] = new IndexDraft
        {
            Table = _facts.Tables[index.TableOid],
            Name = index.Name,
            Oid = index.Oid,
            Kind = kind,
            Verdict = verdict,
            Reasons = reasons,
            Action = action,
            Status = status,
            SizeBytes = SizeOf(index),
            Usage = usage,
            ReplacedBy = replacedBy,
            Evidence = IndexDraft.EvidenceOf(index, [.. leaves.Select(leaf => _facts.Tables[leaf.TableOid])], _facts, _now),
            Writes = leaves.Sum(leaf => _facts.Tables[leaf.TableOid].IndexWrites),
        };
    }

    private IndexUsage UsageOf(IndexFact index)
    {
        if (!_usage.TryGetValue(index.Oid, out var usage))
        {
            _usage[index.Oid] = usage = IndexUsage.Of(_facts, index, LeavesOf(index), _query.MinimumObservation, _now);
        }

        return usage;
    }

    private IReadOnlyList<IndexFact> LeavesOf(IndexFact index) =>
        index.IsPartitioned ? [.. _children[index.Oid].SelectMany(LeavesOf)] : [index];

    private long? SizeOf(IndexFact index)
    {
        var sizes = LeavesOf(index).Select(leaf => leaf.SizeBytes).ToList();
        return sizes.Contains(null) ? null : sizes.Sum();
    }

    private IEnumerable<TableFact> WithPartitions(TableFact table) => _partitions[table.Oid].SelectMany(WithPartitions).Prepend(table);

    private string NameOf(long table) => _facts.Tables.TryGetValue(table, out var fact) ? $"{fact.Schema}.{fact.Name}" : "a table";
}
