using Maintenance.Engine.Performance.Indexes;
using Maintenance.Engine.Performance.Optimize;

namespace Maintenance.Engine.Tests.Performance;

/// <summary>Which values the application may ask for, by what was counted; and where the cost of a plan alone proves something.</summary>
public sealed class AskedSetsTests
{
    private static PlanTree Plan(string filter = "(s.kind = $1)", string around = "{0}", double rows = 100) => PlanTree.Read(
        $$"""[{"Plan": {{around.Replace("{0}", $$"""{"Node Type": "Seq Scan", "Parent Relationship": "Outer", "Relation Name": "skew", "Schema": "public", "Alias": "s", "Total Cost": 100, "Plan Rows": {{rows}}, "Filter": "{{filter}}"}""", StringComparison.Ordinal)}}}]""");

    private const string Sum = """{"Node Type": "Aggregate", "Total Cost": 101, "Plan Rows": 1, "Plans": [{0}]}""";
    private const string Limit = """{"Node Type": "Limit", "Total Cost": 101, "Plan Rows": 10, "Plans": [{"Node Type": "Sort", "Parent Relationship": "Outer", "Total Cost": 101, "Plan Rows": 100, "Plans": [{0}]}]}""";
    private const string Sort = """{"Node Type": "Sort", "Total Cost": 101, "Plan Rows": 100, "Plans": [{0}]}""";
    private const string Group = """{"Node Type": "Aggregate", "Group Key": ["s.kind"], "Total Cost": 101, "Plan Rows": 10, "Plans": [{0}]}""";

    private static MissingIndex Index(params string[] keys) => new()
    {
        Schema = "public", Table = "skew", TableOid = 1, TableBytes = 1, Name = "i", Keys = keys, CreateSql = "", Steps = [], DropSql = "", Benefits = [], SavedPercent = 1, EstimatedBytes = 1,
        Evidence = IndexEvidence.Estimated, Reasons = [], IsAdvised = true,
    };

    private static TriedSet Set(string name, double returned, double milliseconds = 10, double estimated = 100) =>
        new(new ValueSet([name], false), Plan(rows: estimated)) { Returned = returned, Milliseconds = milliseconds, Blocks = 1 };

    private static string[] Names(IEnumerable<TriedSet> sets) => [.. sets.Select(set => set.Set.Values[0])];

    [Theory]
    [InlineData("{0}", "(s.kind = $1)", true)]
    [InlineData(Sort, "(s.kind = $1)", true)]
    [InlineData(Sum, "(s.kind = $1)", false)]
    [InlineData(Limit, "(s.kind = $1)", false)]
    [InlineData(Group, "(s.kind = $1)", false)]
    [InlineData("{0}", "((s.kind = $1) AND (s.pad ~~ $2))", false)]
    [InlineData("{0}", "((s.kind = $1) AND (s.born > $2))", false)]
    [InlineData("{0}", "((s.kind = $1) OR (s.born = $2))", false)]
    [InlineData("{0}", "((s.kind = $1) AND (SubPlan 1))", false)]
    public void Rows_tell_what_was_found_where_each_comes_back_and_nothing_else_hides_any(string around, string filter, bool expected) =>
        Assert.Equal(expected, RowPath.IsAnsweredBy(Plan(filter, around).Root, Index("kind")));

    [Fact]
    public void Keys_are_told_apart_by_their_column_whatever_their_order() =>
        Assert.True(RowPath.IsAnsweredBy(Plan("((s.kind = $1) AND (s.born > $2))").Root, Index("kind", "born DESC")));

    [Fact]
    public void What_returns_less_than_a_tenth_is_another_question_and_so_is_more_where_nothing_hides_rows()
    {
        var tried = new[] { Set("common", 100_000), Set("rare", 1) };
        Assert.Equal(["common"], Names(new AskedSets(90_000, 10, isAnswered: false).ByRows(tried).Sets));
        Assert.Equal(["rare"], Names(new AskedSets(2, 10, isAnswered: true).ByRows(tried).Sets));
        Assert.Equal(["common", "rare"], Names(new AskedSets(2, 10, isAnswered: false).ByRows(tried).Sets));
        Assert.Equal(["common", "rare"], Names(new AskedSets(null, 10, isAnswered: true).ByRows(tried).Sets));
    }

    [Fact]
    public void Where_all_find_too_many_the_nearest_is_harder_than_what_is_asked_for()
    {
        var only = Assert.Single(new AskedSets(2, 10, isAnswered: true).ByRows([Set("more", 100_000), Set("less", 1000)]).Sets);
        Assert.Equal(("less", true), (only.Set.Values[0], only.IsHarder));
        Assert.Contains("cannot be told", new AskedSets(5000, 10, isAnswered: true).ByRows([Set("few", 3)]).WhyNone, StringComparison.Ordinal);
    }

    [Fact]
    public void What_takes_less_than_a_tenth_of_the_usual_time_proves_nothing()
    {
        var tried = new[] { Set("slow", 1, 20), Set("quick", 1, 1) };
        Assert.Equal(["slow"], Names(new AskedSets(1, 100, true).ByTime(tried).Sets));
        Assert.Equal(["slow", "quick"], Names(new AskedSets(1, 0.9, true).ByTime(tried).Sets));
        Assert.Contains("its calls took 1000 ms", new AskedSets(1, 1000, true).ByTime(tried).WhyNone, StringComparison.Ordinal);
    }

    [Fact]
    public void The_most_and_the_fewest_are_among_those_that_stand_for_all()
    {
        var planned = Enumerable.Range(0, 20).Select(power => Set($"{power}", 0, estimated: Math.Pow(2, power))).ToList();
        var picked = Names(new AskedSets(64, 10, true).Pick(planned, 6));
        Assert.Equal(6, picked.Length);
        Assert.All(["0", "19", "6"], name => Assert.Contains(name, picked));
    }

    [Theory]
    [InlineData("(s.kind = $1)", "{0}", 0.9, 5000.0, "its plan is for 100 rows")]
    [InlineData("(s.kind = $1)", "{0}", 0.9, 50.0, null)]
    [InlineData("(s.kind = $1)", "{0}", 0.9, null, "they were not counted")]
    [InlineData("(s.kind = $1)", Sum, 0.9, 1.0, "do not say how many")]
    [InlineData("(s.kind = $1)", Sum, 0.001, 1.0, null)]
    [InlineData("((s.kind = $1) AND (s.pad ~~ $2))", "{0}", 0.9, 50.0, "other conditions decide too")]
    [InlineData("((s.kind = $1) AND (s.pad ~~ $2))", "{0}", 0.001, 50.0, null)]
    public void The_cost_of_unknown_values_proves_something_only_where_no_value_is_common_or_rows_tell(string filter, string around, double share, double? counted, string? reason)
    {
        var plan = Plan(filter, around);
        var why = CostRule.WhyNot(plan, counted, Index("kind"), ParameterBindings.Find("", plan), (_, _) => new ColumnValues(["0"], ["1", "2"]) { Shares = [share] });
        if (reason is null)
        {
            Assert.Null(why);
        }
        else
        {
            Assert.Contains(reason, why, StringComparison.Ordinal);
        }
    }

    private static PastTrial Kept(double calls, double milliseconds) => new(
        new DbAction
        {
            Target = "t", Database = "d", Kind = DbActionKind.CreateIndex, Schema = "public", Name = "idx", Oid = 7, Sql = "CREATE INDEX CONCURRENTLY idx ON public.skew (kind)", Lock = "", State = StepState.Done, Message = "",
            StartedAt = new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero),
            Effect = new Dictionary<string, object?>(PastTrial.EffectOf(true, [42], new Dictionary<long, StatementCounter> { [42] = new(calls, milliseconds) }).Select(pair => KeyValuePair.Create(pair.Key, pair.Value)))
            {
                ["RollbackSql"] = "DROP INDEX CONCURRENTLY public.idx",
            },
        },
        true);

    [Theory]
    [InlineData(100, 1000, 119, 1190, false)]
    [InlineData(100, 1000, 120, 1200, true)]
    [InlineData(100, 1000, 120, 1181, true)]
    [InlineData(100, 1000, 120, 1179, false)]
    // The counter was set back since.
    [InlineData(100, 1000, 30, 300, true)]
    [InlineData(0, 0, 30, 300, false)]
    public void An_index_whose_statements_are_no_faster_since_is_named_once_they_have_run_often_enough(double calls, double time, double callsNow, double timeNow, bool expected)
    {
        var builds = new KeptBuilds([new KeptBuild(Kept(calls, time), 7, 8192, 3)], new Dictionary<long, StatementCounter> { [42] = new(callsNow, timeNow) });
        var said = builds.InVain("t", "d", DateTimeOffset.UnixEpoch);
        Assert.Equal(expected ? 1 : 0, said.Count);
        Assert.All(said, one =>
        {
            Assert.Equal((RecommendationKind.DropIndex, false, "DROP INDEX CONCURRENTLY public.idx"), (one.Kind, one.AutoApply, one.Sql));
            Assert.Contains("It was read 3 times", one.Reasons[1], StringComparison.Ordinal);
            Assert.StartsWith("A call of its statements took ", one.Message, StringComparison.Ordinal);
            Assert.Contains("pg_stat_user_indexes", one.Recommendation, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void One_hidden_statement_after_a_reset_may_be_the_reset() =>
        Assert.Contains("the reset itself is such a statement", new Unseen(1, 0, 1, IsEmpty: true).OfSlow, StringComparison.Ordinal);
}
