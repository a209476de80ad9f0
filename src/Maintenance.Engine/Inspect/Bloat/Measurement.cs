namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>What pgstattuple or pgstattuple_approx found in a table.</summary>
/// <param name="Size">Bytes of the file.</param>
/// <param name="Rows">Live rows.</param>
/// <param name="DeadRows">Dead rows.</param>
/// <param name="DeadBytes">Bytes of the dead rows, without alignment.</param>
/// <param name="FreeBytes">Free bytes inside the pages.</param>
/// <param name="RowBytes">Bytes of the live rows, without alignment; null if not every page was read.</param>
/// <param name="LastUsedPage">The number of pages up to the last one with a row; null if unknown.</param>
internal sealed record TableMeasurement(long Size, double Rows, double DeadRows, double DeadBytes, double FreeBytes, double? RowBytes = null, long? LastUsedPage = null);

/// <summary>What pgstatindex found in a b-tree.</summary>
/// <param name="Size">Bytes of the file.</param>
/// <param name="InnerPages">Inner pages.</param>
/// <param name="LeafPages">Leaf pages with entries.</param>
/// <param name="EmptyPages">Pages without entries that are still in the tree.</param>
/// <param name="DeletedPages">Pages taken out of the tree, waiting to be used again.</param>
/// <param name="LeafDensity">How full the leaf pages are, in percent; it says nothing of the empty and deleted ones.</param>
internal sealed record IndexMeasurement(long Size, long InnerPages, long LeafPages, long EmptyPages, long DeletedPages, double LeafDensity);
