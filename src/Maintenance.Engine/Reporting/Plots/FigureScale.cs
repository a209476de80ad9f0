using System.Globalization;

namespace Maintenance.Engine.Reporting.Plots;

/// <summary>How figures of a unit are written: in the multiple of it that people would take. One scale for an axis, so that its figures can be compared at a glance.</summary>
internal sealed class FigureScale
{
    // From here on zeros would be counted instead of read.
    private const double Unreadable = 1e6;

    private static readonly (double Size, string Name)[] Bytes =
        [(1, "B"), (1024, "kB"), (Math.Pow(1024, 2), "MB"), (Math.Pow(1024, 3), "GB"), (Math.Pow(1024, 4), "TB"), (Math.Pow(1024, 5), "PB"), (Math.Pow(1024, 6), "EB")];

    private static readonly (double Size, string Name)[] Milliseconds = [(0.001, "µs"), (1, "ms"), (1e3, "s"), (6e4, "min"), (3.6e6, "h"), (8.64e7, "d")];
    private static readonly (double Size, string Name)[] Seconds = [(0.001, "ms"), (1, "s"), (60, "min"), (3600, "h"), (86400, "d")];
    private static readonly (double Size, string Name)[] Percent = [(1, "%")];
    private static readonly (double Size, string Name)[] Counts = [(1, ""), (1e6, "million"), (1e9, "billion")];
    private static readonly (double Size, string Name)[] Rates = [(1 / 86400d, "/day"), (1 / 3600d, "/h"), (1 / 60d, "/min"), (1, "/s"), (1e6, "million/s"), (1e9, "billion/s")];

    private FigureScale(double size, string name) => (Size, Name) = (size, name);

    /// <summary>How much of the unit is one.</summary>
    public double Size { get; }

    /// <summary>What it is called; empty for plain numbers.</summary>
    public string Name { get; }

    /// <summary>The scale in which the largest of some figures is easiest to read.</summary>
    public static FigureScale For(MetricUnit unit, double largest)
    {
        var steps = unit switch
        {
            MetricUnit.Bytes => Bytes,
            MetricUnit.Milliseconds => Milliseconds,
            MetricUnit.Seconds => Seconds,
            MetricUnit.Percent => Percent,
            MetricUnit.PerSecond => Rates,
            _ => Counts,
        };
        var size = Math.Abs(largest);
        // Nothing at all is nothing of the unit itself, not of its smallest part; what no multiple makes readable is told in the unit too.
        var best = size == 0 || size >= steps[^1].Size * Unreadable ? steps.First(step => step.Size == 1) : steps.LastOrDefault(step => size >= step.Size * 0.9995, steps[0]);
        return new FigureScale(best.Size, best.Name);
    }

    /// <summary>One scale for figures that are compared with each other: that of the largest, or of the smallest where it would be read badly in that.</summary>
    public static FigureScale For(MetricUnit unit, IEnumerable<double?> figures)
    {
        var sizes = figures.OfType<double>().Where(double.IsFinite).Select(Math.Abs).Where(size => size > 0).DefaultIfEmpty().ToList();
        var (large, small) = (For(unit, sizes.Max()), For(unit, sizes.Min()));
        return sizes.Min() >= large.Size / 10 || sizes.Max() >= small.Size * Unreadable ? large : small;
    }

    /// <summary>One figure by itself.</summary>
    public static string Text(MetricUnit unit, double value) => For(unit, value).Write(value);

    /// <summary>One figure by itself, or that there is none.</summary>
    public static string Text(MetricUnit unit, double? value) => value is { } known && double.IsFinite(known) ? Text(unit, known) : "unknown";

    /// <summary>A figure in this scale, with about three digits that count.</summary>
    public string Write(double value)
    {
        var scaled = value / Size;
        var size = Math.Abs(scaled);
        return With(size switch
        {
            0 => "0",
            < 0.0005 when Name.Length > 0 && scaled > 0 => "<0.001",
            >= Unreadable or < 0.0005 => scaled.ToString("0.##e+0", CultureInfo.InvariantCulture),
            >= 100 => scaled.ToString("#,0", CultureInfo.InvariantCulture),
            >= 10 => scaled.ToString("0.#", CultureInfo.InvariantCulture),
            >= 1 => scaled.ToString("0.##", CultureInfo.InvariantCulture),
            _ => scaled.ToString("0.###", CultureInfo.InvariantCulture),
        });
    }

    /// <summary>A figure at a tick of an axis: as many decimals as its step has.</summary>
    public string Tick(double value, double step)
    {
        var (scaled, width) = (value / Size, step / Size);
        if (Math.Abs(scaled) >= Unreadable || width < 1e-6)
        {
            return With(scaled == 0 ? "0" : scaled.ToString("0.####e+0", CultureInfo.InvariantCulture));
        }

        var decimals = 0;
        for (; decimals < 8 && Math.Abs(width - Math.Round(width, decimals)) > width * 1e-6; decimals++)
        {
        }

        return With(Math.Round(scaled, decimals).ToString(decimals == 0 ? "#,0" : "0." + new string('0', decimals), CultureInfo.InvariantCulture));
    }

    private string With(string number) => Name.Length == 0 ? number : Name.StartsWith('/') ? number + Name : $"{number} {Name}";
}
