using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Performance;

/// <summary>Slow statements of real servers, each of its own: resets would disturb others.</summary>
public sealed class SlowQueryTests(SandboxFixture fixture) : IAsyncDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly OwnSandbox _own = new(fixture);
    private readonly RecordingSink _sink = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _own.DisposeAsync();

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_window_has_what_ran_in_it_and_nothing_is_reset(int major)
    {
        var target = await StartAsync(major);
        await ExecuteAsync("SELECT pg_sleep(1.3), 1");
        var first = await ReadAsync(target, new SlowQuerySelection { Window = Hour });
        Assert.Contains(first, query => query.Query!.Contains("pg_sleep", StringComparison.Ordinal) && query.Calls == 1);
        Assert.Contains(_sink.Warnings, warning => warning.Contains("no history of statements yet", StringComparison.Ordinal));

        _own.Time.Shift += Hour;
        await ExecuteAsync("SELECT pg_sleep(1.1), 1");
        await ExecuteAsync("SELECT pg_sleep(1.1), 2");
        await ExecuteAsync("SELECT pg_sleep(0.1), 1, 2");
        _sink.Warnings.Clear();

        var query = Assert.Single(await ReadAsync(target, new SlowQuerySelection { Window = Hour }));
        Assert.Equal(2, query.Calls);
        Assert.Equal(QueryBound.Unknown, query.Bound);
        Assert.Contains("it waited", query.BoundReason!, StringComparison.Ordinal);
        Assert.Equal(QueryKind.Application, query.Kind);
        Assert.Equal(HealthStatus.Warning, query.Status);
        Assert.Null(query.Incomplete);
        Assert.InRange(query.MeanTime, TimeSpan.FromSeconds(1.05), TimeSpan.FromSeconds(5));
        Assert.DoesNotContain("1.1", query.Query!, StringComparison.Ordinal);
        Assert.Empty(_sink.Warnings);

        // A minute later there is no new sample, but what ran since the last one counts.
        _own.Time.Shift += TimeSpan.FromMinutes(1);
        await ExecuteAsync("SELECT pg_sleep(1.1), 3");
        Assert.Equal(3, Assert.Single(await ReadAsync(target, new SlowQuerySelection { Window = Hour })).Calls);
        await using var connection = await SandboxDatabase.OpenAsync(_own.Sandbox);
        Assert.Equal(4, await connection.ScalarAsync<long>("SELECT max(calls)::bigint FROM pg_stat_statements WHERE query LIKE 'SELECT pg_sleep($1), $2'"));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Statements_of_this_module_are_left_out(int major)
    {
        var target = await StartAsync(major);
        await ExecuteAsync("SELECT count(*) FROM pg_class");
        await _own.Engine.Health.GetDbHealthAsync(target, Calls.Silent(), Token);
        var all = await ReadAsync(target, new SlowQuerySelection { All = true });

        Assert.Contains(all, query => query.Query is "SELECT count(*) FROM pg_class");
        // What every session of ours begins with, and what the health check reads; both are counted by the server.
        Assert.DoesNotContain(all, query => query.Query!.Contains("pg_backend_pid(), pg_catalog.current_database()", StringComparison.Ordinal) || query.Query.Contains("FROM pg_stat_activity", StringComparison.Ordinal));
        await using var connection = await SandboxDatabase.OpenAsync(_own.Sandbox);
        Assert.True(await connection.ScalarAsync<long>("SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%/* Maintenance */%pg_backend_pid(),%'") > 0);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Databases_and_users_are_never_mixed(int major)
    {
        var target = await StartAsync(major);
        await ExecuteAsync("CREATE ROLE ann LOGIN PASSWORD 'p'; CREATE ROLE bob LOGIN PASSWORD 'p'; CREATE ROLE cas LOGIN PASSWORD 'p'");
        await SandboxDatabase.CreateAsync(_own.Sandbox, "other");
        foreach (var (database, role, times) in new[] { (_own.Sandbox.Database, "ann", 1), (_own.Sandbox.Database, "bob", 2), (_own.Sandbox.Database, "cas", 3), ("other", "ann", 4) })
        {
            await using var connection = await SandboxDatabase.OpenAsync(_own.Sandbox, database);
            await connection.ExecuteAsync($"SET ROLE {role}");
            for (var time = 0; time < times; time++)
            {
                await connection.ExecuteAsync("SELECT pg_sleep(0.01), 7, 8, 9");
            }
        }

        var rows = (await ReadAsync(target, new SlowQuerySelection { All = true, AllDatabases = true })).Where(query => query.Query == "SELECT pg_sleep($1), $2, $3, $4").ToList();
        Assert.Equal(
            [("ann", "other", 4L), ("ann", _own.Sandbox.Database, 1L), ("bob", _own.Sandbox.Database, 2L), ("cas", _own.Sandbox.Database, 3L)],
            rows.Select(row => (row.User!, row.Database, row.Calls)).OrderBy(row => row.Item1, StringComparer.Ordinal).ThenByDescending(row => row.Calls));
        Assert.Equal(3, (await ReadAsync(target, new SlowQuerySelection { All = true })).Count(query => query.Query == "SELECT pg_sleep($1), $2, $3, $4"));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_reset_is_told_and_figures_are_never_negative(int major)
    {
        var target = await StartAsync(major);
        await ExecuteAsync("SELECT pg_sleep(1.1), 1");
        await ReadAsync(target, new SlowQuerySelection());
        _own.Time.Shift += Hour;
        await ExecuteAsync("SELECT pg_stat_statements_reset()");
        await ExecuteAsync("SELECT pg_sleep(1.1), 1");

        var query = Assert.Single(await ReadAsync(target, new SlowQuerySelection { Window = Hour }));

        Assert.Equal(1, query.Calls);
        Assert.Contains("reset at", query.Incomplete!, StringComparison.Ordinal);
        Assert.Contains(_sink.Warnings, warning => warning.Contains("is not known exactly", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Statements_that_the_server_discards_are_told_and_so_is_a_restart_that_forgot(int major)
    {
        var target = await StartAsync(major);
        await ExecuteAsync("ALTER SYSTEM SET pg_stat_statements.max = 100");
        await ExecuteAsync("ALTER SYSTEM SET pg_stat_statements.save = off");
        await _own.RestartAsync(target);
        await ReadAsync(target, new SlowQuerySelection());
        _own.Time.Shift += Hour;
        // Each has another number of columns, which makes it another statement.
        await ExecuteAsync("SET pg_stat_statements.track = 'all'; DO $$ BEGIN FOR i IN 1..300 LOOP EXECUTE 'SELECT ' || repeat('1, ', i) || '1'; END LOOP; END $$");
        _sink.Warnings.Clear();
        await ReadAsync(target, new SlowQuerySelection { Window = Hour });
        Assert.Contains(_sink.Warnings, warning => warning.Contains("Raise pg_stat_statements.max", StringComparison.Ordinal));

        _own.Time.Shift += Hour;
        await _own.RestartAsync(target);
        await ExecuteAsync("SELECT pg_sleep(1.1), 1");
        Assert.Contains("reset at", Assert.Single(await ReadAsync(target, new SlowQuerySelection { Window = Hour })).Incomplete!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clock_that_was_set_back_is_told_and_counting_goes_on()
    {
        var target = await StartAsync(15);
        _own.Time.Shift = TimeSpan.FromDays(2);
        await ReadAsync(target, new SlowQuerySelection());
        _own.Time.Shift = TimeSpan.Zero;
        await ExecuteAsync("SELECT pg_sleep(1.1), 1");
        await ReadAsync(target, new SlowQuerySelection());
        Assert.Contains(_sink.Warnings, warning => warning.Contains("clock", StringComparison.Ordinal));

        _own.Time.Shift = Hour;
        await ExecuteAsync("SELECT pg_sleep(1.1), 1");
        Assert.Equal(1, Assert.Single(await ReadAsync(target, new SlowQuerySelection { Window = Hour })).Calls);
    }

    [Fact]
    public async Task Without_a_history_all_since_the_reset_is_told()
    {
        var target = await StartAsync(15) with { History = new HistorySettings { Kind = HistoryKind.None } };
        await ExecuteAsync("SELECT pg_sleep(1.1), 1");

        var rows = await ReadAsync(target, new SlowQuerySelection());
        Assert.Contains(rows, query => query.Query == "SELECT pg_sleep($1), $2");
        Assert.All(rows, row => Assert.Contains("when its statistics were reset", row.Incomplete!, StringComparison.Ordinal));
        Assert.Single(_sink.Warnings);
        Assert.Contains(_sink.Warnings, warning => warning.Contains("history.kind is None", StringComparison.Ordinal) && warning.Contains("statistics were reset", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_secret_leaves_a_text_whatever_it_looks_like()
    {
        var target = await StartAsync(15);
        await ExecuteAsync("CREATE ROLE keeper LOGIN PASSWORD 'geheim-one'");
        await ExecuteAsync("ALTER ROLE keeper PASSWORD $x$geheim-two$x$");
        await ExecuteAsync("CREATE VIEW v AS SELECT E'it\\'s geheim-three' AS a, $$geheim-four$$ AS b -- geheim-five");
        await ExecuteAsync($"DO $body$ BEGIN PERFORM 'geheim-six{new string('x', 3_000_000)}'; END $body$");
        var all = await ReadAsync(target, new SlowQuerySelection { All = true });

        Assert.Contains(all, query => query.Query!.StartsWith("CREATE ROLE keeper", StringComparison.Ordinal));
        Assert.Contains(all, query => query.Query!.StartsWith("DO", StringComparison.Ordinal));
        Assert.DoesNotContain(all, query => query.Query!.Contains("geheim", StringComparison.Ordinal) || query.Query.Length > 500);
        _own.Time.Shift += Hour;
        await ExecuteAsync("ALTER ROLE keeper PASSWORD 'geheim-seven'");
        await ReadAsync(target, new SlowQuerySelection { All = true });
        var kept = await _own.Engine.History.StoreOf(target, Calls.Silent())!.ReadSamplesAsync(target.Name, "statements", DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue.AddDays(-1), Token);
        Assert.Contains("ALTER ROLE keeper", Assert.Single(kept).Payload, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", kept[0].Payload, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_that_the_database_cannot_hold_takes_the_texts_away_and_not_the_figures()
    {
        var target = await StartAsync(15);
        await ExecuteAsync("CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'");
        await SandboxDatabase.ExecuteAsync(_own.Sandbox, "SET pg_stat_statements.track = 'all'; DO $$ BEGIN EXECUTE 'SELECT 1 AS ' || convert_from('\\xff6f'::bytea, 'SQL_ASCII'); END $$", "ascii");

        var all = await ReadAsync(target, new SlowQuerySelection { All = true });

        Assert.NotEmpty(all);
        Assert.All(all, query => Assert.Null(query.Query));
        Assert.All(all, query => Assert.Contains("encoding", query.QueryReason!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_role_may_not_see_is_a_row_without_a_statement_and_unknown()
    {
        var target = await StartAsync(15);
        await ExecuteAsync("SELECT pg_sleep(1.1), 1");
        await ExecuteAsync("CREATE ROLE plain LOGIN PASSWORD 'plain'");
        await SandboxDatabase.CreateAsync(_own.Sandbox, "elsewhere");
        for (var number = 0; number < 40; number++)
        {
            await SandboxDatabase.ExecuteAsync(_own.Sandbox, $"SELECT 1 AS other{number}", "elsewhere");
        }

        var hidden = (await ReadAsync(target.As("plain", "plain"), new SlowQuerySelection { All = true })).Where(query => query.User == "postgres").ToList();

        var row = Assert.Single(hidden);
        Assert.Equal((null, null, HealthStatus.Unknown), (row.QueryId, row.Query, row.Status));
        Assert.Contains("pg_read_all_stats", row.QueryReason!, StringComparison.Ordinal);
        var told = Assert.Single(_sink.Warnings, warning => warning.Contains("GRANT pg_read_all_stats TO plain", StringComparison.Ordinal));
        await using var connection = await SandboxDatabase.OpenAsync(_own.Sandbox, target.Database!.Database!);
        var here = await connection.ScalarAsync<long>("SELECT count(*) FROM pg_stat_statements JOIN pg_database AS d ON d.oid = dbid WHERE datname = current_database() AND userid <> 'plain'::regrole");
        Assert.InRange(long.Parse(told.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture), 1, here);
    }

    [Fact]
    public async Task Without_the_extension_it_is_said_what_to_do_and_what_runs_now()
    {
        var target = await StartAsync(15);
        await SandboxDatabase.CreateAsync(_own.Sandbox, "bare");
        await using var connection = await SandboxDatabase.OpenAsync(_own.Sandbox, "bare");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var command = new Npgsql.NpgsqlCommand("SELECT 'geheim', pg_sleep(60)", connection);
        var running = command.ExecuteNonQueryAsync(stop.Token);
        MaintenanceException error;
        do
        {
            _sink.Warnings.Clear();
            error = await Assert.ThrowsAsync<MaintenanceException>(() => ReadAsync(target.As(database: "bare"), new SlowQuerySelection { Threshold = TimeSpan.FromMilliseconds(1) }));
        }
        while (!_sink.Warnings.Any(warning => warning.Contains("pg_sleep", StringComparison.Ordinal)) && !running.IsCompleted);

        Assert.Equal(MaintenanceErrorCode.ExtensionMissing, error.Code);
        Assert.Equal("Run in the database 'bare': CREATE EXTENSION pg_stat_statements; The server has loaded the library already, so it needs no restart.", error.Recommendation);
        Assert.Contains(_sink.Warnings, warning => warning.Contains("SELECT ?, pg_sleep(?)", StringComparison.Ordinal));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task The_extension_is_found_in_a_schema_of_another_name()
    {
        var target = await StartAsync(15);
        await ExecuteAsync("CREATE SCHEMA \"Odd schema\"; ALTER EXTENSION pg_stat_statements SET SCHEMA \"Odd schema\"");
        Assert.NotEmpty(await ReadAsync(target, new SlowQuerySelection { All = true }));
    }

    [Fact]
    public async Task Every_version_of_the_extension_is_read()
    {
        var target = await StartAsync(18);
        foreach (var version in new[] { "1.8", "1.9", "1.10", "1.11", "1.12" })
        {
            await ExecuteAsync($"DROP EXTENSION pg_stat_statements; CREATE EXTENSION pg_stat_statements VERSION '{version}'");
            await ExecuteAsync("SELECT pg_sleep(0.01), 1");
            Assert.Contains(await ReadAsync(target, new SlowQuerySelection { All = true }), query => query.Query == "SELECT pg_sleep($1), $2");
        }

        await ExecuteAsync("DROP EXTENSION pg_stat_statements; CREATE EXTENSION pg_stat_statements VERSION '1.7'");
        var error = await Assert.ThrowsAsync<MaintenanceException>(() => ReadAsync(target, new SlowQuerySelection()));
        Assert.Contains("ALTER EXTENSION pg_stat_statements UPDATE", error.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restart_is_asked_for_only_where_the_library_is_not_loaded()
    {
        var target = await StartAsync(15);
        // One that does nothing when it is loaded: an empty list is a name that is not there.
        await ExecuteAsync("ALTER SYSTEM SET shared_preload_libraries = 'plpgsql'");
        await _own.RestartAsync(target);
        var created = await Assert.ThrowsAsync<MaintenanceException>(() => ReadAsync(target, new SlowQuerySelection()));
        Assert.Contains("shared_preload_libraries", created.Recommendation, StringComparison.Ordinal);
        Assert.DoesNotContain("CREATE EXTENSION", created.Recommendation, StringComparison.Ordinal);
        // Whoever needs it says the same.
        var (engine, call) = (_own.Engine, Calls.Silent());
        var optimize = await Assert.ThrowsAsync<MaintenanceException>(() => engine.Optimization.PlanAsync(target, new OptimizationOptions(), call, Token));
        var advice = await Assert.ThrowsAsync<MaintenanceException>(() => engine.IndexAdvice.GetAsync(target, new IndexAdviceQuery { Kinds = [IndexAdviceKind.Missing] }, call, Token));
        var finding = Assert.Single((await engine.Health.GetDbHealthAsync(target, call, Token)).Findings, finding => finding.Id == "DB-STATEMENTS-MISSING");
        Assert.All([optimize.Recommendation, advice.Recommendation, finding.Recommendation], recommendation => Assert.Equal(created.Recommendation, recommendation));
        Assert.All([optimize.Message, advice.Message, finding.Message], message => Assert.Equal(created.Message, message));

        await ExecuteAsync("DROP EXTENSION pg_stat_statements");
        // A setting of that name alone is no library.
        await ExecuteAsync("ALTER DATABASE postgres SET pg_stat_statements.max = 100");
        await _own.Engine.CloseAsync(target);
        var missing = await Assert.ThrowsAsync<MaintenanceException>(() => ReadAsync(target, new SlowQuerySelection()));
        Assert.Equal(MaintenanceErrorCode.ExtensionMissing, missing.Code);
        Assert.Matches("shared_preload_libraries .* restart .* CREATE EXTENSION pg_stat_statements", missing.Recommendation);
    }

    [Fact]
    public async Task What_nobody_can_mean_is_an_error_that_says_what_to_write()
    {
        var target = await StartAsync(15);
        await SandboxDatabase.CreateAsync(_own.Sandbox, "other");
        foreach (var selection in new[] { new SlowQuerySelection { Threshold = TimeSpan.Zero }, new() { Threshold = -Hour }, new() { Window = TimeSpan.Zero }, new() { Window = -Hour }, new() { Window = TimeSpan.MaxValue } })
        {
            Assert.Equal(MaintenanceErrorCode.InvalidArgument, (await Assert.ThrowsAsync<MaintenanceException>(() => ReadAsync(target, selection))).Code);
        }

        var databases = new Dictionary<string, Func<string, bool>> { ["other"] = name => name == "other", ["nix"] = name => name == "nix" };
        var unknown = await Assert.ThrowsAsync<MaintenanceException>(() => ReadAsync(target, new SlowQuerySelection { Databases = databases }));
        Assert.Equal(MaintenanceErrorCode.DatabaseNotFound, unknown.Code);
        Assert.Contains("no database 'nix'", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("other, postgres", unknown.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Whatever_this_module_does_nothing_of_it_is_a_slow_statement(int major)
    {
        var target = await StartAsync(major);
        await ExecuteAsync("CREATE TABLE public.busy (id bigint PRIMARY KEY, note text); INSERT INTO public.busy SELECT i, repeat('x', 50) FROM generate_series(1, 20000) i; DELETE FROM public.busy WHERE id % 2 = 0");
        await ExecuteAsync("SELECT pg_stat_statements_reset()");
        var (engine, call) = (_own.Engine, Calls.Silent());
        var vacuum = await engine.Vacuum.PlanAsync(target, new VacuumOptions { All = true }, call, Token);
        await DrainAsync(engine.Vacuum.ExecuteAsync(target, vacuum.Actions, new VacuumOptions { All = true }, call, Token));
        var indexes = await engine.Reindex.PlanAsync(target, new ReindexOptions { Table = [new DbObjectReference("public.busy")] }, call, Token);
        await DrainAsync(engine.Reindex.ExecuteAsync(target, indexes, new ReindexOptions(), call, Token));
        await engine.DbMaintenance.RunAsync(target, new DbMaintenanceOptions { Force = true }, _ => Task.FromResult(true), call, Token);
        await engine.Health.GetSystemHealthAsync(target, call, Token);
        var baselines = await engine.PerformanceBaselines.MeasureAsync(target, new BaselineQuery(), call, Token);
        await engine.PerformanceBaselines.KeepAsync(target, baselines.Baselines, call, Token);
        await ExecuteAsync("VACUUM public.busy");

        // What stays is what the test did itself.
        var selection = new SlowQuerySelection { Threshold = TimeSpan.FromTicks(1), AllDatabases = true };
        Assert.Equal(["SELECT pg_stat_statements_reset()"], (await ReadAsync(target, selection)).Select(row => row.Query!));
        Assert.Equal(["VACUUM public.busy"], (await ReadAsync(target, selection with { Kinds = [QueryKind.Maintenance] })).Select(row => row.Query!));
        await using var connection = await SandboxDatabase.OpenAsync(_own.Sandbox);
        Assert.True(await connection.ScalarAsync<long>("SELECT count(*) FROM pg_stat_statements WHERE query LIKE 'VACUUM /* Maintenance */%'") > 0);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task What_a_statement_is_bound_by_is_seen_in_real_ones(int major)
    {
        var target = await StartAsync(major);
        await ExecuteAsync("ALTER SYSTEM SET track_io_timing = on");
        await ExecuteAsync("ALTER SYSTEM SET pg_stat_statements.track_planning = on");
        await ExecuteAsync("SELECT pg_reload_conf()");
        await ExecuteAsync("CREATE TABLE public.parent (id int PRIMARY KEY); CREATE TABLE public.child (id int, parent int REFERENCES public.parent, note text)");
        await ExecuteAsync("INSERT INTO public.parent SELECT generate_series(1, 1000); INSERT INTO public.child SELECT i, 1, repeat('x', 500) FROM generate_series(1, 40000) i; ANALYZE public.parent, public.child");

        // Memory for neither sort nor hash, so that it goes to temporary files.
        await ExecuteAsync("SET work_mem = '64kB'; SELECT count(*) AS sorted FROM (SELECT note || id AS sorting FROM public.child ORDER BY note || id) s");
        await ExecuteAsync("SET jit = on; SET jit_above_cost = 0; SET jit_inline_above_cost = 0; SET jit_optimize_above_cost = 0; SELECT sum(id + 1) AS jitted FROM public.parent WHERE id > 5");
        await ExecuteAsync("DELETE FROM public.parent WHERE id BETWEEN 500 AND 520");
        await ExecuteAsync("SELECT " + string.Join(" + ", Enumerable.Range(1, 8).Select(number => $"t{number}.id")) + " AS planned FROM " + string.Join(", ", Enumerable.Range(1, 8).Select(number => $"public.parent t{number}"))
            + " WHERE t1.id = -1 AND " + string.Join(" AND ", Enumerable.Range(2, 7).Select(number => $"t{number}.id = t{number - 1}.id")));

        // One holds a row for a second; the other waits for it.
        await using (var holder = await SandboxDatabase.OpenAsync(_own.Sandbox))
        {
            await holder.ExecuteAsync("BEGIN; UPDATE public.parent SET id = id WHERE id = 7");
            var waiting = ExecuteAsync("UPDATE public.parent SET id = id + 0 WHERE id = 7");
            await Task.Delay(TimeSpan.FromSeconds(1), Token);
            await holder.ExecuteAsync("COMMIT");
            await waiting;
        }

        var rows = await ReadAsync(target, new SlowQuerySelection { All = true });
        SlowQuery Of(string part) => Assert.Single(rows, row => row.Query!.Contains(part, StringComparison.Ordinal));
        Assert.Equal(QueryBound.Planning, Of("AS planned").Bound);
        Assert.True(Of("AS sorted").TemporaryBytes > 1_000_000);
        Assert.True(Of("INSERT INTO public.child").WalBytes > 1_000_000);
        var locked = Of("id = id + $");
        Assert.Equal(QueryBound.Lock, locked.Bound);
        Assert.Contains("an inference", locked.BoundReason!, StringComparison.Ordinal);
        Assert.Contains("foreign key without an index", Of("DELETE FROM public.parent").BoundReason!, StringComparison.Ordinal);
        if (Of("AS jitted") is { MeanJitTime: { } jit } && jit > TimeSpan.Zero)
        {
            Assert.Equal(QueryBound.Jit, Of("AS jitted").Bound);
        }
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_lock_that_is_waited_for_this_moment_is_seen(int major)
    {
        var target = await StartAsync(major);
        await ExecuteAsync("CREATE TABLE public.rows (id int PRIMARY KEY, note text); INSERT INTO public.rows SELECT i, 'x' FROM generate_series(1, 5) i");
        const string Update = "UPDATE public.rows SET note = 'y' WHERE id = 3";
        await ExecuteAsync(Update);
        await using var holder = await SandboxDatabase.OpenAsync(_own.Sandbox);
        await holder.ExecuteAsync("BEGIN; SELECT FROM public.rows WHERE id = 3 FOR UPDATE");
        var waiting = ExecuteAsync(Update);
        SlowQuery row;
        do
        {
            row = Assert.Single(await ReadAsync(target, new SlowQuerySelection { All = true }), query => query.Query!.StartsWith("UPDATE public.rows", StringComparison.Ordinal));
        }
        while (row.Bound != QueryBound.Lock && !waiting.IsCompleted);

        Assert.Equal(QueryBound.Lock, row.Bound);
        Assert.Contains("Of 1 executions that run this moment 1 wait for locks", row.BoundReason!, StringComparison.Ordinal);
        await holder.ExecuteAsync("COMMIT");
        await waiting;
    }

    private static async Task DrainAsync(IAsyncEnumerable<DbAction> actions)
    {
        await foreach (var action in actions)
        {
            Assert.NotEqual(StepState.Failed, action.State);
        }
    }

    private Task<IReadOnlyList<SlowQuery>> ReadAsync(MaintenanceTarget target, SlowQuerySelection selection) =>
        _own.Engine.SlowQueries.ReadAsync(target, selection, Calls.To(_sink), Token);

    private Task ExecuteAsync(string sql) => _own.ExecuteAsync(sql);

    private Task<MaintenanceTarget> StartAsync(int major) => _own.StartAsync("slow", major);
}
