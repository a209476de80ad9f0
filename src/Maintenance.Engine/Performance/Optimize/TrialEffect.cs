namespace Maintenance.Engine.Performance.Optimize;

/// <summary>What an index does for a statement with one set of values.</summary>
/// <param name="Before">Without it.</param>
/// <param name="After">With it.</param>
/// <param name="IsCommon">Its columns have their most common values.</param>
/// <param name="IsHarder">It finds more than the application asks for.</param>
internal sealed record SetEffect(SetResult Before, SetResult After, bool IsCommon = false, bool IsHarder = false)
{
    /// <summary>What is left of what it took: of its time where that was measured, otherwise of its cost.</summary>
    public double Left => Before.Milliseconds is > 0 and var before && After.Milliseconds is { } after ? after / before : Before.Cost > 0 ? After.Cost / Before.Cost : 1;
}

/// <summary>What an index does for a statement, with each set of values that the application may ask for.</summary>
/// <param name="Statement">The statement; its figures are those of unknown values until a set gives others.</param>
/// <param name="Sets">The sets; none where none could be had.</param>
internal sealed record TrialEffect(StatementEffect Statement, IReadOnlyList<SetEffect> Sets)
{
    /// <summary>Of several the one with which it helps the least.</summary>
    public SetEffect? Worst => Sets.MaxBy(set => set.Left);

    /// <summary>The one with which it helps the most.</summary>
    public SetEffect? Best => Sets.MinBy(set => set.Left);

    /// <summary>The statement with the figures of a set.</summary>
    public StatementEffect With(SetEffect? set) => set is null ? Statement : Statement with
    {
        CostBefore = set.Before.Cost,
        CostAfter = set.After.Cost,
        TimeBefore = Time(set.Before, set.After, set.Before),
        TimeAfter = Time(set.Before, set.After, set.After),
        BlocksBefore = set.Before.Blocks,
        BlocksAfter = set.After.Blocks,
    };

    private static TimeSpan? Time(SetResult before, SetResult after, SetResult wanted) =>
        before.Milliseconds is not null && after.Milliseconds is not null ? TimeSpan.FromMilliseconds(wanted.Milliseconds!.Value) : null;
}
