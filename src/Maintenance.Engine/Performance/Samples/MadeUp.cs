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
    public static string? Say(IEnumerable<IReadOnlyList<SeriesPoint>> series)
    {
        var (madeUp, measured) = (false, false);
        foreach (var point in series.SelectMany(points => points))
        {
            (madeUp, measured) = (madeUp || point.IsMadeUp, measured || !point.IsMadeUp);
            if (madeUp && measured)
            {
                break;
            }
        }

        return !madeUp ? null : measured ? "Part of this is sample data: the sandbox made it up, nobody measured it." : Note;
    }
}
