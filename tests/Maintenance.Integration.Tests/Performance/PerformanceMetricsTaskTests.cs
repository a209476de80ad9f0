using System.Globalization;
using Maintenance.Engine;
using Maintenance.Engine.Database;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statements;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Performance;

/// <summary>The five-minute sample against real servers. Each test has a database and a history of its own.</summary>
public sealed class PerformanceMetricsTaskTests(SandboxFixture fixture) : IAsyncDisposable
{
    private static readonly TimeSpan FiveMinutes = TimeSpan.FromMinutes(5);
    private readonly TemporaryFolder _folder = new();
    private readonly MaintenanceEngine _engine = new();
    private MaintenanceSandbox? _sandbox;
    private string? _database;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        if (_database is not null)
        {
            await SandboxDatabase.ExecuteAsync(_sandbox!, $"DROP DATABASE IF EXISTS {_database} WITH (FORCE)");
        }

        _folder.Dispose();
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Two_samples_tell_sizes_sessions_rates_tables_and_keys(int major)
    {
        var target = await TargetAsync(major, $"sampled{major}");
        await ExecuteAsync("CREATE EXTENSION IF NOT EXISTS pg_stat_statements; CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, x text); CREATE TABLE k (id bigint PRIMARY KEY); INSERT INTO k VALUES (41), (42); INSERT INTO t (x) SELECT repeat('x', 100) FROM generate_series(1, 1000)");
        var first = await RunAsync(target);
        // Without a single rate nobody knows whether all is well.
        Assert.Equal(["Throughput", "Statements"], first.Steps.Where(step => step.Status != HealthStatus.Ok).Select(step => step.Name));
        Assert.Equal(HealthStatus.Unknown, first.Status);
        Assert.DoesNotContain(first.Metrics, metric => metric.Name == "transactions_per_second");
        Assert.Equal((StepState.Skipped, HealthStatus.Unknown, "First reading: figures come from the next run on."), (Step(first, "Throughput").State, Step(first, "Throughput").Status, Step(first, "Throughput").Message));

        var moment = await RunAsync(target);
        // Nothing was looked at: that is not known to be well, and no news either.
        Assert.Equal((HealthStatus.Unknown, StepState.Skipped, 0), (moment.Status, Assert.Single(moment.Steps).State, moment.Metrics.Count));
        Assert.Contains("No figure was taken: the last sample is of", moment.Message, StringComparison.Ordinal);
        Assert.Empty(moment.Artifacts);

        await AgeAsync(target);
        await ExecuteAsync("SELECT count(*) FROM t; SELECT count(*) FROM k; SELECT pg_sleep(1.1)");
        await ExecuteAsync("SELECT count(*) FROM t");
        var second = await RunAsync(target);
        Assert.Empty(second.Artifacts);
        Assert.Empty(second.Steps.Where(step => step.Status != HealthStatus.Ok).Select(step => $"{step.Name}: {step.Message}"));
        Assert.Equal(HealthStatus.Ok, second.Status);
        Assert.StartsWith($"PerformanceMetrics: {second.Metrics.Count} figures stored, none past its limit. Requests: There is no log of requests", second.Message, StringComparison.Ordinal);
        Assert.Contains("not watched on purpose (Errors in excludedComponents)", second.Message, StringComparison.Ordinal);
        foreach (var name in new[] { "transactions_per_second", "rollbacks_per_second", "wal_bytes_per_second", "deadlocks_per_day", "avg_query_time", "calls_per_second", "slow_queries_count" })
        {
            Assert.True(second.Metrics.Single(metric => metric.Name == name).Value is >= 0 and < 1e9, name);
        }

        Assert.Equal(1, second.Metrics.Single(metric => metric.Name == "slow_queries_count").Value);
        var series = (await _engine.Samples.ReadAsync(target, _ => true, DateTimeOffset.UnixEpoch.AddDays(1), DateTimeOffset.MaxValue, Calls.Silent(), Token)).ToLookup(sample => sample.Metric);
        Assert.Equal(2, series["database_size_bytes"].Count());
        Assert.Equal(5, (series["calls_per_second"].Single().To - series["calls_per_second"].Single().From).TotalMinutes, 0.5);
        Assert.True(series["public.t"].Single().Mean > 100_000);
        Assert.Equal((1000, 42), (series["public.t_id_seq"].Single().Mean, series["public.k.id"].Single().Mean));

        // What it costs the history: one run, however often it is asked.
        var runs = new List<MaintenanceRun>();
        await foreach (var run in _engine.History.ReadAsync(target, new HistoryQuery(), Calls.Silent(), Token))
        {
            runs.Add(run);
        }

        Assert.Equal(first.Id, Assert.Single(runs).Id);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task After_a_reset_the_rates_are_missing_once_and_never_negative(int major)
    {
        var target = await TargetAsync(major, $"reset{major}");
        await RunAsync(target);
        await AgeAsync(target);
        await ExecuteAsync("SELECT pg_stat_reset()");
        var reset = await RunAsync(target);
        Assert.DoesNotContain(reset.Metrics, metric => metric.Name == "transactions_per_second");
        Assert.Contains(reset.Metrics, metric => metric.Name == "wal_bytes_per_second");
        Assert.Contains("reset", Step(reset, "Throughput").Message, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Warning, Step(reset, "Throughput").Status);
        await AgeAsync(target);
        Assert.True((await RunAsync(target)).Metrics.Single(metric => metric.Name == "transactions_per_second").Value >= 0);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Without_the_extension_and_without_pg_monitor_the_rest_is_sampled_and_what_to_grant_is_said(int major)
    {
        var target = await TargetAsync(major, $"poor{major}");
        await ExecuteAsync($"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sample_poor') THEN CREATE ROLE sample_poor LOGIN PASSWORD 'poor'; END IF; END $$");
        var run = await RunAsync(target.As("sample_poor", "poor"));
        var statements = Step(run, "Statements");
        Assert.Equal((HealthStatus.Unknown, MaintenanceErrorCode.ExtensionMissing), (statements.Status, statements.Error));
        // It does not come with the next run, and running more often is no remedy.
        Assert.DoesNotContain("next run", statements.Message, StringComparison.Ordinal);
        var gap = Assert.Single((await _engine.PerformanceBaselines.MeasureAsync(target, new BaselineQuery { Sources = [BaselineSource.Statements] }, Calls.Silent(), Token)).Gaps);
        Assert.Equal((MaintenanceErrorCode.ExtensionMissing, true), (gap.Error, gap.IsAbsent));
        Assert.Contains("CREATE EXTENSION", gap.Recommendation, StringComparison.Ordinal);
        Assert.DoesNotContain("every five minutes", gap.Recommendation, StringComparison.Ordinal);
        var sessions = Step(run, "Sessions");
        Assert.Equal((HealthStatus.Warning, MaintenanceErrorCode.PermissionDenied, "Run as an administrator: GRANT pg_monitor TO sample_poor;"), (sessions.Status, sessions.Error, sessions.Recommendation));
        Assert.Contains(run.Metrics, metric => metric.Name == "connections" && metric.Value >= 0);
        Assert.DoesNotContain(run.Metrics, metric => metric.Name == "active_sessions");

        // What failed is tried again before the next sample is due; that no figure was taken is told all the same.
        var moment = await RunAsync(target.As("sample_poor", "poor"));
        Assert.Equal(["Sampling", "Single statements"], moment.Steps.Select(step => step.Name).Order(StringComparer.Ordinal));
        Assert.Contains("No figure was taken", Step(moment, "Sampling").Message, StringComparison.Ordinal);
        Assert.Empty(moment.Artifacts);
    }

    [Fact]
    public async Task What_is_neither_configured_nor_left_out_on_purpose_is_unknown()
    {
        var target = await TargetAsync(15, "unconfigured15");
        var run = await RunAsync(target with { ExcludedComponents = [] });
        Assert.All([Step(run, "Requests"), Step(run, "Bandwidth")], step => Assert.Equal((HealthStatus.Unknown, StepState.Skipped, MaintenanceErrorCode.NotConfigured), (step.Status, step.State, step.Error)));
        Assert.Contains("list Errors in excludedComponents", Step(run, "Requests").Recommendation, StringComparison.Ordinal);
        Assert.Contains("list Functions in excludedComponents", Step(run, "Bandwidth").Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_history_or_a_database_the_run_says_so_and_people_are_told_once_an_hour()
    {
        var target = await TargetAsync(15, "nohistory15");
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "file"), "no database", Token);
        var unwritable = await RunAsync(target with { History = target.History with { Path = Path.Combine(_folder.Path, "file") } });
        Assert.Equal((HealthStatus.Unknown, StepState.Failed), (unwritable.Status, Step(unwritable, "Samples").State));
        Assert.NotEmpty(unwritable.Artifacts);
        Assert.Empty((await RunAsync(target with { History = target.History with { Path = Path.Combine(_folder.Path, "file") } })).Artifacts);

        var away = await RunAsync(target with { Database = target.Database! with { Port = 1 } });
        Assert.Equal((HealthStatus.Unknown, MaintenanceErrorCode.DatabaseUnreachable), (Step(away, "Database").Status, Step(away, "Database").Error));
    }

    // Whoever measures every five minutes keeps sessions ready: they would be the load of a server that nobody uses.
    [Theory]
    [InlineData(15, "Performance/Samples/Sql/Sessions.13.sql", 0)]
    [InlineData(15, "Performance/Samples/Sql/Sessions.14.sql", 0)]
    [InlineData(18, "Performance/Samples/Sql/Sessions.14.sql", 0)]
    [InlineData(18, "Performance/Capacity/Sql/CapacityServer.sql", 3)]
    public async Task Sessions_of_this_module_are_no_load(int major, string sql, int column)
    {
        await TargetAsync(major, $"ownload{major}{(uint)sql.GetHashCode(StringComparison.Ordinal)}");
        await using var ready = await SandboxDatabase.OpenAsync(_sandbox!, _database!);
        await ready.ExecuteAsync("SET application_name = 'Maintenance'");
        await using var working = await SandboxDatabase.OpenAsync(_sandbox!, _database!);
        await working.ExecuteAsync("SET application_name = 'Maintenance/PerformanceMetrics'");
        await using var other = await SandboxDatabase.OpenAsync(_sandbox!, _database!);
        await other.ExecuteAsync("SET application_name = 'Maintenance of the shop'");

        // Within a transaction the server shows the same sessions to all.
        await using var transaction = await working.BeginTransactionAsync(Token);
        await using var command = new NpgsqlCommand(SqlText.Read(sql), working, transaction);
        double counted;
        await using (var reader = await command.ExecuteReaderAsync(Token))
        {
            Assert.True(await reader.ReadAsync(Token));
            counted = Convert.ToDouble(reader.GetValue(column), CultureInfo.InvariantCulture);
        }

        var all = await working.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'");
        var own = await working.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND (application_name = 'Maintenance' OR application_name LIKE 'Maintenance/%')");
        Assert.True(own >= 2);
        Assert.Equal(all - own, counted);
    }

    [Fact]
    public async Task Two_at_once_take_one_sample()
    {
        var target = await TargetAsync(15, "twice15");
        var both = await Task.WhenAll(TryAsync(), TryAsync());
        Assert.InRange(both.Count(code => code is null), 1, 2);
        Assert.All(both, code => Assert.True(code is null or MaintenanceErrorCode.AlreadyRunning));
        Assert.Single(await _engine.Samples.ReadAsync(target, name => name == "connections", DateTimeOffset.UnixEpoch.AddDays(1), DateTimeOffset.MaxValue, Calls.Silent(), Token));

        async Task<MaintenanceErrorCode?> TryAsync()
        {
            try
            {
                await RunAsync(target);
                return null;
            }
            catch (MaintenanceException exception)
            {
                return exception.Code;
            }
        }
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Baselines_of_statements_are_of_the_work_of_this_database_and_say_what_each_does(int major)
    {
        var target = await TargetAsync(major, $"worked{major}");
        await ExecuteAsync("CREATE EXTENSION IF NOT EXISTS pg_stat_statements; CREATE TABLE work (" + string.Join(", ", Enumerable.Range(0, 70).Select(number => $"c{number} int")) + ")");
        await RunAsync(target);
        for (var round = 0; round < 2; round++)
        {
            await AgeAsync(target);
            // More than a sample keeps the texts of.
            await ExecuteAsync(string.Join(';', Enumerable.Range(0, 70).Select(number => $"SELECT c{number} FROM work")));
            await ExecuteAsync("VACUUM work");
            await SandboxDatabase.ExecuteAsync(_sandbox!, "SELECT pg_sleep(0.02) AS elsewhere", "postgres");
            await RunAsync(target);
        }

        var update = await _engine.PerformanceBaselines.MeasureAsync(target, new BaselineQuery { Sources = [BaselineSource.Statements] }, Calls.Silent(), Token);
        Assert.Empty(update.Gaps);
        var statements = update.Baselines.Where(baseline => baseline.Subject is not null).ToList();
        Assert.All(statements, baseline => Assert.NotNull(baseline.Text));
        Assert.Equal(70, statements.Count(baseline => baseline.Text!.StartsWith("SELECT c", StringComparison.Ordinal) && baseline.Text.EndsWith("FROM work", StringComparison.Ordinal)));
        Assert.Single(statements.Select(baseline => StatementKey.Parse(baseline.Subject!)!.Value.DatabaseId).Distinct());
        Assert.All(statements, baseline => Assert.DoesNotMatch(@"pg_type|DISCARD|VACUUM|set_config|elsewhere|pg_stat_statements\(", baseline.Text!));
    }

    // Through a pooler there is no lock that would keep one away: an agent and a person sample at the same moment, from the same memory of what was before.
    [Theory]
    [InlineData(HistoryKind.Sqlite)]
    [InlineData(HistoryKind.Postgres)]
    public async Task Two_machines_at_once_without_a_lock_count_nothing_twice(HistoryKind history)
    {
        var target = await TargetAsync(15, $"machines{history}".ToLowerInvariant()) with { History = new HistorySettings { Kind = history, Path = history == HistoryKind.Sqlite ? Path.Combine(_folder.Path, "history.db") : null } };
        await ExecuteAsync("CREATE EXTENSION IF NOT EXISTS pg_stat_statements; CREATE TABLE t (x int); CREATE TABLE k (id int PRIMARY KEY); INSERT INTO k VALUES (7)");
        await using var other = new MaintenanceEngine();
        await BothAsync();
        for (var round = 0; round < 2; round++)
        {
            await AgeAsync(target);
            for (var call = 0; call < 20; call++)
            {
                await ExecuteAsync("SELECT pg_sleep(0.03) AS counted_twice");
            }

            await BothAsync();
        }

        var series = (await _engine.Samples.ReadAsync(target, _ => true, DateTimeOffset.UnixEpoch.AddDays(1), DateTimeOffset.MaxValue, Calls.Silent(), Token)).ToLookup(sample => sample.Metric);
        Assert.Equal((3, 2, 1, 1), (series["connections"].Count(), series["transactions_per_second"].Count(), series["public.t"].Count(), series["public.k.id"].Count()));
        Assert.All(series["transactions_per_second"].Concat(series["calls_per_second"]), sample => Assert.InRange(sample.Mean, 0, 1000));
        var statements = await _engine.History.StoreOf(target, Calls.Silent())!.ReadSamplesAsync(target.Name, SampleKinds.Statements, DateTimeOffset.UnixEpoch.AddDays(1), DateTimeOffset.MaxValue, Token);
        var told = statements.Select(sample => StatementSample.Read(sample.Payload)).ToList();
        var key = told.SelectMany(sample => sample.Texts).First(text => text.Value.Contains("counted_twice", StringComparison.Ordinal)).Key;
        Assert.Equal(40, told.Sum(sample => sample.Statements.TryGetValue(key, out var counts) ? counts.Calls : 0));

        async Task BothAsync()
        {
            var state = await Task.WhenAll(StateAsync(_engine), StateAsync(other));
            await Task.WhenAll(TakeAsync(_engine, state[0]), TakeAsync(other, state[1]));
        }

        Task<SampleState> StateAsync(MaintenanceEngine engine) => SampleState.ReadAsync(engine.History.StoreOf(target, Calls.Silent())!, target.Name, Token);

        Task TakeAsync(MaintenanceEngine engine, SampleState state) => engine.Samples.TakeAsync(target, engine.History.StoreOf(target, Calls.Silent())!, state, Calls.Silent(), Token);
    }

    private static MaintenanceStep Step(MaintenanceRun run, string name) => run.Steps.Single(step => step.Name == name);

    private Task<MaintenanceRun> RunAsync(MaintenanceTarget target) => _engine.Tasks.RunAsync(target, "PerformanceMetrics", new(), Calls.Silent(), Token);

    // As if the last sample had been taken five minutes ago, by both clocks.
    private async Task AgeAsync(MaintenanceTarget target)
    {
        var store = _engine.History.StoreOf(target, Calls.Silent())!;
        var state = await SampleState.ReadAsync(store, target.Name, Token);
        var aged = new SampleState
        {
            Taken = state.Taken.ToDictionary(pair => pair.Key, pair => pair.Value - FiveMinutes),
            Counters = state.Counters! with { At = state.Counters.At - FiveMinutes, ServerAt = state.Counters.ServerAt - FiveMinutes },
            Told = state.Told,
        };
        await aged.WriteAsync(store, target.Name, Token);
    }

    private async Task<MaintenanceTarget> TargetAsync(int major, string database)
    {
        _sandbox = await fixture.PostgresAsync(major);
        await SandboxDatabase.CreateAsync(_sandbox, database);
        _database = database;
        return _sandbox.Target.As(database: database) with
        {
            Functions = null,
            ExcludedComponents = ["Functions", "Errors"],
            // Other tests of the shared server may be waiting for their locks, or hold most of its connections; the texts of all their statements are more
            // than fits into work_mem, and a statement that sleeps on purpose is most of the work here.
            Thresholds = new Dictionary<string, ThresholdOverride>
            {
                ["blocked_sessions"] = new(1000, null),
                ["connection_pool_usage"] = new(100, 100),
                ["temp_bytes_per_day"] = new(1L << 50, null),
                ["avg_query_time"] = new(10_000, null),
            },
            History = new HistorySettings { Kind = HistoryKind.Sqlite, Path = Path.Combine(_folder.Path, "history.db") },
        };
    }

    private async Task ExecuteAsync(string sql) => await SandboxDatabase.ExecuteAsync(_sandbox!, sql, _database);
}
