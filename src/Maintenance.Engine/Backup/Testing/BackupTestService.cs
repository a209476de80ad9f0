using Maintenance.Engine.History;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Backup.Testing;

/// <summary>Tests backups: from their first bytes to a restore of the whole.</summary>
public sealed class BackupTestService
{
    private readonly TimeProvider _time;
    private readonly BackupLedger _ledger;
    private readonly BackupStores _stores = new();

    internal BackupTestService(HistoryService history, TimeProvider time)
    {
        _time = time;
        _ledger = new BackupLedger(history, time);
    }

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
            return await deadline.RunAsync($"Testing {backup.Name}", async token =>
            {
                if (await _ledger.FindAsync(backup, target, options, call, token) is { } known)
                {
                    call.Sink.Verbose($"{backup.Name}: {known.Message}");
                    return known;
                }

                var store = await _stores.OpenFilesAsync(settings, call, token);
                work = new TestWork(new BackupFile(store, backup), target, options, call, _time);
                await RunAsync(work, token);
                var verification = TestVerdict.Of(work);
                await _ledger.RecordAsync(verification, target, options, call, token);
                return verification;
            });
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Whatever it is: it says nothing about this backup, and must not keep others from being tested.
            var problem = exception as MaintenanceException ?? new MaintenanceException(
                MaintenanceErrorCode.Unexpected,
                $"An unexpected error of type {exception.GetType().Name}: {exception.Message}",
                "This is a fault of the Maintenance module. Please report it.");
            work ??= new TestWork(new BackupFile(new Stores.FolderFileStore(".", ""), backup), target, options, call, _time);
            return TestVerdict.Undetermined(work, problem);
        }
        finally
        {
            call.Sink.Progress(new ProgressUpdate($"Testing {backup.Name}", "Done", Completed: true));
        }
    }

    /// <summary>A backup by its file or folder, wherever that is. It has no entity tag: what is named so is always read.</summary>
    /// <param name="path">The file; or the folder, of pg_dump's directory format or of a base backup.</param>
    /// <exception cref="MaintenanceException">BackupNotFound.</exception>
    public DatabaseBackup FromPath(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var (folder, file) = (new DirectoryInfo(full), new FileInfo(full));
        var kind = File.Exists(Path.Combine(full, "toc.dat")) ? BackupKind.Directory : folder.Exists ? BackupKind.BaseBackup : BackupName.Parse(file.Name)?.Kind ?? BackupKind.Unknown;
        if ((!file.Exists && !folder.Exists) || Path.GetDirectoryName(full) is not { } parent)
        {
            throw new MaintenanceException(MaintenanceErrorCode.BackupNotFound, $"There is no backup {path}.", "Check the path. Wildcards are not expanded.");
        }

        var modified = new DateTimeOffset(file.Exists ? file.LastWriteTimeUtc : folder.LastWriteTimeUtc, TimeSpan.Zero);
        return new DatabaseBackup
        {
            Name = Path.GetFileName(full),
            Store = parent,
            Kind = kind,
            Database = BackupName.Parse(Path.GetFileName(full))?.Database,
            TakenAt = modified,
            LastModified = modified,
            SizeBytes = file.Exists ? file.Length : folder.EnumerateFiles("*", SearchOption.AllDirectories).Sum(each => each.Length),
            CollectedAt = _time.GetUtcNow(),
        };
    }

    /// <summary>What the last tests of a target's backups came to, at each level, newest first; nothing where the target keeps no history.</summary>
    /// <param name="target">The target.</param>
    /// <param name="call">Where to tell, and where to read secrets.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="MaintenanceException">HistoryUnavailable, HistoryCorrupt, HistoryTooNew, or what the database reports.</exception>
    public async Task<IReadOnlyList<BackupVerification>> LedgerAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(call.Timeout, _time, cancellationToken);
        return await deadline.RunAsync("Reading the ledger of tested backups", token => _ledger.ReadAsync(target, call, token));
    }

    /// <summary>Forgets the secrets of a target's store.</summary>
    internal void Close(MaintenanceTarget target)
    {
        if (target.BackupStore is { } store)
        {
            _stores.Forget(store);
        }
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
