namespace Maintenance;

/// <summary>One retention policy on one table: what it would do when it is planned, and what it measurably did when it is over.</summary>
public sealed record RetentionResult : IDbObject
{
    /// <inheritdoc/>
    public required string Target { get; init; }

    /// <inheritdoc/>
    public required string Database { get; init; }

    /// <inheritdoc/>
    public required string Schema { get; init; }

    /// <inheritdoc/>
    public required string Name { get; init; }

    /// <inheritdoc/>
    public required long Oid { get; init; }

    /// <summary>The policy.</summary>
    public required RetentionPolicy Policy { get; init; }

    /// <summary>What happens to the rows.</summary>
    public RetentionAction Action => Policy.Action;

    /// <summary>Where they go: a table, or a folder of the archive store; null if they do not leave or are deleted.</summary>
    public string? Destination { get; init; }

    /// <summary>Rows whose time lies before this moment (UTC) are past their age. The same for the whole run; null if it could not be found out.</summary>
    public DateTimeOffset? CutOff { get; init; }

    /// <summary>What became of it.</summary>
    public required StepState State { get; init; }

    /// <summary>One sentence: what is planned, what was done, or why it was not.</summary>
    public required string Message { get; init; }

    /// <summary>What went wrong.</summary>
    public MaintenanceErrorCode? Error { get; init; }

    /// <summary>What to do next.</summary>
    public string? Recommendation { get; init; }

    /// <summary>What else was found out about the table, the archive and the policy, such as triggers that will run.</summary>
    public IReadOnlyList<string> Notes { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>Rows past their age when it was planned, counted; null if they were not counted.</summary>
    public long? RowsDue { get; init; }

    /// <summary>Rows past their age that a legal hold keeps, counted.</summary>
    public long? RowsHeld { get; init; }

    /// <summary>Rows whose time is null or infinite, which have no age and stay; counted.</summary>
    public long? RowsWithoutAge { get; init; }

    /// <summary>Time of the oldest row that is due (UTC, or the local time of a column without a zone read as UTC).</summary>
    public DateTimeOffset? OldestDue { get; init; }

    /// <summary>The statements as they run, once for each batch or partition, their names quoted by the server.</summary>
    public IReadOnlyList<string> Sql { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>The strongest lock it takes on the table: <c>ROW EXCLUSIVE</c> lets everybody read and write other rows.</summary>
    public string Lock { get; init; } = "";

    /// <summary>How long it is expected to take; null if nobody can tell.</summary>
    public TimeSpan? PredictedDuration { get; init; }

    /// <summary>What the prediction comes from.</summary>
    public string? PredictedFrom { get; init; }

    /// <summary>Rows that were deleted, moved or overwritten, as the server counted them, partitions that moved whole included.</summary>
    public long Rows { get; init; }

    /// <summary>Rows that are still past their age and not on hold, counted at the end; null if they were not counted.</summary>
    public long? RowsLeft { get; init; }

    /// <summary>
    /// Bytes of the rows as they were stored (pg_column_size), or of the files before compression. For rows that move or go in batches only
    /// with -Verify, because measuring costs a tenth of the work; null if not measured.
    /// </summary>
    public long? Bytes { get; init; }

    /// <summary>Bytes in the archive store, compressed; null for other actions.</summary>
    public long? StoredBytes { get; init; }

    /// <summary>Transactions that took rows.</summary>
    public int Batches { get; init; }

    /// <summary>How long the slowest of them held its locks, from its first statement to its commit; null if there was none.</summary>
    public TimeSpan? WorstBatch { get; init; }

    /// <summary>Partitions that moved or went as a whole, schema-qualified.</summary>
    public IReadOnlyList<string> Partitions { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>Bytes of WAL written: by our session from PostgreSQL 18 on; before, by the server during our batches, others' too. Null if not measured.</summary>
    public long? WalBytes { get; init; }

    /// <summary>Name of the archive's manifest in the archive store.</summary>
    public string? Manifest { get; init; }

    /// <summary>SHA-256 of the manifest, which holds the SHA-256 of each file; in hexadecimal digits.</summary>
    public string? Sha256 { get; init; }

    /// <summary>True if it was proved that what arrived is what left (-Verify); null if that was not asked for or does not apply.</summary>
    public bool? Verified { get; init; }

    /// <summary>What was proved: the count and the checksum of both sides.</summary>
    public string? Verification { get; init; }

    /// <summary>When it began (UTC).</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The run it was part of; null if it was asked for by itself.</summary>
    public Guid? RunId { get; init; }

    /// <summary>
    /// The verdict: what was put off, for time or because others held rows, or failed is a warning. An archive that is damaged is
    /// critical, and of one whose store could not be asked nothing is known.
    /// </summary>
    public HealthStatus Status => State switch
    {
        StepState.Failed when Error == MaintenanceErrorCode.ArchiveMismatch => HealthStatus.Critical,
        StepState.Deferred when Error is MaintenanceErrorCode.StoreUnreachable or MaintenanceErrorCode.StoreAuthenticationFailed or MaintenanceErrorCode.StoreNotFound or MaintenanceErrorCode.StoreError => HealthStatus.Unknown,
        StepState.Done or StepState.Planned => HealthStatus.Ok,
        StepState.Skipped => Error is null ? HealthStatus.Ok : HealthStatus.Warning,
        StepState.Cancelled => HealthStatus.Unknown,
        _ => HealthStatus.Warning,
    };

    /// <summary>When it was over (UTC).</summary>
    public DateTimeOffset CollectedAt => StartedAt + (Duration ?? TimeSpan.Zero);

    /// <inheritdoc/>
    public override string ToString() => Schema.Length == 0 ? $"{Action} {Name}: {State}" : $"{Action} {Schema}.{Name}: {State}";
}
