using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Maintenance.Engine.Backup.Dump;

/// <summary>
/// A folder of our own for a dump that cannot be streamed. It goes when this is disposed, and, but on Windows, also when this process
/// is killed: a copy of a whole database must not lie about.
/// </summary>
internal sealed class DumpFolder : IAsyncDisposable
{
    private static readonly TimeSpan GuardPatience = TimeSpan.FromSeconds(10);
    private readonly Process? _guard;
    private bool _told;

    private DumpFolder(string path, Process? guard) => (Path, _guard) = (path, guard);

    public string Path { get; }

    /// <summary>Makes a folder that only this user can read.</summary>
    /// <param name="below">Where; null for the temporary folder.</param>
    /// <exception cref="MaintenanceException">FileUnavailable.</exception>
    public static DumpFolder Create(string? below)
    {
        var path = System.IO.Path.Combine(below ?? System.IO.Path.GetTempPath(), $"maintenance-dump-{Guid.NewGuid():N}");
        try
        {
            PrivateFiles.CreateFolder(path);
            return new DumpFolder(path, OperatingSystem.IsWindows() ? null : Guard(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or Win32Exception)
        {
            Remove(path);
            throw new MaintenanceException(
                MaintenanceErrorCode.FileUnavailable,
                $"There is no place for the dump before it is sent: {exception.Message} No backup was made.",
                "Name a folder that can be written to as recovery.scratchPath in maintenance.json, or use a format that needs none: Custom.");
        }
    }

    /// <summary>Tells which program writes into it.</summary>
    public async Task WrittenByAsync(int processId)
    {
        if (_guard is not null)
        {
            _told = true;
            try
            {
                await _guard.StandardInput.WriteLineAsync(processId.ToString(CultureInfo.InvariantCulture));
                await _guard.StandardInput.FlushAsync();
            }
            catch (IOException)
            {
                // Somebody killed it. The dump is none the worse for that, and the folder goes with us.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        var removed = Remove(Path);
        if (_guard is null)
        {
            return;
        }

        try
        {
            // Where somebody still wrote, the guard goes on until nobody does.
            await _guard.StandardInput.WriteAsync(removed ? (_told ? "done\n" : "\ndone\n") : "");
            _guard.StandardInput.Close();
            await _guard.WaitForExitAsync().WaitAsync(GuardPatience);
        }
        catch (Exception exception) when (exception is IOException or TimeoutException)
        {
            // Somebody killed it, or it is still at work.
        }

        _guard.Dispose();
    }

    private static bool Remove(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }

            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
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
