using Maintenance.Engine;
using Maintenance.Engine.Database;
using Maintenance.Engine.Maintain;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Maintain;

/// <summary>A database of its own for one test of rebuilding, with a history, and what the test does behind the module's back.</summary>
internal sealed class ReindexBench : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MaintenanceSandbox _sandbox;
    private readonly string _database;
    private readonly List<NpgsqlConnection> _connections = [];
    private MaintenanceEngine _engine = new();

    private ReindexBench(MaintenanceSandbox sandbox, string database)
    {
        _sandbox = sandbox;
        _database = database;
        Target = sandbox.Target.As(database: database) with { History = new HistorySettings { Path = Path.Combine(_folder.Path, "history.db") } };
    }

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public MaintenanceTarget Target { get; set; }

    public RecordingSink Sink { get; } = new();

    /// <summary>The administrator, as the test.</summary>
    public NpgsqlConnection Admin { get; private set; } = null!;

    public static async Task<ReindexBench> StartAsync(SandboxFixture fixture, int major, string sql = "")
    {
        var sandbox = await fixture.PostgresAsync(major);
        var database = $"reindex_{Guid.NewGuid():n}";
        await SandboxDatabase.CreateAsync(sandbox, database);
        var bench = new ReindexBench(sandbox, database);
        bench.Admin = await bench.OpenAsync();
        if (sql.Length > 0)
        {
            await bench.Admin.ExecuteAsync(sql);
        }

        return bench;
    }

    /// <summary>Another session of the test.</summary>
    public async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = await SandboxDatabase.OpenAsync(_sandbox, _database);
        _connections.Add(connection);
        return connection;
    }

    public Task<IReadOnlyList<DbAction>> PlanAsync(ReindexOptions options) => _engine.Reindex.PlanAsync(Target, options, Calls.To(Sink), Stop);

    public Task<IReadOnlyList<DbAction>> PlanAsync(params string[] indexes) => PlanAsync(Of(indexes));

    public static ReindexOptions Of(params string[] indexes) => new() { Index = [.. indexes.Select(name => new DbObjectReference(name))] };

    /// <summary>Plans and does.</summary>
    public async Task<IReadOnlyList<DbAction>> RunAsync(ReindexOptions options, CancellationToken? cancellationToken = null) =>
        await ExecuteAsync(await PlanAsync(options), options, cancellationToken);

    public Task<IReadOnlyList<DbAction>> RunAsync(params string[] indexes) => RunAsync(Of(indexes));

    public async Task<IReadOnlyList<DbAction>> ExecuteAsync(IReadOnlyList<DbAction> plan, ReindexOptions options, CancellationToken? cancellationToken = null, TimeSpan? timeout = null)
    {
        var results = new List<DbAction>();
        await foreach (var action in _engine.Reindex.ExecuteAsync(Target, plan, options, Calls.To(Sink, timeout), cancellationToken ?? Stop))
        {
            results.Add(action);
        }

        return results;
    }

    /// <summary>What the history says, newest first.</summary>
    public async Task<IReadOnlyList<DbAction>> HistoryAsync() =>
        (await new ActionHistory(_engine.History, TimeProvider.System).ReadAsync(Target, Calls.To(Sink), Stop)).Actions;

    /// <summary>Notes in the history what a run notes before it begins, as one that was killed right then would have left it.</summary>
    public async Task RecordIntentAsync(string index)
    {
        var planned = Assert.Single(await PlanAsync(index));
        await using var connector = new DatabaseConnector(TimeProvider.System);
        await using var session = await connector.OpenAsync(Target, new SessionOptions("Test"), Calls.To(Sink), Stop);
        var states = await IndexState.WithSiblingsAsync(session, [planned.Oid], [], Stop);
        var state = states.Single(state => state.Oid == planned.Oid);
        var origin = new RebuildOrigin(state.TableOid, state.Oid, state.Shape, states.Select(sibling => sibling.Oid).ToHashSet());
        await new ActionHistory(_engine.History, TimeProvider.System).RecordAsync(Target, InterruptedRebuilds.Intent(planned, origin), Calls.To(Sink));
    }

    /// <summary>Names of invalid indexes.</summary>
    public async Task<string[]> InvalidAsync() =>
        await Admin.ScalarAsync<string[]>("SELECT coalesce(array_agg(indexrelid::regclass::text ORDER BY indexrelid::regclass::text), '{}') FROM pg_index WHERE NOT indisvalid");

    /// <summary>Waits until something is so; fails if it does not become so.</summary>
    public static async Task UntilAsync(Func<Task<bool>> isSo, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60), $"In vain waited: {what}");
            await Task.Delay(10, Stop);
        }
    }

    /// <summary>Waits until a rebuild is in a phase.</summary>
    /// <returns>Its server process.</returns>
    public async Task<int> PhaseAsync(string phase, string? command = null)
    {
        var process = 0;
        await UntilAsync(
            async () => (process = await Admin.ScalarAsync<int>(
                $"SELECT coalesce(max(pid), 0) FROM pg_stat_progress_create_index WHERE datname = current_database() AND phase LIKE '{phase}%' AND command LIKE '{command ?? "REINDEX"}%'")) != 0,
            $"for the phase {phase}");
        return process;
    }

    /// <summary>Nothing invalid, no session, no lock, and a history that knows nothing pending.</summary>
    public async Task AssertNothingIsLeftAsync()
    {
        Assert.Empty(await InvalidAsync());
        Assert.DoesNotContain(
            (await HistoryAsync()).DistinctBy(action => (action.Name, action.StartedAt)),
            action => action.State == StepState.Planned || action.Effect.GetValueOrDefault("CleanUp") is "Pending");
        await _engine.DisposeAsync();
        _engine = new MaintenanceEngine();
        await UntilAsync(
            async () => await Admin.ScalarAsync<long>(
                "SELECT (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'Maintenance/%')"
                + " + (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND classid <> 0 AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))") == 0,
            "for our sessions and locks to go");
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }

        _folder.Dispose();
        await SandboxDatabase.ExecuteAsync(_sandbox, $"DROP DATABASE IF EXISTS {_database} WITH (FORCE)");
    }
}
