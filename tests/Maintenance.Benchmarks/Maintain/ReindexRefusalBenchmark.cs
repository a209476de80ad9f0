using System.Diagnostics;
using System.Globalization;
using Maintenance.Engine;
using Npgsql;

namespace Maintenance.Benchmarks.Maintain;

/// <summary>P6a: somebody has an old snapshot. How long until the answer, and what is left behind?</summary>
internal sealed class ReindexRefusalBenchmark : IBenchmark
{
    private const string Module = "Maintenance, the refusal";

    private readonly ReindexDatabase _database = new();
    private readonly MaintenanceEngine _engine = new();
    private NpgsqlConnection? _reader;

    public string Name => "p6a";

    public string Title => "Rebuild an index of 21 MB while a reader of another table has an old snapshot.";

    public IReadOnlyList<Goal> Goals => [new(Module, null, 50)];

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell("making an index and an old snapshot");
        await _database.StartAsync("p6a", cancellationToken);
        await _database.ExecuteAsync("CREATE TABLE big (id int PRIMARY KEY); INSERT INTO big SELECT generate_series(1, 1000000); CREATE TABLE other (id int)", cancellationToken);
        _reader = await _database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM other", _reader);
        await command.ExecuteNonQueryAsync(cancellationToken);
        await Task.Delay(ReindexOptions.DefaultMaximumSnapshotAge + TimeSpan.FromSeconds(1), cancellationToken);
        var version = (await Tools.RunAsync("psql", ["--version"], cancellationToken: cancellationToken))?.Split(' ')[2];
        return
        [
            new Contender(Module, RefuseAsync, _database.Version),
            new Contender("Maintenance, the refusal, connection open", RefuseWarmAsync, _database.Version),
            new Contender(
                "psql, lock_timeout 1 s, REINDEX INDEX CONCURRENTLY", version is null ? null : PlainAsync, version ?? "psql is not on the PATH"),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        if (_reader is not null)
        {
            await _reader.DisposeAsync();
        }

        await _engine.DisposeAsync();
        await _database.DisposeAsync();
    }

    private async Task<Outcome> RefuseAsync(CancellationToken cancellationToken)
    {
        // So that connecting counts.
        await _engine.CloseAsync(_database.Target);
        return await RefuseWarmAsync(cancellationToken);
    }

    private async Task<Outcome> RefuseWarmAsync(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var plan = await _engine.Reindex.PlanAsync(_database.Target, new ReindexOptions { Index = [new DbObjectReference("public.big_pkey")] }, SilentCall.Context, cancellationToken);
        watch.Stop();
        var action = plan.Single();
        var names = action.Message.Contains(_reader!.ProcessID.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        return action.State == StepState.Deferred && names
            ? new Outcome($"{action.Error}, {await OrphansAsync(cancellationToken)}", "put off, the holder named", watch.Elapsed)
            : throw new InvalidOperationException($"{action}: {action.Message}");
    }

    private async Task<Outcome> PlainAsync(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        await Tools.RunAsync("psql", ["--no-psqlrc", "-q", "-c", "SET lock_timeout = '1s'", "-c", "REINDEX INDEX CONCURRENTLY big_pkey"], _database.Environment, cancellationToken);
        watch.Stop();
        var left = await OrphansAsync(cancellationToken);
        await _database.ExecuteAsync("DROP INDEX IF EXISTS big_pkey_ccnew", cancellationToken);
        return new Outcome(null, left, watch.Elapsed);
    }

    private Task<string> OrphansAsync(CancellationToken cancellationToken) => _database.ScalarAsync<string>(
        "SELECT count(*) || ' orphans' || coalesce(' of ' || pg_size_pretty(sum(pg_relation_size(indexrelid))), '') FROM pg_index WHERE NOT indisvalid", cancellationToken);
}
