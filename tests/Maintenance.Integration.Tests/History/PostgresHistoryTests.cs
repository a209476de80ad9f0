using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;
using static Maintenance.IntegrationTests.History.HistorySamples;

namespace Maintenance.IntegrationTests.History;

public sealed class Postgres15HistoryTests(SandboxFixture servers) : PostgresHistoryTests(servers, 15);

public sealed class Postgres18HistoryTests(SandboxFixture servers) : PostgresHistoryTests(servers, 18);

/// <summary>The history in a target's own database. Each test has a database of its own.</summary>
public abstract class PostgresHistoryTests(SandboxFixture servers, int major) : HistoryStoreTests, IAsyncLifetime
{
    private readonly List<DatabaseConnector> _connectors = [];
    private readonly string _database = $"history_{Guid.NewGuid():N}";
    private MaintenanceSandbox _sandbox = null!;

    public async ValueTask InitializeAsync()
    {
        _sandbox = await servers.PostgresAsync(major);
        await AdministerAsync($"CREATE DATABASE {_database}");
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var connector in _connectors)
        {
            await connector.DisposeAsync();
        }

        if (_sandbox is not null)
        {
            await AdministerAsync($"DROP DATABASE IF EXISTS {_database} WITH (FORCE)");
            await AdministerAsync($"DROP ROLE IF EXISTS {_database}");
        }
    }

    [Fact]
    public async Task Reading_makes_no_schema()
    {
        Assert.Empty(await ReadAsync(Store()));

        Assert.Null(await ScalarAsync("SELECT nspname FROM pg_namespace WHERE nspname = 'maintenance'"));
    }

    [Fact]
    public async Task The_default_of_every_store_is_the_same_schema()
    {
        await Store().RecordAsync(CompleteRun(), Token);

        Assert.Equal("actions,alert_silences,alert_states,alerts,baselines,finding_ledger,findings,metrics,outbox,repairs,runs,samples,schema_version,snapshots,steps,verifications", await ScalarAsync(
            "SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relnamespace = 'maintenance'::regnamespace AND relkind = 'r'"));
    }

    [Fact]
    public async Task An_older_schema_is_upgraded_and_keeps_its_runs_even_if_two_do_it_at_once()
    {
        var run = CompleteRun();
        await Store().RecordAsync(run, Token);
        string[] newer =
        [
            .. HistoryMigrations.Of("postgres"),
            $"ALTER TABLE maintenance.runs ADD COLUMN note text; INSERT INTO maintenance.schema_version (version) VALUES ({HistoryMigrations.Of("postgres").Count + 1});",
        ];

        var read = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ReadAsync(Store(newer))));

        Assert.All(read, runs => AssertSame(run, Assert.Single(runs)));
        Assert.Equal(HistoryMigrations.Of("postgres").Count + 1, await ScalarAsync("SELECT max(version) FROM maintenance.schema_version"));
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_the_schema_as_it_was()
    {
        await Store().RecordAsync(Run(), Token);
        string[] broken = [.. HistoryMigrations.Of("postgres"), "ALTER TABLE maintenance.runs ADD COLUMN note text; SELECT missing;"];

        await Assert.ThrowsAsync<MaintenanceException>(() => ReadAsync(Store(broken)));

        Assert.Single(await ReadAsync(Store()));
        Assert.Equal(0L, await ScalarAsync("SELECT count(*) FROM pg_attribute WHERE attrelid = 'maintenance.runs'::regclass AND attname = 'note'"));
    }

    [Fact]
    public async Task A_schema_of_a_newer_version_is_not_touched()
    {
        await Store().RecordAsync(Run(), Token);
        await ScalarAsync("INSERT INTO maintenance.schema_version (version) VALUES (99)");

        Assert.Equal(MaintenanceErrorCode.HistoryTooNew, (await RecordingFailsAsync(Store())).Code);
        Assert.Equal(MaintenanceErrorCode.HistoryTooNew, (await Assert.ThrowsAsync<MaintenanceException>(() => ReadAsync(Store()))).Code);
        Assert.Equal(1L, await ScalarAsync("SELECT count(*) FROM maintenance.runs"));
    }

    [Fact]
    public async Task A_run_that_fails_half_way_leaves_nothing()
    {
        await Store().RecordAsync(Run(), Token);
        await ScalarAsync("ALTER TABLE maintenance.findings ADD CHECK (id <> 'DB-Y')");

        await RecordingFailsAsync(Store());

        Assert.Equal(1L, await ScalarAsync("SELECT count(*) FROM maintenance.runs"));
        Assert.Equal(0L, await ScalarAsync("SELECT count(*) FROM maintenance.steps"));
    }

    [Fact]
    public async Task A_role_that_may_not_make_a_schema_is_told_what_it_needs()
    {
        await AdministerAsync($"CREATE ROLE {_database} LOGIN PASSWORD '{SandboxFixture.PasswordOf(_sandbox)}'");
        var target = Target();
        target = target with { Database = target.Database! with { Username = _database } };

        var error = await RecordingFailsAsync(Store(target: target));

        Assert.Equal(MaintenanceErrorCode.HistoryUnavailable, error.Code);
        Assert.Contains("GRANT CREATE", error.Recommendation, StringComparison.Ordinal);
        Assert.Empty(await ReadAsync(Store(target: target)));
    }

    [Fact]
    public async Task What_a_role_is_told_to_be_granted_on_the_schema_of_another_is_all_it_needs()
    {
        await Store().RecordAsync(Run(), Token);
        await AdministerAsync($"CREATE ROLE {_database} LOGIN PASSWORD '{SandboxFixture.PasswordOf(_sandbox)}'");
        var target = Target();
        target = target with { Database = target.Database! with { Username = _database } };

        var error = await RecordingFailsAsync(Store(target: target));

        Assert.Contains("belongs to", error.Recommendation, StringComparison.Ordinal);
        var statements = System.Text.RegularExpressions.Regex.Matches(error.Recommendation!, "GRANT [^;]+;");
        Assert.NotEmpty(statements);
        foreach (var statement in statements.Select(match => match.Value))
        {
            Assert.Contains($" TO {_database};", statement, StringComparison.Ordinal);
            await ScalarAsync(statement);
        }

        var store = Store(target: target);
        await store.RecordAsync(CompleteRun(), Token);
        Assert.Equal(2, (await ReadAsync(store)).Count);

        // A schema that no version of this module has filled yet.
        await ScalarAsync("DROP SCHEMA maintenance CASCADE");
        await ScalarAsync("CREATE SCHEMA maintenance");
        error = await RecordingFailsAsync(store);
        foreach (var statement in System.Text.RegularExpressions.Regex.Matches(error.Recommendation!, "GRANT [^;]+;").Select(match => match.Value))
        {
            await ScalarAsync(statement);
        }

        await Store(target: target).RecordAsync(Run(), Token);
        await ScalarAsync($"DROP OWNED BY {_database} CASCADE");
    }

    [Fact]
    public async Task A_database_that_is_read_only_is_unavailable_for_writing_and_readable()
    {
        await Store().RecordAsync(Run(), Token);
        await AdministerAsync($"ALTER DATABASE {_database} SET default_transaction_read_only = on");

        Assert.Equal(MaintenanceErrorCode.HistoryUnavailable, (await RecordingFailsAsync(Store())).Code);
        Assert.Single(await ReadAsync(Store()));
    }

    [Fact]
    public async Task The_newest_runs_and_a_metric_are_read_by_index()
    {
        await Store().RecordAsync(CompleteRun(), Token);
        await ScalarAsync("""
            INSERT INTO maintenance.runs SELECT gen_random_uuid(), task, target, status, message, started_at + n * interval '1 second', duration, machine, module_version, artifacts
            FROM maintenance.runs, generate_series(1, 10000) n;
            INSERT INTO maintenance.metrics SELECT r.id, m.ordinal, m.target, m.name, m.value, m.unit, m.status, m.reason, m.labels, r.started_at
            FROM maintenance.metrics m JOIN maintenance.runs r ON r.id <> m.run_id;
            ANALYZE maintenance.runs; ANALYZE maintenance.metrics;
            """);

        var runs = string.Join('\n', await PlanAsync("ReadRuns", DateTimeOffset.MaxValue, Guid.Empty, DateTimeOffset.MinValue, null, null, null, 20));
        var series = string.Join('\n', await PlanAsync("ReadSeries", "app", "error_rate", Noon.AddSeconds(9900)));

        Assert.Contains("runs_newest", runs, StringComparison.Ordinal);
        Assert.DoesNotContain("Sort", runs, StringComparison.Ordinal);
        Assert.Contains("metrics_series", series, StringComparison.Ordinal);
        Assert.Equal(20, (await ReadAsync(Store(), new HistoryQuery { First = 20 })).Count);
    }

    private protected override Task<IReadOnlyList<IHistoryStore>> NewStoresAsync(int count) =>
        Task.FromResult<IReadOnlyList<IHistoryStore>>([.. Enumerable.Range(0, count).Select(_ => Store())]);

    private PostgresHistoryStore Store(IReadOnlyList<string>? migrations = null, MaintenanceTarget? target = null)
    {
        var connector = new DatabaseConnector(TimeProvider.System);
        _connectors.Add(connector);
        return new PostgresHistoryStore(connector, target ?? Target(), Calls.Silent(), migrations ?? HistoryMigrations.Of("postgres"));
    }

    private MaintenanceTarget Target() => _sandbox.Target with { Database = _sandbox.Target.Database! with { Database = _database } };

    private static Task<MaintenanceException> RecordingFailsAsync(PostgresHistoryStore store) =>
        Assert.ThrowsAsync<MaintenanceException>(() => store.RecordAsync(CompleteRun(), Token));

    private async Task AdministerAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(SandboxFixture.ConnectionString(_sandbox));
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Token) is var value and not DBNull ? value : null;
    }

    private async Task<List<string>> PlanAsync(string statement, params object?[] values)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString);
        await using var command = source.CreateCommand("EXPLAIN " + SqlText.Read($"History/Sql/postgres/{statement}.sql"));
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }

        await using var reader = await command.ExecuteReaderAsync(Token);
        var plan = new List<string>();
        while (await reader.ReadAsync(Token))
        {
            plan.Add(reader.GetString(0));
        }

        return plan;
    }

    private string ConnectionString =>
        new NpgsqlConnectionStringBuilder(SandboxFixture.ConnectionString(_sandbox)) { Database = _database, Pooling = false }.ConnectionString;
}
