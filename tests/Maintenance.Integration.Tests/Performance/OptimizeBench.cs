using Maintenance.Engine.Database;
using Maintenance.Engine.Functions;
using Maintenance.Engine.History;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Inspect.Bloat;
using Maintenance.Engine.Maintain;
using Maintenance.Engine.Performance.Indexes;
using Maintenance.Engine.Performance.Optimize;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Performance;

/// <summary>A database of its own with a table that lacks an index, and a search that finds whatever the test wants.</summary>
internal sealed class OptimizeBench : IAsyncDisposable
{
    public const string Query = "SELECT total FROM orders WHERE customer = $1";

    private readonly TemporaryFolder _folder = new();
    private readonly MaintenanceSandbox _sandbox;
    private readonly string _database = $"optimize_{Guid.NewGuid():n}";
    private readonly List<NpgsqlConnection> _connections = [];
    private readonly DatabaseConnector _connector = new(TimeProvider.System);
    private readonly FunctionService _functions = new(TimeProvider.System);
    private readonly HistoryService _history;

    private OptimizeBench(MaintenanceSandbox sandbox)
    {
        _sandbox = sandbox;
        Target = sandbox.Target.As(database: _database) with { History = new HistorySettings { Path = Path.Combine(_folder.Path, "history.db") }, Functions = null };
        _history = new HistoryService(_connector, TimeProvider.System);
        Service = new OptimizationService(
            _connector, _functions, new VacuumService(_connector, _history, TimeProvider.System), _history, SearchAsync, TimeProvider.System);
    }

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public MaintenanceTarget Target { get; set; }

    public OptimizationService Service { get; }

    /// <summary>The report, of a target whose statements are all fast.</summary>
    public Task<QueryOptimizationReport> ReportAsync(IReadOnlyList<QueryRecommendation>? recommendations = null) =>
        new QueryOptimizationReportService(Service, (_, _, _) => Task.FromResult<IReadOnlyList<SlowQuery>>([]), null!, null!, TimeProvider.System).MakeAsync(Target, recommendations, Calls.To(Sink), Stop);

    /// <summary>Advice about missing indexes.</summary>
    public Task<IReadOnlyList<IndexAdvice>> AdviceAsync() => new IndexAdviceService(_connector, new BloatService(_connector, TimeProvider.System), _history, TimeProvider.System)
        .GetAsync(Target, new IndexAdviceQuery { Kinds = [IndexAdviceKind.Missing] }, Calls.To(Sink), Stop);

    /// <summary>Notes in the history that an index was tried and did not help.</summary>
    public async Task RecordUselessAsync(MissingIndex index, long statement) => await new ActionHistory(_history, TimeProvider.System).RecordAsync(
        Target,
        IndexRecommendation.Action(Target.Name, _database, index, TimeProvider.System.GetUtcNow()) is var action ? action with
        {
            State = StepState.Done,
            Effect = new Dictionary<string, object?>(action.Effect.Concat(PastTrial.EffectOf(false, [statement], new Dictionary<long, StatementCounter>()).Select(pair => KeyValuePair.Create(pair.Key, pair.Value))))
            {
                ["CostGainPercent"] = 90.0, ["CostBefore"] = 100.0, ["CostAfter"] = 10.0, ["MillisecondsBefore"] = 5.0, ["MillisecondsAfter"] = 5.0,
            },
        } : throw new InvalidOperationException(),
        Calls.To(Sink));

    public RecordingSink Sink { get; } = new();

    /// <summary>What the search finds; null for what the real one finds.</summary>
    public IReadOnlyList<MissingIndex>? Found { get; set; } = [];

    /// <summary>What every search after the first finds; null for the same.</summary>
    public IReadOnlyList<MissingIndex>? FoundAgain { get; set; }

    public NpgsqlConnection Admin { get; private set; } = null!;

    public static async Task<OptimizeBench> StartAsync(SandboxFixture fixture, int major, int rows = 100_000)
    {
        var bench = new OptimizeBench(await fixture.PostgresAsync(major));
        await SandboxDatabase.CreateAsync(bench._sandbox, bench._database);
        bench.Admin = await bench.OpenAsync();
        await bench.Admin.ExecuteAsync($"""
            CREATE EXTENSION pg_stat_statements;
            CREATE TABLE orders (id int PRIMARY KEY, customer int NOT NULL, state text NOT NULL, total numeric NOT NULL);
            INSERT INTO orders SELECT n, n % 5000, 'open', n FROM generate_series(1, {rows}) AS n;
            """);
        await bench.Admin.ExecuteAsync("VACUUM ANALYZE orders");
        return bench;
    }

    public async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = await SandboxDatabase.OpenAsync(_sandbox, _database);
        _connections.Add(connection);
        return connection;
    }

    /// <summary>An index that the search says would help.</summary>
    public async Task<MissingIndex> IndexAsync(string name, string key, string query = Query, double calls = 1000, string table = "orders") => new()
    {
        Schema = "public",
        Table = table,
        TableOid = await Admin.ScalarAsync<long>($"SELECT '{table}'::regclass::oid::bigint"),
        TableBytes = 8 << 20,
        Name = name,
        Keys = [key],
        CreateSql = await Admin.ScalarAsync<string>($"SELECT format('CREATE INDEX CONCURRENTLY %I ON public.{table} ({key.Replace("'", "''", StringComparison.Ordinal)})', '{name.Replace("'", "''", StringComparison.Ordinal)}')"),
        Steps = [],
        DropSql = await Admin.ScalarAsync<string>($"SELECT format('DROP INDEX CONCURRENTLY public.%I', '{name.Replace("'", "''", StringComparison.Ordinal)}')"),
        Benefits = [new IndexBenefit(new WorkloadStatement(42, query, calls, calls), 2000, 10)],
        SavedPercent = 60,
        EstimatedBytes = 3 << 20,
        Evidence = IndexEvidence.Estimated,
        Reasons = ["The test says so."],
        IsAdvised = true,
    };

    /// <summary>What the server has counted of the statement that names a table and took the most time.</summary>
    public async Task<WorkloadStatement> CountedAsync(string table)
    {
        await using var command = new NpgsqlCommand($"SELECT queryid, query, calls::float8, total_exec_time, rows::float8 FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query ~ '\\m{table}\\M' ORDER BY calls DESC, total_exec_time DESC LIMIT 1", Admin);
        await using var reader = await command.ExecuteReaderAsync(Stop);
        await reader.ReadAsync(Stop);
        return new WorkloadStatement(reader.GetInt64(0), reader.GetString(1), reader.GetDouble(2), reader.GetDouble(3)) { Rows = reader.GetDouble(4) };
    }

    public Task<IReadOnlyList<QueryRecommendation>> PlanAsync(OptimizationOptions? options = null) =>
        Service.PlanAsync(Target, options ?? new OptimizationOptions(), Calls.To(Sink), Stop);

    /// <summary>Plans and applies; the results about indexes.</summary>
    public async Task<IReadOnlyList<QueryRecommendation>> ApplyAsync(OptimizationOptions? options = null, CancellationToken? cancellationToken = null)
    {
        options ??= new OptimizationOptions();
        var results = new List<QueryRecommendation>();
        var plan = (await PlanAsync(options)).Where(recommendation => recommendation.Kind is RecommendationKind.CreateIndex or RecommendationKind.DropIndex).ToList();
        await foreach (var applied in Service.ApplyAsync(Target, plan, options, Calls.To(Sink), cancellationToken ?? Stop))
        {
            results.Add(applied);
        }

        return results;
    }

    public async Task<IReadOnlyList<DbAction>> HistoryAsync() => (await new ActionHistory(_history, TimeProvider.System).ReadAsync(Target, Calls.To(Sink), Stop)).Actions;

    /// <summary>Notes in the history what a run notes before it builds, as one that was killed right then would have left it.</summary>
    public async Task RecordIntentAsync(MissingIndex index)
    {
        await using var session = await _connector.OpenAsync(Target, new SessionOptions("Test"), Calls.To(Sink), Stop);
        var known = await IndexState.OfTablesAsync(session, [index.TableOid], [], Stop);
        var origin = new BuildOrigin(index.TableOid, index.Schema, index.Name, known.Select(state => state.Oid).ToHashSet());
        await new ActionHistory(_history, TimeProvider.System).RecordAsync(
            Target, InterruptedBuilds.Intent(IndexRecommendation.Action(Target.Name, session.Database, index, TimeProvider.System.GetUtcNow()), origin), Calls.To(Sink));
    }

    private Task<MissingIndexSearch> SearchAsync(DatabaseSession session, IReadOnlyList<WorkloadStatement> workload, double all, CallContext call, CancellationToken cancellationToken)
    {
        if (Found is not { } found)
        {
            return new MissingIndexFinder(TimeProvider.System).SearchAsync(session, workload, new MissingIndexOptions { AllMilliseconds = all }, cancellationToken);
        }

        Found = FoundAgain ?? found;
        return Task.FromResult(new MissingIndexSearch(found, []));
    }

    /// <summary>Names of the table's indexes, and whether they are valid.</summary>
    public Task<string[]> IndexesAsync() => Admin.ScalarAsync<string[]>(
        "SELECT array_agg(relname || CASE WHEN indisvalid THEN '' ELSE ' (invalid)' END ORDER BY relname) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indrelid = 'orders'::regclass");

    public static async Task UntilAsync(Func<Task<bool>> isSo, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60), $"In vain waited: {what}");
            await Task.Delay(10, Stop);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _connector.DisposeAsync();
        _functions.Dispose();
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }

        _folder.Dispose();
        await SandboxDatabase.ExecuteAsync(_sandbox, $"DROP DATABASE IF EXISTS {_database} WITH (FORCE)");
    }
}
