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

    /// <summary>Waiting for locks of others.</summary>
    Lock,
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

    /// <summary>The server's id of the statement, as pg_stat_statements computes it; null where the role may not see it.</summary>
    public required long? QueryId { get; init; }

    /// <summary>False for a statement inside a function.</summary>
    public bool TopLevel { get; init; } = true;

    /// <summary>The statement without literals; null where the role may not see it.</summary>
    public required string? Query { get; init; }

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

    /// <summary>What it spends most of its time on.</summary>
    public QueryBound Bound { get; init; }

    /// <summary>When the window began (UTC).</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>When the window ended (UTC).</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>The verdict.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>When it was measured (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"{QueryId}: {Calls} calls, mean {MeanTime.TotalMilliseconds:0.#} ms");
}
