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

    /// <summary>The newest backup is empty.</summary>
    Incomplete,

    /// <summary>Archived write-ahead log with segments missing: what lies behind them cannot be recovered from an older base backup.</summary>
    Gap,
}

/// <summary>Whether the newest backup is young enough.</summary>
public sealed record BackupRecency
{
    /// <summary>What the store tells.</summary>
    public required BackupRecencyState State { get; init; }

    /// <summary>Ok for Fresh, Unknown for CannotDetermine, Critical for everything else.</summary>
    public HealthStatus Status => State switch
    {
        BackupRecencyState.Fresh => HealthStatus.Ok,
        BackupRecencyState.CannotDetermine => HealthStatus.Unknown,
        _ => HealthStatus.Critical,
    };

    /// <summary>The store, without secrets.</summary>
    public string? Store { get; init; }

    /// <summary>Database the backups are of; null where names do not tell.</summary>
    public string? Database { get; init; }

    /// <summary>The newest backup.</summary>
    public DatabaseBackup? Newest { get; init; }

    /// <summary>Age of the newest backup.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>How old it may be.</summary>
    public required TimeSpan MaximumAge { get; init; }

    /// <summary>How many backups were seen; null when the newest was found without listing all.</summary>
    public long? BackupCount { get; init; }

    /// <summary>How many requests to the store it took; for a folder, how many folders were read.</summary>
    public int Requests { get; init; }

    /// <summary>What an archive of write-ahead log holds and lacks; null for backups.</summary>
    public WalArchiveState? Wal { get; init; }

    /// <summary>One sentence.</summary>
    public required string Message { get; init; }

    /// <summary>What kept us from finding out, for CannotDetermine.</summary>
    public MaintenanceErrorCode? Error { get; init; }

    /// <summary>What to do next; null when nothing is.</summary>
    public string? Recommendation { get; init; }

    /// <summary>Name of the maintained system.</summary>
    public string? Target { get; init; }

    /// <summary>When it was found out (UTC).</summary>
    public DateTimeOffset CollectedAt { get; init; }
}
