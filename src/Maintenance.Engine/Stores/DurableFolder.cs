using System.Runtime.InteropServices;

namespace Maintenance.Engine.Stores;

/// <summary>
/// Brings the names in a folder to the disk. A file that was flushed can still lose its name in a power cut; .NET has no call for it.
/// Windows writes names through its journal, and has none either.
/// </summary>
internal static class DurableFolder
{
    private const int ReadOnly = 0;

    /// <summary>Flushes a folder.</summary>
    /// <exception cref="IOException">It could not be flushed.</exception>
    public static void Flush(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var handle = Open(path, ReadOnly);
        if (handle < 0)
        {
            throw new IOException($"The folder {path} cannot be opened ({Marshal.GetLastPInvokeErrorMessage()}).");
        }

        try
        {
            // Some network file systems know no such call for folders; they have the file's name by the time of the answer.
            if (Flush(handle) < 0 && !IsUnknown(Marshal.GetLastPInvokeError()))
            {
                throw new IOException($"The folder {path} cannot be brought to the disk ({Marshal.GetLastPInvokeErrorMessage()}).");
            }
        }
        finally
        {
            _ = Close(handle);
        }
    }

    private const int InvalidArgument = 22;

    private static bool IsUnknown(int error) => error == InvalidArgument || error == (OperatingSystem.IsMacOS() ? 45 : 95);

    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Flush(int handle);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int handle);
}
