using System.Globalization;
using System.Net;
using Maintenance.Engine;
using Maintenance.Engine.Sandbox;
using Npgsql;

namespace Maintenance.Benchmarks.Performance;

/// <summary>The time that the server spends on a sample of a database with 1,000 tables, as the server itself counts it.</summary>
internal sealed class SampleBenchmark : IBenchmark
{
    private const string FiveMinutes = "PerformanceMetrics, every five minutes";
    private const string Hourly = "PerformanceMetrics, with the hourly parts";

    private readonly SandboxService _sandboxes = new(TimeProvider.System);
    private readonly MaintenanceEngine _engine = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-benchmark-").FullName;
    private MaintenanceSandbox? _sandbox;
    private NpgsqlConnection? _connection;
    private int _round;

    public string Name => "samples";

    public string Title => "Server time of a sample of a database with 1,000 tables (planning and execution, by pg_stat_statements).";

    public IReadOnlyList<Goal> Goals => [new(FiveMinutes, null, 100), new(Hourly, null, 100)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox and building 1,000 tables");
        _sandbox = await _sandboxes.StartAsync(new SandboxOptions { Name = "samples", Scale = 0, ResourcePath = Tools.SandboxResources }, SilentCall.Context, cancellationToken);
        _connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = _sandbox.Host,
            Port = _sandbox.Port,
            Database = _sandbox.Database,
            Username = _sandbox.Username,
            Password = new NetworkCredential("", _sandbox.Password).Password,
            CommandTimeout = 600,
        }.ConnectionString);
        await _connection.OpenAsync(cancellationToken);
        await ExecuteAsync("CREATE EXTENSION IF NOT EXISTS pg_stat_statements", cancellationToken);
        await ExecuteAsync("ALTER SYSTEM SET pg_stat_statements.track_planning = on", cancellationToken);
        await ExecuteAsync("SELECT pg_reload_conf()", cancellationToken);
        for (var first = 0; first < 1000; first += 100)
        {
            await ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $$"""
                DO $$ BEGIN FOR i IN {{first}}..{{first + 99}} LOOP
                    EXECUTE format('CREATE TABLE t%s (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, x text); INSERT INTO t%s (x) SELECT ''x'' FROM generate_series(1, 100); CREATE INDEX ON t%s (x)', i, i, i);
                END LOOP; END $$
                """), cancellationToken);
        }

        await ExecuteAsync("VACUUM ANALYZE", cancellationToken);
        var version = $"PostgreSQL {_sandbox.PostgresVersion}";
        return
        [
            new(FiveMinutes, token => MeasureAsync(hourly: false, token), version),
            new(Hourly, token => MeasureAsync(hourly: true, token), version),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        if (_sandbox is not null)
        {
            await _sandboxes.StopAsync(_sandbox.Id, SilentCall.Context, CancellationToken.None);
        }

        Directory.Delete(_folder, recursive: true);
    }

    // A history of its own, so that everything is due; the hourly parts are known by what they read.
    private async Task<Outcome> MeasureAsync(bool hourly, CancellationToken cancellationToken)
    {
        var target = _sandbox!.Target with { Functions = null, History = new HistorySettings { Path = Path.Combine(_folder, $"{_round++}.db") } };
        await ExecuteAsync("SELECT pg_stat_statements_reset()", cancellationToken);
        var run = await _engine.Tasks.RunAsync(target, "PerformanceMetrics", new(), SilentCall.Context, cancellationToken);
        await using var command = new NpgsqlCommand(
            """
            SELECT sum(total_exec_time + total_plan_time)::float8, count(*),
                   (array_agg(round((total_exec_time + total_plan_time)::numeric, 1) || ' ms: ' || left(regexp_replace(query, '^(--[^\n]*\n)+', ''), 60) ORDER BY total_exec_time + total_plan_time DESC))[1:3]::text
            FROM pg_stat_statements
            WHERE query NOT LIKE '%pg_stat_statements_reset%' AND ($1 OR query !~ 'pg_total_relation_size|pg_sequence_last_value|pg_constraint')
            """, _connection);
        command.Parameters.Add(new() { Value = hourly });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var milliseconds = row.GetDouble(0);
        return new Outcome(null, string.Create(CultureInfo.InvariantCulture, $"{row.GetInt64(1)} statements, whole run {run.Duration.TotalMilliseconds:0} ms, {run.Status}; most of it {row.GetString(2).ReplaceLineEndings(" ")}"), TimeSpan.FromMilliseconds(milliseconds));
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
