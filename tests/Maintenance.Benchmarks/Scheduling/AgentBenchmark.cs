using System.Globalization;
using Maintenance.Engine.Sandbox;
using Npgsql;

namespace Maintenance.Benchmarks.Scheduling;

/// <summary>What scheduling costs for each run, and how throughput grows with agents: tasks that ask no database, so that nothing else is measured.</summary>
internal sealed class AgentBenchmark : IBenchmark
{
    private const int Targets = 200;
    private const int Concurrency = 4;
    private const string Task = "BackupVerification";
    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(200);

    private readonly SandboxService _sandboxes = new(TimeProvider.System);
    private MaintenanceSandbox? _sandbox;

    public string Name => "agent";

    public string Title => $"{Targets} runs that fire at once: tasks that do nothing (overhead of scheduling), and tasks of {Work.TotalMilliseconds:0} ms on 1 to 4 agents with {Concurrency} runs at once each.";

    // Twice as fast with twice the agents, less a tenth.
    public IReadOnlyList<Goal> Goals => [new(Working(4), Working(1), 1 / 3.6)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox");
        _sandbox = await _sandboxes.StartAsync(new SandboxOptions { Name = "agent", PostgresVersion = 15, Scale = 0, ResourcePath = Tools.SandboxResources }, SilentCall.Context, cancellationToken);
        await ExecuteAsync("CREATE SCHEMA plain_quartz", cancellationToken);
        var version = typeof(AgentCrew).Assembly.GetName().Version!.ToString(3);
        var quartz = typeof(Quartz.IScheduler).Assembly.GetName().Version!.ToString(3);
        return
        [
            new("nothing to do, in memory", token => RunAsync(1, TimeSpan.Zero, null, token), version),
            new("nothing to do, job store in PostgreSQL", token => RunAsync(1, TimeSpan.Zero, _sandbox.Target, token), version),
            new("nothing to do, Quartz alone, in memory", token => RunPlainAsync(null, token), quartz),
            new("nothing to do, Quartz alone, job store in PostgreSQL", token => RunPlainAsync($"{ConnectionString(_sandbox)};Search Path=plain_quartz;Maximum Pool Size=10", token), quartz),
            .. Enumerable.Range(1, 4).Select(agents => new Contender(Working(agents), token => RunAsync(agents, Work, _sandbox.Target, token), version)),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        if (_sandbox is not null)
        {
            await _sandboxes.StopAsync(_sandbox.Id, SilentCall.Context, CancellationToken.None);
        }
    }

    private static string Working(int agents) => $"200 ms of work, {agents} {(agents == 1 ? "agent" : "agents")}";

    private static async Task<Outcome> RunPlainAsync(string? connectionString, CancellationToken cancellationToken) =>
        Finished(await new PlainQuartz(Concurrency).RunAsync(Targets, connectionString, cancellationToken));

    private static Outcome Finished(TimeSpan elapsed) =>
        new($"{Targets} runs", string.Create(CultureInfo.InvariantCulture, $"{elapsed.TotalMilliseconds / Targets:0.00} ms for each run"), elapsed);

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(_sandbox!, cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Opens a connection to a sandbox's own database, of which nothing is left once it is closed: connections are counted here.</summary>
    internal static async Task<NpgsqlConnection> OpenAsync(MaintenanceSandbox sandbox, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection($"{ConnectionString(sandbox)};Pooling=false");
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private static string ConnectionString(MaintenanceSandbox sandbox) =>
        $"Host={sandbox.Host};Port={sandbox.Port};Database={sandbox.Database};Username={sandbox.Username};Password={new System.Net.NetworkCredential("", sandbox.Password).Password};SSL Mode=Disable";

    private static async Task<Outcome> RunAsync(int agents, TimeSpan work, MaintenanceTarget? store, CancellationToken cancellationToken)
    {
        MaintenanceTarget[] targets = [.. Enumerable.Range(1, Targets).Select(i => new MaintenanceTarget { Name = $"target{i}", History = new HistorySettings { Kind = HistoryKind.None } })];
        var elapsed = await new AgentCrew(agents, Concurrency, () => new IdleTask(Task, work)).RunAsync(targets, Task, store, cancellationToken);
        return Finished(elapsed);
    }
}

/// <summary>The five-minute sample of 200 databases of one server on one agent.</summary>
internal sealed class AgentFleetBenchmark : IBenchmark
{
    private const int Targets = 200;
    private const string Agent = "one agent, 8 runs at once";

    private readonly SandboxService _sandboxes = new(TimeProvider.System);
    private MaintenanceSandbox? _sandbox;
    private string? _folder;
    private int _round;

    public string Name => "agent-fleet";

    public string Title => $"PerformanceMetrics of {Targets} databases of one server, each with its samples kept in SQLite, on one agent with the job store in PostgreSQL.";

    // The guide's five minutes.
    public IReadOnlyList<Goal> Goals => [new(Agent, null, 300_000)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox");
        _folder = Directory.CreateTempSubdirectory("maintenance-benchmark-").FullName;
        _sandbox = await _sandboxes.StartAsync(new SandboxOptions { Name = "fleet", PostgresVersion = 15, Scale = 0, ResourcePath = Tools.SandboxResources }, SilentCall.Context, cancellationToken);
        tell($"creating {Targets} databases");
        await using var admin = await AgentBenchmark.OpenAsync(_sandbox!, cancellationToken);
        for (var i = 1; i <= Targets; i++)
        {
            await using var command = new NpgsqlCommand(string.Create(CultureInfo.InvariantCulture, $"CREATE DATABASE fleet{i}"), admin);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        return [new(Agent, RunAsync, typeof(AgentCrew).Assembly.GetName().Version!.ToString(3))];
    }

    public async ValueTask DisposeAsync()
    {
        if (_sandbox is not null)
        {
            await _sandboxes.StopAsync(_sandbox.Id, SilentCall.Context, CancellationToken.None);
        }

        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task<Outcome> RunAsync(CancellationToken cancellationToken)
    {
        // A history of its own for each round: samples of the one before would be too young.
        var history = new HistorySettings { Path = Path.Combine(_folder!, string.Create(CultureInfo.InvariantCulture, $"history-{++_round}.db")) };
        MaintenanceTarget[] targets = [.. Enumerable.Range(1, Targets).Select(i => new MaintenanceTarget { Name = $"fleet{i}", Database = _sandbox!.Target.Database! with { Database = $"fleet{i}" }, History = history })];
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var counting = MostConnectionsAsync(over.Token);
        var crew = new AgentCrew(1, 8, null);
        var elapsed = await crew.RunAsync(targets, "PerformanceMetrics", _sandbox!.Target, cancellationToken);
        await over.CancelAsync();
        var most = await counting;
        return new Outcome($"{Targets} runs", string.Create(CultureInfo.InvariantCulture, $"at most {most} connections; first problem: {crew.Problem ?? "none"}"), elapsed);
    }

    private async Task<long> MostConnectionsAsync(CancellationToken cancellationToken)
    {
        var most = 0L;
        await using var connection = await AgentBenchmark.OpenAsync(_sandbox!, CancellationToken.None);
        await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()", connection);
        while (!cancellationToken.IsCancellationRequested)
        {
            most = Math.Max(most, (long)(await command.ExecuteScalarAsync(CancellationToken.None))!);
            await Task.Delay(20, CancellationToken.None);
        }

        return most;
    }
}
