namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>What a relation would take if it were newly written, from what was measured in its pages. Pure.</summary>
internal static class MeasuredSpace
{
    private const double AveragePadding = (PageLayout.MaximumAlignment - 1) / 2.0;

    /// <summary>A row without columns, and its pointer.</summary>
    private const double SmallestSlot = 24 + PageLayout.ItemPointer;

    /// <summary>
    /// The rows and their bytes are known; how they pack on pages follows from their average, and from whether they vary in length,
    /// which the estimate knows.
    /// </summary>
    public static SpaceEstimate Of(TableMeasurement measured, RelationFacts table, SpaceEstimate estimate, PageLayout page)
    {
        var (slot, uncertain) = measured.Rows <= 0 ? (0, 0) : Slot(measured, estimate, page);
        var fillFactor = table.FillFactor(PageLayout.HeapFillFactor);
        var pages = Math.Ceiling(
            slot <= 0 ? 0
            : table.Kind == DbRelationKind.Toast ? measured.Rows / ChunksOnPage(slot, estimate, page)
            : measured.Rows / TableEstimator.Pack(page, fillFactor, slot - PageLayout.ItemPointer, estimate.IsConstant).RowsPerPage);
        return new SpaceEstimate
        {
            Needed = page.Bytes(pages),
            Tuples = measured.Rows,
            Slot = slot,
            Reserved = (long)(pages * page.Reserve(fillFactor)),
            RelativeError = (measured.RowBytes is null ? 0.03 : 0.015) + uncertain,
        };
    }

    // What a row takes. The free space map does not tell the bytes of rows from the pointers that removed rows have left behind, which
    // may be as many as fit a page: within these bounds the estimate knows better.
    private static (double Slot, double Uncertain) Slot(TableMeasurement measured, SpaceEstimate estimate, PageLayout page)
    {
        if (measured.RowBytes is { } bytes)
        {
            var length = bytes / measured.Rows;
            return (PageLayout.ItemPointer + (estimate.IsConstant ? PageLayout.AlignUp((int)Math.Round(length)) : length + AveragePadding), 0);
        }

        // A dead row takes its pointer too, and ends on an alignment.
        var dead = measured.DeadBytes + (measured.DeadRows * (PageLayout.ItemPointer + AveragePadding));
        var pages = measured.Size / page.BlockSize;
        var most = Math.Max(1, measured.Size - measured.FreeBytes - dead - (pages * PageLayout.PageHeader)) / measured.Rows;
        var left = Math.Max(0, (pages * page.HeapRoom / Math.Max(most, SmallestSlot)) - measured.Rows);
        var least = Math.Min(most, Math.Max(SmallestSlot, most - (PageLayout.ItemPointer * left / measured.Rows)));
        return estimate.Slot > 0 ? (Math.Clamp(estimate.Slot, least, most), 0) : (most, (most - least) / most);
    }

    // Chunks are full but for the last one of each value; what that takes follows from the average.
    private static double ChunksOnPage(double slot, SpaceEstimate estimate, PageLayout page)
    {
        var full = PageLayout.AlignUp(PageLayout.ChunkOverhead + page.ChunkSize) + PageLayout.ItemPointer;
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
        var pages = leaves + Math.Ceiling(inner) + 1;
        return new SpaceEstimate
        {
            Needed = page.Bytes(pages),
            Tuples = estimate.Tuples,
            Slot = estimate.Slot,
            Reserved = (long)(pages * page.Reserve(fillFactor)),
            // The server may have removed some of them while it searched.
            RelativeError = 0.03 + (0.3 * deadShare),
        };
    }
}
