namespace Maintenance.Host;

/// <summary>What the command line asks for.</summary>
internal enum HostAction
{
    Prompt,
    Command,
    CommandFromInput,
    File,
    Help,
    Version,
    Refuse,
}

/// <summary>The command line, understood.</summary>
internal sealed record HostArguments
{
    public const string Usage = """
        maintenance [-NonInteractive] [-Command TEXT | -File PATH [arguments]]

          -Command TEXT   Runs the text, which is all the rest of the command line; '-' reads it from standard input. Short: -c
          -File PATH      Runs a script; what follows are its arguments: -Name value, -Switch, -Switch:$false. Short: -f
          -NonInteractive Never asks: a question is an error instead.
          -Version        Shows the version.
          -Help           Shows this text. Short: -h

        Without -Command and -File it prompts for commands, or runs the lines of standard input.
        The Maintenance module is imported: 'Get-Command -Module Maintenance' lists what it can do.

        Exit codes: 0 success; 1 the script failed, or a maintenance run had warnings; 2 a run was critical;
        3 a run could not determine its result; 64 the command line was wrong; 130 Ctrl+C; 'exit N' gives N.
        """;

    public HostAction Action { get; init; }

    /// <summary>The script text, or the path of the script file.</summary>
    public string Text { get; init; } = "";

    /// <summary>What is handed to the script file.</summary>
    public IReadOnlyList<string> ScriptArguments { get; init; } = [];

    public bool NonInteractive { get; init; }

    /// <summary>Why the command line is refused.</summary>
    public string Problem { get; init; } = "";

    public static HostArguments Parse(IReadOnlyList<string> args)
    {
        var parsed = new HostArguments();
        for (var i = 0; i < args.Count; i++)
        {
            var rest = args.Skip(i + 1).ToArray();
            switch (Name(args[i]))
            {
                case "noninteractive":
                    parsed = parsed with { NonInteractive = true };
                    break;
                case "help" or "h" or "?":
                    return parsed with { Action = HostAction.Help };
                case "version":
                    return parsed with { Action = HostAction.Version };
                case "command" or "c" when rest is ["-"]:
                    return parsed with { Action = HostAction.CommandFromInput };
                case "command" or "c" when rest.Length > 0:
                    return parsed with { Action = HostAction.Command, Text = string.Join(' ', rest) };
                case "command" or "c":
                    return Refuse("-Command needs the text to run.");
                case "file" or "f" when rest.Length > 0:
                    return parsed with { Action = HostAction.File, Text = rest[0], ScriptArguments = rest[1..] };
                case "file" or "f":
                    return Refuse("-File needs the path of a script.");
                default:
                    return Refuse($"'{args[i]}' is not understood.");
            }
        }

        return parsed;
    }

    private static HostArguments Refuse(string problem) => new() { Action = HostAction.Refuse, Problem = problem };

    // One dash as in pwsh; two dashes, because hands are used to them.
    private static string? Name(string argument) => argument switch
    {
        ['-', '-', .. var name] => name.ToLowerInvariant(),
        ['-', .. var name] => name.ToLowerInvariant(),
        _ => null,
    };
}
