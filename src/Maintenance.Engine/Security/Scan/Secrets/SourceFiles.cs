namespace Maintenance.Engine.Security.Scan.Secrets;

/// <summary>The files below a folder, one by one, without following links: what lies elsewhere belongs to somebody else, and a link can lead in a circle.</summary>
/// <param name="skipped">Told of what could not be listed.</param>
internal sealed class SourceFiles(Action<string> skipped)
{
    /// <summary>Folders that hold no source: histories, which another scanner reads, and packages of others, which are not ours to change.</summary>
    public static IReadOnlyList<string> LeftOut { get; } = [".git", ".hg", ".svn", "node_modules"];

    /// <summary>Lists them. The order of names is the same each time.</summary>
    /// <param name="path">The folder, or one file.</param>
    public IEnumerable<FileInfo> Below(string path)
    {
        if (File.Exists(path))
        {
            return [new FileInfo(path)];
        }

        return Walk(new DirectoryInfo(path));
    }

    private IEnumerable<FileInfo> Walk(DirectoryInfo root)
    {
        var waiting = new Stack<DirectoryInfo>([root]);
        while (waiting.TryPop(out var folder))
        {
            foreach (var entry in List(folder))
            {
                if (entry.Attributes.HasFlag(FileAttributes.ReparsePoint))
                {
                    continue;
                }

                if (entry is DirectoryInfo inner)
                {
                    if (!LeftOut.Contains(inner.Name, StringComparer.OrdinalIgnoreCase))
                    {
                        waiting.Push(inner);
                    }
                }
                else if (entry is FileInfo file && !file.Attributes.HasFlag(FileAttributes.Device))
                {
                    yield return file;
                }
            }
        }
    }

    private List<FileSystemInfo> List(DirectoryInfo folder)
    {
        try
        {
            var entries = folder.EnumerateFileSystemInfos("*", new EnumerationOptions { IgnoreInaccessible = false, AttributesToSkip = 0 }).ToList();
            entries.Sort((one, other) => string.CompareOrdinal(one.Name, other.Name));
            return entries;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            skipped(folder.FullName);
            return [];
        }
    }
}
