using Maintenance.Engine.Retention;
using Maintenance.IntegrationTests.Infrastructure;
using Maintenance.IntegrationTests.Maintain;
using Npgsql;

namespace Maintenance.IntegrationTests.Retention;

/// <summary>
/// A database of one test with a table <c>events</c> in weekly partitions, whose oldest are past an age of 30 days, and a policy for it.
/// </summary>
internal sealed class PartitionBench : IAsyncDisposable
{
    public const int RowsOfAWeek = 50;

    private const string Weeks = """
        CREATE TABLE events (id bigint NOT NULL, at timestamptz NOT NULL, user_id int, note text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
        CREATE INDEX ON events (at);
        DO $$
        DECLARE
            -- Midnight UTC, whatever the zone of the server.
            monday timestamptz := date_trunc('week', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
            week timestamptz;
        BEGIN
            FOR n IN -(whole + 4)..1 LOOP
                week := monday + n * interval '7 days';
                EXECUTE format('CREATE TABLE events_%s PARTITION OF events FOR VALUES FROM (%L) TO (%L)', n + whole + 4, week, week + interval '7 days');
                INSERT INTO events SELECT (n + 100) * 1000 + i, week + i * interval '1 hour', i % 7, 'row ' || i FROM generate_series(1, 50) AS i WHERE n < 1;
            END LOOP;
        END $$;
        """;

    private PartitionBench(MaintainedDatabase database) => Database = database;

    public MaintainedDatabase Database { get; }

    public NpgsqlConnection Admin => Database.Admin;

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>30 days and up to a week: four whole weeks and a part of the fifth are younger, whatever day it is.</summary>
    public static RetentionPolicy Policy(RetentionAction action = RetentionAction.Delete, string table = "events", string column = "at") => new()
    {
        Table = table,
        TimeColumn = column,
        Age = TimeSpan.FromDays(28),
        Action = action,
        Destination = action == RetentionAction.ArchiveToTable ? "events_archive" : null,
    };

    public static async Task<PartitionBench> StartAsync(SandboxFixture fixture, int major) =>
        new(await MaintainedDatabase.CreateAsync(await fixture.PostgresAsync(major)));

    /// <summary>With a number of weeks that are past their age, a part of another one, and younger ones.</summary>
    public static async Task<PartitionBench> WithWeeksAsync(SandboxFixture fixture, int major, int whole = 3)
    {
        var bench = await StartAsync(fixture, major);
        await bench.Admin.ExecuteAsync(Weeks.Replace("whole", $"{whole}", StringComparison.Ordinal));
        return bench;
    }

    /// <summary>An archive that is divided as the table is.</summary>
    public Task ArchiveAsync(string more = "") => Admin.ExecuteAsync($"CREATE TABLE events_archive (note text, at timestamptz NOT NULL, user_id int, id bigint NOT NULL) PARTITION BY RANGE (at); {more}");

    public Task<IReadOnlyList<RetentionResult>> PlanAsync(RetentionPolicy policy, RetentionOptions? options = null, MaintenanceTarget? target = null) =>
        Database.Engine.Retention.PlanAsync(target ?? Database.Target, (options ?? new RetentionOptions()) with { Policies = [policy] }, Calls.Silent(), Stop);

    public async Task<List<RetentionResult>> ExecuteAsync(
        IReadOnlyList<RetentionResult> plan, RetentionOptions? options = null, MaintenanceTarget? target = null, CancellationToken? cancellationToken = null)
    {
        var results = new List<RetentionResult>();
        await foreach (var result in Database.Engine.Retention.ExecuteAsync(target ?? Database.Target, plan, options ?? new RetentionOptions(), Calls.Silent(), cancellationToken ?? Stop))
        {
            results.Add(result);
        }

        return results;
    }

    /// <summary>Plans and carries out.</summary>
    public async Task<RetentionResult> RunAsync(RetentionPolicy policy, RetentionOptions? options = null, MaintenanceTarget? target = null) =>
        Assert.Single(await ExecuteAsync(await PlanAsync(policy, options, target), options, target));

    /// <summary>Breaks the next run at a point, once.</summary>
    public void BreakAt(FaultPoint point, Func<Task> how)
    {
        var broken = false;
        Database.Engine.Retention.Reached = async reached =>
        {
            if (reached == point && !broken)
            {
                broken = true;
                await how();
            }
        };
    }

    /// <summary>Ends the session that moves rows, as an administrator or a crash would.</summary>
    public async Task KillAsync()
    {
        await using var killer = await Database.OpenAsync();
        await killer.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'Maintenance/Invoke-DbRetention'");
    }

    public Task<long> CountAsync(string what) => Admin.ScalarAsync<long>($"SELECT count(*) FROM {what}");

    public Task<long> DueAsync(string table = "events") => CountAsync($"{table} WHERE at < now() - interval '28 days'");

    public async Task<string[]> PartitionsAsync(string table) => await Admin.ScalarAsync<string[]>(
        $"SELECT coalesce(array_agg(relname::text ORDER BY length(relname), relname), ARRAY[]::text[]) FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = '{table}'::regclass");

    public Task<long> OpenMovesAsync() => CountAsync("maintenance.partition_moves WHERE done_at IS NULL");

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
