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

    /// <summary>Full path of what a command of this name would run; null if there is nothing. Links are not followed: some programs tell from their name what to do.</summary>
    /// <param name="name">Its name without an ending.</param>
    public static string? FindCommand(string name) => FindCommand(Folders(), name, OperatingSystem.IsWindows());

    /// <inheritdoc cref="FindCommand(string)"/>
    /// <param name="folders">Where to look, in this order.</param>
    /// <param name="name">Its name without an ending.</param>
    /// <param name="windows">Whether scripts of the command processor count, as which npm and its kin install themselves there.</param>
    internal static string? FindCommand(IEnumerable<string> folders, string name, bool windows)
    {
        string[] endings = windows ? [".exe", ".cmd", ".bat"] : [""];
        return folders.SelectMany(folder => endings, (folder, ending) => Path.Combine(folder, name + ending)).FirstOrDefault(path => File.Exists(path) && (windows || IsExecutable(path)));
    }

    private static bool IsExecutable(string path) =>
        OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}
