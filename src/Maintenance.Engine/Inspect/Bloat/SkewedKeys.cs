namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>
/// The keys of an index on one column, some of which are far more common than the others. Taken all together, a single frequent key would
/// lend its short width to the others, and hide from the estimate how many of those there are. Pure.
/// </summary>
/// <param name="Share">The common keys' share of the entries that are not null.</param>
/// <param name="Count">How many common keys there are.</param>
/// <param name="CommonWidth">Average bytes of one.</param>
/// <param name="RestWidth">Average bytes of the others.</param>
/// <param name="RestDistinct">How many others there are.</param>
internal sealed record SkewedKeys(double Share, double Count, double CommonWidth, double RestWidth, double RestDistinct)
{
    /// <summary>The longest key that a b-tree takes is a third of a page.</summary>
    private const double Widest = 2704;

    /// <summary>ANALYZE cuts the average width off after the point: half a byte, on average.</summary>
    public const double Truncated = 0.5;

    /// <summary>Tells the common keys from the rest.</summary>
    /// <param name="column">The column; it has <see cref="ColumnFacts.Common"/>.</param>
    /// <param name="filled">Entries that are not null.</param>
    /// <param name="distinct">Distinct keys, by the statistics.</param>
    /// <param name="commonWidth">Bytes of a common key to reckon with.</param>
    public static SkewedKeys Of(ColumnFacts column, double filled, double distinct, double commonWidth)
    {
        var common = column.Common!;
        var share = Math.Clamp(common.Share / Math.Max(1e-9, 1 - column.NullShare!.Value), 0, 1);
        var rest = 1 - share;
        var width = column.Length > 0 ? column.Length
            : rest <= 0 ? column.Width!.Value
            : Math.Clamp((column.Width!.Value + Truncated - (share * commonWidth)) / rest, 1, Widest);
        return new SkewedKeys(share, common.Count, column.Length > 0 ? column.Length : commonWidth, width, Rest(common, filled, distinct, column.NullShare.Value, rest));
    }

    /// <summary>
    /// ANALYZE reckons the number of distinct values from how many its sample saw once (the estimator of Haas and Stokes). With one frequent
    /// key in the sample that comes out far too low. So it is turned around: for how many other keys, equally common among themselves,
    /// would it have come to this number?
    /// </summary>
    private static double Rest(CommonKeys common, double filled, double distinct, double nulls, double rest)
    {
        var entries = filled * rest;
        if (entries <= 1)
        {
            return Math.Max(0, entries);
        }

        var seen = Math.Min(filled, common.Sample * (1 - nulls));
        if (seen >= filled)
        {
            return Math.Clamp(distinct - common.Count, 1, entries);
        }

        var chance = seen / filled;
        double Reckoned(double rowsPerKey)
        {
            var keys = entries / rowsPerKey;
            var once = keys * rowsPerKey * chance * Math.Pow(1 - chance, rowsPerKey - 1);
            var found = common.Count + (keys * (1 - Math.Pow(1 - chance, rowsPerKey)));
            return seen * found / (seen - once + (once * chance));
        }

        // The more rows share a key, the fewer keys are reckoned.
        var (low, high) = (1.0, entries);
        for (var step = 0; step < 60; step++)
        {
            var middle = Math.Sqrt(low * high);
            (low, high) = Reckoned(middle) > distinct ? (middle, high) : (low, middle);
        }

        return entries / low;
    }
}
