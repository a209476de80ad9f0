using System.ComponentModel;
using System.Diagnostics;
using System.Net;

namespace Maintenance.Engine.Inspect;

/// <summary>Free space where a server keeps its log, if the server runs on this machine and its folder can be seen.</summary>
internal static class DiskSpace
{
    /// <summary>The free bytes, or why they are not known.</summary>
    /// <param name="host">Where we connected to.</param>
    /// <param name="processId">The server's process that serves us.</param>
    /// <param name="dataDirectory">Its data folder; null if the role may not know.</param>
    public static (long? Bytes, string? Reason) OfLog(string host, int processId, string? dataDirectory)
    {
        if (!IsHere(host))
        {
            return (null, "The server runs on another machine, whose disk cannot be seen from here.");
        }

        if (dataDirectory is null)
        {
            return (null, "The role may not know where the server keeps its data: GRANT pg_monitor.");
        }

        // An address of this machine may lead elsewhere, through a tunnel or into a container. There the server's process is not ours.
        if (!IsServer(processId))
        {
            return (null, "The server's process is not on this machine, though its address is: its disk cannot be seen from here.");
        }

        try
        {
            var log = new DirectoryInfo(Path.Combine(dataDirectory, "pg_wal"));
            if (!log.Exists)
            {
                return (null, "This account may not look into the server's data folder, so which disk its log is on is not known.");
            }

            // The log often has a disk of its own, behind a link.
            return (new DriveInfo((log.ResolveLinkTarget(returnFinalTarget: true) ?? log).FullName).AvailableFreeSpace, null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return (null, $"The free space could not be read: {exception.Message}");
        }
    }

    private static bool IsHere(string host) =>
        host.StartsWith('/') || host.StartsWith('@')
        || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static bool IsServer(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return process.ProcessName.StartsWith("postgres", StringComparison.OrdinalIgnoreCase);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return false;
        }
    }
}
