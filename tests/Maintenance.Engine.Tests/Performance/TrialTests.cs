using Maintenance.Engine.Performance.Optimize;

namespace Maintenance.Engine.Tests.Performance;

/// <summary>What may be planned and executed, and with which values.</summary>
public sealed class TrialTests
{
    private static PlanTree Plan(string node = "Seq Scan", string filter = "true") => PlanTree.Read(
        $$$"""[{"Plan": {"Node Type": "{{{node}}}", "Relation Name": "orders", "Schema": "public", "Alias": "o", "Total Cost": 12.5, "Filter": "{{{filter.Replace("\"", "\\\"", StringComparison.Ordinal)}}}"}}]""");

    [Theory]
    [InlineData("(o.customer = $1)", nameof(ParameterUse.Equal), "customer")]
    [InlineData("($1 = o.customer)", nameof(ParameterUse.Equal), "customer")]
    [InlineData("((o.state)::text = $1)", nameof(ParameterUse.Equal), "state")]
    [InlineData("(o.made >= $1)", nameof(ParameterUse.Lower), "made")]
    [InlineData("($1 > o.made)", nameof(ParameterUse.Upper), "made")]
    [InlineData("(o.id = ANY ($1))", nameof(ParameterUse.AnyOf), "id")]
    [InlineData("(o.id = ANY (ARRAY[$1, $2]))", nameof(ParameterUse.Equal), "id")]
    [InlineData("(o.\"Odd\"\"; name\" = $1)", nameof(ParameterUse.Equal), "Odd\"; name")]
    public void A_parameter_is_tied_to_the_column_that_it_is_compared_with(string filter, string use, string column)
    {
        var binding = ParameterBindings.Find("SELECT 1", Plan(filter: filter))[1];
        Assert.Equal((use, column, new PlanRelation("public", "orders")), (binding.Use.ToString(), binding.Column, binding.Relation));
    }

    [Theory]
    [InlineData("(o.made > (now() - $1))")]
    [InlineData("(o.state ~~ $1)")]
    [InlineData("(other.customer = $1)")]
    [InlineData("(date_trunc($1, o.made) > $2)")]
    [InlineData("((o.customer + 1) = $1)")]
    [InlineData("(o.customer = $0)")]
    public void A_parameter_of_anything_else_is_not(string filter) => Assert.Empty(ParameterBindings.Find("SELECT 1", Plan(filter: filter)));

    [Theory]
    [InlineData("(lower(o.flag) = $1)", nameof(ParameterUse.Equal), "lower(flag)")]
    [InlineData("(lower((o.flag)::text) = ANY ($1))", nameof(ParameterUse.AnyOf), "lower((flag)::text)")]
    [InlineData("($1 > length(o.flag))", nameof(ParameterUse.Upper), "length(flag)")]
    [InlineData("(date_trunc('day'::text, o.made) > $1)", nameof(ParameterUse.Lower), "date_trunc('day'::text, made)")]
    [InlineData("((o.made)::date = $1)", nameof(ParameterUse.Equal), "(\"made\")::date")]
    public void A_parameter_that_is_compared_with_an_expression_is_not_one_of_its_column(string filter, string use, string expression)
    {
        var binding = ParameterBindings.Find("SELECT 1", Plan(filter: filter))[1];
        Assert.Equal((use, expression, true), (binding.Use.ToString(), binding.Column, binding.IsExpression));
    }

    [Fact]
    public void What_a_subquery_returns_is_no_parameter_and_what_it_leads_to_is_known()
    {
        static PlanTree Plan(string name, string written) => PlanTree.Read(
            $$$"""
            [{"Plan": {"Node Type": "Seq Scan", "Relation Name": "events", "Schema": "public", "Alias": "e", "Total Cost": 12.5, "Filter": "(e.tenant = {{{written}}})",
              "Plans": [{"Node Type": "Seq Scan", "Parent Relationship": "InitPlan", "Subplan Name": "{{{name}}}", "Relation Name": "tenants", "Schema": "public", "Alias": "t", "Total Cost": 1, "Output": ["t.id"], "Filter": "(t.slug = $2)"}]}}]
            """);
        foreach (var plan in new[] { Plan("InitPlan 1 (returns $1)", "$1"), Plan("InitPlan 1", "(InitPlan 1).col1") })
        {
            Assert.Equal([2], ParameterBindings.Find("", plan).Keys);
            var (events, tenants) = (new ColumnOf(new PlanRelation("public", "events"), "tenant"), new ColumnOf(new PlanRelation("public", "tenants"), "id"));
            Assert.Equal([tenants], new JoinedColumns(plan).EqualTo(events));
            Assert.True(new JoinedColumns(plan).IsAsked(events));
        }
    }

    [Fact]
    public void A_sample_tells_what_is_common_and_how_the_others_are_spread()
    {
        var even = ColumnValues.Of([.. Enumerable.Range(0, 1000).Select(number => ((string?)$"{number:000}", 1L))])!;
        Assert.Equal((0, 101, "000", "999"), (even.Common.Count, even.Bounds.Count, even.Bounds[0], even.Bounds[^1]));
        Assert.True(even.IsEvenTo(0.01));
        var skewed = ColumnValues.Of([("common", 9000), .. Enumerable.Range(0, 1000).Select(number => ((string?)$"r{number:000}", 1L)), (null, 1000)])!;
        Assert.Equal("common", Assert.Single(skewed.Common));
        Assert.Equal((101, 1000 / 11000.0), (skewed.Bounds.Count, Math.Round(skewed.NullShare, 12) is var share && Math.Abs(share - 1 / 11.0) < 1e-9 ? 1000 / 11000.0 : share));
        Assert.False(skewed.IsEvenTo(0.01));
        Assert.True(ColumnValues.Of([("done", 30), ("new", 1)])!.MayHaveOthers);
        Assert.Null(ColumnValues.Of([(null, 4)]));
    }

    [Fact]
    public void The_value_that_leads_to_the_most_common_key_of_a_joined_table_comes_first()
    {
        var bindings = ParameterBindings.Find("", Plan(filter: "(o.slug = $1)"));
        var (sets, _) = TrialValues.Choose(1, bindings, (_, _) => new ColumnValues([], ["a", "b", "c"]) { Joined = "large" });
        Assert.Equal("large", Assert.Single(sets[0].Values));
        Assert.True(sets[0].IsCommon);
        Assert.Contains(sets, set => set.Values[0] == "b" && !set.IsCommon);
    }

    [Fact]
    public void A_limit_asks_for_as_many_rows_as_are_usual()
    {
        var bindings = ParameterBindings.Find("SELECT 1 FROM orders LIMIT $1 OFFSET $2", Plan());
        var (sets, missing) = TrialValues.Choose(2, bindings, (_, _) => null, 7);
        Assert.Null(missing);
        Assert.Equal(["7", "0"], Assert.Single(sets).Values);
    }

    [Fact]
    public void A_range_has_its_ends_in_order_and_what_is_not_known_is_named()
    {
        var bindings = ParameterBindings.Find("", Plan(filter: "((o.made >= $1) AND (o.made <= $2))"));
        var bounds = new ColumnValues([], [.. Enumerable.Range(0, 101).Select(number => number.ToString("000", System.Globalization.CultureInfo.InvariantCulture))]);
        var (sets, _) = TrialValues.Choose(2, bindings, (_, _) => bounds);
        Assert.True(sets.Count >= 5);
        Assert.All(sets, set => Assert.True(string.CompareOrdinal(set.Values[0], set.Values[1]) < 0));
        Assert.Contains(sets, set => set.Values.SequenceEqual(["000", "100"]));
        Assert.Equal(3, TrialValues.Choose(3, bindings, (_, _) => bounds).Missing);
    }

    [Fact]
    public void The_most_common_value_of_each_column_is_tried_with_the_rare_ones_of_the_others()
    {
        var bindings = ParameterBindings.Find("", Plan(filter: "((o.state = $1) AND (o.kind = $2))"));
        var (sets, _) = TrialValues.Choose(2, bindings, (_, column) => column == "state" ? new ColumnValues(["done", "failed"], []) { Shares = [0.7, 0.29], Rare = "new" } : new ColumnValues(["0"], ["1", "5", "9"]));
        Assert.Equal(["done", "0"], sets[0].Values);
        Assert.True(sets[0].IsCommon);
        Assert.All([("done", "5"), ("new", "0"), ("new", "5")], pair => Assert.Contains(sets.Take(4), set => set.Values[0] == pair.Item1 && set.Values[1] == pair.Item2 && !set.IsCommon));
    }

    [Fact]
    public void What_statistics_do_not_name_is_known_to_be_there()
    {
        Assert.True(new ColumnValues(["a"], []) { Shares = [0.9], NullShare = 0.05 }.MayHaveOthers);
        // A sample misses what is rare.
        Assert.True(new ColumnValues(["a"], []) { Shares = [0.95], NullShare = 0.05 }.MayHaveOthers);
        Assert.False(new ColumnValues(["a"], ["b", "c"]) { Shares = [0.5] }.MayHaveOthers);
    }

    [Theory]
    [InlineData("SELECT 1", "Seq Scan", null)]
    [InlineData("/* a comment */ with x as (select 1) select 1", "CTE Scan", null)]
    [InlineData("UPDATE orders SET total = $1", "ModifyTable", "it writes")]
    [InlineData("WITH x AS (DELETE FROM orders RETURNING 1) SELECT 1", "ModifyTable", "it writes")]
    [InlineData("SELECT 1 FROM orders FOR UPDATE", "LockRows", "it locks rows")]
    [InlineData("SELECT 1 FROM far", "Foreign Scan", "it reads a foreign table")]
    public void Only_what_only_reads_is_executed(string text, string node, string? reason) => Assert.Equal(reason, ReadOnlyRule.WhyNotExecuted(text, Plan(node), []));

    [Fact]
    public void Volatile_functions_are_not_executed()
    {
        Assert.Contains("pg_sleep", ReadOnlyRule.WhyNotExecuted("SELECT pg_sleep(1)", Plan(), ["pg_sleep"]), StringComparison.Ordinal);
        Assert.Null(ReadOnlyRule.WhyNotExecuted("SELECT random()", Plan(), ["random"]));
        Assert.Equal(["evil", "Odd\"one"], ReadOnlyRule.Names(["SELECT EVIL (1), \"Odd\"\"one\"(2)"]));
    }

    [Theory]
    [InlineData("VACUUM")]
    [InlineData("CREATE TABLE x AS SELECT 1")]
    [InlineData("ANALYZE orders")]
    public void What_is_no_query_is_not_planned(string text) => Assert.Equal("it is no query", ReadOnlyRule.WhyNotPlanned(text));
}
