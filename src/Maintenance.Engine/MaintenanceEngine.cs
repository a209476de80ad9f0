using Maintenance.Engine.Alerts;
using Maintenance.Engine.Analytics;
using Maintenance.Engine.Artifacts;
using Maintenance.Engine.Backup;
using Maintenance.Engine.Backup.Drill;
using Maintenance.Engine.Backup.Dump;
using Maintenance.Engine.Backup.Physical;
using Maintenance.Engine.Backup.Testing;
using Maintenance.Engine.Compliance;
using Maintenance.Engine.Configuration;
using Maintenance.Engine.Database;
using Maintenance.Engine.Functions;
using Maintenance.Engine.Health;
using Maintenance.Engine.History;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Inspect.Bloat;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Notify;
using Maintenance.Engine.Performance.Baselines;
using Maintenance.Engine.Performance.Capacity;
using Maintenance.Engine.Performance.Indexes;
using Maintenance.Engine.Performance.Optimize;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statements;
using Maintenance.Engine.Performance.Trends;
using Maintenance.Engine.Repair;
using Maintenance.Engine.Repair.Actions;
using Maintenance.Engine.Repair.Issues;
using Maintenance.Engine.Reporting;
using Maintenance.Engine.Retention;
using Maintenance.Engine.Rotation;
using Maintenance.Engine.Sandbox;
using Maintenance.Engine.Scheduling;
using Maintenance.Engine.Scheduling.Agent;
using Maintenance.Engine.Security;
using Maintenance.Engine.Security.Access;
using Maintenance.Engine.Security.Audit;
using Maintenance.Engine.Security.Azure;
using Maintenance.Engine.Security.PersonalData;
using Maintenance.Engine.Security.Scan;
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
        AzureSecurity = new AzureSecurityService(time);
        Backups = new BackupService(time);
        Bloat = new BloatService(_database, time);
        Configuration = new ConfigurationService(_database, time);
        Functions = new FunctionService(time);
        History = new HistoryService(_database, time);
        AccessReviews = new AccessReviewService(_database, History, time);
        BackupTests = new BackupTestService(History, time);
        Dumps = new DumpService(_database, time, BackupTests.LedgerAsync);
        Drills = new RecoveryDrillService(Backups, BackupTests.TestAsync, time);
        Analytics = new AnalyticsService(_database, Functions, History, time);
        Compliance = new ComplianceService(_database, Functions, time);
        Health = new HealthService(_database, Backups, Functions, Analytics, Compliance, time);
        IndexAdvice = new IndexAdviceService(_database, Bloat, History, time);
        LogRotation = new LogRotationService(time);
        Notifications = new NotificationService(History, time);
        Alerts = new AlertService(History, Notifications, time);
        Artifacts = new ArtifactService(time);
        // The tasks are made of this and others; which of them change the system is asked when all are there.
        PerformanceBaselines = new PerformanceBaselineService(_database, Functions, History, () => Tasks!.ChangingTasks, time);
        Reports = new ReportService(time);
        Capacity = new CapacityService(_database, Functions, History, Notifications, Artifacts, Reports, time);
        PersonalData = new PersonalDataService(_database, time);
        RelationNames = new RelationNameService(_database);
        Replication = new ReplicationService(_database, History, time);
        Restore = new RestoreService(_database, History, time);
        Retention = new RetentionService(_database, History, time);
        RowSecurity = new RowSecurityService(_database, time);
        // Every kind of sample, in the order in which they are taken.
        ISampler[] samplers =
        [
            new MetricSampler(Functions, time),
            new TableSampler(),
            new KeySampler(),
            new StatementSampler(),
        ];
        Samples = new SampleService(_database, History, samplers, time);
        Sandboxes = new SandboxService(time);
        Scans = new ScanService(time);
        SecurityAudit = new DbSecurityService(_database, time);
        Sessions = new SessionService(_database, time);
        SessionTerminator = new SessionTerminator(_database, time);
        SlowQueries = new SlowQueryService(_database, History, time);
        Reindex = new ReindexService(_database, History, time);
        Trends = new TrendService(History, Artifacts, Notifications, Reports, time);
        Vacuum = new VacuumService(_database, History, time);
        Optimization = new OptimizationService(_database, Functions, Vacuum, History, (session, workload, all, _, token) => new MissingIndexFinder(time).SearchAsync(session, workload, new MissingIndexOptions { AllMilliseconds = all }, token), time);
        QueryReports = new QueryOptimizationReportService(Optimization, (target, context, token) => SlowQueries.ReadAsync(target, new SlowQuerySelection(), context, token), Artifacts, Notifications, time);
        WalArchives = new WalArchiveService(_database, time);
        Wraparound = new WraparoundService(_database, History, time);
        Issues = new IssueService(IssueService.Probes(Functions, Analytics, Compliance, Wraparound, Replication, IndexAdvice, Vacuum, Capacity, History, Alerts.HeartbeatAsync, AlertsNowAsync), Sessions, time);
        // Every kind of remedy that is carried out. An action that a remedy does not name is never taken.
        IRemedyAction[] remedies =
        [
            new CustomAction(time),
            new DeployFunctionAction(Functions, RemedyProgram.Find, time),
            new DropInvalidIndexAction(_database, time),
            new EndIdleSessionsAction(Sessions, SessionTerminator),
            new OptimizePerformanceAction(Functions),
            new ResolveComplianceAction(Compliance),
            new ScriptAction(time),
            new VacuumAction(Vacuum, Wraparound),
        ];
        Repairs = new RepairService(_database, remedies, new IssueLooker(Issues), History, time);
        var parts = new DbMaintenanceParts(_database, Bloat, IndexAdvice, Retention, Vacuum, Reindex, PerformanceBaselines, new ActionHistory(History, time));
        // Every part of the audit, in the order of AuditPart.
        IAuditPart[] audited =
        [
            new CataloguePart(SecurityAudit),
            new RowSecurityPart(RowSecurity, time),
            new AccessPart(AccessReviews),
            new DependencyPart(Scans, time),
            new SecretPart(Scans, time),
            new CodePart(Scans, time),
            new CompliancePart(Compliance),
            new PersonalDataPart(PersonalData),
            new AzurePart(AzureSecurity),
        ];
        SecurityReports = new SecurityAuditService(audited, _database, History, Artifacts, Notifications, time);
        IMaintenanceTask[] others =
        [
            new BackupVerificationTask(Backups, BackupTests.TestAsync, WalArchives.TestAsync),
            new DisasterRecoveryTask(Drills),
            new HealthMonitoringTask(Health, Alerts, History),
            new PerformanceBaselineTask(PerformanceBaselines),
            new PerformanceMetricsTask(Samples),
            new SecurityAuditTask(SecurityReports),
            new SecurityScanTask(SecurityReports),
            new TroubleshootingTask(Issues, Repairs, History),
        ];
        Tasks = new TaskService(_database, Health, parts, LogRotation, others, History, Notifications, Artifacts, time);
        DbMaintenance = new DbMaintenanceService(parts, Tasks, time);
        Schedules = new ScheduleService(History, () => Tasks.ChangingTasks, task => Tasks.LimitOf(task), time);
        Agents = new AgentService(_database, () => Tasks, History, Notifications, new AgentPage(_database, Schedules, time), CloseAsync, time);
    }

    /// <summary>Who has access to a server, and uses it.</summary>
    public AccessReviewService AccessReviews { get; }

    /// <summary>What runs the schedules.</summary>
    public AgentService Agents { get; }

    /// <summary>Alert rules: evaluated, remembered, told.</summary>
    public AlertService Alerts { get; }

    /// <summary>Errors, performance and resources over a time.</summary>
    public AnalyticsService Analytics { get; }

    /// <summary>Logs and reports in a target's store.</summary>
    public ArtifactService Artifacts { get; }

    /// <summary>The audit of Azure resources' configuration.</summary>
    public AzureSecurityService AzureSecurity { get; }

    /// <summary>Backups: what there is, and whether the newest is young enough.</summary>
    public BackupService Backups { get; }

    /// <summary>Tests of backups, up to restores.</summary>
    public BackupTestService BackupTests { get; }

    /// <summary>How much space tables and indexes could give back.</summary>
    public BloatService Bloat { get; }

    /// <summary>When what is used runs out.</summary>
    public CapacityService Capacity { get; }

    /// <summary>Data protection: reports, and issues that the function resolves.</summary>
    public ComplianceService Compliance { get; }

    /// <summary>Configuration files and the targets they describe.</summary>
    public ConfigurationService Configuration { get; }

    /// <summary>Database maintenance as a whole.</summary>
    public DbMaintenanceService DbMaintenance { get; }

    /// <summary>Rehearsals of a recovery.</summary>
    public RecoveryDrillService Drills { get; }

    /// <summary>Making backups.</summary>
    public DumpService Dumps { get; }

    /// <summary>Edge functions: asking them, and how they are.</summary>
    public FunctionService Functions { get; }

    /// <summary>How a target's database and the whole system are.</summary>
    public HealthService Health { get; }

    /// <summary>What was run, and what came of it.</summary>
    public HistoryService History { get; }

    /// <summary>Which indexes are broken, redundant, unused or missing.</summary>
    public IndexAdviceService IndexAdvice { get; }

    /// <summary>What is wrong right now.</summary>
    public IssueService Issues { get; }

    /// <summary>Logs as they grow old.</summary>
    public LogRotationService LogRotation { get; }

    /// <summary>Telling people.</summary>
    public NotificationService Notifications { get; }

    /// <summary>What is usual, and how that changes.</summary>
    public PerformanceBaselineService PerformanceBaselines { get; }

    /// <summary>What would help slow statements.</summary>
    public OptimizationService Optimization { get; }

    /// <summary>Personal data: which columns hold them, and how they are looked after.</summary>
    public PersonalDataService PersonalData { get; }

    /// <summary>Reports of slow statements and what would help.</summary>
    public QueryOptimizationReportService QueryReports { get; }

    /// <summary>Names of tables and indexes, for completion.</summary>
    public RelationNameService RelationNames { get; }
    /// <summary>How the write-ahead log is shipped and kept.</summary>
    public ReplicationService Replication { get; }
    /// <summary>Rebuilding indexes.</summary>
    public ReindexService Reindex { get; }

    /// <summary>Remedies, carried out and measured.</summary>
    public RepairService Repairs { get; }

    /// <summary>Results written for people and programs.</summary>
    public ReportService Reports { get; }

    /// <summary>Rows that come back from archives.</summary>
    public RestoreService Restore { get; }

    /// <summary>Rows past their age.</summary>
    public RetentionService Retention { get; }

    /// <summary>Row security tried out.</summary>
    public RowSecurityService RowSecurity { get; }

    /// <summary>Figures over time.</summary>
    public SampleService Samples { get; }

    /// <summary>Private servers with sample data.</summary>
    public SandboxService Sandboxes { get; }

    /// <summary>Scans of source code.</summary>
    public ScanService Scans { get; }

    /// <summary>When tasks run.</summary>
    public ScheduleService Schedules { get; }

    /// <summary>The audit of a database's catalogue.</summary>
    public DbSecurityService SecurityAudit { get; }

    /// <summary>The security audit as a whole.</summary>
    public SecurityAuditService SecurityReports { get; }

    /// <summary>Sessions of a server: what they do, and who waits for whom.</summary>
    public SessionService Sessions { get; }

    /// <summary>Ends sessions.</summary>
    public SessionTerminator SessionTerminator { get; }

    /// <summary>Which statements take long.</summary>
    public SlowQueryService SlowQueries { get; }

    /// <summary>Tasks of the maintenance matrix.</summary>
    public TaskService Tasks { get; }

    /// <summary>Performance over time.</summary>
    public TrendService Trends { get; }

    /// <summary>Archives of write-ahead log.</summary>
    public WalArchiveService WalArchives { get; }

    /// <summary>How far databases are from running out of transaction ids.</summary>
    public WraparoundService Wraparound { get; }
    /// <summary>VACUUM and ANALYZE where they are due.</summary>
    public VacuumService Vacuum { get; }

    private async Task<AlertsNow> AlertsNowAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        var health = await Health.GetSystemHealthAsync(target, call, cancellationToken);
        return AlertsNow.Of(await Alerts.LookAsync(target, health.Metrics, call, cancellationToken), health);
    }

    /// <summary>Closes the connections to one target and forgets its secrets.</summary>
    /// <param name="target">The target.</param>
    public ValueTask CloseAsync(MaintenanceTarget target)
    {
        Backups.Close(target);
        BackupTests.Close(target);
        WalArchives.Close(target);
        Dumps.Close(target);
        Artifacts.Close(target);
        LogRotation.Close(target);
        Restore.Close(target);
        Retention.Close(target);
        return _database.CloseAsync(target);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        AzureSecurity.Dispose();
        Functions.Dispose();
        Notifications.Dispose();
        return _database.DisposeAsync();
    }
}
