using System.Diagnostics;
using System.Text;

namespace Maintenance.ModuleTests.Host;

/// <summary>The built host as a user starts it: a process of its own, with nothing on its terminal.</summary>
internal sealed class HostProcess : IDisposable
{
    // Generous: it only matters when something hangs, and machines that test are busy.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly Task _reading;
    private TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostProcess(ProcessStartInfo start)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = Process.Start(start)!;
        _reading = Task.WhenAll(Read(_process.StandardOutput, _output), Read(_process.StandardError, _error));
    }

    /// <summary>Runs the host to its end with nothing to read.</summary>
    public static Task<HostResult> RunAsync(params string[] arguments) => RunAsync("", arguments);

    /// <summary>Runs the host to its end with a text to read.</summary>
    public static async Task<HostResult> RunAsync(string input, string[] arguments, string? hostPath = null)
    {
        using var host = new HostProcess(new ProcessStartInfo("dotnet", [hostPath ?? ModuleRunspace.HostPath, .. arguments]));
        await host._process.StandardInput.WriteAsync(input);
        host._process.StandardInput.Close();
        return await host.EndAsync();
    }

    /// <summary>Starts the host, to be talked to while it runs.</summary>
    public static HostProcess Start(params string[] arguments) =>
        // Whoever runs the tests in the background has Ctrl+C ignored in all that they start. Only GNU's env, which Linux has, can take that back.
        new(OperatingSystem.IsLinux()
            ? new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", ModuleRunspace.HostPath, .. arguments])
            : new ProcessStartInfo("dotnet", [ModuleRunspace.HostPath, .. arguments]));

    /// <summary>Starts the host on a terminal of its own; what it shows there is all in the output.</summary>
    public static HostProcess StartOnTerminal(string[] arguments, params (string Name, string Value)[] environment)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "A pseudo terminal is made by 'script', which Windows and some small systems do not have.");
        var words = new[] { "dotnet", ModuleRunspace.HostPath }.Concat(arguments).Select(word => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'");
        var command = "stty cols 100 rows 40; exec " + string.Join(' ', words);
        // That of macOS takes the command behind the file, and always returns its exit code.
        var start = new ProcessStartInfo("script", OperatingSystem.IsMacOS() ? ["-q", "/dev/null", "sh", "-c", command] : ["--quiet", "--return", "--command", command, "/dev/null"]);
        start.Environment["TERM"] = "xterm";
        start.Environment.Remove("NO_COLOR");
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new HostProcess(start);
    }

    /// <summary>Waits until a text has been shown.</summary>
    public async Task SeesAsync(string text)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            Task heard;
            lock (_output)
            {
                if (_output.ToString().Contains(text, StringComparison.Ordinal))
                {
                    return;
                }

                heard = _heard.Task;
            }

            Assert.False(_reading.IsCompleted, $"It ended before it showed '{text}': {Shown()}");
            try
            {
                await heard.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"It did not show '{text}' but: {Shown()}");
            }
        }
    }

    public async Task TypeAsync(string keys)
    {
        await _process.StandardInput.WriteAsync(keys);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Sends a signal by its short name.</summary>
    public async Task SignalAsync(string signal)
    {
        // A program of its own: everywhere but on Windows, whose tests of signals are skipped.
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, kill.ExitCode);
    }

    public async Task<HostResult> EndAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
            await _reading;
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"It did not end, and showed: {Shown()}");
        }

        return new HostResult(_process.ExitCode, _output.ToString(), _error.ToString());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private string Shown()
    {
        lock (_output)
        {
            return $"{_output}{_error}";
        }
    }

    private async Task Read(StreamReader reader, StringBuilder into)
    {
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer) is > 0 and var count)
        {
            lock (_output)
            {
                into.Append(buffer, 0, count);
                _heard.SetResult();
                _heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        lock (_output)
        {
            _heard.TrySetResult();
        }
    }
}

/// <summary>What a run of the host left.</summary>
internal sealed record HostResult(int ExitCode, string Output, string Error)
{
    /// <summary>The lines of standard output that are not empty.</summary>
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
