namespace Maintenance;

/// <summary>What is done to an object of a database.</summary>
public enum DbActionKind
{
    /// <summary>VACUUM, with or without FREEZE and ANALYZE.</summary>
    Vacuum = 0,

    /// <summary>ANALYZE alone.</summary>
    Analyze,

    /// <summary>REINDEX CONCURRENTLY.</summary>
    Reindex,

    /// <summary>DROP INDEX CONCURRENTLY of an invalid leftover.</summary>
    DropInvalidIndex,

    /// <summary>Rows past their age are deleted.</summary>
    DeleteRows,

    /// <summary>Rows past their age move to an archive, a table or files.</summary>
    ArchiveRows,

    /// <summary>Rows past their age lose what tells of a person.</summary>
    AnonymiseRows,

    /// <summary>Rows come back from an archive.</summary>
    RestoreRows,

    /// <summary>CREATE INDEX CONCURRENTLY.</summary>
    CreateIndex,

    /// <summary>DROP INDEX CONCURRENTLY of an index that did not help.</summary>
    DropIndex,
}

/// <summary>
/// One action on one object of a database: what it would do when it is planned, and what it measurably did when it is over.
/// </summary>
public sealed record DbAction : IDbObject
{
    /// <inheritdoc/>
    public required string Target { get; init; }

    /// <inheritdoc/>
    public required string Database { get; init; }

    /// <summary>What is done.</summary>
    public required DbActionKind Kind { get; init; }

    /// <inheritdoc/>
    public required string Schema { get; init; }

    /// <inheritdoc/>
    public required string Name { get; init; }

    /// <inheritdoc/>
    public required long Oid { get; init; }

    /// <summary>The table that an index belongs to, schema-qualified and quoted by the server; null for a table itself.</summary>
    public string? Table { get; init; }

    /// <summary>The exact statement, its names quoted by the server; empty where nothing can be done.</summary>
    public required string Sql { get; init; }

    /// <summary>The strongest lock it takes on the table, and for how long: <c>SHARE UPDATE EXCLUSIVE</c> lets everybody read and write.</summary>
    public required string Lock { get; init; }

    /// <summary>Size of the object before, in bytes: with TOAST for a table, alone for an index.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>How long it is expected to take; null if nobody can tell.</summary>
    public TimeSpan? PredictedDuration { get; init; }

    /// <summary>What the prediction comes from: earlier runs on this object, on others, or the size alone.</summary>
    public string? PredictedFrom { get; init; }

    /// <summary>What became of it.</summary>
    public required StepState State { get; init; }

    /// <summary>One sentence: why it is planned, what it did, or why it did not.</summary>
    public required string Message { get; init; }

    /// <summary>What went wrong, for an action that failed.</summary>
    public MaintenanceErrorCode? Error { get; init; }

    /// <summary>What to do next, for an action that failed, was put off or left out.</summary>
    public string? Recommendation { get; init; }

    /// <summary>Times it was tried; more than one if others held a lock.</summary>
    public int Attempts { get; init; }

    /// <summary>When it began (UTC); for what did not run, when that was decided.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How long it took, all attempts together.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Size of the object afterwards, in bytes, as measured.</summary>
    public long? SizeBytesAfter { get; init; }

    /// <summary>Bytes it gave back to the file system, as measured; null if it did not run.</summary>
    public long? Reclaimed => SizeBytes - SizeBytesAfter;

    /// <summary>What else was measured before and after, such as <c>DeadTuplesBefore</c> and <c>DeadTuplesAfter</c>.</summary>
    public IReadOnlyDictionary<string, object?> Effect { get; init => field = Readable.Copy(value); } = Readable.Copy(new Dictionary<string, object?>());

    /// <summary>The run it was part of; null if it was asked for by itself.</summary>
    public Guid? RunId { get; init; }

    /// <summary>
    /// The verdict: what was put off or failed is a warning, what was left out on purpose is not, unless somebody keeps it from being done.
    /// </summary>
    public HealthStatus Status => State switch
    {
        StepState.Skipped when Error is MaintenanceErrorCode.HeldBack or MaintenanceErrorCode.PermissionDenied => HealthStatus.Warning,
        StepState.Done or StepState.Skipped or StepState.Planned => HealthStatus.Ok,
        StepState.Cancelled => HealthStatus.Unknown,
        _ => HealthStatus.Warning,
    };

    /// <summary>When it was over (UTC).</summary>
    public DateTimeOffset CollectedAt => StartedAt + (Duration ?? TimeSpan.Zero);

    /// <inheritdoc/>
    public override string ToString() => Schema.Length == 0 ? $"{Kind} {Name}: {State}" : $"{Kind} {Schema}.{Name}: {State}";
}
