namespace Maintenance.Engine.Performance.Indexes;

/// <summary>
/// What the rows that come back say of those that were found. Where conditions find rows of one table, and each of them comes back, counting what
/// comes back counts what was found; under a sum, a limit, a group, a join or a subquery it does not. Pure.
/// </summary>
internal static class RowPath
{
    private static readonly HashSet<string> PassOn = ["Sort", "Incremental Sort", "LockRows", "Materialize", "WindowAgg", "Subquery Scan", "Gather", "Gather Merge"];

    private static readonly HashSet<string> PassOnWithin = [.. PassOn, "Hash", "Memoize"];

    /// <summary>The step whose rows are those of the result, each of them; null where there is none.</summary>
    /// <param name="plan">The plan.</param>
    public static PlanNode? ScanOf(PlanNode plan) =>
        plan.All.Any(node => node.Relationship is "SubPlan" or "InitPlan") ? null : Follow(plan, PassOn, node => node.IsScan);

    /// <summary>
    /// Whether no rows are found by the index but such as come back: no condition beyond it hides any. Then a call that returns a few has found
    /// a few, whatever it has asked for. A join that has no condition but on the index returns each row that it finds once at least.
    /// </summary>
    /// <param name="plan">The plan of unknown values.</param>
    /// <param name="index">The index.</param>
    public static bool IsAnsweredBy(PlanNode plan, MissingIndex index)
    {
        // What a subquery returns for all rows is a value like others; one that is asked for each row decides about that row.
        if (plan.All.Any(node => node.Relationship == "SubPlan") || Follow(plan, PassOn, node => node.IsScan || node.IsJoin) is not { } end)
        {
            return false;
        }

        var keys = index.Keys.Select(KeyOf).ToHashSet(StringComparer.Ordinal);
        var predicate = index.Predicate is { } condition ? ConditionReader.Bare(condition) : null;
        if (end.IsScan)
        {
            return IsIts(end) && end.Conditions.All(IsMet);
        }

        var sides = Inputs(end).Select(input => Follow(input, PassOnWithin, node => node.IsScan)).ToList();
        if (end.JoinType != "Inner" || sides is not [{ } one, { } two] || IsIts(one) == IsIts(two))
        {
            return false;
        }

        var (its, other) = IsIts(one) ? (one, two) : (two, one);
        var joining = end.JoinConditions.Concat(other.Conditions.Where(step => step.Aliases.Contains(its.Alias!))).ToList();
        return its.Conditions.All(IsMet) && joining.TrueForAll(Joins) && joining.Count + its.Conditions.Count(Joins) > 0;

        bool IsIts(PlanNode scan) => scan.Schema == index.Schema && scan.Relation == index.Table;

        bool IsMet(Condition step) => (step.Left is { } left && keys.Contains(left.Identity) && step.Kind is not (ConditionKind.Other or ConditionKind.Or))
            || Joins(step)
            || (predicate is not null && step.Constant is { } constant && ConditionReader.Bare(constant) == predicate);

        bool Joins(Condition step) => step is { Kind: ConditionKind.Equal, Left: { } left, Right: { } right }
            && (end.IsJoin && (IsKey(left) || IsKey(right)));

        bool IsKey(Term term) => keys.Contains(term.Identity) && end.All.Any(node => node.IsScan && IsIts(node) && node.Alias == term.Alias);
    }

    /// <summary>What a key of an index asks about, as the terms of conditions are told apart.</summary>
    /// <param name="key">The key as SQL, with its order.</param>
    public static string KeyOf(string key) => SqlTokens.Read(key) is { Count: > 0 } tokens && tokens[0].IsName && !tokens.Any(token => token.Text is "(" or "::")
        ? $"\"{tokens[0].Name}\""
        : ConditionReader.Bare(key);

    private static PlanNode? Follow(PlanNode node, HashSet<string> through, Func<PlanNode, bool> isEnd) => node switch
    {
        _ when isEnd(node) => node,
        { Type: "ModifyTable", Operation: not "Merge" } or { Conditions.Count: 0 } when node.Type == "ModifyTable" || through.Contains(node.Type) =>
            Inputs(node) is [var input] ? Follow(input, through, isEnd) : null,
        _ => null,
    };

    private static List<PlanNode> Inputs(PlanNode node) => [.. node.Children.Where(child => child.Relationship != "InitPlan")];
}
