namespace Maintenance.Engine.Performance.Indexes;

/// <summary>An index that was chosen, with what it adds to those chosen before.</summary>
internal sealed record ChosenIndex(CandidateSavings Candidate, IReadOnlyList<(int Statement, double CostAfter)> Benefits, double SavedMilliseconds, double WriteMilliseconds, double BlockedHotUpdates);

/// <summary>
/// Chooses indexes for a whole workload, one after another: always that which saves the most time beyond what those before it save, less what it costs
/// to write. Pure.
/// </summary>
internal sealed class IndexChooser(IReadOnlyList<PlannedStatement> workload, TimeSpan? window)
{
    /// <summary>Assumed, not measured: an entry of a b-tree with its log, on a machine that is not short of memory.</summary>
    public const double WriteMilliseconds = 0.02;

    // Of two that save nearly the same, the one with fewer columns.
    private const double ColumnPenalty = 0.02;
    private const double GamblePenalty = 0.1;
    private const double LeastShare = 0.005;
    private const double LeastSaving = 0.2;
    private const double LeastSavingOfAll = 0.1;

    private readonly double _total = Math.Max(workload.Sum(statement => statement.Statement.TotalMilliseconds), 1e-9);

    /// <summary>Chooses among candidates.</summary>
    public IReadOnlyList<ChosenIndex> Choose(IReadOnlyCollection<CandidateSavings> candidates, int most)
    {
        var chosen = new List<ChosenIndex>();
        // Indexes of different tables save in different places of a plan; of those of one table a plan takes the better.
        var saved = workload.Select(_ => new Dictionary<long, double>()).ToArray();
        var left = candidates.ToList();
        while (chosen.Count < most && left.Count > 0)
        {
            var best = left.Select(candidate => (Candidate: candidate, Score: Score(candidate, saved))).MaxBy(pair => pair.Score);
            if (best.Score <= 0)
            {
                break;
            }

            left.Remove(best.Candidate);
            var index = Take(best.Candidate, saved);
            if (index is not null)
            {
                chosen.Add(index);
            }
        }

        return chosen;
    }

    private double Score(CandidateSavings candidate, Dictionary<long, double>[] saved)
    {
        var time = candidate.Savings.Sum(pair => Gain(pair.Key, pair.Value, candidate.Index.Table.Oid, saved) * (candidate.Gambles.Contains(pair.Key) ? 1 - GamblePenalty : 1));
        var columns = candidate.Index.Keys.Count + candidate.Index.Include.Count + (candidate.Index.Predicate is null ? 1 : 0);
        var (write, _) = WriteCost(candidate.Index);
        return time * (1 - ColumnPenalty * columns) - write;
    }

    private double Gain(int statement, double saving, long table, Dictionary<long, double>[] saved)
    {
        var before = Remaining(statement, saved);
        var more = saving - saved[statement].GetValueOrDefault(table);
        return more <= 0 ? 0 : workload[statement].Statement.TotalMilliseconds * Math.Min(more, before * 0.9999) / workload[statement].Cost;
    }

    private double Remaining(int statement, Dictionary<long, double>[] saved) => Math.Max(workload[statement].Cost - saved[statement].Values.Sum(), workload[statement].Cost * 0.0001);

    private ChosenIndex? Take(CandidateSavings candidate, Dictionary<long, double>[] saved)
    {
        var table = candidate.Index.Table.Oid;
        var benefits = new List<(int Statement, double CostAfter)>();
        var changed = new List<(int Statement, double Earlier)>();
        var time = 0.0;
        foreach (var (statement, saving) in candidate.Savings)
        {
            var gain = Gain(statement, saving, table, saved);
            if (gain <= 0)
            {
                continue;
            }

            var (before, earlier) = (Remaining(statement, saved), saved[statement].GetValueOrDefault(table));
            changed.Add((statement, earlier));
            saved[statement][table] = saving;
            var after = Remaining(statement, saved);
            time += gain;
            // What a statement would hardly notice is no reason for an index.
            if (after <= before * (1 - LeastSaving) && before - after >= LeastSavingOfAll * workload[statement].Cost)
            {
                benefits.Add((statement, after));
            }
        }

        var (write, blocked) = WriteCost(candidate.Index);
        if (benefits.Count == 0 || time < LeastShare * _total)
        {
            // Turned down, it saves nothing.
            changed.ForEach(one => saved[one.Statement][table] = one.Earlier);
            return null;
        }

        return new ChosenIndex(candidate, [.. benefits.OrderByDescending(benefit => workload[benefit.Statement].Statement.TotalMilliseconds)], time, write, blocked);
    }

    /// <summary>Milliseconds that its entries cost in the time of the workload, and the updates a day that it makes dearer.</summary>
    private (double Milliseconds, double BlockedHotUpdates) WriteCost(IndexCandidate index)
    {
        if (index.Table.WritesPerDay is not { } writes)
        {
            return (0, 0);
        }

        var days = (window ?? TimeSpan.FromDays(1)).TotalDays;
        var held = index.Keys.Select(key => key.Column?.Name).Concat(index.Include.Select(column => column.Name)).Append(index.Predicate?.Column.Name).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var updates = workload.Where(statement => statement.Plan is { Type: "ModifyTable", Operation: "Update" } && statement.Uses.Any(use => use.Table.Oid == index.Table.Oid)).ToList();
        var calls = updates.Sum(statement => statement.Statement.Calls);
        var changing = updates.Where(statement => StatementText.Updated(statement.Statement.Text).Overlaps(held)).Sum(statement => statement.Statement.Calls);
        // Such an update writes to every index of the table, this one too.
        var blocked = calls > 0 && changing > 0 ? (index.Table.HotUpdatesPerDay ?? 0) * changing / calls : 0;
        return ((writes * (index.Predicate?.Share ?? 1) + blocked * (index.Table.Indexes.Count + 1)) * days * WriteMilliseconds, blocked);
    }
}
