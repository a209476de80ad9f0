using Maintenance.Engine.Inspect;
using static Maintenance.Engine.Tests.Inspect.IndexSamples;

namespace Maintenance.Engine.Tests.Inspect;

/// <summary>What is advised, and what never is.</summary>
public sealed class IndexAdviserTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private static IndexDraft One(IndexSamples samples, IndexAdviceQuery? query = null, params ScanSource[] replicas) => Assert.Single(samples.Advise(query, replicas));

    private static void Says(IndexDraft draft, string part) =>
        Assert.True(draft.Reasons.Any(reason => reason.Contains(part, StringComparison.Ordinal)), $"'{part}' is not in: {string.Join(" | ", draft.Reasons)}");

    // ---- Unused

    [Fact]
    public void An_index_that_is_used_is_left_in_peace() => Assert.Empty(new IndexSamples().With(Index(1, 1)).Advise());

    [Fact]
    public void An_index_that_nobody_used_for_a_year_can_go()
    {
        var draft = One(new IndexSamples().With(Index(1, 1), scans: 0));
        Assert.Equal((IndexAdviceKind.Unused, IndexVerdict.Drop, IndexAction.Drop), (draft.Kind, draft.Verdict, draft.Action));
        Assert.Equal(Year, draft.Usage!.IdleFor);
        Says(draft, "365 days");
    }

    [Fact]
    public void Young_statistics_prove_nothing()
    {
        var draft = One(new IndexSamples().With(Index(1, 1), scans: 0).Server(facts => facts with { StatisticsSince = Now - (3 * Day) }));
        Assert.Equal(IndexVerdict.Observe, draft.Verdict);
        Says(draft, "idle for 3 days; 30 days are wanted");
    }

    [Fact]
    public void Statistics_of_unknown_age_prove_nothing() =>
        Assert.Equal(IndexVerdict.Observe, One(new IndexSamples().With(Index(1, 1), scans: 0).Server(facts => facts with { StatisticsSince = null })).Verdict);

    [Fact]
    public void Old_statistics_prove_nothing_about_an_index_of_yesterday()
    {
        var draft = One(new IndexSamples().With(Index(1, 1) with { CreatedBy = Now - Day }, scans: 0));
        Assert.Equal(IndexVerdict.Observe, draft.Verdict);
        Assert.Equal(Day, draft.Usage!.IdleFor);
    }

    [Fact]
    public void Old_statistics_prove_nothing_about_an_index_of_unknown_age()
    {
        var draft = One(new IndexSamples().With(Index(1, 1) with { CreatedBy = null }, scans: 0).Source(source => source with { HistoryReason = "There is no history." }));
        Assert.Equal(IndexVerdict.Observe, draft.Verdict);
        Says(draft, "may be younger than the statistics");
        Says(draft, "There is no history.");
    }

    [Fact]
    public void A_history_of_a_month_proves_that_the_index_was_there()
    {
        var draft = One(new IndexSamples().With(Index(1, 1) with { CreatedBy = null }, scans: 0)
            .Source(source => source with { Quiet = new Dictionary<long, QuietTime> { [1] = new(Now - (40 * Day), TimeSpan.Zero) } }));
        Assert.Equal(IndexVerdict.Drop, draft.Verdict);
        Assert.Equal(40 * Day, draft.Usage!.IdleFor);
    }

    [Fact]
    public void The_history_reaches_back_behind_a_reset_but_for_what_nobody_saw()
    {
        var samples = new IndexSamples().With(Index(1, 1) with { CreatedBy = null }, scans: 0)
            .Server(facts => facts with { StatisticsSince = Now - (2 * Day) });
        var quiet = new Dictionary<long, QuietTime> { [1] = new(Now - (40 * Day), 5 * Day) };
        var draft = One(samples.Source(source => source with { Quiet = quiet }));
        Assert.Equal(IndexVerdict.Drop, draft.Verdict);
        Assert.Equal(35 * Day, draft.Usage!.IdleFor);
        Says(draft, "Of 5 days before resets");

        quiet[1] = new QuietTime(Now - (40 * Day), 15 * Day);
        Assert.Equal(IndexVerdict.Observe, One(samples).Verdict);
    }

    [Fact]
    public void Standbys_whose_queries_nobody_counted_stand_against_it()
    {
        var samples = new IndexSamples().With(Index(1, 1), scans: 0).Server(facts => facts with { Standbys = 2 });
        Says(One(samples), "2 standbys are attached");
        Assert.Equal(IndexVerdict.Observe, One(samples).Verdict);

        ScanSource Replica(string name, long scans, TimeSpan age) =>
            new() { Target = name, IsStandby = true, StatisticsSince = Now - age, Scans = new Dictionary<long, long> { [1] = scans } };
        Says(One(samples, null, Replica("r1", 0, Year)), "1 standby is attached");
        Assert.Equal(IndexVerdict.Drop, One(samples, null, Replica("r1", 0, Year), Replica("r2", 0, Year)).Verdict);
        Assert.Equal(IndexVerdict.Observe, One(samples, null, Replica("r1", 0, Year), Replica("r2", 0, Day)).Verdict);
        Assert.Empty(samples.Advise(null, Replica("r1", 0, Year), Replica("r2", 5000, Year)));
    }

    [Fact]
    public void A_standby_that_is_away_stands_against_it() =>
        Says(One(new IndexSamples().With(Index(1, 1), scans: 0).Server(facts => facts with { IdleSlots = 1 })), "1 physical replication slot waits");

    [Fact]
    public void On_a_standby_the_primary_is_missing_until_it_is_named()
    {
        var samples = new IndexSamples().With(Index(1, 1), scans: 0).Server(facts => facts with { IsStandby = true });
        Assert.Equal(IndexVerdict.Observe, One(samples).Verdict);
        Assert.Equal(
            IndexVerdict.Drop,
            One(samples, null, new ScanSource { Target = "p", StatisticsSince = Now - Year, Scans = new Dictionary<long, long> { [1] = 0 } }).Verdict);
    }

    [Fact]
    public void Small_indexes_are_left_alone_unless_asked_for()
    {
        var samples = new IndexSamples().With(Index(1, 1) with { SizeBytes = (1 << 20) - 1 }, scans: 0);
        Assert.Empty(samples.Advise());
        Assert.Single(samples.Advise(new IndexAdviceQuery { MinimumSizeBytes = 0 }));
    }

    [Fact]
    public void An_index_whose_size_is_not_known_is_not_taken_for_a_small_one() =>
        Assert.Null(One(new IndexSamples().With(Index(1, 1) with { SizeBytes = null }, scans: 0)).SizeBytes);

    public static TheoryData<string> Bonds => ["primary", "unique", "constraint", "exclusion", "referenced", "identity", "extension"];

    private static IndexFact Bound(string how, long oid = 1) => how switch
    {
        "primary" => Index(oid, 1) with { IsUnique = true, IsPrimary = true, Constraint = "pkey" },
        "unique" => Index(oid, 1) with { IsUnique = true },
        "constraint" => Index(oid, 1) with { IsUnique = true, Constraint = "key" },
        "exclusion" => Index(oid, 1) with { Method = "gist", IsExclusion = true, Constraint = "excl" },
        "referenced" => Index(oid, 1) with { IsUnique = true, References = 2 },
        "identity" => Index(oid, 1) with { IsUnique = true, IsReplicaIdentity = true },
        _ => Index(oid, 1) with { IsExtensions = true },
    };

    [Theory]
    [MemberData(nameof(Bonds))]
    public void What_enforces_or_serves_something_is_kept_though_unused(string how)
    {
        var draft = One(new IndexSamples().With(Bound(how), scans: 0));
        Assert.Equal((IndexVerdict.Keep, IndexAction.None), (draft.Verdict, draft.Action));
    }

    [Fact]
    public void An_index_that_is_attached_to_another_is_no_choice_of_its_own() =>
        Assert.Empty(new IndexSamples().With(Index(1, 1) with { ParentOid = 77 }, scans: 0).With(Index(2, 1) with { ParentOid = 78 }, scans: 0).Advise());

    [Fact]
    public void An_index_that_CLUSTER_sorts_by_is_watched() =>
        Assert.Equal(IndexVerdict.Observe, One(new IndexSamples().With(Index(1, 1) with { IsClustered = true }, scans: 0)).Verdict);

    [Fact]
    public void An_expression_whose_statistics_the_planner_may_use_is_watched()
    {
        var draft = One(new IndexSamples().With(Index(1, 0) with { Expressions = ["lower(name)"] }, scans: 0));
        Assert.Equal(IndexVerdict.Observe, draft.Verdict);
        Says(draft, "statistics");
    }

    [Fact]
    public void The_only_index_of_a_foreign_key_is_kept_while_referenced_rows_change()
    {
        var samples = new IndexSamples().With(Index(1, 1), scans: 0).With(Key(1));
        Assert.Equal(IndexVerdict.Keep, One(samples.Change(Parent, table => table with { Deleted = 3 })).Verdict);
        Assert.Equal(IndexVerdict.Keep, One(samples.Change(Parent, table => table with { Deleted = 0, Updated = 3 })).Verdict);
        Assert.Equal(IndexVerdict.Observe, One(samples.Change(Parent, table => table with { Updated = 0 })).Verdict);
    }

    [Fact]
    public void Of_several_idle_indexes_of_a_foreign_key_the_smallest_is_left()
    {
        var samples = new IndexSamples().With(Key(1)).Change(Parent, table => table with { Deleted = 3 })
            .With(Index(1, 1, 2) with { SizeBytes = 30 << 20 }, scans: 0)
            .With(Index(2, 1) with { SizeBytes = 10 << 20 }, scans: 0);
        var verdicts = samples.Advise().ToDictionary(draft => draft.Oid, draft => draft.Verdict);
        Assert.Equal(IndexVerdict.Drop, verdicts[1]);
        Assert.Equal(IndexVerdict.Keep, verdicts[2]);
    }

    [Fact]
    public void An_index_that_has_not_been_used_for_long_is_watched_if_it_was_used_before()
    {
        var samples = new IndexSamples().With(Index(1, 1), scans: 12)
            .Source(source => source with { LastScans = new Dictionary<long, DateTimeOffset> { [1] = Now - (100 * Day) } });
        var draft = One(samples);
        Assert.Equal((IndexAdviceKind.Unused, IndexVerdict.Observe), (draft.Kind, draft.Verdict));
        Assert.Equal(100 * Day, draft.Usage!.IdleFor);
        Assert.Equal(Now - (100 * Day), draft.Usage.LastScan);
        Assert.Empty(new IndexSamples().With(Index(1, 1), scans: 12)
            .Source(source => source with { LastScans = new Dictionary<long, DateTimeOffset> { [1] = Now - Day } }).Advise());
    }

    [Fact]
    public void Few_uses_against_many_writes_are_watched()
    {
        var samples = new IndexSamples().With(Index(1, 1), scans: 10);
        Assert.Empty(samples.Change(Table, table => table with { Inserted = 9_000 }).Advise());
        var draft = One(samples.Change(Table, table => table with { Inserted = 5_000, Updated = 9_000, HotUpdated = 4_000 }));
        Assert.Equal((IndexAdviceKind.RarelyUsed, IndexVerdict.Observe), (draft.Kind, draft.Verdict));
        Says(draft, "10000 entries were written to it, 1000 for each use");
        Assert.Empty(new IndexSamples().With(Index(1, 1) with { IsUnique = true }, scans: 10).Change(Table, table => table with { Inserted = 90_000 }).Advise());
    }

    // ---- Duplicate and covered

    [Theory]
    [InlineData(900, 30, 2)]
    [InlineData(30, 900, 1)]
    [InlineData(30, 30, 2)]
    public void Of_two_duplicates_the_less_used_goes_else_the_younger(long first, long second, long expected)
    {
        var draft = One(new IndexSamples().With(Index(1, 1), first).With(Index(2, 1), second));
        Assert.Equal((IndexAdviceKind.Duplicate, IndexVerdict.Drop, expected), (draft.Kind, draft.Verdict, draft.Oid));
        Assert.Equal(3 - expected, draft.ReplacedBy!.Oid);
    }

    [Fact]
    public void Of_two_duplicates_the_one_that_enforces_stays_however_little_it_is_used()
    {
        foreach (var how in new[] { "primary", "unique", "constraint", "referenced", "identity" })
        {
            var draft = One(new IndexSamples().With(Index(1, 1), 50_000).With(Bound(how, 2), 1));
            Assert.Equal((1, IndexVerdict.Drop), (draft.Oid, draft.Verdict));
        }
    }

    [Fact]
    public void Of_three_duplicates_two_go_for_the_same_one()
    {
        var drafts = new IndexSamples().With(Index(1, 1), 1).With(Index(2, 1), 900).With(Index(3, 1), 2).Advise();
        Assert.Equal([1L, 3L], drafts.Select(draft => draft.Oid).Order());
        Assert.All(drafts, draft => Assert.Equal(2, draft.ReplacedBy!.Oid));
    }

    [Fact]
    public void Two_constraints_that_are_the_same_are_watched_and_no_statement_is_given()
    {
        var draft = One(new IndexSamples().With(Bound("primary", 1)).With(Bound("constraint", 2)));
        Assert.Equal((IndexVerdict.Observe, IndexAction.None), (draft.Verdict, draft.Action));
    }

    [Fact]
    public void A_unique_index_goes_for_a_constraint_that_is_the_same() =>
        Assert.Equal((1, IndexVerdict.Drop), One(new IndexSamples().With(Bound("unique", 1)).With(Bound("primary", 2))) is var draft ? (draft.Oid, draft.Verdict) : default);

    [Fact]
    public void A_chain_of_covered_indexes_leads_to_the_one_that_stays()
    {
        var drafts = new IndexSamples().With(Index(1, 1)).With(Index(2, 1, 2)).With(Index(3, 1, 2, 3)).Advise();
        Assert.Equal([1L, 2L], drafts.Select(draft => draft.Oid).Order());
        Assert.All(drafts, draft => Assert.Equal((IndexAdviceKind.Covered, 3L), (draft.Kind, draft.ReplacedBy!.Oid)));
    }

    [Fact]
    public void What_stands_in_for_another_is_never_advised_to_go_itself()
    {
        // The wide one is idle: it goes, and the narrow one, which is used, stays.
        var draft = One(new IndexSamples().With(Index(1, 1), 900).With(Index(2, 1, 2), 0));
        Assert.Equal((2, IndexAdviceKind.Unused, IndexVerdict.Drop), (draft.Oid, draft.Kind, draft.Verdict));
    }

    [Fact]
    public void Two_duplicates_that_nobody_uses_both_go()
    {
        var drafts = new IndexSamples().With(Index(1, 1), 0).With(Index(2, 1), 0).Advise();
        Assert.All(drafts, draft => Assert.Equal((IndexAdviceKind.Unused, IndexVerdict.Drop), (draft.Kind, draft.Verdict)));
        Assert.Equal(2, drafts.Count);
    }

    [Fact]
    public void A_duplicate_that_is_idle_for_too_short_a_time_goes_for_being_a_duplicate_alone()
    {
        var drafts = new IndexSamples().Server(facts => facts with { StatisticsSince = Now - Day }).With(Index(1, 1), 0).With(Index(2, 1), 0).Advise().ToDictionary(draft => draft.Oid);
        Assert.Equal((IndexAdviceKind.Duplicate, IndexVerdict.Drop), (drafts[2].Kind, drafts[2].Verdict));
        Assert.Equal((IndexAdviceKind.Unused, IndexVerdict.Observe), (drafts[1].Kind, drafts[1].Verdict));
    }

    [Fact]
    public void A_used_index_is_not_given_up_for_a_much_larger_one()
    {
        IndexSamples Samples(long scans) => new IndexSamples().With(Index(1, 1) with { SizeBytes = 10 << 20 }, scans).With(Index(2, 1, 2) with { SizeBytes = 41 << 20 });
        Assert.Equal(IndexVerdict.Observe, One(Samples(5)).Verdict);
        Says(One(Samples(5)), "much larger (41 MB against 10 MB)");
        Assert.Equal(IndexVerdict.Drop, One(Samples(0).Server(facts => facts with { StatisticsSince = Now - Day })).Verdict);
    }

    [Fact]
    public void An_invalid_index_stands_in_for_nobody()
    {
        var draft = One(new IndexSamples().With(Index(1, 1)).With(Index(2, 1) with { IsValid = false }));
        Assert.Equal((2, IndexAdviceKind.Invalid), (draft.Oid, draft.Kind));
    }

    [Fact]
    public void A_redundant_index_of_all_partitions_is_watched_with_the_statement_that_is_possible()
    {
        var samples = new IndexSamples().Change(Table, table => table with { IsPartitioned = true })
            .With(new TableFact { Oid = 101, Schema = "public", Name = "orders_1", ParentOid = Table })
            .With(Index(1, 1) with { IsPartitioned = true }).With(Index(11, 1) with { TableOid = 101, ParentOid = 1 })
            .With(Index(2, 1) with { IsPartitioned = true }).With(Index(12, 1) with { TableOid = 101, ParentOid = 2 });
        var draft = One(samples);
        Assert.Equal((2, IndexVerdict.Observe, IndexAction.Drop), (draft.Oid, draft.Verdict, draft.Action));
        Assert.Equal(10 << 20, draft.SizeBytes);
        Assert.Equal(10_000, draft.Usage!.Scans);
    }

    [Fact]
    public void A_loose_index_of_a_partition_goes_for_the_attached_one()
    {
        var draft = One(new IndexSamples().With(Index(1, 1), 90_000).With(Index(2, 1) with { ParentOid = 77 }, 1));
        Assert.Equal((1, IndexVerdict.Drop), (draft.Oid, draft.Verdict));
    }

    // ---- Invalid

    [Fact]
    public void What_a_failed_build_left_behind_goes_whatever_its_size()
    {
        var draft = One(new IndexSamples().With(Index(1, 1) with { IsValid = false, SizeBytes = 0 }, 0));
        Assert.Equal((IndexAdviceKind.Invalid, IndexVerdict.Drop), (draft.Kind, draft.Verdict));
        Says(draft, "CREATE INDEX CONCURRENTLY failed");
        Says(draft, "No valid index");
    }

    [Theory]
    [InlineData("i1_ccnew", "left its new index behind")]
    [InlineData("i1_ccnew1", "left its new index behind")]
    [InlineData("i1_ccold", "left the old index behind")]
    [InlineData("i1_ccnewest", "CREATE INDEX CONCURRENTLY failed")]
    public void Leftovers_of_a_rebuild_are_told_by_name_and_their_twin_by_what_it_is(string name, string reason)
    {
        var draft = One(new IndexSamples().With(Index(1, 1)).With(Index(2, 1) with { Name = name, IsValid = false }));
        Says(draft, reason);
        Says(draft, "i1 is the same, valid");
        Assert.Equal(1, draft.ReplacedBy!.Oid);
    }

    [Fact]
    public void A_failed_unique_build_says_what_failed() =>
        Says(One(new IndexSamples().With(Index(1, 1) with { IsValid = false, IsUnique = true })), "rows with equal keys");

    [Fact]
    public void An_index_that_is_being_built_is_not_broken()
    {
        var samples = new IndexSamples().With(Index(1, 1) with { IsValid = false });
        Assert.Equal(IndexVerdict.Observe, One(samples.Server(facts => facts with { Builds = [new IndexBuild(4711, Table, 1)] })).Verdict);
        Says(One(samples), "process 4711");
        Assert.Equal(HealthStatus.Ok, One(samples).Status);
        Assert.Equal(IndexVerdict.Drop, One(samples.Server(facts => facts with { Builds = [new IndexBuild(4711, Parent, 8)] })).Verdict);
        Assert.Equal(IndexVerdict.Drop, One(samples.Server(facts => facts with { Builds = [new IndexBuild(4711, Table, 8)] })).Verdict);
    }

    [Fact]
    public void A_build_that_the_role_may_not_see_makes_it_unknown()
    {
        var draft = One(new IndexSamples().With(Index(1, 1) with { IsValid = false }).Server(facts => facts with { SeesAll = false, Builds = [new IndexBuild(4711, 0, 0)] }));
        Assert.Equal((IndexVerdict.Observe, HealthStatus.Unknown), (draft.Verdict, draft.Status));
    }

    [Fact]
    public void An_index_that_somebody_is_dropping_is_left_to_them() =>
        Assert.Equal(IndexVerdict.Observe, One(new IndexSamples().With(Index(1, 1) with { IsValid = false, IsWorkedOn = true })).Verdict);

    [Fact]
    public void The_index_of_a_partitioned_table_that_is_not_complete_names_what_is_missing()
    {
        var samples = new IndexSamples().Change(Table, table => table with { IsPartitioned = true })
            .With(new TableFact { Oid = 101, Schema = "public", Name = "orders_1", ParentOid = Table })
            .With(new TableFact { Oid = 102, Schema = "public", Name = "orders_2", ParentOid = Table })
            .With(Index(1, 1) with { IsPartitioned = true, IsValid = false }).With(Index(11, 1) with { TableOid = 101, ParentOid = 1 });
        var draft = One(samples);
        Assert.Equal((IndexVerdict.Observe, IndexAction.None), (draft.Verdict, draft.Action));
        Says(draft, "these have none: orders_2.");
    }

    [Fact]
    public void An_invalid_index_of_a_constraint_is_rebuilt_not_dropped() =>
        Assert.Equal((IndexVerdict.Observe, IndexAction.Rebuild), One(new IndexSamples().With(Bound("constraint") with { IsValid = false })) is var draft ? (draft.Verdict, draft.Action) : default);

    // ---- Unsupported foreign keys

    [Fact]
    public void A_foreign_key_with_an_index_is_left_in_peace() => Assert.Empty(new IndexSamples().With(Key(1, 2)).With(Index(1, 2, 1)).Advise());

    [Fact]
    public void A_foreign_key_without_one_wants_it_when_referenced_rows_are_deleted()
    {
        var samples = new IndexSamples().With(Key(1)).Change(Parent, table => table with { Deleted = 7 });
        var draft = One(samples);
        Assert.Equal((IndexAdviceKind.UnsupportedForeignKey, IndexVerdict.Create, Table), (draft.Kind, draft.Verdict, draft.Oid));
        Says(draft, "7 rows were deleted there");
        Says(draft, "c1 of the foreign key orders_customer_fkey");
        Assert.Equal(IndexVerdict.Observe, One(samples.Change(Parent, table => table with { Deleted = 0 })).Verdict);
    }

    [Fact]
    public void A_partial_or_invalid_index_does_not_count_and_is_named()
    {
        var draft = Assert.Single(
            new IndexSamples().With(Key(1)).With(Index(1, 1) with { IsPartial = true, Predicate = "(c1 > 5)" }).Advise(),
            item => item.Kind == IndexAdviceKind.UnsupportedForeignKey);
        Says(draft, "i1 does not count");
        Says(
            Assert.Single(new IndexSamples().With(Key(1)).With(Index(1, 1) with { IsValid = false }).Advise(), item => item.Kind == IndexAdviceKind.UnsupportedForeignKey),
            "i1 is not valid");
    }

    [Fact]
    public void Two_keys_of_the_same_columns_want_one_index()
    {
        var draft = One(new IndexSamples().With(Key(1, 2)).With(Key(2, 1) with { Oid = 901, Name = "other_fkey", ReferencedOid = Table }));
        Says(draft, "orders_customer_fkey and other_fkey");
    }

    [Fact]
    public void A_small_table_is_left_alone() =>
        Assert.Empty(new IndexSamples().With(Key(1)).Change(Table, table => table with { SizeBytes = 8192 }).Advise());

    [Fact]
    public void A_key_of_a_partitioned_table_is_named_once_with_the_partitions_that_lack_one()
    {
        var samples = new IndexSamples().Change(Table, table => table with { IsPartitioned = true, SizeBytes = 0 })
            .With(new TableFact { Oid = 101, Schema = "public", Name = "orders_1", ParentOid = Table, SizeBytes = 20 << 20 })
            .With(new TableFact { Oid = 102, Schema = "public", Name = "orders_2", ParentOid = Table, SizeBytes = 30 << 20 })
            .With(Key(1))
            .With(Key(1) with { Oid = 901, ParentOid = 900, TableOid = 101 })
            .With(Key(2) with { Oid = 902, ParentOid = 900, TableOid = 102 });
        var draft = One(samples);
        Assert.Equal([101L, 102L], draft.Missing!.Value.Tables.Order());
        Assert.Equal(50 << 20, draft.SizeBytes);

        draft = One(samples.With(Index(12, 2) with { TableOid = 102 }));
        Assert.Equal([101L], draft.Missing!.Value.Tables);
        Assert.Empty(samples.With(Index(11, 1) with { TableOid = 101 }).Advise());
    }

    // ---- Bloated, and what is wanted

    [Fact]
    public void Only_what_was_measured_elsewhere_is_called_bloated()
    {
        var samples = new IndexSamples().With(Index(1, 1)).With(Index(2, 2));
        Assert.Empty(samples.Advise());
        var draft = One(samples, new IndexAdviceQuery { ReclaimableBytes = new Dictionary<long, long> { [1] = 4 << 20, [2] = 2 << 20 } });
        Assert.Equal((1, IndexAdviceKind.Bloated, IndexVerdict.Observe, IndexAction.Rebuild), (draft.Oid, draft.Kind, draft.Verdict, draft.Action));
    }

    [Fact]
    public void What_is_to_go_is_not_called_bloated() =>
        Assert.Equal(IndexAdviceKind.Unused, One(new IndexSamples().With(Index(1, 1), 0), new IndexAdviceQuery { ReclaimableBytes = new Dictionary<long, long> { [1] = 9 << 20 } }).Kind);

    [Fact]
    public void Only_what_was_asked_for_is_told_and_the_order_is_that_of_decision_and_size()
    {
        var samples = new IndexSamples().With(Key(5)).Change(Parent, table => table with { Deleted = 1 })
            .With(Index(1, 1), 0).With(Index(2, 2) with { SizeBytes = 20 << 20 }, 0).With(Bound("primary", 3) with { Columns = [3] }, 0).With(Index(4, 4) with { IsClustered = true }, 0);
        Assert.Equal([2L, 1L, Table, 4L, 3L], samples.Advise().Select(draft => draft.Oid));
        Assert.Equal([2L, 1L], samples.Advise(new IndexAdviceQuery { Verdicts = [IndexVerdict.Drop] }).Select(draft => draft.Oid));
        Assert.Equal([Table], samples.Advise(new IndexAdviceQuery { Kinds = [IndexAdviceKind.UnsupportedForeignKey] }).Select(draft => draft.Oid));
        Assert.Empty(samples.Advise(new IndexAdviceQuery { Tables = (schema, table) => schema == "public" && table == "customers" }));
        Assert.Equal(5, samples.Advise(new IndexAdviceQuery { Tables = (_, table) => table == "orders" }).Count);
    }

    [Fact]
    public void The_same_facts_in_another_order_give_the_same_advice()
    {
        IndexFact[] indexes = [Index(1, 1), Index(2, 1), Index(3, 1, 2), Index(4, 2), Bound("unique", 5), Index(6, 1) with { Options = [3] }];
        string Advice(IEnumerable<IndexFact> order) =>
            string.Join(";", order.Aggregate(new IndexSamples().With(Key(1)), (samples, index) => samples.With(index)).Advise().Select(draft => $"{draft.Oid} {draft.Kind} {draft.Verdict} {draft.ReplacedBy?.Oid}"));
        Assert.Equal(Advice(indexes), Advice(indexes.Reverse()));
    }

    [Fact]
    public void An_index_whose_table_was_not_read_is_left_for_next_time() => Assert.Empty(new IndexSamples().With(Index(1, 1) with { TableOid = 4 }, 0).Advise());
}
