namespace Maintenance.Engine.Inspect;

/// <summary>What an index enforces or serves beside being read by queries. Pure.</summary>
internal static class IndexProtection
{
    /// <summary>Why it cannot go, whoever else could do its work.</summary>
    public static IEnumerable<string> Bound(IndexFact index)
    {
        if (index.Constraint is { } constraint)
        {
            yield return index.IsPrimary ? $"It is the primary key {constraint}." : $"It belongs to the constraint {constraint}.";
        }
        else if (index.IsExclusion)
        {
            yield return "It enforces an exclusion constraint.";
        }

        if (index.References > 0)
        {
            yield return $"{Say.Count(index.References, "foreign key refers", "foreign keys refer")} to it.";
        }

        if (index.IsReplicaIdentity)
        {
            yield return "It is the replica identity of its table: logical replication finds changed rows by it.";
        }

        if (index.IsExtensions)
        {
            yield return "It, or its table, belongs to an extension.";
        }

        if (index.ParentOid is not null)
        {
            yield return "It is attached to the index of a partitioned table, and goes with that alone.";
        }
    }

    /// <summary>Why it is no use to look at how often it is read.</summary>
    public static IEnumerable<string> Enforcing(IndexFact index) =>
        index.IsUnique && index.Constraint is null
            ? Bound(index).Append("It is unique: it keeps duplicate rows out, and tells the planner that there are none, even if no query reads it.")
            : Bound(index);

    /// <summary>What it does that no counter shows, or what its end would cost: a person must weigh it.</summary>
    public static IEnumerable<string> Doubtful(IndexFact index)
    {
        if (index.IsClustered)
        {
            yield return "CLUSTER sorts the table by it.";
        }

        if (index.IsPartitioned)
        {
            yield return "It spans partitions: it can only be dropped with all of them, which locks the whole table for a moment (ACCESS EXCLUSIVE).";
        }
    }

    /// <summary>As <see cref="Doubtful"/>, for an index whose work nobody else does.</summary>
    public static IEnumerable<string> DoubtfulAlone(IndexFact index) =>
        index.HasExpressions
            ? Doubtful(index).Append("It is made of an expression: ANALYZE keeps statistics of that for the planner, which uses them even if it never reads the index.")
            : Doubtful(index);
}
