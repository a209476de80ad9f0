using System.Diagnostics;
using System.Globalization;

namespace Maintenance.ModuleTests.Completion;

/// <summary>A PostgreSQL of which every process is stopped, as by a machine that hangs, until this is disposed: the system takes connections for it, and nobody answers.</summary>
internal sealed class FrozenServer : IDisposable
{
    private readonly int[] _processes;

    public FrozenServer(MaintenanceSandbox sandbox)
    {
        var postmaster = int.Parse(File.ReadLines(Directory.GetFiles(sandbox.Path, "postmaster.pid", SearchOption.AllDirectories).Single()).First(), CultureInfo.InvariantCulture);
        // The postmaster first: it starts nobody any more.
        Signal("STOP", postmaster);
        _processes = [postmaster, .. ChildrenOf(postmaster)];
        Signal("STOP", _processes);
    }

    /// <summary>The states of its processes, as the system has them: T for stopped.</summary>
    public IEnumerable<char> States => _processes.Select(process => Stat(process) is { } stat ? stat[0][0] : 'X');

    public void Dispose() => Signal("CONT", _processes);

    private static List<int> ChildrenOf(int parent) => [.. Directory.GetDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
        .Where(id => id != 0 && Stat(id) is { } stat && stat[1] == parent.ToString(CultureInfo.InvariantCulture))];

    // What comes after the name, which may hold anything: the state, the parent.
    private static string[]? Stat(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static void Signal(string signal, params int[] processes)
    {
        using var kill = Process.Start("kill", [$"-{signal}", .. processes.Select(process => process.ToString(CultureInfo.InvariantCulture))]);
        kill.WaitForExit();
    }
}
