namespace Maintenance.IntegrationTests.Infrastructure;

/// <summary>A folder that goes when the test has ended. Other users can enter it, so that servers can too.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder()
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path, File.GetUnixFileMode(Path) | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("maintenance-test-").FullName;

    /// <summary>Writes a program.</summary>
    public void Write(string name, string text) => ShellScript.Write(System.IO.Path.Combine(Path, name), text);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
