namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>Entries of an index that look alike.</summary>
/// <param name="Key">Bytes of a key with its header.</param>
/// <param name="RowsPerKey">Rows that share each.</param>
/// <param name="Keys">How many there are.</param>
internal readonly record struct EntryGroup(double Key, double RowsPerKey, double Keys)
{
    /// <summary>Bytes that a plain entry takes with its pointer.</summary>
    public double Slot => Key + PageLayout.ItemPointer;

    /// <summary>
    /// Splits entries into keys of one row and keys of several. Rows fall upon keys by chance (Poisson), so that among few rows per key
    /// many keys have one row and need no posting list.
    /// </summary>
    public static List<EntryGroup> Of(double key, double entries, double distinct)
    {
        var perKey = entries / distinct;
        if (perKey <= 1.001)
        {
            return [new EntryGroup(key, 1, entries)];
        }

        var alone = perKey > 50 ? 0 : ShareAlone(perKey);
        var shared = new EntryGroup(key, (perKey - alone) / (1 - alone), distinct * (1 - alone));
        return alone * distinct < 1 ? [shared] : [new EntryGroup(key, 1, distinct * alone), shared];
    }

    /// <summary>Bytes that the group takes on leaf pages.</summary>
    public double Bytes(PageLayout page)
    {
        if (RowsPerKey <= 1)
        {
            return Keys * Slot;
        }

        // Long lists are cut into pieces of the largest size; what is left ends on an alignment, three bytes on average.
        var most = MostRows(page);
        var whole = Math.Floor(RowsPerKey / most);
        var rest = RowsPerKey - (whole * most);
        return Keys * ((whole * (PageLayout.AlignUp((int)(AlignedKey + (most * PageLayout.RowPointer))) + PageLayout.ItemPointer))
            + (rest > 0 ? AlignedKey + (rest * PageLayout.RowPointer) + 3 + PageLayout.ItemPointer : 0));
    }

    /// <summary>Index tuples that the group is stored as.</summary>
    public double Items(PageLayout page) => RowsPerKey <= 1 ? Keys : Keys * Math.Ceiling(RowsPerKey / MostRows(page));

    private double AlignedKey => PageLayout.AlignUp((int)Math.Ceiling(Key - 1e-9));

    private double MostRows(PageLayout page) =>
        Math.Max(1, Math.Floor(((page.LargestPostingList / PageLayout.MaximumAlignment * PageLayout.MaximumAlignment) - AlignedKey) / PageLayout.RowPointer));

    // Solves mean = rate / (1 - exp(-rate)), the mean of a Poisson distribution without its zeros, and takes its share of ones.
    private static double ShareAlone(double mean)
    {
        var (low, high) = (1e-9, mean);
        for (var step = 0; step < 60; step++)
        {
            var middle = (low + high) / 2;
            if (middle / (1 - Math.Exp(-middle)) < mean)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return low * Math.Exp(-low) / (1 - Math.Exp(-low));
    }
}
