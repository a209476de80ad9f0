using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace Maintenance.ModuleTests.Help;

/// <summary>Reads what Get-Help returns, and what the engine knows of the same command.</summary>
internal static partial class HelpText
{
    /// <summary>Follows a path of properties; each step goes into all elements found so far.</summary>
    public static IReadOnlyList<PSObject> Find(this PSObject help, params string[] path) => path.Aggregate<string, IReadOnlyList<PSObject>>(
        [help],
        (found, name) =>
        [
            .. found.SelectMany(item => LanguagePrimitives.ConvertTo<PSObject[]>(item.Properties[name]?.Value) ?? []).Where(item => item is not null)
        ]);

    /// <summary>The texts at the end of a path.</summary>
    public static IReadOnlyList<string> Texts(this PSObject help, params string[] path) => [.. help.Find(path).Select(item => $"{item}")];

    /// <summary>Each parameter set as the help shows it and as the engine knows it, in a form that can be compared.</summary>
    public static (IReadOnlyList<string> Shown, IReadOnlyList<string> Known) Syntax(PSObject help, CommandInfo command)
    {
        var shown = help.Find("syntax", "syntaxItem").Select(item => Line(item.Find("parameter").Select(
            parameter => $"{Value(parameter, "name")} {Value(parameter, "required")} {Value(parameter, "position")}")));
        var known = command.ParameterSets.Select(set => Line(set.Parameters
            .Where(parameter => !Cmdlet.CommonParameters.Contains(parameter.Name))
            .Select(parameter => $"{parameter.Name} {(parameter.IsMandatory ? "true" : "false")} {(parameter.Position < 0 ? "named" : parameter.Position)}")));
        return ([.. shown.Order()], [.. known.Order()]);

        static string Value(PSObject parameter, string name) => Assert.Single(parameter.Texts(name));
        static string Line(IEnumerable<string> parameters) => string.Join("; ", parameters.Order());
    }

    /// <summary>What is wrong with an example: it must parse, and name only commands and parameters that exist.</summary>
    /// <param name="code">The example.</param>
    /// <param name="find">Finds a command by its name.</param>
    /// <param name="exported">What the manifest exports.</param>
    public static IEnumerable<string> Faults(string code, Func<string, CommandInfo?> find, IReadOnlyCollection<string> exported)
    {
        var script = Parser.ParseInput(code, out _, out var errors);
        foreach (var error in errors)
        {
            yield return error.Message;
        }

        foreach (var use in script.FindAll(node => node is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>())
        {
            if (use.GetCommandName() is not { } name || !name.Contains('-'))
            {
                continue;
            }

            var command = find(name);
            if (command is null && !exported.Contains(name))
            {
                yield return $"There is no {name}.";
            }

            foreach (var parameter in use.CommandElements.OfType<CommandParameterAst>())
            {
                if (command?.Parameters.ContainsKey(parameter.ParameterName) == false)
                {
                    yield return $"{name} has no -{parameter.ParameterName}.";
                }
            }
        }
    }

    /// <summary>What looks like the name of a cmdlet in a text.</summary>
    public static IReadOnlyList<string> CmdletNames(string text) => [.. CmdletName().Matches(text).Select(match => match.Value).Distinct()];

    /// <summary>The about topics that a text names.</summary>
    public static IReadOnlyList<string> TopicNames(string text) => [.. TopicName().Matches(text).Select(match => match.Value).Distinct()];

    [GeneratedRegex(@"\babout_Maintenance\w*")]
    private static partial Regex TopicName();

    [GeneratedRegex(@"\b[A-Z][a-z]+-[A-Z][A-Za-z]+\b")]
    private static partial Regex CmdletName();
}
