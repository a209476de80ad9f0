namespace Maintenance.Engine.Inspect;

/// <summary>What a statement for an index would do.</summary>
internal enum IndexAction
{
    None = 0,
    Drop,
    Rebuild,
    Create,
}

/// <summary>Advice before the server has written its statements.</summary>
internal sealed record IndexDraft
{
    /// <summary>An index is seldom used if queries used it no more often than this (as many judge, among them PgHero) …</summary>
    public const int FewScans = 50;

    /// <summary>… and each use was paid for with so many entries written. Ours: an index lookup saves reading some hundreds of pages.</summary>
    public const long ManyWritesPerScan = 1000;

    /// <summary>A covering index so many times larger makes the queries of the smaller one slower. Ours.</summary>
    public const int MuchLarger = 4;

    /// <summary>Below this share a rebuild is not worth its cost: a fresh b-tree that is written to fills up to about 70 % by itself. Ours.</summary>
    public const double BloatedShare = 0.3;

    /// <summary>Statistics younger than this say nothing about a rate per day.</summary>
    public static readonly TimeSpan ShortestRateWindow = TimeSpan.FromHours(1);

    public required TableFact Table { get; init; }

    public required string Name { get; init; }

    public required long Oid { get; init; }

    public required IndexAdviceKind Kind { get; init; }

    public required IndexVerdict Verdict { get; init; }

    public required IReadOnlyList<string> Reasons { get; init; }

    public required IndexAction Action { get; init; }

    /// <summary>Another status than the verdict's.</summary>
    public HealthStatus? Status { get; init; }

    public long? SizeBytes { get; init; }

    /// <summary>Null for a missing index.</summary>
    public IndexUsage? Usage { get; init; }

    public IndexFact? ReplacedBy { get; init; }

    public IReadOnlyDictionary<string, object?> Evidence { get; init; } = new Dictionary<string, object?>();

    public long Writes { get; init; }

    /// <summary>For a missing index: the columns, and the tables that have none.</summary>
    public (IReadOnlyList<short> Columns, IReadOnlyList<long> Tables)? Missing { get; init; }

    /// <summary>The facts that were measured.</summary>
    public static Dictionary<string, object?> EvidenceOf(IndexFact index, IReadOnlyList<TableFact> tables, IndexFacts facts, DateTimeOffset now)
    {
        var updates = tables.Sum(table => table.Updated);
        return new Dictionary<string, object?>
        {
            ["Method"] = index.Method,
            ["IsUnique"] = index.IsUnique,
            ["IsPartial"] = index.IsPartial,
            ["Constraint"] = index.Constraint,
            ["Partitions"] = index.IsPartitioned ? tables.Count : null,
            ["TableSizeBytes"] = tables.Sum(table => table.SizeBytes),
            ["EntriesWritten"] = tables.Sum(table => table.IndexWrites),
            // Updates that no index has to hear of; an index on a changed column prevents them.
            ["HotUpdatePercent"] = updates > 0 ? Math.Round(100.0 * tables.Sum(table => table.HotUpdated) / updates, 1) : null,
            ["ScansByTarget"] = facts.Sources.Count > 1 && !index.IsPartitioned
                ? facts.Sources.ToDictionary(source => source.Target, source => source.Scans.TryGetValue(index.Oid, out var scans) ? scans : (long?)null)
                : null,
            ["StatisticsAge"] = now - facts.StatisticsSince,
        };
    }
}
