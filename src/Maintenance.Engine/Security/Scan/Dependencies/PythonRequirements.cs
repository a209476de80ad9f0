namespace Maintenance.Engine.Security.Scan.Dependencies;

/// <summary>Files with the requirements of Python projects.</summary>
internal static class PythonRequirements
{
    public const string LookedFor = "requirements*.txt and requirements/*.txt";

    /// <summary>All below a folder; a file stands for itself.</summary>
    /// <param name="path">The folder or file.</param>
    public static IReadOnlyList<string> In(string path) =>
        [.. ProjectFiles.Find(path, name => name.EndsWith(".txt", StringComparison.OrdinalIgnoreCase)).Where(IsRequirements)];

    private static bool IsRequirements(string file) =>
        Path.GetFileName(file).StartsWith("requirements", StringComparison.OrdinalIgnoreCase)
        || string.Equals(Path.GetFileName(Path.GetDirectoryName(file)), "requirements", StringComparison.OrdinalIgnoreCase);
}
