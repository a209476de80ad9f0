namespace Maintenance.Engine.Inspect;

/// <summary>How one index relates to another of the same table.</summary>
internal enum IndexRelation
{
    /// <summary>Neither can stand in for the other, as far as this comparison is concerned.</summary>
    None = 0,

    /// <summary>The same in everything that matters to a query.</summary>
    Same,

    /// <summary>The same, read from the other end.</summary>
    SameReversed,

    /// <summary>The other begins with all of its columns.</summary>
    Covered,

    /// <summary>The other begins with all of its columns, read from the other end.</summary>
    CoveredReversed,
}

/// <summary>
/// Compares indexes by what they are made of: columns, operator classes, collations, order, stored columns, condition and
/// uniqueness. Never by the text of their definitions, in which names and defaults differ for the same thing. Pure.
/// </summary>
internal static class IndexComparison
{
    /// <summary>How an index relates to one that could stand in for it.</summary>
    /// <param name="index">The index that might go.</param>
    /// <param name="other">The index that would stay.</param>
    public static IndexRelation Relate(IndexFact index, IndexFact other)
    {
        if (index.Oid == other.Oid || index.TableOid != other.TableOid || !SameSetting(index, other) || !Enforces(other, index) || !Stores(other, index))
        {
            return IndexRelation.None;
        }

        var sameKeys = index.KeyCount == other.KeyCount;
        // Only a b-tree is ordered by its first column, then its second, and so on.
        if (!sameKeys && (index.Method != "btree" || index.KeyCount > other.KeyCount))
        {
            return IndexRelation.None;
        }

        return Leads(other, index, 0) ? Relation(forward: true)
            : index.Method == "btree" && Leads(other, index, 3) ? Relation(forward: false)
            : IndexRelation.None;

        IndexRelation Relation(bool forward) => (sameKeys && StoredCount(index) == StoredCount(other), forward) switch
        {
            (true, true) => IndexRelation.Same,
            (true, false) => IndexRelation.SameReversed,
            (false, true) => IndexRelation.Covered,
            (false, false) => IndexRelation.CoveredReversed,
        };
    }

    // A condition that could not be read is equal to none.
    private static bool SameSetting(IndexFact index, IndexFact other) =>
        index.Method == other.Method
        && index.IsPartitioned == other.IsPartitioned
        && index.Extras == other.Extras
        && index.IsExclusion == other.IsExclusion
        && index.IsPartial == other.IsPartial
        && (!index.IsPartial || (index.Predicate is not null && index.Predicate == other.Predicate));

    /// <summary>Whether one enforces all that the other does. More columns let more rows pass, so a unique index needs its very columns.</summary>
    private static bool Enforces(IndexFact other, IndexFact index) =>
        !index.IsExclusion
        && (!index.IsUnique
            || (other.IsUnique
                && other.KeyCount == index.KeyCount
                && other.NullsNotDistinct == index.NullsNotDistinct
                && (other.IsImmediate || !index.IsImmediate)));

    /// <summary>Whether one begins with the keys of the other, in the same order; <paramref name="flip"/> turns all of them around.</summary>
    private static bool Leads(IndexFact other, IndexFact index, int flip)
    {
        for (var key = 0; key < index.KeyCount; key++)
        {
            if (index.ColumnAt(key) != other.ColumnAt(key)
                || index.OperatorClasses[key] != other.OperatorClasses[key]
                || index.Collations[key] != other.Collations[key]
                || index.Options[key] != (other.Options[key] ^ flip))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether one has all columns that the other stores beside its keys, so that it can be read alone as well.</summary>
    private static bool Stores(IndexFact other, IndexFact index)
    {
        for (var stored = index.KeyCount; stored < index.Columns.Count; stored++)
        {
            if (!other.Columns.Contains(index.Columns[stored]))
            {
                return false;
            }
        }

        return true;
    }

    private static int StoredCount(IndexFact index) => index.Columns.Skip(index.KeyCount).Except(index.Columns.Take(index.KeyCount)).Count();
}
