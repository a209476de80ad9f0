using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Maintenance.Engine;
using Maintenance.Engine.History;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Scheduling;

/// <summary>A database for the job store and the truth of agents, databases for them to maintain, and the agents.</summary>
internal sealed class AgentBench : IAsyncDisposable
{
    private static readonly string Runner = typeof(AgentBench).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "FaultRunner").Value!;

    private readonly TemporaryFolder _folder = new();
    private readonly List<AgentHandle> _agents = [];
    private readonly List<string> _databases = [];
    private readonly string _name = $"agent_{Guid.NewGuid():n}";

    private AgentBench(MaintenanceSandbox sandbox) => Sandbox = sandbox;

    public MaintenanceSandbox Sandbox { get; }

    /// <summary>The database of the job store and the truth.</summary>
    public string Store => _name;

    public string HistoryPath => Path.Combine(_folder.Path, "history.db");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="sandbox">The server.</param>
    /// <param name="databases">How many databases there are to maintain, beside that of the job store.</param>
    public static async Task<AgentBench> CreateAsync(MaintenanceSandbox sandbox, int databases = 0)
    {
        var bench = new AgentBench(sandbox);
        await SandboxDatabase.CreateAsync(sandbox, bench._name);
        await SandboxDatabase.ExecuteAsync(sandbox, TruthfulTask.Table, bench._name);
        for (var i = 0; i < databases; i++)
        {
            bench._databases.Add($"{bench._name}_{i}");
        }

        await Parallel.ForEachAsync(bench._databases, new ParallelOptions { MaxDegreeOfParallelism = 3, CancellationToken = Token }, async (name, _) =>
            await SandboxDatabase.ExecuteAsync(sandbox, $"CREATE DATABASE {name} TEMPLATE template0"));
        return bench;
    }

    /// <summary>An agent of the cluster.</summary>
    public AgentRequest Request(string instance) => new()
    {
        Host = Sandbox.Target.Database!.Host,
        Port = Sandbox.Target.Database.Port,
        Username = Sandbox.Username,
        Password = SandboxFixture.PasswordOf(Sandbox),
        Databases = _databases.Count == 0 ? [_name] : _databases,
        Store = _name,
        Truth = _name,
        Instance = instance,
        HistoryPath = HistoryPath,
    };

    /// <summary>Starts an agent in a process of its own.</summary>
    public async Task<AgentHandle> StartAsync(AgentRequest request, string? stateFolder = null)
    {
        var start = new ProcessStartInfo("dotnet", [Runner, "agent"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["XDG_STATE_HOME"] = stateFolder ?? _folder.Path;
        var agent = new AgentHandle(request.Instance, Process.Start(start)!);
        _agents.Add(agent);
        await agent.Process.StandardInput.WriteAsync(JsonSerializer.Serialize(request));
        agent.Process.StandardInput.Close();
        return agent;
    }

    /// <summary>Runs an agent in this process until a condition holds, and ends it.</summary>
    public static async Task<IReadOnlyList<MaintenanceRun>> RunUntilAsync(AgentRequest request, Func<IReadOnlyCollection<MaintenanceRun>, Task<bool>> isOver, TimeProvider? time = null, RecordingSink? sink = null)
    {
        await using var engine = new MaintenanceEngine(time);
        var runs = new ConcurrentQueue<MaintenanceRun>();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var started = new TaskCompletionSource();
        var running = request.RunAsync(
            engine,
            sink ?? new RecordingSink(),
            _ =>
            {
                started.SetResult();
                return Task.CompletedTask;
            },
            run =>
            {
                runs.Enqueue(run);
                return Task.CompletedTask;
            },
            ending.Token);
        await await Task.WhenAny(running, started.Task);
        await Eventually(() => isOver(runs), "The agent did not do what was expected of it.", seconds: 150);
        await ending.CancelAsync();
        await running;
        return [.. runs];
    }

    /// <summary>What the tasks of the test wrote down.</summary>
    public async Task<IReadOnlyList<TrueRun>> TruthAsync()
    {
        await using var connection = await SandboxDatabase.OpenAsync(Sandbox, _name);
        await using var command = new NpgsqlCommand("SELECT target, task, instance, beside, began, ended FROM truth ORDER BY id", connection);
        await using var reader = await command.ExecuteReaderAsync(Token);
        var runs = new List<TrueRun>();
        while (await reader.ReadAsync(Token))
        {
            runs.Add(new TrueRun(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt32(3), reader.GetDateTime(4), reader.IsDBNull(5) ? null : reader.GetDateTime(5)));
        }

        return runs;
    }

    /// <summary>A value from the database of the job store.</summary>
    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = await SandboxDatabase.OpenAsync(Sandbox, _name);
        return await connection.ScalarAsync<T>(sql);
    }

    /// <summary>Connections of agents to the databases of this test.</summary>
    public Task<long> ConnectionsAsync() => ScalarAsync<long>($"SELECT count(*) FROM pg_stat_activity WHERE (datname = '{_name}' OR datname LIKE '{_name}\\_%') AND application_name <> 'test'");

    /// <summary>What is on record, oldest first.</summary>
    public async Task<IReadOnlyList<MaintenanceRun>> HistoryAsync()
    {
        if (!File.Exists(HistoryPath))
        {
            return [];
        }

        var store = new SqliteHistoryStore(HistoryPath, TimeProvider.System, HistoryMigrations.Of("sqlite"));
        return [.. (await store.ReadAsync(new HistoryQuery(), Token).ToListAsync(Token)).OrderBy(run => run.StartedAt)];
    }

    /// <summary>The lines of one kind in the logs of all agents.</summary>
    public IReadOnlyList<JsonElement> Log(string @event) => Directory.Exists(Path.Combine(_folder.Path, "maintenance", "logs", "agent"))
        ? [.. Directory.GetFiles(Path.Combine(_folder.Path, "maintenance", "logs", "agent")).SelectMany(Lines).Where(line => line.GetProperty("event").GetString() == @event)]
        : [];

    public static Task Eventually(Func<Task<bool>> isSo, string what, int seconds = 180) => Eventually(isSo, () => Task.FromResult(what), seconds);

    /// <param name="isSo">What is waited for.</param>
    /// <param name="what">What to say if it does not come.</param>
    /// <param name="seconds">How long to wait.</param>
    public static async Task Eventually(Func<Task<bool>> isSo, Func<Task<string>> what, int seconds = 180)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await isSo())
        {
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(seconds))
            {
                Assert.Fail(await what());
            }

            await Task.Delay(100, Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in _agents)
        {
            await agent.DisposeAsync();
        }

        await using (var admin = await SandboxDatabase.OpenAsync(Sandbox))
        {
            foreach (var name in _databases.Append(_name))
            {
                await using var drop = new NpgsqlCommand($"DROP DATABASE IF EXISTS {name} WITH (FORCE)", admin);
                await drop.ExecuteNonQueryAsync(CancellationToken.None);
            }
        }

        _folder.Dispose();
    }

    // A line that was cut by a kill is none.
    private static IEnumerable<JsonElement> Lines(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        while (reader.ReadLine() is { } line)
        {
            JsonElement? parsed = null;
            try
            {
                parsed = JsonSerializer.Deserialize<JsonElement>(line);
            }
            catch (JsonException)
            {
                // It is the last.
            }

            if (parsed is { } element)
            {
                yield return element;
            }
        }
    }
}

/// <summary>A run as its task wrote it down.</summary>
/// <param name="Target">The target.</param>
/// <param name="Task">The task.</param>
/// <param name="Instance">The agent.</param>
/// <param name="Beside">How many others were at the same.</param>
/// <param name="Began">When it began.</param>
/// <param name="Ended">When it ended; null for not.</param>
internal sealed record TrueRun(string Target, string Task, string Instance, int Beside, DateTime Began, DateTime? Ended);

/// <summary>An agent in a process of its own.</summary>
internal sealed class AgentHandle : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Task _reading;

    public AgentHandle(string instance, Process process)
    {
        (Instance, Process) = (instance, process);
        _reading = ReadAsync();
    }

    public string Instance { get; }

    public Process Process { get; }

    /// <summary>What it said.</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Waits for a line that begins so.</summary>
    public async Task<string> SaysAsync(string beginning)
    {
        string? found = null;
        await AgentBench.Eventually(
            () =>
            {
                found = _lines.FirstOrDefault(line => line.StartsWith(beginning, StringComparison.Ordinal));
                return Task.FromResult(found is not null || Process.HasExited);
            },
            $"The agent did not say '{beginning}': {string.Join('\n', _lines)}");
        return found ?? throw new Xunit.Sdk.XunitException($"The agent ended before it said '{beginning}': {string.Join('\n', _lines)}");
    }

    /// <summary>Kills it: it can do nothing about that.</summary>
    public async Task KillAsync()
    {
        Process.Kill();
        await Process.WaitForExitAsync(Token);
    }

    /// <summary>Asks it to end.</summary>
    public async Task TerminateAsync()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signal that asks a process to end.");
        using var kill = Process.Start("kill", ["-TERM", Process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(Token);
    }

    /// <summary>Waits until it is gone.</summary>
    public async Task<int> ExitAsync()
    {
        await Process.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromSeconds(60), Token);
        await _reading;
        return Process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!Process.HasExited)
        {
            Process.Kill();
            await Process.WaitForExitAsync(CancellationToken.None);
        }

        await _reading;
        Process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await Process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
        {
            _lines.Enqueue(line);
        }
    }
}
