namespace Maintenance.Engine.Performance.Indexes;

/// <summary>An index that was chosen, with what it adds to those chosen before.</summary>
internal sealed record ChosenIndex(CandidateSavings Candidate, IReadOnlyList<(int Statement, double CostAfter)> Benefits, double SavedMilliseconds, double WriteMilliseconds, double BlockedHotUpdates);

/// <summary>
/// Chooses indexes for a whole workload: one after another that which saves the most time beyond what those before it save, less what it costs to
/// write and to keep; then each is looked at again beside the others, since what the first was chosen for may be done better by those after it. Pure.
/// </summary>
/// <param name="workload">The statements.</param>
/// <param name="window">The time that they are of.</param>
/// <param name="total">Milliseconds that what is saved is a share of.</param>
internal sealed class IndexChooser(IReadOnlyList<PlannedStatement> workload, TimeSpan? window, double total)
{
    /// <summary>Assumed, not measured: an entry of a b-tree with its log, on a machine that is not short of memory.</summary>
    public const double WriteMilliseconds = 0.02;

    // Of two that save nearly the same, the one with fewer columns, and the one that holds fewer rows: an index of a few rows is small, stays in
    // memory, and most writes pass it by.
    private const double ColumnPenalty = 0.02;
    private const double RowsPenalty = 0.05;

    // What comes in the order that is wanted need not be sorted, and can be begun with at once.
    private const double OrderBonus = 0.025;
    private const double LeastShare = 0.005;
    private const double LeastSaving = 0.2;
    private const double LeastSavingOfAll = 0.1;

    // Each round of second looks can only make it better, and the second is nearly always the last.
    private const int MostRounds = 4;

    private readonly Dictionary<string, (double Milliseconds, double BlockedHotUpdates)> _writes = new(StringComparer.Ordinal);

    /// <summary>Chooses among candidates.</summary>
    public IReadOnlyList<ChosenIndex> Choose(IReadOnlyCollection<CandidateSavings> candidates, int most)
    {
        var chosen = new List<CandidateSavings>();
        var left = candidates.ToList();
        while (chosen.Count < most && left.Count > 0)
        {
            var saved = Saved(chosen);
            var (best, score) = Best(left, saved, chosen);
            if (score <= 0)
            {
                break;
            }

            left.Remove(best);
            if (Add(best, saved, chosen) is not null)
            {
                chosen.Add(best);
            }
        }

        for (var round = 0; round < MostRounds && Reconsider(chosen, candidates); round++)
        {
            // Until each is the best beside the others.
        }

        // What is written for one anyway is no cost of another.
        var (before, told, found) = (Saved([]), new List<CandidateSavings>(), new List<ChosenIndex>());
        foreach (var one in chosen.OrderBy(one => one.IsDoubtful).ThenBy(one => one.With.Count))
        {
            if (Add(one, before, told) is { } added)
            {
                found.Add(added);
            }

            told.Add(one);
        }

        return found;
    }

    private bool Reconsider(List<CandidateSavings> chosen, IReadOnlyCollection<CandidateSavings> candidates)
    {
        var changed = false;
        for (var at = chosen.Count - 1; at >= 0; at--)
        {
            var others = chosen.Where(other => other != chosen[at]).ToList();
            var saved = Saved(others);
            var (best, score) = Best([.. candidates.Where(candidate => !others.Contains(candidate))], saved, others);
            if (Add(chosen[at], Saved(others), others) is null && (score <= 0 || Add(best, Saved(others), others) is null))
            {
                chosen.RemoveAt(at);
                changed = true;
            }
            else if (score > Score(chosen[at], saved, others) && Add(best, Saved(others), others) is not null)
            {
                chosen[at] = best;
                changed = true;
            }
        }

        return changed;
    }

    private (CandidateSavings Candidate, double Score) Best(IReadOnlyList<CandidateSavings> candidates, Dictionary<long, double>[] saved, List<CandidateSavings> others) =>
        candidates.Select(candidate => (Candidate: candidate, Score: Score(candidate, saved, others))).MaxBy(pair => pair.Score);

    // Indexes of different tables save in different places of a plan; of those of one table a plan takes the better.
    private Dictionary<long, double>[] Saved(IEnumerable<CandidateSavings> chosen)
    {
        var saved = workload.Select(_ => new Dictionary<long, double>()).ToArray();
        foreach (var one in chosen)
        {
            foreach (var (statement, saving) in one.Savings)
            {
                saved[statement][one.Index.Table.Oid] = Math.Max(saving, saved[statement].GetValueOrDefault(one.Index.Table.Oid));
            }
        }

        return saved;
    }

    private double Score(CandidateSavings candidate, Dictionary<long, double>[] saved, List<CandidateSavings> others)
    {
        var time = candidate.Savings.Sum(pair => Gain(pair.Key, pair.Value, candidate.Index.Table.Oid, saved) * (candidate.Ordered.Contains(pair.Key) ? 1 + OrderBonus : 1));
        var upkeep = candidate.All.Sum(index => ColumnPenalty * (index.Keys.Count + index.Include.Count) + RowsPenalty * (index.Predicate?.Share ?? 1));
        return time * Math.Max(0.1, 1 - upkeep) - WriteCost(candidate, others).Milliseconds;
    }

    private double Gain(int statement, double saving, long table, Dictionary<long, double>[] saved)
    {
        var before = Remaining(statement, saved);
        var more = saving - saved[statement].GetValueOrDefault(table);
        return more <= 0 ? 0 : workload[statement].Statement.TotalMilliseconds * Math.Min(more, before * 0.9999) / workload[statement].Cost;
    }

    private double Remaining(int statement, Dictionary<long, double>[] saved) => Math.Max(workload[statement].Cost - saved[statement].Values.Sum(), workload[statement].Cost * 0.0001);

    /// <summary>What one adds to what is saved; null where that is no reason for an index, and then nothing is added.</summary>
    private ChosenIndex? Add(CandidateSavings candidate, Dictionary<long, double>[] saved, List<CandidateSavings> others)
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

        var (write, blocked) = WriteCost(candidate, others);
        if (benefits.Count == 0 || time < LeastShare * total || time <= write)
        {
            // Turned down, it saves nothing.
            changed.ForEach(one => saved[one.Statement][table] = one.Earlier);
            return null;
        }

        return new ChosenIndex(candidate, [.. benefits.OrderByDescending(benefit => workload[benefit.Statement].Statement.TotalMilliseconds)], time, write, blocked);
    }

    private (double Milliseconds, double BlockedHotUpdates) WriteCost(CandidateSavings candidate, List<CandidateSavings> others)
    {
        var costs = candidate.All.Where(index => !others.Exists(other => other.All.Any(known => known.Identity == index.Identity))).Select(WriteCost).ToList();
        return (costs.Sum(cost => cost.Milliseconds), costs.Select(cost => cost.BlockedHotUpdates).DefaultIfEmpty().Max());
    }

    /// <summary>Milliseconds that its entries cost in the time of the workload, and the updates a day that it makes dearer.</summary>
    private (double Milliseconds, double BlockedHotUpdates) WriteCost(IndexCandidate index)
    {
        if (index.Table.WritesPerDay is not { } writes)
        {
            return (0, 0);
        }

        if (_writes.TryGetValue(index.Identity, out var known))
        {
            return known;
        }

        var days = (window ?? TimeSpan.FromDays(1)).TotalDays;
        var held = index.Keys.Select(key => key.Column?.Name).Concat(index.Include.Select(column => column.Name)).Append(index.Predicate?.Column.Name).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var updates = workload.Where(statement => statement.Plan is { Type: "ModifyTable", Operation: "Update" } && statement.Uses.Any(use => use.Table.Oid == index.Table.Oid)).ToList();
        var calls = updates.Sum(statement => statement.Statement.Calls);
        var changing = updates.Where(statement => StatementText.Updated(statement.Statement.Text).Overlaps(held)).Sum(statement => statement.Statement.Calls);
        // Such an update writes to every index of the table, this one too.
        var blocked = calls > 0 && changing > 0 ? (index.Table.HotUpdatesPerDay ?? 0) * changing / calls : 0;
        return _writes[index.Identity] = ((writes * (index.Predicate?.Share ?? 1) + blocked * (index.Table.Indexes.Count + 1)) * days * WriteMilliseconds, blocked);
    }
}
