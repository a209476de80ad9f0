using System.Diagnostics;
using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Maintain;

/// <summary>A database of one test, with a history of its own, and what the administrator does to it behind the module's back.</summary>
internal sealed class MaintainedDatabase : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MaintenanceSandbox _sandbox;

    private MaintainedDatabase(MaintenanceSandbox sandbox, string name, NpgsqlConnection admin)
    {
        (_sandbox, Name, Admin) = (sandbox, name, admin);
        Target = sandbox.Target.As(database: name) with { Name = name, Retention = [], History = new HistorySettings { Path = Path.Combine(_folder.Path, "history.db") } };
    }

    public string Name { get; }

    public MaintenanceTarget Target { get; }

    public NpgsqlConnection Admin { get; }

    public MaintenanceEngine Engine { get; } = new();

    public static async Task<MaintainedDatabase> CreateAsync(MaintenanceSandbox sandbox)
    {
        var name = $"maintained_{Guid.NewGuid():N}";
        await SandboxDatabase.CreateAsync(sandbox, name);
        return new MaintainedDatabase(sandbox, name, await SandboxDatabase.OpenAsync(sandbox, name));
    }

    /// <summary>Another connection of the administrator, as an application would have.</summary>
    public Task<NpgsqlConnection> OpenAsync() => SandboxDatabase.OpenAsync(_sandbox, Name);

    /// <summary>A table that autovacuum leaves alone, with rows, analyzed and vacuumed, of which a share is dead.</summary>
    public async Task TableAsync(string quotedName, int rows, int dead = 0, string options = "")
    {
        await Admin.ExecuteAsync($"CREATE TABLE {quotedName} (id int PRIMARY KEY, v text) WITH (autovacuum_enabled = off{options})");
        await Admin.ExecuteAsync($"INSERT INTO {quotedName} SELECT n, repeat('x', 60) FROM generate_series(1, {rows}) n");
        // What is counted after the VACUUM would count as inserted since.
        await CountAsync();
        await Admin.ExecuteAsync($"VACUUM (ANALYZE) {quotedName}");
        if (dead > 0)
        {
            await KillAsync(quotedName, dead);
        }
    }

    /// <summary>Deletes the first rows, and has them counted.</summary>
    public async Task KillAsync(string quotedName, int dead)
    {
        await Admin.ExecuteAsync($"DELETE FROM {quotedName} WHERE id IN (SELECT id FROM {quotedName} ORDER BY id LIMIT {dead})");
        await CountAsync();
    }

    /// <summary>
    /// Makes the server count what this connection has done, and waits for others to look away: a snapshot of an autovacuum worker in the catalogues of this database, or of
    /// what belongs to none (the launcher in the list of databases, whoever is about to connect), would hold dead rows back. Such a snapshot is as old as the oldest transaction
    /// that writes in any database, which is why those of before have to end first; one that the test itself holds open does not, and is not waited for any longer.
    /// </summary>
    public async Task CountAsync()
    {
        await Admin.ExecuteAsync("SELECT pg_stat_force_next_flush()");
        var now = await Admin.ScalarAsync<string>("SELECT pg_current_xact_id()::text");
        var since = Stopwatch.StartNew();
        while (since.Elapsed < TimeSpan.FromSeconds(5) && !await Admin.ScalarAsync<bool>($"SELECT pg_snapshot_xmin(pg_current_snapshot()) >= '{now}'::xid8"))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        await UntilAsync("""
            NOT EXISTS (SELECT FROM pg_stat_activity
                WHERE (datname = current_database() AND backend_type = 'autovacuum worker') OR (backend_type = 'autovacuum launcher' AND backend_xmin IS NOT NULL))
            """);
    }

    /// <summary>Every page takes a VACUUM of ours a tenth of a second.</summary>
    public Task SlowDownAsync() => Admin.ExecuteAsync($"ALTER DATABASE {Name} SET vacuum_cost_delay = '100ms'; ALTER DATABASE {Name} SET vacuum_cost_limit = 1");

    public Task SpeedUpAsync() => Admin.ExecuteAsync($"ALTER DATABASE {Name} RESET vacuum_cost_delay");

    public Task<VacuumPlan> PlanAsync(VacuumOptions? options = null, MaintenanceTarget? target = null) =>
        Engine.Vacuum.PlanAsync(target ?? Target, options ?? new VacuumOptions(), Calls.Silent(), TestContext.Current.CancellationToken);

    public async Task<List<DbAction>> ExecuteAsync(
        IReadOnlyList<DbAction> actions, VacuumOptions? options = null, MaintenanceTarget? target = null, CallContext? call = null, CancellationToken? cancellationToken = null)
    {
        var results = new List<DbAction>();
        await foreach (var action in Engine.Vacuum.ExecuteAsync(target ?? Target, actions, options ?? new VacuumOptions(), call ?? Calls.Silent(), cancellationToken ?? TestContext.Current.CancellationToken))
        {
            results.Add(action);
        }

        return results;
    }

    /// <summary>Plans and carries out.</summary>
    public async Task<List<DbAction>> VacuumAsync(VacuumOptions? options = null, MaintenanceTarget? target = null) =>
        await ExecuteAsync((await PlanAsync(options, target)).Actions, options, target);

    /// <summary>What is on record, newest first.</summary>
    public async Task<IReadOnlyList<DbAction>> HistoryAsync() => await Engine.History.StoreOf(Target, Calls.Silent())!
        .ReadActionsAsync(Target.Name, DateTimeOffset.MinValue, 100, TestContext.Current.CancellationToken);

    /// <summary>Reads a table until the server has pruned it on the way, which it does not while anybody might still see the dead rows.</summary>
    public async Task PruneAsync(string table)
    {
        await Admin.ExecuteAsync("CREATE EXTENSION IF NOT EXISTS pageinspect");
        // Line pointers of the kind 3 are those of rows that were pruned.
        await UntilAsync($"(SELECT count(v) FROM {table}) > 0 AND EXISTS (SELECT FROM heap_page_items(get_raw_page('{table}', 0)) WHERE lp_flags = 3)");
    }

    /// <summary>Waits until a condition that a query tells holds.</summary>
    public async Task UntilAsync(string condition)
    {
        await using var observer = await OpenAsync();
        while (!await observer.ScalarAsync<bool>($"SELECT {condition}"))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Statements of ours that run, and locks of ours on relations and advisory locks: none may be left.</summary>
    public async Task AssertNothingRunsAsync()
    {
        Assert.Equal(0, await Admin.ScalarAsync<long>("""
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name LIKE 'Maintenance/%' AND (state <> 'idle' OR wait_event_type = 'Lock')
            """));
        Assert.Equal(0, await Admin.ScalarAsync<long>("""
            SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
            WHERE datname = current_database() AND application_name LIKE 'Maintenance/%' AND locktype IN ('relation', 'advisory')
            """));
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        await Admin.DisposeAsync();
        await using (var admin = await SandboxDatabase.OpenAsync(_sandbox))
        {
            await using var drop = new NpgsqlCommand($"DROP DATABASE IF EXISTS {Name} WITH (FORCE)", admin);
            await drop.ExecuteNonQueryAsync(CancellationToken.None);
        }

        _folder.Dispose();
    }
}
