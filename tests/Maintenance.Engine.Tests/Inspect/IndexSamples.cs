using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Tests.Inspect;

/// <summary>A database of one table, made of what a test says and nothing else.</summary>
internal sealed class IndexSamples
{
    public const long Table = 100;
    public const long Parent = 200;

    public static readonly DateTimeOffset Now = new(2026, 11, 23, 2, 0, 0, TimeSpan.Zero);
    public static readonly TimeSpan Year = TimeSpan.FromDays(365);

    private readonly List<IndexFact> _indexes = [];
    private readonly Dictionary<long, long> _scans = [];
    private readonly Dictionary<long, TableFact> _tables = new()
    {
        [Table] = new TableFact { Oid = Table, Schema = "public", Name = "orders", SizeBytes = 100 << 20 },
        [Parent] = new TableFact { Oid = Parent, Schema = "public", Name = "customers", SizeBytes = 10 << 20 },
    };

    private readonly List<ForeignKeyFact> _keys = [];
    private IndexFacts _facts = new() { Database = "shop", ServerTime = Now, StatisticsSince = Now - Year };
    private Func<ScanSource, ScanSource> _source = source => source;

    /// <summary>An index on columns, by their numbers; used, known to be a year old, and 10 MB.</summary>
    public static IndexFact Index(long oid, params short[] columns) => new()
    {
        Oid = oid,
        Name = $"i{oid}",
        TableOid = Table,
        Columns = columns,
        KeyCount = columns.Length,
        OperatorClasses = [.. columns.Select(_ => 1978L)],
        Collations = [.. columns.Select(_ => 0L)],
        Options = [.. columns.Select(_ => (short)0)],
        SizeBytes = 10 << 20,
        CreatedBy = Now - Year,
    };

    public static ForeignKeyFact Key(params short[] columns) => new()
    {
        Oid = 900,
        Name = "orders_customer_fkey",
        TableOid = Table,
        ReferencedOid = Parent,
        Columns = columns,
        ColumnNames = [.. columns.Select(column => $"c{column}")],
        Collations = [.. columns.Select(_ => 0L)],
    };

    public IndexSamples With(IndexFact index, long scans = 10_000)
    {
        _indexes.Add(index);
        _scans[index.Oid] = scans;
        return this;
    }

    public IndexSamples With(ForeignKeyFact key)
    {
        _keys.Add(key);
        return this;
    }

    public IndexSamples With(TableFact table)
    {
        _tables[table.Oid] = table;
        return this;
    }

    public IndexSamples Change(long table, Func<TableFact, TableFact> change) => With(change(_tables[table]));

    public IndexSamples Server(Func<IndexFacts, IndexFacts> change)
    {
        _facts = change(_facts);
        return this;
    }

    public IndexSamples Source(Func<ScanSource, ScanSource> change)
    {
        _source = change;
        return this;
    }

    public IReadOnlyList<IndexDraft> Advise(IndexAdviceQuery? query = null, params ScanSource[] replicas) => IndexAdviser.Advise(
        _facts with
        {
            Indexes = _indexes,
            Tables = _tables,
            ForeignKeys = _keys,
            Sources = [_source(new ScanSource { Target = "shop", IsStandby = _facts.IsStandby, StatisticsSince = _facts.StatisticsSince, Scans = _scans }), .. replicas],
        },
        query ?? new IndexAdviceQuery(),
        Now);
}
