namespace Maintenance;

/// <summary>What a relation of a database is, as far as maintenance tells them apart.</summary>
public enum DbRelationKind
{
    /// <summary>An ordinary or unlogged table, also a partition.</summary>
    Table = 0,

    /// <summary>An index, also of a partition, a materialized view or a TOAST table.</summary>
    Index,

    /// <summary>The table behind a table that holds its large values.</summary>
    Toast,

    /// <summary>A materialized view.</summary>
    MaterializedView,

    /// <summary>A partitioned table: its rows are in its partitions.</summary>
    PartitionedTable,

    /// <summary>An index of a partitioned table: its entries are in the indexes of the partitions.</summary>
    PartitionedIndex,
}
