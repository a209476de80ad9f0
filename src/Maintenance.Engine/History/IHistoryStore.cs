using Maintenance.Engine.Alerts;
using Maintenance.Engine.Notify;

namespace Maintenance.Engine.History;

/// <summary>A place where runs are kept. What goes wrong comes out as <see cref="MaintenanceException"/>.</summary>
internal interface IHistoryStore
{
    /// <summary>Where it is, for people.</summary>
    string Place { get; }

    /// <summary>Keeps a run, whole or not at all; a run of the same id is replaced.</summary>
    Task RecordAsync(MaintenanceRun run, CancellationToken cancellationToken);

    /// <summary>Keeps runs, all or none of them; those of the same ids are replaced.</summary>
    Task RecordAsync(IReadOnlyList<MaintenanceRun> runs, CancellationToken cancellationToken);

    /// <summary>Complete runs, newest first, read as they are asked for. Nothing if nothing was ever recorded.</summary>
    IAsyncEnumerable<MaintenanceRun> ReadAsync(HistoryQuery query, CancellationToken cancellationToken);

    /// <summary>When runs of a target since a time began and how they ended, oldest first; at most so many of each task, the newest.</summary>
    Task<IReadOnlyList<RunTime>> ReadRunTimesAsync(string target, DateTimeOffset since, int count, CancellationToken cancellationToken);

    /// <summary>When the first run of a target began; null if none is on record.</summary>
    Task<DateTimeOffset?> ReadFirstRunAsync(string target, CancellationToken cancellationToken);

    /// <summary>One metric of one target, oldest first, with the gaps where it could not be measured.</summary>
    Task<IReadOnlyList<Metric>> ReadMetricsAsync(string target, string name, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>Keeps a snapshot, and forgets those of its kind that are older than a time.</summary>
    Task RecordAsync(Snapshot snapshot, DateTimeOffset earliest, CancellationToken cancellationToken);

    /// <summary>When snapshots were taken, oldest first.</summary>
    Task<IReadOnlyList<DateTimeOffset>> ReadSnapshotTimesAsync(string target, string kind, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>The snapshot that was taken at a time; null if it is gone.</summary>
    Task<Snapshot?> ReadSnapshotAsync(string target, string kind, DateTimeOffset takenAt, CancellationToken cancellationToken);

    /// <summary>Keeps what was done to objects of one target, all or nothing, and forgets those actions that began before a time.</summary>
    Task RecordAsync(IReadOnlyList<DbAction> actions, DateTimeOffset earliest, CancellationToken cancellationToken);

    /// <summary>What was done to the objects of a target since a time, newest first.</summary>
    Task<IReadOnlyList<DbAction>> ReadActionsAsync(string target, DateTimeOffset since, int count, CancellationToken cancellationToken);

    /// <summary>Keeps a new message, leased to whoever sends it now, and forgets those that were settled before a time.</summary>
    Task AddToOutboxAsync(string target, OutboxEntry entry, DateTimeOffset lease, DateTimeOffset earliest, CancellationToken cancellationToken);

    /// <summary>Leases the oldest message that is due; null if there is none.</summary>
    Task<OutboxEntry?> ClaimFromOutboxAsync(string target, DateTimeOffset now, DateTimeOffset lease, CancellationToken cancellationToken);

    /// <summary>Records what became of a message, and ends its lease.</summary>
    Task SettleOutboxAsync(Guid key, NotificationState state, DateTimeOffset nextAttempt, int? statusCode, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Makes what waits for a channel due, but for what its webhook has asked to wait for.</summary>
    Task HurryOutboxAsync(string target, string channel, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>When the oldest message that waits for the same channel as a younger one is tried again; null if none waits that nobody is sending.</summary>
    Task<DateTimeOffset?> ReadOutboxBeforeAsync(string target, OutboxEntry entry, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>The messages that wait, oldest first, and when each is tried again.</summary>
    Task<IReadOnlyList<(OutboxEntry Entry, DateTimeOffset NextAttempt)>> ReadOutboxAsync(string target, CancellationToken cancellationToken);

    /// <summary>The messages that were refused for good.</summary>
    Task<IReadOnlyList<Guid>> ReadRefusedAsync(string target, CancellationToken cancellationToken);

    /// <summary>Keeps what a test of a backup came to, in place of an earlier one of the same level, and forgets those before a time.</summary>
    Task RecordAsync(VerificationEntry entry, DateTimeOffset earliest, CancellationToken cancellationToken);

    /// <summary>What the last tests of one backup came to, newest first.</summary>
    Task<IReadOnlyList<VerificationEntry>> ReadVerificationsAsync(string target, string store, string name, CancellationToken cancellationToken);

    /// <summary>Keeps where findings stand, all or nothing, and forgets those that were fixed before a time.</summary>
    Task RecordAsync(string target, IReadOnlyList<LedgerEntry> entries, DateTimeOffset earliest, CancellationToken cancellationToken);

    /// <summary>Findings of a target that are open, or were found fixed since a time.</summary>
    Task<IReadOnlyList<LedgerEntry>> ReadLedgerAsync(string target, DateTimeOffset fixedSince, CancellationToken cancellationToken);

    /// <summary>What the last tests of all backups of a target came to, newest first.</summary>
    Task<IReadOnlyList<VerificationEntry>> ReadVerificationsAsync(string target, CancellationToken cancellationToken);

    /// <summary>Keeps a sample; one of the same kind, resolution and beginning is replaced.</summary>
    Task RecordAsync(Sample sample, CancellationToken cancellationToken);

    /// <summary>Samples of one kind, whatever their resolution, that began in a time (its end excluded), oldest first.</summary>
    Task<IReadOnlyList<Sample>> ReadSamplesAsync(string target, string kind, DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>When the first sample of a kind and resolution began; null if there is none.</summary>
    Task<DateTimeOffset?> ReadEarliestSampleAsync(string target, string kind, SampleResolution resolution, CancellationToken cancellationToken);

    /// <summary>Puts samples in the place of those of one resolution that began in a time (its end excluded), all or nothing; with none of them, those are forgotten.</summary>
    Task ReplaceSamplesAsync(
        string target, string kind, SampleResolution resolution, DateTimeOffset since, DateTimeOffset until, IReadOnlyList<Sample> samples, CancellationToken cancellationToken);

    /// <summary>Keeps baselines, all or nothing, and forgets those that were measured before a time.</summary>
    Task RecordBaselinesAsync(string target, IReadOnlyList<PerformanceBaseline> baselines, DateTimeOffset earliest, CancellationToken cancellationToken);

    /// <summary>Baselines of a target that were measured since a time, newest first.</summary>
    Task<IReadOnlyList<PerformanceBaseline>> ReadBaselinesAsync(string target, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>Where the alerts of a target stand.</summary>
    Task<IReadOnlyList<AlertMemory>> ReadAlertsAsync(string target, CancellationToken cancellationToken);

    /// <summary>Keeps where alerts stand, their changes and what people are told of them, all or nothing. HistoryConflict where somebody else has changed one since it was read.</summary>
    Task RecordAsync(AlertRecord record, DateTimeOffset lease, DateTimeOffset earliestMessage, CancellationToken cancellationToken);

    /// <summary>Changes of alerts since a time, newest first.</summary>
    Task<IReadOnlyList<AlertTransition>> ReadTransitionsAsync(string target, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>Keeps a silence; one of the same id is replaced.</summary>
    Task RecordAsync(AlertSilence silence, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Silences that end after a time.</summary>
    Task<IReadOnlyList<AlertSilence>> ReadSilencesAsync(string target, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Keeps what a repair came to; one of the same id is replaced.</summary>
    Task RecordAsync(SystemRepair repair, CancellationToken cancellationToken);

    /// <summary>Repairs since a time, newest first.</summary>
    Task<IReadOnlyList<SystemRepair>> ReadRepairsAsync(string target, DateTimeOffset since, CancellationToken cancellationToken);
}
