namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>What the chunks of large values need: full chunks lie four to a page, and the last one of each value is part of one. Pure.</summary>
internal static class ToastEstimator
{
    /// <summary>The columns of a TOAST table's index: number of the value, number of the chunk.</summary>
    public static IReadOnlyList<ColumnFacts> IndexColumns { get; } =
    [
        new(1, 4, 4) { Width = 4, NullShare = 0, Distinct = 0 },
        new(2, 4, 4) { Width = 4, NullShare = 0, Distinct = 0 },
    ];

    /// <summary>A pointer to a value that was moved out takes 18 bytes of the row.</summary>
    private const double OutOfLineWidth = 18;

    /// <param name="toast">The TOAST table.</param>
    /// <param name="columns">Columns of the table that it belongs to.</param>
    /// <param name="rows">Live rows of that table; null if unknown.</param>
    /// <param name="page">The page.</param>
    public static SpaceEstimate Estimate(RelationFacts toast, IReadOnlyList<ColumnFacts> columns, double? rows, PageLayout page)
    {
        if (RowCount.OfToast(toast, page) is not { } chunks)
        {
            return SpaceEstimate.Unknown("Its chunks were never counted.");
        }

        if (chunks == 0)
        {
            return new SpaceEstimate { Needed = 0, Tuples = 0 };
        }

        // Without a number of values every chunk is taken for a full one: rather too little to reclaim than a false alarm.
        var values = rows is { } known && ValuesPerRow(columns) is { } each ? Math.Clamp(known * each, 1, chunks) : (double?)null;
        var share = values is { } count ? (chunks - (count / 2)) / chunks : 1;
        var full = FullPage(page) / PageLayout.ChunksPerPage;
        var slot = (full * share) + ((1 - share) * (PageLayout.ChunkOverhead + PageLayout.ItemPointer));
        return new SpaceEstimate
        {
            Needed = page.Bytes(Math.Max(1, chunks * slot / FullPage(page))),
            Tuples = chunks,
            Slot = slot,
            // The last chunk of a value may be full or nearly empty.
            RelativeError = values is null ? 0.4 : 0.02 + ((1 - share) / share),
        };
    }

    /// <summary>Bytes that full chunks take of a page with their pointers.</summary>
    public static double FullPage(PageLayout page) =>
        PageLayout.ChunksPerPage * (PageLayout.AlignUp(PageLayout.ChunkOverhead + page.ChunkSize) + PageLayout.ItemPointer);

    /// <summary>Values moved out per row, if the widths tell: a column as wide as a pointer on average was moved out in every row.</summary>
    private static double? ValuesPerRow(IReadOnlyList<ColumnFacts> columns)
    {
        var candidates = columns.Where(column => column is { IsDropped: false, Length: -1, IsPackable: true, Width: >= OutOfLineWidth - 0.5 }).ToList();
        return candidates.Count > 0 && candidates.TrueForAll(column => column.Width <= OutOfLineWidth + 0.5)
            ? candidates.Sum(column => 1 - (column.NullShare ?? 0))
            : null;
    }
}
