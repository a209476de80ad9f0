using Maintenance.Engine.Tasks;

namespace Maintenance.Engine.Backup.Drill;

/// <summary>
/// The daily verification of the backups (guide S6): whether they are there and young enough, whether each is what its name says, and
/// whether the newest of each database is whole to its last byte. What passed before and is unchanged is not read again.
/// </summary>
/// <param name="backups">What lists them.</param>
/// <param name="test">What tests one.</param>
/// <param name="wal">What looks at the archived write-ahead log.</param>
/// <param name="most">How many backups are looked at; the newest, where there are more.</param>
internal sealed class BackupVerificationTask(
    BackupService backups, TestBackupAsync test, BackupVerificationTask.TestWalAsync? wal = null, int most = BackupVerificationTask.Most) : IMaintenanceTask
{
    /// <summary>As many as are remembered while a store is listed.</summary>
    private const int Most = 20_000;

    /// <summary>Judges the archive of write-ahead log of a target.</summary>
    internal delegate Task<BackupRecency> TestWalAsync(MaintenanceTarget target, TimeSpan? maximumAge, CallContext call, CancellationToken cancellationToken);

    public string Name => "BackupVerification";

    public string Description => "Checks that the backups are there, young enough and undamaged; tells people only of trouble.";

    // It reads the store and the archive; what it notes down is this module's own.
    public bool ChangesSystem => false;

    public string? LockName => null;

    // The daily check tells of all is well; here silence is enough.
    public bool AnnouncesTroubleAlone => true;

    public string Announcement => "Tell on Default what is wrong or could not be found out, and on Emergency what is missing or damaged, if there is anything";

    public string LogFolder => "backup-logs";

    // Guide S6: five to fifteen minutes.
    public TimeSpan DefaultTimeout => TimeSpan.FromMinutes(15);

    public IReadOnlyList<PlannedStep> Plan(MaintenanceTarget target)
    {
        var store = target.BackupStore is { } settings ? $"in {settings}" : "nowhere: no backup store is configured";
        return
        [
            new PlannedStep(VerificationWork.Recency, $"Find the newest backup of each database {store}"),
            .. target.WalArchive is { } archive && wal is not null ? new[] { new PlannedStep(VerificationWork.Wal, $"Look for gaps in the write-ahead log in {archive}") } : [],
            new PlannedStep(VerificationWork.Checksums, "Read the newest backup of each database to its last byte, if it did not pass before, the smallest first"),
            new PlannedStep(VerificationWork.Contents, "Read the table of contents of each other backup that did not pass before, the newest first"),
        ];
    }

    public async Task<TaskOutcome> RunAsync(TaskContext context, CancellationToken cancellationToken)
    {
        var work = new VerificationWork(backups, test, context, most);
        await work.RecencyAsync(cancellationToken);
        if (wal is not null && context.Target.WalArchive is not null)
        {
            await work.WalAsync(wal, cancellationToken);
        }

        await work.ReadAsync(cancellationToken);
        return new TaskOutcome(context.Finished, work.Metrics(), work.Findings);
    }

    public IReadOnlyList<NotificationMessage> MessagesFor(MaintenanceRun run) => RecoveryMessages.OfVerification(run);
}
