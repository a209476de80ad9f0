namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>
/// The expected length of a row's data when its columns are laid out one behind the other, each on its alignment. Where the next
/// column begins depends on what came before: nulls take no room and text any length. So it follows, for each of the eight places
/// within an aligned word, how likely the next column is to begin there. Pure.
/// </summary>
internal sealed class TupleWidth
{
    private const int Places = PageLayout.MaximumAlignment;

    /// <summary>Text of up to so many bytes is taken for a code of constant length.</summary>
    private const double ShortestVarying = 3.5;

    /// <summary>The longest value that gets a header of one byte: it is not aligned.</summary>
    private const double LongestPacked = 127;

    private double[] _places = [1, 0, 0, 0, 0, 0, 0, 0];
    private double _length;

    private TupleWidth()
    {
    }

    /// <summary>The expected length, header and final padding included.</summary>
    public double Length { get; private set; }

    /// <summary>True if every row has this length.</summary>
    public bool IsConstant { get; private set; } = true;

    /// <summary>Lays out a row.</summary>
    /// <param name="header">Bytes before the data; aligned.</param>
    /// <param name="columns">The columns. All must have statistics.</param>
    /// <param name="nulls">The share of nulls to reckon with, by column.</param>
    public static TupleWidth Of(int header, IEnumerable<ColumnFacts> columns, Func<ColumnFacts, double> nulls)
    {
        var row = new TupleWidth();
        foreach (var column in columns)
        {
            row.Add(column, nulls(column));
        }

        row.Length = header + row._length + row._places.Select((likely, place) => likely * ((Places - place) % Places)).Sum();
        return row;
    }

    private void Add(ColumnFacts column, double nulls)
    {
        if (nulls >= 1)
        {
            return;
        }

        var width = column.Length > 0 ? column.Length : column.Width ?? 0;
        var alignment = column.Length == -1 && column.IsPackable && width <= LongestPacked ? 1 : column.Alignment;
        var varies = column.Length <= 0 && !column.IsPadded && width > ShortestVarying;
        var spread = Math.Clamp((int)Math.Round(width / 4), 1, Places);
        var next = _places.Select(likely => likely * nulls).ToArray();
        for (var place = 0; place < Places; place++)
        {
            var likely = _places[place] * (1 - nulls);
            if (likely == 0)
            {
                continue;
            }

            var padding = (alignment - (place % alignment)) % alignment;
            _length += likely * (padding + width);
            if (varies)
            {
                // Lengths up to a quarter beside the average are taken to be equally likely: of longer text, any place.
                var end = place + padding + (int)Math.Round(width);
                for (var step = -spread; step <= spread; step++)
                {
                    next[(end + step + (Places * Places)) % Places] += likely / ((2 * spread) + 1);
                }
            }
            else
            {
                next[(place + padding + (int)Math.Round(width)) % Places] += likely;
            }
        }

        _places = next;
        IsConstant &= !varies && nulls <= 0;
    }
}
