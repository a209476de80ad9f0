namespace Maintenance.HelpWriter;

/// <summary>Writes the help of a cmdlet as a page for people who read it in the repository.</summary>
internal static class MarkdownWriter
{
    public static string Write(CmdletHelp cmdlet) => string.Join("\n\n", Blocks(cmdlet)) + "\n";

    /// <summary>The syntax of one parameter set, in the notation of Get-Help.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="parameterSet">Name of the set.</param>
    internal static string Syntax(CmdletHelp cmdlet, string parameterSet)
    {
        var parts = cmdlet.SyntaxOf(parameterSet).Select(item =>
        {
            var (parameter, use) = item;
            var name = use.Position is null ? $"-{parameter.Name}" : $"[-{parameter.Name}]";
            var value = parameter switch
            {
                { IsSwitch: true } => "",
                { Values.Count: > 0 } => $" {{{string.Join(" | ", parameter.Values.Select(value => value.Name))}}}",
                _ => $" <{parameter.TypeName}>",
            };
            return use.Mandatory ? $"{name}{value}" : $"[{name}{value}]";
        });
        return string.Join(' ', [cmdlet.Name, .. parts, "[<CommonParameters>]"]);
    }

    private static IEnumerable<string> Blocks(CmdletHelp cmdlet) =>
    [
        $"# {cmdlet.Name}",
        cmdlet.Synopsis.Markdown,
        "## Syntax",
        .. cmdlet.ParameterSets.Select(set => Code(Syntax(cmdlet, set))),
        "## Description",
        .. cmdlet.Description.Select(paragraph => paragraph.Markdown),
        "## Notes",
        .. cmdlet.Notes.Select(paragraph => paragraph.Markdown),
        "## Examples",
        .. cmdlet.Examples.SelectMany(Example),
        "## Parameters",
        .. cmdlet.Parameters.SelectMany(Parameter),
        "The cmdlet also has the common parameters: see `Get-Help about_CommonParameters`.",
        "## Inputs",
        Types(cmdlet.Inputs),
        "## Outputs",
        Types(cmdlet.Outputs),
        .. cmdlet.Links.Count == 0 ? [] : new[] { "## Related links", List(cmdlet.Links.Select(Link)) },
    ];

    private static IEnumerable<string> Example(ExampleHelp example, int index) =>
        [$"### Example {index + 1}", Code(example.Code), .. example.Remarks.Select(paragraph => paragraph.Markdown)];

    private static IEnumerable<string> Parameter(ParameterHelp parameter) =>
    [
        $"### -{parameter.Name}",
        .. parameter.Description.Select(paragraph => paragraph.Markdown),
        .. parameter.Values.Count == 0 ? [] : new[] { List(parameter.Values.Select(value => Item(value.Name, value.Description))) },
        Facts(parameter),
    ];

    private static string Facts(ParameterHelp parameter)
    {
        List<string> facts =
        [
            $"Type: `{parameter.TypeName}`",
            parameter.IsMandatory ? "required" : "optional",
            parameter.Position is { } position ? $"position {position}" : "named",
            $"pipeline input: {parameter.PipelineInput}",
        ];
        if (parameter.AcceptsWildcards)
        {
            facts.Add("accepts wildcards");
        }

        if (parameter.Aliases.Count > 0)
        {
            facts.Add($"aliases: {string.Join(", ", parameter.Aliases.Select(alias => $"`{alias}`"))}");
        }

        return $"{string.Join("; ", facts)}.";
    }

    private static string Types(IReadOnlyList<TypeHelp> types) =>
        types.Count == 0 ? "None." : List(types.Select(type => Item(type.Name, type.Description)));

    private static string Item(string name, Paragraph description) =>
        description.IsEmpty ? $"`{name}`" : $"`{name}`: {description.Markdown}";

    private static string Link(LinkHelp link) => $"[{link.Text}]({link.Address ?? $"{link.Text}.md"})";

    private static string List(IEnumerable<string> items) => string.Join('\n', items.Select(item => $"- {item}"));

    private static string Code(string code) => $"```powershell\n{code}\n```";
}
