using System.Diagnostics;

namespace Maintenance.TestSupport;

/// <summary>Programs that tests write and then run.</summary>
internal static class ShellScript
{
    /// <summary>
    /// Writes a program and makes it executable, in a process of its own: a file that this process has open for writing is, for a
    /// moment, open too in every process that another test is starting, and Linux does not run what somebody may write ("Text file busy").
    /// </summary>
    public static void Write(string path, string text)
    {
        if (OperatingSystem.IsWindows())
        {
            File.WriteAllText(path, text);
            return;
        }

        using var writer = Process.Start(new ProcessStartInfo("/bin/sh")
        {
            ArgumentList = { "-c", "cat > \"$1\" && chmod 755 \"$1\"", "sh", path },
            RedirectStandardInput = true,
        })!;
        writer.StandardInput.Write(text);
        writer.StandardInput.Close();
        writer.WaitForExit();
        if (writer.ExitCode != 0)
        {
            throw new IOException($"{path} could not be written.");
        }
    }
}
