namespace Maintenance;

/// <summary>What became of an objective.</summary>
public enum ObjectiveResult
{
    /// <summary>There is an objective, but what it is compared with could not be measured. Never met.</summary>
    Unknown = 0,

    /// <summary>Measured, and within the objective.</summary>
    Met,

    /// <summary>Measured, and beyond the objective.</summary>
    Missed,

    /// <summary>Nobody has said what is wanted. Says nothing about what was measured.</summary>
    NoObjective,
}

/// <summary>A rehearsal of the worst day: the newest backups of a system restored, timed, checked, and compared with what was promised.</summary>
public sealed record RecoveryDrill
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>When it began (UTC).</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How long the whole drill took, the checks included.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>When it ended (UTC).</summary>
    public DateTimeOffset CollectedAt => StartedAt + Duration;

    /// <summary>The worst of what was found; Unknown where something could not be found out.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>One sentence: whether the system could be recovered, in which time and with which loss.</summary>
    public required string Verdict { get; init; }

    /// <summary>How long a recovery of the whole system takes, measured (RTO); null where that is not known: see <see cref="RecoveryTimeNote"/>.</summary>
    public TimeSpan? RecoveryTime { get; init; }

    /// <summary>How <see cref="RecoveryTime"/> comes about, or why it is not known.</summary>
    public required string RecoveryTimeNote { get; init; }

    /// <summary>How long it may take; null where no objective is configured.</summary>
    public TimeSpan? RecoveryTimeObjective { get; init; }

    /// <summary>Whether the objective for the time is met.</summary>
    public ObjectiveResult RecoveryTimeResult { get; init; }

    /// <summary>How much would be lost: the worst over the databases (RPO); null where that is not known.</summary>
    public TimeSpan? RecoveryPoint { get; init; }

    /// <summary>Of which backup <see cref="RecoveryPoint"/> is, or why it is not known.</summary>
    public required string RecoveryPointNote { get; init; }

    /// <summary>How much may be lost; null where no objective is configured.</summary>
    public TimeSpan? RecoveryPointObjective { get; init; }

    /// <summary>Whether the objective for the loss is met.</summary>
    public ObjectiveResult RecoveryPointResult { get; init; }

    /// <summary>How fresh the backups of each database are.</summary>
    public IReadOnlyList<BackupRecency> Recencies { get; init => field = Readable.Copy(value); } = Readable.List<BackupRecency>.Empty;

    /// <summary>The restores, in their order.</summary>
    public IReadOnlyList<BackupVerification> Verifications { get; init => field = Readable.Copy(value); } = Readable.List<BackupVerification>.Empty;

    /// <summary>What happened when.</summary>
    public IReadOnlyList<DrillEvent> Timeline { get; init => field = Readable.Copy(value); } = Readable.List<DrillEvent>.Empty;

    /// <summary>What is worth attention, the worst first.</summary>
    public IReadOnlyList<Finding> Findings { get; init => field = Readable.Copy(value); } = Readable.List<Finding>.Empty;

    /// <summary>What exactly was restored, and with what: enough to look into each claim.</summary>
    public IReadOnlyList<DrillEvidence> Evidence { get; init => field = Readable.Copy(value); } = Readable.List<DrillEvidence>.Empty;

    /// <summary>Reports that were written.</summary>
    public IReadOnlyList<MaintenanceArtifact> Artifacts { get; init => field = Readable.Copy(value); } = Readable.List<MaintenanceArtifact>.Empty;

    /// <inheritdoc/>
    public override string ToString() => $"{Target}: {Status}. {Verdict}";
}

/// <summary>Something that happened during a drill.</summary>
/// <param name="At">When it began (UTC).</param>
/// <param name="Subject">What it was about: a database.</param>
/// <param name="What">What was done.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="CountsAsRecovery">True if somebody who has lost the system has to wait for it too.</param>
public sealed record DrillEvent(DateTimeOffset At, string Subject, string What, TimeSpan Duration, bool CountsAsRecovery)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{At.UtcDateTime:HH:mm:ss} {Subject}: {What} ({(Duration.TotalSeconds < 1 ? FormattableString.Invariant($"{Duration.TotalMilliseconds:0} ms") : FormattableString.Invariant($"{Duration.TotalSeconds:0.0} s"))})");
}

/// <summary>A fact that a drill rests on.</summary>
/// <param name="Subject">What it is about: a backup, or the drill.</param>
/// <param name="Name">What it is: entity tag, SHA-256, size, version.</param>
/// <param name="Value">The value; null where it is not known.</param>
public sealed record DrillEvidence(string Subject, string Name, string? Value)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Subject}: {Name} {Value ?? "unknown"}";
}
