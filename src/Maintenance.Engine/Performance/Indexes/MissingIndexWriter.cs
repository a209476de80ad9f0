using System.Text;
using Maintenance.Engine.Database;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Performance.Indexes;

/// <summary>Tells of a chosen index in statements and sentences.</summary>
/// <param name="session">The session, whose server quotes names.</param>
/// <param name="workload">The statements.</param>
/// <param name="total">Milliseconds that what is saved is a share of.</param>
internal sealed class MissingIndexWriter(DatabaseSession session, IReadOnlyList<PlannedStatement> workload, double total)
{
    // The rule for advice. The planner's own word is trusted more than our estimate of it, which must promise more.
    private const double AdvisedShare = 1;
    private const double AdvisedRemainder = 0.5;
    private const double AdvisedReturn = 2;
    private const double EstimatedShare = 5;
    private const double EstimatedRemainder = 0.2;
    private const double EstimatedReturn = 10;

    /// <summary>Tells of one, or of those that help together.</summary>
    /// <param name="chosen">The index.</param>
    /// <param name="others">Those that were told of.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    public async Task<IReadOnlyList<MissingIndex>> WriteAsync(ChosenIndex chosen, IReadOnlyList<MissingIndex> others, CancellationToken cancellationToken)
    {
        var written = new List<MissingIndex>();
        var unwritten = chosen.Candidate.All.Where(index => !others.Any(other => IsSame(other, index))).ToList();
        foreach (var index in unwritten)
        {
            written.Add(await WriteAsync(chosen, index, unwritten.Count, [.. others.Concat(written).Select(other => other.Name)], cancellationToken));
        }

        var known = others.Where(other => chosen.Candidate.All.Any(index => IsSame(other, index))).ToList();
        return
        [
            .. written.Select(one => one with
            {
                Together = [.. written.Concat(known).Where(other => other != one).Select(other => other.Name)],
                WaitsFor = IsAddition(written, known) ? [.. known.Select(other => $"{other.Schema}.{other.Name}")] : [],
                WhyNotAdvised = written.Count + known.Count == 1 || one.IsAdvised ? one.WhyNotAdvised : Together(one, written, known),
                Reasons = written.Count + known.Count == 1 ? one.Reasons : [.. one.Reasons, Together(one, written, known)],
            }),
        ];
    }

    private static bool IsSame(MissingIndex one, IndexCandidate index) => one.TableOid == index.Table.Oid && one.Predicate == index.Predicate?.Sql
        && one.Keys.SequenceEqual(index.Keys.Select(key => key.Definition)) && one.Include.SequenceEqual(index.Include.Select(column => column.Sql));

    // One that is worth its while by itself is built for that; this one then adds to it.
    private static bool IsAddition(List<MissingIndex> written, List<MissingIndex> known) => written.Count == 1 && known.Count > 0 && known.TrueForAll(other => other.Together.Count == 0);

    private static string Together(MissingIndex index, List<MissingIndex> written, List<MissingIndex> known) => IsAddition(written, known)
        ? Say.Text($"A statement asks for one thing or another (OR), and each part needs its index: this one is of use once {Names(known)} {(known.Count == 1 ? "is" : "are")} there, proposed by {(known.Count == 1 ? "itself" : "themselves")} for other statements. Once {(known.Count == 1 ? "that is" : "those are")} built, the next run looks at this one.")
        : Say.Text($"A statement asks for one thing or another (OR), and each part needs its index: build {Names([.. written.Concat(known).Where(other => other != index)])} too, or none. {(written.Count > 1 ? "Each is shown with an equal part of what all save together. " : "")}Optimize-DbQuery -Apply builds and measures one index at a time, so a person has to build these.");

    private static string Names(List<MissingIndex> indexes) => string.Join(" and ", indexes.Select(index => $"{index.Schema}.{index.Name}"));

    private async Task<MissingIndex> WriteAsync(ChosenIndex chosen, IndexCandidate index, int sharing, IReadOnlyList<string> taken, CancellationToken cancellationToken)
    {
        var wanted = Name(index);
        for (var number = 2; taken.Contains(wanted); number++)
        {
            wanted = $"{Cut(Name(index), 55)}_v{number}";
        }

        var (name, steps, undo) = await TextsAsync(session, index, wanted, cancellationToken);
        var saved = 100 * chosen.SavedMilliseconds / total / sharing;
        var benefits = chosen.Benefits
            .Select(benefit => new IndexBenefit(workload[benefit.Statement].Statement, workload[benefit.Statement].Cost, benefit.CostAfter))
            .ToList();
        // Of several that help together only, each alone would be measured, and found to be of no use.
        var isAdvised = chosen.Candidate is { With.Count: 0, IsDoubtful: false } && IsAdvised(chosen, saved, benefits);
        return new MissingIndex
        {
            Schema = index.Table.Schema,
            Table = index.Table.Name,
            TableOid = index.Table.Oid,
            TableBytes = index.Table.Bytes,
            Name = name,
            Keys = [.. index.Keys.Select(key => key.Definition)],
            Include = [.. index.Include.Select(column => column.Sql)],
            Predicate = index.Predicate?.Sql,
            CreateSql = steps[0],
            IsPartitioned = index.Table.IsPartitioned,
            Steps = steps,
            DropSql = undo,
            Benefits = benefits,
            SavedPercent = saved,
            EstimatedBytes = chosen.Candidate.BytesOf(index),
            WritesPerDay = index.Table.WritesPerDay * (index.Predicate?.Share ?? 1),
            BlockedHotUpdatesPerDay = index.Table.HotUpdatesPerDay is null ? null : chosen.BlockedHotUpdates,
            Evidence = chosen.Candidate.Evidence,
            Reasons = [.. Reasons(chosen, index, saved, benefits, isAdvised)],
            WhyNotAdvised = isAdvised ? null : Doubt(chosen) ?? TooLittle(chosen),
            IsAdvised = isAdvised,
        };
    }

    /// <summary>The name it gets, the statements that make it, and the one that drops it.</summary>
    public static async Task<(string Name, IReadOnlyList<string> Steps, string Drop)> TextsAsync(
        DatabaseSession session, IndexCandidate index, string name, CancellationToken cancellationToken) =>
        (await session.QueryAsync(
            "Performance/Indexes/Sql/IndexText.sql",
            row => (row.GetString(0), (IReadOnlyList<string>)row.GetFieldValue<string[]>(1), row.GetString(2)),
            cancellationToken,
            index.Table.Oid,
            index.Keys.Select(key => key.Definition).ToArray(),
            index.Include.Select(column => column.Sql).ToArray(),
            index.Predicate?.Sql,
            name))[0];

    private static bool IsAdvised(ChosenIndex chosen, double saved, List<IndexBenefit> benefits)
    {
        var best = benefits.Min(benefit => benefit.CostAfter / benefit.CostBefore);
        return chosen.Candidate.Evidence == IndexEvidence.Hypothetical
            ? saved >= AdvisedShare && best <= AdvisedRemainder && chosen.SavedMilliseconds >= AdvisedReturn * chosen.WriteMilliseconds
            // Without statistics, or not knowing what is written, an estimate is no more than a guess.
            : saved >= EstimatedShare && best <= EstimatedRemainder && chosen.SavedMilliseconds >= EstimatedReturn * chosen.WriteMilliseconds && chosen.Candidate.Index.Table.HasStatistics;
    }

    private IEnumerable<string> Reasons(ChosenIndex chosen, IndexCandidate index, double saved, List<IndexBenefit> benefits, bool isAdvised)
    {
        var isHypothetical = chosen.Candidate.Evidence == IndexEvidence.Hypothetical;
        yield return Say.Text($"{(isHypothetical ? "The planner would use it for" : "By our estimate it would help")} {Say.Count(benefits.Count, "statement", "statements")}, and about {saved:0.#} % of the time of all statements would be saved.");
        if (Doubt(chosen) is { } doubt)
        {
            yield return $"But this{doubt[4..]}";
        }

        // Several roles may run the same.
        var texts = benefits.GroupBy(benefit => benefit.Statement.Text, StringComparer.Ordinal).Select(group => group.ToList()).ToList();
        foreach (var same in texts.Take(3))
        {
            yield return Say.Text($"Cost falls from {same[0].CostBefore:0.#} to {same[0].CostAfter:0.#} for: {QueryText.Redact(same[0].Statement.Text, 160)} ({same.Sum(one => one.Statement.Calls):0} calls, {same.Sum(one => one.Statement.TotalMilliseconds) / 1000:0.#} s{(same.Count > 1 ? Say.Text($", {same.Count} roles") : "")}).");
        }

        if (texts.Count > 3)
        {
            yield return Say.Text($"And {Say.Count(texts.Count - 3, "statement", "statements")} more.");
        }

        yield return Say.Text($"It would take about {Say.Size(chosen.Candidate.BytesOf(index))} beside the table's {Say.Size(index.Table.Bytes)}.");
        yield return index.Table.WritesPerDay is { } writes
            ? Say.Text($"About {writes * (index.Predicate?.Share ?? 1):0} entries a day would be written to it, reckoned at {chosen.WriteMilliseconds / 1000:0.##} s in the time looked at, against {chosen.SavedMilliseconds / 1000:0.##} s saved.")
            : "How much is written to the table is not known: statistics are younger than an hour.";
        if (chosen.BlockedHotUpdates >= 1)
        {
            yield return Say.Text($"About {chosen.BlockedHotUpdates:0} updates a day that no index hears of now would be written to all of them, because it holds a column that they change.");
        }

        if (!index.Table.HasStatistics)
        {
            yield return "There are no statistics of its columns that this role may read: run ANALYZE, or let the role read the table.";
        }

        if (index.Table.IsPartitioned)
        {
            yield return "The table is partitioned: each partition gets its index concurrently, and they are attached to one for the whole.";
        }

        var rare = chosen.Benefits.Select(benefit => workload[benefit.Statement]).FirstOrDefault(one => one.Uses.Any(use => use.CountedRows is not null && use.Table.Oid == index.Table.Oid));
        if (rare is not null)
        {
            yield return Say.Text($"The plan of values that nobody knows expects about {PlannedRows.Say(rare.Rows.Expected ?? rare.Rows.Most)}, but by what the server has counted a call returned {PlannedRows.Say(rare.Statement.RowsPerCall ?? 0)} on the average: it is asked for what is rare, and its cost with the index is reckoned for that.");
        }

        if (!isHypothetical)
        {
            yield return rare is not null ? "It is an estimate from what was counted, the plan and the statistics of columns."
                : index.Table.IsPartitioned
                ? "The planner cannot be asked: HypoPG knows no partitioned tables. It is an estimate from the plan and the statistics of columns."
                : index.Predicate is { } condition && index.Table.ValueShares.ContainsKey(condition.Sql)
                ? "The planner cannot be asked: HypoPG takes no index whose condition compares text. It is an estimate from the plan and the statistics of columns."
                : "The planner cannot be asked without the extension hypopg: it is an estimate from the plan and the statistics of columns.";
        }

        if (!isHypothetical && !isAdvised && index.Keys.Any(key => key.IsExpression))
        {
            yield return "How many rows an expression finds is not known before there is an index of it and ANALYZE has run; the planner assumes one of 200. With hypopg in the database, or once somebody has built it and run ANALYZE, it is known whether it helps.";
        }

        if (chosen.Benefits.Any(benefit => chosen.Candidate.Gambles.Contains(benefit.Statement)))
        {
            yield return "It would be read in its order until enough rows meet the other conditions. If those rows lie at the end, that takes long: what that may cost has been taken off.";
        }

        if (!isAdvised && chosen.Candidate is { With.Count: 0, IsDoubtful: false })
        {
            yield return TooLittle(chosen);
        }
    }

    private string? Doubt(ChosenIndex chosen) => chosen.Candidate.IsDoubtful && chosen.Benefits.Select(benefit => workload[benefit.Statement]).First() is var doubtful
        ? Say.Text($"This rests on a plan for about {PlannedRows.Say(doubtful.Rows.Expected ?? doubtful.Rows.Most)}, and by what the server has counted a call returned {PlannedRows.Say(doubtful.Statement.RowsPerCall ?? 0)} on the average: the cost of such a plan proves nothing for those calls, and nothing is built unasked. Look at which values the application asks for, and try it with those where that does no harm.")
        : null;

    private static string TooLittle(ChosenIndex chosen) => chosen.Candidate.Evidence == IndexEvidence.Hypothetical
        ? "What it saves is not clearly worth what it costs: try it where that does no harm, and measure."
        : "For advice an estimate has to leave a fifth of the cost at most, and to save a twentieth of the time and ten times what writing costs: try it where that does no harm, and measure.";

    private static string Name(IndexCandidate index)
    {
        var parts = index.Keys.Select(key => key.IsExpression ? key.Identity : key.Column!.Name).Prepend(index.Table.Name).Prepend("idx");
        var name = new StringBuilder();
        foreach (var rune in string.Join('_', parts).EnumerateRunes())
        {
            // Only what a name may hold without quotes, whatever the columns are called; the server quotes it all the same.
            var part = Rune.IsLetterOrDigit(rune) ? Rune.ToLowerInvariant(rune).ToString() : "_";
            if (part != "_" || (name.Length > 0 && name[^1] != '_'))
            {
                name.Append(part);
            }
        }

        return Cut(name.ToString().TrimEnd('_'), 60);
    }

    // Names have bytes, not characters.
    private static string Cut(string name, int bytes)
    {
        while (Encoding.UTF8.GetByteCount(name) > bytes)
        {
            name = name[..^(char.IsLowSurrogate(name[^1]) ? 2 : 1)];
        }

        return name;
    }
}
