using Maintenance.Engine;
using Maintenance.IntegrationTests.Analytics;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Performance;

/// <summary>Slow statements of real servers, each of its own: resets would disturb others.</summary>
public sealed class SlowQueryTests(SandboxFixture fixture) : IAsyncDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly ShiftedTime _time = new();
    private readonly TemporaryFolder _folder = new();
    private readonly RecordingSink _sink = new();
    private MaintenanceEngine? _engine;
    private MaintenanceSandbox? _sandbox;
    private SandboxOptions? _options;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_engine is not null)
        {
            await _engine.DisposeAsync();
        }

        if (_sandbox is not null)
        {
            await fixture.Service.StopAsync(_sandbox.Id, Calls.Silent(), CancellationToken.None);
        }

        _folder.Dispose();
    }

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

        _time.Shift += Hour;
        await ExecuteAsync("SELECT pg_sleep(1.1), 1");
        await ExecuteAsync("SELECT pg_sleep(1.1), 2");
        await ExecuteAsync("SELECT pg_sleep(0.1), 1, 2");
        _sink.Warnings.Clear();

        var query = Assert.Single(await ReadAsync(target, new SlowQuerySelection { Window = Hour }));
        Assert.Equal(2, query.Calls);
        Assert.Equal(QueryBound.Cpu, query.Bound);
        Assert.Equal(HealthStatus.Warning, query.Status);
        Assert.Null(query.Incomplete);
        Assert.InRange(query.MeanTime, TimeSpan.FromSeconds(1.05), TimeSpan.FromSeconds(5));
        Assert.DoesNotContain("1.1", query.Query!, StringComparison.Ordinal);
        Assert.Empty(_sink.Warnings);

        // A minute later there is no new sample, but what ran since the last one counts.
        _time.Shift += TimeSpan.FromMinutes(1);
        await ExecuteAsync("SELECT pg_sleep(1.1), 3");
        Assert.Equal(3, Assert.Single(await ReadAsync(target, new SlowQuerySelection { Window = Hour })).Calls);
        await using var connection = await SandboxDatabase.OpenAsync(_sandbox!);
        Assert.Equal(4, await connection.ScalarAsync<long>("SELECT max(calls)::bigint FROM pg_stat_statements WHERE query LIKE 'SELECT pg_sleep($1), $2'"));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Statements_of_this_module_are_left_out(int major)
    {
        var target = await StartAsync(major);
        await ExecuteAsync("SELECT count(*) FROM pg_class");
        await _engine!.Health.GetDbHealthAsync(target, Calls.Silent(), Token);
        var all = await ReadAsync(target, new SlowQuerySelection { All = true });

        Assert.Contains(all, query => query.Query is "SELECT count(*) FROM pg_class");
        // What every session of ours begins with, and what the health check reads; both are counted by the server.
        Assert.DoesNotContain(all, query => query.Query!.Contains("pg_backend_pid(), pg_catalog.current_database()", StringComparison.Ordinal) || query.Query.Contains("FROM pg_stat_activity", StringComparison.Ordinal));
        await using var connection = await SandboxDatabase.OpenAsync(_sandbox!);
        Assert.True(await connection.ScalarAsync<long>("SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%/* Maintenance */%pg_backend_pid(),%'") > 0);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Databases_and_users_are_never_mixed(int major)
    {
        var target = await StartAsync(major);
        await ExecuteAsync("CREATE ROLE ann LOGIN PASSWORD 'p'; CREATE ROLE bob LOGIN PASSWORD 'p'; CREATE ROLE cas LOGIN PASSWORD 'p'");
        await SandboxDatabase.CreateAsync(_sandbox!, "other");
        foreach (var (database, role, times) in new[] { (_sandbox!.Database, "ann", 1), (_sandbox.Database, "bob", 2), (_sandbox.Database, "cas", 3), ("other", "ann", 4) })
        {
            await using var connection = await SandboxDatabase.OpenAsync(_sandbox, database);
            await connection.ExecuteAsync($"SET ROLE {role}");
            for (var time = 0; time < times; time++)
            {
                await connection.ExecuteAsync("SELECT pg_sleep(0.01), 7, 8, 9");
            }
        }

        var rows = (await ReadAsync(target, new SlowQuerySelection { All = true, Databases = _ => true })).Where(query => query.Query == "SELECT pg_sleep($1), $2, $3, $4").ToList();
        Assert.Equal(
            [("ann", "other", 4L), ("ann", _sandbox.Database, 1L), ("bob", _sandbox.Database, 2L), ("cas", _sandbox.Database, 3L)],
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
        _time.Shift += Hour;
        await ExecuteAsync("SELECT pg_stat_statements_reset()");
        await ExecuteAsync("SELECT pg_sleep(1.1), 1");

        var query = Assert.Single(await ReadAsync(target, new SlowQuerySelection { Window = Hour }));

        Assert.Equal(1, query.Calls);
        Assert.Contains("reset at", query.Incomplete!, StringComparison.Ordinal);
        Assert.Contains(_sink.Warnings, warning => warning.Contains("incomplete", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Statements_that_the_server_discards_are_told_and_so_is_a_restart_that_forgot(int major)
    {
        var target = await StartAsync(major);
        await ExecuteAsync("ALTER SYSTEM SET pg_stat_statements.max = 100");
        await ExecuteAsync("ALTER SYSTEM SET pg_stat_statements.save = off");
        var server = await OwnServer.OfAsync(_sandbox!, _options!);
        await server.RestartAsync();
        await _engine!.CloseAsync(target);
        await ReadAsync(target, new SlowQuerySelection());
        _time.Shift += Hour;
        // Each has another number of columns, which makes it another statement.
        await ExecuteAsync("SET pg_stat_statements.track = 'all'; DO $$ BEGIN FOR i IN 1..300 LOOP EXECUTE 'SELECT ' || repeat('1, ', i) || '1'; END LOOP; END $$");
        _sink.Warnings.Clear();
        await ReadAsync(target, new SlowQuerySelection { Window = Hour });
        Assert.Contains(_sink.Warnings, warning => warning.Contains("Raise pg_stat_statements.max", StringComparison.Ordinal));

        _time.Shift += Hour;
        await server.RestartAsync();
        await _engine!.CloseAsync(target);
        await ExecuteAsync("SELECT pg_sleep(1.1), 1");
        Assert.Contains("reset at", Assert.Single(await ReadAsync(target, new SlowQuerySelection { Window = Hour })).Incomplete!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clock_that_was_set_back_is_told_and_counting_goes_on()
    {
        var target = await StartAsync(15);
        _time.Shift = TimeSpan.FromDays(2);
        await ReadAsync(target, new SlowQuerySelection());
        _time.Shift = TimeSpan.Zero;
        await ExecuteAsync("SELECT pg_sleep(1.1), 1");
        await ReadAsync(target, new SlowQuerySelection());
        Assert.Contains(_sink.Warnings, warning => warning.Contains("clock", StringComparison.Ordinal));

        _time.Shift = Hour;
        await ExecuteAsync("SELECT pg_sleep(1.1), 1");
        Assert.Equal(1, Assert.Single(await ReadAsync(target, new SlowQuerySelection { Window = Hour })).Calls);
    }

    [Fact]
    public async Task Without_a_history_all_since_the_reset_is_told()
    {
        var target = await StartAsync(15) with { History = new HistorySettings { Kind = HistoryKind.None } };
        await ExecuteAsync("SELECT pg_sleep(1.1), 1");

        Assert.Contains(await ReadAsync(target, new SlowQuerySelection()), query => query.Query == "SELECT pg_sleep($1), $2");
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
        _time.Shift += Hour;
        await ExecuteAsync("ALTER ROLE keeper PASSWORD 'geheim-seven'");
        await ReadAsync(target, new SlowQuerySelection { All = true });
        var kept = await _engine!.History.StoreOf(target, Calls.Silent())!.ReadSamplesAsync(target.Name, "statements", DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue.AddDays(-1), Token);
        Assert.Contains("ALTER ROLE keeper", Assert.Single(kept).Payload, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", kept[0].Payload, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_that_the_database_cannot_hold_takes_the_texts_away_and_not_the_figures()
    {
        var target = await StartAsync(15);
        await ExecuteAsync("CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'");
        await SandboxDatabase.ExecuteAsync(_sandbox!, "SET pg_stat_statements.track = 'all'; DO $$ BEGIN EXECUTE 'SELECT 1 AS ' || convert_from('\\xff6f'::bytea, 'SQL_ASCII'); END $$", "ascii");

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

        var hidden = (await ReadAsync(target.As("plain", "plain"), new SlowQuerySelection { All = true })).Where(query => query.User == "postgres").ToList();

        var row = Assert.Single(hidden);
        Assert.Equal((null, null, HealthStatus.Unknown), (row.QueryId, row.Query, row.Status));
        Assert.Contains("pg_read_all_stats", row.QueryReason!, StringComparison.Ordinal);
        Assert.Contains(_sink.Warnings, warning => warning.Contains("GRANT pg_read_all_stats TO plain", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_the_extension_it_is_said_what_to_do_and_what_runs_now()
    {
        var target = await StartAsync(15);
        await SandboxDatabase.CreateAsync(_sandbox!, "bare");
        await using var connection = await SandboxDatabase.OpenAsync(_sandbox!, "bare");
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
        Assert.Contains("CREATE EXTENSION pg_stat_statements", error.Recommendation, StringComparison.Ordinal);
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

    private Task<IReadOnlyList<SlowQuery>> ReadAsync(MaintenanceTarget target, SlowQuerySelection selection) =>
        _engine!.SlowQueries.ReadAsync(target, selection, Calls.To(_sink), Token);

    private Task ExecuteAsync(string sql) => SandboxDatabase.ExecuteAsync(_sandbox!, sql);

    private async Task<MaintenanceTarget> StartAsync(int major)
    {
        _options = new SandboxOptions { Name = $"slow{major}", PostgresVersion = major, Scale = 0, ResourcePath = SandboxFixture.ResourcePath };
        _sandbox = await SandboxFixture.OrSkipAsync(() => fixture.Service.StartAsync(_options, Calls.Silent(), Token));
        _engine = new MaintenanceEngine(_time);
        return _sandbox.Target with { History = new HistorySettings { Kind = HistoryKind.Sqlite, Path = Path.Combine(_folder.Path, "history.db") } };
    }
}
