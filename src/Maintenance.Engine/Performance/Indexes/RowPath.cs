namespace Maintenance.Engine.Performance.Indexes;

/// <summary>
/// What the rows that come back say of those that were found. Where conditions find rows of one table, and each of them comes back, counting what
/// comes back counts what was found; under a sum, a limit, a group, a join or a subquery it does not. Pure.
/// </summary>
internal static class RowPath
{
    private static readonly HashSet<string> PassOn = ["Sort", "Incremental Sort", "LockRows", "Materialize", "WindowAgg", "Subquery Scan", "Gather", "Gather Merge"];

    /// <summary>The step whose rows are those of the result, each of them; null where there is none.</summary>
    /// <param name="plan">The plan.</param>
    public static PlanNode? ScanOf(PlanNode plan) =>
        plan.All.Any(node => node.Relationship is "SubPlan" or "InitPlan") ? null : Follow(plan);

    /// <summary>
    /// Whether the rows that come back are just those that the index finds: no condition beyond it hides any. Then a call that returns a few has found
    /// a few, whatever it has asked for.
    /// </summary>
    /// <param name="plan">The plan of unknown values.</param>
    /// <param name="index">The index.</param>
    public static bool IsAnsweredBy(PlanNode plan, MissingIndex index)
    {
        if (ScanOf(plan) is not { } scan || scan.Schema != index.Schema || scan.Relation != index.Table)
        {
            return false;
        }

        var keys = index.Keys.Select(KeyOf).ToHashSet(StringComparer.Ordinal);
        var predicate = index.Predicate is { } condition ? ConditionReader.Bare(condition) : null;
        return scan.Conditions.All(one => (one.Left is { } left && keys.Contains(left.Identity) && one.Kind is not (ConditionKind.Other or ConditionKind.Or))
            || (predicate is not null && one.Constant is { } constant && ConditionReader.Bare(constant) == predicate));
    }

    /// <summary>What a key of an index asks about, as the terms of conditions are told apart.</summary>
    /// <param name="key">The key as SQL, with its order.</param>
    public static string KeyOf(string key) => SqlTokens.Read(key) is { Count: > 0 } tokens && tokens[0].IsName && !tokens.Any(token => token.Text is "(" or "::")
        ? $"\"{tokens[0].Name}\""
        : ConditionReader.Bare(key);

    private static PlanNode? Follow(PlanNode node) => node switch
    {
        { IsScan: true } => node,
        { Type: "ModifyTable", Operation: not "Merge", Children: [var input] } => Follow(input),
        { Conditions.Count: 0, Children: [var input] } when PassOn.Contains(node.Type) => Follow(input),
        _ => null,
    };
}
