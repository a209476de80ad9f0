namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>Pages of a newly built b-tree: nbtsort.c fills leaves to the fillfactor and inner pages to 70 %. Pure.</summary>
internal sealed record BtreeSize(PageLayout Page, int FillFactor)
{
    /// <summary>All pages, the metapage included.</summary>
    /// <param name="groups">The entries.</param>
    /// <param name="pivot">Bytes of an entry on an inner page.</param>
    public double Pages(IReadOnlyList<EntryGroup> groups, double pivot)
    {
        var bytes = groups.Sum(group => group.Bytes(Page));
        var items = groups.Sum(group => group.Items(Page));
        var level = Math.Max(1, Math.Ceiling(items / ItemsPerPage(bytes / items, FillFactor)));
        var pages = level;
        var fanOut = Math.Max(2, ItemsPerPage(pivot + PageLayout.ItemPointer, PageLayout.BtreeInnerFillFactor));
        while (level > 1)
        {
            level = Math.Ceiling(level / fanOut);
            pages += level;
        }

        return pages + 1;
    }

    // A page takes entries until less than the reserve is free; the last one moves on, and its key stays as the high key.
    private double ItemsPerPage(double slot, int fillFactor) => Math.Max(1, Math.Floor(((Page.BtreeRoom - Page.Reserve(fillFactor)) / slot) + 1e-9));
}
