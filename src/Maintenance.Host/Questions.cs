using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace Maintenance.Host;

/// <summary>Asks the user, or says clearly why nobody can be asked.</summary>
/// <remarks>Questions go to standard error: they are seen also when standard output is piped on.</remarks>
internal sealed class Questions(Terminal terminal, Interruption interruption, bool nonInteractive)
{
    private readonly LineEditor _editor = new(terminal);

    public string ReadLine()
    {
        Require("Input cannot be asked for");
        return Read("");
    }

    public SecureString ReadSecret()
    {
        Require("A secret cannot be asked for");
        return ReadSecret("");
    }

    public int Choose(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        Require(
            $"The question '{string.Join(": ", new[] { caption, message }.Where(text => !string.IsNullOrWhiteSpace(text))).ReplaceLineEndings(" ")}' cannot be asked",
            "Pass -Confirm:$false to go on without being asked, or -WhatIf to see what would be done.");
        Introduce(caption, message);
        var options = choices.Select(Choice.Of).ToArray();
        var menu = string.Concat(options.Select(option => $"[{option.Key}] {option.Label}  "))
            + "[?] Help"
            + (defaultChoice >= 0 ? $" (default is \"{options[defaultChoice].Key}\"): " : ": ");
        while (true)
        {
            var answer = Read(menu).Trim();
            if (answer.Length == 0 && defaultChoice >= 0)
            {
                return defaultChoice;
            }

            if (answer == "?")
            {
                foreach (var option in options)
                {
                    terminal.WriteErrorLine($"{option.Key} - {option.Help}");
                }
            }
            else if (Array.FindIndex(options, option => option.IsMeantBy(answer)) is >= 0 and var chosen)
            {
                return chosen;
            }
        }
    }

    public Dictionary<string, PSObject> AskForFields(string caption, string message, Collection<FieldDescription> fields)
    {
        Require($"A value for {string.Join(", ", fields.Select(field => field.Name))} cannot be asked for", "Pass it as a parameter.");
        Introduce(caption, message);
        return fields.ToDictionary(field => field.Name, field => PSObject.AsPSObject(Ask(field)));
    }

    public PSCredential AskForCredential(string caption, string message, string? userName)
    {
        Require("A credential cannot be asked for", "Pass a PSCredential as a parameter.");
        Introduce(caption, message);
        var name = string.IsNullOrEmpty(userName) ? Read("User: ") : userName;
        return new PSCredential(name, ReadSecret($"Password for user {name}: "));
    }

    // What is typed is text: the binder of the cmdlet makes of it what the parameter needs.
    private object Ask(FieldDescription field)
    {
        if (field.ParameterTypeFullName == typeof(SecureString).FullName)
        {
            return ReadSecret($"{field.Name}: ");
        }

        if (field.ParameterTypeFullName == typeof(PSCredential).FullName)
        {
            return AskForCredential("", field.Name, null);
        }

        if (!field.ParameterTypeFullName.EndsWith("[]", StringComparison.Ordinal))
        {
            return Read($"{field.Name}: ");
        }

        var values = new List<string>();
        while (Read($"{field.Name}[{values.Count}]: ") is { Length: > 0 } value)
        {
            values.Add(value);
        }

        return values.ToArray();
    }

    private void Introduce(string caption, string message)
    {
        foreach (var text in new[] { caption, message })
        {
            if (!string.IsNullOrEmpty(text))
            {
                terminal.WriteErrorLine(text);
            }
        }
    }

    private string Read(string prompt)
    {
        var line = _editor.Read(prompt);
        return line.Interrupted ? throw Interrupted() : line.Text ?? throw Refusal("Input cannot be read", "the input has ended", "");
    }

    private SecureString ReadSecret(string prompt) => _editor.ReadSecret(prompt) ?? throw Interrupted();

    private PipelineStoppedException Interrupted()
    {
        interruption.CtrlC();
        return new PipelineStoppedException();
    }

    private void Require(string what, string advice = "")
    {
        if (nonInteractive)
        {
            throw Refusal(what, "the host runs with -NonInteractive", advice);
        }

        if (!terminal.InputIsTerminal)
        {
            throw Refusal(what, "standard input is not a terminal", advice);
        }
    }

    private static HostException Refusal(string what, string why, string advice) =>
        new($"{what}: {why}. {advice}".TrimEnd(), null, "CannotAsk", ErrorCategory.ResourceUnavailable);

    /// <summary>One of the answers to a question.</summary>
    private sealed record Choice(string Key, string Label, string Help)
    {
        // The letter behind the ampersand stands for the whole; without one the label does.
        public static Choice Of(ChoiceDescription choice)
        {
            var mark = choice.Label.IndexOf('&', StringComparison.Ordinal);
            var label = choice.Label.Replace("&", "", StringComparison.Ordinal);
            var key = mark >= 0 && mark < label.Length ? label[mark].ToString().ToUpperInvariant() : label;
            return new Choice(key, label, choice.HelpMessage ?? "");
        }

        public bool IsMeantBy(string answer) =>
            answer.Equals(Key, StringComparison.OrdinalIgnoreCase) || answer.Equals(Label, StringComparison.OrdinalIgnoreCase);
    }
}
