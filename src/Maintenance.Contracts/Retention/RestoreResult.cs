namespace Maintenance;

/// <summary>One archive that comes back into a table: what it would do when it is planned, and what it measurably did when it is over.</summary>
/// <remarks>Schema, name and OID are those of the table that the rows come back into.</remarks>
public sealed record RestoreResult : IDbObject
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

    /// <summary>Where the rows come from: an archive table, or the manifest or folder of an archive in the store.</summary>
    public required string Source { get; init; }

    /// <summary>Name of the manifest in the archive store; null for an archive table, or an archive that was never finished.</summary>
    public string? Manifest { get; init; }

    /// <summary>Id of an archive in the store; null for an archive table.</summary>
    public Guid? ArchiveId { get; init; }

    /// <summary>Only rows of this time or later; null for no limit.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only rows before this time; null for no limit.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>What became of it.</summary>
    public required StepState State { get; init; }

    /// <summary>One sentence: what is planned, what was done, or why it was not.</summary>
    public required string Message { get; init; }

    /// <summary>What went wrong.</summary>
    public MaintenanceErrorCode? Error { get; init; }

    /// <summary>What to do next.</summary>
    public string? Recommendation { get; init; }

    /// <summary>What else was found out, such as columns that were left out and triggers that will run.</summary>
    public IReadOnlyList<string> Notes { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>Rows that the archive holds in this time and that were not restored before; of files only part of which is wanted, all their rows. Null if not counted.</summary>
    public long? RowsFound { get; init; }

    /// <summary>Rows that came back, as the server counted them.</summary>
    public long Rows { get; init; }

    /// <summary>Rows that stayed in the archive because the table has their key already (-SkipExisting); null if that was not asked for.</summary>
    public long? RowsSkipped { get; init; }

    /// <summary>Transactions that brought rows back: batches of an archive table, files of one in the store.</summary>
    public int Batches { get; init; }

    /// <summary>How long the slowest of them held its locks on rows; null if there was none.</summary>
    public TimeSpan? WorstBatch { get; init; }

    /// <summary>Files of the archive that were restored; 0 for an archive table.</summary>
    public int Parts { get; init; }

    /// <summary>Files that were left out because they were restored before.</summary>
    public int PartsRestoredBefore { get; init; }

    /// <summary>True if it was proved that what arrived is what the archive holds (-Verify); null if that was not asked for or could not be.</summary>
    public bool? Verified { get; init; }

    /// <summary>What was proved: the count and the checksum of both sides.</summary>
    public string? Verification { get; init; }

    /// <summary>Columns that come back, each as <c>name</c>, or as <c>archived name → name</c> where it has another one or another type.</summary>
    public IReadOnlyList<string> Columns { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>Archived columns that do not come back.</summary>
    public IReadOnlyList<string> ColumnsLeftOut { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>The statements as they run, once for each batch or file, their names quoted by the server.</summary>
    public IReadOnlyList<string> Sql { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>The strongest lock it takes on the table: <c>ROW EXCLUSIVE</c> lets everybody read and write.</summary>
    public string Lock { get; init; } = "";

    /// <summary>When it began (UTC).</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The verdict: what was put off, refused or failed is a warning.</summary>
    public HealthStatus Status => State switch
    {
        StepState.Done or StepState.Planned => HealthStatus.Ok,
        StepState.Skipped => Error is null or MaintenanceErrorCode.AlreadyRestored ? HealthStatus.Ok : HealthStatus.Warning,
        StepState.Cancelled => HealthStatus.Unknown,
        _ => HealthStatus.Warning,
    };

    /// <summary>When it was over (UTC).</summary>
    public DateTimeOffset CollectedAt => StartedAt + (Duration ?? TimeSpan.Zero);

    /// <inheritdoc/>
    public override string ToString() => Name.Length == 0 ? $"Restore {Source}: {State}" : $"Restore {Source} into {(Schema.Length == 0 ? Name : $"{Schema}.{Name}")}: {State}";
}
