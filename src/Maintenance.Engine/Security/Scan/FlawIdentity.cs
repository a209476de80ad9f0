namespace Maintenance.Engine.Security.Scan;

/// <summary>Tells apart flaws that are alike but for their place, so that the second of them is not taken for the first.</summary>
internal static class FlawIdentity
{
    /// <summary>
    /// Gives those with the same identity a number, in the order of the file. It is no line, which moves with each edit, and no hash of a secret, from which a weak one
    /// could be guessed.
    /// </summary>
    /// <param name="flaws">The flaws, in the order of the file.</param>
    public static IReadOnlyList<ScanFlaw> Distinct(IEnumerable<ScanFlaw> flaws)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var distinct = new List<ScanFlaw>();
        foreach (var flaw in flaws)
        {
            var number = seen[flaw.Identity] = seen.GetValueOrDefault(flaw.Identity) + 1;
            distinct.Add(number == 1 ? flaw : flaw with { Identity = $"{flaw.Identity}\n#{number}" });
        }

        return distinct;
    }
}
