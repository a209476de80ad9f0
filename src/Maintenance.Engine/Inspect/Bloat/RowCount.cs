namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>How many live rows a table has. Pure.</summary>
internal static class RowCount
{
    /// <summary>
    /// Counted by the statistics system, if vacuum or analyze has told it a number to begin with (it forgets in a crash); else the
    /// catalogue's number, scaled to the pages there are now, as the planner does; else null.
    /// </summary>
    public static double? Of(RelationFacts table, int blockSize) =>
        table.Counters is { IsAnchored: true } counters ? counters.Live : FromCatalogue(table, blockSize);

    /// <summary>The catalogue's number, scaled.</summary>
    public static double? FromCatalogue(RelationFacts table, int blockSize) =>
        table.CatalogueTuples >= 0 && table.CataloguePages > 0 && table.SizeBytes is { } size
            ? table.CatalogueTuples / table.CataloguePages * (size / blockSize)
            : null;

    /// <summary>
    /// The same for a TOAST table, which is never analyzed: before its first vacuum the counters are taken if the rows that they saw
    /// inserted account for the size, so that they must have been there from the beginning.
    /// </summary>
    public static double? OfToast(RelationFacts toast, PageLayout page) =>
        Of(toast, page.BlockSize)
        ?? (toast.Counters is { } counters && counters.Inserted / (double)PageLayout.ChunksPerPage * page.BlockSize >= 0.9 * toast.SizeBytes ? counters.Live : null);
}
