namespace Maintenance.Engine.Backup.Testing;

/// <summary>Which kinds of backups are tested by whom, and how deep.</summary>
internal static class BackupExamination
{
    /// <summary>Tests a backup as deep as its options say. What it finds is noted in the work.</summary>
    /// <exception cref="BackupFaultException">What makes further checks pointless.</exception>
    public static async Task RunAsync(TestWork work, CancellationToken cancellationToken)
    {
        if (work.Backup.Kind == BackupKind.BaseBackup)
        {
            await new Physical.BaseBackupTest(work).RunAsync(cancellationToken);
            return;
        }

        var seen = await LogicalExamination.RunAsync(work, cancellationToken);
        if (seen.Look.Kind == BackupKind.BaseBackup)
        {
            await new Physical.BaseBackupTest(work).RunAsync(cancellationToken);
        }
        else if (work.Options.Level >= BackupLevel.Sample && work.Checks.All(check => check.Outcome != FindingOutcome.Fail))
        {
            await Restore.RestoreTest.RunAsync(work, cancellationToken);
        }
    }
}
