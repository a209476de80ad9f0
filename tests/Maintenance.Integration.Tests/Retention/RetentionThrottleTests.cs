using Maintenance.Engine.Retention;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Retention;

/// <summary>A server that comes into trouble while rows are taken: the work waits, and goes on or is put off.</summary>
[Collection(ReplicatedServers.Name)]
public sealed class RetentionThrottleTests(ReplicatedServers servers)
{
    private const string Rows = """
        CREATE TABLE t (id int PRIMARY KEY, at timestamptz);
        INSERT INTO t SELECT n, now() - interval '60 days' + n * interval '1 second' FROM generate_series(1, 8000) n;
        CREATE INDEX ON t (at);
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task It_waits_while_the_archiver_fails_and_goes_on_when_it_works_again(int major)
    {
        await using var bench = await StartAsync(major);
        FailAtSecondBatch(bench);
        try
        {
            var running = bench.RunAsync(RetentionBench.Policy());
            while (!running.IsCompleted && !bench.Sink.VerboseMessages.Any(message => message.EndsWith("Waiting.", StringComparison.Ordinal)))
            {
                await Task.Delay(50, Token);
            }

            await RepairAsync(bench);
            var done = await running;

            Assert.Equal((StepState.Done, 8000L, 0L), (done.State, done.Rows, done.RowsLeft!.Value));
            Assert.Contains(done.Notes, note => note.Contains("for the server", StringComparison.Ordinal) && note.Contains("archiver", StringComparison.Ordinal));
        }
        finally
        {
            await RepairAsync(bench);
        }
    }

    [Fact]
    public async Task What_the_server_could_not_bear_before_the_deadline_is_put_off()
    {
        await using var bench = await StartAsync(15);
        FailAtSecondBatch(bench);
        try
        {
            var done = await bench.RunAsync(RetentionBench.Policy(), new RetentionOptions { Deadline = TimeProvider.System.GetUtcNow().AddSeconds(12) });

            Assert.Equal(StepState.Deferred, done.State);
            Assert.InRange(done.Rows, 1, 7999);
            Assert.Equal(8000L - done.Rows, await bench.CountAsync("t"));
        }
        finally
        {
            await RepairAsync(bench);
        }
    }

    private static void FailAtSecondBatch(RetentionBench bench) => bench.At(FaultPoint.BatchCommitted, async count =>
    {
        if (count == 2)
        {
            await bench.Admin.ExecuteAsync("ALTER SYSTEM SET archive_command = 'false'");
            await bench.Admin.ExecuteAsync("SELECT pg_reload_conf()");
            await bench.Admin.ExecuteAsync("CREATE TABLE IF NOT EXISTS some_wal (v int); INSERT INTO some_wal VALUES (1)");
            await bench.Admin.ExecuteAsync("SELECT pg_switch_wal()");
            while (!await bench.Admin.ScalarAsync<bool>("SELECT COALESCE(last_failed_time > COALESCE(last_archived_time, '-infinity'), false) FROM pg_stat_archiver"))
            {
                await Task.Delay(50, Token);
            }

            // The work looks every second.
            await Task.Delay(1100, Token);
        }
    });

    private static async Task RepairAsync(RetentionBench bench)
    {
        await bench.Admin.ExecuteAsync("ALTER SYSTEM SET archive_command = 'true'");
        await bench.Admin.ExecuteAsync("SELECT pg_reload_conf()");
        await bench.Admin.ExecuteAsync("CREATE TABLE IF NOT EXISTS some_wal (v int); INSERT INTO some_wal VALUES (2)");
        await bench.Admin.ExecuteAsync("SELECT pg_switch_wal()");
        while (await bench.Admin.ScalarAsync<bool>("SELECT COALESCE(last_failed_time > COALESCE(last_archived_time, '-infinity'), false) FROM pg_stat_archiver"))
        {
            await Task.Delay(50, Token);
        }
    }

    private async Task<RetentionBench> StartAsync(int major)
    {
        var (primary, _) = await servers.PairAsync(major);
        return await RetentionBench.StartAsync(primary.Sandbox, Rows);
    }
}
