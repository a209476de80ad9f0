namespace Maintenance;

/// <summary>What a test of a backup came to.</summary>
public enum BackupVerdict
{
    /// <summary>It could not be tested to the end. Says nothing about the backup.</summary>
    CannotDetermine = 0,

    /// <summary>Every check of the level was done and passed.</summary>
    Verified,

    /// <summary>A check found a fault.</summary>
    Failed,
}

/// <summary>One test of one backup: which checks were done, what they found, and how long a restore takes.</summary>
public sealed record BackupVerification
{
    /// <summary>The backup.</summary>
    public required DatabaseBackup Backup { get; init; }

    /// <summary>Full name of the backup in its store.</summary>
    public string Name => Backup.Name;

    /// <summary>Database it is of.</summary>
    public string? Database => Backup.Database;

    /// <summary>The level that was asked for.</summary>
    public required BackupLevel Level { get; init; }

    /// <summary>What it came to.</summary>
    public required BackupVerdict Verdict { get; init; }

    /// <summary>Ok for Verified, Critical for Failed, Unknown for CannotDetermine.</summary>
    public HealthStatus Status => Verdict switch
    {
        BackupVerdict.Verified => HealthStatus.Ok,
        BackupVerdict.Failed => HealthStatus.Critical,
        _ => HealthStatus.Unknown,
    };

    /// <summary>What is wrong; for CannotDetermine, what kept it from being tested, where that lies in the backup.</summary>
    public BackupFault Fault { get; init; }

    /// <summary>The format that its content shows; Unknown where it was not read.</summary>
    public BackupKind Format { get; init; }

    /// <summary>The checks, in their order. A check that was not done is listed, and says why.</summary>
    public IReadOnlyList<BackupCheck> Checks { get; init => field = Readable.Copy(value); } = Readable.List<BackupCheck>.Empty;

    /// <summary>How long each part took, in order.</summary>
    public IReadOnlyList<RecoveryPhase> Phases { get; init => field = Readable.Copy(value); } = Readable.List<RecoveryPhase>.Empty;

    /// <summary>
    /// How long it takes from nothing to a database that answers (the recovery time, RTO), measured: the sum of the phases that
    /// belong to it. Null unless the whole of it was restored.
    /// </summary>
    public TimeSpan? RecoveryTime { get; init; }

    /// <summary>How long it may take; null where no objective is configured.</summary>
    public TimeSpan? RecoveryTimeObjective { get; init; }

    /// <summary>
    /// How much would be lost were the system lost now (the recovery point, RPO): the time from the state that the backup holds to
    /// the test. Null where that state is not known, and for a backup that failed: nothing comes back from it.
    /// </summary>
    public TimeSpan? RecoveryPoint { get; init; }

    /// <summary>How much may be lost; null where no objective is configured.</summary>
    public TimeSpan? RecoveryPointObjective { get; init; }

    /// <summary>SHA-256 of the content in hexadecimal digits; null where it was not read whole.</summary>
    public string? Sha256 { get; init; }

    /// <summary>How many bytes of the store were read.</summary>
    public long BytesRead { get; init; }

    /// <summary>How many requests to the store it took.</summary>
    public int Requests { get; init; }

    /// <summary>True if nothing was read, because the same backup passed the same level before: see <see cref="VerifiedAt"/>.</summary>
    public bool FromLedger { get; init; }

    /// <summary>When the backup itself was tested (UTC).</summary>
    public DateTimeOffset VerifiedAt { get; init; }

    /// <summary>One sentence.</summary>
    public required string Message { get; init; }

    /// <summary>What kept us from finding out, for CannotDetermine.</summary>
    public MaintenanceErrorCode? Error { get; init; }

    /// <summary>What to do next; null when nothing is.</summary>
    public string? Recommendation { get; init; }

    /// <summary>Name of the maintained system.</summary>
    public string? Target { get; init; }

    /// <summary>When this was found out (UTC).</summary>
    public DateTimeOffset CollectedAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Verdict} ({Level})";
}

/// <summary>One check of a backup.</summary>
/// <param name="Name">What was checked.</param>
/// <param name="Level">The level it belongs to.</param>
/// <param name="Outcome">What it came to.</param>
/// <param name="Message">One sentence, with the figures.</param>
/// <param name="Fault">What is wrong.</param>
public sealed record BackupCheck(string Name, BackupLevel Level, FindingOutcome Outcome, string Message, BackupFault Fault = BackupFault.None)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Outcome}. {Message}";
}

/// <summary>One part of a restore.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="CountsAsRecovery">True if somebody who has lost the system has to wait for it too; false for the checks.</param>
public sealed record RecoveryPhase(string Name, TimeSpan Duration, bool CountsAsRecovery)
{
    /// <inheritdoc/>
    public override string ToString() => Duration.TotalSeconds < 1
        ? FormattableString.Invariant($"{Name} {Duration.TotalMilliseconds:0} ms")
        : FormattableString.Invariant($"{Name} {Duration.TotalSeconds:0.0} s");
}
