namespace Maintenance.Engine.Performance.Statistics;

/// <summary>
/// Probabilities of several tests, corrected so that the chance of even one false alarm among all stays below the level (Holm 1979). It holds
/// whether or not the tests depend on each other, as those of one system do.
/// </summary>
internal static class HolmCorrection
{
    /// <summary>The corrected probabilities, in the order of the given ones.</summary>
    public static IReadOnlyList<double> Adjust(IReadOnlyList<double> probabilities)
    {
        var adjusted = new double[probabilities.Count];
        var highest = 0.0;
        foreach (var (index, rank) in probabilities.Select((p, index) => (p, index)).OrderBy(pair => pair.p).Select((pair, rank) => (pair.index, rank)))
        {
            highest = Math.Max(highest, Math.Min(1, probabilities[index] * (probabilities.Count - rank)));
            adjusted[index] = highest;
        }

        return adjusted;
    }
}
