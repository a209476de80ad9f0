using System.Diagnostics;

namespace Maintenance.ModuleTests.Sandbox;

/// <summary>A process of its own that starts a sandbox through the module, and then does what it is told.</summary>
internal sealed class SandboxProcess : IDisposable
{
    private readonly Process _process;

    private SandboxProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>Id of the sandbox it has started.</summary>
    public string SandboxId { get; private set; } = "";

    /// <summary>Starts the process and waits until its sandbox is ready.</summary>
    /// <param name="then">What it does afterwards.</param>
    /// <param name="parameters">More parameters of Start-MaintenanceSandbox.</param>
    /// <param name="prefix">Program and arguments to run it with, for another user.</param>
    /// <param name="environment">Environment variables to set.</param>
    public static async Task<SandboxProcess> StartAsync(
        string then = "[Threading.Thread]::Sleep(-1)", string parameters = "", string[]? prefix = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var script = $"$s = Start-MaintenanceSandbox -Scale 0 {parameters}; [Console]::WriteLine('sandbox ' + $s.Id); {then}";
        string[] command = [.. prefix ?? [], "dotnet", ModuleRunspace.HostPath, "-NonInteractive", "-Command", script];
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var started = new SandboxProcess(Process.Start(start)!);
        started.SandboxId = await started.ReadUntilAsync("sandbox ");
        return started;
    }

    /// <summary>Reads what the process writes, up to a line that begins with a text.</summary>
    /// <param name="beginning">The text.</param>
    /// <returns>The rest of that line.</returns>
    public async Task<string> ReadUntilAsync(string beginning)
    {
        var output = new List<string>();
        while (await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith(beginning, StringComparison.Ordinal))
            {
                return line[beginning.Length..].Trim();
            }

            output.Add(line);
        }

        Assert.Fail($"The process ended before it wrote '{beginning}': {string.Join(Environment.NewLine, output)}");
        return "";
    }

    /// <summary>SIGKILL: the process has no chance to do anything.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await EndAsync();
    }

    public Task EndAsync() => _process.WaitForExitAsync(TestContext.Current.CancellationToken);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
