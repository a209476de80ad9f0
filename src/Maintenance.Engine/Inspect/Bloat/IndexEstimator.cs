namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>
/// What a b-tree takes when newly built: entries with their null bitmaps and alignment, equal keys sharing posting lists where the
/// server may share them, fillfactor, inner pages and the metapage. Pure.
/// </summary>
internal static class IndexEstimator
{
    private const double BasicError = 0.02;

    /// <summary>ANALYZE reads 300 rows for each step of the statistics target, which is 100 unless changed.</summary>
    private const double SampledRows = 30_000;

    /// <param name="index">The index.</param>
    /// <param name="columns">What it is built on, keys first.</param>
    /// <param name="entries">Rows that it has entries for.</param>
    /// <param name="page">The page.</param>
    public static SpaceEstimate Estimate(RelationFacts index, IReadOnlyList<ColumnFacts> columns, double entries, PageLayout page)
    {
        if (entries < 0.5)
        {
            return new SpaceEstimate { Needed = page.BlockSize, Tuples = 0 };
        }

        if (columns.FirstOrDefault(column => !column.HasStatistics) is { } bare)
        {
            return SpaceEstimate.Unknown(FormattableString.Invariant($"Its column {bare.Number} has no statistics."));
        }

        var tree = new BtreeSize(page, index.FillFactor(PageLayout.BtreeFillFactor));
        var (entry, isConstant) = Entry(columns);
        var inner = entry;
        if (!CanShare(index))
        {
            var single = new EntryGroup(entry, 1, entries);
            return Result(tree.Pages([single], inner), entries, tree, single.Slot, isConstant ? BasicError : BasicError + (2 / single.Slot));
        }

        var keys = columns.Take(index.Index!.KeyColumns).ToList();
        if (keys is [{ Common: { } common } skewed])
        {
            return Skewed(skewed, common, index.Index.IsPartial, entries, tree);
        }

        var (point, least, most) = Distinct(keys, entries);
        var pages = tree.Pages(Groups(keys, entry, entries, point), inner);
        double At(double distinct) => distinct == point ? pages : tree.Pages(Groups(keys, entry, entries, distinct), inner);
        var spread = Math.Max(Math.Abs(At(least) - pages), Math.Abs(At(most) - pages)) / pages;
        return Result(pages, entries, tree, Groups(keys, entry, entries, point).Sum(group => group.Bytes(page)) / entries, BasicError + spread);
    }

    // Each bound is what another reading of the statistics would give.
    private static SpaceEstimate Skewed(ColumnFacts column, CommonKeys common, bool isPartial, double entries, BtreeSize tree)
    {
        var filled = entries * (1 - column.NullShare!.Value);
        var (distinct, _, _) = Distinct([column], entries);
        var ofText = column.Length <= 0;
        var (width, typical) = (common.Width ?? column.Width!.Value, column.Width!.Value);
        var point = SkewedKeys.Of(column, filled, distinct, width);
        var groups = Groups(column, point, entries);
        var pages = tree.Pages(groups, Key(point.RestWidth, column));
        double Beside(SkewedKeys other) => Math.Abs(tree.Pages(Groups(column, other, entries), Key(other.RestWidth, column)) - pages) / pages;

        var rest = filled * (1 - point.Share);
        var isSure = entries <= common.Sample || point.RestDistinct < common.Sample * (1 - point.Share) / 30 || point.RestDistinct >= 0.99 * rest;
        var error = isSure ? 0 : Math.Max(
            Beside(point with { RestDistinct = point.RestDistinct / 2 }), Beside(point with { RestDistinct = Math.Min(rest, point.RestDistinct * 2) }));
        // What was cut off the average width of all rows is that of the few others.
        var cut = point.Share < 1 ? SkewedKeys.Truncated / (1 - point.Share) : 0;
        error += !ofText ? 0 : Math.Max(Beside(point with { RestWidth = point.RestWidth + cut }), Beside(point with { RestWidth = Math.Max(1, point.RestWidth - cut) }));
        if (ofText && common.Width is null)
        {
            // Common keys may be shorter than the others, or longer, and nobody knows by how much.
            error += Math.Max(Beside(SkewedKeys.Of(column, filled, distinct, 1)), Beside(SkewedKeys.Of(column, filled, distinct, Math.Min(2 * typical, typical / point.Share))));
        }

        if (isPartial)
        {
            // The statistics are those of all rows. Its condition may have chosen the common keys, or everything but them.
            error += Math.Max(Beside(point with { Share = 0, RestDistinct = filled }), Beside(point with { Share = 1 }));
        }

        return Result(pages, entries, tree, groups.Sum(group => group.Bytes(tree.Page)) / entries, BasicError + error);
    }

    private static List<EntryGroup> Groups(ColumnFacts column, SkewedKeys keys, double entries)
    {
        var nulls = column.NullShare!.Value * entries;
        var often = (entries - nulls) * keys.Share;
        var rest = entries - nulls - often;
        List<EntryGroup> groups = nulls < 1 ? [] : EntryGroup.Of(PageLayout.IndexTupleHeaderWithNulls, nulls, 1);
        if (often >= 1)
        {
            groups.Add(new EntryGroup(Key(keys.CommonWidth, column), Math.Max(1, often / keys.Count), Math.Min(often, keys.Count)));
        }

        return rest < 1 ? groups : [.. groups, .. EntryGroup.Of(Key(keys.RestWidth, column), rest, Math.Clamp(keys.RestDistinct, 1, rest))];
    }

    private static double Key(double width, ColumnFacts column) => TupleWidth.Of(PageLayout.IndexTupleHeader, [column with { Width = width }], _ => 0).Length;

    /// <summary>Whether equal keys may share an entry: nbtsort.c and _bt_allequalimage.</summary>
    public static bool CanShare(RelationFacts index) =>
        index.Index is { IsUnique: false, HasSharedKeys: true } shape
        && shape.KeyColumns == shape.Columns.Count
        && index.Options.GetValueOrDefault("deduplicate_items") is not ("off" or "false" or "no" or "0");

    private static SpaceEstimate Result(double pages, double entries, BtreeSize tree, double slot, double error) => new()
    {
        Needed = tree.Page.Bytes(pages),
        Tuples = entries,
        Slot = slot,
        Reserved = (long)(pages * tree.Page.Reserve(tree.FillFactor)),
        RelativeError = error,
    };

    // An entry with any null has a bitmap of its own.
    private static (double Length, bool IsConstant) Entry(IReadOnlyList<ColumnFacts> columns)
    {
        var withoutNulls = columns.Aggregate(1.0, (likely, column) => likely * (1 - column.NullShare!.Value));
        var withNulls = 1 - withoutNulls;
        var plain = TupleWidth.Of(PageLayout.IndexTupleHeader, columns, _ => 0);
        if (withNulls <= 0)
        {
            return (plain.Length, plain.IsConstant);
        }

        var sparse = TupleWidth.Of(PageLayout.IndexTupleHeaderWithNulls, columns, column => Math.Min(1, column.NullShare!.Value / withNulls));
        return ((withoutNulls * plain.Length) + (withNulls * sparse.Length), withoutNulls <= 0 && sparse.IsConstant);
    }

    // Nulls are one key of a single column; of several columns the combinations count.
    private static List<EntryGroup> Groups(List<ColumnFacts> keys, double entry, double entries, double distinct)
    {
        if (keys is not [{ NullShare: > 0 } only])
        {
            return EntryGroup.Of(entry, entries, distinct);
        }

        var nulls = only.NullShare!.Value * entries;
        var plain = TupleWidth.Of(PageLayout.IndexTupleHeader, keys, _ => 0).Length;
        List<EntryGroup> groups = nulls < 1 ? [] : EntryGroup.Of(PageLayout.IndexTupleHeaderWithNulls, nulls, 1);
        return entries - nulls < 1 ? groups : [.. groups, .. EntryGroup.Of(plain, entries - nulls, Math.Min(distinct, entries - nulls))];
    }

    /// <summary>Distinct keys: the best guess, and the bounds within which it is one.</summary>
    private static (double Point, double Least, double Most) Distinct(List<ColumnFacts> keys, double entries)
    {
        double Of(ColumnFacts column) => column.Distinct switch
        {
            null or 0 => entries,
            < 0 => Math.Max(1, -column.Distinct.Value * entries),
            _ => column.Distinct.Value,
        };

        var single = keys.Select(Of).ToList();
        var point = Math.Clamp(keys.Zip(single, (column, count) => count + (keys.Count > 1 && column.NullShare > 0 ? 1 : 0)).Aggregate(1.0, (product, count) => product * count), 1, entries);
        // Columns that depend on each other have fewer combinations, at least as many as the most diverse of them has values.
        var least = Math.Min(point, single.Max());
        // A sample that saw every row, or every value many times, does not err; others may by a factor of two.
        var isSure = entries <= SampledRows || point < SampledRows / 30 || point >= 0.99 * entries;
        return isSure ? (point, least, point) : (point, Math.Min(least, point / 2), Math.Min(entries, point * 2));
    }
}
