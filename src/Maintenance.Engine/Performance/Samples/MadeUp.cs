namespace Maintenance.Engine.Performance.Samples;

/// <summary>
/// The mark of figures that nobody measured: the past of a sandbox. A sample carries it in its payload, so that whatever is read, put together or
/// computed from it carries it too.
/// </summary>
internal static class MadeUp
{
    /// <summary>Name of the mark in a payload: no figure is called so.</summary>
    public const string Mark = "$madeUp";

    /// <summary>Said of a baseline, or of whatever else is made of such figures alone.</summary>
    public const string Note = "Sample data: the sandbox made it up, nobody measured it.";

    /// <summary>Said beside what is made of figures; null where all were measured.</summary>
    /// <param name="series">The figures.</param>
    public static string? Say(IEnumerable<IReadOnlyList<SeriesPoint>> series) => Say(series.SelectMany(points => points).Select(point => point.IsMadeUp));

    /// <summary>Said beside what is made of figures; null where all were measured.</summary>
    /// <param name="figures">Whether each of them is made up.</param>
    public static string? Say(IEnumerable<bool> figures)
    {
        var (madeUp, measured) = (false, false);
        foreach (var isMadeUp in figures)
        {
            (madeUp, measured) = (madeUp || isMadeUp, measured || !isMadeUp);
            if (madeUp && measured)
            {
                break;
            }
        }

        return !madeUp ? null : measured ? "Part of this is sample data: the sandbox made it up, nobody measured it." : Note;
    }
}
