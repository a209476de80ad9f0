using System.Text.Json;

namespace Maintenance.Engine.Performance.Indexes;

/// <summary>A step of a plan, as EXPLAIN (FORMAT JSON, VERBOSE) tells of it.</summary>
internal sealed record PlanNode
{
    private static readonly string[] RowConditions = ["Index Cond", "Recheck Cond", "Filter"];
    private static readonly string[] JoiningConditions = ["Hash Cond", "Merge Cond", "Join Filter"];

    public required string Type { get; init; }

    public string? Relationship { get; init; }

    /// <summary>What the plan calls the subquery that it begins, such as <c>InitPlan 1 (returns $0)</c>.</summary>
    public string? SubplanName { get; init; }

    public string? JoinType { get; init; }

    public string? Operation { get; init; }

    public string? Schema { get; init; }

    public string? Relation { get; init; }

    public string? Alias { get; init; }

    public string? Index { get; init; }

    public double Cost { get; init; }

    public double Rows { get; init; }

    public IReadOnlyList<string> GroupKeys { get; init; } = [];

    /// <summary>Partitions were left out when it began, because the parameter was null.</summary>
    public bool IsPruned { get; init; }

    public IReadOnlyList<string> Output { get; init; } = [];

    public IReadOnlyList<string> SortKeys { get; init; } = [];

    /// <summary>Conditions on rows of the step itself.</summary>
    public IReadOnlyList<Condition> Conditions { get; init; } = [];

    /// <summary>Conditions that join its two parts.</summary>
    public IReadOnlyList<Condition> JoinConditions { get; init; } = [];

    public IReadOnlyList<PlanNode> Children { get; init; } = [];

    public bool IsScan => Relation is not null && Type.EndsWith("Scan", StringComparison.Ordinal);

    public bool IsJoin => JoinType is not null;

    public PlanNode? Outer => Children.FirstOrDefault(child => child.Relationship == "Outer");

    public PlanNode? Inner => Children.FirstOrDefault(child => child.Relationship == "Inner");

    /// <summary>The step and everything below it.</summary>
    public IEnumerable<PlanNode> All => Children.SelectMany(child => child.All).Prepend(this);

    /// <summary>Reads what EXPLAIN gave.</summary>
    public static PlanNode Parse(string json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 512 });
        return Read(document.RootElement[0].GetProperty("Plan"));
    }

    /// <summary>Reads a step out of what EXPLAIN gave.</summary>
    public static PlanNode Read(JsonElement plan) => new()
    {
        Type = Text(plan, "Node Type") ?? "",
        Relationship = Text(plan, "Parent Relationship"),
        SubplanName = Text(plan, "Subplan Name"),
        JoinType = Text(plan, "Join Type"),
        Operation = Text(plan, "Operation"),
        Schema = Text(plan, "Schema"),
        Relation = Text(plan, "Relation Name"),
        Alias = Text(plan, "Alias"),
        Index = Text(plan, "Index Name"),
        Cost = Number(plan, "Total Cost"),
        Rows = Number(plan, "Plan Rows"),
        GroupKeys = Texts(plan, "Group Key"),
        IsPruned = Number(plan, "Subplans Removed") > 0,
        Output = Texts(plan, "Output"),
        SortKeys = Texts(plan, "Sort Key"),
        // The heap part of a bitmap scan repeats what the index part asked for.
        Conditions = [.. RowConditions.SelectMany(name => ConditionReader.Read(Text(plan, name)))],
        JoinConditions = [.. JoiningConditions.SelectMany(name => ConditionReader.Read(Text(plan, name)))],
        Children = plan.TryGetProperty("Plans", out var children) ? [.. children.EnumerateArray().Select(Read)] : [],
    };

    private static string? Text(JsonElement plan, string name) =>
        plan.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static double Number(JsonElement plan, string name) =>
        plan.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : 0;

    private static string[] Texts(JsonElement plan, string name) =>
        plan.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(item => item.GetString() ?? "")] : [];
}
