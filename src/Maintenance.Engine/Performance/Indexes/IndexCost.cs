using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Performance.Indexes;

/// <summary>What the planner reckons with, as it is set on the server.</summary>
internal sealed record PlannerCosts(double SequentialPage, double RandomPage, double Tuple, double IndexTuple, double Operator, int BlockSize);

/// <summary>
/// Estimates what a use of a table would cost with an index, as the planner does for b-trees: pages of the index, pages of the table by the formula of
/// Mackert and Lohman, rows by the statistics of columns. Pure. It is an estimate of an estimate: see docs/missing-indexes.md.
/// </summary>
internal sealed class IndexCost(PlannerCosts costs)
{
    // As the planner has it: of an inequality with an unknown value a third of the rows, of one from both sides a two-hundredth.
    private const double OpenRange = 1.0 / 3;
    private const double ClosedRange = 0.005;
    private const int UnknownListLength = 10;

    // The planner takes it that rows which meet a condition are spread evenly over any order. Rare ones seldom are (what waits is young): assumed is
    // that one time in four all that could be read has to be.
    private const double Uneven = 0.25;

    /// <summary>How much of a statement's cost an index would save in one of its uses; 0 if it would not be used.</summary>
    public double Saving(TableUse use, IndexCandidate index)
    {
        if (!Implies(use, index))
        {
            return 0;
        }

        // A partition has its own part of an index.
        index = index with { Table = use.Table };

        var best = (use.Scan.Cost - Scan(use, index, Match(use, index, withJoin: false), ordered: false, 1)) * use.Weight;
        if (use.Order is { } order && Ordered(use, index, order) is { } ordered)
        {
            best = Math.Max(best, (order.Cost - ordered.Cost - ordered.Risk) * order.Weight);
        }

        if (use.Join is { } join)
        {
            var match = Match(use, index, withJoin: true);
            if (match.UsesJoin)
            {
                best = Math.Max(best, (join.Cost - join.OtherCost - join.OtherRows * (Scan(use, index, match, ordered: false, join.OtherRows) + costs.Tuple)) * join.Weight);
            }
        }

        return Math.Max(0, best);
    }

    /// <summary>
    /// What it costs, beyond what the planner reckons, that an index is read in its order until enough rows meet conditions which it does not know: they
    /// may lie at the very end. 0 where it is not read so.
    /// </summary>
    public double Risk(TableUse use, IndexCandidate index) =>
        Implies(use, index) && use.Order is { Limit: not null } order && Ordered(use, index with { Table = use.Table }, order) is { } ordered ? ordered.Risk * order.Weight : 0;

    /// <summary>Whether an index gives the rows of a use in the order that is wanted.</summary>
    public bool GivesOrder(TableUse use, IndexCandidate index) =>
        Implies(use, index) && use.Order is { } order && Ordered(use, index with { Table = use.Table }, order) is not null;

    /// <summary>What indexes save together where a use asks for one thing or another: each part of the OR needs one, new or there already.</summary>
    public double SavingOfParts(TableUse use, Condition either, IReadOnlyList<IndexCandidate> indexes)
    {
        var all = indexes.Select(index => index with { Table = use.Table })
            .Concat(use.Table.Indexes.Select(index => ToCandidate(use.Table, index)).OfType<IndexCandidate>())
            .ToList();
        var parts = either.Arms.Select(arm => use with { Conditions = arm, Order = null, Join = null })
            .Sum(part => all.Where(index => Implies(part, index))
                .Select(index => (Index: index, Match: Match(part, index, withJoin: false)))
                .Where(pair => pair.Match.Keys > 0)
                .Select(pair => Scan(part, pair.Index, pair.Match, ordered: false, 1))
                .DefaultIfEmpty(double.PositiveInfinity)
                .Min());
        return Math.Max(0, (use.Scan.Cost - parts) * use.Weight);
    }

    /// <summary>What an existing index would save by the same reckoning: what the planner has turned down already must not be sold again.</summary>
    public double Saving(TableUse use, IndexFact index) =>
        ToCandidate(use.Table, index) is { } candidate ? Saving(use, candidate) : 0;

    /// <summary>An existing index, as far as it can be compared with one that is thought of; null otherwise.</summary>
    public static IndexCandidate? ToCandidate(IndexedTable table, IndexFact index)
    {
        if (index.Method != "btree" || index.IsPartial)
        {
            return null;
        }

        var byNumber = table.Columns.Values.ToDictionary(column => column.Number);
        var keys = new List<IndexKey>();
        for (var position = 0; position < index.KeyCount; position++)
        {
            var (number, expression) = index.ColumnAt(position);
            var (descending, nullsFirst) = ((index.Options[position] & 1) != 0, (index.Options[position] & 2) != 0);
            if (byNumber.TryGetValue(number, out var column))
            {
                // With another collation or operator class it answers other questions.
                if (column.Collation != index.Collations[position] || (column.OperatorClass is { } own && own != index.OperatorClasses[position]))
                {
                    break;
                }

                keys.Add(new IndexKey($"\"{column.Name}\"", column.Sql, column, false, descending, nullsFirst));
            }
            else
            {
                keys.Add(new IndexKey(ConditionReader.Bare(expression), expression, null, true, descending, nullsFirst));
            }
        }

        return keys.Count == 0 ? null : new IndexCandidate
        {
            Table = table,
            Keys = keys,
            Include = [.. index.Columns.Skip(index.KeyCount).Select(number => byNumber.GetValueOrDefault(number)).OfType<TableColumn>()],
        };
    }

    /// <summary>Whether the statement asks for no more than the rows of a partial index.</summary>
    private static bool Implies(TableUse use, IndexCandidate index) =>
        index.Predicate is not { } predicate || use.Conditions.Any(condition => condition.Constant is { } constant && constant == predicate.Sql);

    private sealed record Matched(double Selectivity, int Keys, bool UsesJoin, bool IsSingleValued, IReadOnlySet<string> Fixed);

    /// <summary>Which rows the leading keys of an index find.</summary>
    private static Matched Match(TableUse use, IndexCandidate index, bool withJoin)
    {
        var selectivity = 1.0;
        var (keys, usesJoin, isSingle) = (0, false, true);
        var bound = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in index.Keys)
        {
            var conditions = use.Conditions.Where(condition => condition.Left?.Identity == key.Identity).ToList();
            if (conditions.Exists(condition => condition.Kind is ConditionKind.Equal or ConditionKind.IsTrue or ConditionKind.IsFalse or ConditionKind.IsNull or ConditionKind.AnyOf))
            {
                var condition = conditions.MinBy(Rank)!;
                selectivity *= SelectivityOf(use, index, key, condition);
                isSingle &= condition.Kind != ConditionKind.AnyOf;
                bound.Add(key.Identity);
                keys++;
            }
            else if (withJoin && use.Join!.Conditions.Any(condition => condition.Left!.Identity == key.Identity))
            {
                selectivity *= use.Table.Selectivity(key.Column);
                usesJoin = true;
                keys++;
            }
            else if (conditions.Count(condition => condition.Kind == ConditionKind.Range) is > 0 and var ranges)
            {
                selectivity *= ranges > 1 ? ClosedRange : OpenRange;
                keys++;
                break;
            }
            else
            {
                break;
            }
        }

        // Fewer than the planner expects cannot be found, and all conditions together find just those.
        var floor = withJoin || use.Table.Rows < 1 ? 0 : Math.Min(1, use.Scan.Rows / index.Rows);
        selectivity = Math.Max(Math.Min(1, selectivity), floor);
        // Where it answers all conditions, it finds what comes back: that was counted.
        if (use.CountedRows is { } counted && !withJoin && IsAnswered(use, index, keys))
        {
            selectivity = Math.Min(selectivity, counted / Math.Max(1, index.Rows));
        }

        return new Matched(selectivity, keys, usesJoin, isSingle, bound);
    }

    private static bool IsAnswered(TableUse use, IndexCandidate index, int keys) => use.Scan.Conditions.All(condition =>
        (condition.Left is { } left && condition.Kind is not (ConditionKind.Other or ConditionKind.Or) && index.Keys.Take(keys).Any(key => key.Identity == left.Identity))
        || (index.Predicate is { } predicate && condition.Constant == predicate.Sql));

    private static int Rank(Condition condition) => condition.Kind == ConditionKind.AnyOf ? 1 : condition.Kind == ConditionKind.Range ? 2 : 0;

    public static double SelectivityOf(TableUse use, IndexCandidate index, IndexKey key, Condition condition)
    {
        var one = use.Table.Selectivity(key.Column);
        return condition.Kind switch
        {
            ConditionKind.IsNull => key.Column?.NullShare ?? 0.005,
            ConditionKind.IsTrue => key.Column?.TrueShare ?? 0.5,
            ConditionKind.IsFalse => 1 - (key.Column?.TrueShare ?? 0.5),
            ConditionKind.AnyOf => Math.Min(1, one * (condition.Values ?? UnknownListLength)),
            ConditionKind.Equal when condition.Constant is { } constant && use.Table.ValueShares.TryGetValue(constant, out var share) => share,
            _ => one,
        } / (index.Predicate?.Column == key.Column ? Math.Max(index.Predicate!.Share, 1e-9) : 1);
    }

    /// <summary>What the rows in their order cost with an index that has that order, and what luck may add; null if it has not.</summary>
    private (double Cost, double Risk)? Ordered(TableUse use, IndexCandidate index, OrderUse order)
    {
        var match = Match(use, index, withJoin: false);
        // A list of values is several places of the index, each in order, but not all together.
        if (!match.IsSingleValued)
        {
            return null;
        }

        var at = 0;
        while (at < index.Keys.Count && match.Fixed.Contains(index.Keys[at].Identity))
        {
            at++;
        }

        bool? backwards = null;
        foreach (var key in order.Keys.Where(key => !match.Fixed.Contains(key.Term!.Identity)))
        {
            if (at >= index.Keys.Count || index.Keys[at].Identity != key.Term!.Identity)
            {
                return null;
            }

            var same = index.Keys[at].Descending == key.Descending && index.Keys[at].NullsFirst == key.NullsFirst;
            var opposite = index.Keys[at].Descending != key.Descending && index.Keys[at].NullsFirst != key.NullsFirst;
            if ((!same && !opposite) || (backwards is { } direction && direction == same))
            {
                return null;
            }

            backwards = opposite;
            at++;
        }

        var all = Scan(use, index, match, ordered: true, 1);
        if (order.Limit is not { } limit)
        {
            return (all, 0);
        }

        // Rows are taken until there are enough that meet the other conditions too.
        var cost = Math.Max(costs.RandomPage * 2, all * Math.Min(1, limit / Math.Max(1, use.Scan.Rows)));
        var fitting = Math.Min(1, Math.Max(1, use.Scan.Rows) / Math.Max(1, index.Rows * match.Selectivity));
        // Estimates of both differ by a little where all of them fit.
        return (cost, fitting > 0.9 ? 0 : Math.Max(0, all - cost) * (1 - fitting) * Uneven);
    }

    private double Scan(TableUse use, IndexCandidate index, Matched match, bool ordered, double loops)
    {
        if (match.Keys == 0 && !ordered && index.Predicate is null)
        {
            // Reading a whole index instead of the table is worth something where it alone answers.
            if (!IsIndexOnly(use, index) || index.Include.Count == 0)
            {
                return double.PositiveInfinity;
            }
        }

        var table = use.Table;
        var rows = Math.Max(1, index.Rows * match.Selectivity);
        var leaves = Math.Max(1, Math.Ceiling(index.Pages * match.Selectivity));
        var descent = Math.Ceiling(Math.Log2(Math.Max(2, index.Rows))) * costs.Operator + 100 * costs.Operator;
        var cost = leaves * costs.RandomPage + descent + rows * (costs.IndexTuple + costs.Operator * match.Keys);
        var visits = IsIndexOnly(use, index) ? 1 - table.VisibleShare : 1;
        var (single, fetched) = (PagesFetched(rows, table.Pages), PagesFetched(rows * loops, table.Pages) / loops);
        var scattered = fetched * costs.RandomPage;
        var correlation = match.Keys > 0 && index.Keys[0].Column is { } first ? Math.Pow(first.Correlation * (index.Keys.Count > 1 ? 0.75 : 1), 2) : 0;
        // Of the table's pages, not of those that the rows of a partial index lie in: these are already few.
        var ofTable = table.Rows > 0 ? Math.Min(1, rows / table.Rows) : match.Selectivity;
        var gathered = costs.RandomPage + Math.Max(0, Math.Ceiling(ofTable * table.Pages) - 1) * costs.SequentialPage;
        var heap = scattered + correlation * (Math.Min(gathered, scattered) - scattered);
        if (!ordered)
        {
            // A bitmap visits each page once and in their order: the more of them, the cheaper each.
            var share = table.Pages > 0 ? Math.Min(1, single / table.Pages) : 1;
            heap = Math.Min(heap, fetched * (costs.RandomPage - (costs.RandomPage - costs.SequentialPage) * Math.Sqrt(share)));
        }

        // The part of the index that many look-ups read again is in memory.
        return (loops > 1 ? cost - (leaves - Math.Min(leaves, Math.Max(index.Pages / loops, 0.05))) * costs.RandomPage : cost)
            + heap * visits + rows * (costs.Tuple + costs.Operator * Math.Max(1, use.Conditions.Count));
    }

    private static bool IsIndexOnly(TableUse use, IndexCandidate index) =>
        use.Needed is { } needed
        && needed.All(name => index.Keys.Any(key => !key.IsExpression && key.Column?.Name == name) || index.Include.Any(column => column.Name == name));

    private static double PagesFetched(double rows, double pages) => Math.Min(pages, Math.Ceiling(2 * pages * rows / Math.Max(1, 2 * pages + rows)));
}
