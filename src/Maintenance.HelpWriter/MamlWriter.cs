using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Maintenance.HelpWriter;

/// <summary>Writes help in MAML, the format that Get-Help reads.</summary>
internal static class MamlWriter
{
    private static readonly XNamespace Root = "http://msh";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    public static void Write(IEnumerable<CmdletHelp> cmdlets, Stream stream)
    {
        using var writer = XmlWriter.Create(stream, new XmlWriterSettings { Indent = true, NewLineChars = "\n", Encoding = new UTF8Encoding(false) });
        new XDocument(new XElement(Root + "helpItems", new XAttribute("schema", "maml"), cmdlets.Select(Cmdlet))).Save(writer);
    }

    private static XElement Cmdlet(CmdletHelp cmdlet) => new(
        Command + "command",
        new XAttribute(XNamespace.Xmlns + "maml", Maml),
        new XAttribute(XNamespace.Xmlns + "command", Command),
        new XAttribute(XNamespace.Xmlns + "dev", Dev),
        new XElement(
            Command + "details",
            new XElement(Command + "name", cmdlet.Name),
            new XElement(Command + "verb", cmdlet.Verb),
            new XElement(Command + "noun", cmdlet.Noun),
            Description([cmdlet.Synopsis])),
        Description(cmdlet.Description),
        new XElement(Command + "syntax", cmdlet.ParameterSets.Select(set => SyntaxItem(cmdlet, set))),
        new XElement(Command + "parameters", cmdlet.Parameters.Select(Parameter)),
        new XElement(Command + "inputTypes", cmdlet.Inputs.Select(type => TypeItem("inputType", type))),
        new XElement(Command + "returnValues", cmdlet.Outputs.Select(type => TypeItem("returnValue", type))),
        new XElement(Maml + "alertSet", new XElement(Maml + "alert", Paragraphs(cmdlet.Notes))),
        new XElement(Command + "examples", cmdlet.Examples.Select(Example)),
        new XElement(Command + "relatedLinks", cmdlet.Links.Select(Link)));

    private static XElement SyntaxItem(CmdletHelp cmdlet, string parameterSet) => new(
        Command + "syntaxItem",
        new XElement(Maml + "name", cmdlet.Name),
        cmdlet.SyntaxOf(parameterSet).Select(item => new XElement(
            Command + "parameter",
            Attributes(item.Parameter, item.Use.Mandatory, item.Use.Position),
            new XElement(Maml + "name", item.Parameter.Name),
            item.Parameter.Values.Count > 0
                ? new XElement(Command + "parameterValueGroup", item.Parameter.Values.Select(value => Value(value.Name, required: false)))
                : null,
            item.Parameter.IsSwitch ? null : Value(item.Parameter.TypeName, required: true))));

    private static XElement Parameter(ParameterHelp parameter) => new(
        Command + "parameter",
        Attributes(parameter, parameter.IsMandatory, parameter.Position),
        new XElement(Maml + "name", parameter.Name),
        Description(parameter.Description, [.. parameter.Values.Select(Text)]),
        // Get-Help shows <SwitchParameter> here, as it does where a cmdlet has no help of its own.
        Value(parameter.TypeName, required: !parameter.IsSwitch),
        new XElement(Dev + "type", new XElement(Maml + "name", parameter.TypeName), new XElement(Maml + "uri")),
        new XElement(Dev + "defaultValue", parameter.Default ?? "None"));

    private static IEnumerable<XAttribute> Attributes(ParameterHelp parameter, bool mandatory, int? position) =>
    [
        new("required", mandatory),
        new("variableLength", parameter.TypeName.EndsWith("[]", StringComparison.Ordinal)),
        new("globbing", parameter.AcceptsWildcards),
        new("pipelineInput", parameter.PipelineInput),
        new("position", position ?? (object)"named"),
        new("aliases", parameter.Aliases.Count > 0 ? string.Join(", ", parameter.Aliases) : "none"),
    ];

    private static XElement Value(string text, bool required) => new(
        Command + "parameterValue", new XAttribute("required", required), new XAttribute("variableLength", false), text);

    private static string Text(ValueHelp value) =>
        value.Description.IsEmpty ? $"- {value.Name}" : $"- {value.Name}: {value.Description}";

    private static XElement TypeItem(string name, TypeHelp type) => new(
        Command + name,
        new XElement(Dev + "type", new XElement(Maml + "name", type.Name)),
        Description([type.Description]));

    private static XElement Example(ExampleHelp example, int index) => new(
        Command + "example",
        // Get-Help adds neither a rule above an example nor an empty line below it.
        new XElement(Maml + "title", $"--------- Example {index + 1} ---------"),
        new XElement(Dev + "code", example.Code),
        new XElement(Dev + "remarks", Paragraphs(example.Remarks), new XElement(Maml + "para")));

    // The first uri would be what Get-Help -Online opens, and these pages are others'.
    private static XElement Link(LinkHelp link) => new(
        Maml + "navigationLink",
        new XElement(Maml + "linkText", link.Address is null ? link.Text : $"{link.Text}: {link.Address}"),
        new XElement(Maml + "uri"));

    private static XElement Description(IEnumerable<Paragraph> paragraphs, params string[] more) => new(
        Maml + "description", Paragraphs(paragraphs), more.Select(text => new XElement(Maml + "para", text)));

    private static IEnumerable<XElement> Paragraphs(IEnumerable<Paragraph> paragraphs) =>
        paragraphs.Select(paragraph => new XElement(Maml + "para", paragraph.Plain));
}
