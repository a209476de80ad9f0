using System.Diagnostics;
using System.Net;
using Maintenance.Engine;
using Maintenance.Engine.Scheduling.Agent;
using Maintenance.Engine.Tasks;
using Npgsql;

namespace Maintenance.TestSupport;

/// <summary>Where an agent of a test dies.</summary>
internal enum AgentDeath
{
    /// <summary>Nowhere.</summary>
    None = 0,

    /// <summary>When a run has been handed to it, and has not begun.</summary>
    Before,

    /// <summary>In the middle of a run.</summary>
    During,

    /// <summary>When a run is over and on record, and the job store does not know yet.</summary>
    After,
}

/// <summary>An agent as a test wants it: the same in the test's process and in one of its own, which reads it from its standard input.</summary>
internal sealed record AgentRequest
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    public required string Username { get; init; }

    public required string Password { get; init; }

    /// <summary>The databases; each is a target of the same name.</summary>
    public required IReadOnlyList<string> Databases { get; init; }

    /// <summary>The database of the job store, and of the tables in which the tasks of tests tell what they do. Null for an agent alone.</summary>
    public string? Store { get; init; }

    /// <summary>Where the tasks of tests tell what they do. Null for the real tasks.</summary>
    public string? Truth { get; init; }

    public string Cluster { get; init; } = "test";

    public required string Instance { get; init; }

    public IReadOnlyList<string> Tasks { get; init; } = ["HealthMonitoring"];

    public double TimeScale { get; init; } = 60;

    public int MaximumConcurrency { get; init; } = 4;

    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan? Duration { get; init; }

    public LostRunPolicy OnLost { get; init; }

    /// <summary>The role that keeps the job store; null for that of the targets.</summary>
    public string? StoreUsername { get; init; }

    public string? StorePassword { get; init; }

    /// <summary>How long a task of the test works.</summary>
    public TimeSpan Work { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The limit of a run; null for a minute.</summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>Schedules other than the matrix's, by task.</summary>
    public IReadOnlyDictionary<string, string> Crons { get; init; } = new Dictionary<string, string>();

    /// <summary>Tasks that are not scheduled.</summary>
    public IReadOnlyList<string> Disabled { get; init; } = [];

    /// <summary>When what changes the system may run.</summary>
    public IReadOnlyList<MaintenanceWindow> Windows { get; init; } = [];

    /// <summary>True for a task that waits for its database and never ends by itself.</summary>
    public bool Hangs { get; init; }

    public AgentDeath Death { get; init; }

    public int? EndpointPort { get; init; }

    /// <summary>A SQLite file; null for no history.</summary>
    public string? HistoryPath { get; init; }

    public TimeSpan CheckIn { get; init; } = TimeSpan.FromSeconds(1);

    public IReadOnlyList<MaintenanceTarget> Targets => [.. Databases.Select(Target)];

    private string ConnectionString => new NpgsqlConnectionStringBuilder { Host = Host, Port = Port, Username = Username, Password = Password, Database = Truth, ApplicationName = $"truth {Instance}", SslMode = SslMode.Disable, MaxPoolSize = 20 }.ConnectionString;

    /// <summary>Runs the agent until it is asked to end.</summary>
    public async Task RunAsync(MaintenanceEngine engine, IMaintenanceSink sink, Func<AgentInfo, Task> onStarted, Func<MaintenanceRun, Task> onRun, CancellationToken cancellationToken)
    {
        await using var truth = NpgsqlDataSource.Create(ConnectionString);
        engine.Agents.Tuning = new AgentTuning
        {
            CheckIn = CheckIn,
            CancelPatience = TimeSpan.FromSeconds(5),
            OverduePatience = TimeSpan.FromSeconds(2),
            Task = name => TaskOf(name, truth),
        };
        var options = new AgentOptions
        {
            Targets = Targets,
            Tasks = Tasks,
            JobStore = Store is null ? null : Target(Store, StoreUsername, StorePassword),
            Cluster = Cluster,
            Instance = Instance,
            MaximumConcurrency = MaximumConcurrency,
            DrainTimeout = DrainTimeout,
            TimeScale = TimeScale,
            Duration = Duration,
            Port = EndpointPort,
            OnLost = OnLost,
        };
        await engine.Agents.RunAsync(options, onStarted, EndedAsync, Calls.To(sink), cancellationToken);

        async Task EndedAsync(MaintenanceRun run)
        {
            await DieAsync(AgentDeath.After);
            await onRun(run);
        }
    }

    /// <summary>Ends this process as SIGKILL does, if it is to die here.</summary>
    public async Task DieAsync(AgentDeath here)
    {
        if (here == Death)
        {
            using var self = Process.GetCurrentProcess();
            self.Kill();
            await Task.Delay(Timeout.Infinite);
        }
    }

    private TruthfulTask? TaskOf(string name, NpgsqlDataSource truth)
    {
        if (Truth is null)
        {
            return null;
        }

        if (Death == AgentDeath.Before)
        {
            using var self = Process.GetCurrentProcess();
            self.Kill();
        }

        return new TruthfulTask(name, this, truth);
    }

    private MaintenanceTarget Target(string database) => Target(database, null, null);

    private MaintenanceTarget Target(string database, string? username, string? password) => new()
    {
        Name = database,
        Database = new DatabaseSettings
        {
            Host = Host,
            Port = Port,
            Database = database,
            Username = username ?? Username,
            Password = SecretReference.FromSecureString(new NetworkCredential("", password ?? Password).SecurePassword),
            SslMode = DatabaseSslMode.Disable,
        },
        Windows = Windows,
        Schedule = new SchedulePolicy
        {
            Tasks = Tasks.ToDictionary(task => task, task => new TaskSchedule
            {
                Timeout = Limit,
                Cron = Crons.GetValueOrDefault(task),
                Enabled = !Disabled.Contains(task),
                Approval = new TaskApproval { By = "test" },
            }),
        },
        History = HistoryPath is null ? new HistorySettings { Kind = HistoryKind.None } : new HistorySettings { Path = HistoryPath },
    };
}

/// <summary>A task that writes down when it begins and ends, and who else is at the same work meanwhile.</summary>
internal sealed class TruthfulTask(string name, AgentRequest request, NpgsqlDataSource truth) : IMaintenanceTask
{
    /// <summary>The table it writes to.</summary>
    public const string Table = "CREATE TABLE truth (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, target text NOT NULL, task text NOT NULL, instance text NOT NULL, pid int NOT NULL, beside int NOT NULL, began timestamptz NOT NULL DEFAULT clock_timestamp(), ended timestamptz)";

    public string Name => name;

    public string Description => "Tells the truth.";

    public bool ChangesSystem => name == "DatabaseOptimization";

    public string LockName => name;

    public string LogFolder => "test-logs";

    public TimeSpan DefaultTimeout => TimeSpan.FromMinutes(1);

    public IReadOnlyList<PlannedStep> Plan(MaintenanceTarget target) => [new("Work", "Work")];

    public async Task<TaskOutcome> RunAsync(TaskContext context, CancellationToken cancellationToken)
    {
        var startedAt = context.Time.GetUtcNow();
        await using var connection = await truth.OpenConnectionAsync(cancellationToken);
        var id = await BeginAsync(connection, context.Target.Name, cancellationToken);
        await request.DieAsync(AgentDeath.During);
        // A task that takes no notice of its deadline, but is cancelled with the run.
        await (request.Hangs ? ExecuteAsync(connection, "SELECT pg_sleep(600)", cancellationToken) : Task.Delay(request.Work, cancellationToken));
        await ExecuteAsync(connection, FormattableString.Invariant($"UPDATE truth SET ended = clock_timestamp() WHERE id = {id}"), cancellationToken);
        return new TaskOutcome([new MaintenanceStep { Name = "Work", State = StepState.Done, Status = HealthStatus.Ok, Message = "Done.", StartedAt = startedAt }], [], []);
    }

    public IReadOnlyList<NotificationMessage> MessagesFor(MaintenanceRun run) => [];

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // Whoever began the same and has not ended, and whose connection is still there, is at it too.
    private async Task<long> BeginAsync(NpgsqlConnection connection, string target, CancellationToken cancellationToken)
    {
        const string sql = """
            INSERT INTO truth (target, task, instance, pid, beside)
            SELECT $1, $2, $3, pg_backend_pid(), (SELECT count(*) FROM truth other JOIN pg_stat_activity activity ON activity.pid = other.pid AND activity.backend_start < other.began
                WHERE other.target = $1 AND other.task = $2 AND other.ended IS NULL AND other.pid <> pg_backend_pid())
            RETURNING id
            """;
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new() { Value = target });
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(new() { Value = request.Instance });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
