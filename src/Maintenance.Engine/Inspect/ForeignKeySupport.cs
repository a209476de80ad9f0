namespace Maintenance.Engine.Inspect;

/// <summary>Whether an index lets the server find the rows that refer to a row. Pure.</summary>
internal static class ForeignKeySupport
{
    /// <summary>
    /// True if the index leads with exactly the columns of the key, in whatever order, and holds every row that refers to anything.
    /// </summary>
    public static bool Supports(IndexFact index, IReadOnlyList<short> columns, IReadOnlyList<string> names, IReadOnlyList<long> collations)
    {
        var count = columns.Count;
        if (!index.IsUsable || index.KeyCount < count || !(index.Method == "btree" || (index.Method == "hash" && count == 1)))
        {
            return false;
        }

        for (var key = 0; key < count; key++)
        {
            var position = IndexOf(columns, index.Columns[key]);
            // With another collation than that of the column the index does not answer its equality.
            if (position < 0 || index.Collations[key] != collations[position] || index.Columns.Take(key).Contains(index.Columns[key]))
            {
                return false;
            }
        }

        return !index.IsPartial || (index.Predicate is { } predicate && SaysOnlyNotNull(predicate, names));
    }

    /// <summary>
    /// True for a condition that says no more than that columns of the key are not null: rows with a null refer to nothing. It is
    /// compared with what the server would write, not taken apart: a column's name may hold anything.
    /// </summary>
    private static bool SaysOnlyNotNull(string predicate, IReadOnlyList<string> names) =>
        Arrangements([.. names.Select(name => $"({name} IS NOT NULL)")]).Any(parts => predicate == (parts.Count == 1 ? parts[0] : $"({string.Join(" AND ", parts)})"));

    // A key has few columns; of one with many, only its own order is tried.
    private static IEnumerable<IReadOnlyList<string>> Arrangements(IReadOnlyList<string> parts)
    {
        if (parts.Count > 4)
        {
            yield return parts;
            yield break;
        }

        for (var first = 0; first < parts.Count; first++)
        {
            yield return [parts[first]];
            foreach (var rest in Arrangements([.. parts.Where((_, index) => index != first)]))
            {
                yield return [parts[first], .. rest];
            }
        }
    }

    private static int IndexOf(IReadOnlyList<short> columns, short column)
    {
        for (var position = 0; position < columns.Count; position++)
        {
            if (columns[position] == column)
            {
                return position;
            }
        }

        return -1;
    }
}
