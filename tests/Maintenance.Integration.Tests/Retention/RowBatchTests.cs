using System.Globalization;
using Maintenance.Engine.Retention;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Retention;

public sealed class RowBatch15Tests(SandboxFixture servers) : RowBatchTests(servers, 15);

public sealed class RowBatch18Tests(SandboxFixture servers) : RowBatchTests(servers, 18)
{
    [Fact]
    public async Task A_million_rows_leave_in_batches_and_each_arrives()
    {
        await using var bench = await StartAsync("""
            CREATE UNLOGGED TABLE t (id int, at timestamptz);
            INSERT INTO t SELECT n, now() - interval '100 days' + n * interval '1 second' FROM generate_series(1, 1000000) n;
            INSERT INTO t SELECT -n, now() FROM generate_series(1, 1000) n;
            CREATE INDEX ON t (at);
            CREATE UNLOGGED TABLE archive (LIKE t);
            """);

        var done = await bench.RunAsync(RetentionBench.Policy(RetentionAction.ArchiveToTable));

        Assert.Equal((StepState.Done, 1_000_000L, 0L), (done.State, done.Rows, done.RowsLeft!.Value));
        Assert.Equal(1_000_000L, await bench.Admin.ScalarAsync<long>("SELECT count(DISTINCT id) FROM archive"));
        Assert.Equal(1000L, await bench.CountAsync("t"));
        Assert.True(done.Batches > 20);
    }
}

/// <summary>Which rows batches take, and which they do not.</summary>
public abstract class RowBatchTests(SandboxFixture servers, int major)
{
    // 5000 rows, the first 3000 of them past their age.
    private const string Plain = """
        CREATE TABLE t (id int PRIMARY KEY, at timestamptz, v text);
        INSERT INTO t SELECT n, now() - interval '60 days' + n * interval '15 minutes' - CASE WHEN n > 3000 THEN interval '0' ELSE interval '10 days' END, 'v' || n FROM generate_series(1, 2900) n;
        INSERT INTO t SELECT n, now() - n * interval '1 minute', 'v' || n FROM generate_series(3001, 5000) n;
        CREATE INDEX ON t (at);
        CREATE TABLE archive (LIKE t INCLUDING ALL);
        """;

    private protected async Task<RetentionBench> StartAsync(string sql) => await RetentionBench.StartAsync(await servers.PostgresAsync(major), sql);

    [Theory]
    [InlineData(RetentionAction.Delete)]
    [InlineData(RetentionAction.ArchiveToTable)]
    public async Task Exactly_the_rows_past_their_age_leave(RetentionAction action)
    {
        await using var bench = await StartAsync(Plain);
        await bench.Admin.ExecuteAsync("INSERT INTO t VALUES (-1, NULL, 'null'), (-2, 'infinity', 'later'), (-3, '-infinity', 'before')");
        var planned = await bench.PlanAsync(RetentionBench.Policy(action));
        var due = await bench.SumAsync($"SELECT * FROM t WHERE at > '-infinity' AND at < '{planned.CutOff:O}'");
        var staying = await bench.SumAsync($"SELECT * FROM t WHERE NOT (at > '-infinity' AND at < '{planned.CutOff:O}') OR at IS NULL");

        var done = await bench.ExecuteAsync(planned);

        Assert.Equal((StepState.Done, planned.RowsDue!.Value, 0L), (done.State, done.Rows, done.RowsLeft!.Value));
        Assert.Equal(3, done.RowsWithoutAge);
        Assert.Equal(staying, await bench.SumAsync("SELECT * FROM t"));
        Assert.Equal(action == RetentionAction.Delete ? "0/0" : due, await bench.SumAsync("SELECT * FROM archive"));
        Assert.True(done.Batches > 1);
        Assert.True(done.WalBytes > 0);
        Assert.NotNull(done.WorstBatch);
        Assert.Empty(done.Notes);
        await bench.AssertNothingRunsAsync();
    }

    [Fact]
    public async Task Many_rows_of_one_time_are_taken_in_batches_of_the_same_size()
    {
        await using var bench = await StartAsync("""
            CREATE TABLE t (id int PRIMARY KEY, at date);
            INSERT INTO t SELECT n, current_date - 40 - (n - 1) / 20000 FROM generate_series(1, 60000) n;
            CREATE INDEX ON t (at);
            CREATE TABLE archive (id int, at date, batch xid DEFAULT pg_current_xact_id()::xid);
            """);

        var done = await bench.RunAsync(RetentionBench.Policy(RetentionAction.ArchiveToTable));

        Assert.Equal((StepState.Done, 60_000L, 0L), (done.State, done.Rows, done.RowsLeft));
        Assert.Equal(60_000L, await bench.Admin.ScalarAsync<long>("SELECT count(DISTINCT id) FROM archive"));
        // One that finds nothing, on the way to the first time, takes a thousand at the most, and each half as many again as the one before.
        Assert.InRange(await bench.Admin.ScalarAsync<long>("SELECT count(*) FROM archive GROUP BY batch::text::bigint ORDER BY batch::text::bigint LIMIT 1"), 1, 1500);
        Assert.InRange(await bench.Admin.ScalarAsync<long>("SELECT max(n) FROM (SELECT count(*) AS n FROM archive GROUP BY batch::text) AS batches"), 1, 19_999);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_trigger_that_keeps_rows_does_not_keep_the_others_nor_the_run_from_ending(bool ties)
    {
        await using var bench = await StartAsync($"""
            CREATE TABLE t (id int PRIMARY KEY, at timestamptz);
            INSERT INTO t SELECT n, date_trunc('day', now()) - interval '60 days' - {(ties ? "0" : "1")} * n * interval '1 second' FROM generate_series(1, 5000) n;
            CREATE INDEX ON t (at);
            CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN CASE WHEN OLD.id % 10 = 0 THEN NULL ELSE OLD END; END $$;
            CREATE TRIGGER keep BEFORE DELETE ON t FOR EACH ROW EXECUTE FUNCTION keep();
            """);

        var done = await bench.RunAsync(RetentionBench.Policy());

        Assert.Equal((StepState.Deferred, HealthStatus.Warning, 4500L, 500L), (done.State, done.Status, done.Rows, done.RowsLeft!.Value));
        Assert.Equal(500L, await bench.CountAsync("t", "id % 10 = 0"));
        Assert.Contains(done.Notes, note => note.Contains("500 row(s) could not be taken", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_table_without_an_index_on_its_time_is_read_once_in_ranges_of_blocks(bool partitioned)
    {
        await using var bench = await StartAsync(partitioned
            ? """
              CREATE TABLE t (id int, at timestamptz) PARTITION BY HASH (id);
              CREATE TABLE t0 PARTITION OF t FOR VALUES WITH (MODULUS 3, REMAINDER 0);
              CREATE TABLE t1 (at timestamptz, id int); ALTER TABLE t ATTACH PARTITION t1 FOR VALUES WITH (MODULUS 3, REMAINDER 1);
              CREATE TABLE t2 PARTITION OF t FOR VALUES WITH (MODULUS 3, REMAINDER 2);
              INSERT INTO t SELECT n, now() - n * interval '1 minute' FROM generate_series(1, 60000) n;
              """
            : "CREATE TABLE t (id int, at timestamptz); INSERT INTO t SELECT n, now() - n * interval '1 minute' FROM generate_series(1, 60000) n");
        Assert.Equal(MaintenanceErrorCode.RetentionRefused, (await bench.PlanAsync(RetentionBench.Policy())).Error);
        var planned = await bench.PlanAsync(RetentionBench.Policy(), new RetentionOptions { Force = true });

        var done = await bench.ExecuteAsync(planned, new RetentionOptions { Force = true });

        Assert.Equal((StepState.Done, planned.RowsDue!.Value, 0L), (done.State, done.Rows, done.RowsLeft!.Value));
        Assert.Equal(60_000L - done.Rows, await bench.CountAsync("t"));
        Assert.Equal(0L, await bench.CountAsync("t", $"at < '{planned.CutOff:O}'"));
        Assert.Contains("ctid >=", Assert.Single(planned.Sql), StringComparison.Ordinal);
        Assert.Contains("Tid Range Scan", await PlanOfAsync(bench, planned.Sql[0]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_of_a_partitioned_table_leave_through_its_parent()
    {
        await using var bench = await StartAsync("""
            CREATE TABLE t (id int, at timestamptz) PARTITION BY LIST ((id % 2));
            CREATE TABLE t0 PARTITION OF t FOR VALUES IN (0);
            CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);
            INSERT INTO t SELECT n, now() - interval '50 days' - (n / 2000) * interval '1 minute' FROM generate_series(1, 10000) n;
            INSERT INTO t SELECT n, now() FROM generate_series(1, 100) n;
            CREATE INDEX ON t (at);
            CREATE TABLE archive (LIKE t);
            """);

        var done = await bench.RunAsync(RetentionBench.Policy(RetentionAction.ArchiveToTable), new RetentionOptions { Verify = true });

        Assert.Equal((StepState.Done, 10_000L, 0L, true), (done.State, done.Rows, done.RowsLeft, done.Verified));
        Assert.Equal((100L, 10_000L), (await bench.CountAsync("t"), await bench.CountAsync("archive")));
    }

    [Fact]
    public async Task Rows_that_come_late_are_taken_by_going_through_again()
    {
        await using var bench = await StartAsync(Plain);
        var writer = await bench.OpenAsync();
        bench.At(FaultPoint.BatchCommitted, async count =>
        {
            if (count == 2)
            {
                await writer.ExecuteAsync("INSERT INTO t SELECT -n, now() - interval '1 year', 'late' FROM generate_series(1, 50) n");
            }
        });

        var done = await bench.RunAsync(RetentionBench.Policy(RetentionAction.ArchiveToTable));

        Assert.Equal((done.RowsDue!.Value + 50, 0L), (done.Rows, done.RowsLeft!.Value));
        Assert.Equal(50L, await bench.CountAsync("archive", "v = 'late'"));
    }

    [Fact]
    public async Task Nobody_who_keeps_writing_old_rows_keeps_it_from_ending()
    {
        await using var bench = await StartAsync(Plain);
        var writer = await bench.OpenAsync();
        bench.At(FaultPoint.BatchCommitted, count => writer.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO t VALUES ({-count}, now() - interval '1 year', 'late')")));

        var done = await bench.RunAsync(RetentionBench.Policy());

        Assert.Equal(StepState.Deferred, done.State);
        Assert.True(done.RowsLeft >= 1);
        Assert.Equal(done.RowsLeft, await bench.CountAsync("t", "at < now() - interval '30 days'"));
    }

    [Fact]
    public async Task Nothing_to_do_is_said_and_nothing_is_done()
    {
        await using var bench = await StartAsync("CREATE TABLE t (at timestamptz PRIMARY KEY); INSERT INTO t VALUES (now())");

        var done = await bench.RunAsync(RetentionBench.Policy());

        Assert.Equal((StepState.Skipped, 0L, 0L, "No row is past its age."), (done.State, done.RowsDue, done.Rows, done.Message));
    }

    [Fact]
    public async Task Names_of_any_kind_are_names()
    {
        const string Table = "a \"b\".c; DROP TABLE x; -- 🐘";
        var time = "it's \"at\"." + new string('x', 63 - 10);
        static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        await using var bench = await StartAsync($"""
            CREATE SCHEMA {Quote("s.1 \"")};
            CREATE TABLE {Quote("s.1 \"")}.{Quote(Table)} ("select" int, {Quote(time)} timestamptz, "at" text, "place" text, "gone" text);
            INSERT INTO {Quote("s.1 \"")}.{Quote(Table)} SELECT n, now() - n * interval '1 day', 'a', 'p', 'g' FROM generate_series(1, 100) n;
            CREATE INDEX ON {Quote("s.1 \"")}.{Quote(Table)} ({Quote(time)});
            CREATE TABLE {Quote("ärchiv 'x'")} (LIKE {Quote("s.1 \"")}.{Quote(Table)});
            """);
        var policy = RetentionBench.Policy(RetentionAction.ArchiveToTable, $"{Quote("s.1 \"")}.{Quote(Table)}", time, $"public.{Quote("ärchiv 'x'")}");

        var done = await bench.RunAsync(policy, new RetentionOptions { Verify = true });

        Assert.Equal((StepState.Done, 71L, 0L, true), (done.State, done.Rows, done.RowsLeft, done.Verified));
        Assert.Equal(71L, await bench.CountAsync(Quote("ärchiv 'x'")));
    }

    [Fact]
    public async Task Columns_are_mapped_by_name_whatever_their_order_type_and_origin()
    {
        await using var bench = await StartAsync("""
            CREATE TABLE t (gone int, id int GENERATED ALWAYS AS IDENTITY, at timestamptz, small int, name varchar(40), twice int GENERATED ALWAYS AS (small * 2) STORED, score float4);
            ALTER TABLE t DROP COLUMN gone;
            INSERT INTO t (at, small, name, score) SELECT now() - n * interval '1 day', n, 'n' || n, n / 7.0 FROM generate_series(1, 100) n;
            CREATE INDEX ON t (at);
            CREATE TABLE archive (archived_at timestamptz NOT NULL DEFAULT now(), score float8, twice bigint, name text, small bigint, at timestamptz, id int GENERATED ALWAYS AS IDENTITY, remark text);
            """);

        var done = await bench.RunAsync(RetentionBench.Policy(RetentionAction.ArchiveToTable), new RetentionOptions { Verify = true });

        Assert.Equal((StepState.Done, 71L, true), (done.State, done.Rows, done.Verified));
        Assert.Equal(71L, await bench.CountAsync("archive", "id = small AND twice = small * 2 AND name = 'n' || small AND score::float4 = (small / 7.0)::float4 AND remark IS NULL"));
    }

    [Fact]
    public async Task A_cut_off_in_the_hour_that_a_clock_shows_twice_takes_nothing_that_may_still_be_young()
    {
        // A day ago, in that zone, was in a year of the past whose clocks went back: simulated by an age that leads there.
        await using var bench = await StartAsync("""
            CREATE TABLE t (at timestamp PRIMARY KEY);
            INSERT INTO t SELECT '2025-10-26 00:00'::timestamp + n * interval '10 minutes' FROM generate_series(0, 30) n;
            """);
        // 00:30 UTC is 02:30 shown for the first time; what shows 02:00 to 03:00 may mean the second time.
        var age = await bench.Admin.ScalarAsync<TimeSpan>("SELECT now() - '2025-10-26 00:30+00'::timestamptz");
        var policy = RetentionBench.Policy() with { Age = age, TimeZone = "Europe/Berlin" };

        await bench.RunAsync(policy);

        Assert.Equal(new DateTime(2025, 10, 26, 2, 0, 0), await bench.Admin.ScalarAsync<DateTime>("SELECT min(at) FROM t"));
    }

    [Fact]
    public async Task A_hold_is_looked_at_in_every_batch_also_one_that_was_placed_meanwhile()
    {
        await using var bench = await StartAsync($"{Plain} CREATE TABLE holds (owner int PRIMARY KEY); INSERT INTO holds VALUES (5)");
        var lawyer = await bench.OpenAsync();
        bench.At(FaultPoint.BatchCommitted, async count =>
        {
            if (count == 1)
            {
                await lawyer.ExecuteAsync("INSERT INTO holds SELECT id FROM t WHERE id IN (2000, 2001)");
            }
        });
        var policy = RetentionBench.Policy(RetentionAction.ArchiveToTable) with { LegalHold = "EXISTS (SELECT FROM public.holds AS h WHERE h.owner = t.id)" };

        var done = await bench.RunAsync(policy);

        Assert.Equal((StepState.Done, 1L, 0L), (done.State, done.RowsHeld, done.RowsLeft));
        Assert.Equal(done.RowsDue - 2, done.Rows);
        Assert.Equal(3L, await bench.CountAsync("t", "id IN (5, 2000, 2001)"));
        Assert.Equal(0L, await bench.CountAsync("archive", "id IN (5, 2000, 2001)"));
    }

    private static async Task<string> PlanOfAsync(RetentionBench bench, string sql)
    {
        await using var other = await bench.OpenAsync();
        await other.ExecuteAsync("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off");
        await other.ExecuteAsync($"PREPARE p (text, text, bigint, text, bigint, bigint) AS {sql}");
        var lines = new List<string>();
        await using var command = new Npgsql.NpgsqlCommand("EXPLAIN EXECUTE p ('-infinity', '2000-01-01', 1, '', 0, 1)", other);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            lines.Add(reader.GetString(0));
        }

        return string.Join("; ", lines);
    }
}
