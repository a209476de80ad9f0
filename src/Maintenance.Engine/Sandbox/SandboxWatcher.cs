using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace Maintenance.Engine.Sandbox;

/// <summary>
/// The one way a sandbox ends. A small shell waits on a pipe that only this process holds; when the pipe closes, because we
/// close it or because this process is no more, even by SIGKILL, the shell stops the servers and removes the folder.
/// </summary>
internal sealed class SandboxWatcher
{
    /// <summary>How long the shell may take to clear a sandbox away.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // By process, not by session: the pipe is the process's, and so is the sandbox.
    private static readonly ConcurrentDictionary<string, SandboxWatcher> Running = new();

    private readonly Process _shell;

    static SandboxWatcher() => AppDomain.CurrentDomain.ProcessExit += (_, _) => ClearAll();

    private SandboxWatcher(Process shell) => _shell = shell;

    /// <summary>Starts to watch over a sandbox.</summary>
    /// <param name="record">The sandbox.</param>
    /// <param name="recordFile">Its record, which goes when the sandbox has gone.</param>
    public static void Watch(SandboxRecord record, string recordFile) =>
        Running[record.Id] = new SandboxWatcher(Process.Start(Shell(record, recordFile))!);

    /// <summary>Leaves a sandbox running when this process ends.</summary>
    /// <param name="id">Id of the sandbox.</param>
    public static async Task LetGoAsync(string id)
    {
        if (Running.TryRemove(id, out var watcher))
        {
            await watcher._shell.StandardInput.WriteLineAsync("keep");
            await watcher.EndAsync();
        }
    }

    /// <summary>Ends a sandbox, whoever started it, and waits until it has gone.</summary>
    /// <param name="record">The sandbox.</param>
    /// <param name="recordFile">Its record.</param>
    /// <returns>False if something is left; the record is kept then, and the next start tries again.</returns>
    public static async Task<bool> ClearAsync(SandboxRecord record, string recordFile)
    {
        if (!Running.TryRemove(record.Id, out var watcher))
        {
            watcher = new SandboxWatcher(Process.Start(Shell(record, recordFile))!);
        }

        await watcher.EndAsync();
        return !Directory.Exists(record.Folder);
    }

    private static void ClearAll()
    {
        // All pipes first: the sandboxes end side by side.
        var watchers = Running.Values.ToList();
        foreach (var watcher in watchers)
        {
            watcher.Close();
        }

        foreach (var watcher in watchers)
        {
            watcher._shell.WaitForExit(Patience);
        }
    }

    // Not cancellable: whoever gives up waiting here leaves something behind.
    private async Task EndAsync()
    {
        Close();
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _shell.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // The shell goes on by itself.
        }

        _shell.Dispose();
    }

    private void Close()
    {
        try
        {
            _shell.StandardInput.Close();
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            // The shell has ended already.
        }
    }

    private static ProcessStartInfo Shell(SandboxRecord record, string recordFile)
    {
        ProcessStartInfo start;
        if (OperatingSystem.IsWindows())
        {
            start = new ProcessStartInfo("powershell.exe", ["-NoLogo", "-NoProfile", "-NonInteractive", "-EncodedCommand", Encode(EngineResource.Read("Sandbox/Scripts/Clear.ps1"))]);
            start.Environment["MAINTENANCE_SANDBOX_FOLDER"] = record.Folder;
            start.Environment["MAINTENANCE_SANDBOX_RECORD"] = recordFile;
            start.Environment["MAINTENANCE_SANDBOX_MADE"] = string.Join('|', record.MadeFolders);
            start.Environment["MAINTENANCE_SANDBOX_PG_CTL"] = Path.Combine(record.PostgresBinPath, "pg_ctl.exe");
        }
        else
        {
            start = new ProcessStartInfo("/bin/sh", ["-c", EngineResource.Read("Sandbox/Scripts/Clear.sh"), "sh", record.Folder, recordFile, .. record.MadeFolders]);
        }

        start.UseShellExecute = false;
        // On Windows a console of its own, which Ctrl+C in ours does not reach.
        start.CreateNoWindow = true;
        start.RedirectStandardInput = true;
        return start;
    }

    private static string Encode(string script) => Convert.ToBase64String(Encoding.Unicode.GetBytes(script));
}
