namespace Maintenance.HelpWriter;

/// <summary>All that the help of one cmdlet says, whatever the format.</summary>
internal sealed record CmdletHelp
{
    /// <summary>How the paragraph begins that belongs into the notes.</summary>
    public const string NoteHead = "Privileges:";

    /// <summary>How the part of it begins that says what the cmdlet changes.</summary>
    public const string Change = "It changes ";

    public required string Verb { get; init; }

    public required string Noun { get; init; }

    public required string ClassName { get; init; }

    public required Paragraph Synopsis { get; init; }

    /// <summary>When to use it, and how it works.</summary>
    public required IReadOnlyList<Paragraph> Description { get; init; }

    /// <summary>What it needs, and what it changes.</summary>
    public required IReadOnlyList<Paragraph> Notes { get; init; }

    public required IReadOnlyList<ExampleHelp> Examples { get; init; }

    public required IReadOnlyList<ParameterHelp> Parameters { get; init; }

    /// <summary>Names of the parameter sets, the default one first.</summary>
    public required IReadOnlyList<string> ParameterSets { get; init; }

    public required IReadOnlyList<TypeHelp> Inputs { get; init; }

    public required IReadOnlyList<TypeHelp> Outputs { get; init; }

    public required IReadOnlyList<LinkHelp> Links { get; init; }

    public string Name => $"{Verb}-{Noun}";

    /// <summary>The parameters of one set in the order of PowerShell's own syntax: by position, then mandatory, then the rest.</summary>
    public IEnumerable<(ParameterHelp Parameter, ParameterUse Use)> SyntaxOf(string parameterSet) =>
        from parameter in Parameters
        let use = parameter.UseIn(parameterSet)
        where use is not null
        orderby use.Position ?? int.MaxValue, use.Mandatory ? 0 : 1
        select (parameter, use);
}

/// <summary>An example: what to type, and what it shows.</summary>
internal sealed record ExampleHelp(string Code, IReadOnlyList<Paragraph> Remarks);

/// <summary>A type that goes in or comes out.</summary>
internal sealed record TypeHelp(string Name, Paragraph Description);

/// <summary>Another cmdlet (without an address), or a page.</summary>
internal sealed record LinkHelp(string Text, string? Address);

/// <summary>A value that a parameter accepts, out of a closed list.</summary>
internal sealed record ValueHelp(string Name, Paragraph Description);

/// <summary>How a parameter is used in one parameter set, or in all of them.</summary>
internal sealed record ParameterUse(string ParameterSet, bool Mandatory, int? Position, bool ByValue, bool ByPropertyName)
{
    public const string AllSets = "__AllParameterSets";
}

/// <summary>A parameter of a cmdlet.</summary>
internal sealed record ParameterHelp
{
    public required string Name { get; init; }

    /// <summary>Name of the class that declares it: the cmdlet's own, or a base class.</summary>
    public required string ClassName { get; init; }

    public required string TypeName { get; init; }

    public required IReadOnlyList<Paragraph> Description { get; init; }

    public required string? Default { get; init; }

    public required IReadOnlyList<ParameterUse> Uses { get; init; }

    public IReadOnlyList<string> Aliases { get; init; } = [];

    public IReadOnlyList<ValueHelp> Values { get; init; } = [];

    public bool AcceptsWildcards { get; init; }

    public bool IsSwitch => TypeName == "SwitchParameter";

    public bool IsMandatory => Uses.All(use => use.Mandatory);

    public int? Position => Uses.Min(use => use.Position);

    public ParameterUse? UseIn(string parameterSet) =>
        Uses.FirstOrDefault(use => use.ParameterSet == parameterSet) ?? Uses.FirstOrDefault(use => use.ParameterSet == ParameterUse.AllSets);

    /// <summary>Whether it takes pipeline input, in the words of PowerShell's own help.</summary>
    public string PipelineInput => (Uses.Any(use => use.ByValue), Uses.Any(use => use.ByPropertyName)) switch
    {
        (true, true) => "True (ByValue, ByPropertyName)",
        (true, false) => "True (ByValue)",
        (false, true) => "True (ByPropertyName)",
        _ => "False",
    };
}
