namespace Maintenance;

/// <summary>One maintained system: its database, functions, stores, channels, thresholds and policies.</summary>
public sealed record MaintenanceTarget
{
    /// <summary>The name everything is recorded under.</summary>
    public required string Name { get; init; }

    /// <summary>The database.</summary>
    public DatabaseSettings? Database { get; init; }

    /// <summary>The edge functions.</summary>
    public FunctionSettings? Functions { get; init; }

    /// <summary>Where backups are.</summary>
    public StoreSettings? BackupStore { get; init; }

    /// <summary>Where logs and reports are published.</summary>
    public StoreSettings? ArtifactStore { get; init; }

    /// <summary>Where rows go that leave the database (retention action ArchiveToBlob).</summary>
    public StoreSettings? ArchiveStore { get; init; }

    /// <summary>Where the server's archived write-ahead log is; null where it is not archived, or not watched.</summary>
    public StoreSettings? WalArchive { get; init; }

    /// <summary>How backups are made, named, judged and kept.</summary>
    public BackupSettings Backups { get; init; } = new();

    /// <summary>What a recovery has to achieve, and how restores are tested.</summary>
    public RecoverySettings Recovery { get; init; } = new();

    /// <summary>Where to notify, by channel name: Default, Emergency, Security.</summary>
    public IReadOnlyDictionary<string, ChannelSettings> Channels { get; init => field = Readable.Copy(value); } = Readable.Copy(new Dictionary<string, ChannelSettings>());

    /// <summary>Changed limits, by metric name.</summary>
    public IReadOnlyDictionary<string, ThresholdOverride> Thresholds { get; init => field = Readable.Copy(value); } = Readable.Copy(new Dictionary<string, ThresholdOverride>());

    /// <summary>
    /// Parts of the system that are not watched on purpose, by component name. A part that is neither configured
    /// nor listed here is Unknown, never healthy.
    /// </summary>
    public IReadOnlyList<string> ExcludedComponents { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>How long rows are kept.</summary>
    public IReadOnlyList<RetentionPolicy> Retention { get; init => field = Readable.Copy(value); } = Readable.List<RetentionPolicy>.Empty;

    /// <summary>What becomes of logs as they grow old; empty for the usual rules: this module's own logs are compressed after 7 days and deleted after 90.</summary>
    public IReadOnlyList<LogRotationRule> LogRotation { get; init => field = Readable.Copy(value); } = Readable.List<LogRotationRule>.Empty;

    /// <summary>When maintenance may change the system; empty for always.</summary>
    public IReadOnlyList<MaintenanceWindow> Windows { get; init => field = Readable.Copy(value); } = Readable.List<MaintenanceWindow>.Empty;

    /// <summary>Where the history is kept.</summary>
    public HistorySettings History { get; init; } = new();

    /// <summary>Which tables tell of errors, requests and data protection, and how much storage there is.</summary>
    public AnalyticsSettings Analytics { get; init; } = new();

    /// <summary>What the security audit has to know that no server can tell.</summary>
    public SecurityPolicy Security { get; init; } = new();

    /// <summary>How performance is watched over time.</summary>
    public PerformancePolicy Performance { get; init; } = new();

    /// <summary>The limits that growth is compared with.</summary>
    public CapacityPolicy Capacity { get; init; } = new();

    /// <summary>The rules that are watched, and how people are told.</summary>
    public AlertPolicy Alerts { get; init; } = new();

    /// <summary>What may be repaired without a person, and how.</summary>
    public RepairPolicy Repair { get; init; } = new();

    /// <summary>When tasks run, where that differs from the maintenance matrix.</summary>
    public SchedulePolicy Schedule { get; init; } = new();

    /// <summary>Where reports of security audits are published; null for the artefact store.</summary>
    public StoreSettings? AuditStore { get; init; }

    /// <summary>Where this target's settings came from: a file, parameters, the environment, a sandbox.</summary>
    public string? Origin { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
