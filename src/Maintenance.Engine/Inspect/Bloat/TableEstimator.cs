namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>What a table's live rows need when newly written: row headers, null bitmaps, alignment, page headers, fillfactor. Pure.</summary>
internal static class TableEstimator
{
    /// <summary>Counting rows by sample and widths by average is off by so much at least.</summary>
    private const double BasicError = 0.02;

    public static SpaceEstimate Estimate(RelationFacts table, IReadOnlyList<ColumnFacts> columns, PageLayout page)
    {
        if (RowCount.Of(table, page.BlockSize) is not { } rows)
        {
            return SpaceEstimate.Unknown("Its rows were never counted.");
        }

        if (rows == 0)
        {
            return new SpaceEstimate { Needed = 0, Tuples = 0, RelativeError = 0 };
        }

        if (columns.FirstOrDefault(column => !column.IsDropped && !column.HasStatistics) is { } bare)
        {
            return SpaceEstimate.Unknown(FormattableString.Invariant($"Column {bare.Number} has no statistics.")) with { HasDroppedColumns = columns.Any(column => column.IsDropped) };
        }

        var row = Row(columns);
        var packing = Pack(page, table.FillFactor(PageLayout.HeapFillFactor), row.Length, row.IsConstant);
        if (rows / packing.RowsPerPage * page.BlockSize > 1.1 * table.SizeBytes && RowCount.FromCatalogue(table, page.BlockSize) is { } counted)
        {
            // So many rows do not fit: a session that changed rows and then vacuumed them at once has reported them twice.
            rows = counted;
        }

        var pages = Math.Ceiling(rows / packing.RowsPerPage);
        return new SpaceEstimate
        {
            Needed = page.Bytes(pages),
            Tuples = rows,
            Slot = packing.Slot,
            IsConstant = row.IsConstant,
            HasDroppedColumns = columns.Any(column => column.IsDropped),
            Reserved = (long)(pages * page.Reserve(table.FillFactor(PageLayout.HeapFillFactor))),
            RelativeError = BasicError + packing.Error + (row.IsConstant ? 0 : 2 / packing.Slot) + Staleness(table.Counters, rows),
        };
    }

    /// <summary>How rows of a length come to lie on pages.</summary>
    public static Packing Pack(PageLayout page, int fillFactor, double length, bool isConstant)
    {
        var slot = length + PageLayout.ItemPointer;
        var fit = (page.HeapRoom - page.Reserve(fillFactor)) / slot;
        // Where lengths vary, half a row's room is left over on average; where they do not, whatever is less than a row.
        var rows = Math.Max(1, isConstant ? Math.Floor(fit + 1e-9) : fit - 0.5);
        return new Packing(rows, slot, isConstant ? 0 : Math.Min(0.5, 0.5 / rows));
    }

    /// <summary>
    /// Rows that changed since the last analyze may have other widths than those it saw: a change of all rows is allowed to shift the
    /// average by a fifth. The same holds where the server has forgotten how many have changed.
    /// </summary>
    public static double Staleness(CounterFacts? counters, double rows) =>
        rows <= 0 ? 0 : counters is not { IsAnchored: true } ? 0.2 : 0.2 * Math.Min(1, counters.ModifiedSinceAnalyze / rows);

    private static (double Length, bool IsConstant) Row(IReadOnlyList<ColumnFacts> columns)
    {
        // A dropped column is null in every row that was written since, and counts in the bitmap.
        var withoutNulls = columns.Aggregate(1.0, (likely, column) => likely * (1 - Nulls(column)));
        var bitmap = PageLayout.AlignUp(PageLayout.HeapTupleHeader + ((columns.Count + 7) / 8));
        var plain = PageLayout.AlignUp(PageLayout.HeapTupleHeader);
        var data = TupleWidth.Of(0, columns, Nulls);
        return (data.Length + (withoutNulls * plain) + ((1 - withoutNulls) * bitmap), data.IsConstant);
    }

    private static double Nulls(ColumnFacts column) => column.IsDropped ? 1 : column.NullShare ?? 0;
}

/// <summary>Rows on a page.</summary>
/// <param name="RowsPerPage">How many, on average.</param>
/// <param name="Slot">Bytes that each takes with its pointer.</param>
/// <param name="Error">By what share <paramref name="RowsPerPage"/> may be off.</param>
internal readonly record struct Packing(double RowsPerPage, double Slot, double Error);
