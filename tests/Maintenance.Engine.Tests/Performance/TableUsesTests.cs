using Maintenance.Engine.Performance.Indexes;

namespace Maintenance.Engine.Tests.Performance;

/// <summary>What plans ask of tables.</summary>
public sealed class TableUsesTests
{
    private static readonly IndexedTable Orders = Table("orders", "id", "region", "status", "created_at", "amount");
    private static readonly IndexedTable Lines = Table("lines", "id", "order_id");

    private static IndexedTable Table(string name, params string[] columns) => new()
    {
        Oid = name.Length,
        Schema = "public",
        Name = name,
        Pages = 1000,
        VisiblePages = 1000,
        Rows = 60_000,
        Columns = columns.Select((column, at) => new TableColumn { Number = (short)(at + 1), Name = column, Sql = column, Type = "integer", OperatorClass = 1, Distinct = 50, Width = 4 })
            .ToDictionary(column => column.Name),
    };

    private static IReadOnlyList<TableUse> Uses(string plan) => TableUses.Of(
        PlanNode.Parse($$"""[{"Plan": {{plan}}}]"""),
        new Dictionary<(string, string), IndexedTable> { [("public", "orders")] = Orders, [("public", "lines")] = Lines });

    private static string Scan(string table, double cost, double rows, string rest, string relationship = "Outer") =>
        $$"""{"Node Type": "Seq Scan", "Parent Relationship": "{{relationship}}", "Schema": "public", "Relation Name": "{{table}}", "Alias": "{{table}}", "Total Cost": {{cost}}, "Plan Rows": {{rows}}, {{rest}}}""";

    [Fact]
    public void Below_an_aggregate_only_what_it_takes_is_needed()
    {
        var use = Assert.Single(Uses($$"""
            {"Node Type": "Aggregate", "Total Cost": 2087, "Plan Rows": 1, "Output": ["sum(amount)"],
             "Plans": [{{Scan("orders", 2084, 1200, "\"Output\": [\"id\", \"region\", \"status\", \"created_at\", \"amount\"], \"Filter\": \"(orders.region = $1)\"")}}]}
            """));
        Assert.Equal(["amount", "region"], use.Needed!.Order());
        Assert.Null(use.Order);

        var found = new IndexCandidates(new HashSet<string>()).For(use).Select(candidate => $"{string.Join(",", candidate.Keys.Select(key => key.Sql))}+{string.Join(",", candidate.Include.Select(column => column.Name))}");
        Assert.Equal(["region+", "region+amount"], found);
    }

    [Fact]
    public void A_limit_above_a_sort_wants_the_first_rows_of_an_order()
    {
        var use = Assert.Single(Uses($$"""
            {"Node Type": "Limit", "Total Cost": 2100, "Plan Rows": 10, "Output": [],
             "Plans": [{"Node Type": "Sort", "Parent Relationship": "Outer", "Total Cost": 2100, "Plan Rows": 1200, "Sort Key": ["orders.created_at DESC"],
                        "Plans": [{{Scan("orders", 2084, 1200, "\"Filter\": \"(orders.region = $1)\"")}}]}]}
            """));
        Assert.Equal((10.0, 2100.0, true), (use.Order!.Limit!.Value, use.Order.Cost, use.Order.Keys[0].Descending));
    }

    [Fact]
    public void Rows_of_the_inner_side_of_a_join_can_be_looked_up()
    {
        var uses = Uses($$"""
            {"Node Type": "Hash Join", "Join Type": "Inner", "Total Cost": 5000, "Plan Rows": 2, "Hash Cond": "(lines.order_id = orders.id)",
             "Plans": [{{Scan("lines", 3000, 120000, "\"Output\": [\"lines.id\"]")}},
                       {"Node Type": "Hash", "Parent Relationship": "Inner", "Total Cost": 8, "Plan Rows": 1, "Plans": [{{Scan("orders", 8, 1, "\"Filter\": \"(orders.id = $1)\"")}}]}]}
            """);
        var lines = Assert.Single(uses, use => use.Table.Name == "lines");
        Assert.Equal(("order_id", 1.0, 8.0), (lines.Join!.Conditions[0].Left!.Column, lines.Join.OtherRows, lines.Join.OtherCost));
    }

    [Fact]
    public void The_kept_side_of_an_outer_join_cannot()
    {
        var uses = Uses($$"""
            {"Node Type": "Hash Join", "Join Type": "Left", "Total Cost": 5000, "Plan Rows": 2, "Hash Cond": "(lines.order_id = orders.id)",
             "Plans": [{{Scan("lines", 3000, 120000, "\"Output\": [\"lines.id\"]")}}, {{Scan("orders", 8, 1, "\"Output\": [\"orders.id\"]", "Inner")}}]}
            """);
        Assert.Null(Assert.Single(uses, use => use.Table.Name == "lines").Join);
        Assert.NotNull(Assert.Single(uses, use => use.Table.Name == "orders").Join);
    }

    [Fact]
    public void What_is_read_again_for_each_row_of_another_weighs_as_often()
    {
        var uses = Uses($$"""
            {"Node Type": "Nested Loop", "Join Type": "Inner", "Total Cost": 60000, "Plan Rows": 20, "Join Filter": "(lines.order_id = orders.id)",
             "Plans": [{{Scan("orders", 8, 20, "\"Output\": [\"orders.id\"]")}}, {{Scan("lines", 2900, 10, "\"Output\": [\"lines.id\"]", "Inner")}}]}
            """);
        Assert.Equal(20, Assert.Single(uses, use => use.Table.Name == "lines").Weight, 1.0);
    }
}
