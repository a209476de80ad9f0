using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Maintenance.Engine.Programs;

/// <summary>A program to run to its end: arguments as a list, without a shell, a window or input.</summary>
/// <param name="File">The program: a path, or a name to look for on the PATH.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="WorkingDirectory">Where it runs.</param>
internal sealed record ProgramCall(string File, IReadOnlyList<string> Arguments, string WorkingDirectory)
{
    /// <summary>How long output may still come after the program has ended; a server it left behind can hold the pipe for good.</summary>
    internal static readonly TimeSpan LateOutput = TimeSpan.FromSeconds(1);

    /// <summary>Environment variables to set besides our own.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>True if the program sees the user's own environment as it is, for one of the user's own programs that reads it.</summary>
    public bool KeepsEnvironment { get; init; }

    /// <summary>
    /// True if what it starts is to be killed with it even where that has outlived its own parent, which the tree of processes does not tell. For this it gets a session of its own, by
    /// <c>setsid</c> where that is installed; elsewhere, and on Windows, the tree is all that is killed.
    /// </summary>
    public bool HasOwnGroup { get; init; }

    private string? Setsid => HasOwnGroup && !OperatingSystem.IsWindows() ? SearchPath.FindCommand("setsid") : null;

    /// <summary>Runs the program, feeds it and tells of what it writes as it comes. Cancelling kills it, and what it started.</summary>
    /// <param name="input">Writes what it reads; null for nothing.</param>
    /// <param name="onOutput">Told of each line of its output.</param>
    /// <param name="onError">Told of each line of its errors; not at the same time as the other.</param>
    /// <param name="cancellationToken">Kills the program.</param>
    /// <returns>Its exit code.</returns>
    /// <exception cref="Win32Exception">The program cannot be started.</exception>
    public async Task<int> RunAsync(Func<Stream, Task>? input, Action<string> onOutput, Action<string> onError, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var process = Process.Start(ToStartInfo())!;
        var gate = new Lock();
        var reading = Task.WhenAll(
            ProgramLines.ReadAsync(process.StandardOutput, line => Tell(onOutput, line)),
            ProgramLines.ReadAsync(process.StandardError, line => Tell(onError, line)));
        try
        {
            await FeedAsync(process, input);
            await process.WaitForExitAsync(cancellationToken);
        }
        catch
        {
            Kill(process);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }

        await Task.WhenAny(reading, Task.Delay(LateOutput, cancellationToken));
        lock (gate)
        {
            return process.ExitCode;
        }

        void Tell(Action<string> told, string line)
        {
            lock (gate)
            {
                told(line);
            }
        }
    }

    private static async Task FeedAsync(Process process, Func<Stream, Task>? input)
    {
        try
        {
            if (input is not null)
            {
                await input(process.StandardInput.BaseStream);
            }

            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it had read everything: its exit code and its errors tell why. Whoever feeds it knows whether he was done.
        }
    }

    /// <summary>Runs the program. Cancelling kills it, and what it started.</summary>
    /// <param name="cancellationToken">Kills the program.</param>
    /// <exception cref="Win32Exception">The program cannot be started.</exception>
    public async Task<ProgramResult> RunAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var process = Process.Start(ToStartInfo())!;
        process.StandardInput.Close();
        var output = new StringBuilder();
        var reading = Task.WhenAll(CollectAsync(process.StandardOutput, output), CollectAsync(process.StandardError, output));
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Kill(process);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }

        await Task.WhenAny(reading, Task.Delay(LateOutput, cancellationToken));
        lock (output)
        {
            return new ProgramResult(process.ExitCode, output.ToString());
        }
    }

    /// <summary>Starts the program to read its output as it comes. Dispose it at the end, which kills it if it still runs.</summary>
    /// <exception cref="Win32Exception">The program cannot be started.</exception>
    public RunningProgram Start() => new(Process.Start(ToStartInfo())!, Setsid is not null);

    private ProcessStartInfo ToStartInfo()
    {
        var start = new ProcessStartInfo(Setsid ?? File, Setsid is null ? Arguments : [File, .. Arguments])
        {
            WorkingDirectory = WorkingDirectory,
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        if (!KeepsEnvironment)
        {
            Simplify(start.Environment);
        }

        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static void Simplify(IDictionary<string, string?> environment)
    {
        // The user's own PGPORT, PGDATA and the like belong to the user's own servers.
        foreach (var name in environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList())
        {
            environment.Remove(name);
        }

        // Messages in English, to be recognised and quoted.
        environment["LC_ALL"] = "C";
    }

    /// <summary>Reads to the end.</summary>
    /// <param name="reader">What the program writes.</param>
    /// <param name="output">Where it goes.</param>
    /// <param name="most">How many characters of the end are kept at least; about twice as many are held at most.</param>
    internal static async Task CollectAsync(StreamReader reader, StringBuilder output, int most = int.MaxValue / 2)
    {
        var buffer = new char[4096];
        try
        {
            int count;
            while ((count = await reader.ReadAsync(buffer)) > 0)
            {
                lock (output)
                {
                    output.Append(buffer, 0, count);
                    if (output.Length > 2 * most)
                    {
                        output.Remove(0, output.Length - most);
                    }
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The process was disposed while somebody still held the pipe: what came until then is what there is.
        }
    }

    /// <summary>Kills what is left of the group that a process led.</summary>
    /// <param name="leader">Its number.</param>
    internal static async Task KillGroupAsync(int leader)
    {
        try
        {
            await new ProgramCall("/bin/sh", ["-c", "kill -s KILL -- \"-$1\"", "sh", leader.ToString(CultureInfo.InvariantCulture)], "/").RunAsync(CancellationToken.None);
        }
        catch (Win32Exception)
        {
            // Without a shell the tree is all that was killed.
        }
    }

    internal static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It had ended already.
        }
    }
}

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote, standard output and errors together.</param>
internal sealed record ProgramResult(int ExitCode, string Output);
