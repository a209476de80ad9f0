using System.Globalization;
using Maintenance.Engine;
using Maintenance.Engine.Retention;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Retention;

/// <summary>A database of one test, with a history of its own, in which policies run while the test does other things to it.</summary>
internal sealed class RetentionBench : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<NpgsqlConnection> _others = [];

    private RetentionBench(MaintenanceSandbox sandbox, string name, NpgsqlConnection admin)
    {
        (Sandbox, Name, Admin) = (sandbox, name, admin);
        Target = sandbox.Target.As(database: name) with { Name = name, History = new HistorySettings { Path = Path.Combine(_folder.Path, "history.db") } };
    }

    public MaintenanceSandbox Sandbox { get; }

    public string Name { get; }

    public MaintenanceTarget Target { get; set; }

    public NpgsqlConnection Admin { get; }

    public MaintenanceEngine Engine { get; } = new();

    public RecordingSink Sink { get; } = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes the database.</summary>
    /// <param name="sandbox">Its server.</param>
    /// <param name="sql">What is in it.</param>
    public static async Task<RetentionBench> StartAsync(MaintenanceSandbox sandbox, string sql)
    {
        var name = $"retention_{Guid.NewGuid():N}";
        await SandboxDatabase.CreateAsync(sandbox, name);
        var bench = new RetentionBench(sandbox, name, await SandboxDatabase.OpenAsync(sandbox, name));
        await bench.Admin.ExecuteAsync(sql);
        return bench;
    }

    /// <summary>A policy of 30 days on public.t.</summary>
    public static RetentionPolicy Policy(RetentionAction action = RetentionAction.Delete, string table = "public.t", string time = "at", string? destination = null) => new()
    {
        Table = table,
        TimeColumn = time,
        Age = TimeSpan.FromDays(30),
        Action = action,
        Destination = destination ?? (action == RetentionAction.ArchiveToTable ? "public.archive" : null),
    };

    /// <summary>Another connection, as an application would have; closed with the bench.</summary>
    public async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = await SandboxDatabase.OpenAsync(Sandbox, Name);
        _others.Add(connection);
        return connection;
    }

    /// <summary>Has something done when the work reaches a step for the n-th time.</summary>
    public void At(FaultPoint point, Func<int, Task> act)
    {
        var count = 0;
        Engine.Retention.Reached = async reached =>
        {
            if (reached == point)
            {
                await act(++count);
            }
        };
    }

    public async Task<RetentionResult> PlanAsync(RetentionPolicy policy, RetentionOptions? options = null, MaintenanceTarget? target = null) =>
        Assert.Single(await Engine.Retention.PlanAsync(target ?? Target, (options ?? new RetentionOptions()) with { Policies = [policy] }, Calls.To(Sink), Token));

    public async Task<RetentionResult> ExecuteAsync(RetentionResult planned, RetentionOptions? options = null, CancellationToken? cancellationToken = null, MaintenanceTarget? target = null)
    {
        RetentionResult? last = null;
        await foreach (var result in Engine.Retention.ExecuteAsync(target ?? Target, [planned], (options ?? new RetentionOptions()) with { Policies = [planned.Policy] }, Calls.To(Sink), cancellationToken ?? Token))
        {
            last = result;
        }

        return last!;
    }

    /// <summary>Plans and carries out.</summary>
    public async Task<RetentionResult> RunAsync(RetentionPolicy policy, RetentionOptions? options = null, CancellationToken? cancellationToken = null, MaintenanceTarget? target = null) =>
        await ExecuteAsync(await PlanAsync(policy, options, target), options, cancellationToken, target);

    public Task<long> CountAsync(string table, string condition = "true") => Admin.ScalarAsync<long>($"SELECT count(*) FROM {table} WHERE {condition}");

    /// <summary>A checksum of the rows of a table that does not depend on their order.</summary>
    public Task<string> SumAsync(string from) => Admin.ScalarAsync<string>(string.Create(CultureInfo.InvariantCulture, $"SELECT count(*) || '/' || COALESCE(sum(hashtextextended(r::text, 0)), 0) FROM ({from}) AS r"));

    /// <summary>What is on record, newest first.</summary>
    public async Task<IReadOnlyList<DbAction>> HistoryAsync() => await Engine.History.StoreOf(Target, Calls.Silent())!.ReadActionsAsync(Target.Name, DateTimeOffset.MinValue, 100, Token);

    /// <summary>Statements, transactions and locks of ours: none may be left.</summary>
    public async Task AssertNothingRunsAsync() => Assert.Equal(0, await Admin.ScalarAsync<long>("""
        SELECT count(*) FROM pg_stat_activity AS session
        WHERE datname = current_database() AND application_name LIKE 'Maintenance/%'
          AND (state <> 'idle' OR EXISTS (SELECT FROM pg_locks WHERE pg_locks.pid = session.pid AND locktype IN ('relation', 'advisory', 'transactionid')))
        """));

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        foreach (var other in _others)
        {
            await other.DisposeAsync();
        }

        await Admin.DisposeAsync();
        await using (var admin = await SandboxDatabase.OpenAsync(Sandbox))
        {
            await using var drop = new NpgsqlCommand($"DROP DATABASE IF EXISTS {Name} WITH (FORCE)", admin);
            await drop.ExecuteNonQueryAsync(CancellationToken.None);
        }

        _folder.Dispose();
    }
}
