namespace Maintenance.Packager;

/// <summary>The files below a folder, with their paths as packages write them, in an order that is the same everywhere.</summary>
internal static class FolderFiles
{
    public static IEnumerable<(string File, string Path)> In(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Select(file => (file, Path: System.IO.Path.GetRelativePath(folder, file).Replace('\\', '/')))
        .OrderBy(entry => entry.Path, StringComparer.Ordinal);
}
