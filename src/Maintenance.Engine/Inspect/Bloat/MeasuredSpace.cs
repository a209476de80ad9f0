namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>What a relation would take if it were newly written, from what was measured in its pages. Pure.</summary>
internal static class MeasuredSpace
{
    /// <summary>
    /// The bytes that rows take are known; how they pack on pages follows from their average, and from whether they vary in length,
    /// which the estimate knows.
    /// </summary>
    public static SpaceEstimate Of(TableMeasurement measured, RelationFacts table, SpaceEstimate estimate, PageLayout page, bool isExact)
    {
        // A dead row takes its pointer too, and ends on an alignment.
        var dead = measured.DeadBytes + (measured.DeadRows * (PageLayout.ItemPointer + ((PageLayout.MaximumAlignment - 1) / 2.0)));
        var headers = measured.Size / page.BlockSize * PageLayout.PageHeader;
        var used = Math.Max(0, measured.Size - measured.FreeBytes - dead - headers);
        var fillFactor = table.FillFactor(PageLayout.HeapFillFactor);
        var slot = measured.Rows > 0 ? used / measured.Rows : 0;
        var pages = Math.Ceiling(
            slot <= 0 ? 0
            : table.Kind == DbRelationKind.Toast ? used / ToastEstimator.FullPage(page)
            : measured.Rows / TableEstimator.Pack(page, fillFactor, slot - PageLayout.ItemPointer, estimate.IsConstant).RowsPerPage);
        return new SpaceEstimate
        {
            Needed = page.Bytes(pages),
            Tuples = measured.Rows,
            Slot = slot,
            Reserved = (long)(pages * page.Reserve(fillFactor)),
            // The free space map rounds down to a 256th of a page.
            RelativeError = isExact ? 0.01 : 0.03,
        };
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
