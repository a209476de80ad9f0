using System.Globalization;
using Maintenance.Engine.Retention;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Retention;

/// <summary>
/// Whatever ends the move of a partition, and wherever: after the next run each of its rows is in one place, in its newest version; and
/// what cannot be brought there is named.
/// </summary>
public sealed class PartitionFaultTests(SandboxFixture fixture)
{
    private const RetentionAction Archive = RetentionAction.ArchiveToTable;

    public static TheoryData<int, Point, string, RetentionAction> Breaks()
    {
        var data = new TheoryData<int, Point, string, RetentionAction>();
        foreach (var major in new[] { 15, 18 })
        {
            foreach (var point in Enum.GetValues<Point>())
            {
                foreach (var action in new[] { RetentionAction.Delete, Archive })
                {
                    data.Add(major, point, "kill", action);
                    data.Add(major, point, "crash", action);
                }
            }
        }

        return data;
    }

    [Fact]
    public async Task Database_maintenance_brings_home_what_was_on_its_way_although_no_row_is_due()
    {
        await using var bench = await PartitionBench.WithWeeksAsync(fixture, 18, whole: 1);
        await bench.ArchiveAsync();
        var policy = PartitionBench.Policy(RetentionAction.ArchiveToTable);
        bench.BreakAt(FaultPoint.PartitionDetached, bench.KillAsync);
        await bench.RunAsync(policy);
        Assert.Equal(0, await bench.CountAsync("events_archive"));

        var run = await bench.Database.Engine.DbMaintenance.RunAsync(
            bench.Database.Target with { Retention = [policy] }, new DbMaintenanceOptions { Steps = [DbMaintenanceStep.Retention] }, _ => Task.FromResult(true), Calls.Silent(), PartitionBench.Stop);
        Assert.Equal(StepState.Done, Assert.Single(run.Steps).State);
        Assert.Equal(PartitionBench.RowsOfAWeek, await bench.CountAsync("events_archive"));
    }

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task The_next_run_ends_what_was_broken_off(int major, Point point, string how, RetentionAction action)
    {
        await using var bench = await PartitionBench.WithWeeksAsync(fixture, major);
        await bench.ArchiveAsync("CREATE TABLE rest PARTITION OF events_archive FOR VALUES FROM ('2000-01-01') TO ('2000-01-02')");
        await bench.Admin.ExecuteAsync("DELETE FROM events_3 WHERE at < now() - interval '28 days'; CREATE TABLE before AS SELECT * FROM events");
        var due = await bench.DueAsync();
        bench.BreakAt(Enum.Parse<FaultPoint>(point.ToString()), () => how == "kill" ? bench.KillAsync() : throw new InvalidOperationException("The process is gone."));
        var plan = await bench.PlanAsync(PartitionBench.Policy(action));
        if (how == "kill")
        {
            var broken = Assert.Single(await bench.ExecuteAsync(plan));
            Assert.Equal((StepState.Failed, MaintenanceErrorCode.DatabaseUnreachable), (broken.State, broken.Error));
        }
        else
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => bench.ExecuteAsync(plan));
        }

        var archive = action == Archive ? "events_archive" : "(SELECT * FROM events_archive) AS nothing";
        var result = await bench.RunAsync(PartitionBench.Policy(action));
        Assert.Equal(StepState.Done, result.State);
        Assert.Equal(0, await bench.DueAsync());
        Assert.Equal(0, await bench.OpenMovesAsync());
        Assert.Equal(action == Archive ? due : 0, await bench.CountAsync(archive));
        Assert.Equal(0, await bench.CountAsync("(SELECT * FROM events EXCEPT SELECT * FROM before) AS more"));
        Assert.Equal(await bench.CountAsync("before"), await bench.CountAsync("events") + due);
        Assert.Equal(action == Archive ? 3 : 0, await bench.CountAsync("pg_class WHERE relname IN ('events_0', 'events_1', 'events_2')"));
        await bench.Database.AssertNothingRunsAsync();
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_partition_that_is_out_goes_back_when_no_policy_asks_for_it_any_more(int major)
    {
        await using var bench = await BrokenAsync(major, FaultPoint.PartitionDetached);
        Assert.DoesNotContain("events_0", await bench.PartitionsAsync("events"));
        await bench.Admin.ExecuteAsync("CREATE TABLE other (at timestamptz); CREATE INDEX ON other (at)");
        Assert.Equal(StepState.Skipped, (await bench.RunAsync(PartitionBench.Policy(table: "other"))).State);
        Assert.Contains("events_0", await bench.PartitionsAsync("events"));
        Assert.Equal(0, await bench.OpenMovesAsync());
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_partition_that_got_a_row_with_a_hold_while_it_was_out_goes_back(int major)
    {
        await using var bench = await BrokenAsync(major, FaultPoint.PartitionDetached);
        var policy = PartitionBench.Policy() with { LegalHold = "note = 'hold'" };
        await bench.Admin.ExecuteAsync("INSERT INTO events_0 SELECT -1, max(at), 1, 'hold' FROM events_0");
        var result = await bench.RunAsync(policy);
        Assert.Equal(StepState.Done, result.State);
        Assert.Contains(result.Notes, note => note.Contains("public.events_0, which an earlier run had taken out, is a partition of public.events again: rows in it have to stay", StringComparison.Ordinal));
        Assert.Equal(-1, await bench.Admin.ScalarAsync<long>("SELECT id FROM events WHERE note = 'hold'"));
        Assert.Equal(1, await bench.CountAsync("events_0"));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_row_that_is_no_row_of_the_range_makes_a_loud_failure_and_nothing_is_dropped(int major)
    {
        await using var bench = await BrokenAsync(major, FaultPoint.PartitionDetached);
        // What DETACH CONCURRENTLY leaves keeps such rows out; somebody who removes it means it.
        await bench.Admin.ExecuteAsync("""
            DO $$ DECLARE c text; BEGIN
                FOR c IN SELECT conname FROM pg_constraint WHERE conrelid = 'events_0'::regclass AND contype = 'c' LOOP EXECUTE format('ALTER TABLE events_0 DROP CONSTRAINT %I', c); END LOOP;
            END $$;
            INSERT INTO events_0 VALUES (-1, now(), 1, 'young');
            """);
        var result = await bench.RunAsync(PartitionBench.Policy());
        Assert.Equal(StepState.Failed, result.State);
        Assert.Contains("public.events_0", result.Message, StringComparison.Ordinal);
        Assert.Contains("maintenance.partition_moves", result.Recommendation, StringComparison.Ordinal);
        Assert.Equal(1, await bench.CountAsync("events_0 WHERE note = 'young'"));
        Assert.Equal(1, await bench.CountAsync("maintenance.partition_moves WHERE done_at IS NULL AND partition_name = 'public.events_0'"));
        await bench.Admin.ExecuteAsync("DELETE FROM events_0 WHERE note = 'young'");
        Assert.Equal(StepState.Done, (await bench.RunAsync(PartitionBench.Policy())).State);
        Assert.Equal(0, await bench.OpenMovesAsync());
    }

    [Theory]
    [InlineData(15, "ALTER TABLE events_0 RENAME TO mine", "it is called public.mine now")]
    [InlineData(18, "ALTER TABLE events_0 RENAME TO mine", "it is called public.mine now")]
    [InlineData(15, "DROP TABLE events_0", "it is no more there")]
    [InlineData(18, "DROP TABLE events_0; CREATE TABLE events_0 (LIKE events)", "it is no more there")]
    [InlineData(18, "CREATE TABLE other (LIKE events) PARTITION BY RANGE (at); ALTER TABLE other ATTACH PARTITION events_0 FOR VALUES FROM (MINVALUE) TO (MAXVALUE)", "a partition of another table")]
    public async Task What_somebody_did_to_a_partition_that_is_out_makes_a_loud_failure(int major, string change, string expected)
    {
        await using var bench = await BrokenAsync(major, FaultPoint.PartitionDetached);
        await bench.Admin.ExecuteAsync(change);
        var result = await bench.RunAsync(PartitionBench.Policy());
        Assert.Equal((StepState.Failed, MaintenanceErrorCode.PartitionAdrift), (result.State, result.Error));
        Assert.Contains(expected, result.Message, StringComparison.Ordinal);

        // Without a policy for it, the run itself fails, after all others had their turn.
        await bench.Admin.ExecuteAsync("CREATE TABLE fine (at timestamptz); CREATE INDEX ON fine (at); INSERT INTO fine VALUES ('2000-01-01')");
        var plan = await bench.PlanAsync(PartitionBench.Policy(table: "fine"));
        var stray = await Assert.ThrowsAsync<MaintenanceException>(() => bench.ExecuteAsync(plan));
        Assert.Contains(expected, stray.Message, StringComparison.Ordinal);
        Assert.Equal(0, await bench.CountAsync("fine"));

        // What was said to be looked after is no matter any more.
        await bench.Admin.ExecuteAsync("UPDATE maintenance.partition_moves SET done_at = now() WHERE done_at IS NULL");
        Assert.Equal(StepState.Done, (await bench.RunAsync(PartitionBench.Policy())).State);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_partition_that_an_earlier_run_left_half_out_is_taken_out(int major)
    {
        await using var bench = await PartitionBench.WithWeeksAsync(fixture, major);
        await bench.ArchiveAsync("CREATE TABLE rest PARTITION OF events_archive FOR VALUES FROM ('2100-01-01') TO (MAXVALUE)");
        await bench.Admin.ExecuteAsync("DELETE FROM events_3 WHERE at < now() - interval '28 days'");
        var due = await bench.DueAsync();
        var reader = await bench.Database.OpenAsync();
        bench.BreakAt(FaultPoint.PartitionRegistered, () => throw new InvalidOperationException("The process is gone."));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await bench.ExecuteAsync(await bench.PlanAsync(PartitionBench.Policy(Archive))));
        // As if the process had died in the second half of the statement.
        await reader.ExecuteAsync("BEGIN; SELECT count(*) FROM events");
        await bench.Admin.ExecuteAsync("SET lock_timeout = '50ms'");
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => bench.Admin.ExecuteAsync("ALTER TABLE events DETACH PARTITION events_0 CONCURRENTLY"));
        await bench.Admin.ExecuteAsync("RESET lock_timeout");
        Assert.Equal(1, await bench.CountAsync("pg_inherits WHERE inhdetachpending"));
        await reader.ExecuteAsync("COMMIT");

        var result = await bench.RunAsync(PartitionBench.Policy(Archive));
        Assert.Equal(StepState.Done, result.State);
        Assert.Contains(result.Notes, note => note.Contains("public.events_0 with 50 row(s), which an earlier run had taken out, was attached to the archive", StringComparison.Ordinal));
        Assert.Equal(due, await bench.CountAsync("events_archive"));
        Assert.Equal(0, await bench.OpenMovesAsync());
        await reader.DisposeAsync();
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Somebody_elses_long_transaction_makes_batches_of_it_and_is_named(int major)
    {
        await using var bench = await PartitionBench.WithWeeksAsync(fixture, major);
        var due = await bench.DueAsync();
        await using var reader = await bench.Database.OpenAsync();
        await reader.ExecuteAsync("BEGIN; SELECT count(*) FROM events");
        var result = await bench.RunAsync(PartitionBench.Policy());
        Assert.Equal((StepState.Done, due, 0), (result.State, result.Rows, result.Partitions.Count));
        Assert.Contains(result.Notes, note => note.Contains(string.Create(CultureInfo.InvariantCulture, $"server process {reader.ProcessID} uses the table in a long transaction"), StringComparison.Ordinal));
        Assert.Equal(0, await bench.CountAsync("pg_inherits WHERE inhdetachpending"));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Who_uses_a_partition_that_is_out_is_not_waited_for_without_end(int major)
    {
        await using var bench = await PartitionBench.WithWeeksAsync(fixture, major);
        await using var reader = await bench.Database.OpenAsync();
        bench.BreakAt(FaultPoint.PartitionDetached, () => reader.ExecuteAsync("BEGIN; SELECT count(*) FROM events_0"));
        var result = await bench.RunAsync(PartitionBench.Policy());
        Assert.Equal((StepState.Deferred, MaintenanceErrorCode.LockTimeout), (result.State, result.Error));
        Assert.Contains("public.events_0 is out of public.events", result.Message, StringComparison.Ordinal);
        await reader.ExecuteAsync("COMMIT");
        Assert.Equal(StepState.Done, (await bench.RunAsync(PartitionBench.Policy())).State);
        Assert.Equal(0, await bench.OpenMovesAsync());
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Nobody_is_kept_waiting_and_the_table_is_never_locked_exclusively(int major)
    {
        await using var bench = await PartitionBench.WithWeeksAsync(fixture, major, whole: 12);
        await bench.ArchiveAsync("""
            DO $$ DECLARE straddling text := pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'events_12';
            BEGIN EXECUTE 'CREATE TABLE events_archive_12 PARTITION OF events_archive ' || straddling; END $$
            """);
        using var over = new CancellationTokenSource();
        var strongest = 0L;
        var watching = LoopAsync(async connection => strongest = Math.Max(strongest, await connection.ScalarAsync<long>(
            "SELECT count(*) FROM pg_locks WHERE relation IN ('events'::regclass, 'events_archive'::regclass) AND mode = 'AccessExclusiveLock'")));
        var written = 0;
        var writing = LoopAsync(async connection =>
        {
            await connection.ExecuteAsync($"INSERT INTO events VALUES ({++written}, now(), 1, 'new')");
            await connection.ExecuteAsync("UPDATE events SET note = note || '+' WHERE id = (SELECT id FROM events ORDER BY random() LIMIT 1)");
        });
        var reading = LoopAsync(connection => connection.ScalarAsync<long>("SELECT count(*) FROM events WHERE at > now() - interval '1 hour'"));
        var before = await bench.CountAsync("events WHERE note NOT LIKE 'new%'");
        var result = await bench.RunAsync(PartitionBench.Policy(Archive));
        await over.CancelAsync();
        await Task.WhenAll(watching, writing, reading);

        Assert.Equal((StepState.Done, 0L), (result.State, result.RowsLeft));
        Assert.Equal(12, result.Partitions.Count);
        Assert.Equal(0, strongest);
        Assert.Equal(before + written, await bench.CountAsync("(SELECT id FROM events UNION ALL SELECT id FROM events_archive) AS everything"));
        Assert.Equal(before + written, await bench.CountAsync("(SELECT id FROM events UNION SELECT id FROM events_archive) AS everything"));

        async Task LoopAsync(Func<Npgsql.NpgsqlConnection, Task> what)
        {
            await using var connection = await bench.Database.OpenAsync();
            while (!over.IsCancellationRequested)
            {
                await what(connection);
            }
        }
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_run_that_is_stopped_in_the_middle_leaves_no_partition_out(int major)
    {
        await using var bench = await PartitionBench.WithWeeksAsync(fixture, major);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(PartitionBench.Stop);
        bench.BreakAt(FaultPoint.PartitionDetached, () => stop.CancelAsync());
        var due = await bench.DueAsync();
        var plan = await bench.PlanAsync(PartitionBench.Policy());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bench.ExecuteAsync(plan, cancellationToken: stop.Token));
        // The one that was out was ended; the others are where they were.
        Assert.Equal(0, await bench.CountAsync("pg_class WHERE relname = 'events_0'"));
        Assert.Equal(due - PartitionBench.RowsOfAWeek, await bench.DueAsync());
        Assert.Equal(0, await bench.OpenMovesAsync());
        Assert.Equal(StepState.Done, (await bench.RunAsync(PartitionBench.Policy())).State);
        Assert.Equal(0, await bench.OpenMovesAsync());
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Who_queues_behind_a_lock_on_the_table_does_not_wait_long_and_the_rows_go_in_batches(int major)
    {
        await using var bench = await PartitionBench.WithWeeksAsync(fixture, major);
        await bench.Admin.ExecuteAsync("CREATE TABLE rest PARTITION OF events DEFAULT");
        var due = await bench.DueAsync();
        await using var holder = await bench.Database.OpenAsync();
        await holder.ExecuteAsync("BEGIN; SELECT count(*) FROM events");
        using var over = new CancellationTokenSource();
        // A statement that waits longer than it may fails the test.
        var queueing = QueueAsync();
        var result = await bench.RunAsync(PartitionBench.Policy(), new RetentionOptions { AllowAccessExclusive = true, MaximumBlock = TimeSpan.FromMilliseconds(100) });
        await over.CancelAsync();
        await queueing;
        Assert.Equal((StepState.Done, due, 0), (result.State, result.Rows, result.Partitions.Count));
        Assert.Contains(result.Notes, note => note.Contains("others use the table", StringComparison.Ordinal));

        async Task QueueAsync()
        {
            await using var connection = await bench.Database.OpenAsync();
            await connection.ExecuteAsync("SET lock_timeout = '10s'");
            while (!over.IsCancellationRequested)
            {
                await connection.ScalarAsync<long>("SELECT count(*) FROM events");
            }
        }
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task What_has_to_go_back_beside_a_DEFAULT_partition_asks_for_leave_to_lock_it(int major)
    {
        await using var bench = await PartitionBench.WithWeeksAsync(fixture, major);
        await bench.Admin.ExecuteAsync("CREATE TABLE rest PARTITION OF events DEFAULT");
        var allowed = new RetentionOptions { AllowAccessExclusive = true };
        bench.BreakAt(FaultPoint.PartitionDetached, () => throw new InvalidOperationException("The process is gone."));
        var plan = await bench.PlanAsync(PartitionBench.Policy(), allowed);
        await Assert.ThrowsAsync<InvalidOperationException>(() => bench.ExecuteAsync(plan, allowed));
        var held = PartitionBench.Policy() with { LegalHold = "user_id = 3" };
        var planned = Assert.Single(await bench.PlanAsync(held));
        Assert.Contains(planned.Notes, note => note.Contains("An earlier run was about to move public.events_0", StringComparison.Ordinal));
        var refused = await bench.RunAsync(held);
        Assert.Equal((StepState.Failed, MaintenanceErrorCode.PartitionAdrift), (refused.State, refused.Error));
        Assert.Contains("-AllowAccessExclusive", refused.Recommendation, StringComparison.Ordinal);
        Assert.Equal(StepState.Done, (await bench.RunAsync(held, allowed)).State);
        Assert.Contains("events_0", await bench.PartitionsAsync("events"));
        Assert.Equal(0, await bench.OpenMovesAsync());
    }

    [Fact]
    public async Task When_the_time_is_up_what_was_not_begun_stays_and_nothing_is_on_its_way()
    {
        await using var bench = await PartitionBench.WithWeeksAsync(fixture, 18);
        var due = await bench.DueAsync();
        var plan = await bench.PlanAsync(PartitionBench.Policy());
        var options = new RetentionOptions { Deadline = TimeProvider.System.GetUtcNow().AddSeconds(3) };
        bench.BreakAt(FaultPoint.PartitionMoved, async () =>
        {
            while (TimeProvider.System.GetUtcNow() <= options.Deadline)
            {
                await Task.Delay(20, PartitionBench.Stop);
            }
        });
        var result = Assert.Single(await bench.ExecuteAsync(plan, options));
        Assert.Equal((StepState.Deferred, MaintenanceErrorCode.DeadlineExceeded), (result.State, result.Error));
        Assert.Equal(["public.events_0"], result.Partitions);
        Assert.Equal(due - PartitionBench.RowsOfAWeek, await bench.DueAsync());
        Assert.Equal(0, await bench.OpenMovesAsync());
    }

    private async Task<PartitionBench> BrokenAsync(int major, FaultPoint point)
    {
        var bench = await PartitionBench.WithWeeksAsync(fixture, major);
        bench.BreakAt(point, () => throw new InvalidOperationException("The process is gone."));
        var plan = await bench.PlanAsync(PartitionBench.Policy());
        await Assert.ThrowsAsync<InvalidOperationException>(() => bench.ExecuteAsync(plan));
        return bench;
    }

    /// <summary>The points of a partition's move, as the engine calls them.</summary>
    public enum Point
    {
        PartitionRegistered = 0,
        PartitionDetached,
        PartitionPlaced,
        PartitionMoved,
    }
}
