using System.Diagnostics;
using System.Globalization;
using System.Net;
using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statements;
using Maintenance.Engine.Sandbox;
using Npgsql;

namespace Maintenance.Benchmarks.Performance;

/// <summary>P10: what 5,000 statements did since the last look, kept in the history.</summary>
internal sealed class SlowQueryBenchmark : IBenchmark
{
    private const int Statements = 5000;
    private const string Ours = "difference of 5,000 statements, no reset";
    private const string Kept = "the same, kept in the history (SQLite, flushed to disk)";
    private const string Peer = "as pghero's capture_query_stats does: 100 statements and a reset";

    // Thirteen conditions, each with one of two operators: so many statements, with texts as long as ordinary ones. As on any server the same ones
    // take the most time each time; if it were others every time, ours would fetch texts every time.
    private const string Populate = """
        SET pg_stat_statements.track = 'all';
        DO $$
        DECLARE
            conditions text;
        BEGIN
            FOR i IN 1..5000 LOOP
                SELECT string_agg(format('c%s %s 1', n, CASE WHEN i & (1 << n) = 0 THEN '=' ELSE '>' END), ' AND ' ORDER BY n) INTO conditions FROM generate_series(0, 12) n;
                FOR again IN 1..CASE WHEN i <= 200 THEN 10 ELSE 1 END LOOP
                    EXECUTE 'SELECT count(*), sum(c0), sum(c1), sum(c2), sum(c3), sum(c4), sum(c5), sum(c6) FROM shapes WHERE ' || conditions;
                END LOOP;
            END LOOP;
        END
        $$
        """;

    // Written from what its documentation and schema say of it: the statements of the connected database that took the most time, with text and
    // role; then a reset; then one row for each in its table.
    private const string Capture = """
        SELECT s.query, s.queryid, r.rolname, s.total_plan_time + s.total_exec_time AS total_time, s.calls
        FROM pg_stat_statements s
        JOIN pg_database d ON d.oid = s.dbid
        JOIN pg_roles r ON r.oid = s.userid
        WHERE s.calls > 0 AND d.datname = current_database()
        ORDER BY 4 DESC
        LIMIT 100
        """;

    private readonly SandboxService _sandboxes = new(TimeProvider.System);
    private readonly DatabaseConnector _connector = new(TimeProvider.System);
    private readonly StatementSampler _sampler = new();
    private MaintenanceSandbox? _sandbox;
    private IHistoryStore? _store;
    private MaintenanceTarget? _target;
    private string? _folder;

    public string Name => "p10";

    public string Title => "What 5,000 rows of pg_stat_statements did since the last look: read, compared and kept.";

    public IReadOnlyList<Goal> Goals => [new(Ours, Peer, 1), new(Kept, Peer, 1)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox");
        _sandbox = await _sandboxes.StartAsync(new SandboxOptions { Name = "p10", Scale = 0, ResourcePath = Tools.SandboxResources }, SilentCall.Context, cancellationToken);
        _folder = Directory.CreateTempSubdirectory("maintenance-p10-").FullName;
        _target = _sandbox.Target with { History = new HistorySettings { Kind = HistoryKind.Sqlite, Path = Path.Combine(_folder, "history.db") } };
        _store = new HistoryService(_connector, TimeProvider.System).StoreOf(_target, SilentCall.Context)!;
        await ExecuteAsync(
            "CREATE TABLE shapes AS SELECT " + string.Join(", ", Enumerable.Range(0, 13).Select(n => $"1 AS c{n}")) + "; CREATE TABLE captured (database text, \"user\" text, query text, query_hash bigint, total_time float8, calls bigint, captured_at timestamptz)",
            cancellationToken);
        return [new Contender(Ours, CompareAsync, $"PostgreSQL {_sandbox.PostgresVersion}"), new Contender(Kept, SampleAsync, $"PostgreSQL {_sandbox.PostgresVersion}"), new Contender(Peer, CaptureAsync, "an equivalent, written from its documentation")];
    }

    public async ValueTask DisposeAsync()
    {
        await _connector.DisposeAsync();
        if (_sandbox is not null)
        {
            await _sandboxes.StopAsync(_sandbox.Id, SilentCall.Context, CancellationToken.None);
        }

        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    // The last look is not measured, as it was taken five minutes ago; opening the connection is, for both.
    private async Task<Outcome> SampleAsync(CancellationToken cancellationToken)
    {
        await ExecuteAsync(Populate, cancellationToken);
        await TakeAsync(cancellationToken);
        await ExecuteAsync(Populate, cancellationToken);
        var (server, started) = (await ServerTimeAsync(cancellationToken), Stopwatch.GetTimestamp());
        var sample = await TakeAsync(cancellationToken);
        var elapsed = Stopwatch.GetElapsedTime(started);
        var read = StatementSample.Read(sample!.Payload);
        var calls = read.Statements.Values.Sum(counts => counts.Calls) + read.Others.Calls;
        var executed = await ServerTimeAsync(cancellationToken) - server;
        return calls < Statements || read.Statements.Count != StatementRanking.Kept || read.Incomplete is not null
            ? throw new InvalidOperationException($"The sample has {calls} calls of {read.Statements.Count} statements, and says '{read.Incomplete}'.")
            : new Outcome(null, string.Create(CultureInfo.InvariantCulture, $"{calls} calls; {executed:0.#} ms in the server's executor"), elapsed);
    }

    // What Get-DbSlowQuery does where the last sample is young.
    private async Task<Outcome> CompareAsync(CancellationToken cancellationToken)
    {
        await ExecuteAsync(Populate, cancellationToken);
        await TakeAsync(cancellationToken);
        await ExecuteAsync(Populate, cancellationToken);
        var started = Stopwatch.GetTimestamp();
        var last = await new StatementHistory(_store!, _target!.Name).ReadAsync(cancellationToken);
        await using var session = await _connector.OpenAsync(_target, new SessionOptions("p10"), SilentCall.Context, cancellationToken);
        var difference = StatementDifference.Between(last!.Reading, await new StatementReader(session).ReadAsync(TimeProvider.System.GetUtcNow(), cancellationToken));
        var elapsed = Stopwatch.GetElapsedTime(started);
        return difference.Incomplete is null && difference.Counts.Count >= Statements
            ? new Outcome(null, string.Create(CultureInfo.InvariantCulture, $"{difference.Counts.Count} statements"), elapsed)
            : throw new InvalidOperationException($"{difference.Counts.Count} statements differ, and it says '{difference.Incomplete}'.");
    }

    private async Task<Sample?> TakeAsync(CancellationToken cancellationToken)
    {
        await using var session = await _connector.OpenAsync(_target!, new SessionOptions("p10"), SilentCall.Context, cancellationToken);
        var sample = await _sampler.TakeAsync(new SampleContext(session, _store!, TimeProvider.System.GetUtcNow(), SilentCall.Context), cancellationToken);
        if (sample is not null)
        {
            await _store!.RecordAsync(sample, cancellationToken);
        }

        return sample;
    }

    private async Task<Outcome> CaptureAsync(CancellationToken cancellationToken)
    {
        await ExecuteAsync(Populate, cancellationToken);
        var started = Stopwatch.GetTimestamp();
        await using var connection = await OpenAsync(cancellationToken);
        var rows = new List<(string Query, long Id, string Role, double Time, long Calls)>();
        await using (var command = new NpgsqlCommand(Capture, connection))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                rows.Add((reader.GetString(0), reader.GetInt64(1), reader.GetString(2), reader.GetDouble(3), reader.GetInt64(4)));
            }
        }

        await using (var reset = new NpgsqlCommand("SELECT pg_stat_statements_reset()", connection))
        {
            await reset.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var insert = new NpgsqlCommand("INSERT INTO captured SELECT current_database(), r, q, h, t, c, now() FROM unnest($1::text[], $2::text[], $3::bigint[], $4::float8[], $5::bigint[]) AS u (r, q, h, t, c)", connection))
        {
            insert.Parameters.Add(new() { Value = rows.Select(row => row.Role).ToArray() });
            insert.Parameters.Add(new() { Value = rows.Select(row => row.Query).ToArray() });
            insert.Parameters.Add(new() { Value = rows.Select(row => row.Id).ToArray() });
            insert.Parameters.Add(new() { Value = rows.Select(row => row.Time).ToArray() });
            insert.Parameters.Add(new() { Value = rows.Select(row => row.Calls).ToArray() });
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }

        return rows.Count == 100
            ? new Outcome(null, "100 statements, the others lost", Stopwatch.GetElapsedTime(started))
            : throw new InvalidOperationException($"It captured {rows.Count} statements.");
    }

    // What our statements have taken so far, by the server's own counting.
    private async Task<double> ServerTimeAsync(CancellationToken cancellationToken) => Convert.ToDouble(
        await ExecuteAsync($"SELECT coalesce(sum(total_exec_time), 0) FROM pg_stat_statements WHERE query LIKE '%{SqlText.Mark}%'", cancellationToken), CultureInfo.InvariantCulture);

    private async Task<object?> ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = _sandbox!.Host,
            Port = _sandbox.Port,
            Database = _sandbox.Database,
            Username = _sandbox.Username,
            Password = new NetworkCredential("", _sandbox.Password).Password,
        }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }
}
