namespace Maintenance;

/// <summary>
/// How a server's write-ahead log is shipped and kept: standbys, slots, the archiver, and on a standby its own receiver. What could
/// not be known is null and has a reason or a finding.
/// </summary>
public sealed record DbReplication
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>The worst of its metrics and findings.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>When it was measured (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <summary>Server version, such as <c>15.18</c>.</summary>
    public string? ServerVersion { get; init; }

    /// <summary>True if the server is a standby.</summary>
    public required bool IsStandby { get; init; }

    /// <summary>End of the log: what was written, on a standby what was received.</summary>
    public string? CurrentLsn { get; init; }

    /// <summary>The servers that get the log from this one.</summary>
    public IReadOnlyList<DbStandby> Standbys { get; init => field = Readable.Copy(value); } = Readable.List<DbStandby>.Empty;

    /// <summary>The greatest distance of a standby in bytes, or of this server if it is one; null if it is not known.</summary>
    public long? LagBytes { get; init; }

    /// <summary>The replication slots.</summary>
    public IReadOnlyList<DbReplicationSlot> Slots { get; init => field = Readable.Copy(value); } = Readable.List<DbReplicationSlot>.Empty;

    /// <summary>How this server gets its log, if it is a standby.</summary>
    public DbWalReceiver? Receiver { get; init; }

    /// <summary>The archiver; null if its state could not be read.</summary>
    public DbWalArchiver? Archiver { get; init; }

    /// <summary>Bytes of log written per second, measured; null if that is not known.</summary>
    public double? WalBytesPerSecond { get; init; }

    /// <summary>Over what time the rate was measured.</summary>
    public TimeSpan? WalRateWindow { get; init; }

    /// <summary>Why there is no rate.</summary>
    public string? WalRateReason { get; init; }

    /// <summary>Size of the log on disk in bytes; null if the role may not see it.</summary>
    public long? WalBytes { get; init; }

    /// <summary>How much log slots may keep, in bytes (max_slot_wal_keep_size); null for no limit.</summary>
    public long? MaxSlotWalKeepBytes { get; init; }

    /// <summary>Free space on the disk of the log in bytes; null if it cannot be known from here.</summary>
    public long? FreeDiskBytes { get; init; }

    /// <summary>Why the free space is not known.</summary>
    public string? FreeDiskReason { get; init; }

    /// <summary>Hours until the log fills the disk, if what keeps it goes on; null if nothing keeps it, or that is not known.</summary>
    public double? HoursUntilFull { get; init; }

    /// <summary>Why there is no such time.</summary>
    public string? HoursUntilFullReason { get; init; }

    /// <summary>What is worth attention, worst first.</summary>
    public IReadOnlyList<Finding> Findings { get; init => field = Readable.Copy(value); } = Readable.List<Finding>.Empty;

    /// <summary>The figures under their names in the threshold catalogue.</summary>
    public IReadOnlyList<Metric> Metrics { get; init => field = Readable.Copy(value); } = Readable.List<Metric>.Empty;
}

/// <summary>A server, or another consumer, that gets the log from this one now.</summary>
public sealed record DbStandby
{
    /// <summary>Its application name.</summary>
    public required string Name { get; init; }

    /// <summary>Process that sends to it.</summary>
    public required int ProcessId { get; init; }

    /// <summary>The role it connected as.</summary>
    public string? Role { get; init; }

    /// <summary>Where it connected from; null for a local socket.</summary>
    public string? Address { get; init; }

    /// <summary>The slot it uses; null for none.</summary>
    public string? Slot { get; init; }

    /// <summary>startup, catchup, streaming, backup or stopping; null if the role may not see it.</summary>
    public string? State { get; init; }

    /// <summary>async, potential, sync or quorum.</summary>
    public string? SyncState { get; init; }

    /// <summary>Bytes of log not yet sent.</summary>
    public long? SendLagBytes { get; init; }

    /// <summary>Bytes of log not yet written there.</summary>
    public long? WriteLagBytes { get; init; }

    /// <summary>Bytes of log not yet safe on its disk.</summary>
    public long? FlushLagBytes { get; init; }

    /// <summary>Bytes of log not yet applied there.</summary>
    public long? ReplayLagBytes { get; init; }

    /// <summary>Time between writing here and there; zero if it has everything.</summary>
    public TimeSpan? WriteLag { get; init; }

    /// <summary>Time between writing here and being safe there; zero if it has everything.</summary>
    public TimeSpan? FlushLag { get; init; }

    /// <summary>Time between writing here and being applied there; zero if it has applied everything.</summary>
    public TimeSpan? ReplayLag { get; init; }

    /// <summary>When it was heard of last (UTC).</summary>
    public DateTimeOffset? LastReplyAt { get; init; }

    /// <summary>How old the oldest snapshot is that it asks to be kept (hot_standby_feedback), in transactions.</summary>
    public long? XminAge { get; init; }

    /// <summary>When the connection was made (UTC).</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({State ?? "?"})";
}

/// <summary>What a slot carries.</summary>
public enum DbReplicationSlotKind
{
    /// <summary>The log as it is, for a standby.</summary>
    Physical = 0,

    /// <summary>Changes of one database, decoded by a plugin.</summary>
    Logical,
}

/// <summary>A replication slot: a promise to keep the log, and for logical ones old catalogue rows, until its consumer has been there.</summary>
public sealed record DbReplicationSlot
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it carries.</summary>
    public required DbReplicationSlotKind Kind { get; init; }

    /// <summary>The plugin that decodes, for logical ones.</summary>
    public string? Plugin { get; init; }

    /// <summary>The database, for logical ones.</summary>
    public string? Database { get; init; }

    /// <summary>True if its consumer is connected.</summary>
    public required bool IsActive { get; init; }

    /// <summary>True if it goes with the session that made it.</summary>
    public bool IsTemporary { get; init; }

    /// <summary>The process that serves its consumer.</summary>
    public int? ProcessId { get; init; }

    /// <summary>The oldest log it keeps; null if it has kept none yet, or is lost.</summary>
    public string? RestartLsn { get; init; }

    /// <summary>Up to where its consumer has confirmed, for logical ones.</summary>
    public string? ConfirmedFlushLsn { get; init; }

    /// <summary>Bytes of log it keeps.</summary>
    public long? RetainedBytes { get; init; }

    /// <summary>Bytes of log that can still be written before it is in danger; null if there is no limit. May be negative.</summary>
    public long? SafeWalBytes { get; init; }

    /// <summary>reserved, extended, unreserved (about to be lost) or lost.</summary>
    public string? WalStatus { get; init; }

    /// <summary>Since when it has had no consumer (UTC); PostgreSQL 17 and later.</summary>
    public DateTimeOffset? InactiveSince { get; init; }

    /// <summary>Why it cannot be used any more, if the server says; PostgreSQL 16 and later.</summary>
    public string? InvalidationReason { get; init; }

    /// <summary>How old the oldest snapshot is that it keeps alive, in transactions.</summary>
    public long? XminAge { get; init; }

    /// <summary>The same for the system catalogues alone.</summary>
    public long? CatalogXminAge { get; init; }

    /// <summary>True if it decodes prepared transactions; PostgreSQL 14 and later.</summary>
    public bool? IsTwoPhase { get; init; }

    /// <summary>True if it is copied to standbys; PostgreSQL 17 and later.</summary>
    public bool? IsFailover { get; init; }

    /// <summary>True if it is itself a copy of the primary's slot, which nobody uses as long as this server is a standby; PostgreSQL 17 and later.</summary>
    public bool? IsSynced { get; init; }

    /// <summary>How fast what it keeps grows, in bytes per second; null if that is not known.</summary>
    public double? GrowthBytesPerSecond { get; init; }

    /// <summary>Hours until the server gives it up, if it goes on like this; null if there is no limit, or that is not known.</summary>
    public double? HoursUntilLost { get; init; }

    /// <summary>Why there is no such time.</summary>
    public string? HoursUntilLostReason { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({(WalStatus == "lost" ? "lost" : IsActive ? "active" : "inactive")})";
}

/// <summary>The archiver and what it has still to do.</summary>
public sealed record DbWalArchiver
{
    /// <summary>archive_mode: off, on or always.</summary>
    public required string Mode { get; init; }

    /// <summary>True if the newest thing it did was to fail; false where nothing is archived: archiving is off, or this is a standby and it is not on always.</summary>
    public required bool IsFailing { get; init; }

    /// <summary>Files archived since the statistics began.</summary>
    public long ArchivedCount { get; init; }

    /// <summary>The file archived last.</summary>
    public string? LastArchivedFile { get; init; }

    /// <summary>When (UTC).</summary>
    public DateTimeOffset? LastArchivedAt { get; init; }

    /// <summary>Attempts that failed since the statistics began.</summary>
    public long FailedCount { get; init; }

    /// <summary>The file that failed last.</summary>
    public string? LastFailedFile { get; init; }

    /// <summary>When (UTC).</summary>
    public DateTimeOffset? LastFailedAt { get; init; }

    /// <summary>Since when it has counted (UTC).</summary>
    public DateTimeOffset? StatisticsSince { get; init; }

    /// <summary>Files that wait to be archived; null if the role may not see them.</summary>
    public long? ReadyFiles { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Mode == "off" ? "off" : IsFailing ? "failing" : "working";
}

/// <summary>What a standby's receiver is doing.</summary>
public enum DbWalReceiverState
{
    /// <summary>There is one, but the role may not see how it is.</summary>
    Unknown = 0,

    /// <summary>It receives, and has heard from its sender lately.</summary>
    Streaming,

    /// <summary>It is there, but is not receiving, or its sender has gone silent.</summary>
    Stalled,

    /// <summary>There is none, although the standby is told where to connect to.</summary>
    Down,

    /// <summary>There is none, and the standby is not told where to connect to: it reads the log from an archive.</summary>
    FromArchive,
}

/// <summary>How a standby gets and applies the log.</summary>
public sealed record DbWalReceiver
{
    /// <summary>What it is doing.</summary>
    public required DbWalReceiverState State { get; init; }

    /// <summary>Its process.</summary>
    public int? ProcessId { get; init; }

    /// <summary>The server it receives from.</summary>
    public string? Sender { get; init; }

    /// <summary>The slot it uses there.</summary>
    public string? Slot { get; init; }

    /// <summary>Up to where the log was received and is safe on disk.</summary>
    public string? ReceivedLsn { get; init; }

    /// <summary>Up to where it was applied.</summary>
    public string? ReplayedLsn { get; init; }

    /// <summary>The end of the log as the sender told last.</summary>
    public string? SenderLsn { get; init; }

    /// <summary>When the sender was heard of last (UTC).</summary>
    public DateTimeOffset? LastMessageAt { get; init; }

    /// <summary>When the transaction that was applied last was committed on the primary (UTC).</summary>
    public DateTimeOffset? LastTransactionAt { get; init; }

    /// <summary>Bytes received that are not yet applied. Says nothing about what was not received.</summary>
    public long? BacklogBytes { get; init; }

    /// <summary>Bytes between the sender's end of the log and what is applied here; null whenever the sender is not heard of.</summary>
    public long? LagBytes { get; init; }

    /// <summary>How far behind in time, at most; zero if everything was applied; null whenever the sender is not heard of.</summary>
    public TimeSpan? Lag { get; init; }

    /// <summary>Why the lag is not known.</summary>
    public string? Reason { get; init; }

    /// <summary>True if somebody paused the replay.</summary>
    public bool IsReplayPaused { get; init; }

    /// <inheritdoc/>
    public override string ToString() => State.ToString();
}
