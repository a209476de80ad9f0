using System.Globalization;

namespace Maintenance.Engine.Performance.Statements;

/// <summary>
/// Whether a statement's plan has probably changed in a window. Plans are not recorded, so this is an inference: at some moment each execution began to touch
/// many times as many blocks, or as few, for as many rows, and it stayed so. Growing tables do that too, but not from one sample to the next. Pure.
/// </summary>
internal static class PlanChanges
{
    private const double LeastBlocks = 2;
    private const double LeastMoreBlocks = 20;
    private const double LeastTime = 1.3;
    private const double MostRows = 1.25;

    // Of each side, of all samples and of those beside the moment.
    private const int LeastStretches = 3;

    /// <summary>Looks for it.</summary>
    /// <param name="stretches">What it did, by when the stretch began, oldest first.</param>
    /// <returns>What was seen; null for nothing.</returns>
    public static string? Find(IReadOnlyList<(DateTimeOffset From, StatementCounts Counts)> stretches)
    {
        var ran = stretches.Where(stretch => stretch.Counts.Calls > 0).ToList();
        var sums = new List<StatementCounts> { default };
        foreach (var (_, counts) in ran)
        {
            sums.Add(sums[^1] + counts);
        }

        var found = Enumerable.Range(LeastStretches, Math.Max(0, ran.Count - 2 * LeastStretches + 1))
            .Select(at => (At: at, Before: sums[at], After: sums[^1] - sums[at]))
            .Where(split => Differ(split.Before, split.After) && Differ(sums[split.At] - sums[split.At - LeastStretches], sums[split.At + LeastStretches] - sums[split.At]))
            .OrderByDescending(split => Times(Blocks(split.Before), Blocks(split.After)))
            .ToList();
        if (found.Count == 0)
        {
            return null;
        }

        var (moment, before, after) = found[0];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Since about {ran[moment].From.UtcDateTime:u} an execution touches {Blocks(after):0.#} blocks instead of {Blocks(before):0.#} for as many rows, and takes {after.Mean:0.##} ms instead of {before.Mean:0.##} ms: its plan has probably changed (an inference, since the server records no plans). Look for new statistics, an index that was made or dropped, or a changed setting at that time, and EXPLAIN it.");
    }

    private static bool Differ(in StatementCounts before, in StatementCounts after) =>
        Times(Blocks(before), Blocks(after)) >= LeastBlocks
        && Math.Abs(Blocks(after) - Blocks(before)) >= LeastMoreBlocks
        && Times(before.Mean ?? 0, after.Mean ?? 0) >= LeastTime
        && Blocks(after) > Blocks(before) == after.Mean > before.Mean
        && (before.Rows == after.Rows || Times(before.Rows / before.Calls, after.Rows / after.Calls) <= MostRows);

    private static double Blocks(in StatementCounts counts) => (counts.BlocksHit + counts.BlocksRead) / counts.Calls;

    private static double Times(double first, double second) => Math.Max(first, second) / Math.Max(Math.Min(first, second), 0.01);
}
