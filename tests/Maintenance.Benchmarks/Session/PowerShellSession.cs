using System.Diagnostics;
using System.Text.Json;

namespace Maintenance.Benchmarks.Session;

/// <summary>A PowerShell session in a process of its own, which measures the scripts it runs.</summary>
internal sealed class PowerShellSession : IAsyncDisposable
{
    private readonly Process _process;

    private PowerShellSession(Process process) => _process = process;

    /// <summary>Starts a session.</summary>
    /// <param name="program">Program of the session.</param>
    /// <param name="environment">What it gets beside the environment of this process.</param>
    public static PowerShellSession Start(SessionProgram program, IReadOnlyDictionary<string, string>? environment = null) =>
        new(Tools.TryStart("dotnet", [program.Path], environment) ?? throw new InvalidOperationException("dotnet is not on the PATH."));

    /// <summary>Which engine sessions have.</summary>
    /// <param name="program">Program of the session.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<string> VersionAsync(SessionProgram program, CancellationToken cancellationToken)
    {
        await using var session = Start(program);
        return (await session.RunAsync($"\"PowerShell $($PSVersionTable.PSVersion), {program.Kind}\"", cancellationToken)).Output.Single();
    }

    /// <summary>Runs a script of one line, which must not fail.</summary>
    /// <param name="script">The script.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<SessionAnswer> RunAsync(string script, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(script.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        var line = await _process.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new InvalidOperationException("The session ended: see what it wrote on standard error.");
        var answer = JsonSerializer.Deserialize<SessionAnswer>(line)!;
        return answer.Error.Length == 0 ? answer : throw new InvalidOperationException($"'{script}' failed: {answer.Error}");
    }

    /// <summary>Ends the session, and waits until its process is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}

/// <summary>What a session answers to a script.</summary>
/// <param name="TotalMilliseconds">How long the script took, inside the session.</param>
/// <param name="Output">What it gave, as text.</param>
/// <param name="Error">What went wrong; empty if nothing did.</param>
/// <param name="Assemblies">Files of the assemblies that are loaded, in whichever load context, once the script has run.</param>
internal sealed record SessionAnswer(double TotalMilliseconds, IReadOnlyList<string> Output, string Error, IReadOnlyList<string> Assemblies)
{
    /// <summary>How long the script took, inside the session.</summary>
    public TimeSpan Elapsed => TimeSpan.FromMilliseconds(TotalMilliseconds);
}
