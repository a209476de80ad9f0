namespace Maintenance.Engine.Retention;

/// <summary>Rows that are to become parts: those of a range of times, perhaps only those on some pages of the table.</summary>
/// <param name="From">The first time.</param>
/// <param name="To">The end, which does not belong to it.</param>
/// <param name="FirstPage">The first page; null for all pages.</param>
/// <param name="EndPage">The page after the last.</param>
/// <param name="Tries">How often it was tried in vain.</param>
internal sealed record ArchiveRange(string From, string To, long? FirstPage = null, long? EndPage = null, int Tries = 0)
{
    /// <summary>So often somebody may change rows between their export and their deletion; then they are deleted first.</summary>
    public const int MostTries = 3;

    /// <summary>Whether its rows are deleted first, and exported from where the deletion put them, all in one transaction.</summary>
    public bool TakeFirst => Tries >= MostTries;

    public bool ByPages => FirstPage is not null;

    /// <summary>Both halves, where it can be divided by its pages.</summary>
    public (ArchiveRange First, ArchiveRange Second)? Halves()
    {
        if (FirstPage is not { } first || EndPage is not { } end || end - first < 2)
        {
            return null;
        }

        var middle = first + ((end - first) / 2);
        return (this with { EndPage = middle }, this with { FirstPage = middle });
    }
}
