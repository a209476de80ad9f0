using Maintenance.Engine.Performance.Indexes;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Performance;

/// <summary>Indexes that are built, measured, and kept only if they help.</summary>
public sealed class OptimizeTests(SandboxFixture fixture)
{
    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_helpful_index_is_built_while_others_write_measured_and_kept(int major)
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, major);
        bench.Found = [await bench.IndexAsync("orders_customer", "customer")];
        using var enough = new CancellationTokenSource();
        var writer = await bench.OpenAsync();
        var written = 0;
        var writing = Task.Run(
            async () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    await writer.ExecuteAsync($"INSERT INTO orders VALUES ({1_000_000 + written}, {written}, 'open', 1)");
                    written++;
                }
            },
            OptimizeBench.Stop);
        var kept = Assert.Single(await bench.ApplyAsync());
        await enough.CancelAsync();
        await writing;

        Assert.True(kept.State == RecommendationState.Applied, kept.Message);
        Assert.StartsWith("Kept: ", kept.Message, StringComparison.Ordinal);
        Assert.Equal(RecommendationConfidence.High, kept.Confidence);
        var effect = Assert.Single(kept.Statements);
        Assert.Null(effect.NotMeasured);
        Assert.True(effect.UsesIndex);
        Assert.True(effect.CostAfter < effect.CostBefore / 2);
        Assert.NotNull(effect.TimeBefore);
        Assert.NotNull(effect.TimeAfter);
        Assert.Equal(["orders_customer", "orders_pkey"], await bench.IndexesAsync());
        Assert.True(written > 0);
        var recorded = (await bench.HistoryAsync())[0];
        Assert.Equal((DbActionKind.CreateIndex, StepState.Done), (recorded.Kind, recorded.State));
        Assert.Equal("DROP INDEX CONCURRENTLY public.orders_customer", recorded.Effect["RollbackSql"]);
        Assert.NotNull(recorded.Effect["CostGainPercent"]);
        Assert.NotNull(recorded.Effect["TimeGainPercent"]);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_useless_index_is_built_measured_and_dropped(int major)
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, major);
        bench.Found = [await bench.IndexAsync("orders_state", "state")];
        var dropped = Assert.Single(await bench.ApplyAsync());

        Assert.True(dropped.State == RecommendationState.Dropped, dropped.Message);
        Assert.StartsWith("Dropped: did not help.", dropped.Message, StringComparison.Ordinal);
        Assert.False(Assert.Single(dropped.Statements).UsesIndex);
        Assert.Equal(["orders_pkey"], await bench.IndexesAsync());
        Assert.Contains(await bench.HistoryAsync(), action => action is { Kind: DbActionKind.DropIndex, State: StepState.Done, Name: "orders_state" });
    }

    private const string Skewed = """
        CREATE TABLE skew (id bigserial PRIMARY KEY, kind int, born timestamptz, pad text);
        INSERT INTO skew (kind, born, pad) SELECT CASE WHEN n <= 1000 THEN n ELSE 0 END, timestamptz '1980-01-01' + n % 20000 * interval '1 hour', repeat('k', 90) FROM generate_series(1, 300000) AS n;
        """;

    private const string OfKind = "SELECT length(pad) FROM skew WHERE kind = $1";
    private const string OfAge = "SELECT id FROM skew WHERE born > now() - $1::interval AND born < now() + $2::interval";

    [Theory]
    [InlineData(15, 299_000, RecommendationState.Dropped)]
    [InlineData(18, 299_000, RecommendationState.Dropped)]
    [InlineData(15, 1, RecommendationState.Applied)]
    [InlineData(18, 1, RecommendationState.Applied)]
    public async Task The_values_of_a_trial_are_those_that_return_as_many_rows_as_the_application_gets(int major, int rows, RecommendationState expected)
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, major);
        await bench.Admin.ExecuteAsync(Skewed);
        await bench.Admin.ExecuteAsync("VACUUM ANALYZE skew");
        var index = await bench.IndexAsync("skew_kind", "kind", table: "skew");
        bench.Found = [index with { Benefits = [new IndexBenefit(new WorkloadStatement(42, OfKind, 15, 1500) { Rows = 15L * rows }, 2000, 10)] }];
        var tried = Assert.Single(await bench.ApplyAsync());
        Assert.True(tried.State == expected, tried.Message);
        Assert.Equal(expected == RecommendationState.Applied, await bench.Admin.ScalarAsync<bool>("SELECT to_regclass('skew_kind') IS NOT NULL"));
        Assert.Null(Assert.Single(tried.Statements).NotMeasured);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Where_no_value_returns_as_many_rows_as_were_counted_nothing_is_built(int major)
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, major);
        await bench.Admin.ExecuteAsync(Skewed);
        await bench.Admin.ExecuteAsync("VACUUM ANALYZE skew");
        // No parameter can be tied to a column, or none has a value that is common; their plans expect a few rows.
        foreach (var (text, key) in new[] { (OfAge, "born"), ("SELECT total FROM orders WHERE customer = $1", "customer") })
        {
            var index = await bench.IndexAsync("not_built", key, table: key == "born" ? "skew" : "orders");
            bench.Found = [index with { Benefits = [new IndexBenefit(new WorkloadStatement(42, text, 15, 1500) { Rows = 15 * 300_000 }, 2000, 10)] }];
            var left = Assert.Single(await bench.ApplyAsync());
            Assert.True(left.State == RecommendationState.Skipped, left.Message);
            Assert.Contains("its calls returned 300000 rows on the average", left.Message, StringComparison.Ordinal);
            Assert.False(await bench.Admin.ScalarAsync<bool>("SELECT to_regclass('not_built') IS NOT NULL"));
        }
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_the_search_finds_by_a_plan_that_the_counted_rows_contradict_is_for_a_person(int major)
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, major);
        bench.Found = null;
        await bench.Admin.ExecuteAsync(Skewed);
        await bench.Admin.ExecuteAsync("VACUUM ANALYZE skew");
        await bench.Admin.ExecuteAsync("SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0)");
        for (var call = 1; call <= 100; call++)
        {
            await bench.Admin.ExecuteAsync($"SELECT total FROM orders WHERE customer = {call}");
        }

        for (var call = 1; call <= 5; call++)
        {
            await bench.Admin.ExecuteAsync("SELECT length(pad) FROM skew WHERE kind = 0");
            await bench.Admin.ExecuteAsync($"SELECT id FROM skew WHERE born > now() - interval '10{call} years' AND born < now() + interval '{call} days'");
        }

        var advice = await bench.AdviceAsync();
        Assert.Equal(IndexVerdict.Create, Assert.Single(advice, one => one.Table == "orders").Verdict);
        Assert.All(advice.Where(one => one.Table == "skew"), one => Assert.Equal(IndexVerdict.Observe, one.Verdict));
        Assert.Contains(advice, one => one.Reasons.Any(reason => reason.Contains("a call returned 299000 rows on the average", StringComparison.Ordinal)));
        var applied = await bench.ApplyAsync();
        Assert.All(applied, one => Assert.Equal(one.Name == "orders" ? RecommendationState.Applied : RecommendationState.Skipped, one.State));
        Assert.Equal(1, await bench.Admin.ScalarAsync<long>("SELECT count(*) FROM pg_index WHERE indrelid = 'skew'::regclass"));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_statement_that_writes_is_never_executed_and_its_plan_decides(int major)
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, major);
        bench.Found = [await bench.IndexAsync("orders_customer", "customer", "UPDATE orders SET total = $1 WHERE customer = $2")];
        var before = await bench.Admin.ScalarAsync<decimal>("SELECT sum(total) FROM orders");
        var kept = Assert.Single(await bench.ApplyAsync());

        Assert.True(kept.State == RecommendationState.Applied, kept.Message);
        Assert.Contains("by the cost of plans alone, since nothing was executed: it writes", kept.Message, StringComparison.Ordinal);
        Assert.Null(Assert.Single(kept.Statements).TimeBefore);
        Assert.Equal(before, await bench.Admin.ScalarAsync<decimal>("SELECT sum(total) FROM orders"));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_nobody_can_plan_proves_nothing_so_nothing_is_built_and_nothing_remembered(int major)
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, major);
        bench.Found = [await bench.IndexAsync("orders_customer", "customer", "SELECT total FROM gone WHERE customer = $1")];
        for (var run = 0; run < 2; run++)
        {
            var left = Assert.Single(await bench.ApplyAsync());
            Assert.True(left.State == RecommendationState.Skipped, left.Message);
            Assert.StartsWith("Not built: Nothing could be measured or compared for its statements (", left.Message, StringComparison.Ordinal);
            Assert.Equal((RecommendationConfidence.Low, HealthStatus.Warning), (left.Confidence, left.Status));
            Assert.NotNull(Assert.Single(left.Statements).NotMeasured);
            Assert.Equal(["orders_pkey"], await bench.IndexesAsync());
        }

        Assert.Empty(await bench.HistoryAsync());
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Statements_with_literals_of_a_type_are_tried_as_they_were_planned(int major)
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, major);
        await bench.Admin.ExecuteAsync("ALTER TABLE orders ADD made date, ADD at timestamptz; UPDATE orders SET made = date '2020-01-01' + id % 2000, at = timestamptz '2020-01-01' + id * interval '1 hour'");
        await bench.Admin.ExecuteAsync("VACUUM (FULL, ANALYZE) orders");
        bench.Found =
        [
            await bench.IndexAsync("orders_made", "made", "SELECT * FROM orders WHERE made = date $1"),
            await bench.IndexAsync("orders_at", "at", "SELECT * FROM orders WHERE at = timestamp with time zone $1"),
            await bench.IndexAsync("orders_customer", "customer", "SELECT * FROM orders WHERE customer = any(array[$1,$2])"),
            await bench.IndexAsync("orders_total", "total", "SELECT * FROM orders WHERE total = $1 AND at > now() - interval $2"),
        ];
        var done = (await bench.ApplyAsync()).ToDictionary(one => one.IndexName!);
        Assert.All(done.Values, one => Assert.True(one.State == RecommendationState.Applied, one.Message));
        Assert.All(["orders_made", "orders_at", "orders_customer"], name => Assert.NotNull(Assert.Single(done[name].Statements).TimeAfter));
        // What an interval is taken from is compared with a column, and not the interval.
        Assert.Null(Assert.Single(done["orders_total"].Statements).TimeAfter);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Functions_of_other_roles_are_neither_planned_nor_executed(int major)
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, major);
        await bench.Admin.ExecuteAsync("""
            CREATE TABLE witness (n int);
            CREATE FUNCTION spy(int) RETURNS int LANGUAGE plpgsql VOLATILE AS 'BEGIN INSERT INTO witness VALUES (1); RETURN $1; END';
            """);
        bench.Found = [await bench.IndexAsync("orders_customer", "customer", "SELECT spy(total::int) FROM orders WHERE customer = $1")];
        var done = Assert.Single(await bench.ApplyAsync());
        Assert.Contains("it may call spy", Assert.Single(done.Statements).NotMeasured, StringComparison.Ordinal);
        Assert.Equal(0L, await bench.Admin.ScalarAsync<long>("SELECT count(*) FROM witness"));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Stopping_in_the_middle_of_a_build_leaves_nothing(int major)
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, major);
        bench.Found = [await bench.IndexAsync("orders_customer", "customer")];
        // A transaction that has written makes the build wait for its end.
        var other = await bench.OpenAsync();
        await other.ExecuteAsync("BEGIN");
        await other.ExecuteAsync("INSERT INTO orders VALUES (0, 0, 'open', 0)");
        using var stop = new CancellationTokenSource();
        var applying = bench.ApplyAsync(new OptimizationOptions { MaximumSnapshotAge = TimeSpan.FromMinutes(5) }, stop.Token);
        await OptimizeBench.UntilAsync(
            () => bench.Admin.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_stat_progress_create_index WHERE datname = current_database() AND phase LIKE 'waiting%')"), "for the build to wait");
        Assert.Contains("orders_customer (invalid)", await bench.IndexesAsync());
        // It also waits to drop what it has begun.
        await stop.CancelAsync();
        await other.ExecuteAsync("ROLLBACK");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => applying);

        Assert.Equal(["orders_pkey"], await bench.IndexesAsync());
        Assert.Equal(StepState.Cancelled, (await bench.HistoryAsync())[0].State);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_a_killed_run_has_left_is_dropped_by_the_next(int major)
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, major);
        var index = await bench.IndexAsync("orders_customer", "customer");
        await bench.RecordIntentAsync(index);
        await bench.Admin.ExecuteAsync(index.CreateSql);
        await bench.Admin.ExecuteAsync("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_customer'::regclass");
        var done = Assert.Single(await bench.ApplyAsync());
        Assert.Equal((RecommendationKind.DropIndex, RecommendationState.Applied), (done.Kind, done.State));
        Assert.Equal(["orders_pkey"], await bench.IndexesAsync());
        Assert.Empty(await bench.ApplyAsync());
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Without_ownership_nothing_is_built_and_the_grant_is_named(int major)
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, major);
        var role = $"poor_{Guid.NewGuid():n}";
        await bench.Admin.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'poor' IN ROLE pg_monitor; GRANT SELECT ON orders TO {role}");
        try
        {
            bench.Found = [await bench.IndexAsync("orders_customer", "customer")];
            bench.Target = bench.Target.As(role, "poor");
            var failed = Assert.Single(await bench.ApplyAsync());
            Assert.Equal((RecommendationState.Failed, MaintenanceErrorCode.PermissionDenied), (failed.State, failed.Error));
            Assert.Contains($"TO {role}", failed.Recommendation, StringComparison.Ordinal);
            Assert.Equal(["orders_pkey"], await bench.IndexesAsync());
        }
        finally
        {
            await bench.Admin.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Hostile_names_stay_names(int major)
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, major, rows: 30_000);
        await bench.Admin.ExecuteAsync("""ALTER TABLE orders RENAME COLUMN customer TO "Cust""omer; DROP TABLE orders" """);
        bench.Found = [await bench.IndexAsync("odd\"; DROP TABLE orders; --", "\"Cust\"\"omer; DROP TABLE orders\"", "SELECT total FROM orders WHERE \"Cust\"\"omer; DROP TABLE orders\" = $1")];
        var kept = Assert.Single(await bench.ApplyAsync());
        Assert.True(kept.State == RecommendationState.Applied, kept.Message);
        Assert.Null(Assert.Single(kept.Statements).NotMeasured);
        Assert.Equal(30_000L, await bench.Admin.ScalarAsync<long>("SELECT count(*) FROM orders"));
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_does_not_fit_is_put_off_and_an_old_transaction_holds_it_back(int major)
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, major);
        bench.Found = [await bench.IndexAsync("orders_customer", "customer")];
        var late = Assert.Single(await bench.ApplyAsync(new OptimizationOptions { Deadline = TimeProvider.System.GetUtcNow() }));
        Assert.Equal((RecommendationState.Deferred, MaintenanceErrorCode.DoesNotFit), (late.State, late.Error));
        Assert.Equal(StepState.Deferred, (await bench.HistoryAsync())[0].State);

        var other = await bench.OpenAsync();
        await other.ExecuteAsync("BEGIN");
        await other.ExecuteAsync("INSERT INTO orders VALUES (0, 0, 'open', 0)");
        await bench.Admin.ExecuteAsync("SELECT pg_sleep(0.1)");
        var held = Assert.Single(await bench.ApplyAsync(new OptimizationOptions { MaximumSnapshotAge = TimeSpan.FromMilliseconds(50) }));
        Assert.Equal((RecommendationState.Deferred, MaintenanceErrorCode.HeldBack), (held.State, held.Error));
        Assert.Equal(["orders_pkey"], await bench.IndexesAsync());
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task From_a_slow_workload_to_the_index_that_is_kept(int major)
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, major);
        bench.Found = null;
        for (var customer = 0; customer < 100; customer++)
        {
            await bench.Admin.ExecuteAsync($"SELECT total FROM orders WHERE customer = {customer}");
        }

        var proposed = Assert.Single(await bench.PlanAsync(), recommendation => recommendation.Kind == RecommendationKind.CreateIndex);
        Assert.True(proposed.AutoApply, string.Join(' ', proposed.Reasons));
        Assert.Equal(("public", "orders"), (proposed.Schema, proposed.Name));
        Assert.StartsWith("CREATE INDEX CONCURRENTLY", proposed.Sql, StringComparison.Ordinal);
        var kept = Assert.Single(await bench.ApplyAsync());
        Assert.True(kept.State == RecommendationState.Applied, kept.Message);
        Assert.All(kept.Statements, effect => Assert.True(effect.UsesIndex));
        Assert.Contains(kept.Statements, effect => effect.TimeAfter is not null);
        Assert.DoesNotContain(await bench.PlanAsync(), recommendation => recommendation.Kind == RecommendationKind.CreateIndex);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_did_not_help_is_shown_with_its_verdict_and_built_again_only_when_asked_or_when_the_table_is_another(int major)
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, major, rows: 30_000);
        var index = await bench.IndexAsync("orders_state", "state");
        bench.Found = [index];
        Assert.Equal(RecommendationState.Dropped, Assert.Single(await bench.ApplyAsync()).State);
        Assert.Single(await BuildsAsync());

        var remembered = Assert.Single(await bench.ApplyAsync());
        Assert.Equal((RecommendationState.Dropped, false), (remembered.State, remembered.AutoApply));
        Assert.Matches("^Tried on [0-9-]{10} and dropped: did not help \\(cost [0-9.]+ → [0-9.]+, time ", remembered.Message);
        Assert.Contains("dropped afterwards", remembered.PredictedFrom, StringComparison.Ordinal);
        Assert.Single(await BuildsAsync());

        bench.Found = [index with { Name = "orders_state_v2", CreateSql = index.CreateSql.Replace("orders_state", "orders_state_v2", StringComparison.Ordinal) }];
        Assert.False(Assert.Single(await bench.PlanAsync(), recommendation => recommendation.Kind == RecommendationKind.CreateIndex).AutoApply);
        bench.Found = [index with { TableBytes = 2 * index.TableBytes }];
        Assert.True(Assert.Single(await bench.PlanAsync(), recommendation => recommendation.Kind == RecommendationKind.CreateIndex).AutoApply);
        bench.Found = [index];
        Assert.StartsWith("Dropped: did not help.", Assert.Single(await bench.ApplyAsync(new OptimizationOptions { RetryDropped = true })).Message, StringComparison.Ordinal);
        Assert.Equal(2, (await BuildsAsync()).Count);

        bench.Target = bench.Target with { History = new HistorySettings { Kind = HistoryKind.None } };
        Assert.True(Assert.Single(await bench.PlanAsync(), recommendation => recommendation.Kind == RecommendationKind.CreateIndex).AutoApply);
        Assert.Contains(bench.Sink.Warnings, warning => warning.Contains("verdicts are not remembered", StringComparison.Ordinal));

        async Task<List<DbAction>> BuildsAsync() => [.. (await bench.HistoryAsync()).Where(action => action is { Kind: DbActionKind.CreateIndex, State: StepState.Done })];
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task What_a_statement_took_before_its_index_is_no_reason_for_another(int major)
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, major);
        bench.Found = null;
        await RunAsync();
        Assert.Equal(RecommendationState.Applied, Assert.Single(await bench.ApplyAsync()).State);

        // The same figures could be had for another index, if they were taken from before.
        Assert.Empty(await bench.ApplyAsync());
        var told = Assert.Single(bench.Sink.Warnings, warning => warning.Contains("there are no figures since", StringComparison.Ordinal));
        Assert.Contains("Nothing more is proposed for 1 statement: an index was built for it", told, StringComparison.Ordinal);

        bench.Sink.Warnings.Clear();
        await RunAsync();
        Assert.Empty(await bench.ApplyAsync());
        Assert.DoesNotContain(bench.Sink.Warnings, warning => warning.Contains("no figures since", StringComparison.Ordinal));

        async Task RunAsync()
        {
            for (var customer = 0; customer < 100; customer++)
            {
                await bench.Admin.ExecuteAsync($"SELECT total FROM orders WHERE customer = {customer}");
            }
        }
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Of_two_indexes_for_one_statement_the_second_is_looked_at_again_once_the_first_is_kept(int major)
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, major, rows: 30_000);
        bench.Found = [await bench.IndexAsync("orders_customer", "customer"), (await bench.IndexAsync("orders_customer_total", "customer, total")) with { SavedPercent = 30 }];
        bench.FoundAgain = [];
        var done = await bench.ApplyAsync();
        Assert.Equal([RecommendationState.Applied, RecommendationState.Skipped], done.Select(recommendation => recommendation.State));
        Assert.StartsWith("Not built: public.orders_customer was built for the same statements", done[1].Message, StringComparison.Ordinal);
        Assert.Equal(["orders_customer", "orders_pkey"], await bench.IndexesAsync());
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Stopping_says_who_is_waited_for_and_does_not_wait_for_long(int major)
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, major, rows: 30_000);
        bench.Found = [await bench.IndexAsync("orders_customer", "customer")];
        var other = await bench.OpenAsync();
        await other.ExecuteAsync("BEGIN; INSERT INTO orders VALUES (0, 0, 'open', 0)");
        var who = await other.ScalarAsync<int>("SELECT pg_backend_pid()");
        using var stop = new CancellationTokenSource();
        var applying = bench.ApplyAsync(new OptimizationOptions { MaximumSnapshotAge = TimeSpan.FromMinutes(5) }, stop.Token);
        await OptimizeBench.UntilAsync(() => Task.FromResult(bench.Sink.Warnings.Any(warning => warning.Contains($"session {who} ", StringComparison.Ordinal))), "to be told who is waited for");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => applying);

        Assert.Contains(bench.Sink.Warnings, warning => warning.StartsWith("The unfinished index public.orders_customer has to be dropped, and session ", StringComparison.Ordinal));
        Assert.Contains(bench.Sink.Warnings, warning => warning.Contains($"When session {who} has ended its transaction, run Optimize-DbQuery -Apply again", StringComparison.Ordinal));
        Assert.Contains("orders_customer (invalid)", await bench.IndexesAsync());
        await other.ExecuteAsync("ROLLBACK");
        bench.Found = [];
        Assert.Equal(RecommendationKind.DropIndex, Assert.Single(await bench.ApplyAsync()).Kind);
        Assert.Equal(["orders_pkey"], await bench.IndexesAsync());
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Through_a_pooler_nothing_is_applied(int major)
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, major, rows: 1000);
        bench.Found = [await bench.IndexAsync("orders_customer", "customer")];
        await using var pooler = new PoolerStandIn(bench.Target.Database!.Port);
        bench.Target = bench.Target with { Database = bench.Target.Database! with { Port = pooler.Port } };
        var refused = await Assert.ThrowsAsync<MaintenanceException>(() => bench.ApplyAsync());
        Assert.Equal(MaintenanceErrorCode.PoolerNotSupported, refused.Code);
        Assert.Equal(["orders_pkey"], await bench.IndexesAsync());
    }

    [Theory]
    [InlineData(false, "1 statement of another role is hidden|statements of other roles are hidden", "Whether a statement takes longer than 1000 ms on average could not be found out: ")]
    [InlineData(true, "could not be planned", "No statement takes longer than 1000 ms on average; whether anything would help could not be found out: statements that took ")]
    public async Task Who_may_not_see_or_plan_the_statements_is_not_told_that_all_is_well(bool seesThem, string why, string beginning)
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, 15, rows: 30_000);
        bench.Found = null;
        await bench.Admin.ExecuteAsync("SELECT total FROM orders WHERE customer = 1");
        var role = $"blind_{Guid.NewGuid():n}";
        await bench.Admin.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'blind'{(seesThem ? " IN ROLE pg_monitor" : "")}");
        try
        {
            bench.Target = bench.Target.As(role, "blind");
            var report = await bench.ReportAsync();
            Assert.Equal(HealthStatus.Unknown, report.Status);
            Assert.StartsWith(beginning, report.Message, StringComparison.Ordinal);
            Assert.Matches(why, report.RecommendationsUnknown);
            Assert.Equal(seesThem, report.SlowQueriesUnknown is null);
            Assert.DoesNotContain("nothing was found", report.Message, StringComparison.Ordinal);
        }
        finally
        {
            await bench.Admin.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Where_nothing_was_counted_the_report_does_not_say_that_nothing_is_slow(int major)
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, major, rows: 30_000);
        bench.Found = null;
        await bench.Admin.ExecuteAsync("SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0)");
        var report = await bench.ReportAsync();
        Assert.Equal(HealthStatus.Unknown, report.Status);
        Assert.StartsWith("Whether a statement takes longer than 1000 ms on average could not be found out: nothing was counted yet", report.Message, StringComparison.Ordinal);
        Assert.Contains("nor is it known whether anything would help", report.Message, StringComparison.Ordinal);

        for (var customer = 0; customer < 20; customer++)
        {
            await bench.Admin.ExecuteAsync($"SELECT total FROM orders WHERE id = {customer}");
        }

        Assert.Equal((HealthStatus.Ok, null), ((await bench.ReportAsync()) is var seen ? seen.Status : default, seen.SlowQueriesUnknown));
    }

    [Fact]
    public async Task A_report_says_the_same_whether_results_are_piped_in_or_looked_for()
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, 15, rows: 60_000);
        bench.Found = null;
        // Statistics that are due, and a statement that cannot be planned.
        await bench.Admin.ExecuteAsync("UPDATE orders SET total = total + 1; CREATE TABLE gone (n int); INSERT INTO gone SELECT generate_series(1, 100000)");
        await bench.Admin.ExecuteAsync("SELECT count(*) FROM gone");
        await bench.Admin.ExecuteAsync("DROP TABLE gone");
        // What was changed counts once the server has been told; by itself that may take a second.
        await bench.Admin.ExecuteAsync("SELECT pg_stat_force_next_flush()");
        for (var customer = 0; customer < 100; customer++)
        {
            await bench.Admin.ExecuteAsync($"SELECT total FROM orders WHERE customer = {customer}");
        }

        var options = new OptimizationOptions();
        var results = new List<QueryRecommendation>();
        await foreach (var applied in bench.Service.ApplyAsync(bench.Target, await bench.PlanAsync(options), options, Calls.To(bench.Sink), OptimizeBench.Stop))
        {
            results.Add(applied);
        }

        Assert.Contains(results, one => one is { Kind: RecommendationKind.Analyze, State: RecommendationState.Applied });
        var piped = await bench.ReportAsync(results);
        Assert.Contains(piped.Unknowns, unknown => unknown.Contains("no plan", StringComparison.Ordinal));
        Assert.Contains("of the database that pg_stat_statements counts since its last reset", piped.Base, StringComparison.Ordinal);
        var asked = await bench.ReportAsync();
        Assert.Equal(Applied(piped), Applied(asked));

        // Figures of a window are of the window.
        var query = new SlowQuery
        {
            Target = bench.Target.Name, Database = bench.Target.Database!.Database, QueryId = await bench.Admin.ScalarAsync<long>("SELECT queryid FROM pg_stat_statements WHERE query LIKE 'SELECT total FROM orders%' AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"),
            Query = "SELECT", Calls = 1000, TotalTime = TimeSpan.FromSeconds(100), SharePercent = 50, From = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), To = new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero),
            IsMadeUp = true, Status = HealthStatus.Warning, CollectedAt = new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero),
        };
        await bench.Admin.ExecuteAsync(results.Single(one => one is { Kind: RecommendationKind.CreateIndex, State: RecommendationState.Applied }).RollbackSql!);
        var ofWindow = await bench.ReportAsync(await bench.PlanAsync(options with { Queries = [query] }));
        Assert.StartsWith(
            "Shares of what would help are of the time of all statements of the server from 2026-01-01 00:00 to 2026-01-02 00:00 UTC, part of it sample data that nobody measured: 200 s.", ofWindow.Base, StringComparison.Ordinal);

        static string Applied(QueryOptimizationReport report) => Maintenance.Engine.Reporting.QueryReport.Of(report).Tiles.Single(tile => tile.Label == "Applied").Value;
    }

    [Fact]
    public async Task Advice_does_not_propose_again_what_was_tried_and_did_not_help()
    {
        await using var bench = await OptimizeBench.StartAsync(fixture, 15);
        for (var customer = 0; customer < 100; customer++)
        {
            await bench.Admin.ExecuteAsync($"SELECT total FROM orders WHERE customer = {customer}");
        }

        Assert.Equal(IndexVerdict.Create, Assert.Single(await bench.AdviceAsync()).Verdict);
        var index = await bench.IndexAsync("idx_orders_customer", "customer");
        await bench.RecordUselessAsync(
            index with { TableBytes = await bench.Admin.ScalarAsync<long>("SELECT pg_table_size('orders')"), CreateSql = (await bench.AdviceAsync())[0].Sql[0] },
            await bench.Admin.ScalarAsync<long>("SELECT queryid FROM pg_stat_statements WHERE query LIKE 'SELECT total FROM orders%' AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"));
        var tried = Assert.Single(await bench.AdviceAsync());
        Assert.Equal((IndexVerdict.Observe, HealthStatus.Ok), (tried.Verdict, tried.Status));
        Assert.Contains(tried.Reasons, reason => reason.StartsWith("Tried on ", StringComparison.Ordinal) && reason.Contains("-RetryDropped", StringComparison.Ordinal));
    }
}
