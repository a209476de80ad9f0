using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Backup.Testing;

/// <summary>One test of one backup while it runs: what it works with, and what it has found.</summary>
/// <param name="File">The backup.</param>
/// <param name="Target">The maintained system it belongs to; null for a backup in a folder that is nobody's.</param>
/// <param name="Options">How to test it.</param>
/// <param name="Call">Where to tell, and where to read secrets.</param>
/// <param name="Time">The clock.</param>
internal sealed record TestWork(BackupFile File, MaintenanceTarget? Target, BackupTestOptions Options, CallContext Call, TimeProvider Time)
{
    private readonly List<BackupCheck> _checks = [];
    private readonly List<RecoveryPhase> _phases = [];

    public DatabaseBackup Backup => File.Backup;

    public IReadOnlyList<BackupCheck> Checks => _checks;

    public IReadOnlyList<RecoveryPhase> Phases => _phases;

    /// <summary>True once a check has shown that the backup is bad.</summary>
    public bool HasFailed => _checks.Exists(check => check.Outcome == FindingOutcome.Fail);

    /// <summary>The format that the content shows.</summary>
    public BackupKind Format { get; set; }

    /// <summary>SHA-256 of the content; null until it was read whole.</summary>
    public string? Sha256 { get; set; }

    /// <summary>What was noted when the backup was made; null where nothing was.</summary>
    public BackupManifest? Manifest { get; set; }

    /// <summary>The moment whose state the backup holds, where its content tells better than its name.</summary>
    public DateTimeOffset? StateOf { get; set; }

    /// <summary>The moment that was to be recovered, for a recovery to a point in time: what is lost is counted up to it, and not up to now.</summary>
    public DateTimeOffset? WantedAt { get; set; }

    /// <summary>What to do about the worst that was found.</summary>
    public string? Advice { get; set; }

    /// <summary>True once the whole backup was restored, so that the phases are the time of a recovery.</summary>
    public bool Restored { get; set; }

    /// <summary>True once it was seen that no program here is new enough for the backup.</summary>
    public bool IsTooNew => _checks.Exists(check => check is { Outcome: FindingOutcome.Unknown, Fault: BackupFault.NewerVersion });

    public void Add(BackupCheck check)
    {
        // Names may hold ends of lines, and messages are lines.
        check = check with { Message = RunLog.OneLine(check.Message) };
        _checks.Add(check);
        Call.Sink.Verbose($"{Backup.Name}: {check}");
    }

    public void Pass(string name, BackupLevel level, string message) => Add(new BackupCheck(name, level, FindingOutcome.Pass, message));

    public void Fail(string name, BackupLevel level, BackupFault fault, string message) => Add(new BackupCheck(name, level, FindingOutcome.Fail, message, fault));

    /// <summary>Notes a check that could not be done; the backup is then not verified.</summary>
    public void Unknown(string name, BackupLevel level, string message, BackupFault fault = BackupFault.None) =>
        Add(new BackupCheck(name, level, FindingOutcome.Unknown, message, fault));

    /// <summary>Notes a check for which there is nothing to compare with. It counts neither way.</summary>
    public void Manual(string name, BackupLevel level, string message) => Add(new BackupCheck(name, level, FindingOutcome.Manual, message));

    /// <summary>Does a part of the work, and notes how long it took, also where it fails.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="countsAsRecovery">True if somebody who has lost the system has to wait for it too.</param>
    /// <param name="work">The work.</param>
    public async Task<T> PhaseAsync<T>(string name, bool countsAsRecovery, Func<Task<T>> work)
    {
        Call.Sink.Progress(new ProgressUpdate($"Testing {Backup.Name}", name));
        var start = Time.GetTimestamp();
        try
        {
            return await work();
        }
        finally
        {
            _phases.Add(new RecoveryPhase(name, Time.GetElapsedTime(start), countsAsRecovery));
        }
    }

    /// <inheritdoc cref="PhaseAsync{T}"/>
    public Task PhaseAsync(string name, bool countsAsRecovery, Func<Task> work) => PhaseAsync(
        name,
        countsAsRecovery,
        async () =>
        {
            await work();
            return true;
        });
}
