namespace Maintenance.Engine.Security.Scan;

/// <summary>Which scanners look at which places. Runs nothing.</summary>
internal static class ScanPlan
{
    /// <summary>Makes the plan.</summary>
    /// <param name="scanners">The scanners that there are to choose from.</param>
    /// <param name="root">What is to be scanned.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="named">Whether somebody named these scanners: then each has to run.</param>
    /// <param name="canRun">Whether the program of a scanner is installed.</param>
    public static IReadOnlyList<ScanStep> Of(IReadOnlyList<Scanner> scanners, string root, string name, bool named, Func<Scanner, bool> canRun)
    {
        var steps = new List<ScanStep>();
        foreach (var scanner in scanners.Where(scanner => named || !IsReplaced(scanner)))
        {
            var places = scanner.Places(root);
            steps.AddRange(places.Select(place => new ScanStep(scanner, place, NameOf(place, root, name))));
            if (places.Count == 0 && named)
            {
                steps.Add(new ScanStep(scanner, null, name));
            }
        }

        return steps;

        // Of two that do the same, one that is installed; if none is, the first, to say so.
        bool IsReplaced(Scanner scanner) =>
            scanner.StandsInFor is { } first ? !canRun(scanner) || scanners.Any(other => other.Name == first && canRun(other))
            : !canRun(scanner) && scanners.Any(other => other.StandsInFor == scanner.Name && canRun(other));
    }

    private static string NameOf(string place, string root, string name) =>
        Path.GetRelativePath(root, place) is var below && below == "." ? name : $"{name}/{ScanText.Clean(below.Replace('\\', '/'), 300)}";
}

/// <summary>One run of a scanner.</summary>
/// <param name="Scanner">The scanner.</param>
/// <param name="Path">What it scans; null if there is nothing for it.</param>
/// <param name="Name">What that is called.</param>
internal sealed record ScanStep(Scanner Scanner, string? Path, string Name);
