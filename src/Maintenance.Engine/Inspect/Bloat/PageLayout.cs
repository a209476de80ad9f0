namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>
/// What lies on a page besides rows: "Database Page Layout" in PostgreSQL's documentation; bufpage.h, htup_details.h, itup.h, nbtree.h
/// and heaptoast.h in its source.
/// </summary>
/// <param name="BlockSize">Bytes of a page.</param>
internal readonly record struct PageLayout(int BlockSize)
{
    /// <summary>SizeOfPageHeaderData.</summary>
    public const int PageHeader = 24;

    /// <summary>sizeof(ItemIdData): each row has a pointer to it.</summary>
    public const int ItemPointer = 4;

    /// <summary>MAXIMUM_ALIGNOF on every 64-bit system.</summary>
    public const int MaximumAlignment = 8;

    /// <summary>SizeofHeapTupleHeader: what comes before the null bitmap.</summary>
    public const int HeapTupleHeader = 23;

    /// <summary>sizeof(IndexTupleData).</summary>
    public const int IndexTupleHeader = 8;

    /// <summary>The same with its null bitmap of 32 bits, aligned.</summary>
    public const int IndexTupleHeaderWithNulls = 16;

    /// <summary>sizeof(ItemPointerData): where a row is. A posting list has one for each row.</summary>
    public const int RowPointer = 6;

    /// <summary>sizeof(BTPageOpaqueData), aligned.</summary>
    public const int BtreeSpecial = 16;

    /// <summary>BTREE_NONLEAF_FILLFACTOR.</summary>
    public const int BtreeInnerFillFactor = 70;

    /// <summary>BTREE_DEFAULT_FILLFACTOR.</summary>
    public const int BtreeFillFactor = 90;

    /// <summary>HEAP_DEFAULT_FILLFACTOR.</summary>
    public const int HeapFillFactor = 100;

    /// <summary>EXTERN_TUPLES_PER_PAGE: so many chunks of a large value fit on a page.</summary>
    public const int ChunksPerPage = 4;

    /// <summary>Room for rows and their pointers on a page of a table.</summary>
    public int HeapRoom => BlockSize - PageHeader;

    /// <summary>
    /// Room for entries on a page of a b-tree when it is built: the first pointer is reserved for the high key, and PageGetFreeSpace
    /// keeps one back for the next entry.
    /// </summary>
    public int BtreeRoom => BlockSize - PageHeader - BtreeSpecial - (2 * ItemPointer);

    /// <summary>The largest posting list that building an index makes: a tenth of a page.</summary>
    public int LargestPostingList => (BlockSize / 10 / MaximumAlignment * MaximumAlignment) - ItemPointer;

    /// <summary>TOAST_MAX_CHUNK_SIZE: 1996 bytes of a value in each chunk, for pages of 8 kB.</summary>
    public int ChunkSize => (((BlockSize - AlignUp(PageHeader + (ChunksPerPage * ItemPointer))) / ChunksPerPage / MaximumAlignment) * MaximumAlignment) - ChunkOverhead;

    /// <summary>Header of a chunk's row, its two numbers, and the header of its bytes.</summary>
    public const int ChunkOverhead = 24 + 4 + 4 + 4;

    public static int AlignUp(int length) => (length + MaximumAlignment - 1) / MaximumAlignment * MaximumAlignment;

    /// <summary>What the fillfactor keeps free on each page.</summary>
    public int Reserve(int fillFactor) => BlockSize * (100 - fillFactor) / 100;

    /// <summary>Whole pages, in bytes.</summary>
    public long Bytes(double pages) => (long)Math.Ceiling(pages - 1e-9) * BlockSize;
}
