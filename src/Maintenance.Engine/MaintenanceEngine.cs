using Maintenance.Engine.Analytics;
using Maintenance.Engine.Artifacts;
using Maintenance.Engine.Backup;
using Maintenance.Engine.Configuration;
using Maintenance.Engine.Database;
using Maintenance.Engine.Functions;
using Maintenance.Engine.Health;
using Maintenance.Engine.History;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Notify;
using Maintenance.Engine.Reporting;
using Maintenance.Engine.Sandbox;
using Maintenance.Engine.Tasks;

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
        Configuration = new ConfigurationService(_database, time);
        Functions = new FunctionService(time);
        History = new HistoryService(_database, time);
        Analytics = new AnalyticsService(_database, Functions, History, time);
        Health = new HealthService(_database, Backups, Functions, Analytics, time);
        Notifications = new NotificationService(History, time);
        Artifacts = new ArtifactService(time);
        Reindex = new ReindexService(_database, History, time);
        Reports = new ReportService(time);
        Sandboxes = new SandboxService(time);
        Tasks = new TaskService(_database, Health, History, Notifications, Artifacts, time);
    }

    /// <summary>Errors, performance, resources and compliance over a time.</summary>
    public AnalyticsService Analytics { get; }

    /// <summary>Logs and reports in a target's store.</summary>
    public ArtifactService Artifacts { get; }

    /// <summary>Backups: what there is, and whether the newest is young enough.</summary>
    public BackupService Backups { get; }

    /// <summary>Configuration files and the targets they describe.</summary>
    public ConfigurationService Configuration { get; }

    /// <summary>Edge functions: asking them, and how they are.</summary>
    public FunctionService Functions { get; }

    /// <summary>How a target's database and the whole system are.</summary>
    public HealthService Health { get; }

    /// <summary>What was run, and what came of it.</summary>
    public HistoryService History { get; }

    /// <summary>Telling people.</summary>
    public NotificationService Notifications { get; }

    /// <summary>Rebuilding indexes.</summary>
    public ReindexService Reindex { get; }

    /// <summary>Results written for people and programs.</summary>
    public ReportService Reports { get; }

    /// <summary>Private servers with sample data.</summary>
    public SandboxService Sandboxes { get; }

    /// <summary>Tasks of the maintenance matrix.</summary>
    public TaskService Tasks { get; }

    /// <summary>Closes the connections to one target and forgets its secrets.</summary>
    /// <param name="target">The target.</param>
    public ValueTask CloseAsync(MaintenanceTarget target)
    {
        Backups.Close(target);
        Artifacts.Close(target);
        return _database.CloseAsync(target);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Functions.Dispose();
        Notifications.Dispose();
        return _database.DisposeAsync();
    }
}
