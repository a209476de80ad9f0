namespace Maintenance;

/// <summary>What the store tells about the newest backup.</summary>
public enum BackupRecencyState
{
    /// <summary>The store could not be read. Says nothing about the backups.</summary>
    CannotDetermine = 0,

    /// <summary>The newest backup is young enough.</summary>
    Fresh,

    /// <summary>There are backups, but the newest is too old.</summary>
    Stale,

    /// <summary>The store was read to its end, and holds no backup.</summary>
    None,

    /// <summary>
    /// The newest backup is not all there: it is empty, half written, or has another size than was noted when it was made.
    /// </summary>
    Incomplete,

    /// <summary>The newest backup is young enough, and much smaller than those before it.</summary>
    Shrunk,

    /// <summary>The newest backup cannot be opened, or its first bytes are those of no backup.</summary>
    Unreadable,

    /// <summary>Archived write-ahead log with segments missing: what lies behind them cannot be recovered from an older base backup.</summary>
    Gap,
}

/// <summary>Whether the newest backup of a database and kind is young enough, and looks as it should.</summary>
public sealed record BackupRecency
{
    /// <summary>What the store tells.</summary>
    public required BackupRecencyState State { get; init; }

    /// <summary>Ok for Fresh, Warning for Shrunk, Unknown for CannotDetermine, Critical for everything else.</summary>
    public HealthStatus Status => State switch
    {
        BackupRecencyState.Fresh => HealthStatus.Ok,
        BackupRecencyState.Shrunk => HealthStatus.Warning,
        BackupRecencyState.CannotDetermine => HealthStatus.Unknown,
        _ => HealthStatus.Critical,
    };

    /// <summary>The store, without secrets.</summary>
    public string? Store { get; init; }

    /// <summary>Database the backups are of; null where names do not tell.</summary>
    public string? Database { get; init; }

    /// <summary>Kind of the backups; null where nothing is there and none was asked for.</summary>
    public BackupKind? Kind { get; init; }

    /// <summary>The newest backup. One that is just being written does not count while that may take.</summary>
    public DatabaseBackup? Newest { get; init; }

    /// <summary>
    /// The newest backup that is not known to be incomplete; null if there is none, or if the newest is unreadable, since whether one
    /// before it can be read is not known.
    /// </summary>
    public DatabaseBackup? LastComplete { get; init; }

    /// <summary>Age of <see cref="LastComplete"/>: what is younger would be lost.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>How old it may be.</summary>
    public required TimeSpan MaximumAge { get; init; }

    /// <summary>Median size in bytes of up to 20 complete backups before the newest; null if there are fewer than 3.</summary>
    public long? MedianSizeBytes { get; init; }

    /// <summary>
    /// True if the first bytes of the newest backup were read, and are those of a backup. False if they were not: only Fresh and
    /// Shrunk call for it, and it may not be permitted; Message says so.
    /// </summary>
    public bool ContentSeen { get; init; }

    /// <summary>How many backups were seen; null when the newest was found without listing all.</summary>
    public long? BackupCount { get; init; }

    /// <summary>How many requests to the store it took; for a folder, how many folders were read.</summary>
    public int Requests { get; init; }

    /// <summary>What an archive of write-ahead log holds and lacks; null for backups.</summary>
    public WalArchiveState? Wal { get; init; }

    /// <summary>One sentence.</summary>
    public required string Message { get; init; }

    /// <summary>What kept us from finding out, for CannotDetermine, or from opening it, for Unreadable.</summary>
    public MaintenanceErrorCode? Error { get; init; }

    /// <summary>What to do next; null when nothing is.</summary>
    public string? Recommendation { get; init; }

    /// <summary>Name of the maintained system.</summary>
    public string? Target { get; init; }

    /// <summary>When it was found out (UTC).</summary>
    public DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Database ?? Kind?.ToString() ?? Store ?? Target ?? "backups"}: {State}. {Message}";
}
