namespace Maintenance;

/// <summary>What a statement spends most of its time on, as far as the server's counters tell.</summary>
public enum QueryBound
{
    /// <summary>The counters do not tell.</summary>
    Unknown = 0,

    /// <summary>Computing: neither of the others.</summary>
    Cpu,

    /// <summary>Reading and writing blocks of tables and indexes.</summary>
    Io,

    /// <summary>Sorts and hashes that do not fit work_mem.</summary>
    TemporaryFiles,

    /// <summary>Writing the write-ahead log.</summary>
    Wal,

    /// <summary>Compiling expressions.</summary>
    Jit,

    /// <summary>Planning.</summary>
    Planning,

    /// <summary>Waiting for locks of others, as seen this moment or inferred: servers do not count it.</summary>
    Lock,
}

/// <summary>What a statement is for, by its text.</summary>
public enum QueryKind
{
    /// <summary>Its text is not known.</summary>
    Unknown = 0,

    /// <summary>The work of an application.</summary>
    Application,

    /// <summary>Looking after the database: VACUUM, ANALYZE, REINDEX, and what pg_dump reads.</summary>
    Maintenance,

    /// <summary>Transactions, settings and what drivers send around them: BEGIN, COMMIT, SET, DISCARD.</summary>
    Session,
}

/// <summary>Whether a statement takes longer than it used to.</summary>
public enum QueryRegression
{
    /// <summary>There is too little to compare.</summary>
    Unknown = 0,

    /// <summary>It takes as long as before, as far as anybody would notice.</summary>
    None,

    /// <summary>It takes longer.</summary>
    Slower,

    /// <summary>It takes less time.</summary>
    Faster,
}

/// <summary>A statement that takes long, and what the server counted of it in a window. Identified by user, database, query id and level.</summary>
public sealed record SlowQuery
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>The database it ran in.</summary>
    public required string Database { get; init; }

    /// <summary>The role that ran it; null for one that is gone.</summary>
    public string? User { get; init; }

    /// <summary>OID of that role.</summary>
    public long? UserId { get; init; }

    /// <summary>The server's id of the statement, as pg_stat_statements computes it; null where the role may not see it.</summary>
    public required long? QueryId { get; init; }

    /// <summary>False for a statement inside a function.</summary>
    public bool TopLevel { get; init; } = true;

    /// <summary>The statement without literals; null where the role may not see it.</summary>
    public required string? Query { get; init; }

    /// <summary>Why <see cref="Query"/> is not known; null if it is.</summary>
    public string? QueryReason { get; init; }

    /// <summary>What it is for.</summary>
    public QueryKind Kind { get; init; }

    /// <summary>Executions in the window.</summary>
    public required long Calls { get; init; }

    /// <summary>Time of all executions in the window.</summary>
    public required TimeSpan TotalTime { get; init; }

    /// <summary>Mean time of one execution.</summary>
    public TimeSpan MeanTime => Calls > 0 ? TotalTime / Calls : TimeSpan.Zero;

    /// <summary>Standard deviation of one execution; null if it cannot be told for the window.</summary>
    public TimeSpan? StandardDeviation { get; init; }

    /// <summary>Share of the time of all statements of the window, in percent.</summary>
    public double? SharePercent { get; init; }

    /// <summary>Rows returned or affected.</summary>
    public long Rows { get; init; }

    /// <summary>The time that 95 of 100 executions stay below: an estimate, as if times were distributed log-normally around this mean with this deviation.</summary>
    public TimeSpan? P95Estimate { get; init; }

    /// <summary>Blocks of tables and indexes found in the server's cache.</summary>
    public long BlocksHit { get; init; }

    /// <summary>Blocks that were not in the server's cache.</summary>
    public long BlocksRead { get; init; }

    /// <summary>Blocks that the statement itself had to write.</summary>
    public long BlocksWritten { get; init; }

    /// <summary>Share of blocks found in the cache, in percent; null if it used none.</summary>
    public double? HitPercent => BlocksHit + BlocksRead > 0 ? 100.0 * BlocksHit / (BlocksHit + BlocksRead) : null;

    /// <summary>Bytes of temporary files, read and written.</summary>
    public long TemporaryBytes { get; init; }

    /// <summary>Bytes of write-ahead log.</summary>
    public long WalBytes { get; init; }

    /// <summary>Time of reading and writing, temporary files included, per execution; null where the server does not measure it (track_io_timing).</summary>
    public TimeSpan? MeanIoTime { get; init; }

    /// <summary>Time of planning per execution; null where the server does not measure it (pg_stat_statements.track_planning).</summary>
    public TimeSpan? MeanPlanTime { get; init; }

    /// <summary>Time of compiling expressions per execution; null where the server does not measure it (before PostgreSQL 15).</summary>
    public TimeSpan? MeanJitTime { get; init; }

    /// <summary>What it spends most of its time on.</summary>
    public QueryBound Bound { get; init; }

    /// <summary>How that is known, or why it is not.</summary>
    public string? BoundReason { get; init; }

    /// <summary>Whether it takes longer than it used to.</summary>
    public QueryRegression Regression { get; init; }

    /// <summary>What it was compared with, or why it was not.</summary>
    public string? RegressionReason { get; init; }

    /// <summary>How many times as long it takes as it did; null if it was not compared.</summary>
    public double? RegressionFactor { get; init; }

    /// <summary>How likely such a difference is if nothing changed (Welch's test, two-sided); null if it was not compared.</summary>
    public double? RegressionProbability { get; init; }

    /// <summary>The mean time that it was compared with.</summary>
    public TimeSpan? BaselineMean { get; init; }

    /// <summary>Why its plan has probably changed in the window, an inference from what executions touch; null if nothing says so.</summary>
    public string? PlanChange { get; init; }

    /// <summary>When the window began (UTC).</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>When the window ended (UTC).</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>Why the figures are not those of the window, such as a reset since which alone they count; null if they are.</summary>
    public string? Incomplete { get; init; }

    /// <summary>True where a part of the figures is sample data: the sandbox made it up, nobody measured it.</summary>
    public bool IsMadeUp { get; init; }

    /// <summary>The verdict: Warning for a slow statement or one that has become slower, Unknown where it is not known which statement it is.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>When it was measured (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"{QueryId}: {Calls} calls, mean {MeanTime.TotalMilliseconds:0.#} ms");
}
