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

    private const double ChunksPerPage = PageLayout.ChunksPerPage;

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
        var chunksPerValue = chunks / values;
        var (least, point, most) = chunksPerValue is { } count ? Density(count, page) : (ChunksPerPage, ChunksPerPage, 1.6 * ChunksPerPage);
        return new SpaceEstimate
        {
            Needed = page.Bytes(Math.Max(1, chunks / point)),
            Tuples = chunks,
            Slot = page.HeapRoom / point,
            ChunksPerValue = chunksPerValue,
            RelativeError = 0.02 + Math.Max((point / least) - 1, 1 - (point / most)),
        };
    }

    /// <summary>How many chunks come to lie on a page when values are written one after the other.</summary>
    /// <param name="chunksPerValue">Chunks of a value, on average.</param>
    /// <param name="last">Bytes that the last chunk of each takes with its pointer.</param>
    /// <param name="page">The page.</param>
    public static double ChunksOnPage(double chunksPerValue, double last, PageLayout page)
    {
        const int Values = 240;
        var full = PageLayout.AlignUp(PageLayout.ChunkOverhead + page.ChunkSize) + PageLayout.ItemPointer;
        var (pages, left, chunks, due) = (0, 0.0, 0, 0.0);
        for (var value = 0; value < Values; value++)
        {
            due += chunksPerValue;
            var count = Math.Max(1, (int)Math.Round(due) - chunks);
            for (var chunk = 1; chunk <= count; chunk++)
            {
                var slot = chunk < count ? full : last;
                if (slot > left)
                {
                    (pages, left) = (pages + 1, page.HeapRoom);
                }

                left -= slot;
            }

            chunks += count;
        }

        return chunks / (double)pages;
    }

    // The last chunk of a value may be full or nearly empty. A value of a single chunk was moved out because it is large.
    private static (double Least, double Point, double Most) Density(double chunksPerValue, PageLayout page)
    {
        var smallest = chunksPerValue < 1.5 ? page.ChunkSize / 3 : 1;
        var densities = Enumerable.Range(0, 8)
            .Select(step => ChunksOnPage(chunksPerValue, PageLayout.ChunkOverhead + PageLayout.ItemPointer + smallest + ((page.ChunkSize - smallest) * (step + 0.5) / 8), page))
            .ToList();
        return (densities.Min(), densities.Average(), densities.Max());
    }

    /// <summary>Values moved out per row, if the widths tell: a column as wide as a pointer on average was moved out in every row.</summary>
    private static double? ValuesPerRow(IReadOnlyList<ColumnFacts> columns)
    {
        var candidates = columns.Where(column => column is { IsDropped: false, Length: -1, IsPackable: true, Width: >= OutOfLineWidth - 0.5 }).ToList();
        return candidates.Count > 0 && candidates.TrueForAll(column => column.Width <= OutOfLineWidth + 0.5)
            ? candidates.Sum(column => 1 - (column.NullShare ?? 0))
            : null;
    }
}
