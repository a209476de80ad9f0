using System.Diagnostics;
using System.Globalization;

namespace Maintenance.Engine.Backup.Dump;

/// <summary>
/// A folder of our own for a dump that cannot be streamed. It goes when this is disposed, and, but on Windows, also when this process
/// is killed: a copy of a whole database must not lie about.
/// </summary>
internal sealed class DumpFolder : IAsyncDisposable
{
    private readonly Process? _guard;
    private bool _told;

    private DumpFolder(string path, Process? guard) => (Path, _guard) = (path, guard);

    public string Path { get; }

    /// <summary>Makes a folder that only this user can read.</summary>
    /// <param name="below">Where; null for the temporary folder.</param>
    public static DumpFolder Create(string? below)
    {
        var path = System.IO.Path.Combine(below ?? System.IO.Path.GetTempPath(), $"maintenance-dump-{Guid.NewGuid():N}");
        PrivateFiles.CreateFolder(path);
        try
        {
            return new DumpFolder(path, OperatingSystem.IsWindows() ? null : Guard(path));
        }
        catch
        {
            Directory.Delete(path, recursive: true);
            throw;
        }
    }

    /// <summary>Tells which program writes into it.</summary>
    public async Task WrittenByAsync(int processId)
    {
        if (_guard is not null)
        {
            _told = true;
            await _guard.StandardInput.WriteLineAsync(processId.ToString(CultureInfo.InvariantCulture));
            await _guard.StandardInput.FlushAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Directory.Delete(Path, recursive: true);
        if (_guard is not null)
        {
            try
            {
                await _guard.StandardInput.WriteAsync(_told ? "done\n" : "\ndone\n");
                _guard.StandardInput.Close();
                await _guard.WaitForExitAsync();
            }
            catch (IOException)
            {
                // Somebody killed it, and there is nothing left to guard.
            }

            _guard.Dispose();
        }
    }

    private static Process Guard(string path)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", EngineResource.Read("Backup/Dump/Scripts/Guard.sh"), "guard", path])
        {
            UseShellExecute = false,
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }
}
