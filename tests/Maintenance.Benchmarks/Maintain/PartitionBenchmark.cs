using System.Diagnostics;
using System.Globalization;
using Maintenance.Engine;
using Npgsql;

namespace Maintenance.Benchmarks.Maintain;

/// <summary>P4c: retention of a table in weekly partitions.</summary>
internal sealed class PartitionBenchmark : IBenchmark
{
    private const string Ours = "Maintenance, plan and run";
    private const string Guide = "the guide's INSERT and DELETE";
    private const string Floor = "DETACH CONCURRENTLY and ATTACH by hand";

    // 33 weeks of 60 600 rows, 17 of which end an hour before the cut-off: that hour's rows have to go one by one.
    private const string Pristine = """
        DROP SCHEMA IF EXISTS p4c CASCADE;
        CREATE SCHEMA p4c;
        CREATE TABLE p4c.bounds AS
            SELECT n, date_trunc('hour', now()) - interval '90 days 1 hour' + (n - 17) * interval '7 days' AS since, date_trunc('hour', now()) - interval '90 days 1 hour' + (n - 16) * interval '7 days' AS until
            FROM generate_series(0, 32) AS n;
        CREATE UNLOGGED TABLE p4c.pristine AS
            SELECT gen_random_uuid() AS id, since + i * interval '7 days' / 60600 AS "timestamp", (ARRAY['info', 'warning', 'error', 'critical'])[1 + i % 4] AS severity,
                   'component-' || i % 20 AS component, 'Something went wrong with request ' || md5(i::text) AS message, jsonb_build_object('request', i, 'user', i % 1000) AS context
            FROM p4c.bounds, generate_series(0, 60599) AS i;
        CREATE TABLE p4c.error_logs (id uuid NOT NULL, "timestamp" timestamptz NOT NULL, severity text NOT NULL, component text, message text, context jsonb) PARTITION BY RANGE ("timestamp");
        CREATE INDEX ON p4c.error_logs ("timestamp");
        """;

    private const string Reset = """
        SET client_min_messages = 'error';
        DROP TABLE IF EXISTS p4c.error_logs_archive;
        DO $$
        DECLARE b record;
        BEGIN
            FOR b IN SELECT * FROM p4c.bounds ORDER BY n LOOP
                IF b.n > 17 AND to_regclass('p4c.week_' || b.n) IS NOT NULL THEN CONTINUE; END IF;
                EXECUTE format('DROP TABLE IF EXISTS p4c.%I', 'week_' || b.n);
                EXECUTE format('CREATE TABLE p4c.%I PARTITION OF p4c.error_logs FOR VALUES FROM (%L) TO (%L)', 'week_' || b.n, b.since, b.until);
                EXECUTE format('INSERT INTO p4c.%I SELECT * FROM p4c.pristine WHERE "timestamp" >= %L AND "timestamp" < %L', 'week_' || b.n, b.since, b.until);
            END LOOP;
        END $$;
        """;

    private const string DividedArchive = """
        CREATE TABLE p4c.error_logs_archive (LIKE p4c.error_logs) PARTITION BY RANGE ("timestamp");
        DO $$ BEGIN EXECUTE (SELECT format('CREATE TABLE p4c.archive_17 PARTITION OF p4c.error_logs_archive FOR VALUES FROM (%L) TO (%L)', since, until) FROM p4c.bounds WHERE n = 17); END $$;
        """;

    private readonly ReindexDatabase _database = new();
    private readonly MaintenanceEngine _engine = new();

    public string Name => "p4c";

    public string Title => "Retention of 1.03 of 2 million rows into an archive table, in weekly partitions: 17 are past the 90 days whole, and one hour of the next.";

    public IReadOnlyList<Goal> Goals => [new(Ours, Guide, 0.1)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("starting a sandbox");
        await _database.StartAsync("partitions", cancellationToken);
        tell("making 2 million rows");
        await _database.ExecuteAsync(Pristine, cancellationToken);
        await _database.ExecuteAsync(Reset, cancellationToken);
        await _database.ExecuteAsync("VACUUM (ANALYZE)", cancellationToken);
        tell(await _database.ScalarAsync<string>("SELECT pg_size_pretty(sum(pg_total_relation_size(inhrelid))) FROM pg_inherits WHERE inhparent = 'p4c.error_logs'::regclass", cancellationToken));
        var version = $"{typeof(MaintenanceEngine).Assembly.GetName().Version!.ToString(3)}, {_database.Version}";
        return
        [
            new Contender(Ours, token => MeasureAsync(DividedArchive, OursAsync, token), version),
            new Contender(Guide, token => MeasureAsync("CREATE TABLE p4c.error_logs_archive (LIKE p4c.error_logs)", GuideAsync, token), "into a table without partitions and indexes"),
            new Contender(Floor, token => MeasureAsync(DividedArchive, ByHandAsync, token, isFloor: true), "17 partitions, without the hour; nothing counted or written down"),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _database.DisposeAsync();
    }

    private async Task<Outcome> MeasureAsync(string archive, Func<NpgsqlConnection, CancellationToken, Task<string>> work, CancellationToken cancellationToken, bool isFloor = false)
    {
        await _database.ExecuteAsync(Reset, cancellationToken);
        await _database.ExecuteAsync(archive, cancellationToken);
        await _database.ExecuteAsync("VACUUM (ANALYZE) p4c.error_logs", cancellationToken);
        await _database.ExecuteAsync("CHECKPOINT", cancellationToken);
        await using var connection = await _database.OpenAsync(cancellationToken);
        var started = Stopwatch.GetTimestamp();
        var note = await work(connection, cancellationToken);
        var elapsed = Stopwatch.GetElapsedTime(started);
        var (left, archived) = (
            await _database.ScalarAsync<long>("SELECT count(*) FROM p4c.error_logs WHERE \"timestamp\" < (SELECT until FROM p4c.bounds WHERE n = 16)", cancellationToken),
            await _database.ScalarAsync<long>("SELECT count(*) / 1000 FROM p4c.error_logs_archive", cancellationToken));
        // The cut-off moves on during the hour, so that a few rows more go later.
        return new Outcome(isFloor ? null : string.Create(CultureInfo.InvariantCulture, $"{left} left, {archived} thousand archived"), note, elapsed);
    }

    private async Task<string> OursAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var options = new RetentionOptions
        {
            Policies = [new RetentionPolicy { Table = "p4c.error_logs", TimeColumn = "timestamp", Age = TimeSpan.FromDays(90), Action = RetentionAction.ArchiveToTable, Destination = "p4c.error_logs_archive" }],
        };
        var started = Stopwatch.GetTimestamp();
        var plan = await _engine.Retention.PlanAsync(_database.Target, options, SilentCall.Context, cancellationToken);
        var planned = Stopwatch.GetElapsedTime(started);
        RetentionResult? result = null;
        await foreach (var one in _engine.Retention.ExecuteAsync(_database.Target, plan, options, SilentCall.Context, cancellationToken))
        {
            result = one;
        }

        return result is { State: StepState.Done, Partitions.Count: 17 }
            ? string.Create(CultureInfo.InvariantCulture, $"{result.Rows} rows counted, 17 partitions, {result.Batches} batch(es), planned in {planned.TotalMilliseconds:0} ms")
            : throw new InvalidOperationException($"{result}: {result?.Message} {string.Join(' ', result?.Notes ?? [])}");
    }

    private static async Task<string> GuideAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        foreach (var sql in new[]
        {
            "INSERT INTO p4c.error_logs_archive SELECT * FROM p4c.error_logs WHERE \"timestamp\" < now() - interval '90 days'",
            "DELETE FROM p4c.error_logs WHERE \"timestamp\" < now() - interval '90 days'",
        })
        {
            await ExecuteAsync(connection, sql, cancellationToken);
        }

        return "what is written between the two is lost";
    }

    private static async Task<string> ByHandAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        for (var n = 0; n < 17; n++)
        {
            await using var command = new NpgsqlCommand(string.Create(CultureInfo.InvariantCulture, $"SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = 'p4c.week_{n}'::regclass"), connection);
            var bound = (string)(await command.ExecuteScalarAsync(cancellationToken))!;
            await ExecuteAsync(connection, string.Create(CultureInfo.InvariantCulture, $"ALTER TABLE p4c.error_logs DETACH PARTITION p4c.week_{n} CONCURRENTLY"), cancellationToken);
            await ExecuteAsync(connection, string.Create(CultureInfo.InvariantCulture, $"ALTER TABLE p4c.error_logs_archive ATTACH PARTITION p4c.week_{n} {bound}"), cancellationToken);
        }

        return "floor";
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
