using System.Management.Automation;
using System.Management.Automation.Runspaces;
using PS = System.Management.Automation.PowerShell;

namespace Maintenance.Host;

/// <summary>How a script ended.</summary>
internal enum ScriptOutcome
{
    /// <summary>To its end, and its last statement succeeded.</summary>
    Succeeded,

    /// <summary>To its end, but its last statement failed.</summary>
    Failed,

    /// <summary>An error ended it.</summary>
    Terminated,
}

/// <summary>Runs scripts in the one runspace of the host, shows what comes of them, and stops them when asked.</summary>
internal sealed class ScriptRunner
{
    private readonly Runspace _runspace;
    private readonly HostUserInterface _userInterface;
    private readonly Interruption _interruption;
    private readonly Lock _gate = new();

    // More than one while a nested prompt is open: the innermost is the one that runs.
    private readonly Stack<PS> _running = new();

    public ScriptRunner(Runspace runspace, HostUserInterface userInterface, Interruption interruption)
    {
        _runspace = runspace;
        _userInterface = userInterface;
        _interruption = interruption;
        interruption.Requested += Stop;
    }

    /// <summary>The maintenance runs that were put out.</summary>
    public RunVerdict Verdict { get; } = new();

    /// <summary>Runs text and shows its output.</summary>
    public ScriptOutcome RunText(string text)
    {
        if (IncompleteText.Errors(text) is { Length: > 0 } errors)
        {
            // The engine would only say that there is an end missing, for hosts to ask for it; here it never comes.
            ShowError(new ParseException(errors).ErrorRecord);
            return ScriptOutcome.Terminated;
        }

        return Show(shell => shell.AddScript(text)) ? Status() : ScriptOutcome.Terminated;
    }

    /// <summary>Runs a script file and shows its output. As in pwsh, a file that comes to its end has succeeded.</summary>
    public ScriptOutcome RunFile(string path, IEnumerable<CommandParameter> parameters)
    {
        ExitOfScriptFile.LetEndTheHost(_runspace);
        var succeeded = Show(shell =>
        {
            shell.AddCommand(path, useLocalScope: false);
            foreach (var parameter in parameters)
            {
                shell.Commands.Commands[0].Parameters.Add(parameter);
            }
        });
        return succeeded ? ScriptOutcome.Succeeded : ScriptOutcome.Terminated;
    }

    /// <summary>Runs something for its value, showing nothing; null if it fails.</summary>
    public object? Evaluate(string text)
    {
        using var shell = Create();
        try
        {
            return shell.AddScript(text).Invoke().LastOrDefault()?.BaseObject;
        }
        catch (RuntimeException)
        {
            return null;
        }
    }

    private bool Show(Action<PS> define)
    {
        using var shell = Create();
        define(shell);
        shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        shell.AddCommand(new CmdletInfo("Out-Default", typeof(OutDefaultWithVerdict)))
            .AddParameter(nameof(OutDefaultWithVerdict.Verdict), Verdict);
        try
        {
            Invoke(shell);
            return true;
        }
        catch (PipelineStoppedException)
        {
            // Somebody asked for it: nothing to tell.
            return false;
        }
        catch (RuntimeException exception)
        {
            ShowError(exception.ErrorRecord);
            return false;
        }
    }

    private void Invoke(PS shell)
    {
        lock (_gate)
        {
            if (_interruption.ExitCodeToLeave is not null)
            {
                throw new PipelineStoppedException();
            }

            _running.Push(shell);
        }

        try
        {
            // Only what is remembered leaves its $? behind.
            shell.Invoke(input: null, new PSInvocationSettings { AddToHistory = true });
        }
        finally
        {
            _userInterface.Progress.Clear();
            lock (_gate)
            {
                _running.Pop();
            }
        }
    }

    // The view of the error, on the stream of errors: a thrown error comes back to the host as a mere object.
    private void ShowError(ErrorRecord error)
    {
        using var shell = Create();
        _userInterface.OutputIsError = true;
        try
        {
            shell.AddCommand("Out-Default").AddParameter("InputObject", error).Invoke();
        }
        finally
        {
            _userInterface.OutputIsError = false;
        }
    }

    private ScriptOutcome Status() => Evaluate("$?") is true ? ScriptOutcome.Succeeded : ScriptOutcome.Failed;

    private PS Create()
    {
        if (_running.Count > 0)
        {
            return PS.Create(RunspaceMode.CurrentRunspace);
        }

        var shell = PS.Create();
        shell.Runspace = _runspace;
        return shell;
    }

    private void Stop()
    {
        lock (_gate)
        {
            if (_running.TryPeek(out var shell))
            {
                // Only asks: cmdlets end their work on their own threads, and Invoke returns when they have.
                shell.BeginStop(callback: null, state: null);
            }
        }
    }
}
