using System.Management.Automation;

namespace Maintenance.Host;

/// <summary>Reads commands line by line and runs them: from a user, or from what is piped in.</summary>
internal sealed class PromptLoop(Terminal terminal, ScriptRunner runner, MaintenanceHost host, Interruption interruption)
{
    private const string Continuation = ">> ";

    private readonly LineEditor _editor = new(terminal) { Remembers = true };

    /// <summary>Runs until <c>exit</c>, the end of the input or a signal; tells how the last command ended.</summary>
    public ScriptOutcome Run()
    {
        interruption.CtrlCEndsPipelineOnly = terminal.InputIsTerminal;
        var outcome = ScriptOutcome.Succeeded;
        if (terminal.InputIsTerminal)
        {
            terminal.WriteErrorLine(MaintenanceHost.Banner);
            terminal.WriteErrorLine("'Get-Command -Module Maintenance' lists the cmdlets; 'exit' leaves.");
        }

        while (!Ends && ReadCommand() is { } command)
        {
            if (!string.IsNullOrWhiteSpace(command))
            {
                outcome = runner.RunText(command);
            }
        }

        // A user at a prompt has seen what failed; only a script has to be told again at its end.
        return terminal.InputIsTerminal ? ScriptOutcome.Succeeded : outcome;
    }

    /// <summary>Runs inside the pipeline that is suspended, until <c>exit</c>.</summary>
    public void RunNested()
    {
        while (!Ends && !host.LeavesNestedPrompt() && ReadCommand() is { } command)
        {
            runner.RunText(command);
        }

        if (Ends)
        {
            // The pipeline around this prompt would go on with its question.
            throw new PipelineStoppedException();
        }
    }

    private bool Ends => host.RequestedExitCode is not null || interruption.ExitCodeToLeave is not null;

    // The empty string if there is nothing to run, null at the end of the input.
    private string? ReadCommand()
    {
        var command = "";
        var prompt = terminal.InputIsTerminal ? runner.Evaluate("prompt") as string ?? "PS> " : "";
        while (true)
        {
            var line = terminal.InputIsTerminal ? _editor.Read(prompt) : new TypedLine(terminal.ReadLine());
            if (line.Interrupted)
            {
                return "";
            }

            if (line.Text is null)
            {
                return command.Length > 0 ? command : null;
            }

            command = command.Length == 0 ? line.Text : $"{command}\n{line.Text}";
            if (IncompleteText.Errors(command) is [])
            {
                return command;
            }

            prompt = Continuation;
        }
    }
}
