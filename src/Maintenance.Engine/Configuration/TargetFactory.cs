namespace Maintenance.Engine.Configuration;

/// <summary>
/// Makes a target of what parameters, file and environment say. Each setting is taken on its own from the first
/// that has it, with two limits: a setting never joins an address it cannot be meant for, and a credential never
/// goes to another address than its own.
/// </summary>
internal static class TargetFactory
{
    /// <summary>The guide's container for backups, and the folder in it.</summary>
    private const string BackupContainer = "disaster-recovery";
    private const string BackupPrefix = "database-backups/";

    /// <summary>Where the write-ahead log lies beside them unless the configuration says otherwise.</summary>
    private const string WalPrefix = "wal/";
    private const string ArtifactContainer = "maintenance-logs";

    /// <summary>The guide's container for reports of security audits.</summary>
    private const string AuditContainer = "security-audits";

    /// <summary>Ours: the guide has none.</summary>
    private const string ArchiveContainer = "data-archive";

    /// <summary>Makes a target.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="origin">Where it comes from, for people.</param>
    /// <param name="parameters">What the caller says; counts most.</param>
    /// <param name="file">What the file says.</param>
    /// <param name="environment">What the environment says; counts least.</param>
    /// <exception cref="MaintenanceException">InvalidArgument for parameters that contradict what they would change.</exception>
    public static MaintenanceTarget Create(string name, string origin, PartialTarget parameters, PartialTarget file, PartialTarget environment)
    {
        RefuseUselessParameters(parameters.Database, Merge(file.Database, environment.Database));
        var said = Merge(parameters.Database, file.Database);
        return new MaintenanceTarget
        {
            Name = name,
            Origin = origin,
            Database = said is not null || TargetEnvironment.NamesDatabase(environment.Database)
                ? Complete(Merge(said, environment.Database)!)
                : null,
            Functions = Complete(Merge(Merge(parameters.Functions, file.Functions), environment.Functions)),
            BackupStore = Complete(Merge(Merge(parameters.BackupStore, file.BackupStore), environment.BackupStore), BackupContainer, BackupPrefix),
            ArtifactStore = Complete(Merge(Merge(parameters.ArtifactStore, file.ArtifactStore), environment.ArtifactStore), ArtifactContainer, ""),
            // Only where somebody has said so: rows of a database go nowhere by accident.
            ArchiveStore = Merge(parameters.ArchiveStore, file.ArchiveStore) is { } archive ? Complete(Merge(archive, environment.ArtifactStore), ArchiveContainer, "") : null,
            WalArchive = Merge(parameters.WalArchive, file.WalArchive) is { } wal ? Complete(Merge(wal, environment.BackupStore), BackupContainer, WalPrefix) : null,
            Backups = parameters.Backups ?? file.Backups ?? new BackupSettings(),
            Recovery = parameters.Recovery ?? file.Recovery ?? new RecoverySettings(),
            Channels = Merge(Merge(parameters.Channels, file.Channels), environment.Channels),
            Thresholds = parameters.Thresholds ?? file.Thresholds ?? new Dictionary<string, ThresholdOverride>(),
            ExcludedComponents = parameters.ExcludedComponents ?? file.ExcludedComponents ?? [],
            Retention = parameters.Retention ?? file.Retention ?? [],
            LogRotation = parameters.LogRotation ?? file.LogRotation ?? [],
            Windows = parameters.Windows ?? file.Windows ?? [],
            History = parameters.History ?? file.History ?? new HistorySettings(),
            Security = parameters.Security ?? file.Security ?? new SecurityPolicy(),
            Performance = parameters.Performance ?? file.Performance ?? new PerformancePolicy(),
            Capacity = parameters.Capacity ?? file.Capacity ?? new CapacityPolicy(),
            Alerts = parameters.Alerts ?? file.Alerts ?? new AlertPolicy(),
            Schedule = parameters.Schedule ?? file.Schedule ?? new SchedulePolicy(),
            Repair = parameters.Repair ?? file.Repair ?? new RepairPolicy(),
            AuditStore = Merge(parameters.AuditStore, file.AuditStore) is { } audits ? Complete(Merge(audits, environment.ArtifactStore), AuditContainer, "") : null,
            Analytics = parameters.Analytics ?? file.Analytics ?? new AnalyticsSettings(),
        };
    }

    private static void RefuseUselessParameters(PartialDatabase? parameters, PartialDatabase? rest)
    {
        if (parameters is null || !HasSettings(parameters))
        {
            return;
        }

        if (parameters.ConnectionString is not null)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                "A connection string says everything about a connection, so it cannot be combined with -HostName, -Port, -Database, -Credential, -SslMode or -RootCertificate.",
                "Put these settings into the connection string, or leave it out.");
        }

        if (parameters.Host is null && rest?.ConnectionString is { } reference)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                $"The target's connection is described by a connection string ({reference}), of which single settings cannot be changed.",
                "Give -HostName as well to describe another connection, or change the connection string.");
        }
    }

    private static PartialDatabase? Merge(PartialDatabase? first, PartialDatabase? second)
    {
        if (first is null || second is null)
        {
            return first ?? second;
        }

        if (first.ConnectionString is not null)
        {
            return first with { ConnectTimeout = first.ConnectTimeout ?? second.ConnectTimeout };
        }

        return new PartialDatabase
        {
            Host = first.Host ?? second.Host,
            Port = first.Port ?? second.Port,
            Database = first.Database ?? second.Database,
            Username = first.Username ?? second.Username,
            Password = first.Password ?? second.Password,
            // It would replace what the first says.
            ConnectionString = HasSettings(first) ? null : second.ConnectionString,
            SslMode = first.SslMode ?? second.SslMode,
            RootCertificate = first.RootCertificate ?? second.RootCertificate,
            ConnectTimeout = first.ConnectTimeout ?? second.ConnectTimeout,
        };
    }

    private static bool HasSettings(PartialDatabase database) =>
        database with { ConnectionString = null, ConnectTimeout = null } != new PartialDatabase();

    private static PartialFunctions? Merge(PartialFunctions? first, PartialFunctions? second)
    {
        if (first is null || second is null)
        {
            return first ?? second;
        }

        var credentials = first.BaseUri is null || first.BaseUri == second.BaseUri ? second : new PartialFunctions();
        return new PartialFunctions
        {
            BaseUri = first.BaseUri ?? second.BaseUri,
            BearerToken = first.BearerToken ?? credentials.BearerToken,
            ApiKey = first.ApiKey ?? credentials.ApiKey,
        };
    }

    private static PartialStore? Merge(PartialStore? first, PartialStore? second)
    {
        if (first is null || second is null)
        {
            return first ?? second;
        }

        var age = first.MaximumAge ?? second.MaximumAge;
        if (first.Path is not null || (second.Path is not null && NamesBlobs(first)))
        {
            return first with { MaximumAge = age };
        }

        if (second.Path is not null)
        {
            return second with { Prefix = first.Prefix ?? second.Prefix, MaximumAge = age };
        }

        var account = NamesAccount(first) ? first : second;
        var sameAccount = account == second || (first.AccountName == second.AccountName && first.ServiceUri is null && first.ConnectionString is null);
        var credentials = HasCredential(first) || !sameAccount ? first : second;
        return new PartialStore
        {
            AccountName = account.AccountName,
            ServiceUri = account.ServiceUri,
            Container = first.Container ?? second.Container,
            Prefix = first.Prefix ?? second.Prefix,
            ConnectionString = credentials.ConnectionString,
            AccountKey = credentials.AccountKey,
            SasToken = credentials.SasToken,
            MaximumAge = age,
        };
    }

    private static bool NamesAccount(PartialStore store) => store is { AccountName: not null } or { ServiceUri: not null } or { ConnectionString: not null };

    private static bool NamesBlobs(PartialStore store) => NamesAccount(store) || store.Container is not null;

    private static bool HasCredential(PartialStore store) => store is { ConnectionString: not null } or { AccountKey: not null } or { SasToken: not null };

    private static Dictionary<string, ChannelSettings> Merge(
        IReadOnlyDictionary<string, ChannelSettings>? first, IReadOnlyDictionary<string, ChannelSettings>? second)
    {
        var merged = new Dictionary<string, ChannelSettings>(second ?? new Dictionary<string, ChannelSettings>(), StringComparer.OrdinalIgnoreCase);
        foreach (var (name, channel) in first ?? new Dictionary<string, ChannelSettings>())
        {
            merged[name] = channel;
        }

        return merged;
    }

    private static DatabaseSettings Complete(PartialDatabase database)
    {
        var usual = new DatabaseSettings();
        return new DatabaseSettings
        {
            Host = database.Host ?? usual.Host,
            Port = database.Port ?? usual.Port,
            Database = database.Database ?? usual.Database,
            Username = database.Username ?? usual.Username,
            Password = database.Password,
            ConnectionString = database.ConnectionString,
            SslMode = database.SslMode ?? usual.SslMode,
            RootCertificate = database.RootCertificate,
            ConnectTimeout = database.ConnectTimeout ?? usual.ConnectTimeout,
        };
    }

    private static FunctionSettings? Complete(PartialFunctions? functions) => functions?.BaseUri is { } address
        ? new FunctionSettings { BaseUri = address, BearerToken = functions.BearerToken, ApiKey = functions.ApiKey }
        : null;

    private static StoreSettings? Complete(PartialStore? store, string container, string prefix)
    {
        if (store is null || (store.Path is null && !NamesAccount(store)))
        {
            return null;
        }

        // The guide's folder belongs to the guide's container.
        var isGuides = store.Path is null && store.Container is null;
        return new StoreSettings
        {
            Path = store.Path,
            AccountName = store.AccountName,
            ServiceUri = store.ServiceUri,
            Container = store.Path is null ? store.Container ?? container : null,
            Prefix = store.Prefix ?? (isGuides ? prefix : ""),
            ConnectionString = store.ConnectionString,
            AccountKey = store.AccountKey,
            SasToken = store.SasToken,
            MaximumAge = store.MaximumAge,
        };
    }
}
