namespace Maintenance.EngineTests.Security.Scan;

/// <summary>A folder of sources that goes when the test has ended.</summary>
internal sealed class SourceFolderScene : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("maintenance-test-").FullName;

    /// <summary>Writes a file, and the folders above it.</summary>
    public string Write(string name, string text = "")
    {
        var file = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return file;
    }

    public string[] Below(IEnumerable<string> paths) => [.. paths.Select(path => System.IO.Path.GetRelativePath(Path, path).Replace('\\', '/'))];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
