using System.Text.Json;
using Maintenance.Engine.Performance.Indexes;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>A table, or whatever else rows come from, as a plan names it.</summary>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">Its name.</param>
internal sealed record PlanRelation(string Schema, string Name);

/// <summary>What is read out of EXPLAIN (FORMAT JSON, VERBOSE). Pure.</summary>
internal sealed record PlanTree
{
    /// <summary>The planner's estimate of the whole.</summary>
    public required double Cost { get; init; }

    /// <summary>Execution time in milliseconds; null if it was not executed.</summary>
    public double? Milliseconds { get; init; }

    /// <summary>The steps.</summary>
    public required PlanNode Root { get; init; }

    /// <summary>How many rows the planner expects.</summary>
    public required PlannedRows Rows { get; init; }

    /// <summary>Rows that it returned; null if it was not executed.</summary>
    public double? ReturnedRows { get; init; }

    /// <summary>Blocks that it touched, in memory or not, functions that it calls included; null if it was not executed.</summary>
    public double? Blocks { get; init; }

    /// <summary>Kinds of the nodes.</summary>
    public required IReadOnlySet<string> Nodes { get; init; }

    /// <summary>Names of the indexes that are used.</summary>
    public required IReadOnlySet<string> Indexes { get; init; }

    /// <summary>Tables by their alias.</summary>
    public required IReadOnlyDictionary<string, PlanRelation> Relations { get; init; }

    /// <summary>Conditions and outputs: every expression that is computed.</summary>
    public required IReadOnlyList<string> Expressions { get; init; }

    /// <summary>Reads a plan.</summary>
    /// <param name="json">What EXPLAIN gave.</param>
    public static PlanTree Read(string json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 512 });
        var root = document.RootElement[0];
        var (nodes, indexes, relations, expressions) = (new HashSet<string>(), new HashSet<string>(), new Dictionary<string, PlanRelation>(), new List<string>());
        var plan = root.GetProperty("Plan");
        Walk(plan);
        var node = PlanNode.Read(plan);
        return new PlanTree
        {
            Cost = plan.GetProperty("Total Cost").GetDouble(),
            Milliseconds = root.TryGetProperty("Execution Time", out var time) ? time.GetDouble() : null,
            Root = node,
            Rows = PlannedRows.Of(node),
            ReturnedRows = plan.TryGetProperty("Actual Rows", out var rows) ? rows.GetDouble() : null,
            Blocks = plan.TryGetProperty("Shared Hit Blocks", out var hit) && plan.TryGetProperty("Shared Read Blocks", out var read) ? hit.GetDouble() + read.GetDouble() : null,
            Nodes = nodes,
            Indexes = indexes,
            Relations = relations,
            Expressions = expressions,
        };

        void Walk(JsonElement step)
        {
            var (schema, name, alias) = (Text(step, "Schema"), Text(step, "Relation Name"), Text(step, "Alias"));
            if (schema is not null && name is not null && alias is not null)
            {
                relations.TryAdd(alias, new PlanRelation(schema, name));
            }

            foreach (var property in step.EnumerateObject())
            {
                switch (property.Name)
                {
                    case "Plans":
                        foreach (var child in property.Value.EnumerateArray())
                        {
                            Walk(child);
                        }

                        break;
                    case "Node Type":
                        nodes.Add(property.Value.GetString() ?? "");
                        break;
                    case "Index Name":
                        indexes.Add(property.Value.GetString() ?? "");
                        break;
                    // Whatever else is a text may be an expression; that it is none does no harm.
                    default:
                        Collect(property.Value);
                        break;
                }
            }
        }

        void Collect(JsonElement value)
        {
            if (value.ValueKind == JsonValueKind.String)
            {
                expressions.Add(value.GetString()!);
            }
            else if (value.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in value.EnumerateArray())
                {
                    Collect(item);
                }
            }
        }
    }

    private static string? Text(JsonElement step, string name) => step.TryGetProperty(name, out var value) ? value.GetString() : null;
}
