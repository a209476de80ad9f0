namespace Maintenance.Engine.Programs;

/// <summary>Looks for programs on the PATH.</summary>
internal static class SearchPath
{
    /// <summary>The folders of the PATH that exist, in their order.</summary>
    public static IEnumerable<string> Folders() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            // A relative entry would run whatever lies in the current folder.
            .Where(folder => Path.IsPathFullyQualified(folder) && Directory.Exists(folder));

    /// <summary>Full path of a program with its links followed; null if it is not there.</summary>
    /// <param name="name">Its name without <c>.exe</c>.</param>
    public static string? Find(string name) => Folders().Select(folder => InFolder(folder, name)).FirstOrDefault(path => path is not null);

    /// <summary>Full path of a program in a folder with its links followed; null if it is not there.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">Its name without <c>.exe</c>.</param>
    public static string? InFolder(string folder, string name)
    {
        var path = Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name);
        try
        {
            return File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : null;
        }
        catch (IOException)
        {
            // A link that leads nowhere.
            return null;
        }
    }
}
