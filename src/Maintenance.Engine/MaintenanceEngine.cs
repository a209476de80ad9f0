using Maintenance.Engine.Backup;
using Maintenance.Engine.Database;

namespace Maintenance.Engine;

/// <summary>
/// The composition root, and the only type of the engine that cmdlets touch: one service per area, each built here.
/// One engine belongs to one session and holds its connection pools.
/// </summary>
public sealed class MaintenanceEngine : IAsyncDisposable
{
    private readonly DatabaseConnector _database;

    /// <summary>Creates an engine.</summary>
    /// <param name="time">The clock; the system's own unless a test brings another.</param>
    public MaintenanceEngine(TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        _database = new DatabaseConnector(time);
        Backups = new BackupService(time);
    }

    /// <summary>Backups: what there is, and whether it is fresh.</summary>
    public BackupService Backups { get; }

    /// <summary>Closes the connections to one target and forgets its secrets.</summary>
    /// <param name="target">The target.</param>
    public ValueTask CloseAsync(MaintenanceTarget target)
    {
        Backups.Close(target);
        return _database.CloseAsync(target);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
