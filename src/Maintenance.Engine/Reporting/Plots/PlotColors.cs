using OxyPlot;

namespace Maintenance.Engine.Reporting.Plots;

/// <summary>
/// The colours of pictures. The library draws with these numbers, which stand for names: the page says what each name looks like in light, in
/// dark and in print. A picture has no colour of its own.
/// </summary>
internal static class PlotColors
{
    /// <summary>How many lines are told from each other by colour and dashes; more than that nobody can.</summary>
    public const int Lines = 6;

    public static readonly OxyColor Ink = OxyColor.FromRgb(1, 2, 1);
    public static readonly OxyColor Soft = OxyColor.FromRgb(1, 2, 2);
    public static readonly OxyColor Grid = OxyColor.FromRgb(1, 2, 3);
    public static readonly OxyColor Limit = OxyColor.FromRgb(1, 2, 4);
    public static readonly OxyColor Span = OxyColor.FromRgb(1, 2, 5);

    private static readonly Dictionary<string, string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        [Key(Ink)] = "--ink", [Key(Soft)] = "--soft", [Key(Grid)] = "--grid", [Key(Limit)] = "--limit", [Key(Span)] = "--span",
    };

    static PlotColors()
    {
        for (var index = 0; index < Lines; index++)
        {
            Names[Key(Line(index))] = $"--plot{index + 1}";
            Names[Key(Band(index))] = $"--band{index % 2 + 1}";
        }
    }

    /// <summary>The colour of a line.</summary>
    public static OxyColor Line(int index) => OxyColor.FromRgb(1, 3, (byte)(1 + index % Lines));

    /// <summary>The colour of an area.</summary>
    public static OxyColor Band(int index) => OxyColor.FromRgb(1, 4, (byte)(1 + index % Lines));

    /// <summary>The dashes of a line, in its thickness: what it is can be told without its colour.</summary>
    public static double[]? Dashes(int index, bool isExpected) => isExpected ? [3, 3] : (index % Lines) switch
    {
        0 => null,
        1 => [6, 2],
        2 => [1, 2],
        3 => [6, 2, 1, 2],
        4 => [10, 3],
        _ => [3, 1, 1, 1],
    };

    /// <summary>The name of a colour as the library wrote it; null for one that is none of these.</summary>
    public static string? NameOf(string written) => Names.GetValueOrDefault(written);

    // As the library writes colours into SVG.
    private static string Key(OxyColor color) => $"rgb({color.R},{color.G},{color.B})";
}
