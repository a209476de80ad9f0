namespace Maintenance.Engine.Performance.Indexes;

/// <summary>A key of an index that is thought of.</summary>
/// <param name="Identity">What tells it from others: see <see cref="Term.Identity"/>.</param>
/// <param name="Sql">As it stands in CREATE INDEX, without its order.</param>
/// <param name="Column">The column whose statistics it has; null for an expression over several.</param>
/// <param name="IsExpression">It is more than a column.</param>
/// <param name="Descending">From the greatest down.</param>
/// <param name="NullsFirst">Nulls come first.</param>
internal sealed record IndexKey(string Identity, string Sql, TableColumn? Column, bool IsExpression, bool Descending = false, bool NullsFirst = false)
{
    public string Definition => (Descending, NullsFirst) switch
    {
        (false, false) => Sql,
        (false, true) => $"{Sql} NULLS FIRST",
        (true, true) => $"{Sql} DESC",
        (true, false) => $"{Sql} DESC NULLS LAST",
    };
}

/// <summary>The condition of a partial index that is thought of.</summary>
/// <param name="Sql">As it stands in CREATE INDEX.</param>
/// <param name="Column">The column it asks about.</param>
/// <param name="Share">How many of the rows meet it.</param>
internal sealed record IndexCondition(string Sql, TableColumn Column, double Share);

/// <summary>An index that is thought of.</summary>
internal sealed record IndexCandidate
{
    public required IndexedTable Table { get; init; }

    public required IReadOnlyList<IndexKey> Keys { get; init; }

    public IReadOnlyList<TableColumn> Include { get; init; } = [];

    public IndexCondition? Predicate { get; init; }

    public double Rows => Math.Max(1, Table.Rows * (Predicate?.Share ?? 1));

    /// <summary>Expected size: entries of b-tree leaves, nine tenths full, and a hundredth for the pages above.</summary>
    public long Bytes
    {
        get
        {
            // Header and line pointer of an entry, its columns aligned to eight bytes; a page has 8152 bytes for them.
            var entry = 12 + (Keys.Sum(key => key.Column?.Width ?? 16) + Include.Sum(column => column.Width) + 7) / 8 * 8;
            return (long)(Math.Ceiling(Rows * entry / (8152 * 0.9)) * 1.01 + 1) * 8192;
        }
    }

    public double Pages => Bytes / 8192.0;

    /// <summary>What tells it from others.</summary>
    public string Identity =>
        $"{Table.Oid}({string.Join(",", Keys.Select(key => $"{key.Identity}{(key.Descending ? "-" : "")}{(key.NullsFirst ? "0" : "")}"))})+({string.Join(",", Include.Select(column => column.Name))})?{Predicate?.Sql}";
}
