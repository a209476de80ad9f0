using System.Diagnostics;
using System.Globalization;
using Maintenance.Engine;
using Npgsql;

namespace Maintenance.Benchmarks.Maintain;

/// <summary>P6: 400 of 1,600 indexes are bloated. Rebuild them, with and without four writers.</summary>
internal sealed class ReindexBenchmark : IBenchmark
{
    private const int Tables = 400;
    private const int BloatedTables = 100;
    private const int Writers = 4;
    private const string Module = "Maintenance, the bloated ones, -Parallel 2";
    private const string Concurrently = "reindexdb --concurrently -j2, all";

    private readonly ReindexDatabase _database = new();
    private readonly MaintenanceEngine _engine = new();

    public string Name => "p6";

    public string Title => "Rebuild what is bloated: 400 of 1,600 b-trees on 400 tables, 2 at a time.";

    public IReadOnlyList<Goal> Goals => [new(Module, Concurrently, 1 / 3.5)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("making 1,600 indexes");
        await _database.StartAsync("p6", cancellationToken);
        await _database.ExecuteAsync(
            $"""
            CREATE SCHEMA bench;
            DO $$ BEGIN FOR n IN 1..{Tables} LOOP
                EXECUTE format('CREATE TABLE bench.t%s (id int PRIMARY KEY, a int, b text, c timestamptz) WITH (autovacuum_enabled = off)', n);
                EXECUTE format('CREATE INDEX ON bench.t%s (a)', n);
                EXECUTE format('CREATE INDEX ON bench.t%s (b)', n);
                EXECUTE format('CREATE INDEX ON bench.t%s (c, a)', n);
                EXECUTE format('INSERT INTO bench.t%s SELECT g, g * 7 %% 1000, md5(g::text), now() - g * interval ''1 minute'' FROM generate_series(1, 1000) AS g', n);
                IF n % 50 = 0 THEN COMMIT; END IF;
            END LOOP; END $$
            """,
            cancellationToken);
        var version = (await Tools.RunAsync("reindexdb", ["--version"], cancellationToken: cancellationToken))?.Split(' ')[2];
        return
        [
            new Contender(Module, token => MeasureAsync(RebuildAsync, writers: false, token), _database.Version),
            new Contender($"{Module}, with {Writers} writers", token => MeasureAsync(RebuildAsync, writers: true, token), _database.Version),
            Peer(Concurrently, version, writers: false, "--concurrently", "-j2"),
            Peer($"{Concurrently}, with {Writers} writers", version, writers: true, "--concurrently", "-j2"),
            Peer("reindexdb -j2, all, blocks writers", version, writers: false, "-j2"),
            Peer($"reindexdb -j2, all, with {Writers} writers", version, writers: true, "-j2"),
            new Contender($"floor: {Writers} writers alone, 2 s", token => MeasureAsync(inner => Task.Delay(TimeSpan.FromSeconds(2), inner), writers: true, token, isFloor: true), ""),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _database.DisposeAsync();
    }

    private Contender Peer(string name, string? version, bool writers, params string[] options) => new(
        name,
        version is null ? null : token => MeasureAsync(inner => ReindexDbAsync(options, inner), writers, token),
        version ?? "reindexdb is not on the PATH");

    private async Task ReindexDbAsync(string[] options, CancellationToken cancellationToken) =>
        _ = await Tools.RunAsync("reindexdb", [.. options, "--schema=bench", "--no-password"], _database.Environment, cancellationToken)
            ?? throw new InvalidOperationException("reindexdb failed.");

    private async Task RebuildAsync(CancellationToken cancellationToken)
    {
        var options = new ReindexOptions { Index = await BloatedAsync(cancellationToken), Parallel = 2 };
        var plan = await _engine.Reindex.PlanAsync(_database.Target, options, SilentCall.Context, cancellationToken);
        await foreach (var action in _engine.Reindex.ExecuteAsync(_database.Target, plan, options, SilentCall.Context, cancellationToken))
        {
            if (action.State != StepState.Done)
            {
                throw new InvalidOperationException($"{action}: {action.Message}");
            }
        }
    }

    // What Get-DbBloat would hand over: the time to find it is p3's.
    private async Task<IReadOnlyList<DbObjectReference>> BloatedAsync(CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            $"SELECT indexrelid::bigint FROM pg_index WHERE indrelid IN (SELECT to_regclass('bench.t' || n)::oid FROM generate_series(1, {BloatedTables}) AS n)", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<DbObjectReference>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new DbObjectReference(reader.GetInt64(0)));
        }

        return found;
    }

    private async Task<Outcome> MeasureAsync(Func<CancellationToken, Task> work, bool writers, CancellationToken cancellationToken, bool isFloor = false)
    {
        await BloatAsync(cancellationToken);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = writers ? Enumerable.Range(0, Writers).Select(number => Task.Run(() => WriteAsync(number, enough.Token), cancellationToken)).ToArray() : [];
        var watch = Stopwatch.StartNew();
        await work(cancellationToken);
        watch.Stop();
        await enough.CancelAsync();
        var worst = writing.Length == 0 ? (TimeSpan?)null : (await Task.WhenAll(writing)).Max();
        var invalid = await _database.ScalarAsync<long>("SELECT count(*) FROM pg_index WHERE NOT indisvalid", cancellationToken);
        var stall = worst is { } slowest ? string.Create(CultureInfo.InvariantCulture, $"; slowest write {slowest.TotalMilliseconds:0} ms") : "";
        var bloated = await StillBloatedAsync(cancellationToken);
        return new Outcome(
            isFloor ? null : string.Create(CultureInfo.InvariantCulture, $"{invalid} invalid, {bloated} still bloated"),
            $"{invalid} invalid left{stall}",
            watch.Elapsed);
    }

    private Task<long> StillBloatedAsync(CancellationToken cancellationToken) => _database.ScalarAsync<long>(
        $"""
        SELECT count(*) FROM pg_index
        WHERE indrelid IN (SELECT to_regclass('bench.t' || n)::oid FROM generate_series(1, {BloatedTables}) AS n) AND pg_relation_size(indexrelid) > 120000
        """,
        cancellationToken);

    // Grows the tables and takes the new rows out again: VACUUM gives the tables' ends back, while the indexes keep their pages.
    private async Task BloatAsync(CancellationToken cancellationToken)
    {
        await _database.ExecuteAsync(
            $"""
            DO $$ BEGIN FOR n IN 1..{BloatedTables} LOOP
                EXECUTE format('INSERT INTO bench.t%s SELECT 10000 + g, g, md5(g::text), now() + g * interval ''1 minute'' FROM generate_series(1, 5000) AS g', n);
                EXECUTE format('DELETE FROM bench.t%s WHERE id > 10000', n);
            END LOOP; END $$
            """,
            cancellationToken);
        await _database.ExecuteAsync($"VACUUM {string.Join(", ", Enumerable.Range(1, BloatedTables).Select(n => $"bench.t{n}"))}", cancellationToken);
    }

    /// <summary>Updates rows of all tables until it is told to stop.</summary>
    /// <returns>The longest that one update took.</returns>
    private async Task<TimeSpan> WriteAsync(int number, CancellationToken cancellationToken)
    {
        var worst = TimeSpan.Zero;
        await using var connection = await _database.OpenAsync(CancellationToken.None);
        for (var n = number; !cancellationToken.IsCancellationRequested; n += Writers)
        {
            await using var command = new NpgsqlCommand($"UPDATE bench.t{(n % Tables) + 1} SET a = a + 1 WHERE id = {(n % 1000) + 1}", connection);
            var watch = Stopwatch.StartNew();
            await command.ExecuteNonQueryAsync(CancellationToken.None);
            worst = watch.Elapsed > worst ? watch.Elapsed : worst;
        }

        return worst;
    }
}
