namespace Maintenance.Engine.Security.Scan.Dependencies;

/// <summary>The files of a project that somebody wrote or committed: not what package managers and builds put beside them.</summary>
internal static class ProjectFiles
{
    private static readonly HashSet<string> NotOurs = new(StringComparer.OrdinalIgnoreCase)
    {
        "node_modules", "bower_components", ".git", ".hg", ".svn", "obj", "__pycache__", ".tox", ".nox", "site-packages", ".terraform",
    };

    /// <summary>The files below a folder for which a name is wanted, sorted by folder. Links are not followed.</summary>
    /// <param name="root">The folder; a file stands for itself.</param>
    /// <param name="wanted">Whether a file of this name is wanted.</param>
    /// <param name="onUnread">Told of each folder that could not be read: what is in it is not known.</param>
    public static IReadOnlyList<string> Find(string root, Func<string, bool> wanted, Action<string>? onUnread = null)
    {
        if (File.Exists(root))
        {
            return wanted(Path.GetFileName(root)) ? [root] : [];
        }

        var found = new List<string>();
        var folders = new Stack<string>([root]);
        while (folders.TryPop(out var folder))
        {
            try
            {
                var entries = new DirectoryInfo(folder).GetFileSystemInfos();
                found.AddRange(entries.OfType<FileInfo>().Where(file => wanted(file.Name)).Select(file => file.FullName));
                var compiles = entries.Any(entry => entry.Name.EndsWith("proj", StringComparison.OrdinalIgnoreCase));
                foreach (var sub in entries.OfType<DirectoryInfo>().Where(sub => IsOurs(sub, compiles)))
                {
                    folders.Push(sub.FullName);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                onUnread?.Invoke(folder);
            }
        }

        return [.. found.OrderBy(file => file, StringComparer.Ordinal)];
    }

    private static bool IsOurs(DirectoryInfo folder, bool besideProject) =>
        !folder.Attributes.HasFlag(FileAttributes.ReparsePoint)
        && !NotOurs.Contains(folder.Name)
        && !(besideProject && folder.Name.Equals("bin", StringComparison.OrdinalIgnoreCase))
        // A virtual environment of Python can have any name.
        && !File.Exists(Path.Combine(folder.FullName, "pyvenv.cfg"));
}
