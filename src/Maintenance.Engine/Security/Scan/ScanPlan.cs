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
        foreach (var scanner in scanners.Where(scanner => named || !(IsReplaced(scanner) || IsOptional(scanner, scanners, canRun))))
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

    /// <summary>Names of scanners that would look here if they were installed, and in whose place our own do. A scanner that somebody names is not among them: it has to run.</summary>
    /// <param name="scanners">The scanners that there are to choose from.</param>
    /// <param name="root">What is to be scanned.</param>
    /// <param name="named">Whether somebody named these scanners.</param>
    /// <param name="canRun">Whether the program of a scanner is installed.</param>
    public static IReadOnlyList<string> Missing(IReadOnlyList<Scanner> scanners, string root, bool named, Func<Scanner, bool> canRun) =>
        named ? [] : [.. scanners.Where(scanner => IsOptional(scanner, scanners, canRun) && scanner.Places(root).Count > 0).Select(scanner => scanner.Name)];

    // What looks for the same as a scanner of ours adds to it, and its absence does not undo what ours says.
    private static bool IsOptional(Scanner scanner, IReadOnlyList<Scanner> scanners, Func<Scanner, bool> canRun) =>
        !canRun(scanner) && scanners.Any(other => other is OwnScanner && other.Kind == scanner.Kind);

    // What is in the folder of a file that was named is called as if the folder had been named: it is the same place.
    private static string NameOf(string place, string root, string name) =>
        File.Exists(root) && place == Path.GetDirectoryName(root) ? (name == ScanText.Clean(Path.GetFileName(root)) ? ScanText.Clean(Path.GetFileName(place)) is { Length: > 0 } folder ? folder : place : name)
        : Path.GetRelativePath(root, place) is var below && below == "." ? name : $"{name}/{ScanText.Clean(below.Replace('\\', '/'), 300)}";
}

/// <summary>One run of a scanner.</summary>
/// <param name="Scanner">The scanner.</param>
/// <param name="Path">What it scans; null if there is nothing for it.</param>
/// <param name="Name">What that is called.</param>
internal sealed record ScanStep(Scanner Scanner, string? Path, string Name);
