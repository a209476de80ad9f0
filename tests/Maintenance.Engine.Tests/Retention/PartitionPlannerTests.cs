using Maintenance.Engine.Retention;

namespace Maintenance.Engine.Tests.Retention;

/// <summary>Which partitions go as a whole, and what is said of the others.</summary>
public sealed class PartitionPlannerTests
{
    private const long Root = 1;
    private const long Archived = 2;

    [Fact]
    public void Partitions_past_their_age_go_oldest_first_and_others_do_not()
    {
        var plan = Plan(Partition(12, rank: 2), Partition(11, rank: 1), Partition(13) with { IsPast = false });
        Assert.Equal(["s.p11", "s.p12"], plan.Steps.Select(step => step.Partition.Name));
        Assert.Equal("ALTER TABLE s.t DETACH PARTITION s.p11 CONCURRENTLY", plan.Steps[0].Detach);
        Assert.StartsWith("SHARE UPDATE EXCLUSIVE", plan.Lock, StringComparison.Ordinal);
        Assert.Empty(plan.Notes);
    }

    [Theory]
    [InlineData(RetentionAction.Anonymise)]
    [InlineData(RetentionAction.ArchiveToBlob)]
    public void Rows_that_stay_or_become_files_are_no_matter_of_partitions(RetentionAction action) =>
        Assert.Same(PartitionPlan.Nothing, PartitionPlanner.Plan(Policy(action), Facts(), Partitioning(Partition(11)), allowAccessExclusive: true));

    [Fact]
    public void PostgreSQL_13_locks_the_table_if_it_is_allowed()
    {
        var refused = PartitionPlanner.Plan(Policy(), Facts(major: 13), Partitioning(Partition(11)), allowAccessExclusive: false);
        Assert.Empty(refused.Steps);
        Assert.Equal("1 partition(s) do not go whole, but row by row: PostgreSQL 13 cannot detach CONCURRENTLY; -AllowAccessExclusive allows to lock the table (s.p11).", Assert.Single(refused.Notes));
        var allowed = PartitionPlanner.Plan(Policy(), Facts(major: 13), Partitioning(Partition(11)), allowAccessExclusive: true);
        Assert.Equal("ALTER TABLE s.t DETACH PARTITION s.p11", Assert.Single(allowed.Steps).Detach);
        Assert.StartsWith("ACCESS EXCLUSIVE", allowed.Lock, StringComparison.Ordinal);
    }

    [Fact]
    public void A_DEFAULT_partition_is_no_obstacle_for_partitions_of_another_table()
    {
        var facts = Partitioning(Partition(11), Partition(20) with { IsPast = false }, Partition(21, parent: 20)) with
        {
            Tables = new Dictionary<long, PartitionedFacts> { [Root] = Table(Root) with { HasDefault = true }, [20] = Table(20) },
        };
        var plan = PartitionPlanner.Plan(Policy(), Facts(), facts, allowAccessExclusive: false);
        Assert.Equal("ALTER TABLE s.p20 DETACH PARTITION s.p21 CONCURRENTLY", Assert.Single(plan.Steps).Detach);
        Assert.Contains("DEFAULT", Assert.Single(plan.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void What_speaks_against_a_part_speaks_against_the_whole()
    {
        var facts = Partitioning(Partition(11), Partition(20), Partition(21, parent: 20) with { HasForeignKeys = true }) with
        {
            Tables = new Dictionary<long, PartitionedFacts> { [Root] = Table(Root), [20] = Table(20) with { IsByTime = false } },
        };
        var plan = PartitionPlanner.Plan(Policy(), Facts(), facts, allowAccessExclusive: false);
        Assert.Equal("s.p11", Assert.Single(plan.Steps).Partition.Name);
        Assert.Contains("foreign keys", Assert.Single(plan.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_that_is_divided_otherwise_first_is_divided_by_time_below_for_what_is_dropped_alone()
    {
        var facts = Partitioning(Partition(20) with { IsPast = false, Bound = null }, Partition(21, parent: 20)) with
        {
            Tables = new Dictionary<long, PartitionedFacts> { [Root] = Table(Root) with { IsByTime = false }, [20] = Table(20) },
            Archive = Table(Archived),
        };
        Assert.Equal("s.p21", Assert.Single(PartitionPlanner.Plan(Policy(), Facts(), facts with { Archive = null }, false).Steps).Partition.Name);
        Assert.Empty(PartitionPlanner.Plan(Policy(RetentionAction.ArchiveToTable), Facts(), facts, false).Steps);
    }

    [Fact]
    public void A_hold_that_names_the_table_could_not_be_asked_once_the_partition_is_out()
    {
        var plan = PartitionPlanner.Plan(Policy() with { LegalHold = "id IN (SELECT id FROM s.T)" }, Facts(), Partitioning(Partition(11)), allowAccessExclusive: false);
        Assert.Empty(plan.Steps);
        Assert.Contains("the legal hold names the table itself", Assert.Single(plan.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_partition_that_is_being_detached_holds_the_others_up_and_is_named()
    {
        var facts = Partitioning(Partition(11) with { IsPending = true }, Partition(12)) with
        {
            Tables = new Dictionary<long, PartitionedFacts> { [Root] = Table(Root) with { HasPending = true } },
        };
        var plan = PartitionPlanner.Plan(Policy(), Facts(), facts, allowAccessExclusive: false);
        Assert.Empty(plan.Steps);
        Assert.Contains(plan.Notes, note => note.Contains("ALTER TABLE s.t DETACH PARTITION s.p11 FINALIZE;", StringComparison.Ordinal));
    }

    [Fact]
    public void Many_names_are_not_all_told()
    {
        var plan = Plan([.. Enumerable.Range(11, 8).Select(oid => Partition(oid) with { IsOurs = false })]);
        Assert.EndsWith("(s.p11, s.p12, s.p13, s.p14, s.p15 and 3 more).", Assert.Single(plan.Notes), StringComparison.Ordinal);
    }

    private static PartitionPlan Plan(params PartitionFacts[] partitions) =>
        PartitionPlanner.Plan(Policy(), Facts(), Partitioning(partitions), allowAccessExclusive: false);

    private static RetentionPolicy Policy(RetentionAction action = RetentionAction.Delete) => new() { Table = "s.t", TimeColumn = "at", Age = TimeSpan.FromDays(30), Action = action };

    private static PolicyFacts Facts(int major = 18) => new()
    {
        Table = new TableFacts
        {
            Oid = Root, QuotedName = "s.t", QuotedRelation = "t", Schema = "s", Name = "t", Kind = 'p', HidesRows = false, HasRules = false, HasChildren = false, IsOfTheSystem = false,
            IsOurs = true, MaySelect = true, MayDelete = true, MayInsert = true, MayUpdate = true, QuotedRole = "r", Columns = [],
        },
        Time = new TimeColumnFacts(1, "at", "timestamptz", TimeKind.Moment),
        ServerTime = default,
        MajorVersion = major,
        ServerVersion = $"{major}",
        Database = "d",
    };

    private static PartitioningFacts Partitioning(params PartitionFacts[] partitions) => new()
    {
        Partitions = partitions, Tables = new Dictionary<long, PartitionedFacts> { [Root] = Table(Root) }, Archive = null, HasJournal = true,
    };

    private static PartitionedFacts Table(long oid) => new()
    {
        Oid = oid, QuotedName = oid == Root ? "s.t" : $"s.p{oid}", IsOurs = true, IsByTime = true, HasDefault = false, HasPending = false, Key = "RANGE (at)", HasForeignKeys = false, IsPublished = false,
    };

    private static PartitionFacts Partition(long oid, long parent = Root, long rank = 0) => new()
    {
        Oid = oid, ParentOid = parent, QuotedName = $"s.p{oid}", Name = $"s.p{oid}", BoundText = "FOR VALUES FROM ('2020-01-01') TO ('2020-01-08')", Bound = new PartitionBound("2020-01-01", "2020-01-08", true),
        IsPending = false, IsTable = true, IsOurs = true, HidesRows = false, HasForeignKeys = false, HasTriggers = false, HasViews = false, IsPublished = false, FitsArchive = true, IsPast = true, Rank = rank,
    };
}
