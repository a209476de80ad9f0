using Maintenance.Engine.Database;

namespace Maintenance.Engine.Repair;

/// <summary>
/// One repairer for each target: by the database's own lock; where a target has no database, by a file, which keeps only this user's
/// sessions on this machine apart.
/// </summary>
internal sealed class RepairLock : IAsyncDisposable
{
    private readonly AdvisoryLock? _advisory;
    private readonly IDisposable? _file;

    private RepairLock(AdvisoryLock? advisory, IDisposable? file) => (_advisory, _file) = (advisory, file);

    /// <summary>Cancelled when the lock is lost.</summary>
    public CancellationToken Lost => _advisory?.Lost ?? CancellationToken.None;

    /// <summary>Takes the lock; never waits.</summary>
    /// <exception cref="MaintenanceException">AlreadyRunning; DatabaseUnreachable, ...</exception>
    public static async Task<RepairLock> AcquireAsync(DatabaseConnector connector, MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) =>
        target.Database is null
            ? new RepairLock(null, FileLock.Take(
                Path.Combine(PrivateFiles.StateFolder, "locks"), "repair", target.Name.ToUpperInvariant(), ($"Somebody is repairing '{target.Name}' already.", "Wait for it to end.")))
            : new RepairLock(await AdvisoryLock.AcquireAsync(connector, target, RepairService.TaskName, call with { Timeout = null }, cancellationToken), null);

    /// <summary>The error for work that was ended because the lock was lost.</summary>
    public MaintenanceException LostError() => _advisory!.LostError();

    public async ValueTask DisposeAsync()
    {
        _file?.Dispose();
        if (_advisory is not null)
        {
            await _advisory.DisposeAsync();
        }
    }
}
