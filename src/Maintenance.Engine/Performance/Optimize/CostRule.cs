using Maintenance.Engine.Inspect;
using Maintenance.Engine.Performance.Indexes;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>
/// Whether the cost of a plan of unknown values proves what an index does, where neither an execution nor the plans of known values can. It does where
/// the column that it begins with has no value that is common, so whichever is asked for is found alike; or where nothing but the index decides
/// which rows come back, and so many as were counted are not more than the plan is for. Pure.
/// </summary>
internal static class CostRule
{
    /// <summary>A value is common that is that of more than this share of the rows: an index that finds no more is worth it.</summary>
    public const double CommonShare = 0.01;

    /// <summary>Why the cost proves nothing, as a clause; null if it does.</summary>
    /// <param name="plan">The plan of unknown values.</param>
    /// <param name="counted">Rows per call, as counted; null if that is not known.</param>
    /// <param name="index">The index.</param>
    /// <param name="bindings">What parameters are compared with.</param>
    /// <param name="values">What is known of columns.</param>
    public static string? WhyNot(
        PlanTree plan, double? counted, MissingIndex index, IReadOnlyDictionary<int, ParameterBinding> bindings, Func<PlanRelation, string, ColumnValues?> values)
    {
        if (plan.Rows.IsExceededBy(counted))
        {
            return Say.Text($"its calls returned {PlannedRows.Say(counted!.Value)} on the average, its plan is for {PlannedRows.Say(plan.Rows.Most)}");
        }

        if (BeginsEvenly() || (counted is not null && RowPath.IsAnsweredBy(plan.Root, index)))
        {
            return null;
        }

        return plan.Rows.Expected is null
            ? "for which values it is asked cannot be told, since the rows that a call returns do not say how many it has to find"
            : "for which values it is asked cannot be told, since other conditions decide too which rows a call returns, or they were not counted";

        bool BeginsEvenly() => index.Keys is [var first, ..] && bindings.Values.Any(binding =>
            binding is { Use: ParameterUse.Equal or ParameterUse.AnyOf, Relation: { } relation, Column: { } column }
            && binding.IsWith(index, first)
            && values(relation, column)?.IsEvenTo(CommonShare) == true);
    }
}
