using Maintenance.Engine.Performance.Indexes;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>A column of a table.</summary>
/// <param name="Relation">The table.</param>
/// <param name="Column">The column.</param>
internal sealed record ColumnOf(PlanRelation Relation, string Column);

/// <summary>
/// Columns that a plan holds equal: joined, or compared with what a subquery returns. Where a parameter is compared with a column of a small table, it is
/// through these that it decides what is asked of a large one. Pure.
/// </summary>
internal sealed class JoinedColumns
{
    private readonly List<(ColumnOf One, ColumnOf Other)> _pairs = [];
    private readonly HashSet<ColumnOf> _asked = [];

    /// <summary>Reads a plan.</summary>
    /// <param name="plan">The plan.</param>
    public JoinedColumns(PlanTree plan)
    {
        foreach (var condition in plan.Root.All.SelectMany(node => node.Conditions.Concat(node.JoinConditions)).SelectMany(Parts))
        {
            var (left, right) = (Column(plan, condition.Left), Column(plan, condition.Right));
            if (condition.Kind is ConditionKind.Equal or ConditionKind.AnyOf && condition.Constant is null && left is not null)
            {
                _asked.Add(left);
            }

            if (condition.Kind == ConditionKind.Equal && left is not null && right is not null)
            {
                _asked.Add(right);
                _pairs.Add((left, right));
            }
        }

        var subqueries = plan.Root.All.Where(node => node is { SubplanName: not null, Output.Count: 1 }).ToList();
        foreach (var comparison in plan.Expressions.SelectMany(ConditionReader.ReadComparisons).Where(comparison => comparison.Operator == "="))
        {
            var subquery = subqueries.Find(node => comparison.SubPlan is { } name
                ? node.SubplanName == name
                : comparison is { Parameters: [var number], IsList: false } && ParameterBindings.Returned(node.SubplanName).Contains(number));
            if (subquery is not null && Column(plan, comparison.Term) is { } compared && Column(plan, ConditionReader.ReadTerm(subquery.Output[0])) is { } returned)
            {
                _pairs.Add((compared, returned));
            }
        }
    }

    /// <summary>Whether a condition asks for values of a column that the statement does not name.</summary>
    /// <param name="column">The column.</param>
    public bool IsAsked(ColumnOf column) => _asked.Contains(column);

    /// <summary>The columns that are equal to one.</summary>
    /// <param name="column">The column.</param>
    public IEnumerable<ColumnOf> EqualTo(ColumnOf column) =>
        _pairs.Where(pair => pair.One == column).Select(pair => pair.Other).Concat(_pairs.Where(pair => pair.Other == column).Select(pair => pair.One)).Distinct();

    /// <summary>Columns of a table that others are equal to.</summary>
    /// <param name="relation">The table.</param>
    public IEnumerable<ColumnOf> Of(PlanRelation relation) =>
        _pairs.SelectMany(pair => new[] { pair.One, pair.Other }).Where(column => column.Relation == relation).Distinct();

    private static IEnumerable<Condition> Parts(Condition condition) => condition.Arms.SelectMany(arm => arm).SelectMany(Parts).Prepend(condition);

    private static ColumnOf? Column(PlanTree plan, Term? term) =>
        term is { Sql: null, Column: { } column } && plan.Relations.TryGetValue(term.Alias, out var relation) ? new ColumnOf(relation, column) : null;
}
