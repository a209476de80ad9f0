using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace Maintenance.Host;

/// <summary>Sends each stream where it belongs: output to standard output, everything about it to standard error.</summary>
internal sealed class HostUserInterface(Terminal terminal, Questions questions) : PSHostUserInterface
{
    public override PSHostRawUserInterface RawUI { get; } = new RawUserInterface(terminal);

    public ProgressLine Progress { get; } = new(terminal, TimeProvider.System);

    /// <summary>Set while what is written is the view of an error.</summary>
    public bool OutputIsError { get; set; }

    // Asked by the views whether they may use colours.
    public override bool SupportsVirtualTerminal => terminal.OutputHasColor;

    private static PSStyle.FormattingData Style => PSStyle.Instance.Formatting;

    public override void Write(string value) => terminal.Write(value);

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        terminal.Write(PSStyle.MapForegroundColorToEscapeSequence(foregroundColor) + value + PSStyle.Instance.Reset);

    public override void WriteLine(string value)
    {
        if (OutputIsError)
        {
            WriteErrorLine(value);
        }
        else
        {
            terminal.WriteLine(value);
        }
    }

    public override void WriteErrorLine(string value) => WriteAside(Style.Error, value);

    public override void WriteWarningLine(string message) => WriteAside(Style.Warning, $"WARNING: {message}");

    public override void WriteVerboseLine(string message) => WriteAside(Style.Verbose, $"VERBOSE: {message}");

    public override void WriteDebugLine(string message) => WriteAside(Style.Debug, $"DEBUG: {message}");

    public override void WriteProgress(long sourceId, ProgressRecord record) => Progress.Show(record);

    public override string ReadLine() => questions.ReadLine();

    public override SecureString ReadLineAsSecureString() => questions.ReadSecret();

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) =>
        questions.Choose(caption, message, choices, defaultChoice);

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
        questions.AskForFields(caption, message, descriptions);

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        questions.AskForCredential(caption, message, userName);

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
        questions.AskForCredential(caption, message, userName);

    // The view of an error may be coloured already; it is left as it is then.
    private void WriteAside(string style, string text) =>
        terminal.WriteErrorLine(text.Contains('\e', StringComparison.Ordinal) ? text : style + text + PSStyle.Instance.Reset);
}
