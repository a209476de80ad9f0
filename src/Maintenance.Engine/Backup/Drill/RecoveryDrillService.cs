using System.Reflection;
using System.Runtime.InteropServices;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Backup.Drill;

/// <summary>Rehearses the recovery of a system: restores the newest backup of each database, one after another, and judges it.</summary>
public sealed class RecoveryDrillService
{
    /// <summary>Telling what was found must not wait for a restore that takes all the time.</summary>
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(1);

    private readonly BackupService _backups;
    private readonly BackupTester _tester;
    private readonly TimeProvider _time;
    private readonly string _lockFolder;

    internal RecoveryDrillService(BackupService backups, TestBackupAsync test, TimeProvider time, string? lockFolder = null) =>
        (_backups, _tester, _time, _lockFolder) = (backups, new BackupTester(test, time), time, lockFolder ?? PrivateFiles.StateFolder);

    /// <summary>
    /// Runs a drill. Every backup is read and restored, whatever the ledger knows; one that fails does not stop the others. What is
    /// wrong is in the record; nothing in the store, and nothing of the maintained system, is changed.
    /// </summary>
    /// <param name="target">The target.</param>
    /// <param name="options">Where to restore; the level is Full.</param>
    /// <param name="call">Where to tell, and where to read secrets; no timeout unless it has one.</param>
    /// <param name="cancellationToken">Ends the drill; nothing of it is left.</param>
    /// <exception cref="MaintenanceException">NotConfigured: the target has no backup store. AlreadyRunning: another drill runs on this machine. FileUnavailable.</exception>
    public Task<RecoveryDrill> RunAsync(MaintenanceTarget target, BackupTestOptions options, CallContext call, CancellationToken cancellationToken) =>
        RunAsync(target, options, call, _ => { }, cancellationToken);

    /// <summary>Throws where there is nothing that a drill could restore.</summary>
    /// <exception cref="MaintenanceException">NotConfigured.</exception>
    internal static void RequireBackups(MaintenanceTarget target)
    {
        if (target.BackupStore is null)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.NotConfigured, $"The target '{target.Name}' has no backup store, so there is nothing to rehearse.", "Add \"backupStore\" to the target in maintenance.json.");
        }
    }

    /// <summary>The same, telling of each item once it is over.</summary>
    internal async Task<RecoveryDrill> RunAsync(
        MaintenanceTarget target, BackupTestOptions options, CallContext call, Action<DrillAttempt> tell, CancellationToken cancellationToken)
    {
        RequireBackups(target);

        // Two at once would take each other's processors, and measure neither.
        using var alone = FileLock.Take(_lockFolder, "drill", subject: null, ("Another drill is at work on this machine.", "Wait for it to end: two at once would measure each other."));
        var startedAt = _time.GetUtcNow();
        using var deadline = new Deadline(call.Timeout, _time, cancellationToken);
        var rehearsal = new Rehearsal(target, options with { Level = BackupLevel.Full, Force = true }, call, deadline, startedAt, _time);
        call.Sink.Progress(new ProgressUpdate(rehearsal.Activity, "Looking for the backups"));
        try
        {
            var recencies = await _backups.TestRecencyAsync(target, null, rehearsal.Share(), cancellationToken);
            var (candidates, unlisted) = await ListAsync(rehearsal, cancellationToken);
            var listed = new DrillEvent(startedAt, target.Name, "Find the backups", _time.GetUtcNow() - startedAt, CountsAsRecovery: false);
            var attempts = new List<DrillAttempt>();
            foreach (var (item, backups, noneComplete) in candidates)
            {
                var attempt = noneComplete is not null
                    ? new DrillAttempt(item, [], noneComplete) { NoneComplete = true }
                    : await TryAsync(rehearsal, item, backups, cancellationToken);
                attempts.Add(attempt);
                tell(attempt);
            }

            return DrillEvaluator.Evaluate(new DrillFacts
            {
                Target = target,
                StartedAt = startedAt,
                EndedAt = _time.GetUtcNow(),
                Recencies = recencies,
                Unlisted = unlisted,
                Attempts = attempts,
                Timeline = [listed, .. rehearsal.Timeline],
                Machine = Machine(),
            });
        }
        finally
        {
            call.Sink.Progress(new ProgressUpdate(rehearsal.Activity, "Done", Completed: true));
        }
    }

    private async Task<(IReadOnlyList<(DrillItem Item, IReadOnlyList<DatabaseBackup> Backups, string? NoneComplete)> Items, MaintenanceException? Problem)> ListAsync(
        Rehearsal rehearsal, CancellationToken cancellationToken)
    {
        var candidates = new DrillCandidates(rehearsal.Target.Backups, _time.GetUtcNow());
        try
        {
            await foreach (var backup in _backups.ListAsync(rehearsal.Target, new BackupQuery(), rehearsal.Share(), cancellationToken).WithCancellation(cancellationToken))
            {
                candidates.Add(backup);
            }

            return (candidates.Result(), null);
        }
        catch (MaintenanceException problem)
        {
            // A part of a list would let an old backup look like the newest.
            return ([], problem);
        }
    }

    private async Task<DrillAttempt> TryAsync(Rehearsal rehearsal, DrillItem item, IReadOnlyList<DatabaseBackup> backups, CancellationToken cancellationToken)
    {
        var tests = new List<BackupVerification>();
        foreach (var backup in backups)
        {
            if (rehearsal.Deadline.Remaining is { } left && left <= Reserve)
            {
                return new DrillAttempt(item, tests, tests.Count == 0 ? "there was no time left." : null);
            }

            rehearsal.Call.Sink.Progress(new ProgressUpdate(rehearsal.Activity, $"Restoring {backup.Name}"));
            var startedAt = _time.GetUtcNow();
            var test = rehearsal.Count(await _tester.TestAsync(backup, rehearsal.Target, rehearsal.Options, rehearsal.Share(), cancellationToken));
            tests.Add(test);
            rehearsal.Note(item, startedAt, test);
            // Only where the newest is broken is it of use to know whether the one before it is too.
            if (test.Verdict != BackupVerdict.Failed)
            {
                break;
            }
        }

        return new DrillAttempt(item, tests);
    }

    private static List<DrillEvidence> Machine() =>
    [
        new("The drill", "Machine", Environment.MachineName),
        new("The drill", "System", RuntimeInformation.OSDescription),
        new("The drill", "Processors", Environment.ProcessorCount.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        new("The drill", "Version of Maintenance", typeof(RecoveryDrillService).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion),
    ];

    /// <summary>A drill while it runs.</summary>
    private sealed record Rehearsal(MaintenanceTarget Target, BackupTestOptions Options, CallContext Call, Deadline Deadline, DateTimeOffset StartedAt, TimeProvider Time)
    {
        public List<DrillEvent> Timeline { get; } = [];

        public string Activity => $"Recovery drill of {Target.Name}";

        /// <summary>The call under the time that is left.</summary>
        public CallContext Share() => Deadline.Remaining is { } left ? Call with { Timeout = left > Reserve * 2 ? left - Reserve : left } : Call;

        /// <summary>
        /// The drill plays that the system was lost when it began: what is lost of each part is counted to that moment, and not to when
        /// its turn came, or those that come last would look the worst.
        /// </summary>
        public BackupVerification Count(BackupVerification test)
        {
            // Nothing is counted off where the clock was set back meanwhile.
            var since = test.VerifiedAt > StartedAt ? test.VerifiedAt - StartedAt : TimeSpan.Zero;
            return test.RecoveryPoint is { } point ? test with { RecoveryPoint = point > since ? point - since : TimeSpan.Zero } : test;
        }

        // The phases follow one another; what lies between them is not worth a line.
        public void Note(DrillItem item, DateTimeOffset startedAt, BackupVerification test)
        {
            var at = startedAt;
            foreach (var phase in test.Phases)
            {
                Timeline.Add(new DrillEvent(at, item.Name, phase.Name, phase.Duration, phase.CountsAsRecovery));
                at += phase.Duration;
            }

            if (test.Phases.Count == 0)
            {
                Timeline.Add(new DrillEvent(startedAt, item.Name, $"Test {test.Name}", Time.GetUtcNow() - startedAt, CountsAsRecovery: false));
            }
        }
    }
}
