namespace Maintenance;

/// <summary>When the planner's statistics are gathered along with a VACUUM.</summary>
public enum VacuumAnalyze
{
    /// <summary>Where they are due: enough rows have changed, or they were never gathered.</summary>
    WhenDue = 0,

    /// <summary>Of every table that is worked on.</summary>
    Always,

    /// <summary>Not at all.</summary>
    Never,
}

/// <summary>What is vacuumed and analyzed, and how far it may go.</summary>
public sealed record VacuumOptions
{
    /// <summary>How much of autovacuum's threshold is enough, in percent, unless told otherwise.</summary>
    public const double DefaultThresholdPercent = 50;

    /// <summary>Fewer dead rows than this are left to autovacuum, unless told otherwise.</summary>
    public const long DefaultMinimumDeadRows = 1000;

    /// <summary>Connections that work at the same time, unless told otherwise.</summary>
    public const int DefaultParallel = 2;

    /// <summary>Only these tables; nothing means all tables of the database outside the system's schemas.</summary>
    public IReadOnlyList<DbObjectReference> Objects { get; init => field = Readable.Copy(value); } = Readable.List<DbObjectReference>.Empty;

    /// <summary>Every table, not only those that are due.</summary>
    public bool All { get; init; }

    /// <summary>Freeze every row, so that no table's transaction ids age from before now.</summary>
    public bool Freeze { get; init; }

    /// <summary>Whether statistics are gathered too.</summary>
    public VacuumAnalyze Analyze { get; init; }

    /// <summary>A table is due at this share of the threshold at which autovacuum would take it, in percent.</summary>
    public double ThresholdPercent { get; init; } = DefaultThresholdPercent;

    /// <summary>Below autovacuum's own threshold, a table with fewer dead or changed rows is not due.</summary>
    public long MinimumDeadRows { get; init; } = DefaultMinimumDeadRows;

    /// <summary>Connections that work at the same time, each on one table.</summary>
    public int Parallel { get; init; } = DefaultParallel;

    /// <summary>Nothing is begun that would not be over by then, and what still runs is stopped (UTC).</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>How long anybody may wait for us before we are cancelled; null for 1 second.</summary>
    public TimeSpan? MaximumBlock { get; init; }

    /// <summary>Give empty pages at the end of a table back to the file system, which takes ACCESS EXCLUSIVE for a moment.</summary>
    public bool Truncate { get; init; }

    /// <summary>The system's catalogues too.</summary>
    public bool IncludeSystem { get; init; }

    /// <summary>Only what an earlier run put off. It comes first in any case.</summary>
    public bool Resume { get; init; }

    /// <summary>Shared buffers that one VACUUM may use, in bytes; null for the server's default. PostgreSQL 16 and later.</summary>
    public long? BufferUsageLimitBytes { get; init; }
}
