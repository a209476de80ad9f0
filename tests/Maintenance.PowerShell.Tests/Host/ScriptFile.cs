namespace Maintenance.ModuleTests.Host;

/// <summary>A script in a folder of its own, removed after the test.</summary>
internal sealed class ScriptFile : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("maintenance host [test] ");

    public ScriptFile(string text)
    {
        Path = System.IO.Path.Combine(_folder.FullName, "script.ps1");
        File.WriteAllText(Path, text);
    }

    public string Path { get; }

    /// <summary>A path beside the script where nothing is yet.</summary>
    public string Beside(string name) => System.IO.Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
