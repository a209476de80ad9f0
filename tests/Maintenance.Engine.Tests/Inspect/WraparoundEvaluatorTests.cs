using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Tests.Inspect;

public sealed class WraparoundEvaluatorTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly MaintenanceTarget Target = new() { Name = "system" };
    private static readonly CounterRate NoRate = CounterRate.Unknown("There is too little history: this is the first snapshot.");

    private static readonly WraparoundFacts Facts = new()
    {
        MajorVersion = 18,
        NextXid = 5_000_000_000,
        NextMultixact = 10,
        FreezeLimit = 200_000_000,
        MultixactFreezeLimit = 400_000_000,
        FailsafeAge = 1_600_000_000,
        MultixactFailsafeAge = 1_600_000_000,
        SeesOthers = true,
        MemberFiles = 1,
        QuotedUser = "\"a role\"",
        Databases = [new("app", 50_000_000, 100, true, false, true)],
    };

    private static DbWraparound One(WraparoundFacts facts, CounterRate? xid = null, CounterRate? multixact = null) =>
        WraparoundEvaluator.Evaluate(Target, facts, xid ?? NoRate, multixact ?? NoRate, Now)[0];

    private static WraparoundFacts Aged(long xid, long multixact = 100) => Facts with { Databases = [new("app", xid, multixact, true, false, true)] };

    private static TableAgeFacts Table(string name, long age, long limit, bool temporary = false, string schema = "public") => new(
        new DbTableAge
        {
            Target = "system",
            Database = "app",
            Schema = schema,
            Name = name,
            Oid = 1,
            XidAge = age,
            MultixactAge = 0,
            FreezeLimit = limit,
            MultixactFreezeLimit = 400_000_000,
            FreezePercent = 100.0 * age / limit,
            IsTemporary = temporary,
        },
        $"{schema}.\"{name}\"");

    private static XminHolder Holder(long age, string? database = "app") => new()
    {
        Kind = XminHolderKind.PreparedTransaction,
        Name = "gid",
        Database = database,
        XminAge = age,
        Description = "prepared transaction 'gid'; COMMIT PREPARED or ROLLBACK PREPARED it",
    };

    [Fact]
    public void An_age_within_its_limits_is_healthy_without_a_rate_and_has_no_date()
    {
        var result = One(Facts);
        Assert.Equal(HealthStatus.Ok, result.Status);
        Assert.Empty(result.Findings);
        Assert.Null(result.StopAt);
        Assert.Equal(25, result.Xid.Freeze.Percent);
        Assert.Contains("too little history", result.Xid.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rate_gives_dates_and_a_range()
    {
        var result = One(Facts, new CounterRate(100, 50, 200, Now.AddDays(-7), null));
        Assert.Equal(Now.AddSeconds(1_500_000), result.FreezeAt);
        Assert.Equal(Now.AddSeconds(15_500_000), result.FailsafeAt);
        Assert.Equal(Now.AddSeconds((2_144_483_647 - 50_000_000) / 100.0), result.StopAt!.Value, TimeSpan.FromSeconds(1));
        Assert.Equal((Now.AddSeconds(750_000), Now.AddSeconds(3_000_000)), (result.Xid.Freeze.Earliest, result.Xid.Freeze.Latest));
    }

    [Fact]
    public void The_sooner_of_both_counters_is_the_date_of_the_database()
    {
        var result = One(Facts, new CounterRate(1, null, null, Now.AddDays(-1), null), new CounterRate(1000, null, null, Now.AddDays(-1), null));
        Assert.Equal(result.Multixact.Stop.At, result.StopAt);
        Assert.Equal(result.Xid.Freeze.At > result.Multixact.Freeze.At, result.FreezeAt == result.Multixact.Freeze.At);
    }

    [Theory]
    [InlineData(13, 2_146_483_647, 2_147_483_547)]
    [InlineData(14, 2_144_483_647, 2_144_483_647)]
    [InlineData(18, 2_144_483_647, 2_144_483_647)]
    public void The_stop_is_where_the_source_of_that_version_has_it(int major, long xid, long multixact) =>
        Assert.Equal((xid, multixact), (WraparoundLimits.XidStop(major), WraparoundLimits.MultixactStop(major)));

    [Fact]
    public void Before_version_14_there_is_no_failsafe()
    {
        var result = One(Facts with { MajorVersion = 13, FailsafeAge = null, MultixactFailsafeAge = null }, new CounterRate(1, null, null, Now, null));
        Assert.Null(result.Xid.Failsafe);
        Assert.Null(result.FailsafeAt);
    }

    [Fact]
    public void The_failsafe_never_comes_before_the_freeze_limit() =>
        Assert.Equal(1_785_000_000, One(Facts with { FreezeLimit = 1_700_000_000 }).Xid.Failsafe!.Limit);

    [Theory]
    [InlineData(210_000_000, HealthStatus.Ok, null)]
    [InlineData(250_000_000, HealthStatus.Warning, "XID-FREEZE-OVERDUE")]
    [InlineData(1_100_000_000, HealthStatus.Warning, "XID-AGE-HIGH")]
    [InlineData(1_600_000_000, HealthStatus.Critical, "XID-AGE-HIGH")]
    public void Ages_are_judged(long age, HealthStatus status, string? id)
    {
        var result = One(Aged(age));
        Assert.Equal(status, result.Status);
        Assert.Equal(id is not null, result.Findings.Any(finding => finding.Id == id));
    }

    [Theory]
    [InlineData(500_000_000, "MXID-FREEZE-OVERDUE", HealthStatus.Warning)]
    [InlineData(1_600_000_000, "MXID-AGE-HIGH", HealthStatus.Critical)]
    public void Multixacts_are_judged_by_their_own_age(long age, string id, HealthStatus status)
    {
        var result = One(Aged(100, age));
        Assert.Equal(status, result.Status);
        Assert.Contains(result.Findings, finding => finding.Id == id);
    }

    [Fact]
    public void A_stop_within_a_week_is_critical_whatever_the_age()
    {
        var result = One(Facts, new CounterRate(5000, null, null, Now.AddDays(-1), null));
        Assert.Contains(result.Findings, finding => finding is { Id: "XID-STOP-NEAR", Severity: FindingSeverity.Critical });
    }

    [Fact]
    public void A_reached_limit_is_dated_now_even_without_a_rate() => Assert.Equal(Now, One(Aged(200_000_001)).FreezeAt);

    [Fact]
    public void A_table_with_a_lower_limit_of_its_own_brings_the_date_forward()
    {
        var result = One(Facts with { Tables = [Table("hot", 900, 1000)] }, new CounterRate(1, null, null, Now, null));
        Assert.Equal(("public.hot", Now.AddSeconds(100)), (result.Xid.Freeze.Table, result.Xid.Freeze.At));
        Assert.Equal(90, result.Xid.Freeze.Percent);
    }

    [Fact]
    public void The_freeze_plan_leaves_indexes_in_until_it_is_an_emergency()
    {
        var calm = One(Aged(300_000_000) with { Tables = [Table("Big", 300_000_000, 200_000_000)] });
        Assert.Equal("VACUUM (FREEZE) public.\"Big\";", Assert.Single(calm.Findings, finding => finding.Id == "XID-TABLE-OVERDUE").Remedy!.Command);
        var emergency = One(Aged(1_700_000_000) with { Tables = [Table("Big", 1_700_000_000, 200_000_000)] });
        Assert.Equal("VACUUM (FREEZE, INDEX_CLEANUP off) public.\"Big\";", Assert.Single(emergency.Findings, finding => finding.Id == "XID-TABLE-OVERDUE").Remedy!.Command);
    }

    [Fact]
    public void A_blocker_is_named_always_and_a_fault_once_it_is_older_than_the_limit()
    {
        Assert.Equal("gid", One(Facts with { Holders = [Holder(5)] }).Blocker!.Name);
        Assert.Empty(One(Facts with { Holders = [Holder(5)] }).Findings);
        Assert.DoesNotContain(One(Aged(250_000_000) with { Holders = [Holder(5)] }).Findings, finding => finding.Id == "XID-FREEZE-BLOCKED");
        var blocked = Assert.Single(One(Aged(250_000_000) with { Holders = [Holder(5), Holder(249_000_000)] }).Findings, finding => finding.Id == "XID-FREEZE-BLOCKED");
        Assert.Equal(249_000_000L, blocked.Evidence["XminAge"]);
    }

    [Fact]
    public void A_blocker_of_another_database_is_said_to_hold_back_the_shared_catalogues()
    {
        var blocked = Assert.Single(One(Aged(250_000_000) with { Holders = [Holder(249_000_000, "other")] }).Findings, finding => finding.Id == "XID-FREEZE-BLOCKED");
        Assert.Contains("in database other: it holds back the catalogues that all databases share", blocked.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_may_not_see_others_is_told_the_grant_and_is_not_healthy()
    {
        var result = One(Facts with { SeesOthers = false });
        Assert.Equal(HealthStatus.Unknown, result.Status);
        Assert.Contains("GRANT pg_monitor TO \"a role\";", Assert.Single(result.Findings).Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void Members_that_nobody_may_count_matter_once_multixacts_are_many()
    {
        var hidden = Facts with { MemberFiles = null, MemberReason = "not permitted" };
        Assert.Equal(HealthStatus.Ok, One(hidden).Status);
        Assert.Equal("not permitted", One(hidden).MultixactMemberReason);
        Assert.Equal(HealthStatus.Unknown, One(hidden with { Databases = [new("app", 1, 150_000_000, true, false, true)] }).Status);
    }

    [Theory]
    [InlineData(41_000, HealthStatus.Ok)]
    [InlineData(50_000, HealthStatus.Warning)]
    [InlineData(70_000, HealthStatus.Critical)]
    public void Files_of_members_are_a_share_of_the_space_there_is(long files, HealthStatus status) => Assert.Equal(status, One(Facts with { MemberFiles = files }).Status);

    [Theory]
    [InlineData(18, 7, 4711, false)]
    [InlineData(18, 8, null, true)]
    public void From_16_on_the_session_of_a_temporary_table_is_known(int major, int number, int? owner, bool orphaned)
    {
        var table = Assert.Single(One(Facts with
        {
            MajorVersion = major,
            Tables = [Table("t", 5, 200_000_000, true, $"pg_temp_{number}")],
            TemporarySchemas = [new(7, 4711)],
        }).Tables);
        Assert.Equal((owner, orphaned), (table.OwnerProcessId, table.IsOrphaned));
    }

    [Fact]
    public void Before_16_a_temporary_table_is_orphaned_only_if_nobody_else_is_there()
    {
        var facts = Facts with { MajorVersion = 15, Tables = [Table("t", 5, 200_000_000, true, "pg_temp_3")] };
        Assert.True(One(facts).Tables[0].IsOrphaned);
        Assert.Null(One(facts with { TemporarySchemas = [new(null, 1)] }).Tables[0].IsOrphaned);
    }

    [Fact]
    public void An_old_temporary_table_of_a_living_session_names_the_session()
    {
        var result = One(Facts with { Tables = [Table("t", 250_000_000, 200_000_000, true, "pg_temp_7")], TemporarySchemas = [new(7, 4711)] });
        Assert.Contains("session 4711", Assert.Single(result.Findings, finding => finding.Id == "XID-TEMP-OLD").Recommendation, StringComparison.Ordinal);
        Assert.DoesNotContain(result.Findings, finding => finding.Id == "XID-TABLE-OVERDUE");
    }

    [Fact]
    public void On_a_standby_nothing_is_said_of_sessions_and_nothing_is_offered_that_only_the_primary_can_do()
    {
        var calm = One(Facts with { IsStandby = true, SeesOthers = false, Tables = [Table("t", 5, 200_000_000, true, "pg_temp_3")] });
        Assert.Equal((HealthStatus.Ok, null), (calm.Status, calm.Tables[0].IsOrphaned));
        Assert.Contains("standby", calm.Note, StringComparison.Ordinal);
        var overdue = One(Aged(300_000_000) with { IsStandby = true, Tables = [Table("Big", 300_000_000, 200_000_000)] });
        Assert.Equal(HealthStatus.Unknown, overdue.Status);
        Assert.Null(Assert.Single(overdue.Findings, finding => finding.Id == "XID-TABLE-OVERDUE").Remedy);
    }

    [Fact]
    public void Databases_that_cannot_be_vacuumed_by_hand_are_explained()
    {
        var results = WraparoundEvaluator.Evaluate(
            Target, Facts with { Databases = [new("template0", 190_000_000, 1, false, false, false), new("gone", 5, 1, true, true, false), new("app", 5, 1, true, false, true)] }, NoRate, NoRate, Now);
        Assert.Equal(["app", "template0", "gone"], results.Select(result => result.Database));
        Assert.Contains("below the limit is normal", results[1].Note, StringComparison.Ordinal);
        Assert.Contains("DROP DATABASE", results[2].Note, StringComparison.Ordinal);
        Assert.All(results, result => Assert.Equal(HealthStatus.Ok, result.Status));
    }
}
