namespace Maintenance.Engine.Backup.Drill;

/// <summary>Tests one backup: what BackupTestService does.</summary>
internal delegate Task<BackupVerification> TestBackupAsync(
    DatabaseBackup backup, MaintenanceTarget? target, BackupTestOptions options, CallContext call, CancellationToken cancellationToken);

/// <summary>Tests one of many backups: whatever is the matter with it becomes its record, so that the work on the others goes on.</summary>
/// <param name="test">What tests it.</param>
/// <param name="time">The clock.</param>
internal sealed class BackupTester(TestBackupAsync test, TimeProvider time)
{
    public async Task<BackupVerification> TestAsync(
        DatabaseBackup backup, MaintenanceTarget target, BackupTestOptions options, CallContext call, CancellationToken cancellationToken)
    {
        try
        {
            return await test(backup, target, options, call, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            var problem = exception as MaintenanceException ?? new MaintenanceException(
                MaintenanceErrorCode.Unexpected, $"The test failed with an unexpected {exception.GetType().Name}: {exception.Message}", "This is a fault of the Maintenance module. Please report it.");
            var now = time.GetUtcNow();
            return new BackupVerification
            {
                Backup = backup,
                Level = options.Level,
                Verdict = BackupVerdict.CannotDetermine,
                Message = problem.Message,
                Error = problem.Code,
                Recommendation = problem.Recommendation,
                Target = target.Name,
                VerifiedAt = now,
                CollectedAt = now,
            };
        }
    }
}
