using System.Globalization;
using System.Net;
using Maintenance.Engine;
using Maintenance.Engine.Sandbox;
using Npgsql;

namespace Maintenance.Benchmarks.Maintain;

/// <summary>How long writers have to wait while we work: the slowest transaction of pgbench, with and without maintenance beside it.</summary>
internal sealed class StallBenchmark : IBenchmark
{
    private const int Seconds = 8;
    private const string Database = "stall_benchmark";
    private const string Ours = "pgbench with Maintenance beside it";
    private const string Alone = "pgbench alone";

    private readonly SandboxService _sandboxes = new(TimeProvider.System);
    private readonly MaintenanceEngine _engine = new();
    private Dictionary<string, string> _environment = [];
    private MaintenanceSandbox? _sandbox;
    private MaintenanceTarget? _target;

    public string Name => "stall";

    public string Title => $"The slowest of all transactions of pgbench (4 clients, {Seconds} s) while its tables are vacuumed, rebuilt, analyzed and looked at.";

    public IReadOnlyList<Goal> Goals => [new(Ours, null, 100)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox");
        _sandbox = await _sandboxes.StartAsync(new SandboxOptions { Name = "stall", PostgresVersion = 15, Scale = 0, ResourcePath = Tools.SandboxResources }, SilentCall.Context, cancellationToken);
        _environment = new Dictionary<string, string>
        {
            ["PGHOST"] = _sandbox.Host,
            ["PGPORT"] = _sandbox.Port.ToString(CultureInfo.InvariantCulture),
            ["PGUSER"] = _sandbox.Username,
            ["PGPASSWORD"] = new NetworkCredential("", _sandbox.Password).Password,
            ["PGDATABASE"] = Database,
        };
        var builder = new NpgsqlConnectionStringBuilder { Host = _sandbox.Host, Port = _sandbox.Port, Database = _sandbox.Database, Username = _sandbox.Username, Password = _environment["PGPASSWORD"] };
        await using (var connection = new NpgsqlConnection(builder.ConnectionString))
        {
            await connection.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand($"CREATE DATABASE {Database}", connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        _target = _sandbox.Target with
        {
            Database = _sandbox.Target.Database! with { Database = Database },
            History = new HistorySettings { Path = Path.Combine(_sandbox.Path, "stall-history", "history.db") },
        };
        tell("filling pgbench's tables");
        if (await Tools.RunAsync("pgbench", ["-i", "-q", "-s", "10"], _environment, cancellationToken) is null)
        {
            return [new Contender(Ours, null, "pgbench is not on the PATH"), new Contender(Alone, null, "pgbench is not on the PATH")];
        }

        var version = await Tools.RunAsync("pgbench", ["--version"], cancellationToken: cancellationToken) ?? "";
        return
        [
            new Contender(Ours, token => MeasureAsync(MaintainAsync, token), $"{typeof(MaintenanceEngine).Assembly.GetName().Version!.ToString(3)}, {version}"),
            new Contender(Alone, token => MeasureAsync(_ => Task.FromResult(0), token), version),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        if (_sandbox is not null)
        {
            await _sandboxes.StopAsync(_sandbox.Id, SilentCall.Context, CancellationToken.None);
        }
    }

    // pgbench writes a line for each transaction, with its time in microseconds third.
    private async Task<Outcome> MeasureAsync(Func<CancellationToken, Task<int>> beside, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("maintenance-stall-");
        try
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var writing = Tools.RunAsync(
                "pgbench", ["-n", "-c", "4", "-j", "1", "-T", Seconds.ToString(CultureInfo.InvariantCulture), "-l", $"--log-prefix={Path.Combine(folder.FullName, "log")}"], _environment, cancellationToken);
            _ = writing.ContinueWith(_ => ended.CancelAsync(), TaskScheduler.Default);
            var actions = await beside(ended.Token);
            _ = await writing ?? throw new InvalidOperationException("pgbench failed.");
            var times = folder.EnumerateFiles("log*").SelectMany(file => File.ReadLines(file.FullName)).Select(line => long.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture)).Order().ToList();
            var median = times[times.Count / 2] / 1000.0;
            return new Outcome(
                null,
                string.Create(CultureInfo.InvariantCulture, $"{times.Count} transactions, median {median:0.0} ms, 99.9 % under {times[(int)(times.Count * 0.999)] / 1000.0:0.0} ms; {actions} actions beside"),
                TimeSpan.FromMicroseconds(times[^1]));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // Everything at once and over again, needed or not, until pgbench has ended: far more than a week's maintenance.
    private async Task<int> MaintainAsync(CancellationToken cancellationToken)
    {
        var done = 0;
        try
        {
            while (true)
            {
                await _engine.Bloat.GetBloatAsync(_target!, new BloatQuery(), SilentCall.Context, cancellationToken);
                var vacuum = new VacuumOptions { All = true, Analyze = VacuumAnalyze.Always };
                var tables = await _engine.Vacuum.PlanAsync(_target!, vacuum, SilentCall.Context, cancellationToken);
                await foreach (var action in _engine.Vacuum.ExecuteAsync(_target!, tables.Actions, vacuum, SilentCall.Context, cancellationToken))
                {
                    done += action.State == StepState.Done ? 1 : 0;
                }

                var reindex = new ReindexOptions { Index = [new DbObjectReference("public.pgbench_accounts_pkey"), new DbObjectReference("public.pgbench_tellers_pkey")] };
                var indexes = await _engine.Reindex.PlanAsync(_target!, reindex, SilentCall.Context, cancellationToken);
                await foreach (var action in _engine.Reindex.ExecuteAsync(_target!, indexes, reindex, SilentCall.Context, cancellationToken))
                {
                    done += action.State == StepState.Done ? 1 : 0;
                }
            }
        }
        catch (OperationCanceledException)
        {
            return done;
        }
    }
}
