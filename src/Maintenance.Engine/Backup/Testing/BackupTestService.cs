using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Backup.Testing;

/// <summary>Tests backups: from their first bytes to a restore of the whole.</summary>
public sealed class BackupTestService
{
    private readonly TimeProvider _time;
    private readonly BackupStores _stores = new();

    internal BackupTestService(TimeProvider time) => _time = time;

    /// <summary>
    /// Tests a backup. What is wrong with it is in the record; what keeps it from being tested is too, as CannotDetermine.
    /// </summary>
    /// <param name="backup">The backup, as listed.</param>
    /// <param name="target">The maintained system it belongs to; null for a backup in a folder that is nobody's.</param>
    /// <param name="options">How.</param>
    /// <param name="call">Where to tell, and where to read secrets; no timeout unless it has one.</param>
    /// <param name="cancellationToken">Ends the test; nothing of it is left.</param>
    /// <exception cref="MaintenanceException">InvalidArgument, NotConfigured: it is not known which store the backup is in.</exception>
    public async Task<BackupVerification> TestAsync(
        DatabaseBackup backup, MaintenanceTarget? target, BackupTestOptions options, CallContext call, CancellationToken cancellationToken)
    {
        var settings = BackupStores.SettingsOf(backup, target);
        TestWork? work = null;
        try
        {
            using var deadline = new Deadline(call.Timeout, _time, cancellationToken);
            await deadline.RunAsync($"Testing {backup.Name}", async token =>
            {
                var store = await _stores.OpenFilesAsync(settings, call.Secrets, token);
                work = new TestWork(new BackupFile(store, backup), target, options, call, _time);
                await RunAsync(work, token);
                return true;
            });
        }
        catch (MaintenanceException exception)
        {
            work ??= new TestWork(new BackupFile(new Stores.FolderFileStore(".", ""), backup), target, options, call, _time);
            return TestVerdict.Undetermined(work, exception);
        }
        finally
        {
            call.Sink.Progress(new ProgressUpdate($"Testing {backup.Name}", "Done", Completed: true));
        }

        return TestVerdict.Of(work!);
    }

    private static async Task RunAsync(TestWork work, CancellationToken cancellationToken)
    {
        try
        {
            await BackupExamination.RunAsync(work, cancellationToken);
        }
        catch (BackupFaultException fault)
        {
            work.Add(fault.ToCheck());
            work.Advice = fault.Recommendation;
        }
    }
}
