namespace Maintenance.Engine.Performance.Indexes;

/// <summary>Rows that a plan wants in an order.</summary>
/// <param name="Keys">By what.</param>
/// <param name="Limit">How many of them; null for all.</param>
/// <param name="Cost">What the sorted rows, or the first of them, cost now.</param>
/// <param name="Weight">How much of the statement's cost that is: how often it happens.</param>
internal sealed record OrderUse(IReadOnlyList<SortKey> Keys, double? Limit, double Cost, double Weight);

/// <summary>A join in which each row of the other side could look up rows of the table.</summary>
/// <param name="Conditions">What joins them, with the table on the left.</param>
/// <param name="OtherRows">Rows of the other side.</param>
/// <param name="OtherCost">What they cost.</param>
/// <param name="Rows">Rows of the join.</param>
/// <param name="Cost">What the join costs now.</param>
/// <param name="Weight">How often it happens.</param>
internal sealed record JoinUse(IReadOnlyList<Condition> Conditions, double OtherRows, double OtherCost, double Rows, double Cost, double Weight);

/// <summary>One place of a plan where a table is read, and what an index could do there.</summary>
internal sealed record TableUse
{
    public required IndexedTable Table { get; init; }

    public required PlanNode Scan { get; init; }

    /// <summary>
    /// Rows that it finds for a call, where the server has counted far fewer than the plan expects: it is asked for values that are rare. Null where the plan is
    /// right, or what comes back does not say what was found.
    /// </summary>
    public double? CountedRows { get; init; }

    /// <summary>How often it is read.</summary>
    public required double Weight { get; init; }

    /// <summary>Conditions on this table that could be answered by an index.</summary>
    public required IReadOnlyList<Condition> Conditions { get; init; }

    public OrderUse? Order { get; init; }

    public JoinUse? Join { get; init; }

    /// <summary>Columns that the plan needs of it, its conditions included; null where that is not known.</summary>
    public IReadOnlySet<string>? Needed { get; init; }
}

/// <summary>Finds where a plan reads tables. Pure.</summary>
internal sealed class TableUses
{
    private readonly PlanNode _root;
    private readonly IReadOnlyDictionary<(string, string), IndexedTable> _tables;
    private readonly List<TableUse> _found = [];

    private TableUses(PlanNode root, IReadOnlyDictionary<(string, string), IndexedTable> tables)
    {
        _root = root;
        _tables = tables;
    }

    /// <summary>All uses of known tables in a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="tables">The tables.</param>
    /// <param name="counted">Rows per call, as counted; null if that is not known.</param>
    public static IReadOnlyList<TableUse> Of(PlanNode plan, IReadOnlyDictionary<(string, string), IndexedTable> tables, double? counted = null)
    {
        var uses = new TableUses(plan, tables);
        uses.Walk(plan, 1, []);
        return counted is { } rows && PlannedRows.Of(plan).IsShortOf(rows) && RowPath.ScanOf(plan) is { } scan
            ? [.. uses._found.Select(use => ReferenceEquals(use.Scan, scan) ? use with { CountedRows = Math.Max(1, rows) } : use)]
            : uses._found;
    }

    private void Walk(PlanNode node, double weight, IReadOnlyList<(PlanNode Node, double Weight)> above)
    {
        // More than all of it cannot be saved, however roughly repetitions are reckoned.
        weight = node.Cost > 0 ? Math.Min(weight, _root.Cost / node.Cost) : weight;
        if (node is { IsScan: true, Schema: { } schema, Relation: { } relation, Alias: { } alias } && _tables.TryGetValue((schema, relation), out var table))
        {
            _found.Add(new TableUse
            {
                Table = table,
                Scan = node,
                Weight = weight,
                Conditions = [.. node.Conditions.SelectMany(condition => Oriented(condition, alias))],
                Order = Order(node, alias, above),
                Join = Join(node, alias, above),
                Needed = Needed(node, alias, table, above),
            });
        }

        foreach (var child in node.Children)
        {
            Walk(child, weight * Repetitions(node, child), [.. above, (node, weight)]);
        }
    }

    private static double Repetitions(PlanNode node, PlanNode child) => child.Relationship switch
    {
        "SubPlan" => Math.Max(1, (node.Cost - node.Children.Where(other => other.Relationship is "Outer" or "Inner").Sum(other => other.Cost)) / Math.Max(child.Cost, 0.01)),
        "Inner" when node.Type == "Nested Loop" => child.Type == "Materialize" ? 1 : Math.Max(1, node.Outer?.Rows ?? 1),
        _ when node.Type == "Limit" && child.Cost > 0 => Math.Clamp(node.Cost / child.Cost, 0, 1),
        _ => 1,
    };

    private static IEnumerable<Condition> Oriented(Condition condition, string alias)
    {
        if (condition.Kind == ConditionKind.Or || condition.Left?.Alias == alias)
        {
            yield return condition;
        }
        else if (condition.Flipped is { Left: { } left } flipped && left.Alias == alias)
        {
            yield return flipped;
        }
    }

    private static OrderUse? Order(PlanNode scan, string alias, IReadOnlyList<(PlanNode Node, double Weight)> above)
    {
        if (above.Count == 0)
        {
            return null;
        }

        var at = above.Count - 1;
        if (Extreme(above[at].Node, alias) is { } extreme)
        {
            return new OrderUse([extreme], 1, above[at].Node.Cost, above[at].Weight);
        }

        if (above[at].Node is not { Type: "Sort" or "Incremental Sort" } sort || sort.SortKeys.Select(ConditionReader.ReadSortKey).ToList() is not { Count: > 0 } keys
            || keys.Exists(key => key.Term is null || key.Term.Alias != alias))
        {
            return null;
        }

        var weight = above[at].Weight;
        for (at--; at >= 0 && above[at].Node.Type is "LockRows" or "Result"; at--)
        {
            // What passes rows on as they come.
        }

        return at >= 0 && above[at].Node is { Type: "Limit" } limit
            ? new OrderUse(keys, Math.Max(1, limit.Rows), limit.Cost, above[at].Weight)
            : new OrderUse(keys, null, sort.Cost, weight);
    }

    // min() and max() of a column are its first and last.
    private static SortKey? Extreme(PlanNode node, string alias)
    {
        if (node is not { Type: "Aggregate", GroupKeys.Count: 0, Output: [var output] })
        {
            return null;
        }

        var isLast = output.StartsWith("max(", StringComparison.Ordinal);
        if ((!isLast && !output.StartsWith("min(", StringComparison.Ordinal)) || !output.EndsWith(')'))
        {
            return null;
        }

        var inner = output[4..^1];
        // With one relation only, columns are written without it.
        var term = ConditionReader.ReadTerm(inner) ?? (SqlTokens.Read(inner) is [{ IsName: true } name] ? new Term(alias, name.Name, null, null) : null);
        return term is { Sql: null, Cast: null } && term.Alias == alias ? new SortKey(term, isLast, isLast) : null;
    }

    private static JoinUse? Join(PlanNode scan, string alias, IReadOnlyList<(PlanNode Node, double Weight)> above)
    {
        var below = scan;
        for (var at = above.Count - 1; at >= 0; at--)
        {
            var (node, weight) = above[at];
            if (node.IsJoin)
            {
                var isInner = ReferenceEquals(node.Inner, below);
                var other = isInner ? node.Outer : node.Inner;
                // Rows of an outer join's kept side are all wanted: they cannot be looked up by the other.
                var canBeLookedUp = node.JoinType switch { "Inner" => true, "Left" or "Semi" or "Anti" => isInner, "Right" => !isInner, _ => false };
                var conditions = node.JoinConditions.SelectMany(condition => Oriented(condition, alias)).Where(condition => condition.Kind == ConditionKind.Equal && condition.Aliases.Count > 1).ToList();
                return canBeLookedUp && other is not null && conditions.Count > 0
                    ? new JoinUse(conditions, Math.Max(1, other.Rows), other.Type == "Hash" && other.Children is [var hashed] ? hashed.Cost : other.Cost, node.Rows, node.Cost, weight)
                    : null;
            }

            if (node.Type is not ("Hash" or "Sort" or "Materialize" or "Memoize"))
            {
                return null;
            }

            below = node;
        }

        return null;
    }

    private static HashSet<string>? Needed(PlanNode scan, string alias, IndexedTable table, IReadOnlyList<(PlanNode Node, double Weight)> above)
    {
        // Whoever changes or locks rows needs the rows themselves.
        if (above.Any(step => step.Node.Type is "ModifyTable" or "LockRows") || scan.Output.Count == 0)
        {
            return null;
        }

        var needed = new HashSet<string>(StringComparer.Ordinal);
        // Whole rows are passed on where that is no dearer: then what is above tells which columns of them matter.
        var passesWhole = scan.Output.Count == table.Columns.Count && above is [.., var parent] && (parent.Node.Type == "Aggregate" || parent.Node.IsJoin);
        foreach (var output in passesWhole ? above.SelectMany(step => step.Node.Output.Concat(step.Node.GroupKeys).Concat(step.Node.SortKeys)) : scan.Output)
        {
            if (SqlTokens.Read(output) is not { } tokens)
            {
                return null;
            }

            var named = tokens.Where(token => token.IsName && table.Columns.ContainsKey(token.Name)).Select(token => token.Name).ToList();
            if (!passesWhole && named.Count == 0 && tokens.Any(token => token.IsName))
            {
                return null;
            }

            needed.UnionWith(named);
        }

        foreach (var condition in passesWhole ? scan.Conditions.Concat(above.SelectMany(step => step.Node.JoinConditions)) : scan.Conditions)
        {
            if (condition.Kind is ConditionKind.Other or ConditionKind.Or)
            {
                return null;
            }

            needed.UnionWith(new[] { condition.Left, condition.Right }.Where(term => term?.Alias == alias && term.Column is not null).Select(term => term!.Column!));
        }

        return needed;
    }
}
