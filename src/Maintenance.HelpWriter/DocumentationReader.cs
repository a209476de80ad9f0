using System.Reflection;
using System.Xml.Linq;

namespace Maintenance.HelpWriter;

/// <summary>The XML documentation that the compiler wrote beside the assemblies of one folder.</summary>
internal sealed class DocumentationReader
{
    private static readonly XElement Nothing = new("member");

    private readonly Dictionary<string, XElement> _members = [];
    private readonly Dictionary<string, string> _displayNames = [];

    public DocumentationReader(string folder)
    {
        var files = Directory.EnumerateFiles(folder, "*.dll").Select(file => Path.ChangeExtension(file, ".xml")).Where(File.Exists);
        foreach (var member in files.SelectMany(file => XDocument.Load(file, LoadOptions.PreserveWhitespace).Descendants("member")))
        {
            _members[member.Attribute("name")!.Value] = member;
        }
    }

    /// <summary>Says how references to a type or property read in help: a cmdlet class as Verb-Noun, its property as -Parameter.</summary>
    public void Show(MemberInfo member, string name) => _displayNames[IdOf(member)] = name;

    public Paragraph Summary(MemberInfo member) =>
        new(Element(member, "summary")?.Nodes().SelectMany(Runs) ?? []);

    public IReadOnlyList<Paragraph> SummaryParagraphs(MemberInfo member) => Paragraphs(Element(member, "summary"));

    public IReadOnlyList<Paragraph> Remarks(MemberInfo member) => Paragraphs(Element(member, "remarks"));

    public IReadOnlyList<ExampleHelp> Examples(MemberInfo member) =>
    [
        .. MemberOf(member).Elements("example").Select(example => new ExampleHelp(
            string.Join('\n', example.Elements("code").Select(code => Unindent(code.Value))),
            Paragraphs(new XElement("remarks", example.Nodes().Where(node => node is not XElement { Name.LocalName: "code" })))))
    ];

    /// <summary>What a class says of the defaults of parameters that it inherits, by their names.</summary>
    public IReadOnlyDictionary<string, string> Defaults(MemberInfo member) =>
        MemberOf(member).Elements("default").ToDictionary(element => element.Attribute("parameter")!.Value, element => element.Value.Trim());

    public IReadOnlyList<LinkHelp> Links(MemberInfo member) =>
    [
        .. from link in MemberOf(member).Elements("seealso")
           let address = link.Attribute("href")?.Value
           let cmdlet = _displayNames.GetValueOrDefault(link.Attribute("cref")?.Value ?? "")
           where address is not null || cmdlet is not null
           select new LinkHelp(cmdlet ?? (link.Value.Trim() is { Length: > 0 } text ? text : address!), address)
    ];

    private XElement? Element(MemberInfo member, string name) => MemberOf(member).Element(name);

    private XElement MemberOf(MemberInfo member) => _members.GetValueOrDefault(IdOf(member), Nothing);

    private static string IdOf(MemberInfo member) => member switch
    {
        Type type => $"T:{NameOf(type)}",
        PropertyInfo property => $"P:{NameOf(property.DeclaringType!)}.{property.Name}",
        FieldInfo field => $"F:{NameOf(field.DeclaringType!)}.{field.Name}",
        _ => throw new ArgumentException($"Help says nothing of {member}.", nameof(member)),
    };

    private static string NameOf(Type type) =>
        (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    private List<Paragraph> Paragraphs(XElement? element)
    {
        var paragraphs = new List<Paragraph>();
        var runs = new List<TextRun>();
        foreach (var node in element?.Nodes() ?? [])
        {
            switch (node)
            {
                case XElement { Name.LocalName: "para" } paragraph:
                    EndParagraph();
                    paragraphs.AddRange(Paragraphs(paragraph));
                    break;
                case XElement { Name.LocalName: "list" } list:
                    EndParagraph();
                    paragraphs.AddRange(list.Elements("item").Select(item => new Paragraph([new TextRun("- "), .. ItemRuns(item)])));
                    break;
                default:
                    runs.AddRange(Runs(node));
                    break;
            }
        }

        EndParagraph();
        return paragraphs;

        void EndParagraph()
        {
            var paragraph = new Paragraph(runs);
            runs = [];
            if (!paragraph.IsEmpty)
            {
                paragraphs.Add(paragraph);
            }
        }
    }

    private IEnumerable<TextRun> ItemRuns(XElement item) => item.Element("term") is { } term
        ? [.. term.Nodes().SelectMany(Runs), new TextRun(": "), .. item.Elements("description").Nodes().SelectMany(Runs)]
        : item.Nodes().SelectMany(Runs);

    private IEnumerable<TextRun> Runs(XNode node) => node switch
    {
        XText text => [new TextRun(text.Value)],
        XElement { Name.LocalName: "c" or "code" } code => [new TextRun(code.Value, IsCode: true)],
        XElement { Name.LocalName: "paramref" or "typeparamref" } name => [new TextRun(name.Attribute("name")!.Value, IsCode: true)],
        XElement { Name.LocalName: "see" } see => [See(see)],
        XElement element => element.Nodes().SelectMany(Runs),
        _ => [],
    };

    private TextRun See(XElement see)
    {
        if (see.Value.Trim() is { Length: > 0 } text)
        {
            return new TextRun(text);
        }

        if (see.Attribute("langword")?.Value is { } word)
        {
            return new TextRun($"${word}", IsCode: true);
        }

        return see.Attribute("href")?.Value is { } address
            ? new TextRun(address)
            : new TextRun(Shown(see.Attribute("cref")!.Value), IsCode: true);
    }

    // Without the kind, the namespace, the arguments and the number of type parameters: T:System.Lazy`1 is Lazy.
    private string Shown(string reference) => _displayNames.TryGetValue(reference, out var name)
        ? name
        : reference[2..].Split('(')[0].Split('.')[^1].Split('`')[0];

    private static string Unindent(string code)
    {
        var lines = code.ReplaceLineEndings("\n").Trim('\n').Split('\n').Select(line => line.TrimEnd()).ToList();
        // What stands behind <code> on its own line has no indentation of its own.
        var margin = lines.Skip(code.StartsWith('\n') ? 0 : 1).Where(line => line.Length > 0)
            .Select(line => line.Length - line.TrimStart().Length).DefaultIfEmpty(0).Min();
        return string.Join('\n', lines.Select(line => line[Math.Min(margin, line.Length - line.TrimStart().Length)..])).Trim();
    }
}
