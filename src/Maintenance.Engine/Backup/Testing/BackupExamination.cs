using Maintenance.Engine.Backup.Restore;

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
            BaseBackup(work);
            return;
        }

        var seen = await LogicalExamination.RunAsync(work, cancellationToken);
        if (seen.Look.Kind == BackupKind.BaseBackup)
        {
            BaseBackup(work);
        }
        else if (work.Options.Level >= BackupLevel.Sample && work.Checks.All(check => check.Outcome != FindingOutcome.Fail))
        {
            await RestoreTest.RunAsync(work, cancellationToken);
        }
    }

    private static void BaseBackup(TestWork work)
    {
        work.Format = BackupKind.BaseBackup;
        work.Unknown("Base backup", work.Options.Level, "Base backups cannot be tested.");
    }
}
