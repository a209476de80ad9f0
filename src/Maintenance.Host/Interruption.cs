using System.Runtime.InteropServices;

namespace Maintenance.Host;

/// <summary>What ends the work from outside: Ctrl+C and the signals of the system.</summary>
/// <remarks>
/// Every way out lets the handlers of ProcessExit run: a sandbox that was started here is removed by them.
/// </remarks>
internal sealed class Interruption : IDisposable
{
    private const int Hangup = 1;
    private const int Interrupt = 2;
    private const int Quit = 3;
    private const int Terminate = 15;

    private readonly Terminal _terminal;
    private readonly PosixSignalRegistration[] _registrations;
    private int _exitCode;

    public Interruption(Terminal terminal)
    {
        _terminal = terminal;
        _registrations =
        [
            Register(PosixSignal.SIGINT, CtrlC),
            Register(PosixSignal.SIGTERM, () => Leave(Terminate)),
            Register(PosixSignal.SIGHUP, () => Leave(Hangup)),
            Register(PosixSignal.SIGQUIT, () => Leave(Quit)),
        ];
    }

    /// <summary>Asks whatever is running to stop; comes on any thread.</summary>
    public event Action? Requested;

    /// <summary>At a prompt, Ctrl+C ends the running pipeline and not the host.</summary>
    public bool CtrlCEndsPipelineOnly { get; set; }

    /// <summary>Set once the host is to leave because of a signal.</summary>
    public int? ExitCodeToLeave => Volatile.Read(ref _exitCode) is not 0 and var code ? code : null;

    /// <summary>Ctrl+C, as a signal or typed in answer to a question.</summary>
    public void CtrlC()
    {
        if (CtrlCEndsPipelineOnly)
        {
            Requested?.Invoke();
        }
        else
        {
            Leave(Interrupt);
        }
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void Leave(int signal)
    {
        var again = Interlocked.CompareExchange(ref _exitCode, ExitCode.OfSignal(signal), 0) != 0;
        if (again || _terminal.IsWaitingForInput)
        {
            // Nobody comes back from a read to be told; and who asks twice does not want to wait any longer.
            Environment.Exit(_exitCode);
        }

        Requested?.Invoke();
    }

    private static PosixSignalRegistration Register(PosixSignal signal, Action action) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            action();
        });
}
