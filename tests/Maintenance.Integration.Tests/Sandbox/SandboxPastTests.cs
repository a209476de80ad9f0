using System.Text.Json;
using Maintenance.Engine.Database;
using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Samples;
using Maintenance.Engine.Performance.Statements;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Sandbox;

/// <summary>A sandbox with months of past and the slow workload: the past is of this sandbox, and of each statement the right index is known.</summary>
public sealed class SandboxPastTests(SandboxFixture fixture)
{
    private const string Orders = "SELECT id, placed_at, status, total_cents FROM shop.orders WHERE customer_id = 1707 AND placed_at >= '2020-01-01' ORDER BY placed_at DESC";
    private const string Waiting = "SELECT id, customer_id, placed_at FROM shop.orders WHERE shipped_at IS NULL AND placed_at < 'tomorrow' ORDER BY placed_at LIMIT 20";
    private const string Lines = "SELECT l.product_id, l.quantity, l.price_cents FROM shop.orders AS o JOIN shop.order_lines AS l ON l.order_id = o.id WHERE o.id = 4711";
    private const string Takings = "SELECT channel, status, count(*), sum(total_cents), max(length(note)) FROM shop.orders WHERE total_cents > 200 GROUP BY channel, status";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, InlineData(15), InlineData(18)]
    public async Task Its_past_arrives_at_what_it_measures(int major)
    {
        var (sandbox, store) = await fixture.PastAsync(major);
        var now = TimeProvider.System.GetUtcNow();
        var reader = new SampleReader(store);

        var metrics = await reader.ReadAsync("past", SampleKinds.Metrics, now.AddDays(-400), now.AddDays(1), Token);
        Assert.InRange((now - metrics["database_size_bytes"][0].From).TotalDays, 180, 182);
        Assert.All(metrics.Values, series => Assert.True(series[^1].To <= now));
        Assert.All(metrics.Keys, name => Assert.Contains(name, SampledMetrics.All.Select(metric => metric.Name)));
        Assert.Equal(SampledMetrics.All.Count, metrics.Count);
        Assert.Equal(await ScalarAsync<long>(sandbox, "SELECT pg_database_size(current_database())"), metrics["database_size_bytes"][^1].Value.Mean, 4.0 * 1024 * 1024);

        var tables = await reader.ReadAsync("past", SampleKinds.Tables, now.AddDays(-400), now.AddDays(1), Token);
        Assert.Equal(await ScalarAsync<long>(sandbox, "SELECT pg_total_relation_size('shop.orders')"), tables["shop.orders"][^1].Value.Mean, 1024.0 * 1024);
        var keys = await reader.ReadAsync("past", SampleKinds.Keys, now.AddDays(-400), now.AddDays(1), Token);
        Assert.Equal(await ScalarAsync<long>(sandbox, "SELECT last_value FROM public.error_logs_id_seq"), keys["public.error_logs_id_seq"][^1].Value.Mean, 200_000.0);
        Assert.NotEmpty(await store.ReadBaselinesAsync("past", now.AddDays(-400), Token));
    }

    [Theory, InlineData(15), InlineData(18)]
    public async Task Its_statements_are_those_that_the_server_counts(int major)
    {
        var (sandbox, store) = await fixture.PastAsync(major);
        var samples = await store.ReadSamplesAsync("past", SampleKinds.Statements, TimeProvider.System.GetUtcNow().AddDays(-2), TimeProvider.System.GetUtcNow(), Token);
        var ids = samples.SelectMany(sample => StatementSample.Read(sample.Payload).Statements.Keys).Distinct().ToList();

        var texts = new List<string>();
        foreach (var key in ids)
        {
            texts.Add(await ScalarAsync<string>(sandbox, $"SELECT query FROM pg_stat_statements WHERE userid = {key.UserId} AND dbid = {key.DatabaseId} AND queryid = {key.QueryId}"));
        }

        Assert.Contains(texts, text => text.StartsWith("SELECT id, placed_at, status, total_cents FROM shop.orders WHERE customer_id = $1", StringComparison.Ordinal));
        Assert.All(texts, text => Assert.Matches(@"(public|shop)\.", text));
        Assert.DoesNotContain(texts, text => text.Contains("1707", StringComparison.Ordinal) || text.Contains("last_value", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Its_past_is_in_its_own_folder_and_goes_with_it()
    {
        var (sandbox, _) = await fixture.PastAsync(15);
        Assert.Equal(HistoryKind.Sqlite, sandbox.Target.History.Kind);
        Assert.Equal(sandbox.Path, Path.GetDirectoryName(sandbox.Target.History.Path));
        await using var connector = new DatabaseConnector(TimeProvider.System);
        var runs = await new HistoryService(connector, TimeProvider.System).ReadAsync(sandbox.Target, new HistoryQuery(), Calls.Silent(), Token).ToListAsync(Token);
        Assert.True(runs.Count > 180);
        Assert.All(runs, run => Assert.Equal("sandbox-sample", run.Machine));
    }

    [Theory, InlineData(15), InlineData(18)]
    public async Task Nobody_has_made_the_indexes_its_workload_wants(int major)
    {
        var (sandbox, _) = await fixture.PastAsync(major);
        await AssertAsync(Orders, "CREATE INDEX ON shop.orders (customer_id, placed_at)", isRight: true);
        await AssertAsync(Waiting, "CREATE INDEX ON shop.orders (placed_at) WHERE shipped_at IS NULL", isRight: true);
        await AssertAsync(Lines, "CREATE INDEX ON shop.order_lines (order_id)", isRight: true);
        await AssertAsync(Takings, "CREATE INDEX ON shop.orders (total_cents)", isRight: false);
        await AssertAsync(Takings, "CREATE INDEX ON shop.orders (channel, status)", isRight: false);

        async Task AssertAsync(string statement, string index, bool isRight)
        {
            await using var connection = new NpgsqlConnection(SandboxFixture.ConnectionString(sandbox));
            await connection.OpenAsync(Token);
            await using var transaction = await connection.BeginTransactionAsync(Token);
            var before = await CostAsync(connection, statement);
            await using (var create = new NpgsqlCommand(index, connection))
            {
                await create.ExecuteNonQueryAsync(Token);
            }

            var after = await CostAsync(connection, statement);
            await transaction.RollbackAsync(Token);
            if (isRight)
            {
                Assert.True(after < before / 10, $"{index}: {before} became {after}");
            }
            else
            {
                Assert.InRange(after, before * 0.99, before * 1.01);
            }
        }
    }

    [Fact]
    public async Task A_workload_without_rows_and_a_past_of_a_century_are_refused()
    {
        foreach (var options in new[] { new SandboxOptions { ResourcePath = "", Workload = true, Scale = 0 }, new SandboxOptions { ResourcePath = "", History = TimeSpan.FromDays(36500) }, new SandboxOptions { ResourcePath = "", History = TimeSpan.FromHours(1) } })
        {
            var exception = await Assert.ThrowsAsync<MaintenanceException>(() => fixture.Service.StartAsync(options, Calls.Silent(), Token));
            Assert.Equal(MaintenanceErrorCode.InvalidArgument, exception.Code);
        }
    }

    private static async Task<double> CostAsync(NpgsqlConnection connection, string statement)
    {
        await using var command = new NpgsqlCommand($"EXPLAIN (FORMAT JSON) {statement}", connection);
        using var plan = JsonDocument.Parse((string)(await command.ExecuteScalarAsync(Token))!);
        return plan.RootElement[0].GetProperty("Plan").GetProperty("Total Cost").GetDouble();
    }

    private static async Task<T> ScalarAsync<T>(MaintenanceSandbox sandbox, string sql)
    {
        await using var source = NpgsqlDataSource.Create(SandboxFixture.ConnectionString(sandbox));
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Token))!;
    }
}
