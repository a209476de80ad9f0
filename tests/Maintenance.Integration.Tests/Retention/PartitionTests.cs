using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Retention;

/// <summary>Partitions whose rows are all past their age go as a whole; everything else row by row, and it is said why.</summary>
public sealed class PartitionTests(SandboxFixture fixture)
{
    private const RetentionAction Archive = RetentionAction.ArchiveToTable;

    [Theory]
    [InlineData(15, "", false)]
    [InlineData(18, "", false)]
    [InlineData(18, "CREATE TABLE events_archive_other PARTITION OF events_archive DEFAULT", true)]
    public async Task Week_after_week_a_partition_goes_whole_once_all_of_it_is_past_and_its_rows_do_not_go_before(int major, string more, bool allow)
    {
        await using var bench = await PartitionBench.WithWeeksAsync(fixture, major);
        await bench.ArchiveAsync(more);
        foreach (var (days, partitions) in new[] { (28, 3), (28, 0), (21, 1), (14, 1) })
        {
            var options = new RetentionOptions { AllowAccessExclusive = allow };
            var policy = PartitionBench.Policy(RetentionAction.ArchiveToTable) with { Age = TimeSpan.FromDays(days) };
            var plan = Assert.Single(await bench.PlanAsync(policy, options));
            Assert.Equal(partitions * PartitionBench.RowsOfAWeek, plan.RowsDue);
            Assert.Contains(plan.Notes, note => note.Contains("stay until all of them are past their age", StringComparison.Ordinal));
            var result = Assert.Single(await bench.ExecuteAsync([plan], options));
            Assert.True(result is { State: StepState.Done or StepState.Skipped, Status: HealthStatus.Ok, RowsLeft: null or 0 }, $"{result}: {result.Message}");
            Assert.Equal((partitions, partitions * PartitionBench.RowsOfAWeek), (result.Partitions.Count, result.Rows));
        }

        Assert.Equal(5 * PartitionBench.RowsOfAWeek, await bench.CountAsync("events_archive"));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Weeks_past_their_age_move_to_the_archive_whole_and_the_rest_row_by_row(int major)
    {
        await using var bench = await PartitionBench.WithWeeksAsync(fixture, major, whole: 17);
        await bench.ArchiveAsync("CREATE TABLE events_archive_rest PARTITION OF events_archive FOR VALUES FROM ('2100-01-01') TO (MAXVALUE)");
        await bench.Admin.ExecuteAsync("CREATE TABLE before AS SELECT * FROM events");
        var due = await bench.DueAsync();
        // What the last of them holds goes row by row, and needs a place.
        await bench.Admin.ExecuteAsync("""
            DO $$ DECLARE straddling text := pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'events_17';
            BEGIN EXECUTE 'CREATE TABLE events_archive_17 PARTITION OF events_archive ' || straddling; END $$
            """);
        var plan = Assert.Single(await bench.PlanAsync(PartitionBench.Policy(Archive)));
        Assert.Equal(17, plan.Partitions.Count);
        Assert.Equal("ALTER TABLE public.events DETACH PARTITION public.events_0 CONCURRENTLY", plan.Sql[0]);
        Assert.StartsWith("ALTER TABLE public.events_archive ATTACH PARTITION public.events_0 FOR VALUES FROM ('", plan.Sql[1], StringComparison.Ordinal);
        Assert.Equal(35, plan.Sql.Count);
        Assert.StartsWith("SHARE UPDATE EXCLUSIVE", plan.Lock, StringComparison.Ordinal);
        Assert.Equal(due, plan.RowsDue);

        var result = Assert.Single(await bench.ExecuteAsync([plan], new RetentionOptions { Verify = true }));
        Assert.Equal((StepState.Done, due, 0L), (result.State, result.Rows, result.RowsLeft));
        Assert.Equal(plan.Partitions.Order(StringComparer.Ordinal), result.Partitions.Order(StringComparer.Ordinal));
        Assert.True(result.Verified);
        Assert.Contains("17 partition(s) with 850 rows are in the archive with the same count and checksum", result.Verification, StringComparison.Ordinal);
        Assert.Equal(due - (17 * PartitionBench.RowsOfAWeek), await bench.CountAsync("events_archive_17"));
        Assert.Equal(0, await bench.CountAsync("(SELECT * FROM before EXCEPT SELECT id, at, user_id, note FROM (SELECT * FROM events UNION ALL SELECT id, at, user_id, note FROM events_archive) AS everything) AS lost"));
        Assert.Equal(await bench.CountAsync("before"), await bench.CountAsync("events") + await bench.CountAsync("events_archive"));
        Assert.Equal(0, await bench.OpenMovesAsync());
        await bench.Database.AssertNothingRunsAsync();
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Weeks_past_their_age_are_dropped(int major)
    {
        await using var bench = await PartitionBench.WithWeeksAsync(fixture, major);
        var due = await bench.DueAsync();
        var result = await bench.RunAsync(PartitionBench.Policy());
        Assert.Equal((StepState.Done, due, 0L), (result.State, result.Rows, result.RowsLeft));
        Assert.Equal(["public.events_0", "public.events_1", "public.events_2"], result.Partitions);
        Assert.DoesNotContain("events_2", await bench.PartitionsAsync("events"));
        Assert.Equal(0, await bench.CountAsync("pg_class WHERE relname IN ('events_0', 'events_1', 'events_2')"));
        Assert.Equal(0, await bench.DueAsync());
        Assert.Equal("Skipped", (await bench.RunAsync(PartitionBench.Policy())).State.ToString());
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Names_that_mean_harm_are_names(int major)
    {
        await using var bench = await PartitionBench.StartAsync(fixture, major);
        await bench.Admin.ExecuteAsync("""
            CREATE SCHEMA "a;b""c";
            CREATE TABLE "a;b""c"."e'v""; DROP TABLE x" (id int, "a""t;'" timestamp NOT NULL, k text) PARTITION BY RANGE ("a""t;'", k);
            CREATE INDEX ON "a;b""c"."e'v""; DROP TABLE x" ("a""t;'");
            CREATE TABLE "a;b""c"."p'""; --" PARTITION OF "a;b""c"."e'v""; DROP TABLE x" FOR VALUES FROM (MINVALUE, MINVALUE) TO ('2020-01-01', 'x'') TO (''2099-01-01''');
            CREATE TABLE "a;b""c"."arch'""ive" (LIKE "a;b""c"."e'v""; DROP TABLE x") PARTITION BY RANGE ("a""t;'", k);
            INSERT INTO "a;b""c"."e'v""; DROP TABLE x" SELECT n, '2019-01-01', 'k' FROM generate_series(1, 10) AS n;
            """);
        var policy = PartitionBench.Policy(Archive, "\"a;b\"\"c\".\"e'v\"\"; DROP TABLE x\"", "a\"t;'") with { Destination = "\"a;b\"\"c\".\"arch'\"\"ive\"" };
        var result = await bench.RunAsync(policy, new RetentionOptions { Verify = true });
        Assert.Equal((StepState.Done, 10L), (result.State, result.Rows));
        Assert.Equal(["a;b\"c.p'\"; --"], result.Partitions);
        Assert.True(result.Verified);
        Assert.Equal(10, await bench.CountAsync("\"a;b\"\"c\".\"arch'\"\"ive\""));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_partition_with_partitions_goes_whole_and_one_that_straddles_the_cut_off_in_parts(int major)
    {
        await using var bench = await PartitionBench.StartAsync(fixture, major);
        await bench.Admin.ExecuteAsync("""
            CREATE TABLE events (id int, at timestamptz NOT NULL, region text) PARTITION BY RANGE (at);
            CREATE INDEX ON events (at);
            CREATE TABLE old PARTITION OF events FOR VALUES FROM ('2019-01-01') TO ('2020-01-01') PARTITION BY LIST (region);
            CREATE TABLE old_eu PARTITION OF old FOR VALUES IN ('eu');
            CREATE TABLE old_default PARTITION OF old DEFAULT;
            CREATE TABLE long PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2200-01-01') PARTITION BY RANGE (at);
            CREATE TABLE long_a PARTITION OF long FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
            CREATE TABLE long_b PARTITION OF long FOR VALUES FROM ('2021-01-01') TO ('2200-01-01');
            INSERT INTO events SELECT n, at, region FROM generate_series(1, 10) AS n,
                (VALUES (timestamptz '2019-05-05', 'eu'), ('2019-05-06', 'us'), ('2020-05-05', 'eu'), ('2021-05-05', 'us'), (now(), 'eu')) AS v (at, region);
            """);
        var result = await bench.RunAsync(PartitionBench.Policy());
        Assert.Equal((StepState.Done, 40L, 0L), (result.State, result.Rows, result.RowsLeft));
        Assert.Equal(["public.old", "public.long_a"], result.Partitions);
        Assert.Equal(10, await bench.CountAsync("long_b"));
        Assert.Equal(0, await bench.CountAsync("pg_class WHERE relname LIKE 'old%' OR relname = 'long_a'"));
    }

    public static TheoryData<int, string, string> Keys()
    {
        var data = new TheoryData<int, string, string>();
        foreach (var major in new[] { 15, 18 })
        {
            data.Add(major, "date", "at");
            data.Add(major, "timestamp", "at");
            data.Add(major, "timestamptz", "at");
            data.Add(major, "timestamptz", "at, id");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task A_partition_that_ends_at_the_cut_off_goes_and_one_that_ends_after_it_does_not(int major, string type, string key)
    {
        await using var bench = await PartitionBench.StartAsync(fixture, major);
        // The cut-off lies in a day; the day before it is whole, the day itself is not.
        var second = key == "at" ? "" : ", MINVALUE";
        await bench.Admin.ExecuteAsync($$"""
            CREATE TABLE events (id int, at {{type}} NOT NULL) PARTITION BY RANGE ({{key}});
            CREATE INDEX ON events (at);
            SET TimeZone = 'UTC';
            DO $do$
            DECLARE d date := (now() AT TIME ZONE 'UTC' - interval '28 days')::date;
            BEGIN
                EXECUTE format('CREATE TABLE before PARTITION OF events FOR VALUES FROM (MINVALUE{{(key == "at" ? "" : ", MINVALUE")}}) TO (%L{{second}})', d);
                EXECUTE format('CREATE TABLE after PARTITION OF events FOR VALUES FROM (%L{{second}}) TO (MAXVALUE{{(key == "at" ? "" : ", MAXVALUE")}})', d);
                INSERT INTO events VALUES (1, d - 1), (2, d - 2), (3, now());
            END $do$;
            """);
        var result = await bench.RunAsync(PartitionBench.Policy());
        Assert.Equal((StepState.Done, 2L), (result.State, result.Rows));
        Assert.Equal(["public.before"], result.Partitions);
        Assert.Equal(["after"], await bench.PartitionsAsync("events"));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_partition_whose_second_bound_lets_in_rows_at_the_cut_off_itself_stays(int major)
    {
        await using var bench = await PartitionBench.StartAsync(fixture, major);
        await bench.Admin.ExecuteAsync("""
            SET TimeZone = 'UTC';
            CREATE TABLE events (id int, at date NOT NULL) PARTITION BY RANGE (at, id);
            CREATE INDEX ON events (at);
            DO $do$
            DECLARE d date := (now() AT TIME ZONE 'UTC' - interval '28 days')::date;
            BEGIN
                EXECUTE format('CREATE TABLE open PARTITION OF events FOR VALUES FROM (MINVALUE, MINVALUE) TO (%L, 5)', d);
                EXECUTE format('INSERT INTO events VALUES (1, %L), (2, %L)', d - 1, d);
            END $do$;
            """);
        var result = await bench.RunAsync(PartitionBench.Policy());
        Assert.Equal((StepState.Done, 1L, 0), (result.State, result.Rows, result.Partitions.Count));
        Assert.Equal(1, await bench.CountAsync("events"));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_partition_with_a_held_row_or_one_without_age_stays_and_its_other_rows_go(int major)
    {
        await using var bench = await PartitionBench.WithWeeksAsync(fixture, major);
        await bench.Admin.ExecuteAsync("""
            CREATE TABLE holds (user_id int);
            INSERT INTO holds VALUES (1000);
            CREATE TABLE events_oldest PARTITION OF events FOR VALUES FROM (MINVALUE) TO ('2001-01-01');
            INSERT INTO events VALUES (1, '-infinity', 1, 'ageless'), (2, '2000-01-01', 1, 'old');
            UPDATE events SET user_id = 1000 WHERE id = (SELECT min(id) FROM events_1);
            """);
        var due = await bench.DueAsync();
        var result = await bench.RunAsync(PartitionBench.Policy() with { LegalHold = "user_id IN (SELECT user_id FROM public.holds)" });
        Assert.Equal((StepState.Done, due - 2, 0L, 1L), (result.State, result.Rows, result.RowsLeft, result.RowsHeld));
        Assert.Equal(["public.events_0", "public.events_2"], result.Partitions);
        Assert.Contains(result.Notes, note => note.Contains("rows in them have to stay (public.events_oldest, public.events_1)", StringComparison.Ordinal));
        Assert.Equal(1, await bench.CountAsync("events_1"));
        Assert.Equal(1, await bench.CountAsync("events_oldest"));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_hold_that_comes_at_the_last_moment_brings_the_partition_back(int major)
    {
        await using var bench = await PartitionBench.WithWeeksAsync(fixture, major);
        await bench.Admin.ExecuteAsync("CREATE TABLE holds (user_id int)");
        var due = await bench.DueAsync();
        bench.BreakAt(Engine.Retention.FaultPoint.PartitionDetached, () => bench.Admin.ExecuteAsync("INSERT INTO holds VALUES (3)"));
        var result = await bench.RunAsync(PartitionBench.Policy() with { LegalHold = "user_id IN (SELECT user_id FROM public.holds)" });
        Assert.Equal((StepState.Done, 0L), (result.State, result.RowsLeft));
        Assert.Empty(result.Partitions);
        Assert.Contains("events_0", await bench.PartitionsAsync("events"));
        Assert.Equal(result.Rows, due - await bench.CountAsync("events WHERE user_id = 3 AND at < now() - interval '28 days'"));
        Assert.Equal(0, await bench.OpenMovesAsync());
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_DEFAULT_partition_makes_batches_of_it_unless_the_table_may_be_locked(int major)
    {
        await using var bench = await PartitionBench.WithWeeksAsync(fixture, major);
        await bench.Admin.ExecuteAsync("CREATE TABLE events_rest PARTITION OF events DEFAULT; INSERT INTO events VALUES (1, '2000-01-01', 1, 'stray')");
        var plan = Assert.Single(await bench.PlanAsync(PartitionBench.Policy()));
        Assert.Empty(plan.Partitions);
        Assert.Contains(plan.Notes, note => note.Contains("DEFAULT partition", StringComparison.Ordinal) && note.Contains("-AllowAccessExclusive", StringComparison.Ordinal));
        Assert.StartsWith("ROW EXCLUSIVE", plan.Lock, StringComparison.Ordinal);

        var options = new RetentionOptions { AllowAccessExclusive = true };
        var due = await bench.DueAsync();
        var result = await bench.RunAsync(PartitionBench.Policy(), options);
        Assert.Contains("ALTER TABLE public.events DETACH PARTITION public.events_0", result.Sql);
        Assert.StartsWith("ACCESS EXCLUSIVE", result.Lock, StringComparison.Ordinal);
        Assert.Equal((StepState.Done, due, 3), (result.State, result.Rows, result.Partitions.Count));
        Assert.Equal(0, await bench.CountAsync("events_rest"));

        await using var plain = await PartitionBench.WithWeeksAsync(fixture, major);
        await plain.Admin.ExecuteAsync("CREATE TABLE events_rest PARTITION OF events DEFAULT");
        due = await plain.DueAsync();
        var rows = await plain.RunAsync(PartitionBench.Policy());
        Assert.Equal((StepState.Done, due, 0), (rows.State, rows.Rows, rows.Partitions.Count));
    }

    public static TheoryData<int, string, string> Obstacles()
    {
        var data = new TheoryData<int, string, string>();
        foreach (var major in new[] { 15, 18 })
        {
            data.Add(major, "CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'; CREATE TRIGGER gone AFTER DELETE ON events FOR EACH ROW EXECUTE FUNCTION log()", "triggers have to see");
            data.Add(major, "CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'; CREATE TRIGGER gone AFTER DELETE ON events_1 FOR EACH ROW EXECUTE FUNCTION log()", "triggers have to see");
            data.Add(major, "CREATE PUBLICATION sent FOR TABLE events_1", "published");
            data.Add(major, "CREATE PUBLICATION sent FOR TABLE events WITH (publish_via_partition_root)", "published");
            data.Add(major, "CREATE TABLE users (id int PRIMARY KEY); INSERT INTO users SELECT generate_series(0, 6); ALTER TABLE events ADD FOREIGN KEY (user_id) REFERENCES users", "foreign keys");
            data.Add(major, "CREATE TABLE seen (id bigint, at timestamptz, FOREIGN KEY (id, at) REFERENCES events); CREATE INDEX ON seen (id, at)", "foreign keys");
            data.Add(major, "CREATE VIEW week AS SELECT * FROM events_1", "views read them");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Obstacles))]
    public async Task What_has_to_see_each_row_makes_batches_of_it(int major, string obstacle, string reason)
    {
        await using var bench = await PartitionBench.WithWeeksAsync(fixture, major);
        await bench.Admin.ExecuteAsync(obstacle);
        var due = await bench.DueAsync();
        var result = await bench.RunAsync(PartitionBench.Policy());
        Assert.Equal((StepState.Done, due, 0L), (result.State, result.Rows, result.RowsLeft));
        Assert.DoesNotContain("public.events_1", result.Partitions);
        Assert.Contains(result.Notes, note => note.Contains(reason, StringComparison.Ordinal));
    }

    public static TheoryData<int, string, string> UnfitArchives()
    {
        var data = new TheoryData<int, string, string>();
        foreach (var major in new[] { 15, 18 })
        {
            data.Add(major, "CREATE TABLE events_archive (LIKE events)", "the archive is not partitioned");
            data.Add(major, "CREATE TABLE events_archive (LIKE events) PARTITION BY RANGE (id); CREATE TABLE a PARTITION OF events_archive FOR VALUES FROM (MINVALUE) TO (MAXVALUE)", "not partitioned by range of the time column");
            data.Add(major, "CREATE TABLE events_archive (LIKE events) PARTITION BY RANGE (at, id); CREATE TABLE a PARTITION OF events_archive FOR VALUES FROM (MINVALUE, MINVALUE) TO (MAXVALUE, MAXVALUE)", "partitioned by another key");
            data.Add(major, "CREATE TABLE events_archive (LIKE events, archived_at timestamptz DEFAULT now()) PARTITION BY RANGE (at); CREATE TABLE a PARTITION OF events_archive FOR VALUES FROM (MINVALUE) TO (MAXVALUE)", "columns or checks");
            data.Add(major, "CREATE TABLE events_archive (LIKE events, CONSTRAINT c CHECK (id > 0)) PARTITION BY RANGE (at); CREATE TABLE a PARTITION OF events_archive FOR VALUES FROM (MINVALUE) TO (MAXVALUE)", "columns or checks");
            data.Add(major, "CREATE TABLE events_archive (LIKE events) PARTITION BY RANGE (at); CREATE TABLE a PARTITION OF events_archive FOR VALUES FROM (MINVALUE) TO (MAXVALUE)", "has a partition for their range");
            data.Add(major, "CREATE TABLE events_archive (LIKE events) PARTITION BY RANGE (at); CREATE TABLE a PARTITION OF events_archive DEFAULT", "DEFAULT partition");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(UnfitArchives))]
    public async Task An_archive_that_cannot_take_partitions_gets_their_rows(int major, string archive, string reason)
    {
        await using var bench = await PartitionBench.WithWeeksAsync(fixture, major);
        await bench.Admin.ExecuteAsync(archive);
        var due = await bench.DueAsync();
        var result = await bench.RunAsync(PartitionBench.Policy(Archive));
        Assert.Equal((StepState.Done, due, 0, due), (result.State, result.Rows, result.Partitions.Count, await bench.CountAsync("events_archive")));
        Assert.Contains(result.Notes, note => note.Contains(reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task What_the_server_does_not_attach_goes_back_and_then_row_by_row(int major)
    {
        await using var bench = await PartitionBench.WithWeeksAsync(fixture, major);
        // Another primary key: nobody foresees it, and the server refuses it.
        await bench.Admin.ExecuteAsync("CREATE TABLE events_archive (LIKE events, PRIMARY KEY (at, id)) PARTITION BY RANGE (at)");
        var due = await bench.DueAsync();
        // Rows have no place in an archive without partitions: so they stay where they are.
        var result = await bench.RunAsync(PartitionBench.Policy(Archive));
        Assert.Equal((StepState.Failed, 0L), (result.State, result.Rows));
        Assert.Contains(result.Notes, note => note.Contains("it was detached and put back, because", StringComparison.Ordinal));
        Assert.Equal(due, await bench.DueAsync());
        Assert.Contains("events_0", await bench.PartitionsAsync("events"));
        Assert.Equal(0, await bench.OpenMovesAsync());
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Who_does_not_own_the_table_takes_its_rows(int major)
    {
        await using var bench = await PartitionBench.WithWeeksAsync(fixture, major);
        var role = bench.Database.Name;
        var password = bench.Database.Target.Database!.Password;
        await bench.Admin.ExecuteAsync($"CREATE ROLE {role} LOGIN; GRANT CREATE ON DATABASE {role} TO {role}; GRANT SELECT, DELETE ON events TO {role}");
        try
        {
            var sandbox = await fixture.PostgresAsync(major);
            await bench.Admin.ExecuteAsync($"ALTER ROLE {role} PASSWORD 'p'");
            var target = bench.Database.Target.As(user: role, password: "p");
            var due = await bench.DueAsync();
            var result = await bench.RunAsync(PartitionBench.Policy(), target: target);
            Assert.Equal((StepState.Done, due, 0), (result.State, result.Rows, result.Partitions.Count));
            Assert.Contains(result.Notes, note => note.Contains("only the owner can detach them", StringComparison.Ordinal));
        }
        finally
        {
            await bench.Database.Engine.DisposeAsync();
            await bench.Admin.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }
}
