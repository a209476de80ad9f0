using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Performance.Indexes;

/// <summary>A column, with what ANALYZE found in it.</summary>
internal sealed record TableColumn
{
    public required short Number { get; init; }

    public required string Name { get; init; }

    /// <summary>As the server quotes it.</summary>
    public required string Sql { get; init; }

    public required string Type { get; init; }

    public long Collation { get; init; }

    /// <summary>What a b-tree sorts it by; null for a type that has no order.</summary>
    public long? OperatorClass { get; init; }

    /// <summary>Null where there are no statistics, or the role may not read them.</summary>
    public double? NullShare { get; init; }

    /// <summary>As in pg_stats: negative is a share of the rows.</summary>
    public double? Distinct { get; init; }

    public double Correlation { get; init; }

    public int Width { get; init; } = 8;

    /// <summary>Of a boolean column, how many rows are true.</summary>
    public double? TrueShare { get; init; }
}

/// <summary>A table that plans read, and what is known of it.</summary>
internal sealed record IndexedTable
{
    public required long Oid { get; init; }

    public required string Schema { get; init; }

    public required string Name { get; init; }

    public bool IsPartitioned { get; init; }

    /// <summary>How many of the rows meet a condition that stands in a statement with its value, by its text: <c>(status = 'open'::text)</c>.</summary>
    public IReadOnlyDictionary<string, double> ValueShares { get; init; } = new Dictionary<string, double>();

    /// <summary>Of a partition, the partitioned table: all but its size is that table's, since an index is made for the whole.</summary>
    public IndexedTable? Whole { get; init; }

    public required double Pages { get; init; }

    /// <summary>Pages whose rows everybody sees: an index alone answers for them.</summary>
    public double VisiblePages { get; init; }

    public required double Rows { get; init; }

    public long Bytes { get; init; }

    public IReadOnlyDictionary<string, TableColumn> Columns { get; init; } = new Dictionary<string, TableColumn>();

    /// <summary>Usable indexes that are there.</summary>
    public IReadOnlyList<IndexFact> Indexes { get; init; } = [];

    /// <summary>Entries a day that any index costs; null where statistics are too young.</summary>
    public double? WritesPerDay { get; init; }

    /// <summary>Updates a day that no index hears of, as long as none holds a changed column.</summary>
    public double? HotUpdatesPerDay { get; init; }

    public double VisibleShare => Pages > 0 ? Math.Clamp(VisiblePages / Pages, 0, 1) : 0;

    public bool HasStatistics => Columns.Values.Any(column => column.Distinct is not null);

    /// <summary>The share of the rows that have one value of a column.</summary>
    public double Selectivity(TableColumn? column)
    {
        if (column?.Distinct is not { } distinct || Rows < 1)
        {
            // What the planner assumes without statistics: 200 values.
            return 1.0 / 200;
        }

        var values = distinct < 0 ? -distinct * Rows : distinct;
        return (1 - (column.NullShare ?? 0)) / Math.Max(1, values);
    }
}
