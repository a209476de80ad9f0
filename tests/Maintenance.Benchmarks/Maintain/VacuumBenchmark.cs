using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Maintenance.Engine;
using Maintenance.Engine.Sandbox;
using Npgsql;

namespace Maintenance.Benchmarks.Maintain;

/// <summary>P5: VACUUM and ANALYZE where a quarter of the tables need it.</summary>
internal sealed class VacuumBenchmark : IBenchmark
{
    private const int Tables = 400;
    private const int Dirty = 100;
    private const int Rows = 10_000;
    private const string Database = "vacuum_benchmark";
    private const string Ours = "Maintenance, plan and run, 2 connections";
    private const string Everything = "vacuumdb -j2 -z";
    private const string HandPicked = "VACUUM (ANALYZE) of the 100 by hand, 2 sessions";

    private readonly SandboxService _sandboxes = new(TimeProvider.System);
    private readonly MaintenanceEngine _engine = new();
    private MaintenanceSandbox? _sandbox;
    private MaintenanceTarget? _target;
    private string _connectionString = "";

    public string Name => "p5";

    public string Title => $"Vacuum and analyze when {Dirty} of {Tables} tables need it ({Rows} rows and 2 indexes each, a quarter of the rows updated).";

    public IReadOnlyList<Goal> Goals => [new(Ours, Everything, 0.25), new(Ours, HandPicked, 1.05)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox");
        _sandbox = await _sandboxes.StartAsync(new SandboxOptions { Name = "vacuum", PostgresVersion = 15, Scale = 0, ResourcePath = Tools.SandboxResources }, SilentCall.Context, cancellationToken);
        var password = new NetworkCredential("", _sandbox.Password).Password;
        var builder = new NpgsqlConnectionStringBuilder { Host = _sandbox.Host, Port = _sandbox.Port, Database = _sandbox.Database, Username = _sandbox.Username, Password = password, CommandTimeout = 0 };
        await ExecuteAsync(builder.ConnectionString, $"CREATE DATABASE {Database}", cancellationToken);
        builder.Database = Database;
        _connectionString = builder.ConnectionString;
        _target = _sandbox.Target with { Database = _sandbox.Target.Database! with { Database = Database }, History = new HistorySettings { Path = Path.Combine(_sandbox.Path, "vacuum-history", "history.db") } };

        tell($"making {Tables} tables");
        for (var i = 0; i < Tables; i++)
        {
            await ExecuteAsync(_connectionString, string.Create(CultureInfo.InvariantCulture, $"CREATE TABLE t{i} (id int PRIMARY KEY, k int, v text) WITH (autovacuum_enabled = off); INSERT INTO t{i} SELECT n, n, md5(n::text) || md5((n + 1)::text) FROM generate_series(1, {Rows}) n; CREATE INDEX ON t{i} (k)"), cancellationToken);
        }

        await ExecuteAsync(_connectionString, "VACUUM (ANALYZE)", cancellationToken);
        var environment = new Dictionary<string, string>
        {
            ["PGHOST"] = _sandbox.Host,
            ["PGPORT"] = _sandbox.Port.ToString(CultureInfo.InvariantCulture),
            ["PGUSER"] = _sandbox.Username,
            ["PGPASSWORD"] = password,
            ["PGDATABASE"] = Database,
        };
        var version = $"{typeof(MaintenanceEngine).Assembly.GetName().Version!.ToString(3)}, PostgreSQL {_sandbox.PostgresVersion}";
        return
        [
            new Contender(Ours, token => MeasureAsync(OursAsync, token), version),
            await VacuumDbAsync(Everything, ["-j2", "-z"], environment, cancellationToken),
            await VacuumDbAsync("vacuumdb -j2, without ANALYZE", ["-j2"], environment, cancellationToken),
            new Contender(HandPicked, token => MeasureAsync(ByHandAsync, token), $"Npgsql {typeof(NpgsqlConnection).Assembly.GetName().Version!.ToString(3)}"),
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

    // Makes the same tables dirty, lets somebody clean up, and looks whether all are clean.
    private async Task<Outcome> MeasureAsync(Func<CancellationToken, Task<string>> work, CancellationToken cancellationToken)
    {
        await using (var connection = new NpgsqlConnection(_connectionString))
        {
            await connection.OpenAsync(cancellationToken);
            for (var i = 0; i < Dirty; i++)
            {
                await ExecuteAsync(connection, string.Create(CultureInfo.InvariantCulture, $"UPDATE t{i * (Tables / Dirty)} SET k = k + 1 WHERE id % 4 = 0"), cancellationToken);
            }

            await ExecuteAsync(connection, "SELECT pg_stat_force_next_flush()", cancellationToken);
            await ExecuteAsync(connection, "CHECKPOINT", cancellationToken);
            if (await DirtyAsync(connection, cancellationToken) != Dirty)
            {
                throw new InvalidOperationException("The tables are not as dirty as they should be.");
            }
        }

        var started = Stopwatch.GetTimestamp();
        var note = await work(cancellationToken);
        var elapsed = Stopwatch.GetElapsedTime(started);
        await using var observer = new NpgsqlConnection(_connectionString);
        await observer.OpenAsync(cancellationToken);
        return new Outcome($"{await DirtyAsync(observer, cancellationToken)} of {Dirty} tables still have dead rows", note, elapsed);
    }

    // In a session that is connected already, as the sessions by hand are.
    private async Task<string> OursAsync(CancellationToken cancellationToken)
    {
        var options = new VacuumOptions();
        var started = Stopwatch.GetTimestamp();
        var plan = await _engine.Vacuum.PlanAsync(_target!, options, SilentCall.Context, cancellationToken);
        var planned = Stopwatch.GetElapsedTime(started);
        var done = 0;
        await foreach (var action in _engine.Vacuum.ExecuteAsync(_target!, plan.Actions, options, SilentCall.Context, cancellationToken))
        {
            done += action is { State: StepState.Done, Kind: DbActionKind.Vacuum } && action.Sql.Contains("ANALYZE", StringComparison.Ordinal) ? 1 : 0;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{done} tables, planned in {planned.TotalMilliseconds:0} ms, effects recorded");
    }

    private async Task<string> ByHandAsync(CancellationToken cancellationToken)
    {
        var queue = new ConcurrentQueue<int>(Enumerable.Range(0, Dirty).Select(i => i * (Tables / Dirty)));
        await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ =>
        {
            await using var connection = new NpgsqlConnection(_connectionString);
            await connection.OpenAsync(cancellationToken);
            while (queue.TryDequeue(out var table))
            {
                await ExecuteAsync(connection, string.Create(CultureInfo.InvariantCulture, $"VACUUM (ANALYZE, PARALLEL 0) t{table}"), cancellationToken);
            }
        }));
        return "floor: knows which, measures and records nothing";
    }

    private async Task<Contender> VacuumDbAsync(string name, IReadOnlyList<string> arguments, Dictionary<string, string> environment, CancellationToken cancellationToken)
    {
        // Debian's own starts a script first, which would count.
        var program = Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateFiles("/usr/lib/postgresql", "vacuumdb", SearchOption.AllDirectories).Order(StringComparer.Ordinal).LastOrDefault() ?? "vacuumdb"
            : "vacuumdb";
        if (await Tools.RunAsync(program, ["--version"], cancellationToken: cancellationToken) is not { } version)
        {
            return new Contender(name, null, "vacuumdb is not on this machine");
        }

        return new Contender(
            name,
            token => MeasureAsync(
                async inner => await Tools.RunAsync(program, [.. arguments, "--quiet", "--no-password"], environment, inner) is null ? throw new InvalidOperationException("vacuumdb failed.") : "all tables",
                token),
            version);
    }

    private static async Task<long> DirtyAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_stat_user_tables WHERE n_dead_tup > 0", connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task ExecuteAsync(string connectionString, string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        await ExecuteAsync(connection, sql, cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
