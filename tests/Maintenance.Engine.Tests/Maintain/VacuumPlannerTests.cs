using Maintenance.Engine.Tests.Database;
using Maintenance.Engine.Database;
using Maintenance.Engine.Maintain;

namespace Maintenance.Engine.Tests.Maintain;

public sealed class VacuumPlannerTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 2, 0, 0, TimeSpan.Zero);
    private static long _oid = 16_384;

    private static VacuumRelation Table(string name, long dead = 0, double rows = 10_000, long megabytes = 1) => new()
    {
        Oid = ++_oid,
        Schema = "public",
        Name = name,
        QuotedName = $"public.{name}",
        SizeBytes = megabytes << 20,
        Heap = new VacuumHeap { Oid = _oid, Rows = rows, Pages = 128 * megabytes, DeadRows = dead, XidAge = 1_000, MultixactAge = 1 },
        LastVacuum = Now.AddDays(-1),
        LastAnalyze = Now.AddDays(-1),
        Owner = "owner",
    };

    private static VacuumFacts Facts(params VacuumRelation[] relations) => new()
    {
        Database = "app",
        ServerVersion = "18.1",
        MajorVersion = 18,
        Role = "me",
        ServerTime = Now,
        Thresholds = AutovacuumThresholdsTests.Defaults,
        FreezeTableAge = 150_000_000,
        MultixactFreezeTableAge = 150_000_000,
        StatisticsTarget = 100,
        BlockSize = 8192,
        CountsRows = true,
        NextXid = 10_000,
        Holders = new XminHolders([], 0),
        Relations = relations,
    };

    private static VacuumPlan Plan(VacuumFacts facts, VacuumOptions? options = null, PastActions? past = null) =>
        VacuumPlanner.Plan("target", facts, null, options ?? new VacuumOptions(), past ?? PastActions.None, Now);

    private static DbAction Only(VacuumFacts facts, VacuumOptions? options = null, PastActions? past = null) => Assert.Single(Plan(facts, options, past).Actions);

    private static string[] Names(VacuumPlan plan) => [.. plan.Actions.Select(action => action.Name)];

    private static DbAction Past(VacuumRelation relation, StepState state, TimeSpan ago, DbActionKind kind = DbActionKind.Vacuum) => new()
    {
        Target = "target",
        Database = "app",
        Kind = kind,
        Schema = relation.Schema,
        Name = relation.Name,
        Oid = relation.Oid,
        Sql = "",
        Lock = "",
        State = state,
        Message = "",
        SizeBytes = relation.SizeBytes,
        StartedAt = Now - ago,
        Duration = TimeSpan.FromSeconds(10),
    };

    private static XminHolder Holder(long age, DateTimeOffset? since) =>
        new() { Kind = XminHolderKind.Backend, Name = "app", ProcessId = 7, XminAge = age, Since = since, Description = "session 7" };

    [Theory]
    // Autovacuum's threshold for 10,000 rows is 2,050; half of it 1,025.
    [InlineData(1_025, 10_000, false)]
    [InlineData(1_026, 10_000, true)]
    // Fewer than the minimum are not worth coming before autovacuum, but what autovacuum would take is.
    [InlineData(999, 1_000, true)]
    [InlineData(240, 1_000, false)]
    [InlineData(251, 1_000, true)]
    public void Dead_rows_make_a_table_due_at_half_of_autovacuum_s_threshold(long dead, double rows, bool isDue) =>
        Assert.Equal(isDue, Plan(Facts(Table("t", dead, rows))).Actions.Count == 1);

    [Theory]
    [InlineData(100, 1_500, false)]
    [InlineData(10, 300, true)]
    public void The_share_and_the_minimum_can_be_chosen(double percent, long dead, bool isDue) =>
        Assert.Equal(isDue, Plan(Facts(Table("t", dead)), new VacuumOptions { ThresholdPercent = percent, MinimumDeadRows = 100 }).Actions.Count == 1);

    [Fact]
    public void Inserted_rows_make_a_table_due_less_those_on_frozen_pages()
    {
        var table = Table("t");
        table = table with { Heap = table.Heap with { InsertedSinceVacuum = 1_200 } };
        Assert.Empty(Plan(Facts(table)).Actions);
        Assert.Contains("inserted", Only(Facts(table with { Heap = table.Heap with { FrozenPages = 100 } })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dead_TOAST_makes_its_table_due()
    {
        var action = Only(Facts(Table("t") with { Toast = new VacuumHeap { Oid = 5, Rows = 1_000, DeadRows = 900 } }));
        Assert.Equal(("t", "900 dead TOAST chunks; autovacuum would take it at 250."), (action.Name, action.Message));
    }

    [Theory]
    [InlineData(149_000_000, "", false, false)]
    [InlineData(150_000_000, "", true, false)]
    [InlineData(95_000, "autovacuum_freeze_max_age=100000", true, true)]
    public void Old_transaction_ids_make_a_table_due_and_are_frozen_where_the_server_would_not_by_itself(long age, string option, bool isDue, bool freezes)
    {
        var table = Table("t");
        var plan = Plan(Facts(table with { Heap = table.Heap with { XidAge = age, Options = option.Length > 0 ? [option] : [] } }));
        Assert.Equal(isDue, plan.Actions.Count == 1);
        Assert.Equal(freezes, isDue && plan.Actions[0].Sql.Contains("FREEZE", StringComparison.Ordinal));
    }

    [Fact]
    public void Changed_rows_are_analyzed_together_with_a_vacuum_or_alone()
    {
        var both = Table("both", dead: 5_000) with { ChangedSinceAnalyze = 5_000 };
        var one = Table("one") with { ChangedSinceAnalyze = 1_100 };
        var never = Table("never") with { LastAnalyze = null };
        var empty = Table("empty", rows: 0, megabytes: 0) with { LastAnalyze = null };
        Assert.Equal(
            ["VACUUM (VERBOSE, SKIP_LOCKED, ANALYZE, TRUNCATE FALSE, PARALLEL 0, SKIP_DATABASE_STATS) public.both", "ANALYZE (VERBOSE, SKIP_LOCKED) public.one", "ANALYZE (VERBOSE, SKIP_LOCKED) public.never"],
            Plan(Facts(both, one, never, empty)).Actions.Select(action => action.Sql));
        Assert.Equal(["both"], Names(Plan(Facts(both, one, never), new VacuumOptions { Analyze = VacuumAnalyze.Never })));
    }

    [Theory]
    [InlineData(13, "VACUUM (VERBOSE, SKIP_LOCKED, TRUNCATE FALSE, PARALLEL 0) public.t")]
    [InlineData(15, "VACUUM (VERBOSE, SKIP_LOCKED, TRUNCATE FALSE, PARALLEL 0) public.t")]
    [InlineData(16, "VACUUM (VERBOSE, SKIP_LOCKED, TRUNCATE FALSE, PARALLEL 0, SKIP_DATABASE_STATS) public.t")]
    public void The_statement_is_one_that_the_version_knows(int major, string sql) =>
        Assert.Equal(sql, Only(Facts(Table("t", 5_000)) with { MajorVersion = major }).Sql);

    [Fact]
    public void With_one_connection_the_server_may_use_workers_and_options_are_written_out()
    {
        var action = Only(Facts(Table("t", 5_000)), new VacuumOptions { Parallel = 1, Truncate = true, Freeze = true, BufferUsageLimitBytes = 4 << 20 });
        Assert.Equal("VACUUM (VERBOSE, SKIP_LOCKED, FREEZE, TRUNCATE TRUE, SKIP_DATABASE_STATS, BUFFER_USAGE_LIMIT '4096 kB') public.t", action.Sql);
        Assert.Contains("ACCESS EXCLUSIVE", action.Lock, StringComparison.Ordinal);
        Assert.Equal("SHARE UPDATE EXCLUSIVE", Only(Facts(Table("t", 5_000))).Lock);
    }

    [Fact]
    public void What_was_put_off_comes_first_then_what_is_in_danger_then_the_largest()
    {
        var old = Table("old");
        old = old with { Heap = old.Heap with { XidAge = 180_000_000 } };
        var (small, large, first, second) = (Table("small", 5_000), Table("large", 5_000, megabytes: 50), Table("first", 5_000), Table("second"));
        var past = new PastActions([Past(second, StepState.Deferred, TimeSpan.FromHours(1)), Past(first, StepState.Deferred, TimeSpan.FromHours(2))]);
        Assert.Equal(["first", "second", "old", "large", "small"], Names(Plan(Facts(small, large, first, second, old), past: past)));
        Assert.Equal(["first", "second"], Names(Plan(Facts(small, large, first, second, old), new VacuumOptions { Resume = true }, past)));
    }

    [Fact]
    public void What_was_put_off_and_vacuumed_since_is_owed_no_more()
    {
        var table = Table("t") with { LastVacuum = Now.AddMinutes(-5) };
        Assert.Empty(Plan(Facts(table), past: new PastActions([Past(table, StepState.Deferred, TimeSpan.FromHours(1))])).Actions);
    }

    [Fact]
    public void What_does_not_fit_is_put_off_and_what_is_smaller_takes_its_place()
    {
        // At the assumed 40 MB/s: 10 s, 5 s and 5 s over two connections in 8 s.
        var plan = Plan(Facts(Table("large", 5_000, megabytes: 400), Table("a", 5_000, megabytes: 200), Table("b", 5_000, megabytes: 200)), new VacuumOptions { Deadline = Now.AddSeconds(8) });
        Assert.Equal([("large", StepState.Deferred), ("a", StepState.Planned), ("b", StepState.Planned)], plan.Actions.Select(action => (action.Name, action.State)));
        Assert.Equal(MaintenanceErrorCode.DoesNotFit, plan.Actions[0].Error);
        Assert.Contains("10.0 s", plan.Actions[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vacuum_is_pointless_as_long_as_the_snapshot_of_the_last_one_is_held()
    {
        var table = Table("t", 5_000);
        var last = Past(table, StepState.Done, TimeSpan.FromHours(1)) with { Effect = new Dictionary<string, object?> { ["RemovableCutoff"] = 9_000L } };
        VacuumFacts Held(XminHolder holder) => Facts(table) with { Holders = new XminHolders([holder], 0) };

        var refused = Only(Held(Holder(1_000, Now.AddHours(-2))), past: new PastActions([last]));
        Assert.Equal((StepState.Skipped, MaintenanceErrorCode.HeldBack), (refused.State, refused.Error));
        Assert.Contains("session 7", refused.Message, StringComparison.Ordinal);

        // The snapshot moved on by one; it is of a moment ago; the evidence is old; somebody recreated the table; nobody holds anything.
        Assert.Equal(StepState.Planned, Only(Held(Holder(999, Now.AddHours(-2))), past: new PastActions([last])).State);
        Assert.Equal(StepState.Planned, Only(Held(Holder(1_000, Now.AddMinutes(-1))), past: new PastActions([last])).State);
        Assert.Equal(StepState.Planned, Only(Held(Holder(1_000, Now.AddDays(-9))), past: new PastActions([last with { StartedAt = Now.AddDays(-8) }])).State);
        Assert.Equal(StepState.Planned, Only(Held(Holder(1_000, Now.AddHours(-2))), past: new PastActions([last with { Oid = 1 }])).State);
        Assert.Equal(StepState.Planned, Only(Facts(table), past: new PastActions([last])).State);
        // What freezes is never refused.
        Assert.Equal(StepState.Planned, Only(Held(Holder(1_000, Now.AddHours(-2))), new VacuumOptions { Freeze = true }, new PastActions([last])).State);
    }

    [Fact]
    public void The_evidence_holds_when_transaction_ids_come_round()
    {
        var table = Table("t", 5_000);
        var last = Past(table, StepState.Done, TimeSpan.FromHours(1)) with { Effect = new Dictionary<string, object?> { ["RemovableCutoff"] = 4_294_967_290L } };
        var facts = Facts(table) with { NextXid = 10, Holders = new XminHolders([Holder(16, Now.AddHours(-2))], 0) };
        Assert.Equal(MaintenanceErrorCode.HeldBack, Only(facts, past: new PastActions([last])).Error);
        Assert.Null(Only(facts with { Holders = new XminHolders([Holder(15, Now.AddHours(-2))], 0) }, past: new PastActions([last])).Error);
    }

    [Fact]
    public void Statistics_are_gathered_though_the_vacuum_is_pointless()
    {
        var table = Table("t", 5_000) with { LastVacuum = Now.AddMinutes(-1), ChangedSinceAnalyze = 5_000 };
        var plan = Plan(Facts(table) with { Holders = new XminHolders([Holder(1_000, Now.AddHours(-2))], 0) });
        Assert.Equal([(DbActionKind.Vacuum, StepState.Skipped), (DbActionKind.Analyze, StepState.Planned)], plan.Actions.Select(action => (action.Kind, action.State)).Order());
    }

    [Theory]
    [InlineData(16, "GRANT owner TO me;")]
    [InlineData(17, "GRANT pg_maintain TO me;")]
    public void A_table_the_role_may_not_maintain_fails_in_the_plan_with_the_grant(int major, string grant)
    {
        var action = Only(Facts(Table("t", 5_000) with { MayMaintain = false }) with { MajorVersion = major });
        Assert.Equal((StepState.Failed, MaintenanceErrorCode.PermissionDenied, HealthStatus.Warning), (action.State, action.Error, action.Status));
        Assert.Contains(grant.TrimEnd(';'), action.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void The_system_s_catalogues_are_left_to_it_unless_asked_for()
    {
        var catalogue = Table("pg_class", 5_000) with { IsSystem = true };
        Assert.Empty(Plan(Facts(catalogue)).Actions);
        Assert.Single(Plan(Facts(catalogue), new VacuumOptions { IncludeSystem = true }).Actions);
    }

    [Fact]
    public void The_whole_of_partitions_is_analyzed_when_enough_changed_below_it()
    {
        var whole = Table("whole", rows: -1) with { IsPartitioned = true };
        var part = Table("part", rows: 100_000) with { Parent = whole.Oid, ChangedSinceAnalyze = 4_000 };
        Assert.Empty(Plan(Facts(whole, part)).Actions);
        Assert.Equal("ANALYZE (VERBOSE, SKIP_LOCKED) ONLY public.whole", Only(Facts(whole with { LastAnalyze = null }, part)).Sql);
        // It was analyzed by itself since, for which at least 10,050 rows must have changed.
        Assert.Equal("whole", Only(Facts(whole with { LastAnalyze = Now.AddDays(-3) }, part)).Name);
        // There SKIP_LOCKED would leave partitions out without a word.
        Assert.Equal("ANALYZE (VERBOSE) public.whole", Only(Facts(whole with { LastAnalyze = null }, part with { ChangedSinceAnalyze = 20_000 }) with { MajorVersion = 17 }).Sql);
    }

    [Fact]
    public void A_sample_is_all_that_analyzing_a_large_table_reads()
    {
        var large = Table("t", megabytes: 100_000) with { LastAnalyze = null };
        Assert.True(Only(Facts(large)).PredictedDuration < TimeSpan.FromSeconds(10));
    }
}
