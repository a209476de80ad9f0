using System.Net;
using System.Security;
using Maintenance.Engine.Configuration;

namespace Maintenance.Engine.Sandbox;

/// <summary>Describes a sandbox as a maintained system: everything it writes stays in its folder, and goes with it.</summary>
internal static class SandboxTarget
{
    /// <summary>Names of the guide's backup store.</summary>
    public const string Container = "disaster-recovery";

    public const string Prefix = "database-backups/";

    /// <summary>Name of the guide's store of logs.</summary>
    public const string ArtifactContainer = "maintenance-logs";

    /// <summary>Where rows go that leave the database.</summary>
    public const string ArchiveContainer = "data-archive";

    /// <summary>The guide's two (row W5), for the tables of the sample.</summary>
    private static readonly RetentionPolicy[] Policies =
    [
        new() { Table = "public.performance_alerts", TimeColumn = "created_at", Age = TimeSpan.FromDays(30) },
        new()
        {
            Table = "public.error_logs",
            TimeColumn = "timestamp",
            Age = TimeSpan.FromDays(90),
            Action = RetentionAction.ArchiveToTable,
            Destination = "public.error_logs_archive",
        },
    ];

    /// <summary>
    /// What is slow where the slow workload is: its tables are small, so that a sandbox starts soon, and what would take seconds in earnest
    /// takes milliseconds.
    /// </summary>
    public static readonly TimeSpan WorkloadSlowQuery = TimeSpan.FromMilliseconds(5);

    /// <summary>In a sandbox what has been idle for five seconds counts: nobody wants to wait half an hour for a flood of connections. And nobody is hurt.</summary>
    private static readonly RepairPolicy Repairs = new()
    {
        UnattendedRisk = RemedyRisk.Medium,
        IdleSession = TimeSpan.FromSeconds(5),
        IdleInTransaction = TimeSpan.FromSeconds(5),
        Settle = TimeSpan.FromSeconds(2),
    };

    private static readonly string[] ChannelNames = ["Default", "Emergency", "Security"];

    public static MaintenanceTarget Of(SandboxRecord record) => new()
    {
        Name = record.Name,
        Origin = TargetOrigin.Sandbox,
        Database = new DatabaseSettings
        {
            Host = PostgresServer.Host,
            Port = record.Port,
            Database = PostgresServer.Database,
            Username = PostgresServer.Administrator,
            Password = SecretReference.FromSecureString(Secret(record.Password)),
            // It never leaves this machine, and the server has no certificate.
            SslMode = DatabaseSslMode.Disable,
        },
        Functions = SandboxServices.Of(record.Id) is { } services
            ? new FunctionSettings { BaseUri = services.FunctionUri, BearerToken = SecretReference.FromSecureString(Secret(services.Functions.Token)) }
            : null,
        Channels = Channels(record),
        // That of the plan its functions answer for.
        Analytics = new AnalyticsSettings { StorageLimit = 500L * 1024 * 1024 },
        BackupStore = BackupStore(record),
        Backups = new BackupSettings { Keep = new BackupKeepRules { Last = 7, Weekly = 4 } },
        Recovery = new RecoverySettings { TimeObjective = TimeSpan.FromHours(1), PointObjective = TimeSpan.FromHours(24) },
        ArtifactStore = StoreOf(record, ArtifactContainer, "artifacts"),
        ArchiveStore = StoreOf(record, ArchiveContainer, "archive"),
        Retention = Policies,
        Repair = Repairs,
        History = new HistorySettings { Kind = HistoryKind.Sqlite, Path = HistoryPath(record) },
        Performance = record.Workload ? new PerformancePolicy { SlowQuery = WorkloadSlowQuery } : new PerformancePolicy(),
    };

    /// <summary>The history of a sandbox: a file of its own.</summary>
    public static string HistoryPath(SandboxRecord record) => Path.Combine(record.Folder, "history.db");

    public static SecureString Secret(string? text) => new NetworkCredential("", text).SecurePassword;

    private static Dictionary<string, ChannelSettings> Channels(SandboxRecord record) => SandboxServices.Of(record.Id) is { } services
        ? ChannelNames.ToDictionary(
            channel => channel,
            channel => new ChannelSettings { Webhook = SecretReference.FromSecureString(Secret(services.WebhookOf(channel).AbsoluteUri)) })
        : [];

    private static StoreSettings StoreOf(SandboxRecord record, string container, string folder) => record.BlobPort is null
        ? new StoreSettings { Path = Path.Combine(record.Folder, folder) }
        : BackupStore(record) with { Container = container, Prefix = "" };

    private static StoreSettings BackupStore(SandboxRecord record) => record.BlobPort is { } port
        ? new StoreSettings
        {
            AccountName = AzuriteServer.Account,
            ServiceUri = AzuriteServer.ServiceUri(port),
            Container = Container,
            Prefix = Prefix,
            ConnectionString = SecretReference.FromSecureString(Secret(AzuriteServer.ConnectionString(port, record.BlobKey ?? ""))),
        }
        : new StoreSettings { Path = Path.Combine(record.Folder, "backups") };
}
