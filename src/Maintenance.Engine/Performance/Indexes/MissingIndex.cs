namespace Maintenance.Engine.Performance.Indexes;

/// <summary>A statement of the workload that indexes are looked for.</summary>
/// <param name="QueryId">Its id, if it is known.</param>
/// <param name="Text">Its text, with $1, $2, ... for its parameters, as pg_stat_statements keeps it.</param>
/// <param name="Calls">Executions in the time looked at.</param>
/// <param name="TotalMilliseconds">Time of all of them.</param>
internal sealed record WorkloadStatement(long? QueryId, string Text, double Calls, double TotalMilliseconds)
{
    /// <summary>Rows that all of them returned; null if that is not known. It stands in for a limit that is a parameter.</summary>
    public double? Rows { get; init; }

    /// <summary>Rows that one of them returned on the average; null if that is not known.</summary>
    public double? RowsPerCall => Calls > 0 ? Rows / Calls : null;
}

/// <summary>How it is known what an index would do.</summary>
internal enum IndexEvidence
{
    /// <summary>Estimated from the plan and the statistics of columns: lower confidence.</summary>
    Estimated = 0,

    /// <summary>The planner was asked with a hypothetical index (HypoPG).</summary>
    Hypothetical,
}

/// <summary>What an index would do for one statement.</summary>
/// <param name="Statement">The statement.</param>
/// <param name="CostBefore">Cost of its generic plan without the index.</param>
/// <param name="CostAfter">Cost with it.</param>
internal sealed record IndexBenefit(WorkloadStatement Statement, double CostBefore, double CostAfter);

/// <summary>An index that is not there and would help.</summary>
internal sealed record MissingIndex
{
    public required string Schema { get; init; }

    public required string Table { get; init; }

    public required long TableOid { get; init; }

    /// <summary>Bytes of the table.</summary>
    public required long TableBytes { get; init; }

    /// <summary>The name it would get, unquoted; no relation of the schema has it.</summary>
    public required string Name { get; init; }

    /// <summary>Its keys as SQL, quoted by the server: columns or expressions, with their order.</summary>
    public required IReadOnlyList<string> Keys { get; init; }

    /// <summary>Columns that it would carry without sorting by them, quoted by the server.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Its condition as SQL; null for the whole table.</summary>
    public string? Predicate { get; init; }

    /// <summary>
    /// CREATE INDEX CONCURRENTLY ..., names quoted by the server. Of a partitioned table the first of <see cref="Steps"/>, which alone does nothing.
    /// </summary>
    public required string CreateSql { get; init; }

    /// <summary>The table is partitioned: its index is made in several steps, one for each partition, and attached.</summary>
    public bool IsPartitioned { get; init; }

    /// <summary>All statements that make it, in their order, each to be run by itself outside a transaction.</summary>
    public required IReadOnlyList<string> Steps { get; init; }

    /// <summary>DROP INDEX CONCURRENTLY ..., names quoted by the server.</summary>
    public required string DropSql { get; init; }

    /// <summary>The statements that it would help, the most time first.</summary>
    public required IReadOnlyList<IndexBenefit> Benefits { get; init; }

    /// <summary>Share of the time of all statements that it would save, in percent, before what it costs: see <see cref="MissingIndexOptions.AllMilliseconds"/>.</summary>
    public required double SavedPercent { get; init; }

    /// <summary>Its expected size in bytes.</summary>
    public required long EstimatedBytes { get; init; }

    /// <summary>Entries written to it a day; null where statistics are too young.</summary>
    public double? WritesPerDay { get; init; }

    /// <summary>Updates a day that no index hears of now, and all of them would, because it holds a column that is changed; null where that is not known.</summary>
    public double? BlockedHotUpdatesPerDay { get; init; }

    /// <summary>Names of other indexes of the search that it is of little use without: each answers another part of an OR. Empty for nearly all.</summary>
    public IReadOnlyList<string> Together { get; init; } = [];

    /// <summary>Names of indexes, with their schema, that are proposed by themselves, and that it is of use once they are there: until then there is nothing to decide.</summary>
    public IReadOnlyList<string> WaitsFor { get; init; } = [];

    /// <summary>How it is known.</summary>
    public required IndexEvidence Evidence { get; init; }

    /// <summary>Why, a sentence each, what speaks against it too.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>Why it is not advised, of those reasons the one that decides; null where it is.</summary>
    public string? WhyNotAdvised { get; init; }

    /// <summary>True where what it saves is worth what it costs beyond doubt.</summary>
    public required bool IsAdvised { get; init; }
}

/// <summary>What is asked of the search for missing indexes.</summary>
internal sealed record MissingIndexOptions
{
    /// <summary>
    /// Time of all statements of the database, those too that are not looked at: what is saved is a share of it. Null for those that could be planned.
    /// </summary>
    public double? AllMilliseconds { get; init; }

    /// <summary>The time that the workload is of; null for as long as the statistics count.</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>Smaller tables are read whole as fast.</summary>
    public long MinimumTableBytes { get; init; } = 1L << 20;

    /// <summary>How many statements are looked at, those that took the most time.</summary>
    public int MaximumStatements { get; init; } = 100;

    /// <summary>How many indexes are suggested at most.</summary>
    public int MaximumIndexes { get; init; } = 20;

    /// <summary>The longest time for making one plan.</summary>
    public TimeSpan LongestPlanning { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Which tables are wanted, by schema and name; null for all.</summary>
    public Func<string, string, bool>? Tables { get; init; }
}

/// <summary>What a search found, and what it could not look at.</summary>
/// <param name="Indexes">The indexes, the one that saves most first.</param>
/// <param name="Notes">What limits the search, a sentence each: statements without a plan, and why.</param>
internal sealed record MissingIndexSearch(IReadOnlyList<MissingIndex> Indexes, IReadOnlyList<string> Notes)
{
    /// <summary>Time of the statements that could be planned and read tables. Null where nothing was planned.</summary>
    public double? PlannedMilliseconds { get; init; }

    /// <summary>Time of the statements that have a plan which could not be had: whether anything would help them is not known.</summary>
    public double UnplannedMilliseconds { get; init; }
}
