using System.Diagnostics;
using System.Text;

namespace Maintenance.Engine.Programs;

/// <summary>A program whose output is read while it runs.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly Task _reading;

    public RunningProgram(Process process)
    {
        _process = process;
        process.StandardInput.Close();
        _reading = ProgramCall.CollectAsync(process.StandardError, _errors);
    }

    /// <summary>Its number on this machine.</summary>
    public int Id => _process.Id;

    /// <summary>What it writes, byte for byte.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>Waits for its end.</summary>
    /// <param name="cancellationToken">Ends the wait; disposing then kills it.</param>
    /// <returns>Its exit code, and what it wrote to standard error.</returns>
    public async Task<ProgramResult> WaitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        await _reading.WaitAsync(cancellationToken);
        lock (_errors)
        {
            return new ProgramResult(_process.ExitCode, _errors.ToString());
        }
    }

    /// <summary>Kills it. Whoever reads its output then comes to the end.</summary>
    public void Kill() => ProgramCall.Kill(_process);

    public async ValueTask DisposeAsync()
    {
        ProgramCall.Kill(_process);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
