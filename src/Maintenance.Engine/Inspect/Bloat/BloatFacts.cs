using Maintenance.Engine.Database;

namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>What the server says of itself, as far as estimates need it.</summary>
internal sealed record ServerFacts(int BlockSize, AutovacuumThresholds Autovacuum, bool ReadsStatistics, string QuotedUser);

/// <summary>One relation, as the catalogues and the statistics system show it.</summary>
internal sealed record RelationFacts
{
    public required long Oid { get; init; }

    /// <summary>The table it belongs to; a table belongs to itself.</summary>
    public required long TableOid { get; init; }

    /// <summary>The relation whose rows it holds: of an index the table or TOAST table, else itself.</summary>
    public required long HeapOid { get; init; }

    public required string Schema { get; init; }

    public required string Name { get; init; }

    public required string QualifiedName { get; init; }

    public required DbRelationKind Kind { get; init; }

    public string? AccessMethod { get; init; }

    /// <summary>Null if it could not be read, or if the relation has no file of its own.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>Pages when last vacuumed, analyzed or built.</summary>
    public int CataloguePages { get; init; }

    /// <summary>Rows at that time; negative if they were never counted.</summary>
    public double CatalogueTuples { get; init; }

    public int AllVisiblePages { get; init; }

    public int AllFrozenPages { get; init; }

    /// <summary>Storage parameters by name.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>The partitioned table or index that it is a part of.</summary>
    public long? ParentOid { get; init; }

    /// <summary>False if the role may read no column of the table, and so none of its statistics.</summary>
    public bool IsReadable { get; init; } = true;

    /// <summary>True if row-level security applies to the role: then the server hides the statistics.</summary>
    public bool IsRowSecured { get; init; }

    /// <summary>Null for indexes and partitioned tables.</summary>
    public CounterFacts? Counters { get; init; }

    /// <summary>Null for anything but indexes.</summary>
    public IndexFacts? Index { get; init; }

    /// <summary>True if it has rows of its own.</summary>
    public bool IsHeap => Kind is DbRelationKind.Table or DbRelationKind.Toast or DbRelationKind.MaterializedView;

    /// <summary>The fillfactor it is written with.</summary>
    public int FillFactor(int otherwise) =>
        Options.TryGetValue("fillfactor", out var text) && int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}

/// <summary>What the statistics system counted.</summary>
internal sealed record CounterFacts
{
    public long Live { get; init; }

    public long Dead { get; init; }

    public long ModifiedSinceAnalyze { get; init; }

    public long InsertedSinceVacuum { get; init; }

    public long Inserted { get; init; }

    public long Updated { get; init; }

    public long HotUpdated { get; init; }

    public long Deleted { get; init; }

    public DateTimeOffset? LastVacuum { get; init; }

    public DateTimeOffset? LastAutovacuum { get; init; }

    public DateTimeOffset? LastAnalyze { get; init; }

    /// <summary>True if vacuum or analyze has told the counters how many rows there were; before, they know only what changed since they began.</summary>
    public bool IsAnchored => (LastVacuum ?? LastAutovacuum ?? LastAnalyze) is not null;

    /// <summary>The share of dead rows that left entries in the indexes: a HOT update leaves none.</summary>
    public double IndexedShare => Updated + Deleted == 0 ? 1 : (double)(Updated + Deleted - HotUpdated) / (Updated + Deleted);
}

/// <summary>What an index is built on.</summary>
internal sealed record IndexFacts
{
    public bool IsUnique { get; init; }

    public bool IsValid { get; init; } = true;

    public bool IsPartial { get; init; }

    public required int KeyColumns { get; init; }

    /// <summary>Column numbers of the table, keys first; 0 for an expression.</summary>
    public required IReadOnlyList<short> Columns { get; init; }

    /// <summary>True if equal keys are the same bytes for all its operator classes and collations.</summary>
    public bool HasSharedKeys { get; init; }
}

/// <summary>A column, and what ANALYZE found in it.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Length">Bytes of its type; -1 for varying length with a header, -2 for text up to a zero.</param>
/// <param name="Alignment">1, 2, 4 or 8.</param>
internal sealed record ColumnFacts(short Number, short Length, int Alignment)
{
    public bool IsDropped { get; init; }

    /// <summary>True if a short value may be stored with a header of one byte and unaligned.</summary>
    public bool IsPackable { get; init; }

    /// <summary>True if all values have the same length although the type does not say so: character(n).</summary>
    public bool IsPadded { get; init; }

    /// <summary>Average bytes of a value that is not null, as stored in the row; null without statistics.</summary>
    public double? Width { get; init; }

    /// <summary>Share of nulls, 0 to 1; null without statistics.</summary>
    public double? NullShare { get; init; }

    /// <summary>Number of distinct values; if negative, its share of the rows; 0 if unknown; null without statistics.</summary>
    public double? Distinct { get; init; }

    /// <summary>Its most common values; null if there are none, if they are all there are, or if no estimate needs them.</summary>
    public CommonKeys? Common { get; init; }

    public bool HasStatistics => Width is not null && NullShare is not null;
}

/// <summary>The values that ANALYZE found often, taken together.</summary>
/// <param name="Share">Their share of the rows, 0 to 1.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Width">Average bytes of one, by its share; null if not known.</param>
/// <param name="Sample">Rows that ANALYZE looks at.</param>
internal sealed record CommonKeys(double Share, int Count, double? Width, double Sample);
