using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Maintenance.Engine.Sandbox;

/// <summary>Tells a process from a later one that got the same number.</summary>
internal static class ProcessIdentity
{
    /// <summary>When the process started, in a form that every process reads the same; null if it does not run.</summary>
    /// <param name="processId">Number of the process.</param>
    public static string? Of(int processId)
    {
        try
        {
            return OperatingSystem.IsLinux() ? FromProc(processId) : FromStartTime(processId);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or Win32Exception)
        {
            // Gone, or somebody else's: not the one that was meant, either way.
            return null;
        }
    }

    /// <summary>Whether this very process still runs.</summary>
    /// <param name="processId">Number of the process.</param>
    /// <param name="identity">What <see cref="Of"/> said of it when it was known to run.</param>
    public static bool Runs(int processId, string? identity) => identity is not null && Of(processId) == identity;

    /// <summary>Whether a process works in a folder; elsewhere than on Linux, which does not tell, whether it is a program of that name.</summary>
    /// <param name="processId">Number of the process.</param>
    /// <param name="program">Name of the program.</param>
    /// <param name="folder">The folder, or one that it lies in.</param>
    public static bool WorksIn(int processId, string program, string folder)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                // A server that was started with a relative path works in its folder all the same.
                return Of(processId) is not null
                    && (File.ReadAllText($"/proc/{processId}/cmdline").Contains(folder, StringComparison.Ordinal) || new FileInfo($"/proc/{processId}/cwd").LinkTarget?.StartsWith(folder, StringComparison.Ordinal) == true);
            }

            using var process = Process.GetProcessById(processId);
            return process.ProcessName.Equals(program, StringComparison.OrdinalIgnoreCase);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or Win32Exception)
        {
            return false;
        }
    }

    // Clock ticks since boot: unlike the start time that .NET computes from them, they do not move when the clock is set.
    private static string? FromProc(int processId)
    {
        var stat = File.ReadAllText($"/proc/{processId}/stat");
        // The name in parentheses may hold spaces and parentheses itself.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields[0] is "Z" or "X" ? null : $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()}:{fields[19]}";
    }

    private static string FromStartTime(int processId)
    {
        using var process = Process.GetProcessById(processId);
        return process.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture);
    }
}
