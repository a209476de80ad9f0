namespace Maintenance;

/// <summary>Which statements are to be helped, and within which limits recommendations are applied.</summary>
public sealed record OptimizationOptions
{
    /// <summary>Indexes that are built in one run, unless the caller says otherwise.</summary>
    public const int DefaultMaximumIndexes = 5;

    /// <summary>The statements; null for those that pg_stat_statements counts most time for.</summary>
    public IReadOnlyList<SlowQuery>? Queries { get; init => field = value?.ToArray(); }

    /// <summary>How many indexes are built at the most: the more useful first.</summary>
    public int MaximumIndexes { get; init; } = DefaultMaximumIndexes;

    /// <summary>When all must be over (UTC): what is not predicted to end by then is put off. Null for no end.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>How long anybody may wait for us before we give way. Null for one second.</summary>
    public TimeSpan? MaximumBlock { get; init; }

    /// <summary>How old a snapshot or a lock may be that a build would have to wait for. Null for five seconds.</summary>
    public TimeSpan? MaximumSnapshotAge { get; init; }

    /// <summary>Whether statements that only read are executed to measure what an index does; otherwise plan costs decide alone.</summary>
    public bool Measure { get; init; } = true;

    /// <summary>Whether an index that was built before and dropped, because it did not help, is tried again.</summary>
    public bool RetryDropped { get; init; }

    /// <summary>Whether the target's function is asked too.</summary>
    public bool AskFunction { get; init; } = true;
}
