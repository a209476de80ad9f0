using Maintenance.Engine.Inspect;
using Maintenance.Engine.Performance.Indexes;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>A set of values, with what came of it without the index.</summary>
/// <param name="Set">The values.</param>
/// <param name="Estimate">Its plan.</param>
internal sealed record TriedSet(ValueSet Set, PlanTree Estimate)
{
    /// <summary>Rows that it returned; null if it was not executed.</summary>
    public double? Returned { get; init; }

    /// <summary>How long it took.</summary>
    public double? Milliseconds { get; init; }

    /// <summary>Blocks that it touched.</summary>
    public double? Blocks { get; init; }

    /// <summary>It finds more than the application asks for: an index that helps with it helps with that, but not the other way round.</summary>
    public bool IsHarder { get; init; }
}

/// <summary>
/// Which sets of values the application may ask for, by what the server has counted of its calls. Whatever that does not rule out stays. Pure.
/// </summary>
/// <param name="counted">Rows per call; null if that is not known.</param>
/// <param name="mean">Milliseconds per call.</param>
/// <param name="isAnswered">No condition beyond the index hides rows: what comes back is what it finds.</param>
internal sealed class AskedSets(double? counted, double mean, bool isAnswered)
{
    /// <summary>Where sets are as near as this to the counted rows, those that are further away are no better proxies.</summary>
    private const double Near = 3;

    /// <summary>From this mean time on, in milliseconds, it tells of the work of a call rather than of its overhead.</summary>
    private const double LeastMean = 1;

    /// <summary>What takes less than this share of the mean time is another question.</summary>
    private const double LeastShareOfMean = 0.1;

    /// <summary>Those whose plans do not expect fewer rows by far than come back: the values of an estimate may hide behind other conditions, so too many prove nothing.</summary>
    public IReadOnlyList<TriedSet> ByEstimate(IEnumerable<TriedSet> planned) => [.. planned.Where(one => !one.Estimate.Rows.IsExceededBy(counted))];

    /// <summary>A few that stand for all: the nearest to what was counted, those that find the most and the fewest, and different ones; of like ones the first.</summary>
    /// <param name="planned">The sets with their plans.</param>
    /// <param name="most">How many.</param>
    public IReadOnlyList<TriedSet> Pick(IReadOnlyList<TriedSet> planned, int most)
    {
        // Of what a join leads to the planner knows nothing: by its estimate the most common values are like any others.
        var different = planned.DistinctBy(one => (one.Set.IsCommon, string.Join(' ', one.Estimate.Root.All.Where(node => node.IsScan).Select(node => $"{node.Alias} {Math.Round(Math.Log2(Math.Max(1, node.Rows)))}")))).ToList();
        var byRows = different.OrderByDescending(one => one.Estimate.Root.All.Where(node => node.IsScan).Sum(node => node.Rows)).ToList();
        IEnumerable<TriedSet> nearest = counted is { } rows ? different.OrderBy(one => Math.Round(Math.Log2(one.Estimate.Rows.Distance(rows)))).Take(most / 2) : [];
        // The most common values come first: with them an index helps the least.
        return [.. different.Where(one => one.Set.IsCommon).Take(1).Concat(byRows.Take(1)).Concat(byRows.TakeLast(1)).Concat(nearest).Concat(different).Distinct().Take(most)];
    }

    /// <summary>Those that may be asked for by the rows that really came back.</summary>
    public (IReadOnlyList<TriedSet> Sets, string? WhyNone) ByRows(IReadOnlyList<TriedSet> executed)
    {
        if (counted is not { } rows)
        {
            return (executed, null);
        }

        var enough = executed.Where(one => !(rows > PlannedRows.Factor * Math.Max(1, one.Returned ?? 0))).ToList();
        if (enough.Count == 0)
        {
            return ([], NoSuchValues(rows));
        }

        if (!isAnswered)
        {
            return (enough, null);
        }

        var fitting = enough.Where(one => Distance(one, rows) <= PlannedRows.Factor).ToList();
        return fitting.Count == 0
            ? ([enough.MinBy(one => Distance(one, rows))! with { IsHarder = true }], null)
            : (fitting.Exists(one => Distance(one, rows) <= Near) ? [.. fitting.Where(one => Distance(one, rows) <= Near)] : fitting, null);
    }

    /// <summary>Those that may be asked for by the time they take.</summary>
    public (IReadOnlyList<TriedSet> Sets, string? WhyNone) ByTime(IReadOnlyList<TriedSet> executed) =>
        mean >= LeastMean && executed.Where(one => one.Milliseconds >= LeastShareOfMean * mean).ToList() is var slow
            ? (slow, slow.Count > 0 ? null : Say.Text($"its calls took {mean:0.#} ms on the average, and with values that statistics know of it takes less than a tenth of that: the application asks for something else"))
            : (executed, null);

    /// <summary>Why no values can be had that return as many rows.</summary>
    public static string NoSuchValues(double counted) =>
        Say.Text($"its calls returned {PlannedRows.Say(counted)} on the average, and no values that statistics know of return nearly as many: which the application asks for cannot be told");

    private static double Distance(TriedSet one, double rows) => PlannedRows.Distance(one.Returned ?? 0, rows);
}
