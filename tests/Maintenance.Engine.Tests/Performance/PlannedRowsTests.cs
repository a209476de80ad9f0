using Maintenance.Engine.Performance.Indexes;

namespace Maintenance.Engine.Tests.Performance;

/// <summary>Rows that a plan expects, against those that were counted.</summary>
public sealed class PlannedRowsTests
{
    private static PlanNode Node(string type, double rows, params PlanNode[] children) => new() { Type = type, Rows = rows, Children = children };

    private static PlanNode Scan(double rows) => Node("Seq Scan", rows);

    public static TheoryData<string, double, bool, bool> Counts => new()
    {
        { "scan", 299_000, true, false },
        { "scan", 3_000, false, false },
        { "scan", 3_001, true, false },
        { "scan", 29, false, true },
        { "scan", 31, false, false },
        { "sorted", 3_001, true, false },
        // As many as the limit lets through are no more than were found.
        { "limited", 3_000, false, false },
        { "limited", 0, false, true },
        // One row comes back whatever is found.
        { "counted", 1, false, false },
        { "sum of groups", 1, false, false },
        // Groups are no more than what was found.
        { "grouped", 1, false, false },
        { "grouped", 3_001, true, false },
        { "grouped and sorted", 1, false, false },
        { "updated", 3_001, true, false },
        { "updated", 200, false, false },
        { "merged", 299_000, false, false },
    };

    private static PlanNode Plan(string name) => name switch
    {
        "scan" => Scan(300),
        "sorted" => Node("Sort", 300, Scan(300)),
        "limited" => Node("Limit", 30, Node("Sort", 300, Scan(300))),
        "counted" => Node("Aggregate", 1, Scan(300)),
        "sum of groups" => Node("Aggregate", 1, Node("Aggregate", 200, Scan(300)) with { GroupKeys = ["a"] }),
        "grouped" => Node("Aggregate", 200, Scan(300)) with { GroupKeys = ["a"] },
        "grouped and sorted" => Node("Sort", 200, Node("Aggregate", 200, Scan(300)) with { GroupKeys = ["a"] }),
        "updated" => Node("ModifyTable", 0, Scan(300)) with { Operation = "Update" },
        "merged" => Node("ModifyTable", 0, Scan(300)) with { Operation = "Merge" },
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    [Theory]
    [MemberData(nameof(Counts))]
    public void A_plan_is_believed_where_it_is_for_as_many_rows_as_were_counted(string plan, double counted, bool exceeded, bool isShort)
    {
        var rows = PlannedRows.Of(Plan(plan));
        Assert.Equal((exceeded, isShort), (rows.IsExceededBy(counted), rows.IsShortOf(counted)));
    }

    [Fact]
    public void Without_a_count_nothing_is_doubted()
    {
        var rows = PlannedRows.Of(Scan(1));
        Assert.False(rows.IsExceededBy(null) || rows.IsShortOf(null));
        Assert.Equal((1, 1, 10), (PlannedRows.Of(Node("Aggregate", 1, Scan(9))).Distance(5000), PlannedRows.Of(Scan(0.1)).Distance(0), PlannedRows.Of(Scan(50)).Distance(5)));
    }
}
