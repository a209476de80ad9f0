using Maintenance.Engine.Database;
using Maintenance.Engine.Sandbox;

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
        Sandboxes = new SandboxService(time);
    }

    /// <summary>Private servers with sample data, to try things out.</summary>
    public SandboxService Sandboxes { get; }

    /// <summary>Closes the connections to one target.</summary>
    /// <param name="target">The target.</param>
    public ValueTask CloseAsync(MaintenanceTarget target) => _database.CloseAsync(target);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
