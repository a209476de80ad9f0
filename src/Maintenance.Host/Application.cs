using System.Management.Automation;

namespace Maintenance.Host;

/// <summary>Puts the parts of the host together and runs what the command line asks for.</summary>
internal static class Application
{
    public static int Run(HostArguments arguments, Terminal terminal, Interruption interruption)
    {
        if (arguments.Action == HostAction.File && !File.Exists(arguments.Text))
        {
            terminal.WriteErrorLine($"maintenance: The script '{arguments.Text}' does not exist.");
            return ExitCode.Usage;
        }

        if (!terminal.OutputHasColor)
        {
            PSStyle.Instance.OutputRendering = OutputRendering.PlainText;
        }

        var questions = new Questions(terminal, interruption, arguments.NonInteractive);
        var userInterface = new HostUserInterface(terminal, questions);
        var host = new MaintenanceHost(userInterface);
        using var runspace = HostSession.Open(host);
        if (HostSession.ImportModule(runspace) is { } problem)
        {
            terminal.WriteErrorLine($"maintenance: {problem}");
            return ExitCode.Failure;
        }

        var runner = new ScriptRunner(runspace, userInterface, interruption);
        var prompt = new PromptLoop(terminal, runner, host, interruption);
        host.NestedPrompt = prompt.RunNested;
        var outcome = arguments.Action switch
        {
            HostAction.Command => runner.RunText(arguments.Text),
            HostAction.CommandFromInput => runner.RunText(terminal.ReadToEnd()),
            HostAction.File => runner.RunFile(Path.GetFullPath(arguments.Text), ScriptArguments.Bind(arguments.ScriptArguments)),
            _ => prompt.Run(),
        };
        return ExitCode.Decide(interruption.ExitCodeToLeave, host.RequestedExitCode, outcome, runner.Verdict);
    }
}
