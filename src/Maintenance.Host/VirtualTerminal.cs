using System.Runtime.InteropServices;

namespace Maintenance.Host;

/// <summary>Makes the Windows console understand escape sequences; other terminals do.</summary>
internal static class VirtualTerminal
{
    private const int StandardError = -12;
    private const int StandardOutput = -11;
    private const uint EnableProcessing = 0x0004;

    public static bool Enable() => !OperatingSystem.IsWindows() || Enable(StandardOutput) | Enable(StandardError);

    private static bool Enable(int stream)
    {
        var handle = GetStdHandle(stream);
        return GetConsoleMode(handle, out var mode) && SetConsoleMode(handle, mode | EnableProcessing);
    }

    [DllImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern nint GetStdHandle(int stream);

    [DllImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool GetConsoleMode(nint console, out uint mode);

    [DllImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool SetConsoleMode(nint console, uint mode);
}
