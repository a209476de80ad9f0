namespace Maintenance;

/// <summary>
/// What one source says about a target: a file, parameters or the environment. What it does not say is null,
/// so that the next source can.
/// </summary>
public sealed record PartialTarget
{
    /// <summary>The database.</summary>
    public PartialDatabase? Database { get; init; }

    /// <summary>The edge functions.</summary>
    public PartialFunctions? Functions { get; init; }

    /// <summary>Where backups are.</summary>
    public PartialStore? BackupStore { get; init; }

    /// <summary>Where logs and reports are published.</summary>
    public PartialStore? ArtifactStore { get; init; }

    /// <summary>Where rows go that leave the database.</summary>
    public PartialStore? ArchiveStore { get; init; }

    /// <summary>Where the archived write-ahead log is.</summary>
    public PartialStore? WalArchive { get; init; }

    /// <summary>How backups are made, named, judged and kept.</summary>
    public BackupSettings? Backups { get; init; }

    /// <summary>What a recovery has to achieve.</summary>
    public RecoverySettings? Recovery { get; init; }

    /// <summary>Where to notify, by channel name.</summary>
    public IReadOnlyDictionary<string, ChannelSettings>? Channels { get; init; }

    /// <summary>Changed limits, by metric name.</summary>
    public IReadOnlyDictionary<string, ThresholdOverride>? Thresholds { get; init; }

    /// <summary>Parts of the system that are not watched on purpose.</summary>
    public IReadOnlyList<string>? ExcludedComponents { get; init; }

    /// <summary>How long rows are kept.</summary>
    public IReadOnlyList<RetentionPolicy>? Retention { get; init; }

    /// <summary>What becomes of logs as they grow old.</summary>
    public IReadOnlyList<LogRotationRule>? LogRotation { get; init; }

    /// <summary>When maintenance may change the system.</summary>
    public IReadOnlyList<MaintenanceWindow>? Windows { get; init; }

    /// <summary>Where the history is kept.</summary>
    public HistorySettings? History { get; init; }

    /// <summary>Which tables tell of errors, requests and data protection, and how much storage there is.</summary>
    public AnalyticsSettings? Analytics { get; init; }

    /// <summary>What the security audit has to know.</summary>
    public SecurityPolicy? Security { get; init; }

    /// <summary>How performance is watched over time.</summary>
    public PerformancePolicy? Performance { get; init; }

    /// <summary>The limits that growth is compared with.</summary>
    public CapacityPolicy? Capacity { get; init; }

    /// <summary>The rules that are watched, and how people are told.</summary>
    public AlertPolicy? Alerts { get; init; }

    /// <summary>When tasks run.</summary>
    public SchedulePolicy? Schedule { get; init; }

    /// <summary>What may be repaired without a person, and how.</summary>
    public RepairPolicy? Repair { get; init; }

    /// <summary>Where reports of security audits are published.</summary>
    public PartialStore? AuditStore { get; init; }
}

/// <summary>What one source says about a database; see <see cref="DatabaseSettings"/>.</summary>
public sealed record PartialDatabase
{
    /// <summary>Host name, address, or folder of the Unix socket.</summary>
    public string? Host { get; init; }

    /// <summary>Port.</summary>
    public int? Port { get; init; }

    /// <summary>Database name.</summary>
    public string? Database { get; init; }

    /// <summary>Role to connect as.</summary>
    public string? Username { get; init; }

    /// <summary>Where the password is.</summary>
    public SecretReference? Password { get; init; }

    /// <summary>Where a whole connection string is.</summary>
    public SecretReference? ConnectionString { get; init; }

    /// <summary>Encryption.</summary>
    public DatabaseSslMode? SslMode { get; init; }

    /// <summary>File with the certificate of the authority to trust.</summary>
    public string? RootCertificate { get; init; }

    /// <summary>How long one attempt to connect may take.</summary>
    public TimeSpan? ConnectTimeout { get; init; }
}

/// <summary>What one source says about edge functions; see <see cref="FunctionSettings"/>.</summary>
public sealed record PartialFunctions
{
    /// <summary>Address under which the functions lie.</summary>
    public Uri? BaseUri { get; init; }

    /// <summary>Where the bearer token is.</summary>
    public SecretReference? BearerToken { get; init; }

    /// <summary>Where the API key is.</summary>
    public SecretReference? ApiKey { get; init; }
}

/// <summary>What one source says about a store; see <see cref="StoreSettings"/>.</summary>
public sealed record PartialStore
{
    /// <summary>The folder.</summary>
    public string? Path { get; init; }

    /// <summary>Name of the storage account.</summary>
    public string? AccountName { get; init; }

    /// <summary>Address of the blob service.</summary>
    public Uri? ServiceUri { get; init; }

    /// <summary>Name of the container.</summary>
    public string? Container { get; init; }

    /// <summary>Only names that begin so belong to the store.</summary>
    public string? Prefix { get; init; }

    /// <summary>Where a storage connection string is.</summary>
    public SecretReference? ConnectionString { get; init; }

    /// <summary>Where the account key is.</summary>
    public SecretReference? AccountKey { get; init; }

    /// <summary>Where a shared access signature is.</summary>
    public SecretReference? SasToken { get; init; }

    /// <summary>How old the newest backup may be.</summary>
    public TimeSpan? MaximumAge { get; init; }
}
