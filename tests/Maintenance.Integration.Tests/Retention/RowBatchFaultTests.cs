using System.Globalization;
using Maintenance.Engine.Retention;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Retention;

public sealed class RowBatchFault15Tests(SandboxFixture servers) : RowBatchFaultTests(servers, 15);

public sealed class RowBatchFault18Tests(SandboxFixture servers) : RowBatchFaultTests(servers, 18);

/// <summary>What comes in the way of batches: others' locks and changes, an end before the end, and servers and archives that fail.</summary>
public abstract class RowBatchFaultTests(SandboxFixture servers, int major)
{
    private const string Plain = """
        CREATE TABLE t (id int PRIMARY KEY, at timestamptz, v text);
        INSERT INTO t SELECT n, now() - interval '60 days' + n * interval '1 second', 'v' || n FROM generate_series(1, 8000) n;
        INSERT INTO t SELECT -n, now(), 'young' FROM generate_series(1, 100) n;
        CREATE INDEX ON t (at);
        CREATE TABLE archive (LIKE t INCLUDING ALL);
        """;

    private static readonly RetentionPolicy Archive = RetentionBench.Policy(RetentionAction.ArchiveToTable);

    private async Task<RetentionBench> StartAsync(string sql) => await RetentionBench.StartAsync(await servers.PostgresAsync(major), sql);

    [Theory]
    [InlineData("CREATE INDEX ON t (at)")]
    [InlineData("UPDATE t SET at = date_trunc('day', at) WHERE id > 0; CREATE INDEX ON t (at)")]
    [InlineData("")]
    public async Task A_row_that_somebody_has_locked_does_not_keep_the_others(string index)
    {
        await using var bench = await StartAsync(Plain.Replace("CREATE INDEX ON t (at)", index, StringComparison.Ordinal));
        var holder = await bench.OpenAsync();
        await holder.ExecuteAsync("BEGIN; UPDATE t SET v = 'changed' WHERE id IN (10, 3500)");

        var done = await bench.RunAsync(Archive, new RetentionOptions { Force = true, Verify = true });

        Assert.Equal((StepState.Deferred, 7998L, 2L), (done.State, done.Rows, done.RowsLeft!.Value));
        await holder.ExecuteAsync("COMMIT");
        Assert.Equal(2L, (await bench.RunAsync(Archive, new RetentionOptions { Force = true })).Rows);
        Assert.Equal((100L, 8000L, 2L), (await bench.CountAsync("t"), await bench.CountAsync("archive"), await bench.CountAsync("archive", "v = 'changed'")));
        await bench.AssertNothingRunsAsync();
    }

    [Theory]
    [InlineData("archive IN SHARE")]
    [InlineData("t IN ACCESS EXCLUSIVE")]
    public async Task A_table_that_is_not_to_be_had_puts_the_policy_off(string held)
    {
        await using var bench = await StartAsync(Plain);
        var holder = await bench.OpenAsync();
        var plan = await bench.PlanAsync(Archive);
        bench.At(FaultPoint.BatchCommitted, async count =>
        {
            if (count == 2)
            {
                await holder.ExecuteAsync($"BEGIN; LOCK TABLE {held} MODE");
            }
        });

        var done = await bench.ExecuteAsync(plan);

        Assert.Equal((StepState.Deferred, MaintenanceErrorCode.LockTimeout), (done.State, done.Error));
        Assert.True(done.Rows > 0);
        await holder.ExecuteAsync("COMMIT");
        Assert.Equal(done.Rows, await bench.CountAsync("archive"));
        Assert.Equal(8100L - done.Rows, await bench.CountAsync("t"));
    }

    [Fact]
    public async Task Rows_that_others_change_delete_and_bring_meanwhile_are_each_in_one_place_in_their_newest_version()
    {
        await using var bench = await StartAsync(Plain);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await bench.Admin.ExecuteAsync("CREATE TABLE log (id int, v text)");
        var writer = await bench.OpenAsync();
        var written = 0;
        var writing = Task.Run(
            async () =>
            {
                // Each change is on record in the transaction that makes it, if it found its row.
                for (; !stop.IsCancellationRequested && written < 3000; written++)
                {
                    var id = 1 + (written * 7919 % 8000);
                    await writer.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"WITH u AS (UPDATE t SET v = 'u{written}' WHERE id = {id} RETURNING id, v) INSERT INTO log SELECT * FROM u"));
                    if (written % 5 == 0)
                    {
                        await writer.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"WITH d AS (DELETE FROM t WHERE id = {1 + (written * 104729 % 8000)} RETURNING id) INSERT INTO log SELECT id, NULL FROM d"));
                        await writer.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO t VALUES ({10_000 + written}, now() - interval '90 days', 'late'); INSERT INTO log VALUES ({10_000 + written}, 'late')"));
                    }
                }
            },
            CancellationToken.None);
        bench.At(FaultPoint.BatchTaken, _ => Task.Delay(30, TestContext.Current.CancellationToken));

        await bench.RunAsync(Archive with { BatchTarget = TimeSpan.FromMilliseconds(10) }, new RetentionOptions { Verify = true });
        await stop.CancelAsync();
        await writing;
        bench.At(FaultPoint.BatchTaken, _ => Task.CompletedTask);
        var after = await bench.RunAsync(Archive);

        Assert.Equal(0L, after.RowsLeft ?? 0);
        Assert.True(written > 0);
        // What should be: the rows of the beginning and those that came, less those deleted, in the version written last.
        Assert.Equal(0L, await bench.Admin.ScalarAsync<long>("""
            WITH last AS (SELECT DISTINCT ON (log.id) log.id, log.v FROM log ORDER BY log.id, log.ctid DESC),
                 expected AS (
                    SELECT n AS id, COALESCE(last.v, 'v' || n) AS v FROM generate_series(1, 8000) n LEFT JOIN last ON last.id = n WHERE last.id IS NULL OR last.v IS NOT NULL
                    UNION ALL SELECT id, v FROM last WHERE id > 8000 AND v IS NOT NULL),
                 actual AS (SELECT id, v FROM archive UNION ALL SELECT id, v FROM t WHERE at < now() - interval '30 days')
            SELECT count(*) FROM ((TABLE expected EXCEPT ALL TABLE actual) UNION ALL (TABLE actual EXCEPT ALL TABLE expected)) AS difference
            """));
    }

    [Fact]
    public async Task Whoever_waits_too_long_makes_the_batch_give_way_and_smaller_ones_go_on()
    {
        await using var bench = await StartAsync(Plain);
        var options = new RetentionOptions { MaximumBlock = TimeSpan.FromMilliseconds(100) };
        var plan = await bench.PlanAsync(Archive, options);
        // The first batch takes its rows, and then its time: a trigger sleeps as long as a row of the test says.
        await bench.Admin.ExecuteAsync("""
            CREATE TABLE slow (seconds float8); INSERT INTO slow VALUES (3);
            CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep((SELECT max(seconds) FROM public.slow)); RETURN NULL; END $$;
            CREATE TRIGGER wait AFTER DELETE ON t FOR EACH STATEMENT EXECUTE FUNCTION wait();
            """);
        var writer = await bench.OpenAsync();
        var running = bench.ExecuteAsync(plan, options);
        await UntilAsync(bench, "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep')");
        // Waits for the row that the batch has deleted, and gets it.
        await writer.ExecuteAsync("UPDATE t SET v = 'mine' WHERE id = 1; UPDATE slow SET seconds = 0");

        var done = await running;

        Assert.Equal((StepState.Done, 8000L, 0L), (done.State, done.Rows, done.RowsLeft!.Value));
        Assert.Equal(1L, await bench.CountAsync("archive", "id = 1 AND v = 'mine'"));
        Assert.Contains(bench.Sink.VerboseMessages, message => message.Contains($"server process {writer.ProcessID} waited", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stopped_in_mid_run_what_was_done_stays_done_and_nothing_is_half_done()
    {
        await using var bench = await StartAsync(Plain);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bench.At(FaultPoint.BatchTaken, async count =>
        {
            if (count == 3)
            {
                await stop.CancelAsync();
            }
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bench.RunAsync(Archive, cancellationToken: stop.Token));

        var recorded = (await bench.HistoryAsync())[0];
        var archived = await bench.CountAsync("archive");
        Assert.Equal((StepState.Cancelled, archived), (recorded.State, (long)recorded.Effect["Rows"]!));
        Assert.InRange(archived, 1, 7999);
        Assert.Equal(8100L - archived, await bench.CountAsync("t"));
        await bench.AssertNothingRunsAsync();
    }

    [Fact]
    public async Task What_the_deadline_puts_off_is_finished_by_resuming()
    {
        await using var bench = await StartAsync(Plain);
        var deadline = TimeProvider.System.GetUtcNow().AddSeconds(2);
        bench.At(FaultPoint.BatchCommitted, async count =>
        {
            if (count == 2)
            {
                await Task.Delay(deadline - TimeProvider.System.GetUtcNow() + TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);
            }
        });

        var put = await bench.RunAsync(Archive, new RetentionOptions { Deadline = deadline });
        bench.At(FaultPoint.BatchCommitted, _ => Task.CompletedTask);
        var rest = await bench.RunAsync(Archive, new RetentionOptions { Resume = true });

        Assert.Equal((StepState.Deferred, MaintenanceErrorCode.DeadlineExceeded), (put.State, put.Error));
        Assert.Equal((StepState.Done, 8000L), (rest.State, put.Rows + rest.Rows));
        Assert.Equal((100L, 8000L), (await bench.CountAsync("t"), await bench.CountAsync("archive")));
        Assert.Empty(await bench.Engine.Retention.PlanAsync(bench.Target, new RetentionOptions { Policies = [Archive], Resume = true }, Calls.Silent(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_database_whose_transactions_are_stricter_by_default_makes_no_difference()
    {
        await using var bench = await StartAsync(Plain);
        await bench.Admin.ExecuteAsync($"ALTER DATABASE {bench.Name} SET default_transaction_isolation = 'serializable'");
        var writer = await bench.OpenAsync();
        bench.At(FaultPoint.BatchCommitted, _ => writer.ExecuteAsync("BEGIN ISOLATION LEVEL READ COMMITTED; UPDATE t SET v = 'x' WHERE id = 7999; COMMIT"));

        var done = await bench.RunAsync(Archive);

        Assert.Equal((StepState.Done, 8000L, 0L), (done.State, done.Rows, done.RowsLeft!.Value));
        Assert.Equal(1L, await bench.CountAsync("archive", "id = 7999 AND v = 'x'"));
    }

    [Fact]
    public async Task A_role_that_may_not_update_puts_off_what_others_have_locked()
    {
        await using var bench = await StartAsync(Plain);
        await bench.Admin.ExecuteAsync($"""
            CREATE ROLE {bench.Name} LOGIN PASSWORD 'secret';
            GRANT SELECT, DELETE ON t TO {bench.Name}; GRANT SELECT, INSERT ON archive TO {bench.Name};
            """);
        try
        {
            var target = bench.Target.As(bench.Name, "secret");
            var holder = await bench.OpenAsync();
            await holder.ExecuteAsync("BEGIN; UPDATE t SET v = 'changed' WHERE id = 5000");

            var done = await bench.RunAsync(Archive, target: target);
            await holder.ExecuteAsync("COMMIT");

            Assert.Equal((StepState.Deferred, MaintenanceErrorCode.LockTimeout), (done.State, done.Error));
            Assert.InRange(done.Rows, 1, 4999);
            Assert.Equal(8000L, done.Rows + (await bench.RunAsync(Archive, target: target)).Rows);
        }
        finally
        {
            await bench.Admin.ExecuteAsync($"DROP OWNED BY {bench.Name}; DROP ROLE {bench.Name}");
        }
    }

    [Fact]
    public async Task A_key_that_the_archive_has_already_is_named_and_both_tables_stay_as_they_were()
    {
        await using var bench = await StartAsync($"{Plain} INSERT INTO archive VALUES (17, now(), 'other')");

        var failed = await bench.RunAsync(Archive);

        Assert.Equal((StepState.Failed, MaintenanceErrorCode.DestinationUnfit, 0L), (failed.State, failed.Error!.Value, failed.Rows));
        Assert.Contains("archive_pkey", failed.Message, StringComparison.Ordinal);
        Assert.Contains("JOIN public.archive", failed.Recommendation, StringComparison.Ordinal);
        Assert.Equal((8100L, 1L), (await bench.CountAsync("t"), await bench.CountAsync("archive")));
    }

    [Fact]
    public async Task Rows_that_another_table_still_refers_to_are_named()
    {
        await using var bench = await StartAsync($"{Plain} CREATE TABLE child (t_id int REFERENCES t); CREATE INDEX ON child (t_id); INSERT INTO child VALUES (4000)");

        var failed = await bench.RunAsync(Archive);

        Assert.Equal((StepState.Failed, MaintenanceErrorCode.RetentionRefused), (failed.State, failed.Error));
        Assert.Contains("child_t_id_fkey", failed.Message, StringComparison.Ordinal);
        Assert.Equal(8100L, await bench.CountAsync("t") + await bench.CountAsync("archive"));
        Assert.Equal(failed.Rows, await bench.CountAsync("archive"));
    }

    [Fact]
    public async Task An_archive_that_is_dropped_meanwhile_ends_it_with_what_was_done()
    {
        await using var bench = await StartAsync(Plain);
        bench.At(FaultPoint.BatchCommitted, async count =>
        {
            if (count == 2)
            {
                await bench.Admin.ExecuteAsync("DROP TABLE archive");
            }
        });

        var failed = await bench.RunAsync(Archive);

        Assert.Equal((StepState.Failed, MaintenanceErrorCode.ObjectNotFound), (failed.State, failed.Error));
        Assert.InRange(failed.Rows, 1, 7999);
        Assert.Equal(8100L - failed.Rows, await bench.CountAsync("t"));
    }

    [Theory]
    [InlineData("RETURN NULL", false, 1)]
    [InlineData("NEW.v := 'other'; RETURN NEW", false, 0)]
    [InlineData("NEW.v := 'other'; RETURN NEW", true, 1)]
    public async Task A_trigger_of_the_archive_that_drops_or_changes_a_row_is_caught(string does, bool verify, int caught)
    {
        await using var bench = await StartAsync($"""
            {Plain}
            CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id = 5000 THEN {does}; END IF; RETURN NEW; END $$;
            CREATE TRIGGER meddle BEFORE INSERT ON archive FOR EACH ROW EXECUTE FUNCTION meddle();
            """);

        var result = await bench.RunAsync(Archive, new RetentionOptions { Verify = verify });

        Assert.Equal(caught == 1 ? (StepState.Failed, MaintenanceErrorCode.ArchiveMismatch) : (StepState.Done, null), (result.State, result.Error));
        Assert.Equal(!verify ? null : caught == 0, result.Verified);
        Assert.Equal(8100L, await bench.CountAsync("t") + await bench.CountAsync("archive"));
        Assert.Equal(caught, await bench.CountAsync("t", "id = 5000"));
    }

    [Theory]
    [InlineData(RetentionAction.Delete)]
    [InlineData(RetentionAction.ArchiveToTable)]
    public async Task What_was_proved_is_told_with_counts_and_checksums(RetentionAction action)
    {
        await using var bench = await StartAsync(Plain);
        var plan = await bench.PlanAsync(RetentionBench.Policy(action), new RetentionOptions { Verify = true });
        // The checksum is the sum of the rows' hashes, its lowest 64 bits in hexadecimal digits.
        var sum = System.Numerics.BigInteger.Parse(await bench.Admin.ScalarAsync<string>($"SELECT sum(hashtextextended(t::text, 0))::text FROM t WHERE at < '{plan.CutOff:O}'"), CultureInfo.InvariantCulture);
        var checksum = unchecked((ulong)(sum & ulong.MaxValue)).ToString("x16", CultureInfo.InvariantCulture);

        var done = await bench.ExecuteAsync(plan, new RetentionOptions { Verify = true });

        Assert.True(done.Verified);
        Assert.StartsWith(action == RetentionAction.Delete ? "Each of 8,000 rows was past its age" : "8,000 rows left with checksum", done.Verification, StringComparison.Ordinal);
        Assert.Contains(checksum, done.Verification, StringComparison.Ordinal);
        Assert.EndsWith("8,000 were planned; 0 that are due are still there.", done.Verification, StringComparison.Ordinal);
        Assert.True(done.Bytes > 8000 * 30);
    }

    [Fact]
    public async Task A_full_disk_takes_back_one_batch_and_keeps_what_was_done()
    {
        await using var bench = await StartAsync(Plain);
        await bench.Admin.ExecuteAsync("""
            CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF (SELECT count(*) FROM public.archive) > 3000 THEN RAISE EXCEPTION USING ERRCODE = 'disk_full', MESSAGE = 'could not extend file'; END IF; RETURN NULL; END $$;
            CREATE TRIGGER full_disk AFTER INSERT ON archive FOR EACH STATEMENT EXECUTE FUNCTION is_full();
            """);

        var failed = await bench.RunAsync(Archive);

        Assert.Equal((StepState.Failed, MaintenanceErrorCode.DatabaseError), (failed.State, failed.Error));
        Assert.Contains("ran out of space (53100)", failed.Message, StringComparison.Ordinal);
        Assert.Equal(failed.Rows, await bench.CountAsync("archive"));
        Assert.Equal(8100L - failed.Rows, await bench.CountAsync("t"));
    }

    private static async Task UntilAsync(RetentionBench bench, string condition)
    {
        await using var observer = await bench.OpenAsync();
        while (!await observer.ScalarAsync<bool>($"SELECT {condition}"))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
