using System.Diagnostics;
using System.Text;

namespace Maintenance.Engine.Programs;

/// <summary>A program whose output is read while it runs.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    /// <summary>How much of the end of what it writes to standard error is kept, in characters: it may write there without end.</summary>
    private const int MostErrors = 64 * 1024;

    private readonly Process _process;
    private readonly bool _leadsGroup;
    private readonly StringBuilder _errors = new();
    private readonly Task _reading;

    public RunningProgram(Process process, bool leadsGroup = false)
    {
        (_process, _leadsGroup) = (process, leadsGroup);
        process.StandardInput.Close();
        _reading = ProgramCall.CollectAsync(process.StandardError, _errors, MostErrors);
    }

    /// <summary>Its number on this machine.</summary>
    public int Id => _process.Id;

    /// <summary>What it writes, byte for byte.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>Copies what it writes until it has ended; what it left behind may hold the pipe for good.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="most">How many bytes there may be.</param>
    /// <param name="cancellationToken">Ends the copy; disposing then kills the program.</param>
    /// <returns>False if it wrote more than it may; the copy ends there.</returns>
    public async Task<bool> CopyOutputAsync(Stream destination, long most, CancellationToken cancellationToken)
    {
        var gone = _process.WaitForExitAsync(cancellationToken);
        var buffer = new byte[64 * 1024];
        for (var left = most; ;)
        {
            var read = Output.ReadAsync(buffer, cancellationToken).AsTask();
            if (await Task.WhenAny(read, gone) != read && await Task.WhenAny(read, Task.Delay(ProgramCall.LateOutput, cancellationToken)) != read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return true;
            }

            var count = await read;
            left -= count;
            if (count == 0 || left < 0)
            {
                return left >= 0;
            }

            await destination.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <param name="cancellationToken">Ends the wait; disposing then kills it.</param>
    /// <returns>Its exit code, and the end of what it wrote to standard error.</returns>
    public async Task<ProgramResult> WaitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        await Task.WhenAny(_reading, Task.Delay(ProgramCall.LateOutput, cancellationToken));
        return new ProgramResult(_process.ExitCode, Errors);
    }

    /// <summary>The end of what it has written to standard error so far.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    /// <summary>Kills it. Whoever reads its output then comes to the end.</summary>
    public void Kill() => ProgramCall.Kill(_process);

    public async ValueTask DisposeAsync()
    {
        // What a program leaves behind when it ends by itself is meant to stay, such as a build server.
        var isEnded = _process.HasExited;
        ProgramCall.Kill(_process);
        if (_leadsGroup && !isEnded)
        {
            await ProgramCall.KillGroupAsync(_process.Id);
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
