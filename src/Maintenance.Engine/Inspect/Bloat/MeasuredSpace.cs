namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>What a relation would take if it were newly written, from what was measured in its pages. Pure.</summary>
internal static class MeasuredSpace
{
    private const double AveragePadding = (PageLayout.MaximumAlignment - 1) / 2.0;

    /// <summary>Without statistics nobody knows how many keys are equal.</summary>
    private const double UnknownSharing = 0.25;

    /// <summary>Without statistics nobody knows how much of a row is that of dropped columns: half of it may be.</summary>
    private const double UnknownDropped = 0.5;

    /// <summary>A row without columns, and its pointer.</summary>
    private const double SmallestSlot = 24 + PageLayout.ItemPointer;

    /// <summary>
    /// The rows and their bytes are known; how they pack on pages follows from their average, and from whether they vary in length,
    /// which the estimate knows.
    /// </summary>
    public static SpaceEstimate Of(TableMeasurement measured, RelationFacts table, SpaceEstimate estimate, PageLayout page)
    {
        var (rows, slot, uncertain) = measured switch
        {
            { Rows: <= 0 } => (0, 0, 0),
            { RowBytes: { } bytes } => Counted(measured.Rows, bytes, estimate),
            _ => FromBytes(measured, Used(measured, page), table, estimate, page),
        };
        var fillFactor = table.FillFactor(PageLayout.HeapFillFactor);
        var pages = Math.Ceiling(
            slot <= 0 ? 0
            : table.Kind == DbRelationKind.Toast ? rows / ChunksOnPage(slot, estimate, page)
            : rows / TableEstimator.Pack(page, fillFactor, slot - PageLayout.ItemPointer, estimate.IsConstant).RowsPerPage);
        return new SpaceEstimate
        {
            Needed = page.Bytes(pages),
            Tuples = rows,
            Slot = slot,
            Reserved = (long)(pages * page.Reserve(fillFactor)),
            RelativeError = (measured.RowBytes is null ? 0.03 : 0.015) + uncertain,
        };
    }

    private static (double Rows, double Slot, double Uncertain) Counted(double rows, double bytes, SpaceEstimate estimate)
    {
        var length = bytes / rows;
        var slot = PageLayout.ItemPointer + (estimate.IsConstant ? PageLayout.AlignUp((int)Math.Round(length)) : length + AveragePadding);
        if (!estimate.HasDroppedColumns)
        {
            return (rows, slot, 0);
        }

        // Rows keep the bytes of dropped columns until they are written anew, and the measurement counts them. What they will take then
        // only the statistics know. Rows that are as short as that, within its error, were written since.
        return estimate.Slot <= 0 ? (rows, slot, UnknownDropped)
            : slot <= estimate.Slot * (1 + estimate.RelativeError) ? (rows, slot, 0)
            : (rows, estimate.Slot, estimate.RelativeError);
    }

    // What is neither free nor dead nor a page header. A dead row takes its pointer too, and ends on an alignment.
    private static double Used(TableMeasurement measured, PageLayout page) => Math.Max(
        0,
        measured.Size - measured.FreeBytes - measured.DeadBytes - (measured.DeadRows * (PageLayout.ItemPointer + AveragePadding)) - (measured.Size / page.BlockSize * PageLayout.PageHeader));

    // pgstattuple_approx knows the bytes, but guesses the rows: it takes skipped pages to be as full as they were on average. And the free
    // space map does not tell rows from the pointers that removed rows have left behind, as many as fit a page. Within these bounds the
    // statistics know better.
    private static (double Rows, double Slot, double Uncertain) FromBytes(TableMeasurement measured, double used, RelationFacts table, SpaceEstimate estimate, PageLayout page)
    {
        if (table.Kind == DbRelationKind.Toast)
        {
            var chunks = Math.Clamp(estimate.Tuples ?? measured.Rows, used / FullChunk(page), Math.Max(used / FullChunk(page), used / SmallestSlot));
            return (chunks, chunks > 0 ? used / chunks : 0, 0);
        }

        if (estimate.Slot <= 0)
        {
            return (measured.Rows, used / measured.Rows, estimate.HasDroppedColumns ? UnknownDropped : 0.1);
        }

        if (estimate.HasDroppedColumns)
        {
            // The bytes include those of dropped columns, so they bound the rows from above alone.
            return (Math.Min(estimate.Tuples ?? measured.Rows, used / estimate.Slot), estimate.Slot, estimate.RelativeError);
        }

        var pointers = measured.Size / page.BlockSize * (page.HeapRoom / estimate.Slot);
        var most = used / estimate.Slot;
        var least = Math.Clamp((used - (PageLayout.ItemPointer * pointers)) / (estimate.Slot - PageLayout.ItemPointer), 0, most);
        return (Math.Clamp(estimate.Tuples ?? most, least, most), estimate.Slot, 0);
    }

    private static double FullChunk(PageLayout page) => PageLayout.AlignUp(PageLayout.ChunkOverhead + page.ChunkSize) + PageLayout.ItemPointer;

    // Chunks are full but for the last one of each value; what that takes follows from the average.
    private static double ChunksOnPage(double slot, SpaceEstimate estimate, PageLayout page)
    {
        var full = FullChunk(page);
        var count = estimate.ChunksPerValue ?? (slot < full / 2.0 ? 1 : 3);
        return ToastEstimator.ChunksOnPage(count, Math.Clamp((slot * count) - ((count - 1) * full), PageLayout.ChunkOverhead + PageLayout.ItemPointer, full), page);
    }

    /// <summary>
    /// What lies on the leaf pages, newly packed. Dead rows have entries until VACUUM removes them: they are taken off by their share.
    /// </summary>
    public static SpaceEstimate Of(IndexMeasurement measured, RelationFacts index, SpaceEstimate estimate, double deadShare, PageLayout page)
    {
        var fillFactor = index.FillFactor(PageLayout.BtreeFillFactor);
        var live = measured.LeafPages * (double.IsFinite(measured.LeafDensity) ? measured.LeafDensity : 0) / 100 * (1 - deadShare);
        // Built anew, a leaf is filled to the fillfactor and up to one entry beyond it.
        var fresh = Math.Min(1, (fillFactor / 100.0) + (estimate.Slot > 0 && estimate.Slot < page.BlockSize / 3.0 ? estimate.Slot / page.BlockSize / 2 : 0));
        var leaves = live <= 0 ? 0 : Math.Max(1, Math.Min(measured.LeafPages, live / fresh));
        var inner = measured.LeafPages > 0 ? measured.InnerPages * leaves / measured.LeafPages : 0;
        var packed = leaves + Math.Ceiling(inner) + 1;
        var (pages, uncertain) = Merged(packed, index, estimate, page);
        return new SpaceEstimate
        {
            Needed = page.Bytes(pages),
            Tuples = estimate.Tuples,
            Slot = estimate.Slot,
            Reserved = (long)(pages * page.Reserve(fillFactor)),
            // The server may have removed some of them while it searched.
            RelativeError = 0.03 + (0.3 * deadShare) + uncertain,
        };
    }

    /// <summary>
    /// The density tells how full the pages are, not how well equal keys share entries there: what was updated and vacuumed lies in entries
    /// of its own or in short lists, and building anew merges them. So of such an index the density is the most that it needs, and the truth
    /// lies between that and the estimate.
    /// </summary>
    private static (double Pages, double Uncertain) Merged(double packed, RelationFacts index, SpaceEstimate estimate, PageLayout page)
    {
        if (!IndexEstimator.CanShare(index))
        {
            return (packed, 0);
        }

        if (estimate.Needed is not { } needed)
        {
            return (packed, UnknownSharing);
        }

        var estimated = (double)needed / page.BlockSize;
        var gap = packed - estimated;
        if (gap <= 0)
        {
            return (packed, 0);
        }

        var pages = Math.Min(packed - (gap / 2), estimated * (1 + estimate.RelativeError));
        return (pages, Math.Min(gap, pages - (estimated * (1 - estimate.RelativeError))) / pages);
    }
}
