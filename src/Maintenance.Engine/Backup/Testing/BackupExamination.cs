namespace Maintenance.Engine.Backup.Testing;

/// <summary>Which kinds of backups are tested by whom, and how deep.</summary>
internal static class BackupExamination
{
    /// <summary>Tests a backup as deep as its options say. What it finds is noted in the work.</summary>
    /// <exception cref="BackupFaultException">What makes further checks pointless.</exception>
    public static async Task RunAsync(TestWork work, CancellationToken cancellationToken)
    {
        RefuseUnread(work.Backup);
        work.Manifest = await work.File.ReadManifestAsync(cancellationToken);
        if (work.Backup.Kind == BackupKind.BaseBackup)
        {
            await new Physical.BaseBackupTest(work).RunAsync(cancellationToken);
            return;
        }

        var seen = await LogicalExamination.LookAsync(work, cancellationToken);
        if (seen.Look.Kind == BackupKind.BaseBackup)
        {
            await new Physical.BaseBackupTest(work).RunAsync(cancellationToken);
        }
        else if (work.Options.PointInTime is not null)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                $"{work.Backup.Name} is a dump: it holds one moment, and no write-ahead log leads from it to another.",
                "Leave out -PointInTime, or give a base backup.");
        }
        else if (work.Options.Level >= BackupLevel.Sample && !work.HasFailed)
        {
            await Restore.RestoreTest.RunAsync(work, seen, cancellationToken);
        }
        else if (work.Options.Level >= BackupLevel.Checksum)
        {
            await LogicalExamination.ReadAllAsync(work, seen, null, cancellationToken);
        }
    }

    // What the listing says already is not asked for.
    private static void RefuseUnread(DatabaseBackup backup)
    {
        const string Check = "Header";
        if (string.Equals(backup.Tier, "Archive", StringComparison.OrdinalIgnoreCase))
        {
            throw BackupFile.Archived(backup.Name);
        }

        if (backup.Completeness == BackupCompleteness.Uncommitted)
        {
            throw new BackupFaultException(
                Check, BackupLevel.Header, BackupFault.Truncated, $"The blocks of {backup.Name} were sent, but never put together: there is nothing to read.",
                "Make the backup again; the blocks go by themselves after a week.");
        }

        if (backup.SizeBytes == 0)
        {
            throw new BackupFaultException(
                Check, BackupLevel.Header, BackupFault.Empty, $"{backup.Name} has no bytes.", "Look at what writes it: pg_dump leaves an empty file where it fails at once.");
        }
    }
}
